/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SHARE_STATE_H
#define MESHTCP_SHARE_STATE_H

#include <pthread.h>

#include <meshtcp/meshtcp.h>

#include "common/buf.h"
#include "common/prng.h"

#include "frame.h"
#include "handle.h"
#include "share_message.h"

/* The inside of a share: for the files share*.c of the library only. */

#define SHARE_LISTENERS 4
/** What may wait for a client beside a replayed download; who is further behind is closed. */
#define SHARE_OUT_BYTES ((size_t)128 * 1024)
/** A download: all records, and as many nodes as are kept. */
#define SHARE_REPLAY_BYTES ((size_t)640 * 1024)
/** Messages that are no packets on their way to the node. */
#define SHARE_SAYS 16

struct share_client {
	struct share_client *next;
	uint32_t number;
	int fd;
	char address[64];
	struct frame_reader reader;
	uint64_t partial_ms; /**< since when a frame is not whole; 0 = none is begun */
	struct cmn_buf out;
	size_t replay_left; /**< of `out`: bytes up to the end of a download */
	bool watches_write;
	bool served;    /**< had a download: from then on it hears what comes */
	bool waits;     /**< for a download: the node is not ready, or another one is under way */
	uint32_t nonce; /**< that it waits with */
	uint64_t heard_ms, frames; /**< the last one, and how many */
	const char *gone;          /**< why it is to be closed; NULL = it is not */
};

struct share_event_node {
	struct share_event_node *next;
	struct meshtcp_share_event event;
	char address[64];
};

struct meshtcp_share {
	struct meshtcp *node;
	pthread_t thread;
	bool running, tapped;
	int epoll_fd, stop_fd;
	int listeners[SHARE_LISTENERS];
	bool listener_unix[SHARE_LISTENERS];
	unsigned listener_count;
	char *unix_path;
	unsigned max_clients, idle_ms;
	bool allow_admin;

	/* Of the share's thread. */
	struct share_client *clients; /**< the newest first */
	unsigned client_count;
	uint32_t last_number;
	uint64_t listener_token; /**< of the first one */
	uint64_t accept_at;      /**< no descriptor was left: nobody comes in before; 0 = all may */
	struct share_ids ids;
	struct cmn_prng prng;
	bool ready;
	bool lost;     /**< has been told */
	bool restarts; /**< the node has said so */
	uint32_t own;  /**< number of the node; 0 = it was never ready */
	uint32_t reboot_count;
	struct queue_status queue; /**< the node's, as it was told last */
	uint32_t transfer;         /**< client that transfers a file; 0 = none */
	uint64_t transfer_ms;      /**< its last block, to or fro */
	uint32_t says[SHARE_SAYS]; /**< ids; 0 = free */

	/* Guarded by the mutex. */
	pthread_mutex_t mutex;
	struct share_event_node *head, *tail, *taken;
	size_t event_count;
	uint32_t dropped;
	int event_fd;
	struct meshtcp_share_statistics statistics, copy;
};

/* share.c */
void meshtcp_share_tell(struct meshtcp_share *s, enum meshtcp_share_event_type type,
			const struct share_client *client, const char *reason);
#define SHARE_COUNT(s, counter)                    \
	do {                                       \
		pthread_mutex_lock(&(s)->mutex);   \
		(s)->statistics.counter++;         \
		pthread_mutex_unlock(&(s)->mutex); \
	} while (0)

/* share_listen.c */
int meshtcp_share_watch_listeners(struct meshtcp_share *s, uint64_t token);
void meshtcp_share_accept(struct meshtcp_share *s, unsigned listener, uint64_t now);
/** Let them in again when it is time. */
void meshtcp_share_accept_tick(struct meshtcp_share *s, uint64_t now);
void meshtcp_share_close_listeners(struct meshtcp_share *s);

/* share_client.c */
void meshtcp_client_read(struct meshtcp_share *s, struct share_client *c, uint64_t now);
/** Silence, and half a frame that stays half. */
void meshtcp_client_tick(struct meshtcp_share *s, struct share_client *c, uint64_t now);
/** @return when meshtcp_client_tick() is due */
uint64_t meshtcp_client_deadline(const struct meshtcp_share *s, const struct share_client *c);
/** Queue a frame; who has too much waiting is closed as slow. */
void meshtcp_client_send(struct meshtcp_share *s, struct share_client *c, const uint8_t *frame,
			 size_t size);
/** Send what fits. */
void meshtcp_client_flush(struct meshtcp_share *s, struct share_client *c);
void meshtcp_client_close(struct meshtcp_share *s, struct share_client *c);
struct share_client *meshtcp_client_find(const struct meshtcp_share *s, uint32_t number);
/** The one client that MQTT messages go to and come from: the newest; NULL = none. */
struct share_client *meshtcp_client_gateway(const struct meshtcp_share *s);

/* share_download.c */
/** Replay the download to a client, or make it wait until the node is ready. */
void meshtcp_share_serve(struct meshtcp_share *s, struct share_client *c, uint32_t nonce);

/* share_node.c */
/** All events of the node's handle. */
void meshtcp_share_node_events(struct meshtcp_share *s, uint64_t now);
/** To all clients that had a download, but one. */
void meshtcp_share_send_all(struct meshtcp_share *s, const struct share_client *but,
			    const uint8_t *frame, size_t size);

/* share_packet.c */
/** A packet of a client, on its way to the node. */
void meshtcp_share_packet(struct meshtcp_share *s, struct share_client *c, const uint8_t *packet,
			  size_t size);
/** A queue status from us. */
void meshtcp_share_status(struct meshtcp_share *s, struct share_client *c, int res, uint32_t id);
/** What became of a packet, when the node has said nothing of it: its client must not wait for
 *  ever. */
void meshtcp_share_result(struct meshtcp_share *s, uint32_t wire, int error);

#endif
