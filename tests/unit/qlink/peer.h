/* SPDX-License-Identifier: MIT */
/*
 * A device in memory for tests of the session, and the clock: it accepts or refuses connections,
 * keeps what is sent on each, and says what the test lets it say. Every expectation names the
 * test's line when it fails.
 */
#ifndef TESTS_UNIT_QLINK_PEER_H
#define TESTS_UNIT_QLINK_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"

#define PEER_MAX_SENT 16384

struct peer_slot {
	uint32_t generation; /**< of the connection it holds; 0 = none */
	char sent[PEER_MAX_SENT];
	size_t size;
};

struct peer {
	struct session *session;
	uint64_t now;
	unsigned accepts;   /**< most connections at a time; further ones are refused */
	int refusal;        /**< how: a negative errno, 0 = leave the attempt pending */
	bool deaf;          /**< take no bytes */
	unsigned attempts;  /**< connections tried */
	unsigned ticks;     /**< deadlines that were due */
	unsigned most_open; /**< at once */
	struct peer_slot slots[QLINK_MAX_CONNECTIONS];
};

/** The defaults of the public header, without jitter. */
struct session_config peer_config(void);

void peer_start(struct peer *p, const struct session_config *config);
void peer_free(struct peer *p);

/** Connections and bytes until nothing moves; checks that the session does not spin. */
void peer_settle(struct peer *p);

/** Let time pass, stopping at every deadline. */
void peer_advance(struct peer *p, uint64_t ms);

/** Open, and no data lost: how many connections there are. */
unsigned peer_open(const struct peer *p);

/** Bytes from the device. */
void peer_say_bytes(struct peer *p, unsigned slot, const char *data, size_t size);
void peer_say(struct peer *p, unsigned slot, const char *text);

/** The device or the network ends a connection; error 0 = end of stream. */
void peer_hang_up(struct peer *p, unsigned slot, int error);

#define peer_expect(p, slot, text) peer_expect_at(p, slot, text, __FILE__, __LINE__)
/** All bytes sent on a connection since the last call. */
void peer_expect_at(struct peer *p, unsigned slot, const char *text, const char *file, int line);

#define peer_nonce(p, slot, modifier) peer_nonce_at(p, slot, modifier, __FILE__, __LINE__)
/** Exactly one echo was sent, from 10000 to 65535. @return its number */
unsigned peer_nonce_at(struct peer *p, unsigned slot, char modifier, const char *file, int line);

#define peer_answer_nonce(p, slot, modifier) \
	peer_answer_nonce_at(p, slot, modifier, __FILE__, __LINE__)
/** The same, and it is answered and the gap passes. */
void peer_answer_nonce_at(struct peer *p, unsigned slot, char modifier, const char *file, int line);

#define peer_event(p, text) peer_event_at(p, text, __FILE__, __LINE__)
/** The next event, in the words of words.h; NULL = there is none. @return its id */
uint32_t peer_event_at(struct peer *p, const char *text, const char *file, int line);

#define peer_request(p, text) peer_request_at(p, text, QLINK_PRIORITY_USER, 0, __FILE__, __LINE__)
#define peer_poll(p, text)    peer_request_at(p, text, QLINK_PRIORITY_POLL, 0, __FILE__, __LINE__)
#define peer_refused(p, text, error) \
	peer_request_at(p, text, QLINK_PRIORITY_USER, error, __FILE__, __LINE__)
/** Queue a request in the words of words.h, which ends with this error or 0. @return its id */
uint32_t peer_request_at(struct peer *p, const char *text, enum qlink_priority priority, int error,
			 const char *file, int line);

/** A session that is connected: "connected" and "synchronised" are taken. */
void peer_connected(struct peer *p, const struct session_config *config);

/** Three reports are asked for on a connection that just came up, and acknowledged. */
void peer_enable(struct peer *p, unsigned slot);

/** A session whose event connection (slot 0) has acknowledged all reports, likewise. */
void peer_monitored(struct peer *p, struct session_config *config);

#endif
