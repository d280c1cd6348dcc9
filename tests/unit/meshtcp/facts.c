/* SPDX-License-Identifier: MIT */
/* Facts by the walker, and comparing them; see facts.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"
#include "wire.h"

struct fact *facts_add(struct facts *f, bool typed, const char *path)
{
	struct fact *fact = &f->at[f->count++];

	assert_true(f->count <= FACTS_MAX);
	memset(fact, 0, sizeof(*fact));
	assert_true(strlen(path) < sizeof(fact->path));
	strcpy(fact->path, path);
	fact->typed = typed;
	return fact;
}

static void to_hex(char *to, const uint8_t *data, size_t size)
{
	*to = '\0';
	for (size_t i = 0; i < size; i++)
		sprintf(to + 2 * i, "%02x", data[i]);
}

void facts_number(struct facts *f, const char *path, double value)
{
	struct fact *fact = facts_add(f, true, path);

	snprintf(fact->value, sizeof(fact->value), "%.17g", value);
}

void facts_hex(struct facts *f, const char *path, const uint8_t *data, size_t size)
{
	to_hex(facts_add(f, true, path)->value, data, size);
}

void facts_text(struct facts *f, const char *path, const char *text)
{
	snprintf(facts_add(f, true, path)->value, 1100, "%s", text);
}

/* Case and underscores are a matter of taste. */
static bool same_path(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '_')
			a++;
		while (*b == '_')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

static bool number_of(const char *text, double *ret)
{
	char *end;

	*ret = strncmp(text, "0x", 2) == 0 ? (double)strtoull(text, &end, 16) : strtod(text, &end);
	return *text && *end == '\0';
}

static bool same_one(const char *a, const char *b)
{
	double x, y;

	if (strcmp(a, b) == 0)
		return true;
	if (!number_of(a, &x) || !number_of(b, &y))
		return false;
	return x == y || (float)x == (float)y;
}

/* Lists with commas, element by element. */
static bool same_value(const char *a, const char *b)
{
	while (strchr(a, ',') && strchr(b, ',')) {
		size_t n = strcspn(a, ","), m = strcspn(b, ",");
		char x[64], y[64];

		if (n >= sizeof(x) || m >= sizeof(y))
			return false;
		snprintf(x, sizeof(x), "%.*s", (int)n, a);
		snprintf(y, sizeof(y), "%.*s", (int)m, b);
		if (!same_one(x, y))
			return false;
		a += n + 1;
		b += m + 1;
	}
	return same_one(a, b);
}

static bool is_default(const char *value)
{
	return same_value(value, "0") || *value == '\0' || strcmp(value, "false") == 0;
}

static bool holds(const struct fact *fact, const char *value)
{
	if (strcmp(value, "true") == 0)
		value = "1";
	if (strcmp(value, "false") == 0)
		value = "0";
	return same_value(fact->value, value) || (fact->word[0] && strcmp(fact->word, value) == 0);
}

/* `a.has_b` is about the walker's `a.b`, or whatever is in it. */
static bool is_there(const struct facts *f, const char *has)
{
	const char *last = strrchr(has, '.');
	char path[96];

	snprintf(path, sizeof(path), "%.*s%s", (int)(last + 1 - has), has, last + 5);
	for (size_t i = 0; i < f->count; i++) {
		size_t n = strlen(path);

		if (!f->at[i].typed && strncmp(f->at[i].path, path, n) == 0 &&
		    (f->at[i].path[n] == '\0' || f->at[i].path[n] == '.'))
			return true;
	}
	return false;
}

void facts_expect(struct facts *f, const char *path, const char *value)
{
	const char *last = strrchr(path, '.');
	bool found = false;

	if (last && strncmp(last, ".has_", 5) == 0) {
		assert_int_equal(is_there(f, path), atoi(value));
		found = true;
	}
	for (size_t i = 0; i < f->count; i++) {
		if (!same_path(f->at[i].path, path))
			continue;
		if (!holds(&f->at[i], value))
			fail_msg("%s is %s (%s) instead of %s", path, f->at[i].value, f->at[i].word,
				 value);
		f->at[i].used = true;
		found = true;
	}
	if (!found && !is_default(value))
		fail_msg("nothing is known of %s, which is %s", path, value);
}

void facts_expect_string(struct facts *f, const char *path, const uint8_t *data, size_t size)
{
	char hex[1100];
	bool found = false;

	assert_true(2 * size < sizeof(hex));
	to_hex(hex, data, size);
	for (size_t i = 0; i < f->count; i++) {
		struct fact *fact = &f->at[i];

		if (!same_path(fact->path, path))
			continue;
		if (strcmp(fact->value, hex) != 0 &&
		    (strlen(fact->value) != size || memcmp(fact->value, data, size) != 0))
			fail_msg("%s is %s instead of %s", path, fact->value, hex);
		fact->used = true;
		found = true;
	}
	if (!found)
		fail_msg("nothing is known of %s", path);
}

void facts_agree(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->at[i].typed)
			facts_expect(f, f->at[i].path, f->at[i].value);
	for (size_t i = 0; i < f->count; i++)
		f->at[i].used = false;
}

void facts_all_used(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const char *last = strrchr(f->at[i].path, '.');

		if (f->at[i].typed || f->at[i].used || strcmp(f->at[i].path, "variant") == 0)
			continue;
		if (last && (strcmp(last, ".variant") == 0 || strcmp(last, ".len") == 0))
			continue;
		fail_msg("%s=%s was not expected", f->at[i].path, f->at[i].value);
	}
}

static struct fact *find(struct facts *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++)
		if (!f->at[i].typed && strcmp(f->at[i].path, path) == 0)
			return &f->at[i];
	return facts_add(f, false, path);
}

/* Of two values of a field the last one counts, unless it is a list. */
static void tell(struct facts *f, const char *path, const struct meshtcp_field *field)
{
	struct fact *fact = find(f, path);
	char *to = fact->value;
	char other[128];

	if (field->repeated && fact->count > 0) {
		strcat(to, ",");
		to += strlen(to);
	}
	fact->count++;
	switch (field->kind) {
	case MESHTCP_FIELD_INT:
		sprintf(to, "%lld", (long long)field->value.i);
		break;
	case MESHTCP_FIELD_FLOAT:
		sprintf(to, "%.9g", field->value.f);
		break;
	case MESHTCP_FIELD_TEXT:
		sprintf(to, "%.*s", (int)field->size, (const char *)field->data);
		break;
	case MESHTCP_FIELD_BYTES:
		to_hex(to, field->data, field->size);
		break;
	default:
		sprintf(to, "%llu", (unsigned long long)field->value.u);
		break;
	}
	if (field->word)
		snprintf(fact->word, sizeof(fact->word), "%s", field->word);
	if (field->kind == MESHTCP_FIELD_BYTES || field->kind == MESHTCP_FIELD_TEXT) {
		snprintf(other, sizeof(other), "%s.len", path);
		sprintf(find(f, other)->value, "%zu", field->size);
	}
	if (field->repeated) {
		unsigned count = fact->count;

		snprintf(other, sizeof(other), "%s.count", path);
		sprintf(find(f, other)->value, "%u", count);
		find(f, other)->used = true;
	}
}

/* Which member of a oneof is set: by its number, and by its name. */
static void tell_variant(struct facts *f, const char *prefix, const struct meshtcp_field *field)
{
	static const char *const with[] = { "packet", "config", "moduleConfig", "telemetry",
					    "admin" };
	bool wanted = *prefix == '\0' && strcmp(field->name, "id") != 0 && field->name[0];
	struct fact *fact;
	char path[120];

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		wanted |= strcmp(prefix, with[i]) == 0;
	if (strcmp(prefix, "packet") == 0)
		wanted = field->number == 4 || field->number == 5;
	if (strcmp(prefix, "telemetry") == 0)
		wanted = field->number > 1;
	if (strcmp(prefix, "admin") == 0)
		wanted = field->number != 101;
	if (!wanted)
		return;
	snprintf(path, sizeof(path), "%s%svariant", prefix, *prefix ? "." : "");
	fact = find(f, path);
	sprintf(fact->value, "%u", field->number);
	snprintf(fact->word, sizeof(fact->word), "%s", field->name);
}

static void walk(struct facts *f, const struct meshtcp_schema *schema, const char *prefix,
		 const uint8_t *data, size_t size)
{
	char path[MESHTCP_MAX_DEPTH + 1][120];
	const struct meshtcp_field *field;
	struct meshtcp_walker w;
	unsigned depth = 0;

	snprintf(path[0], sizeof(path[0]), "%s", prefix);
	meshtcp_walker_init(&w, schema, data, size);
	while ((field = meshtcp_walker_next(&w)) != NULL) {
		char here[120];

		if (field->kind == MESHTCP_FIELD_END) {
			assert_true(depth > 0);
			depth--;
			continue;
		}
		tell_variant(f, path[depth], field);
		if (field->name[0] == '\0')
			continue;
		snprintf(here, sizeof(here), "%.60s%s%s", path[depth], path[depth][0] ? "." : "",
			 field->name);
		if (field->kind != MESHTCP_FIELD_BEGIN) {
			tell(f, here, field);
			continue;
		}
		if (field->repeated) {
			unsigned n = find(f, here)->count++;

			find(f, here)->used = true;
			snprintf(path[depth + 1], sizeof(path[0]), "%.80s.count", here);
			sprintf(find(f, path[depth + 1])->value, "%u", n + 1);
			snprintf(here + strlen(here), 16, "[%u]", n);
		}
		depth++;
		assert_true(depth <= MESHTCP_MAX_DEPTH);
		strcpy(path[depth], here);
	}
	assert_int_equal(depth, 0);
	f->failed |= meshtcp_walker_failed(&w);
}

static void walk_payload(struct facts *f, const uint8_t *packet, size_t size)
{
	const uint8_t *data, *payload = NULL;
	size_t data_size, payload_size = 0;
	uint64_t port = 0;

	if (!wire_find_bytes(packet, size, 4, &data, &data_size))
		return;
	wire_find_number(data, data_size, 1, &port);
	wire_find_bytes(data, data_size, 2, &payload, &payload_size);
	if (!table_prefix((unsigned)port))
		return;
	assert_non_null(meshtcp_schema_for_port((unsigned)port));
	walk(f, meshtcp_schema_for_port((unsigned)port), table_prefix((unsigned)port), payload,
	     payload_size);
}

void facts_from_radio(struct facts *f, const uint8_t *data, size_t size)
{
	const uint8_t *packet;
	size_t packet_size;

	memset(f, 0, sizeof(*f));
	walk(f, &table_from_radio, "", data, size);
	if (wire_find_bytes(data, size, 2, &packet, &packet_size))
		walk_payload(f, packet, packet_size);
	facts_typed(f, data, size);
}

void facts_to_radio(struct facts *f, const uint8_t *data, size_t size)
{
	const uint8_t *packet;
	size_t packet_size;

	memset(f, 0, sizeof(*f));
	walk(f, &table_to_radio, "", data, size);
	if (!wire_find_bytes(data, size, 1, &packet, &packet_size))
		return;
	walk_payload(f, packet, packet_size);
	facts_typed_packet(f, packet, packet_size);
}
