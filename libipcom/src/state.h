/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_STATE_H
#define IPCOM_STATE_H

#include "common/buf.h"
#include "common/prng.h"

#include "cipher.h"
#include "message.h"
#include "queue.h"
#include "session.h"

/* The inside of a session, for session.c, answer.c, schedule.c, shadow.c and shutter.c only. */

#define NEVER UINT64_MAX

/** What an output should become. */
struct cell {
	bool wanted; /**< a value was asked for and no snapshot has shown it yet */
	bool toggle; /**< the value follows from the snapshot before the write */
	bool sent;
	bool shutter; /**< moves one: never written twice */
	uint8_t value;
	unsigned writes;
	uint64_t step; /**< of the write: a poll asked for later counts */
	uint64_t confirm_by;
	struct request *owner; /**< NULL: nobody waits for it */
};

/** The outputs: what the bus showed, and what was asked for. */
struct shadow {
	bool valid; /**< a snapshot of this connection came */
	uint64_t time_ms;
	uint64_t step; /**< at which it was asked for */
	uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS];
	bool compared; /**< `values` held a snapshot before, perhaps of an earlier connection */
	struct cell cells[IPCOM_MODULES][IPCOM_OUTPUTS];
};

enum shutter_phase {
	SHUTTER_REST,
	SHUTTER_START,    /**< to be started from a fresh snapshot */
	SHUTTER_STOPPING, /**< the opposite relay is being switched off */
	SHUTTER_DEAD,     /**< pause until `at` */
	SHUTTER_STARTING, /**< its relay is being switched on */
	SHUTTER_MOVING    /**< until `at` */
};

struct shutter {
	struct ipcom_output up, down;
	unsigned travel_ms, dead_ms;
	enum shutter_phase phase;
	enum ipcom_direction direction;
	struct request *owner;
	uint64_t at;
	uint64_t up_off_at, down_off_at; /**< when each relay last went off; 0 = not seen */
	bool fault_told;
};

/** The request that the device has not answered yet. */
enum in_flight {
	FLIGHT_NONE,
	FLIGHT_LOGIN,
	FLIGHT_POLL,
	FLIGHT_KEEPALIVE,
	FLIGHT_WRITE
};

struct session {
	struct session_config config;
	struct cmn_log log;
	struct cmn_prng prng;
	enum ipcom_state state;
	uint32_t generation; /**< of the connection; never 0 */
	struct cipher cipher;
	struct cmn_buf in, out;
	bool clear;       /**< this connection's login goes in clear text */
	bool was_ready;   /**< once since the start */
	unsigned attempt; /**< failures since the last session that was ready */
	uint64_t retry_at;
	enum in_flight flight;
	uint64_t sent_at; /**< of the request in flight */
	uint64_t flight_step;
	uint64_t heard_at; /**< last byte */
	uint64_t answered_at;
	uint64_t poll_at; /**< next background poll */
	uint64_t keepalive_at;
	uint64_t written_at; /**< last write */
	uint64_t close_by;   /**< end of CLOSING */
	bool goodbye;        /**< the disconnect message is in the output */
	bool unknown_before; /**< the last message was not understood either */
	uint64_t step;       /**< counts messages sent: orders polls against writes */
	uint64_t now;        /**< of the last run */
	struct shadow shadow;
	struct shutter shutters[IPCOM_MAX_SHUTTERS];
	unsigned shutter_count;
	struct request *requests; /**< in order of age */
	size_t request_count;
	uint32_t last_id;
	struct event_list events;
	struct ipcom_statistics statistics;
	struct ipcom_change *history;
	size_t history_next, history_count;
};

/* session.c: the connection's life, requests and their ends */
void ipcom_session_connect(struct session *s, uint64_t now);
void ipcom_session_idle(struct session *s, int error, uint64_t now);
void ipcom_session_emit(struct session *s, struct ipcom_event *event, uint64_t now);
void ipcom_session_lost(struct session *s, int error, uint64_t now);
void ipcom_session_set_state(struct session *s, enum ipcom_state state, int error, uint64_t now);
/** A request ends; it is taken off everything that points to it. */
void ipcom_request_finish(struct session *s, struct request *r, int error, uint64_t now);
/** One of its outputs or steps is done; the last one ends it. */
void ipcom_request_step(struct session *s, struct request *r, uint64_t now);

/* login.c */
void ipcom_login_send(struct session *s, uint64_t now);
void ipcom_login_receive(struct session *s, uint64_t now);
/** Time has passed, or the peer has closed: what came is the whole answer. */
void ipcom_login_silence(struct session *s, bool closed, uint64_t now);
uint64_t ipcom_login_deadline(const struct session *s);

/* answer.c: bytes received after the login */
void ipcom_answer_receive(struct session *s, uint64_t now);
void ipcom_answer_tick(struct session *s, uint64_t now);
uint64_t ipcom_answer_deadline(const struct session *s);

/* schedule.c: what is sent next */
void ipcom_schedule_run(struct session *s, uint64_t now);
uint64_t ipcom_schedule_deadline(const struct session *s);
/** Tell the device that this is the end, whatever is in flight. */
void ipcom_schedule_goodbye(struct session *s, uint64_t now);
/** The same, and stop what was set moving from the last snapshot known. */
void ipcom_schedule_farewell(struct session *s, uint64_t now);
/** Encode a message into the output. @return false without memory */
bool ipcom_schedule_send(struct session *s, enum in_flight flight, const uint8_t *plain,
			 size_t size, uint64_t now);

/* shadow.c: wanted against shown */
struct cell *ipcom_shadow_cell(struct session *s, struct ipcom_output output);
uint8_t ipcom_shadow_value(const struct session *s, struct ipcom_output output);
/** What the output will be: wanted, or else shown. */
uint8_t ipcom_shadow_effective(const struct session *s, struct ipcom_output output);
void ipcom_shadow_want(struct session *s, struct ipcom_output output, uint8_t value, bool toggle,
		       bool shutter, struct request *owner, uint64_t now);
/** The module that should be written next; 0 = none. */
unsigned ipcom_shadow_next_module(const struct session *s);
/** Build the vector for a module; cells that would be unsafe are refused first. */
void ipcom_shadow_merge(struct session *s, unsigned module, uint8_t values[IPCOM_OUTPUTS],
			uint64_t now);
void ipcom_shadow_written(struct session *s, unsigned module, uint64_t now);
void ipcom_shadow_snapshot(struct session *s, const uint8_t *values, uint64_t step, uint64_t now);
/** Nobody waits for these cells any more. */
void ipcom_shadow_disown(struct session *s, const struct request *owner, bool drop_unsent);
void ipcom_shadow_lost(struct session *s);

/* shutter.c */
struct shutter *ipcom_shutter_of(struct session *s, struct ipcom_output output);
int ipcom_shutter_start(struct session *s, struct shutter *shutter, enum ipcom_direction direction,
			struct request *owner, uint64_t now);
/** @return whether one waits for a fresh snapshot to start from. */
bool ipcom_shutter_waits(const struct session *s);
/** Start those, the snapshot being fresh. */
void ipcom_shutter_fresh(struct session *s, uint64_t now);
/** Steps after a write or with time. */
void ipcom_shutter_tick(struct session *s, uint64_t now);
void ipcom_shutter_check(struct session *s, uint64_t now);
/** An output went off, by whoever it was: a motor that this stopped has to rest. */
void ipcom_shutter_off(struct session *s, struct ipcom_output output, uint64_t now);
/** Set everything that this session moved to rest. @return whether anything moves */
bool ipcom_shutter_stop_all(struct session *s, uint64_t now);
void ipcom_shutter_lost(struct session *s, uint64_t now);
void ipcom_shutter_disown(struct session *s, const struct request *owner);
uint64_t ipcom_shutter_deadline(const struct session *s);

#endif
