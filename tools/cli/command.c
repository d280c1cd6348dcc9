/* SPDX-License-Identifier: MIT */
/* What a command asks of the frame while it runs: its limits, its options, its exit status. */
#include "tools/cli/cli.h"
#include "tools/cli/wait.h"

#include <errno.h>

enum cli_exit cli_exit_for(int err)
{
	switch (-err) {
	case 0:
		return CLI_EXIT_OK;
	case EINVAL:
		return CLI_EXIT_USAGE;
	case ENOTCONN:
	case ECONNRESET:
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		return CLI_EXIT_UNREACHABLE;
	case ETIMEDOUT:
		return CLI_EXIT_TIMEOUT;
	case EACCES:
		return CLI_EXIT_CREDENTIALS;
	case EBADMSG:
	case EPROTO:
		return CLI_EXIT_PROTOCOL;
	case EBUSY:
		return CLI_EXIT_PROTECTED;
	default:
		return CLI_EXIT_REFUSED;
	}
}

int cli_time_left(const struct cli *cli)
{
	int64_t left = cli->start_ms + cli->timeout_ms - cli_now_ms();

	return left > 0 ? (int)left : 0;
}

int cli_duration_left(const struct cli *cli)
{
	int64_t left = cli->start_ms + cli->duration_ms - cli_now_ms();

	if (cli->duration_ms == 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

bool cli_counted(struct cli *cli)
{
	return ++cli->counted == cli->count;
}

enum cli_source cli_source(const struct cli *cli, const char *long_name)
{
	return cli_options_source(&cli->options, long_name);
}
