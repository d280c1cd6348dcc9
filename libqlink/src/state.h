/* SPDX-License-Identifier: MIT */
#ifndef QLINK_STATE_H
#define QLINK_STATE_H

#include "common/buf.h"
#include "common/prng.h"

#include "address.h"
#include "cache.h"
#include "line.h"
#include "queue.h"
#include "session.h"

/* The inside of a session, for link.c, pool.c, monitor.c and session.c only. */

#define NEVER UINT64_MAX

enum link_state {
	LINK_CLOSED,
	LINK_WANTED, /**< being opened by the transport */
	LINK_OPEN
};

/** What the line of a connection is waited for. */
enum link_phase {
	PHASE_IDLE,
	PHASE_FLUSH, /**< a command without answer is on its way out */
	PHASE_REPLY,
	PHASE_RESYNC /**< an echo must come back before the connection is trusted again */
};

/** One connection. */
struct link {
	enum link_state state;
	uint32_t generation; /**< changes with every close; never 0 */
	bool events;         /**< the connection that events are taken from */
	bool announced;      /**< all enablings were acknowledged */
	unsigned enabled;    /**< bits of enum qlink_monitor already acknowledged */
	struct line_splitter splitter;
	struct cmn_buf out;
	struct request *current;
	enum link_phase phase;
	char modifier;      /**< style that the current command asked for */
	int32_t nonce;      /**< of the echo of PHASE_RESYNC */
	int no_echo;        /**< why it could not be sent, or 0 */
	uint64_t clears;    /**< lost_answers when that echo was asked for */
	uint64_t reply_by;  /**< deadline of PHASE_REPLY and PHASE_RESYNC */
	uint64_t ready_at;  /**< end of the pause after an answer */
	uint64_t used_at;   /**< last command's end */
	uint64_t heard_at;  /**< last byte received */
	bool heard;         /**< any line came since it was opened */
	bool detailed_seen; /**< answers carry their names: bare ones are somebody else's */
	bool regular_only;  /**< the server passes over the modifier */
};

struct session {
	struct session_config config;
	struct cmn_log log;
	struct cmn_prng prng;
	bool running;
	bool program;
	uint64_t now; /**< of the last qlink_pool_run() */
	struct link links[QLINK_MAX_CONNECTIONS];
	struct request_list waiting[2]; /**< by enum qlink_priority */
	struct event_list events;
	struct qlink_statistics statistics;
	uint32_t last_id;
	size_t requests;          /**< of the caller, waiting or in flight */
	uint64_t sequence;        /**< steps: orders what is known against what was asked */
	bool connected;           /**< as told by the last event */
	bool synchronising;       /**< QLINK_EVENT_SYNCHRONISED is owed */
	uint64_t lost_answers;    /**< commands given up whose answer may still come */
	uint64_t cleared_answers; /**< up to this one it cannot: a later echo came */
	unsigned attempt;         /**< failures since the last success */
	uint64_t retry_at;        /**< no attempt before, while nothing is open */
	uint64_t second_retry_at; /**< no second connection before */
	uint64_t recheck_at;      /**< without memory: try again */
	struct cache cache;
	size_t refresh_cursor;
	size_t stale;      /**< watched items that need a query */
	size_t refreshing; /**< such queries in flight */
};

/* link.c: one connection */
void qlink_link_open(struct session *s, struct link *l, uint64_t now);
void qlink_link_close(struct session *s, struct link *l);
bool qlink_link_ready(const struct link *l, uint64_t now);
void qlink_link_send(struct session *s, struct link *l, struct request *r, uint64_t now);
void qlink_link_resync(struct session *s, struct link *l, uint64_t now);
void qlink_link_receive(struct session *s, struct link *l, const uint8_t *data, size_t size,
			uint64_t now);
void qlink_link_sent(struct session *s, struct link *l, size_t size, uint64_t now);
/** The deadline of the answer has passed. */
void qlink_link_reply_timeout(struct session *s, struct link *l, uint64_t now);

/* pool.c: which request goes where, which connections there are */
void qlink_pool_run(struct session *s, uint64_t now);
void qlink_pool_failed(struct session *s, struct link *l, int error, int device_error,
		       uint64_t now);
uint64_t qlink_pool_deadline(const struct session *s);
unsigned qlink_pool_count(const struct session *s, enum link_state state);
/** The connection whose events count. */
struct link *qlink_pool_event_link(struct session *s);

/* monitor.c: the event connection, watched items, what is known */
/** @return a request that this connection owes itself, or NULL. */
struct request *qlink_monitor_next(struct session *s, struct link *l, uint64_t now);
struct request *qlink_monitor_refresh(struct session *s);
/** An internal request of this connection ended. */
void qlink_monitor_finished(struct session *s, struct link *l, struct request *r, int error,
			    uint64_t now);
void qlink_monitor_lost(struct session *s, int error, int device_error, uint64_t now);
void qlink_monitor_check(struct session *s, struct link *l, uint64_t now);
void qlink_monitor_event(struct session *s, struct qlink_event *event, uint64_t now);
void qlink_monitor_mark_all(struct session *s);

/* known.c: answers and own writes become known values */
void qlink_known_learn(struct session *s, const struct request *r, uint64_t now);
void qlink_known_event(struct session *s, const struct qlink_event *event, uint64_t now);
void qlink_known_forget_levels(struct session *s);

/* session.c */
/** Emit an event. */
void qlink_session_emit(struct session *s, struct qlink_event *event, struct span text,
			uint64_t now);
/** A request of any purpose ends. */
void qlink_session_finish(struct session *s, struct link *l, struct request *r, int error,
			  uint64_t now);
/** Stop, all requests of the caller ending with this error. */
void qlink_session_end(struct session *s, int error, uint64_t now);

#endif
