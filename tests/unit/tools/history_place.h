/* SPDX-License-Identifier: MIT */
/* A history file in a directory of its own, for the tests of it. */
#ifndef TESTS_TOOLS_HISTORY_PLACE_H
#define TESTS_TOOLS_HISTORY_PLACE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/ppcs-connect/history_file.h"

/* Seconds since 1970, and the ms that the file is read and written at. */
#define DAY   INT64_C(1767225600)
#define NOW   (DAY * 1000 + 123)
#define TITLE "# linekeeper ppcs-history 1\n"
#define PEER  "peer\t192.0.2.7\tTEST-012345-ABCDE\t1767225600\tlan\t32108\n"
#define PATH  "path\tlan\t32108\t1\t0\t85\t12\n"
#define RESTS "path\tp2p\t0\t5\t237\t0\t0\t1767225660\n"
#define GOOD  TITLE PEER PATH RESTS

static char directory[32];
static char path[64], new_path[64];
static struct history history;

static void name_paths(void)
{
	snprintf(path, sizeof(path), "%s/history", directory);
	snprintf(new_path, sizeof(new_path), "%s/history.new", directory);
}

static int make_directory(void **state)
{
	(void)state;
	/* In memory where that is possible: a disk takes its time with each file. */
	snprintf(directory, sizeof(directory), "/dev/shm/ppcs-history-XXXXXX");
	if (!mkdtemp(directory)) {
		snprintf(directory, sizeof(directory), "/tmp/ppcs-history-XXXXXX");
		if (!mkdtemp(directory))
			return -1;
	}
	name_paths();
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static int clean_up(void **state)
{
	(void)state;
	history_free(&history);
	rmdir(path);
	unlink(path);
	unlink(new_path);
	return 0;
}

static void put(const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *expected)
{
	char text[4096];
	FILE *file = fopen(path, "r");
	size_t size;

	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	assert_string_equal(text, expected);
}

static struct history_peer *add_peer(unsigned writer, unsigned number)
{
	char name[32];
	struct history_peer *peer;

	snprintf(name, sizeof(name), "%u.%u", writer, number);
	peer = history_add(&history, name);
	assert_non_null(peer);
	return peer;
}

#endif
