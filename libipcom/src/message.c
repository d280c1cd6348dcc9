/* SPDX-License-Identifier: MIT */
/*
 * Messages: an ID, a version that is written and not read, and a payload whose length follows from
 * the ID. Nothing on the wire marks where one ends.
 */
#include "message.h"

#include <string.h>

#include "common/bytes.h"

#define LOGIN_FIELD_BYTES 26
#define FIRMWARE_OFFSET   2
#define FIRMWARE_BYTES    4
#define KEY_OFFSET        7

static void put_padded(struct cmn_writer *w, const char *label, const char *text)
{
	size_t end = w->pos + LOGIN_FIELD_BYTES;

	cmn_writer_text(w, label);
	cmn_writer_text(w, text);
	while (w->pos < end && !w->failed)
		cmn_writer_u8(w, ' ');
}

void ipcom_message_login(const char *username, const char *password, unsigned bus,
			 uint8_t bytes[MESSAGE_LOGIN_BYTES])
{
	struct cmn_writer w;

	cmn_writer_init(&w, bytes, MESSAGE_LOGIN_BYTES);
	cmn_writer_u8(&w, MESSAGE_CONNECT);
	cmn_writer_u8(&w, 2);
	put_padded(&w, "USER:", username);
	put_padded(&w, "PWD:", password);
	cmn_writer_u8(&w, (uint8_t)bus);
	cmn_writer_u8(&w, 0); /* bus lock, never seen as anything else */
}

void ipcom_message_short(enum message_id id, uint8_t bytes[2])
{
	bytes[0] = (uint8_t)id;
	bytes[1] = 1;
}

size_t ipcom_message_write(struct frame_address address, unsigned module,
			   const uint8_t values[IPCOM_OUTPUTS], uint8_t bytes[MESSAGE_WRITE_BYTES])
{
	ipcom_message_short(MESSAGE_FRAME, bytes);
	return 2 + ipcom_frame_set_values(address, module, values, bytes + 2);
}

int ipcom_message_size(const uint8_t *plain, size_t size)
{
	int frame;

	if (size == 0)
		return 0;
	switch (plain[0]) {
	case MESSAGE_CONNECT:
		return MESSAGE_ACCEPT_BYTES;
	case MESSAGE_DISCONNECT:
	case MESSAGE_KEEPALIVE:
		return 2;
	case MESSAGE_OUTPUTS:
		return MESSAGE_SNAPSHOT_BYTES;
	case MESSAGE_FRAME:
		if (size < 3)
			return 0;
		frame = ipcom_frame_size(plain + 2, size - 2);
		return frame > 0 ? 2 + frame : frame;
	default:
		return -1;
	}
}

static char printable(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
}

void ipcom_message_accept(const uint8_t plain[MESSAGE_ACCEPT_BYTES], struct message_accept *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->accepted = plain[0] == MESSAGE_CONNECT;
	for (size_t i = 0; i < FIRMWARE_BYTES && plain[FIRMWARE_OFFSET + i] != 0; i++)
		ret->firmware[i] = printable(plain[FIRMWARE_OFFSET + i]);
	memcpy(ret->key, plain + KEY_OFFSET, CIPHER_KEY_BYTES);
}
