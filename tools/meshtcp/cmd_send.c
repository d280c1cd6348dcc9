/* SPDX-License-Identifier: MIT */
/* send: a text. raw: any payload. And what became of the packet. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/common.h"
#include "tools/meshtcp/nodes.h"
#include "tools/meshtcp/words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Longer texts do not get through everywhere: keys and replies take from the same room. */
#define TEXT_SAFE 200

static const char *to = "^all";
static unsigned channel, reply_to;
static bool want_ack;

#define DESTINATION                                                       \
	{ .name = "to",                                                   \
	  .kind = CLI_TEXT,                                               \
	  .flags = CLI_ARGV_ONLY,                                         \
	  .arg = "NODE",                                                  \
	  .help = "to one node (default: to all)",                        \
	  .dest = &to },                                                  \
	{                                                                 \
		.name = "channel", .kind = CLI_UINT, .arg = "N",          \
		.help = "index of the channel, 0 to 7", .dest = &channel, \
		.max = MESHTCP_CHANNELS - 1                               \
	}

const struct cli_option send_options[] = {
	DESTINATION,
	{ .name = "ack",
	  .kind = CLI_FLAG,
	  .help = "wait until it is delivered, relayed or refused",
	  .dest = &want_ack },
	{ .name = "reply-to",
	  .kind = CLI_UINT,
	  .flags = CLI_ARGV_ONLY,
	  .arg = "ID",
	  .help = "of the message that this one answers",
	  .dest = &reply_to,
	  .min = 1,
	  .max = UINT32_MAX },
	{ .name = NULL },
};

const struct cli_option raw_options[] = {
	DESTINATION,
	{ .name = NULL },
};

static void print_json(uint32_t id, enum meshtcp_send_state state, const char *error)
{
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "id", id);
	cli_json_string(&json, "state", meshtcp_send_state_name(state));
	cli_json_string(&json, "error", error);
	cli_json_line(&json);
	cli_json_free(&json);
}

/* What is known of a packet whose request has failed. */
static enum meshtcp_send_state failed_state(int err)
{
	return err == -ETIMEDOUT || err == -ECONNRESET ? MESHTCP_SEND_UNKNOWN : MESHTCP_SEND_FAILED;
}

static int print_failure(struct link *link, uint32_t id, int err, const struct meshtcp_event *event)
{
	int reason = link_reason(link, err);
	char why[WHY_MAX];

	/* Before there was a connection there was no packet. */
	if (link->cli->json && link->ready && err != -ECANCELED) {
		link_words(link, reason, event, why);
		print_json(id, failed_state(err), why);
	}
	return link_fail(link, reason, event);
}

static int print_result(const struct link *link, const struct meshtcp_event *event)
{
	if (link->cli->json)
		print_json(event->id, event->send_state, NULL);
	else if (want_ack)
		cli_line("%s", meshtcp_send_state_name(event->send_state));
	else
		cli_line("%" PRIu32, event->id);
	return CLI_EXIT_OK;
}

static int transmit(struct link *link, const struct meshtcp_message *message)
{
	const struct meshtcp_event *event = NULL;
	uint32_t id = 0;
	int err;

	link_expect(link);
	err = meshtcp_send(link->m, message, &id);
	if (!err)
		err = link_await(link, id, &event);
	return err ? print_failure(link, id, err, event) : print_result(link, event);
}

static int send_message(struct cli *cli, const char *command, struct meshtcp_message *message)
{
	struct link link;
	int status = link_open(&link, cli, command,
			       node_download(to, want_ack ? MESHTCP_DOWNLOAD_CONFIG :
							    MESHTCP_DOWNLOAD_NONE));

	message->channel = channel;
	message->want_ack = want_ack;
	if (!status)
		status = link_node(&link, to, &message->to);
	if (!status)
		status = transmit(&link, message);
	return link_close(&link, status);
}

static bool is_utf8(const char *text, size_t size)
{
	size_t n = 1;

	for (size_t i = 0; i < size && n > 0; i += n)
		n = cli_utf8_length((const unsigned char *)text + i, size - i);
	return n > 0;
}

int cmd_send(struct cli *cli, int argc, char **argv)
{
	size_t size = strlen(argv[0]);
	struct meshtcp_message message = {
		.port = MESHTCP_PORT_TEXT, .payload = argv[0], .size = size, .reply_id = reply_to
	};

	(void)argc;
	if (size == 0)
		return cli_usage("send: the text is empty");
	if (size > MESHTCP_MAX_PAYLOAD)
		return cli_usage("send: the text has %zu bytes, more than the %d of a packet", size,
				 MESHTCP_MAX_PAYLOAD);
	if (!is_utf8(argv[0], size))
		return cli_usage("send: the text is not UTF-8");
	if (size > TEXT_SAFE)
		cli_message("send: the text has %zu bytes; above %d some do not get through", size,
			    TEXT_SAFE);
	return send_message(cli, "send", &message);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *place = c ? strchr(digits, c) : NULL;

	return place ? (int)((place - digits) % 16) : -1;
}

/* 0, -EINVAL or -EMSGSIZE. */
static int parse_hex(const char *text, uint8_t *data, size_t *size)
{
	for (*size = 0; *text; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return -EINVAL;
		if (*size == MESHTCP_MAX_PAYLOAD)
			return -EMSGSIZE;
		data[(*size)++] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int cmd_raw(struct cli *cli, int argc, char **argv)
{
	uint8_t data[MESHTCP_MAX_PAYLOAD];
	struct meshtcp_message message = { .payload = data };
	int err;

	(void)argc;
	if (port_parse(argv[0], &message.port))
		return cli_usage("raw: '%.100s' is no port", argv[0]);
	err = parse_hex(argv[1], data, &message.size);
	if (err == -EMSGSIZE)
		return cli_usage("raw: the payload is longer than the %d bytes of a packet",
				 MESHTCP_MAX_PAYLOAD);
	if (err)
		return cli_usage("raw: '%.100s' is no payload in hexadecimal", argv[1]);
	return send_message(cli, "raw", &message);
}
