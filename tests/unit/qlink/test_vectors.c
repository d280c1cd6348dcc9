/* SPDX-License-Identifier: MIT */
/*
 * The conversation files: each request is encoded to exactly the `>` bytes, and the session, fed
 * with the `<` bytes whole, byte by byte, joined, and cut at every position, reports exactly the
 * `=` lines. The directory is the program's argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/vectors.h"

#include "peer.h"
#include "words.h"

#define MAX_FILES 1024
#define NO_CUT    SIZE_MAX

static const char *directory;
static char *paths[MAX_FILES];
static size_t path_count;

/* One reading of a file. */
struct replay {
	const char *path;
	const struct vectors_step *step; /**< for messages */
	struct peer peer;
	size_t cut; /**< position in all bytes of the device at which they are cut */
	bool by_byte;
	size_t said;              /**< bytes of the device so far */
	char report[WORDS_BYTES]; /**< lines reported and not expected yet */
};

static void wrong(const struct replay *r, const char *what, const char *is)
{
	print_error("%s:%u: cut at %zu: %s \"%s\"\n", r->path, r->step->line, r->cut, what, is);
	fail();
}

static void say(struct replay *r, const uint8_t *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t piece = size - done;

		if (r->by_byte)
			piece = 1;
		else if (r->cut > r->said && r->cut < r->said + piece)
			piece = r->cut - r->said;
		peer_say_bytes(&r->peer, 0, (const char *)data + done, piece);
		done += piece;
		r->said += piece;
	}
}

static void ask(struct replay *r, char modifier)
{
	const struct vectors_step *step = r->step;
	char bytes[COMMAND_MAX_BYTES + 1];
	struct command c;
	size_t size;

	if (!modifier || !words_request(step->text, &c))
		wrong(r, "request", step->text);
	if (qlink_command_check(&c) < 0)
		wrong(r, "refused", step->text);
	size = qlink_command_encode(&c, modifier, bytes);
	bytes[size++] = '\r';
	if (step[1].kind != '>' || step[1].size != size || memcmp(step[1].data, bytes, size) != 0) {
		bytes[size] = '\0';
		wrong(r, "encoded", bytes);
	}
	peer_advance(&r->peer, 50);
	if (qlink_session_request(r->peer.session, &c, QLINK_PRIORITY_USER, r->peer.now, NULL) < 0)
		wrong(r, "not queued", step->text);
	peer_settle(&r->peer);
}

static void sent(struct replay *r)
{
	struct peer_slot *slot = &r->peer.slots[0];

	if (slot->size != r->step->size || memcmp(slot->sent, r->step->data, slot->size) != 0)
		wrong(r, "sent", slot->sent);
	slot->size = 0;
}

/* Append what the session reports by now. */
static void collect(struct replay *r)
{
	const struct qlink_event *e;

	while ((e = qlink_session_next_event(r->peer.session)) != NULL) {
		assert_true(strlen(r->report) + strlen(words_event(e)) + 2 < sizeof(r->report));
		strcat(r->report, words_event(e));
		strcat(r->report, "\n");
	}
}

static void expect(struct replay *r)
{
	size_t size = strlen(r->step->text);

	collect(r);
	if (r->report[0] == '\0') {
		peer_advance(&r->peer, 1000); /* the silence that ends an answer of lines */
		collect(r);
	}
	if (strncmp(r->report, r->step->text, size) != 0 || r->report[size] != '\n')
		wrong(r, "reported", r->report);
	memmove(r->report, r->report + size + 1, strlen(r->report + size));
}

static void take_step(struct replay *r, char modifier)
{
	if (r->step->connection > 1)
		wrong(r, "another connection", "");
	if (r->step->kind == ':')
		ask(r, modifier);
	else if (r->step->kind == '>')
		sent(r);
	else if (r->step->kind == '<')
		say(r, r->step->data, r->step->size);
	else if (r->step->kind == '=')
		expect(r);
}

/* A file of events alone has none. */
static enum qlink_style style_of(const struct vectors *v)
{
	for (size_t i = 0; i < v->count; i++) {
		if (v->steps[i].kind != '!')
			continue;
		if (strcmp(v->steps[i].text, "style regular") == 0)
			return QLINK_STYLE_REGULAR;
		if (strcmp(v->steps[i].text, "style detailed") == 0)
			return QLINK_STYLE_DETAILED;
	}
	return QLINK_STYLE_AUTO;
}

static void replay_file(const char *path, const struct vectors *v, size_t cut, bool by_byte)
{
	static const char modifiers[] = { 0, '@', '#' };
	struct session_config config = peer_config();
	static struct replay r;

	r = (struct replay){ .path = path, .cut = cut, .by_byte = by_byte };
	config.mode = QLINK_MODE_SHARED;
	config.style = style_of(v);
	peer_connected(&r.peer, &config);
	qlink_session_allow_program(r.peer.session, true);
	for (size_t i = 0; i < v->count; i++) {
		r.step = &v->steps[i];
		take_step(&r, modifiers[config.style]);
	}
	collect(&r);
	if (r.report[0] != '\0')
		wrong(&r, "also reported", r.report);
	if (r.peer.slots[0].size > 0)
		wrong(&r, "also sent", r.peer.slots[0].sent);
	peer_free(&r.peer);
}

static void load(struct vectors *v, const char *path)
{
	if (vectors_load(v, path) == 0)
		return;
	print_error("%s\n", v->error);
	fail();
}

static void test_whole_and_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;

		load(&v, paths[i]);
		replay_file(paths[i], &v, NO_CUT, false);
		replay_file(paths[i], &v, NO_CUT, true);
		vectors_free(&v);
	}
}

static void test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;
		size_t size = 0;

		load(&v, paths[i]);
		for (size_t n = 0; n < v.count; n++)
			size += v.steps[n].kind == '<' ? v.steps[n].size : 0;
		for (size_t cut = 1; cut < size; cut++)
			replay_file(paths[i], &v, cut, false);
		vectors_free(&v);
	}
}

/* `<` lines that follow each other arrive as one. */
static void test_joined(void **state)
{
	static uint8_t bytes[65536];
	unsigned joined = 0;

	(void)state;
	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;

		load(&v, paths[i]);
		for (size_t n = 1; n < v.count; n++) {
			struct vectors_step *before = &v.steps[n - 1];
			struct vectors_step *step = &v.steps[n];

			if (step->kind != '<' || before->kind != '<')
				continue;
			assert_true(before->size + step->size <= sizeof(bytes));
			memmove(bytes, before->data, before->size);
			memcpy(bytes + before->size, step->data, step->size);
			step->size += before->size;
			step->data = bytes;
			before->kind = '#';
			joined++;
		}
		replay_file(paths[i], &v, NO_CUT, false);
		vectors_free(&v);
	}
	assert_true(joined > 0);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int find_files(void **state)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	(void)state;
	while (dir && (entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		size_t size = strlen(directory) + strlen(entry->d_name) + 2;

		if (!dot || strcmp(dot, ".txt") != 0 || path_count == MAX_FILES)
			continue;
		paths[path_count] = malloc(size);
		if (!paths[path_count])
			break;
		snprintf(paths[path_count++], size, "%s/%s", directory, entry->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(paths, path_count, sizeof(paths[0]), compare_paths);
	return path_count > 0 ? 0 : -1;
}

static int free_files(void **state)
{
	(void)state;
	while (path_count > 0)
		free(paths[--path_count]);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_and_bytes),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_joined),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	return cmocka_run_group_tests(tests, find_files, free_files);
}
