/* SPDX-License-Identifier: MIT */
/* traceroute: the way to a node, and back if that is known. */
#include "tools/cli/json.h"
#include "tools/cli/output.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What an SNR in quarters of a dB is when nobody measured it, and a node that hides. */
#define SNR_UNKNOWN  (-128)
#define NODE_UNKNOWN UINT32_MAX

/* One direction: where it begins, the nodes between, where it ends; an SNR behind each hop. */
struct way {
	uint32_t node[MESHTCP_MAX_ROUTE + 2];
	int32_t snr[MESHTCP_MAX_ROUTE + 1];
	size_t hops, snr_count;
};

static void make_way(struct way *way, uint32_t from, uint32_t to, const uint32_t *between,
		     size_t count, const int32_t *snr, size_t snr_count)
{
	way->node[0] = from;
	memcpy(&way->node[1], between, count * sizeof(*between));
	way->node[count + 1] = to;
	way->hops = count + 1;
	memcpy(way->snr, snr, snr_count * sizeof(*snr));
	way->snr_count = snr_count;
}

static bool measured(const struct way *way, size_t hop)
{
	return way->snr_count == way->hops && way->snr[hop] != SNR_UNKNOWN;
}

static void json_way(struct cli_json *json, const char *key, const struct way *way)
{
	cli_json_array(json, key);
	for (size_t hop = 0; hop < way->hops; hop++) {
		cli_json_object(json, NULL);
		if (way->node[hop + 1] == NODE_UNKNOWN)
			cli_json_null(json, "num");
		else
			cli_json_uint(json, "num", way->node[hop + 1]);
		if (measured(way, hop))
			cli_json_fixed(json, "snr", (int64_t)way->snr[hop] * 25, 2);
		else
			cli_json_null(json, "snr");
		cli_json_end(json);
	}
	cli_json_end(json);
}

static void print_node(const struct link *link, uint32_t num)
{
	char label[NODE_LABEL];

	if (num == NODE_UNKNOWN)
		snprintf(label, sizeof(label), "?");
	else
		node_label(link, num, label);
	cli_print_text(label, strlen(label));
}

static void print_way(const struct link *link, const struct way *way)
{
	char snr[CLI_FLOAT_MAX];

	print_node(link, way->node[0]);
	for (size_t hop = 0; hop < way->hops; hop++) {
		cli_print(" -> ");
		print_node(link, way->node[hop + 1]);
		cli_float_text((float)way->snr[hop] / 4, snr);
		if (measured(way, hop))
			cli_print(" (%s dB)", snr);
		else
			cli_print(" (? dB)");
	}
	cli_print_end();
}

/* The way back is only told where all took part in writing it down. */
static bool has_way_back(const struct meshtcp_packet *packet, const struct meshtcp_route *route)
{
	return packet->hop_start != 0 && route->snr_back_count == route->back_count + 1;
}

static int print(struct link *link, const struct meshtcp_packet *packet)
{
	struct cli_json json = { 0 };
	struct meshtcp_route route;
	struct way there, back;
	bool has_back;

	if (!packet || meshtcp_decode_route(packet->payload, packet->size, &route))
		return link_fail(link, -EBADMSG, NULL);
	has_back = has_way_back(packet, &route);
	make_way(&there, packet->to, packet->from, route.towards, route.towards_count,
		 route.snr_towards, route.snr_towards_count);
	make_way(&back, packet->from, packet->to, route.back, route.back_count, route.snr_back,
		 route.snr_back_count);
	if (!link->cli->json) {
		print_way(link, &there);
		if (has_back)
			print_way(link, &back);
		return CLI_EXIT_OK;
	}
	cli_json_begin(&json);
	cli_json_uint(&json, "from", packet->from);
	json_way(&json, "towards", &there);
	if (has_back)
		json_way(&json, "back", &back);
	else
		cli_json_null(&json, "back");
	cli_json_line(&json);
	cli_json_free(&json);
	return CLI_EXIT_OK;
}

static int trace(struct link *link, const char *text)
{
	const struct meshtcp_event *event;
	uint32_t num, id = 0;
	int status = link_node(link, text, &num);

	/* People are shown names. */
	if (!status && !link->cli->json)
		status = link_ready(link);
	if (!status && !link->cli->json)
		status = link_names(link);
	if (status)
		return status;
	link_expect(link);
	status = link_result(link, meshtcp_traceroute(link->m, num, &id), &id, &event);
	return status ? status : print(link, event->packet);
}

int cmd_traceroute(struct cli *cli, int argc, char **argv)
{
	enum meshtcp_download enough = cli->json ? MESHTCP_DOWNLOAD_CONFIG : MESHTCP_DOWNLOAD_ALL;
	struct link link;
	int status = node_single("traceroute", argv[0]);

	(void)argc;
	if (status)
		return status;
	status = link_open(&link, cli, "traceroute", node_download(argv[0], enough));
	if (!status)
		status = trace(&link, argv[0]);
	return link_close(&link, status);
}
