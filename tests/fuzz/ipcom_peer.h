/* SPDX-License-Identifier: MIT */
/*
 * The other end of a session in the fuzzer: decodes what is sent, watches over it, and can answer
 * like a module. It mixes bytes with the session's own key, which any bytes may have set.
 */
#ifndef TESTS_FUZZ_IPCOM_PEER_H
#define TESTS_FUZZ_IPCOM_PEER_H

#include <stdbool.h>

#include "fuzz.h"
#include "message.h"
#include "session.h"

#define PEER_SHUTTERS 2

struct peer {
	struct session *session;
	uint32_t generation; /**< of the connection; 0 = none */
	bool open;
	bool forced; /**< both relays of a shutter may be on */
	bool closing;
	struct ipcom_output up[PEER_SHUTTERS], down[PEER_SHUTTERS];
	size_t seen;                       /**< bytes of the output looked at and not yet sent */
	uint8_t last[MESSAGE_LOGIN_BYTES]; /**< the newest message, decoded */
	bool asked;                        /**< it awaits an answer */
	bool heard;                        /**< any byte was said since */
	uint64_t asked_at;
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
};

/** Look at all that the session wants and writes; to be called after each of its functions. */
void peer_look(struct peer *p, uint64_t now);

void peer_accept(struct peer *p, uint64_t now);
void peer_fail(struct peer *p, int error, uint64_t now);
void peer_send(struct peer *p, size_t most, uint64_t now);
/** Bytes as they are. */
void peer_say(struct peer *p, struct input bytes, uint64_t now);
/** The same as one message, encoded. */
void peer_say_plain(struct peer *p, struct input plain, uint64_t now);
/** Answer the newest message as a module would; CHOICE picks among the ways to do so. */
void peer_answer(struct peer *p, unsigned choice, uint64_t now);

#endif
