/* SPDX-License-Identifier: MIT */
/*
 * The conversation files through the codec: each datagram says what its line says, is written
 * again byte for byte, and cut anywhere is refused. The directory is the program's argument.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/vectors.h"

#include "frame.h"
#include "keys.h"
#include "words.h"

#define MAX_FILES 1024
/** The connection that is a stream of frames. */
#define STREAM 9

/** A datagram or a frame of a file. */
struct reading {
	const char *path;
	const struct vectors_step *step;
	struct cipher cipher;
	uint8_t plain[PACKET_MAX_BYTES];
	size_t size;
	struct packet packet;
};

static const char *directory;
static char *paths[MAX_FILES];
static size_t path_count;

static void wrong(const struct reading *r, const char *what, const char *is)
{
	print_error("%s:%u: %s \"%s\"\n", r->path, r->step->line, what, is);
	fail();
}

static void decode(struct reading *r)
{
	const struct vectors_step *step = r->step;

	if (step->connection == STREAM) {
		long used =
			ppcs_frame_decode(&r->cipher, step->data, step->size, r->plain, &r->size);

		if (used != (long)step->size)
			wrong(r, "no frame", "");
	} else {
		assert_true(step->size <= sizeof(r->plain));
		r->size = step->size;
		memcpy(r->plain, step->data, r->size);
		ppcs_cipher_decrypt(&r->cipher, r->plain, r->size);
	}
	/* A body that is refused is told by its name and its size. */
	if (ppcs_packet_decode(r->plain, r->size, &r->packet) < 0 && r->packet.payload == 0)
		wrong(r, "no message", "");
}

/* All datagrams of all files. @return how many */
static size_t for_each(void (*check)(struct reading *r))
{
	static struct reading r;
	size_t count = 0;

	for (size_t i = 0; i < path_count; i++) {
		struct vectors v;

		if (vectors_load(&v, paths[i]) < 0) {
			print_error("%s\n", v.error);
			fail();
		}
		r.path = paths[i];
		ppcs_cipher_init(&r.cipher, "");
		for (size_t n = 0; n < v.count; n++) {
			const struct vectors_step *step = r.step = &v.steps[n];

			if (step->kind == '!' && strncmp(step->text, "key ", 4) == 0)
				ppcs_cipher_init(&r.cipher, step->text + 4);
			if (step->kind != '<' && step->kind != '>')
				continue;
			if (n + 1 == v.count || v.steps[n + 1].kind != '=')
				wrong(&r, "no message behind it", "");
			decode(&r);
			check(&r);
			count++;
		}
		vectors_free(&v);
	}
	return count;
}

static void check_words(struct reading *r)
{
	char text[WORDS_BYTES];

	words_message(&r->packet, text);
	if (strcmp(text, r->step[1].text) != 0)
		wrong(r, "decoded", text);
}

static void test_words(void **state)
{
	(void)state;
	assert_true(for_each(check_words) > 150);
}

/* From the message to the bytes on the wire. */
static void check_encoded(struct reading *r)
{
	uint8_t bytes[PACKET_MAX_BYTES], frame[FRAME_MAX_BYTES];
	size_t size = ppcs_packet_encode(&r->packet, bytes, sizeof(bytes));

	if (!words_official(&r->packet)) {
		if (!strstr(r->step[1].text, " size="))
			wrong(r, "not written again", r->step[1].text);
		return;
	}
	assert_int_equal(size + r->packet.extra, r->size);
	if (memcmp(bytes, r->plain, size) != 0)
		wrong(r, "written as something else", "");
	if (r->step->connection == STREAM) {
		size = ppcs_frame_encode(&r->cipher, r->step->data + 4, bytes, size, frame);
		assert_int_equal(size, r->step->size);
		assert_memory_equal(frame, r->step->data, size);
	} else {
		ppcs_cipher_encrypt(&r->cipher, bytes, size);
		assert_memory_equal(bytes, r->step->data, size);
	}
}

static void test_encoded(void **state)
{
	(void)state;
	for_each(check_encoded);
}

/* The key of a datagram is found without being named. */
static void check_key(struct reading *r)
{
	uint8_t bytes[PACKET_MAX_BYTES];
	struct keys keys;
	int found;

	if (r->step->connection == STREAM)
		return;
	ppcs_keys_all(&keys, "");
	memcpy(bytes, r->step->data, r->step->size);
	found = ppcs_keys_decrypt(&keys, KEY_ANY, bytes, r->step->size);
	assert_true(found >= 0);
	assert_string_equal(keys.at[found].text, r->cipher.text);
	assert_memory_equal(bytes, r->plain, r->size);
}

static void test_keys(void **state)
{
	(void)state;
	for_each(check_key);
}

/* In memory of exactly that size, so that a sanitizer sees a byte too many being read. */
static int decode_part(const uint8_t *bytes, size_t size, bool stated)
{
	uint8_t *copy = test_malloc(size + (size == 0));
	char text[WORDS_BYTES];
	struct packet p;
	int error;

	memcpy(copy, bytes, size);
	if (stated && size >= PACKET_HEADER_BYTES) {
		copy[2] = (uint8_t)((size - PACKET_HEADER_BYTES) >> 8);
		copy[3] = (uint8_t)(size - PACKET_HEADER_BYTES);
	}
	error = ppcs_packet_decode(copy, size, &p);
	if (error == 0)
		words_message(&p, text);
	test_free(copy);
	return error;
}

static void check_parts(struct reading *r)
{
	size_t whole = PACKET_HEADER_BYTES + r->packet.payload;

	for (size_t part = 0; part < r->size; part++) {
		int error = decode_part(r->plain, part, false);

		assert_int_equal(error, part < whole ? -EBADMSG : 0);
		/* The same with a header that says so. */
		error = decode_part(r->plain, part, true);
		assert_true(error == 0 || error == -EBADMSG);
		if (part < PACKET_HEADER_BYTES)
			assert_int_equal(error, -EBADMSG);
	}
}

static void check_wire_parts(struct reading *r)
{
	uint8_t message[PACKET_MAX_BYTES];
	const struct vectors_step *step = r->step;
	size_t whole = PACKET_HEADER_BYTES + r->packet.payload, size;
	struct keys keys;

	ppcs_keys_fixed(&keys, r->cipher.text);
	for (size_t part = 0; part < step->size; part++) {
		uint8_t *copy = test_malloc(part + (part == 0));

		memcpy(copy, step->data, part);
		if (step->connection == STREAM)
			assert_int_equal(ppcs_frame_decode(&r->cipher, copy, part, message, &size),
					 0);
		else
			assert_int_equal(ppcs_keys_decrypt(&keys, KEY_ANY, copy, part),
					 part < whole ? -1 : 0);
		test_free(copy);
	}
}

static void test_parts(void **state)
{
	(void)state;
	for_each(check_parts);
	for_each(check_wire_parts);
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
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_parts),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	directory = argv[1];
	return cmocka_run_group_tests(tests, find_files, free_files);
}
