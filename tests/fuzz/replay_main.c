/* SPDX-License-Identifier: MIT */
/*
 * The main program of a fuzz target without libFuzzer: runs it once with every file that is named,
 * or that stands in a directory that is named. Without a file it fails: nothing was tested.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define MAX_BYTES (1024 * 1024)
#define MAX_PATH  4096

static unsigned replayed;

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n", path, what);
	return -1;
}

/* In memory of exactly its size, so that AddressSanitizer sees the first byte behind it. */
static int run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (!copy)
		return -1;
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	replayed++;
	return 0;
}

static int replay_file(const char *path)
{
	static uint8_t data[MAX_BYTES];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return fail(path, strerror(errno));
	size = fread(data, 1, sizeof(data), file);
	if (ferror(file) || size == sizeof(data)) {
		fclose(file);
		return fail(path, "cannot be read, or is too big");
	}
	fclose(file);
	/* The last words before a crash. */
	fprintf(stderr, "%s\n", path);
	return run(data, size);
}

static int replay(const char *path);

static int replay_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	int ret = 0;

	if (count < 0)
		return fail(path, strerror(errno));
	for (int i = 0; i < count; i++) {
		char name[MAX_PATH];

		if (ret == 0 && entries[i]->d_name[0] != '.') {
			snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
			ret = replay(name);
		}
		free(entries[i]);
	}
	free(entries);
	return ret;
}

static int replay(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return fail(path, strerror(errno));
	return S_ISDIR(status.st_mode) ? replay_directory(path) : replay_file(path);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) < 0)
			return 1;
	printf("%u inputs\n", replayed);
	return replayed > 0 ? 0 : 1;
}
