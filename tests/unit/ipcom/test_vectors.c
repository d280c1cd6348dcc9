/* SPDX-License-Identifier: MIT */
/*
 * The conversation files through the codec, and through the session: whole, byte by byte, and cut
 * at every position. The directory is the program's argument.
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

#include "replay.h"

#define MAX_FILES 1024

static const char *directory;
static char *paths[MAX_FILES];
static size_t path_count;

static void load(struct vectors *v, const char *path)
{
	if (vectors_load(v, path) == 0)
		return;
	print_error("%s\n", v->error);
	fail();
}

static void test_codec(void **state)
{
	(void)state;
	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;

		load(&v, paths[i]);
		replay_codec(paths[i], &v);
		vectors_free(&v);
	}
}

static void test_whole_and_bytes(void **state)
{
	size_t played = 0;

	(void)state;
	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;

		load(&v, paths[i]);
		played += replay_session(paths[i], &v, SIZE_MAX, false);
		replay_session(paths[i], &v, SIZE_MAX, true);
		vectors_free(&v);
	}
	assert_true(played > path_count / 2);
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
			replay_session(paths[i], &v, cut, false);
		vectors_free(&v);
	}
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
		cmocka_unit_test(test_codec),
		cmocka_unit_test(test_whole_and_bytes),
		cmocka_unit_test(test_cuts),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	return cmocka_run_group_tests(tests, find_files, free_files);
}
