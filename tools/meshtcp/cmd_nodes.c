/* SPDX-License-Identifier: MIT */
/* nodes: all nodes that are known, in an order. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/common.h"
#include "tools/meshtcp/nodes.h"
#include "tools/meshtcp/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEGREES     7
#define SHORT_WIDTH 4
#define POWERED     100 /* percent; above: external power */

enum order {
	BY_HEARD,
	BY_NAME,
	BY_SNR,
	BY_HOPS
};

static int order = BY_HEARD;
static const char *const orders[] = { "heard", "name", "snr", "hops", NULL };

const struct cli_option nodes_options[] = {
	{ .name = "sort",
	  .kind = CLI_CHOICE,
	  .arg = "ORDER",
	  .help = "heard (default, last first), name, snr or hops",
	  .dest = &order,
	  .choices = orders },
	{ .name = NULL },
};

/* Those without a name, a value or a way come last. */
static int compare_names(const struct meshtcp_node *a, const struct meshtcp_node *b)
{
	if (a->has_user != b->has_user)
		return a->has_user ? -1 : 1;
	return strcasecmp(a->user.long_name, b->user.long_name);
}

static int compare_snr(const struct meshtcp_node *a, const struct meshtcp_node *b)
{
	if (a->has_snr != b->has_snr)
		return a->has_snr ? -1 : 1;
	return (a->snr < b->snr) - (a->snr > b->snr);
}

static int compare_hops(const struct meshtcp_node *a, const struct meshtcp_node *b)
{
	if ((a->hops_away < 0) != (b->hops_away < 0))
		return a->hops_away < 0 ? 1 : -1;
	return (a->hops_away > b->hops_away) - (a->hops_away < b->hops_away);
}

static int compare(const void *left, const void *right)
{
	const struct meshtcp_node *a = left, *b = right;
	int ret = 0;

	if (order == BY_NAME)
		ret = compare_names(a, b);
	else if (order == BY_SNR)
		ret = compare_snr(a, b);
	else if (order == BY_HOPS)
		ret = compare_hops(a, b);
	else
		ret = (a->last_heard < b->last_heard) - (a->last_heard > b->last_heard);
	return ret ? ret : (a->num > b->num) - (a->num < b->num);
}

static void json_user(struct cli_json *json, const struct meshtcp_node *n)
{
	const struct meshtcp_user *user = &n->user;

	cli_json_string(json, "long_name", n->has_user ? user->long_name : NULL);
	cli_json_string(json, "short_name", n->has_user ? user->short_name : NULL);
	if (!n->has_user) {
		cli_json_null(json, "hw_model");
		cli_json_null(json, "role");
		return;
	}
	word_json(json, "hw_model", meshtcp_hw_model_name(user->hw_model), user->hw_model);
	word_json(json, "role", meshtcp_role_name(user->role), user->role);
}

static void json_float(struct cli_json *json, const char *key, bool known, float value)
{
	if (known)
		cli_json_float(json, key, value);
	else
		cli_json_null(json, key);
}

static void json_int(struct cli_json *json, const char *key, bool known, int64_t value)
{
	if (known)
		cli_json_int(json, key, value);
	else
		cli_json_null(json, key);
}

static void json_degrees(struct cli_json *json, const char *key, bool known, int32_t value)
{
	if (known)
		cli_json_fixed(json, key, value, DEGREES);
	else
		cli_json_null(json, key);
}

static void print_json(const struct meshtcp_node *n)
{
	const struct meshtcp_position *position = &n->position;
	struct cli_json json = { 0 };

	cli_json_begin(&json);
	cli_json_uint(&json, "num", n->num);
	cli_json_uint(&json, "id", n->num);
	json_user(&json, n);
	json_float(&json, "snr", n->has_snr, n->snr);
	time_json(&json, "last_heard", n->last_heard);
	json_int(&json, "hops_away", n->hops_away >= 0, n->hops_away);
	json_int(&json, "battery_level", n->metrics.has_battery_level, n->metrics.battery_level);
	json_float(&json, "voltage", n->metrics.has_voltage, n->metrics.voltage);
	json_degrees(&json, "latitude", position->has_position, position->latitude_i);
	json_degrees(&json, "longitude", position->has_position, position->longitude_i);
	json_int(&json, "altitude", position->has_altitude, position->altitude);
	cli_json_uint(&json, "channel", n->channel);
	cli_json_bool(&json, "via_mqtt", n->via_mqtt);
	cli_json_line(&json);
	cli_json_free(&json);
}

/* Characters, not bytes, so that most names stand in columns. */
static int characters(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void print_row(const struct meshtcp_node *n)
{
	char node[MESHTCP_NODE_TEXT] = "", time[WORD_MAX], snr[WORD_MAX] = "-",
	     hops[WORD_MAX] = "-";
	char battery[WORD_MAX] = "-", number[CLI_FLOAT_MAX];
	const char *name;
	int width;

	meshtcp_node_text(n->num, node);
	name = n->has_user ? n->user.short_name : node + 5;
	width = characters(name);
	if (n->has_snr) {
		cli_float_text(n->snr, number);
		snprintf(snr, sizeof(snr), "%s", number);
	}
	if (n->hops_away >= 0)
		snprintf(hops, sizeof(hops), "%d", n->hops_away);
	if (n->metrics.has_battery_level && n->metrics.battery_level > POWERED)
		snprintf(battery, sizeof(battery), "ext");
	else if (n->metrics.has_battery_level)
		snprintf(battery, sizeof(battery), "%" PRIu32 "%%", n->metrics.battery_level);
	cli_print("%s  ", node);
	cli_print_text(name, strlen(name));
	cli_print("%*s  %-19s  %6s  %4s  %4s  ", width < SHORT_WIDTH ? SHORT_WIDTH - width : 0, "",
		  time_text(n->last_heard, time), snr, hops, battery);
	if (n->has_user)
		cli_print_text(n->user.long_name, strlen(n->user.long_name));
	else
		cli_print("Meshtastic %s", node + 5);
	cli_print_end();
}

static int print_all(const struct link *link)
{
	const struct meshtcp_nodes *nodes = link->nodes;
	struct meshtcp_node *sorted = calloc(nodes->count + 1, sizeof(*sorted));

	if (!sorted) {
		cli_message("nodes: out of memory");
		return CLI_EXIT_REFUSED;
	}
	if (nodes->count > 0)
		memcpy(sorted, nodes->node, nodes->count * sizeof(*sorted));
	qsort(sorted, nodes->count, sizeof(*sorted), compare);
	for (size_t i = 0; i < nodes->count; i++) {
		if (link->cli->json)
			print_json(&sorted[i]);
		else
			print_row(&sorted[i]);
	}
	free(sorted);
	return CLI_EXIT_OK;
}

int cmd_nodes(struct cli *cli, int argc, char **argv)
{
	struct link link;
	int status = link_open(&link, cli, "nodes", MESHTCP_DOWNLOAD_ALL);

	(void)argc;
	(void)argv;
	if (!status)
		status = link_ready(&link);
	if (!status)
		status = link_names(&link);
	if (!status)
		status = print_all(&link);
	return link_close(&link, status);
}
