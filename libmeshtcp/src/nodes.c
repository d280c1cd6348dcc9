/* SPDX-License-Identifier: MIT */
/* Snapshots of the nodes, and finding one in them by what people call it. */
#include <meshtcp/meshtcp.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void meshtcp_nodes_free(const struct meshtcp_nodes *nodes)
{
	free((void *)nodes);
}

static int compare(const void *key, const void *node)
{
	uint32_t num = *(const uint32_t *)key;
	uint32_t other = ((const struct meshtcp_node *)node)->num;

	return (num > other) - (num < other);
}

const struct meshtcp_node *meshtcp_nodes_get(const struct meshtcp_nodes *nodes, uint32_t num)
{
	return nodes && nodes->count > 0 ?
		       bsearch(&num, nodes->node, nodes->count, sizeof(nodes->node[0]), compare) :
		       NULL;
}

static bool parse_hex(const char *text, size_t digits, uint32_t *ret)
{
	uint32_t value = 0;
	size_t n = 0;

	for (; n <= 8 && isxdigit((unsigned char)text[n]); n++) {
		int c = tolower((unsigned char)text[n]);

		value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	*ret = value;
	return n > 0 && n <= 8 && text[n] == '\0' && (digits == 0 || n == digits);
}

static bool parse_decimal(const char *text, uint32_t *ret)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; n <= 10 && isdigit((unsigned char)text[n]); n++)
		value = value * 10 + (uint64_t)(text[n] - '0');
	*ret = (uint32_t)value;
	return n > 0 && text[n] == '\0' && value <= UINT32_MAX;
}

static bool parse_number(const char *text, uint32_t *ret)
{
	if (strcmp(text, "^all") == 0) {
		*ret = MESHTCP_BROADCAST;
		return true;
	}
	if (strcmp(text, "^local") == 0) {
		*ret = MESHTCP_LOCAL;
		return true;
	}
	if (text[0] == '!')
		return parse_hex(text + 1, 0, ret);
	if (strncmp(text, "0x", 2) == 0)
		return parse_hex(text + 2, 0, ret);
	return parse_decimal(text, ret);
}

/* Any case for ASCII letters; others as they are. */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return *a == *b;
}

size_t meshtcp_nodes_find(const struct meshtcp_nodes *nodes, const char *text, uint32_t *ret_num)
{
	uint32_t num = 0;
	size_t found = 0;

	if (!text || !ret_num || !*text)
		return 0;
	if (parse_number(text, &num)) {
		*ret_num = num;
		return 1;
	}
	num = 0;
	for (size_t i = 0; nodes && i < nodes->count; i++) {
		const struct meshtcp_user *user = &nodes->node[i].user;

		if (!same_name(user->short_name, text) && !same_name(user->long_name, text))
			continue;
		num = nodes->node[i].num;
		found++;
	}
	/* Eight hex digits may be somebody's name, but hardly anybody's. */
	if (found == 0 && parse_hex(text, 8, &num))
		found = 1;
	if (found == 1)
		*ret_num = num;
	return found;
}
