/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IPCOM_WORDS_H
#define TESTS_IPCOM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

#define WORDS_BYTES 2048

/** The words of the conversation files (tests/vectors/README.md, ipcom). */

/** What a `:` line asks for. */
struct words_request {
	enum words_kind {
		WORDS_LOGIN,
		WORDS_POLL,
		WORDS_KEEPALIVE,
		WORDS_DISCONNECT,
		WORDS_SET,
		WORDS_MESSAGE
	} kind;
	char username[IPCOM_MAX_USERNAME + 1];
	char password[IPCOM_MAX_PASSWORD + 1];
	unsigned bus;
	bool clear;
	enum ipcom_bus_type type;
	unsigned module;
	uint8_t values[IPCOM_OUTPUTS];
	uint8_t bytes[MESSAGE_MAX_BYTES]; /**< of WORDS_MESSAGE */
	size_t size;
};

bool words_request(const char *text, struct words_request *ret);

/** The message that a request is; BUS is that of the login. @return its size */
size_t words_plain(const struct words_request *r, unsigned bus, uint8_t bytes[MESSAGE_MAX_BYTES]);

/** A message of the device as its `=` line. */
void words_message(const uint8_t *plain, size_t size, char text[WORDS_BYTES]);

/** The outputs of a snapshot, in the order of the wire, as its `=` line. */
void words_snapshot(const uint8_t *values, char text[WORDS_BYTES]);

#endif
