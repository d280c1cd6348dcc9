/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_MESSAGE_H
#define IPCOM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcom/ipcom.h>

#include "cipher.h"
#include "frame.h"

/** First byte of a message (section 5). */
enum message_id {
	MESSAGE_CONNECT = 1,
	MESSAGE_DISCONNECT = 2,
	MESSAGE_KEEPALIVE = 3,
	MESSAGE_FRAME = 4,
	MESSAGE_OUTPUTS = 5
};

#define MESSAGE_LOGIN_BYTES    56
#define MESSAGE_ACCEPT_BYTES   135
#define MESSAGE_SNAPSHOT_BYTES (2 + IPCOM_MODULES * IPCOM_OUTPUTS)
#define MESSAGE_WRITE_BYTES    (2 + FRAME_WRITE_BYTES)
/** No message is longer; more is thrown away. */
#define MESSAGE_MAX_BYTES (2 + FRAME_MAX_BYTES)

/** Write the login (section 4.1); name and password are within their limits. */
void ipcom_message_login(const char *username, const char *password, unsigned bus,
			 uint8_t bytes[MESSAGE_LOGIN_BYTES]);

/** Write a message of two bytes: DISCONNECT, KEEPALIVE or the poll OUTPUTS. */
void ipcom_message_short(enum message_id id, uint8_t bytes[2]);

/** Write a message that sets the outputs of a module. @return its size */
size_t ipcom_message_write(struct frame_address address, unsigned module,
			   const uint8_t values[IPCOM_OUTPUTS], uint8_t bytes[MESSAGE_WRITE_BYTES]);

/**
 * How long is the message that begins here, once decoded (section 6)?
 * @return its size; 0 when more bytes are needed to tell; -1 when its ID or layout is unknown
 */
int ipcom_message_size(const uint8_t *plain, size_t size);

/** What an acceptance of the login says (section 4.2). */
struct message_accept {
	bool accepted;
	char firmware[5];
	uint8_t key[CIPHER_KEY_BYTES];
};

void ipcom_message_accept(const uint8_t plain[MESSAGE_ACCEPT_BYTES], struct message_accept *ret);

#endif
