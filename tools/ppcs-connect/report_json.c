/* SPDX-License-Identifier: MIT */
/* The object of --json: the race, its three racers and all their attempts. */
#include "connect.h"

#include "tools/cli/json.h"

#include <stdio.h>

static void put_port(struct cli_json *json, const char *key, uint16_t port)
{
	if (port)
		cli_json_uint(json, key, port);
	else
		cli_json_null(json, key);
}

static void put_address(struct cli_json *json, const char *key, const struct ppcs_address *a)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u.%u.%u", a->ip[0], a->ip[1], a->ip[2], a->ip[3]);
	cli_json_string(json, key, a->port ? text : NULL);
}

static void put_attempt(struct cli_json *json, const struct ppcs_attempt *attempt)
{
	cli_json_object(json, NULL);
	put_port(json, "destination_port", attempt->destination.port);
	put_port(json, "local_port", attempt->local_port);
	cli_json_string(json, "state", ppcs_racer_state_name(attempt->state));
	cli_json_string(json, "level", ppcs_level_name(attempt->level));
	cli_json_uint(json, "sent", attempt->sent);
	cli_json_uint(json, "received", attempt->received);
	cli_json_uint(json, "elapsed_ms", attempt->elapsed_ms);
	cli_json_string(json, "error", attempt->error);
	put_address(json, "destination_address", &attempt->destination);
	cli_json_end(json);
}

static void put_racer(struct cli_json *json, const struct ppcs_racer *racer)
{
	cli_json_object(json, ppcs_mode_name(racer->mode));
	cli_json_string(json, "name", racer->name);
	cli_json_string(json, "mode", ppcs_mode_name(racer->mode));
	cli_json_string(json, "state", ppcs_racer_state_name(racer->state));
	put_port(json, "local_port", racer->local_port);
	put_port(json, "destination_port", racer->destination_port);
	cli_json_uint(json, "retries", racer->retries);
	if (racer->started)
		cli_json_uint(json, "elapsed_ms", racer->elapsed_ms);
	else
		cli_json_null(json, "elapsed_ms");
	cli_json_string(json, "error", racer->error);
	cli_json_array(json, "attempts");
	for (size_t i = 0; i < racer->attempt_count; i++)
		put_attempt(json, &racer->attempts[i]);
	cli_json_end(json);
	cli_json_uint(json, "attempts_dropped", racer->attempts_dropped);
	cli_json_end(json);
}

/* Without data of ours nothing was measured. */
static void put_round_trip(struct cli_json *json, const char *key, uint32_t ms,
			   const struct ppcs_statistics *s)
{
	if (s->data_packets_sent > 0)
		cli_json_uint(json, key, ms);
	else
		cli_json_null(json, key);
}

static void put_hold(struct cli_json *json, const struct hold *hold)
{
	const struct ppcs_statistics *s = &hold->counted;

	cli_json_object(json, "hold");
	cli_json_int(json, "elapsed_ms", hold->elapsed_ms);
	cli_json_uint(json, "alive_sent", s->alive_sent);
	cli_json_uint(json, "alive_received", s->alive_received);
	cli_json_uint(json, "alive_missed", s->alive_missed);
	cli_json_uint(json, "data_bytes", s->data_bytes);
	cli_json_string(json, "ended", hold->ended);
	cli_json_uint(json, "data_packets", s->data_packets);
	cli_json_uint(json, "data_duplicates", s->data_duplicates);
	cli_json_uint(json, "data_out_of_order", s->data_ahead);
	cli_json_uint(json, "data_refused", s->data_refused);
	cli_json_array(json, "channel_bytes");
	for (unsigned i = 0; i < PPCS_CHANNELS; i++)
		cli_json_uint(json, NULL, hold->channel_bytes[i]);
	cli_json_end(json);
	cli_json_uint(json, "data_bytes_sent", s->data_bytes_sent);
	cli_json_uint(json, "data_packets_sent", s->data_packets_sent);
	cli_json_uint(json, "data_resent", s->data_resent);
	cli_json_fixed(json, "loss_percent", s->loss_permille, 1);
	put_round_trip(json, "rtt_ms", s->rtt_ms, s);
	put_round_trip(json, "rtt_min_ms", s->rtt_min_ms, s);
	cli_json_uint(json, "unsent_bytes", hold->unsent);
	cli_json_end(json);
}

int report_json(const struct ppcs_report *report, const struct hold *hold)
{
	struct cli_json json = { 0 };
	int err;

	cli_json_begin(&json);
	cli_json_bool(&json, "success", report->success);
	cli_json_string(&json, "mode", report->success ? ppcs_mode_name(report->mode) : NULL);
	cli_json_string(&json, "winner", report->winner);
	cli_json_string(&json, "uid", report->uid);
	cli_json_string(&json, "key", report->key ? report->key : "");
	put_port(&json, "local_port", report->local.port);
	put_address(&json, "destination_address", &report->destination);
	put_port(&json, "destination_port", report->destination.port);
	put_address(&json, "peer_address", &report->peer);
	put_port(&json, "peer_port", report->peer.port);
	cli_json_uint(&json, "elapsed_ms", report->elapsed_ms);
	cli_json_string(&json, "verdict", report->text);
	cli_json_object(&json, "racers");
	for (int mode = 0; mode < PPCS_MODES; mode++)
		put_racer(&json, &report->racers[mode]);
	cli_json_end(&json);
	if (hold)
		put_hold(&json, hold);
	err = cli_json_line(&json);
	cli_json_free(&json);
	return err;
}
