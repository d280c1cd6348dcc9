/* SPDX-License-Identifier: MIT */
/* owner, set-time, reboot, shutdown, remove-node, favorite: administration but for the settings. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/admin.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/options.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define LONG_MAX_BYTES  39
#define SHORT_MAX_BYTES 4
#define DELAY_S         5
#define DAY_S           86400

const struct cli_option admin_options[] = {
	NODE_OPTION,
	{ .name = NULL },
};

/* A change to be made: what it needs, and how it is asked for. */
struct change {
	uint32_t node; /* that is administered */
	uint32_t num;  /* that the command names */
	const char *long_name, *short_name;
	int seconds;
	bool on;
};

typedef int change_fn(struct meshtcp *m, const struct change *change, uint32_t *ret_id);

/* `word` is the NODE that the command names, or NULL. */
static int make_change(struct cli *cli, const char *command, const char *word, change_fn *make,
		       struct change *change)
{
	const struct meshtcp_event *event;
	struct link link;
	uint32_t id = 0;
	int status = admin_open(&link, cli, command, word, &change->node);

	if (!status)
		status = admin_writable(&link, change->node);
	if (!status && word)
		status = link_node(&link, word, &change->num);
	if (!status) {
		link_expect(&link);
		status = link_result(&link, make(link.m, change, &id), &id, &event);
	}
	return link_close(&link, status);
}

static int make_owner(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	return meshtcp_write_owner(m, c->node, c->long_name, c->short_name, ret_id);
}

static int make_time(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	/* As late as it can be. */
	return meshtcp_write_time(m, c->node, (uint32_t)time(NULL), ret_id);
}

static int make_reboot(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	return meshtcp_reboot(m, c->node, c->seconds, ret_id);
}

static int make_shutdown(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	return meshtcp_shutdown(m, c->node, c->seconds, ret_id);
}

static int make_removal(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	return meshtcp_remove_node(m, c->node, c->num, ret_id);
}

static int make_favorite(struct meshtcp *m, const struct change *c, uint32_t *ret_id)
{
	return meshtcp_write_favorite(m, c->node, c->num, c->on, ret_id);
}

static void print_owner(const struct cli *cli, const struct meshtcp_user *user)
{
	struct cli_json json = { 0 };

	if (!cli->json) {
		cli_print_text(user->long_name, strlen(user->long_name));
		cli_print(" (");
		cli_print_text(user->short_name, strlen(user->short_name));
		cli_print(")");
		cli_print_end();
		return;
	}
	cli_json_begin(&json);
	cli_json_string(&json, "long_name", user->long_name);
	cli_json_string(&json, "short_name", user->short_name);
	cli_json_line(&json);
	cli_json_free(&json);
}

/* Of the node itself the names came with the download. */
static int read_owner(struct link *link, uint32_t node)
{
	const struct meshtcp_event *event;
	struct meshtcp_info info;
	struct meshtcp_user user;
	uint32_t id = 0;
	int status, err;

	if (node == MESHTCP_LOCAL) {
		err = meshtcp_get_info(link->m, &info);
		if (err)
			return link_fail(link, err, NULL);
		print_owner(link->cli, &info.user);
		return CLI_EXIT_OK;
	}
	link_expect(link);
	status = link_result(link, meshtcp_read_owner(link->m, node, &id), &id, &event);
	if (status)
		return status;
	err = meshtcp_decode_user(event->data, event->size, &user);
	if (err)
		return link_fail(link, err, NULL);
	print_owner(link->cli, &user);
	return CLI_EXIT_OK;
}

static int check_name(const char *which, const char *name, size_t max)
{
	if (*name == '\0')
		return cli_usage("owner: the %s name is empty", which);
	if (strlen(name) > max)
		return cli_usage("owner: the %s name has more than %zu bytes", which, max);
	return 0;
}

int cmd_owner(struct cli *cli, int argc, char **argv)
{
	struct change change = { .on = false };
	struct link link;
	uint32_t node;
	int status;

	if (argc == 1)
		return cli_usage("owner: both names are wanted: LONG SHORT");
	if (argc == 2) {
		status = check_name("long", argv[0], LONG_MAX_BYTES);
		if (!status)
			status = check_name("short", argv[1], SHORT_MAX_BYTES);
		if (status)
			return status;
		change.long_name = argv[0];
		change.short_name = argv[1];
		return make_change(cli, "owner", NULL, make_owner, &change);
	}
	status = admin_open(&link, cli, "owner", NULL, &node);
	if (!status)
		status = read_owner(&link, node);
	return link_close(&link, status);
}

int cmd_set_time(struct cli *cli, int argc, char **argv)
{
	struct change change = { .on = false };

	(void)argc;
	(void)argv;
	return make_change(cli, "set-time", NULL, make_time, &change);
}

static int in_seconds(struct cli *cli, const char *command, int argc, char **argv, change_fn *make)
{
	struct change change = { .seconds = DELAY_S };
	int64_t seconds;

	if (argc > 0) {
		if (cli_decimal(argv[0], 0, -1, DAY_S, &seconds))
			return cli_usage("%s: '%.100s' is no number of seconds from -1 to %d",
					 command, argv[0], DAY_S);
		change.seconds = (int)seconds;
	}
	return make_change(cli, command, NULL, make, &change);
}

int cmd_reboot(struct cli *cli, int argc, char **argv)
{
	return in_seconds(cli, "reboot", argc, argv, make_reboot);
}

int cmd_shutdown(struct cli *cli, int argc, char **argv)
{
	return in_seconds(cli, "shutdown", argc, argv, make_shutdown);
}

/* Not all, and not the one that is connected itself. */
static int check_other(const char *command, const char *word)
{
	uint32_t num;

	if (node_number(word, &num) && (num == MESHTCP_LOCAL || num == MESHTCP_BROADCAST))
		return cli_usage("%s: '%.100s' is not another node", command, word);
	return 0;
}

int cmd_remove_node(struct cli *cli, int argc, char **argv)
{
	struct change change = { .on = false };
	int status = check_other("remove-node", argv[0]);

	(void)argc;
	return status ? status : make_change(cli, "remove-node", argv[0], make_removal, &change);
}

int cmd_favorite(struct cli *cli, int argc, char **argv)
{
	struct change change = { .on = true };
	int status = check_other("favorite", argv[0]);

	if (status)
		return status;
	if (argc > 1) {
		change.on = strcmp(argv[1], "on") == 0;
		if (!change.on && strcmp(argv[1], "off") != 0)
			return cli_usage("favorite: '%.100s' is neither on nor off", argv[1]);
	}
	return make_change(cli, "favorite", argv[0], make_favorite, &change);
}
