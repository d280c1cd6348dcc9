/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PPCS_HOSTS_H
#define TESTS_PPCS_HOSTS_H

#include "world.h"

/** Camera, directory server and relay, made from the protocol notes; defaults by X_init(). */

#define LINES          16
#define MAX_NAMED      8
#define CAMERA_PORT    40611
#define SEARCH_PORT    32108
#define DIRECTORY_PORT 32100

/** What a camera knows of one client. */
struct line {
	struct ppcs_address peer;
	bool used, open, heard, greeted;
	bool searched; /**< a LAN_SEARCH was answered */
	uint64_t searched_at;
	unsigned offers, readies; /**< TRY_LAN_TCP that are left; P2P_RDY that were sent */
	uint64_t offer_at, ready_at, punch_at, packet_at, greet_at, alive_at;
	unsigned unanswered; /**< ALIVE */
	unsigned punches;    /**< PUNCH_PKT that are left after a PUNCH_TO */
	uint32_t relay_key;
	unsigned acks, alives, alive_acks; /**< that came */
};

/** Sections 6.1, 6.2 and 7, and its side of 6.3 and 6.4. */
struct camera {
	struct host host;
	uint8_t did[DID_BYTES];
	const char *key;
	uint16_t port, search_port; /**< search_port 0 = not in the LAN */
	unsigned answer_ms, ready_ms, greet_ms;
	unsigned offers;      /**< TRY_LAN_TCP before P2P_RDY: 51 with the real one */
	const char *greeting; /**< on channel 0; NULL = none */
	size_t extra;         /**< zero bytes behind P2P_RDY */
	bool no_punch;        /**< does not answer LAN_SEARCH */
	bool no_ready;        /**< never says P2P_RDY */
	bool no_alive_ack;
	bool silent;            /**< says nothing once the path is up */
	bool ready_from_search; /**< all comes from the search port */
	bool deaf_to_servers;   /**< ignores PUNCH_TO */
	struct line lines[LINES];
	struct line *more; /**< LINES of them in use: many clients need room of their own */
	size_t line_room;
	unsigned searches, punches, closes;
};

void camera_init(struct camera *c, struct world *w, struct ppcs_address ip, const char *uid);
/** @return the first path that is open; NULL when there is none */
struct line *camera_line(struct camera *c);
size_t camera_open(const struct camera *c);
/** Send data on a channel under an index. */
void camera_data(struct camera *c, const struct line *l, unsigned channel, unsigned index,
		 const void *data, size_t size);
void camera_say(struct camera *c, const struct ppcs_address *to, uint8_t type);
void camera_say_did(struct camera *c, const struct ppcs_address *to, uint8_t type);

/** Sections 6.3 and 6.4, the side of the servers. */
struct directory {
	struct host host;
	const char *key;
	bool silent;
	bool hello_only;
	int result, relay_result;
	struct camera *device; /**< registered here; NULL = none */
	bool no_punch_to, no_relay_to;
	/** Named instead of the device's address. */
	struct ppcs_address named[MAX_NAMED];
	unsigned named_count;
	struct ppcs_address public_address; /**< port 0: as seen */
	struct ppcs_address relays[64];
	unsigned relay_count;
	bool no_list;
	char dsk[PPCS_MAX_DSK + 1]; /**< "" = none needed */
	unsigned hellos, requests, lists, relay_requests;
	uint8_t did[DID_BYTES];     /**< of the last request */
	struct ppcs_address client; /**< the local address that it named */
};

void directory_init(struct directory *d, struct world *w, struct ppcs_address ip);
void directory_send(struct directory *d, const struct ppcs_address *to, const struct wire *m);

/** A relay with one port to give. */
struct relay_host {
	struct host host;
	const char *key;
	uint16_t port, assigned; /**< assigned 0 = full */
	uint32_t number;         /**< the key that it gives */
	bool silent, no_port;    /**< says nothing; says no more than RLY_HELLO_ACK */
	bool eager;              /**< says RLY_RDY without the device */
	bool loops;              /**< gives everybody his own back */
	bool no_hello;           /**< gives ports, but does not answer RLY_HELLO */
	struct ppcs_address sides[2];
	unsigned hellos, ports, packets, forwarded, wrong_side;
};

void relay_init(struct relay_host *r, struct world *w, struct ppcs_address ip);

/** A host that does what a test says, on all ports. */
void stub_init(struct host *h, struct world *w, struct ppcs_address ip,
	       void (*receive)(struct host *h, uint16_t port, const struct ppcs_address *from,
			       struct wire *message));

#endif
