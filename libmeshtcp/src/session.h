/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_SESSION_H
#define MESHTCP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/meshtcp.h>

#include "common/backoff.h"
#include "common/log.h"

#include "queue.h"

/**
 * The protocol without any I/O: bytes, time and the fate of the connection go in; frames, a
 * deadline, the wish for a connection and events come out. Time is milliseconds of any monotonic
 * clock. Events carry the owner of the request that they are about, or 0.
 */
struct session;

/** Of the events that no user sees: a whole FromRadio message in `data size`. */
#define MESHTCP_EVENT_RAW ((enum meshtcp_event_type)100)

/** The settings of the public setters. */
struct session_config {
	enum meshtcp_download download;
	unsigned check_ms, silent_ms, heartbeat_ms;
	struct cmn_backoff reconnect;
	bool adopted; /**< the connection is given and cannot be opened again */
};

/** What is asked of the session; the library's own form of all requests. */
struct order {
	struct meshtcp_message message;
	uint32_t admin_node; /**< of an admin request: whose; `message.to` is set from it */
	bool admin;
	bool admin_write;   /**< needs a passkey at another node */
	bool expect_answer; /**< the result waits for it */
	unsigned answer;    /**< member of an admin answer whose content is the result's data */
	bool forget_node;   /**< when it is done `node` leaves the database */
	uint32_t node;
	bool restarts; /**< the node may restart because of it */
	/** A packet of somebody else, sent as it is but for its sender and its id. `message.port`
	 *  paces it; it ends when the node has taken it. */
	const uint8_t *raw;
	size_t raw_size;
	bool whole;      /**< raw is another message than a packet; it ends when it is sent */
	uint32_t raw_id; /**< the id that it should have; 0 = any */
	uint32_t owner;
	unsigned timeout_ms;
};

int meshtcp_session_new(struct session **ret);
void meshtcp_session_free(struct session *s);
void meshtcp_session_set_log(struct session *s, const struct cmn_log *log);

/** Begin; while it is closing: as soon as it is closed. SEED makes ids, nonces and jitter. @return
 *  0 */
int meshtcp_session_start(struct session *s, const struct session_config *config, uint64_t seed,
			  uint64_t now);
/** Begin to end: what waits to be sent goes, then goodbye. */
void meshtcp_session_stop(struct session *s, uint64_t now);
/** End at once. */
void meshtcp_session_abort(struct session *s, uint64_t now);
/** Somebody wants at least this much of a download. */
void meshtcp_session_want(struct session *s, enum meshtcp_download download, uint64_t now);
enum meshtcp_state meshtcp_session_state(const struct session *s);

/** Hand an owner every message of the node that belongs to no download, as it came:
 *  MESHTCP_EVENT_RAW. 0 = nobody. @return 0, or -EBUSY when another one has it */
int meshtcp_session_tap(struct session *s, uint32_t owner);
/** The messages of a download, in the order in which a node sends them, without its end mark: first
 *  what comes before the other nodes, then what comes behind them.
 *  @return the size of both together, which may be above ROOM (then nothing was written); -ENOENT
 *  */
int meshtcp_session_records(const struct session *s, uint8_t *data, size_t room,
			    size_t *ret_before);

/** @name Requests; errors as in the public header
 * @{ */
int meshtcp_session_request(struct session *s, const struct order *order, uint64_t now,
			    uint32_t *ret_id);
int meshtcp_session_cancel(struct session *s, uint32_t id, uint32_t owner, uint64_t now);
/** All requests of an owner end with -ECANCELED. */
void meshtcp_session_cancel_owner(struct session *s, uint32_t owner, uint64_t now);
bool meshtcp_session_pending(const struct session *s, uint32_t id);
/** @} */

/** @return how many open connections have died since the last call, without having been ended by us
 *  */
unsigned meshtcp_session_take_dead(struct session *s, enum meshtcp_reason *ret_reason);
/** @return the next event, the caller's to free; NULL when there is none */
struct node *meshtcp_session_pop_event(struct session *s);
/** @return how many events were lost for want of memory since the last call */
unsigned meshtcp_session_take_dropped(struct session *s);
void meshtcp_session_statistics(const struct session *s, struct meshtcp_statistics *ret);
int meshtcp_session_info(const struct session *s, struct meshtcp_info *ret);
const struct meshtcp_nodes *meshtcp_session_nodes(const struct session *s);
int meshtcp_session_section(const struct session *s, enum meshtcp_section_kind kind,
			    unsigned number, uint8_t *data, size_t room);

/** @name What the threads ask and tell
 * @{ */
/** @return a number that is not 0 while the connection is wanted or open, and another one after
 *  each close: who holds a socket for another number closes it. */
uint32_t meshtcp_session_wants(const struct session *s);
/** EPOCH is the time of day in seconds. */
void meshtcp_session_opened(struct session *s, uint32_t epoch, uint64_t now);
/** Opening failed, or the connection was lost (error 0: closed by the peer). */
void meshtcp_session_failed(struct session *s, int error, uint64_t now);
void meshtcp_session_receive(struct session *s, const uint8_t *data, size_t size, uint64_t now);
/** @return the size of the next frame to be sent in one call, 0 = none; valid until sent */
size_t meshtcp_session_output(const struct session *s, const uint8_t **ret_data);
void meshtcp_session_sent(struct session *s, uint64_t now);
/** @return whether all is said and the socket may be half-closed */
bool meshtcp_session_farewell_said(const struct session *s);
/** @} */

/** @return when meshtcp_session_tick() is due; UINT64_MAX = never. */
uint64_t meshtcp_session_deadline(const struct session *s);
void meshtcp_session_tick(struct session *s, uint64_t now);

#endif
