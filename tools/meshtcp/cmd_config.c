/* SPDX-License-Identifier: MIT */
/* config: sections and fields of the configuration, read and changed. */
#include "tools/cli/output.h"
#include "tools/meshtcp/admin.h"
#include "tools/meshtcp/answer.h"
#include "tools/meshtcp/commands.h"
#include "tools/meshtcp/options.h"
#include "tools/meshtcp/section.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct cli_option config_options[] = {
	NODE_OPTION,
	SHOW_KEYS_OPTION,
	{ .name = NULL },
};

/* What was asked for: SECTION[.FIELD[=VALUE]]. */
struct wish {
	struct section section;
	char field[WHY_MAX]; /* "" for all of it */
	const char *value;   /* NULL: to be read */
};

static void print_section(const struct link *link, const struct section *section)
{
	char label[WHY_MAX];
	struct cli_json json = { 0 };

	section_label(section, label);
	if (!link->cli->json) {
		fields_each(&section->fields, FIELDS_TOP, label, options.show_keys, answer_line,
			    NULL);
		return;
	}
	cli_json_begin(&json);
	cli_json_string(&json, "section", label);
	cli_json_object(&json, "fields");
	fields_json(&json, &section->fields, FIELDS_TOP, options.show_keys);
	cli_json_end(&json);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void json_field(const struct wish *wish, int index)
{
	struct cli_json json = { 0 };
	char label[WHY_MAX];

	cli_json_begin(&json);
	cli_json_string(&json, "section", section_label(&wish->section, label));
	cli_json_string(&json, "field", wish->field);
	fields_json_item(&json, "value", &wish->section.fields, index, options.show_keys);
	cli_json_line(&json);
	cli_json_free(&json);
}

static void print_field(const struct link *link, const struct wish *wish)
{
	const struct fields *fields = &wish->section.fields;
	int index = fields_find(fields, wish->field);
	struct cli_text value = { 0 };

	if (link->cli->json) {
		json_field(wish, index);
		return;
	}
	if (fields->item[index].field.kind == MESHTCP_FIELD_BEGIN) {
		fields_each(fields, index, "", options.show_keys, answer_line, NULL);
		return;
	}
	fields_value(fields, index, options.show_keys, &value);
	cli_line("%s", value.data ? value.data : "");
	cli_text_free(&value);
}

/* What this release of the node does not have is left out. */
static int print_all(struct link *link, uint32_t node)
{
	static struct section section;
	const struct meshtcp_event *event;
	unsigned count = 0;

	while (section_next(&section)) {
		int err;

		section_clear(&section);
		if (section.fields.count == 0)
			continue;
		err = section_read(link, node, &section, &event);
		if (err == -ENOENT || (err == -EIO && count > 0))
			continue;
		if (err)
			return link_fail(link, err, event);
		print_section(link, &section);
		count++;
	}
	return CLI_EXIT_OK;
}

static int write_wish(struct link *link, uint32_t node, struct wish *wish)
{
	struct section *section = &wish->section;
	const struct meshtcp_event *event;
	int status = admin_writable(link, node);
	uint32_t id = 0;
	int err;

	if (status)
		return status;
	err = section_set(section, wish->field, wish->value);
	if (err)
		return link_fail(link, err, NULL);
	link_expect(link);
	status = link_result(link,
			     meshtcp_write_section(link->m, node, section->kind, section->number,
						   section->data, section->size, &id),
			     &id, &event);
	if (!status && link->cli->json)
		json_field(wish, fields_find(&section->fields, wish->field));
	return status;
}

static int fulfil(struct link *link, uint32_t node, struct wish *wish)
{
	const struct meshtcp_event *event;
	int err = section_read(link, node, &wish->section, &event);

	if (err)
		return link_fail(link, err, event);
	if (wish->value)
		return write_wish(link, node, wish);
	if (*wish->field)
		print_field(link, wish);
	else
		print_section(link, &wish->section);
	return CLI_EXIT_OK;
}

/* Names and values are known here: a wrong one is told before anything is sent. */
static int check_wish(const char *word, struct wish *wish)
{
	static struct section trial;
	int err;

	section_clear(&wish->section);
	if (wish->value && *wish->field == '\0')
		return cli_usage("config: '%.100s' names no field", word);
	if (*wish->field && fields_find(&wish->section.fields, wish->field) < 0)
		return cli_usage("config: '%.100s' is no field of this section", wish->field);
	if (!wish->value)
		return 0;
	trial = wish->section;
	err = section_set(&trial, wish->field, wish->value);
	if (err == -EMSGSIZE || (!err && trial.size > MESHTCP_MAX_PAYLOAD))
		return cli_usage("config: %.100s: the value is too long", wish->field);
	if (err == -ENOENT)
		return cli_usage("config: %.100s has fields of its own", wish->field);
	if (err)
		return cli_usage("config: %.100s: '%.100s' is no value of it", wish->field,
				 wish->value);
	return 0;
}

static int parse_wish(const char *word, struct wish *wish)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	char name[WHY_MAX];
	const char *rest;

	if (len >= sizeof(name))
		return cli_usage("config: '%.100s' is no section", word);
	memcpy(name, word, len);
	name[len] = '\0';
	wish->value = equals ? equals + 1 : NULL;
	if (section_parse(name, &wish->section, &rest))
		return cli_usage("config: '%.100s' is no section", name);
	snprintf(wish->field, sizeof(wish->field), "%s", rest);
	return check_wish(word, wish);
}

int cmd_config(struct cli *cli, int argc, char **argv)
{
	static struct wish wish;
	struct link link;
	uint32_t node;
	int status = argc > 0 ? parse_wish(argv[0], &wish) : 0;

	if (status)
		return status;
	status = admin_open(&link, cli, "config", NULL, &node);
	if (!status)
		status = argc > 0 ? fulfil(&link, node, &wish) : print_all(&link, node);
	return link_close(&link, status);
}
