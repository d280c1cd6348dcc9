/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_CLIENT_H
#define TESTS_PPCS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"
#include "world.h"

/**
 * A core in a world: opens and closes the sockets that it wants, carries its datagrams, takes its
 * events, and fails the test when it breaks a rule that always holds: a deadline that has passed, a
 * second result or winner, a state after a final one, a datagram from no socket.
 */

#define CLIENT_HEAD 64

/** A datagram that it sent. */
struct sent {
	uint64_t at;
	uint32_t socket;
	uint16_t port; /**< local */
	struct ppcs_address to;
	size_t size;
	uint8_t head[CLIENT_HEAD]; /**< how it begins */
};

/** An event with what it pointed to. */
struct seen {
	struct ppcs_event event;
	char uid[PPCS_UID_BYTES], key[PPCS_MAX_KEY + 1];
	const uint8_t *data; /**< of the client, for as long as it lives */
};

/** The report of the last result, kept. */
struct kept {
	struct ppcs_report report;
	char text[256], uid[PPCS_UID_BYTES], key[PPCS_MAX_KEY + 1];
	struct ppcs_attempt attempts[PPCS_MODES][PPCS_MAX_ATTEMPTS];
};

struct endpoint {
	struct socket_wish wish;
	uint16_t port;
};

/** Data that was seen. */
struct block {
	struct block *next;
	uint8_t data[];
};

struct client {
	struct block *blocks;
	struct client *next;
	struct world *world;
	struct session *session;
	struct session_config config; /**< at first as of a new handle, without an address */
	struct ppcs_address ip;
	struct endpoint *endpoints;
	size_t endpoint_count, endpoint_room;
	uint32_t version;
	uint16_t last_port;
	uint64_t due;
	unsigned standing; /**< ticks without progress of time */
	bool touched;      /**< something came in this step */
	bool leaves;       /**< takes no events */
	bool watches;      /**< looks at the report in every step */
	int open_error;    /**< not 0: sockets do not open */
	size_t opened;     /**< sockets, ever */
	size_t most;       /**< open at the same time */
	/** Unless NULL: a stream is wanted. Without it they are refused. */
	void (*stream)(struct client *c, const struct socket_wish *wish);
	/** Unless NULL: bytes for a stream. */
	void (*bytes)(struct client *c, uint32_t id, const uint8_t *data, size_t size);
	struct sent *sent;
	size_t sent_count, sent_room;
	struct seen *seen;
	size_t seen_count, seen_room;
	unsigned results, connects, closes; /**< of the last race */
	int result;                         /**< error of the last result */
	uint64_t result_at;
	struct kept kept;
	enum ppcs_racer_state states[PPCS_MODES];
};

/** @return what it was given; a test without memory has failed */
void *must_have(void *memory);

struct client *client_new(struct world *w, struct ppcs_address ip);
void client_free(struct client *c);

/** Looks at the camera's address with its default ports and the default options. */
void client_aim(struct client *c, struct ppcs_address camera);
void client_uid(struct client *c, const char *uid);
/** Only these ports, of any of the two racers. */
void client_ports(struct client *c, const uint16_t *ports, size_t count);
void client_modes(struct client *c, bool p2p, bool lan, bool relay);

void client_race(struct client *c);
void client_search(struct client *c, unsigned wait_ms);
void client_stop(struct client *c);
/** Let time pass until the result is there. Fails without one after MAX_MS. */
void client_finish(struct client *c, uint64_t max_ms);
/** Both, and the race has to be won or lost in its own time. @return its report */
const struct ppcs_report *client_run(struct client *c);
/** Take all events that wait. */
void client_take(struct client *c);

/** @return the datagrams sent from FROM on (an index) of that type, plain, to that address; NULL
 *          for any */
size_t client_sent(const struct client *c, size_t from, uint8_t type,
		   const struct ppcs_address *to);
const struct sent *client_first(const struct client *c, size_t from, uint8_t type,
				const struct ppcs_address *to);
/** Fails unless it was exactly these bytes, as the protocol notes print them. */
void check_sent(const struct sent *s, const char *hex);
/** @return the first event of that type at or after an index; NULL when there is none */
const struct seen *client_event(const struct client *c, size_t from, enum ppcs_event_type type);
size_t client_events(const struct client *c, enum ppcs_event_type type);
size_t client_open(const struct client *c);

/** @name For the world
 * @{ */
struct client *client_at(const struct world *w, const struct ppcs_address *a);
void client_receive(struct client *c, uint16_t port, const struct ppcs_address *from,
		    const struct wire *message);
void client_unreachable(struct client *c, uint16_t port, const struct ppcs_address *to);
void client_tick(struct client *c);
/** Send what there is, open and close what is wanted; after calls that the client does not know. */
void client_update(struct client *c);
/** @} */

#endif
