/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MESHTCP_WORLD_H
#define TESTS_MESHTCP_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"
#include "wire.h"

/** A session with a node in memory on its other end, and a clock that is a number. */

#define US    UINT32_C(0x9ea2f1c4)
#define BOB   UINT32_C(0x433b2f10)
#define CAROL UINT32_C(0xda5ae2a0)
#define ALL   UINT32_C(0xffffffff)
#define EPOCH UINT32_C(1760000000) /* of the first connection */

#define WORLD_HEARD  1000
#define WORLD_TOLD   9000
#define WORLD_COMING 600
#define WORLD_MADE   600

/** A frame that the node got. */
enum heard_kind {
	HEARD_WAKE,
	HEARD_WANT,
	HEARD_PACKET,
	HEARD_HEARTBEAT,
	HEARD_DISCONNECT
};

struct heard {
	enum heard_kind kind;
	uint64_t at;
	unsigned connection; /**< from 1 */
	uint32_t nonce;
	uint32_t from, to, id, channel, port, hop_limit, priority;
	bool want_ack, want_response, pki;
	uint32_t request_id, reply_id, emoji;
	uint8_t payload[240];
	size_t payload_size;
	uint8_t frame[520];
	size_t size;
};

/** An event that the session told. */
struct told {
	struct meshtcp_event e;
	uint32_t owner;
	struct meshtcp_packet packet;
	uint8_t payload[240];
	uint8_t data[520];
	char text[420];
};

/** A frame on its way to the client. */
struct coming {
	uint64_t at;
	size_t size;
	uint8_t data[WIRE_MAX];
};

struct world {
	struct session *session;
	struct session_config config;
	uint64_t now;
	uint32_t epoch;
	uint32_t generation; /**< of the connection that is open; 0 = none */
	unsigned connection; /**< how many there were */
	bool blocked;        /**< what the client sends is not taken */

	/* What the node does. */
	bool refuses;
	int refusal;        /**< the error of a refused connection */
	bool mute;          /**< says nothing at all */
	bool holds;         /**< does not answer want_config */
	bool no_status;     /**< no queue status for packets */
	bool old_heartbeat; /**< no answer to heartbeats */
	unsigned delay_ms;
	unsigned gap_ms; /**< between the records of a download */
	size_t chunk;    /**< bytes per receive; 0 = a frame each */
	uint32_t num, queue_free;
	const char *firmware;
	unsigned hop_limit; /**< of its radio */
	bool is_managed;
	void (*heard_fn)(struct world *w, const struct heard *h); /**< unless NULL */

	struct heard heard[WORLD_HEARD];
	size_t heard_count;
	struct told *told;
	size_t told_count;
	struct coming *coming;
	size_t coming_count;
	uint32_t made[WORLD_MADE];
	size_t made_count;
	uint32_t remembered[20]; /**< packet ids */
	unsigned next_remembered;
	unsigned ticks;      /**< how often the session asked to be called */
	bool downloading;    /**< asked for and not at its end */
	unsigned violations; /**< frames that must not come meanwhile */
	uint32_t next_id;    /**< of the node's own packets */
};

void world_init(struct world *w);
/** End the session; fails the test unless every request had exactly one result. */
void world_free(struct world *w);
int world_setup(void **state);
int world_teardown(void **state);

void world_start(struct world *w);
/** Start and let it become ready and quiet. */
void world_ready(struct world *w);
/** Let so much time pass. Fails the test when a deadline of the session does not lie ahead. */
void world_run(struct world *w, uint64_t ms);
/** Take what the session wants to send and to tell, now. */
void world_follow(struct world *w);
/** The connection ends; error 0 = by the node. */
void world_close(struct world *w, int error);

/** @name What the node says
 * @{ */
/** A message now, in a frame. */
void world_say(struct world *w, const struct wire *message);
void world_say_later(struct world *w, const struct wire *message, uint64_t ms);
/** Bytes as they are. */
void world_say_raw(struct world *w, const void *data, size_t size);
void world_status(struct world *w, int res, uint32_t free, uint32_t id);
/** A packet: its Data is DATA, or NULL. @return its id */
uint32_t world_packet(struct world *w, uint32_t from, uint32_t to, const struct wire *data,
		      const struct wire *more);
/** A text from somebody to us. */
uint32_t world_text(struct world *w, uint32_t from, const char *text);
/** About a packet of ours: an acknowledgement, or a refusal. */
void world_routing(struct world *w, uint32_t from, uint32_t request_id, unsigned error);
/** An answer on a port. */
void world_answer(struct world *w, uint32_t from, unsigned port, uint32_t request_id,
		  const struct wire *payload);
/** @} */

/** @name Requests; each returns the id. Fails the test when the session does not take it
 * @{ */
uint32_t world_request(struct world *w, const struct order *order);
struct order world_order(uint32_t to, unsigned port, const void *payload, size_t size);
uint32_t world_send(struct world *w, uint32_t to, const char *text, bool want_ack);
/** @} */

/** @name What happened
 * @{ */
/** @return the result of a request; NULL while there is none. Fails the test when there are two */
const struct told *world_result(const struct world *w, uint32_t id);
/** Fails the test unless the request has ended like this. */
void world_ended(const struct world *w, uint32_t id, int error, enum meshtcp_send_state state);
/** Fails the test unless the request goes on. */
void world_goes_on(const struct world *w, uint32_t id);
/** @return the last event of a type; NULL when there is none */
const struct told *world_last(const struct world *w, enum meshtcp_event_type type);
size_t world_count(const struct world *w, enum meshtcp_event_type type);
/** @return whether a request has come to this state, by its own event */
bool world_got_to(const struct world *w, uint32_t id, enum meshtcp_send_state state);
size_t world_heard(const struct world *w, enum heard_kind kind);
const struct heard *world_last_heard(const struct world *w, enum heard_kind kind);
/** @return how often a packet came */
size_t world_heard_id(const struct world *w, uint32_t id);
struct meshtcp_statistics world_statistics(const struct world *w);
/** @return a node of the database; fails the test when it has none */
struct meshtcp_node world_node(const struct world *w, uint32_t num);
bool world_has_node(const struct world *w, uint32_t num);
/** @} */

/** In node.c: what the node makes of a frame, and its download. */
void node_hear(struct world *w, const uint8_t *frame, size_t size);
void node_download(struct world *w, uint32_t nonce);
void node_forget(struct world *w);
/** One record. */
void node_info_record(struct wire *message, uint32_t num, const char *long_name,
		      const char *short_name);

#endif
