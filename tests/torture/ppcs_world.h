/* SPDX-License-Identifier: MIT */
/*
 * A session of libppcs and what it talks to, time being a number: its sockets are opened at once,
 * and a datagram is answered in the moment in which it is sent. It allocates nothing.
 */
#ifndef TESTS_TORTURE_PPCS_WORLD_H
#define TESTS_TORTURE_PPCS_WORLD_H

#include "session.h"

#include "ppcs_device.h"

#define WORLD_SOCKETS 64
#define WORLD_STREAMS 8

struct world_stream {
	uint32_t id; /**< of the socket; 0 = free */
	struct device_stream end;
};

struct world {
	struct session *session;
	uint64_t now;
	struct device device;
	bool silent;  /**< nobody answers any more */
	bool refuses; /**< ICMP for ports where nobody is */
	/** Sockets asked for, and the number of the one that cannot be opened, from 1. */
	unsigned asked, failing;
	uint32_t open[WORLD_SOCKETS];
	struct world_stream streams[WORLD_STREAMS];
	uint64_t repeat_at;
	/* What came out. */
	unsigned results, connected, closed, devices, drained;
	unsigned writable[PACKET_CHANNELS];
	size_t closed_unsent;
	int result, closed_error;
	unsigned packets; /**< of data, in order */
};

/** An empty one, with a camera, a directory server and relays on 127.0.0.1.
 *  @return 0 or -ENOMEM: no session then */
int world_start(struct world *w, const char *key);
/** Let time pass; events are taken and counted. */
void world_advance(struct world *w, uint64_t ms);
void world_take_events(struct world *w);
/** @return a client of the camera that is being sent data, or NULL */
const struct device_client *world_client(const struct world *w);
/** Send bytes of device_byte(), at most 70000; what is not taken is given again after WRITABLE, or
 *  later when there was no memory. @return how many were taken */
size_t world_send_bytes(struct world *w, unsigned channel, size_t at, size_t size, bool for_good);
/** What was sent has arrived, and the rest is counted. @return how many bytes did not */
size_t world_check_sent(const struct world *w, const size_t *sent, unsigned channels,
			bool for_good);
/** Free the session; no socket may be left. */
void world_end(struct world *w);

#endif
