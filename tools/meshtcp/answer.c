/* SPDX-License-Identifier: MIT */
/* An answer from a node, field by field. */
#include "tools/cli/output.h"
#include "tools/meshtcp/fields.h"

#include "tools/meshtcp/answer.h"

#include <errno.h>

int answer_line(void *userdata, const char *path, const struct cli_text *value)
{
	(void)userdata;
	return cli_line("%s=%s", path, value->data ? value->data : "");
}

int answer_print(struct link *link, const struct meshtcp_packet *packet)
{
	static struct fields fields;
	struct cli_json json = { 0 };

	if (!packet || !fields_add(&fields, meshtcp_schema_for_port(packet->port), packet->payload,
				   packet->size))
		return link_fail(link, -EBADMSG, NULL);
	if (!link->cli->json) {
		fields_each(&fields, FIELDS_TOP, "", false, answer_line, NULL);
		return CLI_EXIT_OK;
	}
	cli_json_begin(&json);
	cli_json_uint(&json, "from", packet->from);
	fields_json(&json, &fields, FIELDS_TOP, false);
	cli_json_line(&json);
	cli_json_free(&json);
	return CLI_EXIT_OK;
}
