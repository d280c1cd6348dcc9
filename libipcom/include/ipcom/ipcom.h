/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_IPCOM_H
#define IPCOM_IPCOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcom/version.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file ipcom.h
 * The IPCom module of HomeAnywhere / AnB: relays, dimmers and shutters behind one TCP connection.
 *
 * One handle (struct ipcom) keeps one session with one module and one bus. It polls all 16 × 8
 * outputs, merges every write with what the bus last showed, and confirms it by a later snapshot.
 * Work flow: ipcom_new(), setters, ipcom_connect(), then wait for ipcom_get_fd() to become
 * readable, call ipcom_dispatch(), and take events with ipcom_next_event() until it returns NULL. A
 * request (ipcom_output_set() and the like) is queued and returns at once; exactly one event of
 * type IPCOM_EVENT_RESULT with its id follows, whatever happens. Each request has a blocking twin
 * whose name ends in `_sync`.
 *
 * **Ownership.** The handle owns everything it hands out. An event and all that it points to is
 * valid until the next call of ipcom_next_event(), ipcom_take_result(), a `_sync` function,
 * ipcom_connect(), or ipcom_free(). Strings and arrays given to a function are copied.
 *
 * **Threads.** There are none inside. A handle is used by one thread at a time; different handles
 * are independent. The log callback runs in the thread that called the library, and must not call
 * the library on the same handle.
 *
 * **Blocking.** Nothing blocks except ipcom_connect() while it resolves a name (not with a numeric
 * address), ipcom_wait() and the `_sync` functions (at most their timeout).
 *
 * **Errors.** Functions return 0 (or a count where said) or one of these, and result events carry
 * one of these in `error`; ipcom_strerror() words them:
 * - `-EINVAL` an argument is out of its range; nothing was sent
 * - `-ENOMEM` out of memory
 * - `-EBUSY` option set while connected, or IPCOM_MAX_REQUESTS requests are waiting
 * - `-EPERM` refused here to protect the house or the user: both relays of a shutter on, or a
 *   device that does not encrypt without ipcom_set_allow_clear()
 * - `-ENOTCONN` ipcom_connect() was not called, or an adopted socket is gone
 * - `-ECONNRESET` the connection was lost
 * - `-ECONNREFUSED` `-EHOSTUNREACH` refused or unreachable; `-EADDRNOTAVAIL` the name does not
 *   resolve
 * - `-EACCES` user name or password refused
 * - `-ETIMEDOUT` no answer in time, or no snapshot showed the value: unconfirmed
 * - `-ECANCELED` ended by ipcom_cancel(), ipcom_disconnect() or a newer request for that output
 * - `-EPROTO` answers that cannot be read
 * - `-ENOENT` nothing known yet (values only)
 *
 * Out parameters (`ret_…`) are written only on success, and may be NULL where said.
 * Section numbers refer to docs/protocols/ipcom.md.
 *
 * @defgroup ipcom libipcom
 * @{
 */

#define IPCOM_MODULES 16
#define IPCOM_OUTPUTS 8
/** Most requests waiting or in flight on one handle. */
#define IPCOM_MAX_REQUESTS 256
/** Most shutters of one handle: two relays each. */
#define IPCOM_MAX_SHUTTERS 64
/** Most events waiting for ipcom_next_event(), results not counted. */
#define IPCOM_MAX_EVENTS 4096
/** Most changes that the history keeps. */
#define IPCOM_MAX_HISTORY 65536
/** Longest user name and password in bytes (section 4.1). */
#define IPCOM_MAX_USERNAME 21
#define IPCOM_MAX_PASSWORD 22

struct ipcom;

/** Type of the bus; decides about addresses (section 7.2). */
enum ipcom_bus_type {
	IPCOM_BUS_MINIDO,
	IPCOM_BUS_BIBUS,
	IPCOM_BUS_OTHER
};

/** What an output drives; decides about "on" and about confirmation (section 7.3). */
enum ipcom_kind {
	IPCOM_RELAY, /**< on is 255; any value but 0 confirms it */
	IPCOM_DIMMER /**< percent, on is 100; confirmed within 2 */
};

/** Where a shutter goes. */
enum ipcom_direction {
	IPCOM_STOP,
	IPCOM_OPEN, /**< the relay "up" */
	IPCOM_CLOSE /**< the relay "down" */
};

/** One output of one module. */
struct ipcom_output {
	unsigned module; /**< 1–16 */
	unsigned output; /**< 1–8 */
};

/** An output and the value that it should get. */
struct ipcom_setting {
	struct ipcom_output output;
	unsigned value; /**< 0–255 */
};

/** Where the session stands (section 19). */
enum ipcom_state {
	IPCOM_STATE_IDLE,       /**< not started, or disconnected */
	IPCOM_STATE_CONNECTING, /**< TCP */
	IPCOM_STATE_LOGIN,      /**< the login was sent */
	IPCOM_STATE_SYNC,       /**< logged in, no snapshot yet */
	IPCOM_STATE_READY,      /**< outputs are known and can be set */
	IPCOM_STATE_BACKOFF,    /**< lost; another attempt follows in `delay_ms` */
	IPCOM_STATE_REFUSED,    /**< user or password refused; as BACKOFF, at its maximum */
	IPCOM_STATE_CLOSING     /**< shutters are being stopped before the end */
};

/** Severity of a log message. */
enum ipcom_log_level {
	IPCOM_LOG_ERROR,
	IPCOM_LOG_WARNING,
	IPCOM_LOG_INFO,
	IPCOM_LOG_DEBUG,
	IPCOM_LOG_WIRE /**< bytes on the wire, as a line of a conversation file; the login masked */
};

/** What happened; callers pass over types that they do not know. */
enum ipcom_event_type {
	/** A request ended: `id error`. Confirmed by a snapshot when error is 0. */
	IPCOM_EVENT_RESULT = 1,
	/** The session changed its state: `state error delay_ms`, with `data size` the bytes of an
	 *  answer to the login that was no acceptance. */
	IPCOM_EVENT_STATE,
	/** All outputs as just polled: `values`. */
	IPCOM_EVENT_SNAPSHOT,
	/** An output differs from the snapshot before, also one before a reconnect: `output
	 *  old_value value`. Stands before its SNAPSHOT event. */
	IPCOM_EVENT_CHANGED,
	/** All of a request is on its way: `id`. */
	IPCOM_EVENT_SENT,
	/** A snapshot shows both relays of a shutter on: `shutter`. They are switched off. */
	IPCOM_EVENT_SHUTTER_FAULT,
	/** A message nobody waits for, decoded: `data size`. */
	IPCOM_EVENT_MESSAGE,
	/** `count` events were dropped because IPCOM_MAX_EVENTS were waiting. */
	IPCOM_EVENT_OVERFLOW
};

/** What ipcom_next_event() returns. Read-only; later releases append fields. A field that the type
 *  does not name is 0. */
struct ipcom_event {
	enum ipcom_event_type type;
	uint64_t time_ms; /**< monotonic time at which it became known */
	uint32_t id;
	int error; /**< 0 or a negative errno */
	enum ipcom_state state;
	uint32_t delay_ms, count;
	struct ipcom_output output;
	unsigned old_value, value;
	unsigned shutter;
	/** [module - 1][output - 1] */
	const uint8_t (*values)[IPCOM_OUTPUTS];
	const uint8_t *data;
	size_t size;
};

/** One remembered change. */
struct ipcom_change {
	uint64_t time_ms; /**< monotonic */
	struct ipcom_output output;
	uint8_t old_value, value;
};

/** Counters since ipcom_new(); later releases append fields. */
struct ipcom_statistics {
	uint64_t connects;         /**< TCP connections that came up */
	uint64_t connect_failures; /**< attempts that failed */
	uint64_t logins;           /**< accepted */
	uint64_t logins_refused;
	uint64_t reconnects; /**< sessions that were ready again after a loss */
	uint64_t snapshots;
	uint64_t polls, keepalives, writes; /**< messages sent */
	uint64_t missed_answers;            /**< requests without an answer in time */
	uint64_t unknown_messages;          /**< with an ID or layout that is not known */
	uint64_t stray_messages;            /**< known ones that nobody waited for */
	uint64_t bad_checksums;
	uint64_t dropped_bytes;  /**< incomplete leftovers thrown away */
	uint64_t dropped_events; /**< see IPCOM_EVENT_OVERFLOW */
	uint64_t bytes_sent, bytes_received;
	uint64_t answer_ms_last, answer_ms_max;
	uint64_t answers;       /**< answers measured */
	uint64_t answer_ms_sum; /**< their times together */
	uint64_t login_ms;      /**< from the last login to its answer */
	unsigned write_answer;  /**< how the last write was answered: 0 not yet, 1 message, 2
				    *   snapshot, 3 nothing (section 9) */
	bool encrypted;         /**< the session is not in clear text */
	int last_error;         /**< of the last failed attempt or loss; 0 once ready */
	char firmware[5];       /**< as the device told at login, printable */
};

/** @name Handle
 * @{ */

/**
 * Make a handle with the defaults named at the setters.
 * @return 0, -EINVAL for NULL, or -ENOMEM (also for want of descriptors)
 * @since 0.1
 */
int ipcom_new(struct ipcom **ret);

/** Disconnect at once and free everything; NULL is allowed. Moving shutters are told to stop if the
 *  socket takes it. Waiting results are lost: call ipcom_disconnect() and take the events first to
 *  see them. The password is wiped. @since 0.1 */
void ipcom_free(struct ipcom *c);

/** @} @name Options
 * Before ipcom_connect(); -EBUSY while connected unless said otherwise, -EINVAL out of range.
 * @{ */

/** Host name or address (`[v6]` brackets allowed) and port (default 5000). */
int ipcom_set_address(struct ipcom *c, const char *host, uint16_t port);
/** User name and password, 1–IPCOM_MAX_USERNAME and 1–IPCOM_MAX_PASSWORD bytes. */
int ipcom_set_credentials(struct ipcom *c, const char *username, const char *password);
/** Bus 1 (default) or 2, and its type (default IPCOM_BUS_MINIDO). */
int ipcom_set_bus(struct ipcom *c, unsigned bus, enum ipcom_bus_type type);
/** Override the address of module 1 (0–240) and the bus byte of a frame (0 none, 1, 2), which
 *  otherwise follow from the bus (section 7.2). */
int ipcom_set_frame_address(struct ipcom *c, unsigned base, unsigned bus_byte);
/** What an output drives (default IPCOM_RELAY). */
int ipcom_set_kind(struct ipcom *c, struct ipcom_output output, enum ipcom_kind kind);
/**
 * Two relays are a shutter: they are never on together.
 * @param travel_ms     after this time the relay is switched off, 0 never – 3600000
 * @param dead_ms       pause before it reverses, 300–60000
 * @param ret_shutter   its number for ipcom_shutter_move(); may be NULL
 * @return 0, -EINVAL (also: a relay belongs to a shutter already), -EBUSY (also: too many)
 */
int ipcom_add_shutter(struct ipcom *c, struct ipcom_output up, struct ipcom_output down,
		      unsigned travel_ms, unsigned dead_ms, unsigned *ret_shutter);
/** Talk in clear text to a device that does not encrypt (default false: -EPERM). */
int ipcom_set_allow_clear(struct ipcom *c, bool on);
/** Allow both relays of a shutter to be on, and do not switch them off (default false). */
int ipcom_set_force(struct ipcom *c, bool on);
/** Stop shutters that this handle set moving before the connection is closed (default true). */
int ipcom_set_stop_shutters(struct ipcom *c, bool on);
/** Whole time of a request: 1–3600000 ms, default 10000. Also while connected, for later ones. */
int ipcom_set_timeout(struct ipcom *c, unsigned timeout_ms);
/** Time to an answer before the device counts as lost: 1–3600000 ms, default 6000. */
int ipcom_set_reply_timeout(struct ipcom *c, unsigned timeout_ms);
/** Time for one connection attempt: 1–3600000 ms, default 5000. */
int ipcom_set_connect_timeout(struct ipcom *c, unsigned timeout_ms);
/** Wait between attempts: base_ms doubling up to max_ms, ±10 %; default 1000 and 30000. */
int ipcom_set_reconnect(struct ipcom *c, unsigned base_ms, unsigned max_ms);
/** Stop after a refused login instead of trying again at the maximum delay (default false). */
int ipcom_set_stop_when_refused(struct ipcom *c, bool on);
/** Pause from an answer to the next poll: 50–3600000 ms, default 350. */
int ipcom_set_poll_interval(struct ipcom *c, unsigned interval_ms);
/** Keepalive: 0 (off)–3600000 ms, default 30000. */
int ipcom_set_keepalive(struct ipcom *c, unsigned interval_ms);
/** Keep the last changes: 0 (default)–IPCOM_MAX_HISTORY. */
int ipcom_set_history(struct ipcom *c, unsigned most);
/** Log messages up to a level; fn NULL = silent (the default). Also while connected.
 *  @param fn        gets finished text without a line end; must not call the library with c
 *  @param userdata  handed to fn; must outlive the handle or the next ipcom_set_log() */
int ipcom_set_log(struct ipcom *c, enum ipcom_log_level level,
		  void (*fn)(void *userdata, int level, const char *text), void *userdata);

/** @} @name Connection
 * @{ */

/**
 * Begin: resolve the name (this may block, see the head of this file), connect, log in, and keep
 * the session from now on.
 * @return 0; -EBUSY already connected; -EINVAL no address or credentials set; -EADDRNOTAVAIL;
 *         -ENOMEM
 * @since 0.1
 */
int ipcom_connect(struct ipcom *c);

/** Begin on a connected stream socket; it belongs to the handle from success on and is made
 *  non-blocking. When it is lost nothing is reopened. @return as above @since 0.1 */
int ipcom_connect_fd(struct ipcom *c, int fd);

/** End the session: every request ends with -ECANCELED, shutters set moving by this handle are
 *  stopped, the device is told. Returns at once; IPCOM_STATE_IDLE says when it is done, after at
 *  most 2 s. Events stay to be taken. @since 0.1 */
void ipcom_disconnect(struct ipcom *c);

/** @return a descriptor that stays the same for the handle's life; readable = call
 *  ipcom_dispatch(). Only for poll() and its relatives. @since 0.1 */
int ipcom_get_fd(struct ipcom *c);

/** Do what is due: connect, send, receive, time-outs. Never blocks. @return 0 or -ENOMEM or the
 *  errno of epoll (then call it again later). @since 0.1 */
int ipcom_dispatch(struct ipcom *c);

/** @return the next event, or NULL when there is none. Valid until the next call. @since 0.1 */
const struct ipcom_event *ipcom_next_event(struct ipcom *c);

/** @return whether ipcom_next_event() has something to give. @since 0.1 */
bool ipcom_has_event(const struct ipcom *c);

/** @return whether a request has been made and its result event is not there yet. @since 0.1 */
bool ipcom_is_pending(const struct ipcom *c, uint32_t id);

/** Take the result of one request out of turn; the other events keep their order.
 *  @return NULL while it is not there. Valid until the next call. @since 0.1 */
const struct ipcom_event *ipcom_take_result(struct ipcom *c, uint32_t id);

/** End a request with -ECANCELED; what was written stays written. @return 0, or -ENOENT when there
 *  is no such request waiting. @since 0.1 */
int ipcom_cancel(struct ipcom *c, uint32_t id);

/** @return the state as of the last event made. @since 0.1 */
enum ipcom_state ipcom_get_state(const struct ipcom *c);

/** @return the counters; valid until ipcom_free(), changing with every call. @since 0.1 */
const struct ipcom_statistics *ipcom_get_statistics(const struct ipcom *c);

/**
 * Wait until an event can be taken, dispatching meanwhile.
 * @param timeout_ms  0 returns at once, negative waits for ever
 * @return 1 an event waits; 0 the time is up; or an error of ipcom_dispatch() or poll()
 * @since 0.1
 */
int ipcom_wait(struct ipcom *c, int timeout_ms);

/** @} @name Values
 * @{ */

/**
 * All outputs as one snapshot of this connection showed them.
 * @param ret_values  [module - 1][output - 1]
 * @param ret_age_ms  time since the snapshot came; may be NULL
 * @return 0, or -ENOENT before the first snapshot of this connection
 * @since 0.1
 */
int ipcom_values(const struct ipcom *c, uint8_t ret_values[IPCOM_MODULES][IPCOM_OUTPUTS],
		 uint64_t *ret_age_ms);

/** The value that an output should have once all requests are done; else as above. */
int ipcom_expected(const struct ipcom *c, struct ipcom_output output, unsigned *ret_value);

/** The last changes, oldest first, at most ROOM. @return how many were written. @since 0.1 */
size_t ipcom_history(const struct ipcom *c, struct ipcom_change *changes, size_t room);

/** @} @name Requests
 * Each returns 0, -EINVAL, -EPERM, -EBUSY, -ENOTCONN or -ENOMEM. `ret_id` (may be NULL) gets the id
 * that the one IPCOM_EVENT_RESULT carries. A request made before the first snapshot waits for it.
 * One that waits, or is not confirmed yet, when the connection is lost goes on from the first
 * snapshot of the next one, within its time, unless it moves a shutter: then it ends with
 * -ECONNRESET. A value that no snapshot shows within 2 s is written once more, but never for a
 * shutter.
 * @since 0.1
 * @{ */

/** Set an output. */
int ipcom_output_set(struct ipcom *c, struct ipcom_output output, unsigned value, uint32_t *ret_id);
/** Set several outputs; each module is written once. `count` 1–128, no output twice. */
int ipcom_outputs_set(struct ipcom *c, const struct ipcom_setting *settings, size_t count,
		      uint32_t *ret_id);
/** Set an output on (255, or 100 for a dimmer) if a fresh snapshot shows it off, else off. */
int ipcom_output_toggle(struct ipcom *c, struct ipcom_output output, uint32_t *ret_id);
/** Move or stop a shutter of ipcom_add_shutter() (section 11). Ends when a snapshot shows its
 *  relays as asked, not when it has arrived; the travel time then runs on in the handle. */
int ipcom_shutter_move(struct ipcom *c, unsigned shutter, enum ipcom_direction direction,
		       uint32_t *ret_id);
/** Poll now. Ends with the next snapshot that was asked for after this call. */
int ipcom_refresh(struct ipcom *c, uint32_t *ret_id);

/** @} @name Blocking twins
 * Each makes the request above, waits for its result and returns its error. Other events stay in
 * the queue. `timeout_ms` as in poll(): 0 does not wait, negative waits until the request's own
 * time is up; when it passes the request is cancelled and the call returns -ETIMEDOUT (the error of
 * the last attempt to connect, if the session was not ready). `ret_event` (may be NULL) gets the
 * result event; NULL is written when there is none.
 * @since 0.1
 * @{ */

/** Wait for the result of a request made before; -ENOENT when it is unknown. */
int ipcom_await(struct ipcom *c, uint32_t id, int timeout_ms, const struct ipcom_event **ret_event);
int ipcom_output_set_sync(struct ipcom *c, struct ipcom_output output, unsigned value,
			  int timeout_ms, const struct ipcom_event **ret_event);
int ipcom_outputs_set_sync(struct ipcom *c, const struct ipcom_setting *settings, size_t count,
			   int timeout_ms, const struct ipcom_event **ret_event);
int ipcom_output_toggle_sync(struct ipcom *c, struct ipcom_output output, int timeout_ms,
			     const struct ipcom_event **ret_event);
int ipcom_shutter_move_sync(struct ipcom *c, unsigned shutter, enum ipcom_direction direction,
			    int timeout_ms, const struct ipcom_event **ret_event);
int ipcom_refresh_sync(struct ipcom *c, int timeout_ms, const struct ipcom_event **ret_event);
/** ipcom_disconnect(), and wait until the session is idle. @return 0 or -ETIMEDOUT */
int ipcom_disconnect_sync(struct ipcom *c, int timeout_ms);

/** @} @name Words
 * @{ */

/** @return words for a negative errno of this library; never NULL, valid for ever. @since 0.1 */
const char *ipcom_strerror(int error);
/** @return the release that is linked, "0.1.0"; compare with IPCOM_VERSION of the header.
 *  @since 0.1 */
const char *ipcom_version(void);
/** @return the name of a state, in lower case; "unknown" for others. @since 0.1 */
const char *ipcom_state_name(enum ipcom_state state);

/** @} */
/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
