/* SPDX-License-Identifier: MIT */
/* masters, modules, stations, name, firmware, where: what the installation consists of. */
#include "commands.h"
#include "common.h"

#include "tools/cli/output.h"

#include <string.h>

static const struct place master_place[] = { PLACE_MASTER };

static void print_piece(const struct qlink_text *text)
{
	cli_print_text(text->data, text->size);
}

static void json_piece(struct cli_json *json, const char *key, const struct qlink_text *text)
{
	cli_json_text(json, key, text->data, text->size);
}

static int make_masters(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	(void)arguments;
	return qlink_masters_get(q, ret_id);
}

static void print_masters(const struct cli *cli, const void *arguments,
			  const struct qlink_event *answer)
{
	struct cli_json json = { 0 };

	(void)arguments;
	for (size_t i = 0; i < answer->value_count; i++) {
		if (!cli->json) {
			cli_line("%d", (int)answer->values[i]);
			continue;
		}
		cli_json_begin(&json);
		cli_json_int(&json, "master", answer->values[i]);
		cli_json_line(&json);
	}
	cli_json_free(&json);
}

int run_masters(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "masters", make_masters, print_masters };

	return one_shot(cli, &shot, NULL, argc, argv);
}

static int make_modules(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *master = arguments;

	return qlink_modules_get(q, *master, ret_id);
}

static void json_module(struct cli_json *json, const struct qlink_module *m)
{
	cli_json_begin(json);
	cli_json_uint(json, "master", m->master);
	cli_json_uint(json, "enclosure", m->enclosure);
	cli_json_uint(json, "module", m->module);
	cli_json_uint(json, "type", m->type);
	cli_json_string(json, "type_name", qlink_module_type_name(m->type));
	cli_json_string(json, "version", m->version);
	cli_json_line(json);
}

static void print_modules(const struct cli *cli, const void *arguments,
			  const struct qlink_event *answer)
{
	struct cli_json json = { 0 };

	(void)arguments;
	for (size_t i = 0; i < answer->row_count; i++) {
		const struct qlink_module *m = &answer->modules[i];

		if (cli->json) {
			json_module(&json, m);
			continue;
		}
		cli_print("%u.%u.%u %u ", m->master, m->enclosure, m->module, m->type);
		cli_print_text(m->version, strlen(m->version));
		cli_print(" %s", qlink_module_type_name(m->type));
		cli_print_end();
	}
	cli_json_free(&json);
}

int run_modules(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "modules", make_modules, print_modules };
	unsigned master;
	int status = parse_numbers(master_place, 1, argv, &master);

	return status ? status : one_shot(cli, &shot, &master, argc, argv);
}

static int make_stations(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *master = arguments;

	return qlink_stations_get(q, *master, ret_id);
}

static void json_station(struct cli_json *json, const struct qlink_station *s)
{
	cli_json_begin(json);
	cli_json_uint(json, "master", s->master);
	cli_json_uint(json, "station", s->station);
	cli_json_uint(json, "type", s->type);
	cli_json_string(json, "type_name", qlink_station_type_name(s->type));
	cli_json_uint(json, "config", s->config);
	cli_json_string(json, "version", s->version);
	cli_json_uint(json, "sixbit", s->sixbit);
	cli_json_uint(json, "serial", s->serial);
	cli_json_line(json);
}

static void print_stations(const struct cli *cli, const void *arguments,
			   const struct qlink_event *answer)
{
	struct cli_json json = { 0 };

	(void)arguments;
	for (size_t i = 0; i < answer->row_count; i++) {
		const struct qlink_station *s = &answer->stations[i];

		if (cli->json) {
			json_station(&json, s);
			continue;
		}
		cli_print("%u/%u %u 0x%02x ", s->master, s->station, s->type, s->config);
		cli_print_text(s->version, strlen(s->version));
		cli_print(" %u %lu %s", s->sixbit, (unsigned long)s->serial,
			  qlink_station_type_name(s->type));
		cli_print_end();
	}
	cli_json_free(&json);
}

int run_stations(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "stations", make_stations, print_stations };
	unsigned master;
	int status = parse_numbers(master_place, 1, argv, &master);

	return status ? status : one_shot(cli, &shot, &master, argc, argv);
}

static int make_name(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *n = arguments;

	return qlink_name_get(q, n[0], n[1], n[2], ret_id);
}

static void print_name(const struct cli *cli, const void *arguments,
		       const struct qlink_event *answer)
{
	static const char *const keys[] = { "name", "room", "floor", "type" };
	const unsigned *n = arguments;
	struct cli_json json = { 0 };

	if (!cli->json) {
		for (size_t i = 0; i < answer->row_count; i++) {
			cli_print("%s", i > 0 ? "|" : "");
			print_piece(&answer->lines[i]);
		}
		cli_print_end();
		return;
	}
	cli_json_begin(&json);
	cli_json_uint(&json, "master", n[0]);
	cli_json_uint(&json, "address", n[1]);
	cli_json_uint(&json, "position", n[2]);
	for (size_t i = 0; i < answer->row_count && i < 4; i++)
		json_piece(&json, keys[i], &answer->lines[i]);
	cli_json_line(&json);
	cli_json_free(&json);
}

int run_name(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "name", make_name, print_name };
	static const struct place places[] = {
		PLACE_MASTER,
		{ "ADDRESS", 0, 9999 },
		{ "POS", 0, 255 },
	};
	unsigned n[3];
	int status = parse_numbers(places, 3, argv, n);

	return status ? status : one_shot(cli, &shot, n, argc, argv);
}

static int make_firmware(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	const unsigned *master = arguments;

	return qlink_firmware_get(q, *master, ret_id);
}

static void print_firmware(const struct cli *cli, const void *arguments,
			   const struct qlink_event *answer)
{
	const unsigned *master = arguments;
	struct cli_json json = { 0 };

	if (!cli->json) {
		print_piece(&answer->lines[0]);
		cli_print(" ");
		print_piece(&answer->lines[1]);
		cli_print_end();
		return;
	}
	cli_json_begin(&json);
	cli_json_uint(&json, "master", *master);
	json_piece(&json, "version", &answer->lines[0]);
	json_piece(&json, "date", &answer->lines[1]);
	cli_json_line(&json);
	cli_json_free(&json);
}

int run_firmware(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "firmware", make_firmware, print_firmware };
	unsigned master;
	int status = parse_numbers(master_place, 1, argv, &master);

	return status ? status : one_shot(cli, &shot, &master, argc, argv);
}

static int make_where(struct qlink *q, const void *arguments, uint32_t *ret_id)
{
	(void)arguments;
	return qlink_where(q, ret_id);
}

static void print_where(const struct cli *cli, const void *arguments,
			const struct qlink_event *answer)
{
	struct cli_json json = { 0 };

	(void)arguments;
	if (!cli->json) {
		cli_line("%d %d", (int)answer->values[0], (int)answer->values[1]);
		return;
	}
	cli_json_begin(&json);
	cli_json_int(&json, "master", answer->values[0]);
	cli_json_int(&json, "port", answer->values[1]);
	cli_json_line(&json);
	cli_json_free(&json);
}

int run_where(struct cli *cli, int argc, char **argv)
{
	static const struct one_shot shot = { "where", make_where, print_where };

	return one_shot(cli, &shot, NULL, argc, argv);
}
