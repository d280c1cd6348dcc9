/* SPDX-License-Identifier: MIT */
/*
 * The network around a core in the fuzzer: opens its sockets, watches over what it sends, and says
 * what the input wants, or what a camera, a server and a relay would answer. It remembers on which
 * socket the proof of a path was really fed.
 */
#ifndef TESTS_FUZZ_PPCS_PEER_H
#define TESTS_FUZZ_PPCS_PEER_H

#include <stdbool.h>

#include "fuzz.h"
#include "state.h"

#define PEER_SOCKETS 512
/** Messages of the core that were not answered yet; older ones are forgotten. */
#define PEER_ASKED 64

/** Hosts; of the last one nobody who is asked ever speaks. */
enum {
	HOST_CAMERA,
	HOST_SECOND,
	HOST_SERVER,
	HOST_SERVER_2,
	HOST_RELAY,
	HOST_RELAY_2,
	HOST_NAMED,
	HOST_VICTIM,
	HOSTS
};

/** A socket of the core, and what has come over it. */
struct peer_socket {
	uint32_t id;
	bool open, stream;
	uint16_t port;
	bool ready;    /**< P2P_RDY or RLY_RDY, or bytes that may have been one */
	bool verified; /**< ALIVE_ACK or DRW behind that, likewise */
};

struct peer_asked {
	uint32_t socket;
	struct ppcs_address to;
	struct packet packet;
};

struct peer {
	struct session *session;
	struct session_config config; /**< of the race or search that runs */
	struct peer_socket sockets[PEER_SOCKETS];
	size_t count;
	uint16_t last_port;
	uint32_t taken; /**< this socket is its user's */
	struct peer_asked asked[PEER_ASKED];
	size_t asked_count;
	struct uid uids[3];
};

/** Settings out of the input: six bytes. */
struct session_config peer_configure(struct peer *p, struct input *in);

void peer_init(struct peer *p, struct session *s);
struct ppcs_address peer_host(unsigned host, unsigned port);

/** Close what is not wanted any more; to be called after each function of the core. */
void peer_look(struct peer *p, uint64_t now);
/** Open, or fail to open, up to so many sockets that are wanted. */
void peer_open(struct peer *p, size_t most, int error, uint64_t now);
/** Send up to so many datagrams. */
void peer_send(struct peer *p, size_t most, uint64_t now);
/** A well-formed message with fields and source out of the input, perhaps with bytes changed. */
void peer_say(struct peer *p, struct input *in, uint64_t now);
/** Bytes as they are, from any host. */
void peer_say_raw(struct peer *p, struct input *in, uint64_t now);
/** A plain message to a socket, hidden in one of the session's keys. */
void peer_feed(struct peer *p, uint32_t socket, const struct ppcs_address *from, uint8_t *data,
	       size_t size, unsigned key, uint64_t now);
void peer_put_address(uint8_t to[16], const struct ppcs_address *a);
/** Answer the newest message as who was asked would; CHOICE picks among the ways to do so. */
void peer_answer(struct peer *p, unsigned choice, uint64_t now);
void peer_unreachable(struct peer *p, struct input *in, uint64_t now);
/** End a stream. */
void peer_fail(struct peer *p, struct input *in, uint64_t now);

/** @return the socket with this local port; NULL when there is none */
const struct peer_socket *peer_at(const struct peer *p, uint16_t port);

#endif
