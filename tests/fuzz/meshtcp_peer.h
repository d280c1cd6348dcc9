/* SPDX-License-Identifier: MIT */
/*
 * The node of meshtcp_session.c: looks at each frame of the session, and says what it is told to
 * say.
 */
#ifndef TESTS_FUZZ_MESHTCP_PEER_H
#define TESTS_FUZZ_MESHTCP_PEER_H

#include <stdbool.h>

#include "fuzz.h"
#include "session.h"

#define PEER_US  UINT32_C(0x9ea2f1c4)
#define PEER_BOB UINT32_C(0x433b2f10)

struct peer {
	struct session *session;
	uint32_t generation; /**< of the connection; 0 = none is wanted */
	bool open;
	uint32_t nonce; /**< of a download that was asked for and not begun anew; 0 = none */
	/* The last packet. */
	uint32_t id, to;
	unsigned port;
	bool taken;       /**< it had its queue status */
	uint32_t next_id; /**< of its own packets */
};

/** Follow what the session wants; after everything that was done to it. */
void peer_look(struct peer *p);
void peer_accept(struct peer *p, uint64_t now);
void peer_fail(struct peer *p, int error, uint64_t now);
/** Take so many frames. @return how many there were */
size_t peer_send(struct peer *p, size_t most, uint64_t now);
/** Say bytes as they are, or as a message of a kind. */
void peer_say(struct peer *p, struct input bytes, uint64_t now);
void peer_say_message(struct peer *p, unsigned member, struct input bytes, uint64_t now);
/** The whole download that was asked for; WAY changes it. */
void peer_download(struct peer *p, unsigned way, uint64_t now);
/** Something about the last packet. */
void peer_answer(struct peer *p, unsigned way, struct input payload, uint64_t now);

#endif
