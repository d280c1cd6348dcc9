/* SPDX-License-Identifier: MIT */
/* A conversation file through the codec alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay.h"

#include <stdio.h>
#include <string.h>

#include "words.h"

struct reading {
	const char *path;
	const struct vectors_step *step;
	struct cipher cipher;
	unsigned bus;
	unsigned connection;
	bool logging_in;
	bool clear;                      /**< the device said that it does not encrypt */
	uint8_t wire[MESSAGE_MAX_BYTES]; /**< of the last request */
	size_t wire_size;
	char report[4 * WORDS_BYTES]; /**< lines decoded and not compared yet */
};

static void wrong(const struct reading *r, const char *what, const char *is)
{
	print_error("%s:%u: codec: %s \"%s\"\n", r->path, r->step->line, what, is);
	fail();
}

static void add_report(struct reading *r, const char *text)
{
	assert_true(strlen(r->report) + strlen(text) + 2 < sizeof(r->report));
	strcat(r->report, text);
	strcat(r->report, "\n");
}

static void encode(struct reading *r)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	struct words_request request;

	if (!words_request(r->step->text, &request))
		wrong(r, "request", r->step->text);
	if (request.kind == WORDS_LOGIN)
		r->bus = request.bus;
	r->logging_in = request.kind == WORDS_LOGIN;
	r->wire_size = words_plain(&request, r->bus, plain);
	ipcom_cipher_encode(&r->cipher, plain, r->wire, r->wire_size);
}

static void compare_sent(struct reading *r)
{
	/* A second connection begins with the login of the first, in clear text. */
	if (r->step->connection != r->connection) {
		struct cipher clear = { .mode = CIPHER_CLEAR };

		r->connection = r->step->connection;
		ipcom_cipher_decode(&r->cipher, r->wire, r->wire, r->wire_size);
		r->cipher = clear;
		r->clear = true;
	}
	if (r->wire_size != r->step->size || memcmp(r->wire, r->step->data, r->wire_size) != 0)
		wrong(r, "encoded to something else", "");
}

static void decode_login(struct reading *r)
{
	uint8_t plain[MESSAGE_ACCEPT_BYTES] = { 0 };
	struct message_accept accept;
	char text[WORDS_BYTES];

	assert_true(r->step->size <= sizeof(plain));
	if (r->step->size == 2 && memcmp(r->step->data, "\2\1", 2) == 0) {
		add_report(r, "login unencrypted");
		return;
	}
	ipcom_cipher_decode(&r->cipher, r->step->data, plain, r->step->size);
	ipcom_message_accept(plain, &accept);
	if (!accept.accepted || r->step->size < 3) {
		add_report(r, "login error=EACCES");
		return;
	}
	r->logging_in = false;
	r->cipher.mode = r->clear || r->step->size == 3 ? CIPHER_CLEAR : CIPHER_SESSION;
	memcpy(r->cipher.key, accept.key, sizeof(accept.key));
	snprintf(text, sizeof(text), "login firmware=%s encrypted=%d",
		 r->step->size > 3 ? accept.firmware : "-", r->cipher.mode == CIPHER_SESSION);
	add_report(r, text);
}

static void decode(struct reading *r)
{
	const uint8_t *wire = r->step->data;
	size_t left = r->step->size;

	if (r->logging_in) {
		decode_login(r);
		return;
	}
	while (left > 0) {
		uint8_t plain[MESSAGE_MAX_BYTES];
		uint8_t again[MESSAGE_MAX_BYTES];
		char text[WORDS_BYTES];
		size_t have = left < sizeof(plain) ? left : sizeof(plain);
		int size;

		ipcom_cipher_decode(&r->cipher, wire, plain, have);
		size = ipcom_message_size(plain, have);
		if (size == 0 || size > (int)have)
			wrong(r, "half a message", "");
		if (size > 0)
			have = (size_t)size;
		ipcom_cipher_encode(&r->cipher, plain, again, have);
		assert_memory_equal(again, wire, have);
		words_message(plain, have, text);
		add_report(r, text);
		wire += have;
		left -= have;
	}
}

static void compare_report(struct reading *r)
{
	size_t size = strlen(r->step->text);

	if (strncmp(r->step->text, "error ", 6) == 0)
		return; /* only a session gives up */
	if (strncmp(r->report, r->step->text, size) != 0 || r->report[size] != '\n')
		wrong(r, "decoded", r->report);
	memmove(r->report, r->report + size + 1, strlen(r->report + size));
}

void replay_codec(const char *path, const struct vectors *v)
{
	static struct reading r;

	r = (struct reading){ .path = path, .connection = 1 };
	for (size_t i = 0; i < v->count; i++) {
		r.step = &v->steps[i];
		if (r.step->kind == ':')
			encode(&r);
		else if (r.step->kind == '>')
			compare_sent(&r);
		else if (r.step->kind == '<')
			decode(&r);
		else if (r.step->kind == '=')
			compare_report(&r);
	}
	if (r.report[0] != '\0')
		wrong(&r, "also decoded", r.report);
}
