/* SPDX-License-Identifier: MIT */
/*
 * The other end of a session in the fuzzer: connections and bytes, and a watch over what is written
 * on each connection.
 */
#ifndef TESTS_FUZZ_QLINK_PEER_H
#define TESTS_FUZZ_QLINK_PEER_H

#include <stdbool.h>

#include "fuzz.h"
#include "line.h"
#include "session.h"

/** What was seen of one connection. */
struct peer_link {
	uint32_t generation; /**< 0 = none */
	bool open;
	size_t seen;       /**< bytes of the output looked at and not yet sent */
	char command[256]; /**< the newest complete one */
	char line[256];    /**< the one that is being written */
	size_t line_size;
	unsigned unanswered; /**< commands written since the last line that is no event */
	uint64_t timeouts;   /**< of the session, when the newest command was written */
	bool excused;        /**< its request was cancelled */
	struct line_splitter heard;
};

struct peer {
	struct session *session;
	unsigned limit; /**< connections */
	struct peer_link links[QLINK_MAX_CONNECTIONS];
};

/** Look at all that the session wants and writes; to be called after each of its functions. */
void peer_look(struct peer *p);

void peer_accept(struct peer *p, unsigned slot, uint64_t now);
void peer_fail(struct peer *p, unsigned slot, int error, uint64_t now);
void peer_send(struct peer *p, unsigned slot, size_t most, uint64_t now);
void peer_say(struct peer *p, unsigned slot, struct input bytes, uint64_t now);

/** Answer the newest command as a controller would; CHOICE picks among the possible values. */
void peer_answer(struct peer *p, unsigned slot, unsigned choice, uint64_t now);

/** A request was cancelled: an echo may follow each command that is not answered yet. */
void peer_excuse(struct peer *p);

#endif
