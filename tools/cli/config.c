/* SPDX-License-Identifier: MIT */
/*
 * The configuration file. The lines are handed to inih by a reader of our own: it counts them,
 * refuses what inih would cut or misread, and looks at the names of the sections, since inih
 * tells of a section only with its first key.
 */
#include "tools/cli/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tools[] = { "qlink", "ppcs-connect", "meshtcp", "ipcom" };

struct reader {
	FILE *file;
	const char *section;
	cli_config_set *set;
	void *userdata;
	int line;
	int error; /* the first one, found in `line`; nothing is read after it */
	char reason[CLI_WHY_MAX];
};

bool cli_config_path(char *path, size_t size)
{
	const char *base = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int len;

	if (base && *base == '/')
		len = snprintf(path, size, "%s/linekeeper/config", base);
	else if (home && *home)
		len = snprintf(path, size, "%s/.config/linekeeper/config", home);
	else
		return false;
	return len > 0 && (size_t)len < size;
}

static void fail(struct reader *reader, int err, const char *reason)
{
	if (reader->error)
		return;
	reader->error = err;
	snprintf(reader->reason, sizeof(reader->reason), "%s", reason);
}

static void check_section(struct reader *reader, const char *text)
{
	const char *end = strchr(text, ']');
	size_t len;

	/* Without its end it is inih's to complain. */
	if (*text != '[' || !end)
		return;
	len = (size_t)(end - text) - 1;
	if (strlen(reader->section) == len && memcmp(text + 1, reader->section, len) == 0)
		return;
	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (strlen(tools[i]) == len && memcmp(text + 1, tools[i], len) == 0)
			return;
	}
	snprintf(reader->reason, sizeof(reader->reason), "unknown section [%.*s]", (int)len,
		 text + 1);
	reader->error = -EINVAL;
}

/* fgets() that leaves out indentation, which inih would take for the rest of the line above. */
static char *read_line(char *text, int size, void *userdata)
{
	struct reader *reader = userdata;
	int len = 0, c = 0;

	if (reader->error)
		return NULL;
	reader->line++;
	while (c != '\n' && (c = getc(reader->file)) != EOF) {
		if (len == 0 && c != '\n' && isspace(c))
			continue;
		if (c == '\0')
			fail(reader, -EINVAL, "a NUL byte in the line");
		else if (len + 2 > size)
			fail(reader, -EINVAL, "the line is too long");
		if (reader->error)
			return NULL;
		text[len++] = (char)c;
	}
	if (ferror(reader->file)) {
		reader->line = 0;
		fail(reader, errno ? -errno : -EIO, strerror(errno ? errno : EIO));
		return NULL;
	}
	if (len == 0)
		return NULL;
	text[len] = '\0';
	check_section(reader, text);
	return reader->error ? NULL : text;
}

static int take_key(void *userdata, const char *section, const char *key, const char *value)
{
	struct reader *reader = userdata;
	int err;

	if (!*section) {
		fail(reader, -EINVAL, "a key before the first section");
		return 0;
	}
	if (strcmp(section, reader->section) != 0)
		return 1;
	err = reader->set(reader->userdata, key, value, reader->reason);
	if (err)
		reader->error = err;
	return !err;
}

static void explain(const struct reader *reader, const char *path, char why[CLI_WHY_MAX])
{
	if (reader->line > 0)
		snprintf(why, CLI_WHY_MAX, "%.250s:%d: %.240s", path, reader->line, reader->reason);
	else
		snprintf(why, CLI_WHY_MAX, "%.250s: %.240s", path, reader->reason);
}

int cli_config_read(const char *path, const char *section, cli_config_set *set, void *userdata,
		    char why[CLI_WHY_MAX])
{
	struct reader reader = { .section = section, .set = set, .userdata = userdata };
	int line;

	reader.file = fopen(path, "re");
	if (!reader.file && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!reader.file) {
		fail(&reader, -errno, strerror(errno));
		explain(&reader, path, why);
		return reader.error;
	}
	errno = 0;
	line = ini_parse_stream(read_line, &reader, take_key, &reader);
	fclose(reader.file);
	/* inih goes on after a line that it cannot read, and gives the first such line. */
	if (line > 0 && (!reader.error || line < reader.line)) {
		reader.error = 0;
		reader.line = line;
		fail(&reader, -EINVAL, "neither [section] nor key = value");
	} else if (line < 0) {
		fail(&reader, -ENOMEM, strerror(ENOMEM));
	}
	if (reader.error)
		explain(&reader, path, why);
	return reader.error;
}
