/* SPDX-License-Identifier: MIT */
/* --search: a line for each device that answers, as it answers. */
#include "connect.h"

#include "settings.h"

#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/cli/progress.h"
#include "tools/cli/wait.h"

#include <errno.h>
#include <stdio.h>

static int print_device(const struct cli *cli, const struct ppcs_event *event)
{
	const uint8_t *ip = event->peer.ip;
	struct cli_json json = { 0 };
	char address[16];
	int err;

	snprintf(address, sizeof(address), "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
	if (!cli->json)
		return cli_line("%s %s:%u", event->uid, address, event->peer.port);
	cli_json_begin(&json);
	cli_json_string(&json, "uid", event->uid);
	cli_json_string(&json, "address", address);
	cli_json_uint(&json, "port", event->peer.port);
	cli_json_string(&json, "key", event->key);
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err;
}

int search_run(struct cli *cli, struct ppcs *p)
{
	int err = ppcs_search(p, (unsigned)settings.wait_ms);

	if (err) {
		cli_message("search: %s", ppcs_strerror(err));
		return err == -EADDRNOTAVAIL ? CLI_EXIT_UNREACHABLE : CLI_EXIT_REFUSED;
	}
	cli_progress("searching the LAN");
	for (;;) {
		const struct ppcs_event *event;
		int what;

		while ((event = ppcs_next_event(p)) != NULL) {
			if (event->type == PPCS_EVENT_DEVICE && print_device(cli, event))
				return CLI_EXIT_REFUSED;
			if (event->type != PPCS_EVENT_RESULT)
				continue;
			cli_progress_end();
			if (event->error)
				cli_message("search: no device answered");
			return event->error ? CLI_EXIT_REFUSED : CLI_EXIT_OK;
		}
		what = cli_wait(ppcs_get_fd(p), -1);
		if (what < 0 || (what & (CLI_WAIT_SIGNAL | CLI_WAIT_OUTPUT)) || ppcs_dispatch(p))
			return CLI_EXIT_REFUSED;
	}
}
