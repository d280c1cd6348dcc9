/* SPDX-License-Identifier: MIT */
/*
 * A shared node on loopback and on a Unix socket, and clients of it in plain blocking sockets,
 * whose messages are put together by hand.
 */
#ifndef TESTS_TORTURE_SHARE_CLIENT_H
#define TESTS_TORTURE_SHARE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

struct test_node;

struct test_client {
	int fd;
	uint8_t in[8192];
	size_t size, used; /**< bytes that are there, and how many of them were looked at */
};

/** What a message is, as far as tests want to know. */
enum said_kind {
	SAID_END, /**< of the stream */
	SAID_PACKET,
	SAID_STATUS,
	SAID_COMPLETE,
	SAID_REBOOTED,
	SAID_OTHER
};

struct said {
	enum said_kind kind;
	uint32_t number;       /**< of a complete download: its nonce */
	uint32_t from, id;     /**< of a packet; of a status: the packet that it is about */
	uint32_t port, res;    /**< of a packet; of a status */
	uint32_t request, err; /**< of a routing packet */
	uint32_t reply;
};

void client_open(struct test_client *c, uint16_t port);
void client_open_unix(struct test_client *c, const char *path);
/** With a reset instead of an end. */
void client_close(struct test_client *c, bool reset);
/** @return whether all bytes were taken; false when the other side has gone */
bool client_bytes(struct test_client *c, const void *data, size_t size);
bool client_say(struct test_client *c, const void *payload, size_t size);
bool client_want(struct test_client *c, uint32_t nonce);
/** A packet to everybody with two bytes in it. */
bool client_packet(struct test_client *c, uint32_t port, uint32_t id, uint32_t reply);
/** Wait for the next message. */
struct said client_hear(struct test_client *c);
/** Wait for one of a kind; those of others are passed over. */
struct said client_hear_kind(struct test_client *c, enum said_kind kind);
/** Ask for a download and wait for its end. */
void client_download(struct test_client *c, uint32_t nonce);

/** A share of a node that is not started yet. */
struct meshtcp_share *share_new(const struct test_node *node, uint16_t *ret_port);
/** Where it listens as well. */
const char *share_unix_path(void);
/** Wait for an event of a type; those of others are passed over. @return NULL when the time is up
 *  */
const struct meshtcp_share_event *share_event(struct meshtcp_share *s,
					      enum meshtcp_share_event_type type, int timeout_ms);
const struct meshtcp_share_event *share_must_event(struct meshtcp_share *s,
						   enum meshtcp_share_event_type type);

#endif
