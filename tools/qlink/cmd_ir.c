/* SPDX-License-Identifier: MIT */
/* ir send: an infrared code out of an emitter. */
#include "commands.h"
#include "common.h"

#define CODES_OF_SET 32

static unsigned code_set;

const struct cli_option ir_options[] = {
	{ .name = "set",
	  .kind = CLI_UINT,
	  .arg = "N",
	  .help = "the code set 1 to 8 that CODE, then 0 to 31, belongs to",
	  .dest = &code_set,
	  .min = 1,
	  .max = 8 },
	{ .name = NULL },
};

struct arguments {
	unsigned at[2]; /* master, code */
	unsigned on;
	unsigned emitter;
};

static int make_send(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const struct arguments *a = arguments;

	return qlink_ir_send(q, a->at[0], code_set, a->at[1], a->on, a->emitter, ret_id);
}

int run_ir_send(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "ir send", make_send, NULL };
	static const struct place emitter = { "EMITTER", 1, 189 };
	const struct place places[] = {
		PLACE_MASTER,
		{ "CODE", 0, code_set > 0 ? CODES_OF_SET - 1 : 255 },
	};
	struct arguments a;
	int status = parse_numbers(places, 2, argv, a.at);

	if (!status)
		status = parse_word("STATE", off_on, argv[2], &a.on);
	if (!status)
		status = parse_numbers(&emitter, 1, &argv[3], &a.emitter);
	return status ? status : one_shot(cli, &shot, &a, argc, argv);
}
