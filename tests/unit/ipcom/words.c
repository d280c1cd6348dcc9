/* SPDX-License-Identifier: MIT */
/* Requests and reports in the words of the conversation files. */
#include "words.h"

#include <stdio.h>
#include <string.h>

#include "hex.h"

static bool set_request(const char *text, struct words_request *ret)
{
	static const char *const types[] = { "minido", "bibus", "other" };
	unsigned values[IPCOM_OUTPUTS];
	char type[8];

	if (sscanf(text, "%7s %u %u %u %u %u %u %u %u %u", type, &ret->module, &values[0],
		   &values[1], &values[2], &values[3], &values[4], &values[5], &values[6],
		   &values[7]) != 10)
		return false;
	for (unsigned i = 0; i < IPCOM_OUTPUTS; i++)
		ret->values[i] = (uint8_t)values[i];
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ret->type = (enum ipcom_bus_type)i;
		if (strcmp(type, types[i]) == 0)
			return true;
	}
	return false;
}

bool words_request(const char *text, struct words_request *ret)
{
	static const char *const plain[] = { "poll", "keepalive", "disconnect" };
	char clear[8] = "";

	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		ret->kind = (enum words_kind)(WORDS_POLL + i);
		if (strcmp(text, plain[i]) == 0)
			return true;
	}
	ret->kind = WORDS_LOGIN;
	if (sscanf(text, "login %21s %22s %u %7s", ret->username, ret->password, &ret->bus,
		   clear) >= 3) {
		ret->clear = strcmp(clear, "clear") == 0;
		return ret->clear || clear[0] == '\0';
	}
	ret->kind = WORDS_SET;
	if (strncmp(text, "set ", 4) == 0)
		return set_request(text + 4, ret);
	ret->kind = WORDS_MESSAGE;
	if (strncmp(text, "message ", 8) != 0)
		return false;
	ret->size = from_hex(text + 8, ret->bytes, sizeof(ret->bytes));
	return ret->size > 0;
}

size_t words_plain(const struct words_request *r, unsigned bus, uint8_t bytes[MESSAGE_MAX_BYTES])
{
	switch (r->kind) {
	case WORDS_LOGIN:
		ipcom_message_login(r->username, r->password, r->bus, bytes);
		return MESSAGE_LOGIN_BYTES;
	case WORDS_POLL:
		ipcom_message_short(MESSAGE_OUTPUTS, bytes);
		return 2;
	case WORDS_KEEPALIVE:
		ipcom_message_short(MESSAGE_KEEPALIVE, bytes);
		return 2;
	case WORDS_DISCONNECT:
		ipcom_message_short(MESSAGE_DISCONNECT, bytes);
		return 2;
	case WORDS_SET:
		return ipcom_message_write(ipcom_frame_address(bus, r->type), r->module, r->values,
					   bytes);
	case WORDS_MESSAGE:
		break;
	}
	memcpy(bytes, r->bytes, r->size);
	return r->size;
}

void words_snapshot(const uint8_t *values, char text[WORDS_BYTES])
{
	size_t size = (size_t)snprintf(text, WORDS_BYTES, "snapshot");

	for (unsigned i = 0; i < IPCOM_MODULES * IPCOM_OUTPUTS; i++)
		if (values[i] != 0)
			size += (size_t)snprintf(text + size, WORDS_BYTES - size, " %u.%u=%u",
						 i / IPCOM_OUTPUTS + 1, i % IPCOM_OUTPUTS + 1,
						 values[i]);
	if (strcmp(text, "snapshot") == 0)
		strcat(text, " -");
}

static void words_frame(const uint8_t *bytes, size_t size, char text[WORDS_BYTES])
{
	struct frame frame;
	size_t done;

	if (!ipcom_frame_parse(bytes, size, &frame) || !frame.checksum_ok) {
		snprintf(text, WORDS_BYTES, "frame error=EBADMSG");
		return;
	}
	done = (size_t)snprintf(text, WORDS_BYTES,
				"frame bus=%u to=%02x from=%02x data=", frame.bus, frame.to,
				frame.from);
	for (size_t i = 0; i < frame.size; i++)
		done += (size_t)snprintf(text + done, WORDS_BYTES - done, "%02x", frame.data[i]);
}

void words_message(const uint8_t *plain, size_t size, char text[WORDS_BYTES])
{
	size_t done;

	if (ipcom_message_size(plain, size) != (int)size) {
		done = (size_t)snprintf(text, WORDS_BYTES, "unknown");
		for (size_t i = 0; i < size; i++)
			done += (size_t)snprintf(text + done, WORDS_BYTES - done, " %02x",
						 plain[i]);
		return;
	}
	if (plain[0] == MESSAGE_OUTPUTS)
		words_snapshot(plain + 2, text);
	else if (plain[0] == MESSAGE_FRAME)
		words_frame(plain + 2, size - 2, text);
	else
		snprintf(text, WORDS_BYTES, "%s",
			 plain[0] == MESSAGE_KEEPALIVE ? "keepalive" : "disconnect");
}
