/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IPCOM_PEER_H
#define TESTS_IPCOM_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cipher.h"
#include "session.h"

/** A device in memory with a clock of its own, for tests of the session. */

#define PEER_MAX_MESSAGES 4096
#define PEER_MAX_RESULTS  32

/** How it answers a write (section 9). */
enum peer_write_answer {
	PEER_FRAME,
	PEER_SNAPSHOT,
	PEER_NOTHING
};

/** A message that the client sent, decoded. */
struct peer_message {
	uint64_t at;
	uint64_t snapshot_at; /**< when the values of the last snapshot before it were read */
	size_t size;
	uint8_t plain[64];
};

struct peer {
	struct session *session;
	struct session_config config;
	uint64_t now;
	uint32_t generation; /**< of the connection that it serves */
	bool accepts;        /**< connections */
	bool silent;         /**< receives, never answers */
	bool clear;          /**< does not encrypt */
	bool hold;           /**< new values appear in no snapshot */
	unsigned delay_ms;   /**< from a message to its answer */
	enum peer_write_answer write_answer;
	uint8_t key[CIPHER_KEY_BYTES];
	struct cipher cipher;
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	struct peer_message messages[PEER_MAX_MESSAGES];
	size_t message_count; /**< all; the first PEER_MAX_MESSAGES are kept */
	/** Unless NULL: called with each message as it comes. */
	void (*seen)(struct peer *p, const struct peer_message *m);
	uint64_t answer_at; /**< UINT64_MAX = none due */
	uint8_t answer[160];
	size_t answer_size;
	unsigned max_in_flight;
	unsigned in_flight;
	unsigned violations; /**< both relays of 5.7 and 5.8 on, two writes in under 200 ms */
	uint64_t wrote_at;
	struct ipcom_event last_state;
	uint32_t result_id;
	int result; /**< of the last result event; 1 = none yet */
	unsigned results;
	struct peer_result {
		uint32_t id;
		int error;
	} ended[PEER_MAX_RESULTS]; /**< the first ones */
	uint64_t snapshot_at;      /**< when the values of the last snapshot were read */
};

void peer_init(struct peer *p);
void peer_free(struct peer *p);
void peer_start(struct peer *p);

/** Let the time pass until then, with all that happens meanwhile. Fails when the session asks to be
 *  called again without progress. */
void peer_run_until(struct peer *p, uint64_t until);
/** The same for so long. */
void peer_run(struct peer *p, uint64_t ms);
/** Send bytes of its own, encoded as one message. */
void peer_say(struct peer *p, const uint8_t *plain, size_t size);
/** Close its end. */
void peer_close(struct peer *p);

/** @return how many results this request has had; *ret_error is that of the last one */
unsigned peer_ended(const struct peer *p, uint32_t id, int *ret_error);
/** @return messages with this first byte */
size_t peer_count(const struct peer *p, uint8_t id);
/** @return the last message with this first byte; NULL when there is none */
const struct peer_message *peer_last(const struct peer *p, uint8_t id);

#endif
