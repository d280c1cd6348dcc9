/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_MESHTCP_H
#define MESHTCP_MESHTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <meshtcp/fields.h>
#include <meshtcp/records.h>
#include <meshtcp/version.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file meshtcp.h
 * A Meshtastic node over TCP, which serves one connection at a time.
 *
 * A handle (struct meshtcp) is a subscriber. All handles of a process that name the same node share
 * one connection, found by resolved address and port, so that "one connection per node" holds by
 * construction; other processes are kept out by a lock that names its holder. The connection
 * downloads the node's records, is watched, and mends itself.
 *
 * **Work flow.** meshtcp_new(), setters, meshtcp_connect(), then wait for meshtcp_get_fd() to
 * become readable, call meshtcp_dispatch(), and take events with meshtcp_next_event() until it
 * returns NULL. A request (meshtcp_send() and the like) is queued and returns at once; exactly one
 * event of type MESHTCP_EVENT_RESULT with its id follows, whatever happens. Each request has a
 * blocking twin whose name ends in `_sync`.
 *
 * **Ownership.** The handle owns everything it hands out, but snapshots, which are the caller's to
 * free. An event and all that it points to is valid until the next call of meshtcp_next_event(),
 * meshtcp_take_result(), a `_sync` function or meshtcp_free(). Strings and bytes given to a
 * function are copied.
 *
 * **Threads.** Each connection has three threads of its own: one sits in a blocking recv(), one in
 * a blocking send(), and one keeps the time and ends the others. Every function may be called from
 * any thread, but: setters, meshtcp_next_event(), meshtcp_take_result(), meshtcp_get_statistics()
 * and the `_sync` functions of one handle by one thread at a time; meshtcp_connect(),
 * meshtcp_connect_fd() and meshtcp_free() when no other call on the handle is under way. The log
 * and dead-socket callbacks of a connection run in its threads, one at a time and without a lock.
 * They may call requests and everything that only looks; not setters, meshtcp_connect(),
 * meshtcp_free() or the `_sync` functions. They should return soon, since nothing is received
 * meanwhile. docs/threads.md has a table.
 *
 * **Blocking.** Nothing blocks except meshtcp_connect() while it resolves a name (not with a
 * numeric address), meshtcp_free() of the last handle of a connection (until its threads have left:
 * 2 s at most, longer only while a name is being resolved), meshtcp_wait() and the `_sync`
 * functions (at most their timeout).
 *
 * **Errors.** Functions return 0 (or a count where said) or one of these, and result events carry
 * one of these in `error`; meshtcp_strerror() words them:
 * - `-EINVAL` an argument is out of its range; nothing was sent
 * - `-ENOMEM` out of memory, descriptors or threads
 * - `-EBUSY` option set while connected; MESHTCP_MAX_REQUESTS requests are waiting; another process
 *   holds the node (meshtcp_get_holder()); or a visit to a node that is open here
 * - `-ENOTCONN` meshtcp_connect() was not called, or an adopted socket is gone
 * - `-ECONNRESET` the connection was lost and the request cannot be repeated
 * - `-ECONNREFUSED` `-EHOSTUNREACH` refused or unreachable; `-EADDRNOTAVAIL` the name does not
 *   resolve
 * - `-ETIMEDOUT` no answer in time; what became of it is not known
 * - `-ECANCELED` ended by meshtcp_cancel(), meshtcp_disconnect() or meshtcp_free()
 * - `-EMSGSIZE` longer than a packet can be; nothing was sent
 * - `-EIO` the node, or the other side, answered with a routing error: `routing_error`
 * - `-ENOENT` no such node, channel or record
 * - `-EBADMSG` a payload that cannot be decoded
 *
 * Out parameters (`ret_…`) are written only on success, and may be NULL where said.
 * Section numbers refer to docs/protocols/meshtcp.md.
 *
 * @defgroup meshtcp libmeshtcp
 * @{
 */

/** Most requests waiting for their result on one connection. */
#define MESHTCP_MAX_REQUESTS 256
/** Most events waiting for meshtcp_next_event(), results not counted. */
#define MESHTCP_MAX_EVENTS 4096
/** Most nodes that are kept; the one heard longest ago makes room. */
#define MESHTCP_MAX_NODES 1024

struct meshtcp;

/** How much is downloaded after connecting (section 6). */
enum meshtcp_download {
	MESHTCP_DOWNLOAD_ALL,    /**< everything */
	MESHTCP_DOWNLOAD_CONFIG, /**< all but the other nodes */
	MESHTCP_DOWNLOAD_NONE    /**< nothing: for sending alone; the own number is not known */
};

/** Where the connection stands. */
enum meshtcp_state {
	MESHTCP_STATE_IDLE,
	MESHTCP_STATE_CONNECTING,
	MESHTCP_STATE_DOWNLOADING, /**< connected; the records are coming */
	MESHTCP_STATE_READY,
	MESHTCP_STATE_BACKOFF, /**< lost; another attempt follows in `delay_ms` */
	MESHTCP_STATE_CLOSING
};

/** Why a connection ended (section 15). */
enum meshtcp_reason {
	MESHTCP_REASON_NONE,
	MESHTCP_REASON_CLOSED,      /**< by the node */
	MESHTCP_REASON_RESET,       /**< by the node or on the way */
	MESHTCP_REASON_SILENT,      /**< nothing came for too long */
	MESHTCP_REASON_EVICTED,     /**< again and again: another client uses the node */
	MESHTCP_REASON_IDLE,        /**< by the node, after 15 minutes without a frame of ours */
	MESHTCP_REASON_REBOOTED,    /**< the node restarts */
	MESHTCP_REASON_REFUSED,     /**< no connection: refused */
	MESHTCP_REASON_UNREACHABLE, /**< no connection: unreachable, or the name does not resolve */
	MESHTCP_REASON_TIMEOUT,     /**< no connection, or no download, in time */
	MESHTCP_REASON_LOCAL        /**< by us */
};

/** What is known of a packet that was sent (section 11). */
enum meshtcp_send_state {
	MESHTCP_SEND_WAITING, /**< here: paced, or the node is not ready */
	MESHTCP_SEND_QUEUED,  /**< the node took it */
	MESHTCP_SEND_RELAYED, /**< it is out: implicit acknowledgement */
	MESHTCP_SEND_DELIVERED,
	MESHTCP_SEND_FAILED,
	MESHTCP_SEND_UNKNOWN /**< nothing was heard of it */
};

/** Severity of a log message. */
enum meshtcp_log_level {
	MESHTCP_LOG_ERROR,
	MESHTCP_LOG_WARNING,
	MESHTCP_LOG_INFO,
	MESHTCP_LOG_DEBUG,
	MESHTCP_LOG_WIRE /**< frames, as a line of a conversation file; keys masked */
};

/** A packet to be sent. Zero it first; later releases append fields. */
struct meshtcp_message {
	uint32_t to;      /**< node number, MESHTCP_BROADCAST, or MESHTCP_LOCAL */
	unsigned channel; /**< index, 0–7 */
	unsigned port;    /**< 1–511 (section 9) */
	const void *payload;
	size_t size; /**< at most MESHTCP_MAX_PAYLOAD */
	bool want_ack, want_response;
	uint32_t reply_id; /**< of the message that is answered; 0 = none */
	uint32_t emoji;    /**< not 0: the payload is a reaction */
	int hop_limit; /**< 1–7; 0 = as the node is set up; -1 = none at all, without want_ack */
	uint32_t request_id; /**< 0, or id of the packet that this one answers */
};

/** What happened; callers pass over types that they do not know. */
enum meshtcp_event_type {
	/** A request ended: `id error send_state routing_error queue_error`, with `packet` its
	 *  answer if it has one, and with `data size` what was read (a section, an owner). */
	MESHTCP_EVENT_RESULT = 1,
	/** The connection changed its state: `state reason error delay_ms`. */
	MESHTCP_EVENT_STATE,
	/** A packet came: `packet`. */
	MESHTCP_EVENT_PACKET,
	/** A packet of this handle has got further: `id send_state`. The last step is in its
	 *  result. */
	MESHTCP_EVENT_SEND,
	/** Who or where a node is has become known or has changed: `node`. */
	MESHTCP_EVENT_NODE,
	/** A known node has another public key than before: `node`. A warning sign. */
	MESHTCP_EVENT_KEY_CHANGED,
	/** The node wants its user to know: `text level`, `id` of the packet it is about or 0. */
	MESHTCP_EVENT_NOTIFICATION,
	/** A line of the node's log: `text level`. */
	MESHTCP_EVENT_LOG,
	/** Another node than before answers at this address: `node`. */
	MESHTCP_EVENT_OTHER_NODE,
	/** A message for MQTT: `text` the topic, `data size`. */
	MESHTCP_EVENT_MQTT,
	/** `count` events were dropped because MESHTCP_MAX_EVENTS were waiting. */
	MESHTCP_EVENT_OVERFLOW
};

/** What meshtcp_next_event() returns. Read-only; later releases append fields. A field that the
 *  type does not name is 0. */
struct meshtcp_event {
	enum meshtcp_event_type type;
	uint64_t time_ms; /**< monotonic time at which it became known */
	uint32_t id;
	int error; /**< 0 or a negative errno */
	enum meshtcp_state state;
	enum meshtcp_reason reason;
	uint32_t delay_ms, count;
	enum meshtcp_send_state send_state;
	unsigned routing_error; /**< section 11; 0 = none */
	uint32_t node;
	unsigned level;
	const char *text;
	const uint8_t *data;
	size_t size;
	const struct meshtcp_packet *packet;
	/** What the node's queue status refused it with when no routing error followed; its numbers
	 *  are others (section 11). 0 = none. */
	unsigned queue_error;
};

/** The own node, as the download told; later releases append fields. */
struct meshtcp_info {
	uint32_t num;
	char firmware[32]; /**< "2.7.15.567b8ea"; "" = not told */
	uint32_t hw_model, role, region, modem_preset;
	bool use_preset, tx_enabled, has_lora;
	uint32_t hop_limit;
	uint32_t reboot_count, node_count;
	bool is_managed;
	struct meshtcp_user user; /**< its id is "" when the record did not come */
	struct meshtcp_channel channels[MESHTCP_CHANNELS];
};

/** All known nodes at one moment; never changes. */
struct meshtcp_nodes {
	size_t count;
	const struct meshtcp_node *node; /**< in order of number */
};

/** Counters of the connection; later releases append fields. */
struct meshtcp_statistics {
	uint64_t connects, connect_failures, downloads, reconnects;
	uint64_t lost[MESHTCP_REASON_LOCAL + 1]; /**< connections by the reason of their end */
	uint64_t frames_sent, frames_received, bytes_sent, bytes_received;
	uint64_t packets_sent, packets_received;
	uint64_t duplicates;     /**< packets that came before, not told again */
	uint64_t undecodable;    /**< frames that are no message */
	uint64_t skipped_bytes;  /**< outside frames */
	uint64_t heartbeats;     /**< sent */
	uint64_t health_checks;  /**< that found silence */
	uint64_t resent;         /**< packets without a queue status */
	uint64_t dropped_events; /**< of this handle, see MESHTCP_EVENT_OVERFLOW */
	uint64_t download_ms;    /**< time of the last download */
	uint64_t downtime_ms;    /**< between a loss and ready again, all together */
	int queue_free;          /**< of the node's queue; -1 = not told */
	enum meshtcp_reason last_reason;
};

/** @name Handle
 * @{ */

/**
 * Make a handle with the defaults named at the setters.
 * @return 0, -EINVAL for NULL, or -ENOMEM
 * @since 0.1
 */
int meshtcp_new(struct meshtcp **ret);

/** Leave the connection, which ends with its last handle, and free everything; NULL is allowed. The
 *  node is told goodbye. Not from a callback. @since 0.1 */
void meshtcp_free(struct meshtcp *m);

/** @} @name Options
 * Before meshtcp_connect(); -EBUSY while connected unless said otherwise, -EINVAL out of range.
 * Where handles share a connection those of the first count, but for meshtcp_set_download(),
 * meshtcp_set_timeout() and meshtcp_set_log().
 * @{ */

/** Host name or address (`[v6]` brackets allowed) and port (default 4403). @since 0.1 */
int meshtcp_set_address(struct meshtcp *m, const char *host, uint16_t port);
/** Default MESHTCP_DOWNLOAD_ALL. A handle that wants more than a connection has gets it by one more
 *  download. @since 0.1 */
int meshtcp_set_download(struct meshtcp *m, enum meshtcp_download download);
/** Connect although another process holds the node: one of the two will be thrown out.
 *  @since 0.1 */
int meshtcp_set_force(struct meshtcp *m, bool on);
/** Whole time of a request: 1–3600000 ms, default 300000. Also while connected, for later ones.
 *  @since 0.1 */
int meshtcp_set_timeout(struct meshtcp *m, unsigned timeout_ms);
/** Time for one connection attempt to each address of a name: 1–3600000 ms, default 10000.
 *  @since 0.1 */
int meshtcp_set_connect_timeout(struct meshtcp *m, unsigned timeout_ms);
/** Wait between attempts: base_ms doubling up to max_ms, ±20 %; default 1000 and 60000.
 *  @since 0.1 */
int meshtcp_set_reconnect(struct meshtcp *m, unsigned base_ms, unsigned max_ms);
/** Health monitor: every CHECK_MS (default 30000) the connection is given up when nothing was
 *  received for SILENT_MS (default 60000); 10–3600000 each, check_ms 0 switches it off. @since 0.1
 *  */
int meshtcp_set_health(struct meshtcp *m, unsigned check_ms, unsigned silent_ms);
/** A heartbeat after so long without a frame of ours: 0 (off) or 10–3600000 ms, default 25000.
 *  @since 0.1 */
int meshtcp_set_heartbeat(struct meshtcp *m, unsigned interval_ms);
/** Call FN at once when a connection is dead, once for each, from a thread of the connection; NULL
 *  (default) for none. Reconnecting does not wait for it longer than it takes. Also while
 *  connected.
 *  @since 0.1 */
int meshtcp_set_dead_socket(struct meshtcp *m,
			    void (*fn)(void *userdata, enum meshtcp_reason reason), void *userdata);
/** Log messages up to a level; fn NULL = silent (the default). Also while connected.
 *  @param fn        gets finished text without a line end, from a thread of the connection
 *  @param userdata  handed to fn; must outlive the handle or the next meshtcp_set_log()
 *  @since 0.1 */
int meshtcp_set_log(struct meshtcp *m, enum meshtcp_log_level level,
		    void (*fn)(void *userdata, int level, const char *text), void *userdata);

/** @} @name Connection
 * @{ */

/**
 * Join the connection to the node, or make it: resolve the name (this may block, see the head of
 * this file), connect, download, and keep it from now on.
 * @return 0; -EBUSY already connected, or another process holds the node (meshtcp_get_holder());
 *         -EINVAL no address set; -EADDRNOTAVAIL; -ENOMEM
 * @since 0.1
 */
int meshtcp_connect(struct meshtcp *m);

/** Begin on a connected stream socket that blocks; it belongs to the handle from success on. It is
 *  shared with nobody, and when it is lost nothing is reopened. @return as above @since 0.1 */
int meshtcp_connect_fd(struct meshtcp *m, int fd);

/** Leave the connection: requests of this handle end with -ECANCELED, and with the last handle the
 *  node is told goodbye. Returns at once; MESHTCP_STATE_IDLE says when it is done. Events stay to
 *  be taken.
 *  @since 0.1 */
void meshtcp_disconnect(struct meshtcp *m);

/** @return a descriptor that stays the same for the handle's life; readable = events wait. Only for
 *  poll() and its relatives. @since 0.1 */
int meshtcp_get_fd(struct meshtcp *m);

/** Bring the descriptor in line with the events that wait. The work is done by the connection's
 *  threads; this is here so that all four libraries are used alike. Never blocks. @return 0
 *  @since 0.1 */
int meshtcp_dispatch(struct meshtcp *m);

/** @return the next event, or NULL when there is none. Valid until the next call. @since 0.1 */
const struct meshtcp_event *meshtcp_next_event(struct meshtcp *m);

/** @return whether meshtcp_next_event() has something to give. @since 0.1 */
bool meshtcp_has_event(struct meshtcp *m);

/** @return whether a request has been made and its result event is not there yet. @since 0.1 */
bool meshtcp_is_pending(struct meshtcp *m, uint32_t id);

/** Take the result of one request out of turn; the other events keep their order.
 *  @return NULL while it is not there. Valid until the next call. @since 0.1 */
const struct meshtcp_event *meshtcp_take_result(struct meshtcp *m, uint32_t id);

/** End a request with -ECANCELED; what was sent stays sent. @return 0, or -ENOENT when there is no
 *  such request waiting. @since 0.1 */
int meshtcp_cancel(struct meshtcp *m, uint32_t id);

/** @return where the connection stands. @since 0.1 */
enum meshtcp_state meshtcp_get_state(struct meshtcp *m);

/** @return the counters as they stand; valid until the next call or meshtcp_free(). @since 0.1 */
const struct meshtcp_statistics *meshtcp_get_statistics(struct meshtcp *m);

/** @return the process that held the node when meshtcp_connect() said -EBUSY; 0 = none. @since 0.1
 *  */
int meshtcp_get_holder(struct meshtcp *m);

/**
 * Wait until an event can be taken.
 * @param timeout_ms  0 returns at once, negative waits for ever
 * @return 1 an event waits; 0 the time is up; or an error of poll()
 * @since 0.1
 */
int meshtcp_wait(struct meshtcp *m, int timeout_ms);

/** @} @name Values
 * Out of local memory: the node is not asked.
 * @{ */

/** @return 0, or -ENOENT before the first download of this connection is complete. @since 0.1 */
int meshtcp_get_info(struct meshtcp *m, struct meshtcp_info *ret);
/** All known nodes, of the last complete download and all that was heard since. @return 0 or
 *  -ENOMEM; free it with meshtcp_nodes_free(). @since 0.1 */
int meshtcp_get_nodes(struct meshtcp *m, const struct meshtcp_nodes **ret);
/** Free a snapshot; NULL is allowed. @since 0.1 */
void meshtcp_nodes_free(const struct meshtcp_nodes *nodes);
/** @return the node with this number; NULL when there is none. @since 0.1 */
const struct meshtcp_node *meshtcp_nodes_get(const struct meshtcp_nodes *nodes, uint32_t num);
/**
 * Find nodes by what people call them: `!9ea2f1c4`, `0x9ea2f1c4`, eight hex digits, a decimal
 * number, `^all`, `^local`, or a short or long name in any case.
 * @param nodes    may be NULL: then names find nothing
 * @param ret_num  the number; written when exactly one is found
 * @return how many were found: 0, 1 or more
 * @since 0.1
 */
size_t meshtcp_nodes_find(const struct meshtcp_nodes *nodes, const char *text, uint32_t *ret_num);
/**
 * A section of the configuration as the node told it, whole, with what is not known of it.
 * @param number  of the section (appendix B), 1 and up
 * @return its size, which may be above ROOM (then nothing was written); -ENOENT
 * @since 0.1
 */
int meshtcp_get_section(struct meshtcp *m, enum meshtcp_section_kind kind, unsigned number,
			uint8_t *data, size_t room);

/** @} @name Requests
 * Each returns 0, -EINVAL, -EMSGSIZE, -EBUSY, -ENOTCONN or -ENOMEM. `ret_id` (may be NULL) gets the
 * id, which is also that of the packet, and which the one MESHTCP_EVENT_RESULT carries. A request
 * made before the node is ready waits for it. Packets are paced as the node demands (section 10).
 * `node` is the node that is administered: MESHTCP_LOCAL, or another one, which has to know our
 * key.
 * @since 0.1
 * @{ */

/** Send a packet. Without want_ack it ends when the node took it; with want_ack, of a broadcast
 *  when it is relayed, else when it is delivered or refused, or with what is known when the time is
 *  up; with want_response, when the answer came. */
int meshtcp_send(struct meshtcp *m, const struct meshtcp_message *message, uint32_t *ret_id);
/** Send a text, UTF-8, at most MESHTCP_MAX_PAYLOAD bytes. */
int meshtcp_send_text(struct meshtcp *m, uint32_t to, unsigned channel, const char *text,
		      bool want_ack, uint32_t *ret_id);
/** Ask for the way to a node. The result's packet decodes with meshtcp_decode_route(). */
int meshtcp_traceroute(struct meshtcp *m, uint32_t to, uint32_t *ret_id);
/** Ask for telemetry of a kind, for the position, or for the user record. */
int meshtcp_ask_telemetry(struct meshtcp *m, uint32_t to, enum meshtcp_telemetry kind,
			  uint32_t *ret_id);
int meshtcp_ask_position(struct meshtcp *m, uint32_t to, uint32_t *ret_id);
int meshtcp_ask_user(struct meshtcp *m, uint32_t to, uint32_t *ret_id);
/** Read or write a section of the configuration; the result's `data size` is what was read. Most
 *  nodes restart after a write. */
int meshtcp_read_section(struct meshtcp *m, uint32_t node, enum meshtcp_section_kind kind,
			 unsigned number, uint32_t *ret_id);
int meshtcp_write_section(struct meshtcp *m, uint32_t node, enum meshtcp_section_kind kind,
			  unsigned number, const uint8_t *data, size_t size, uint32_t *ret_id);
/** Read or set the owner's names; the result's `data size` of a read is a user record. */
int meshtcp_read_owner(struct meshtcp *m, uint32_t node, uint32_t *ret_id);
int meshtcp_write_owner(struct meshtcp *m, uint32_t node, const char *long_name,
			const char *short_name, uint32_t *ret_id);
/** Set the node's clock: seconds since 1970. */
int meshtcp_write_time(struct meshtcp *m, uint32_t node, uint32_t epoch, uint32_t *ret_id);
/** Restart or switch off after so many seconds, -1 takes it back. */
int meshtcp_reboot(struct meshtcp *m, uint32_t node, int seconds, uint32_t *ret_id);
int meshtcp_shutdown(struct meshtcp *m, uint32_t node, int seconds, uint32_t *ret_id);
/** Remove a node from the node's database, or mark it as a favourite. */
int meshtcp_remove_node(struct meshtcp *m, uint32_t node, uint32_t num, uint32_t *ret_id);
int meshtcp_write_favorite(struct meshtcp *m, uint32_t node, uint32_t num, bool on,
			   uint32_t *ret_id);

/** @} @name Blocking twins
 * Each makes the request above, waits for its result and returns its error. Other events stay in
 * the queue. `timeout_ms` as in poll(): 0 does not wait, negative waits until the request's own
 * time is up; when it passes the request is cancelled and the call returns -ETIMEDOUT (the error of
 * the last attempt to connect, if the node was not ready). `ret_event` (may be NULL) gets the
 * result event; NULL is written when there is none.
 * @since 0.1
 * @{ */

/** Wait for the result of a request made before; -ENOENT when it is unknown. */
int meshtcp_await(struct meshtcp *m, uint32_t id, int timeout_ms,
		  const struct meshtcp_event **ret_event);
int meshtcp_send_sync(struct meshtcp *m, const struct meshtcp_message *message, int timeout_ms,
		      const struct meshtcp_event **ret_event);
int meshtcp_send_text_sync(struct meshtcp *m, uint32_t to, unsigned channel, const char *text,
			   bool want_ack, int timeout_ms, const struct meshtcp_event **ret_event);
int meshtcp_traceroute_sync(struct meshtcp *m, uint32_t to, int timeout_ms,
			    const struct meshtcp_event **ret_event);
/** Wait until the node is ready. @return 0; -ETIMEDOUT or the error of the last attempt to connect
 *  */
int meshtcp_ready_sync(struct meshtcp *m, int timeout_ms);
/** meshtcp_disconnect(), and wait until it is done. @return 0 or -ETIMEDOUT */
int meshtcp_disconnect_sync(struct meshtcp *m, int timeout_ms);

/** @} @name Other nodes
 * @{ */

/**
 * A short visit to another node: connect M, whose address is set, wait until it is ready, call FN,
 * and disconnect, always. A node that is open in this process is refused before a socket is made.
 * @param timeout_ms  for getting ready
 * @param fn          works with M as it likes; what it returns is returned
 * @param ret_ms      how long all of it took; may be NULL, written in any case
 * @return what FN returned; -EBUSY the node is open here or in another process; or an error of
 *         meshtcp_connect() or meshtcp_ready_sync()
 * @since 0.1
 */
int meshtcp_visit_sync(struct meshtcp *m, int timeout_ms,
		       int (*fn)(struct meshtcp *m, void *userdata), void *userdata,
		       uint64_t *ret_ms);

/** @} @name Words
 * @{ */

/** @return words for a negative errno of this library; never NULL, valid for ever. @since 0.1 */
const char *meshtcp_strerror(int error);
/** @return the release that is linked, "0.1.0"; compare with MESHTCP_VERSION of the header.
 *  @since 0.1 */
const char *meshtcp_version(void);
/** @return the name of a state, in lower case; "unknown" for others. @since 0.1 */
const char *meshtcp_state_name(enum meshtcp_state state);
/** @return the name of a reason, in lower case; "unknown" for others. @since 0.1 */
const char *meshtcp_reason_name(enum meshtcp_reason reason);
/** @return `waiting`, `queued`, `relayed`, `delivered`, `failed` or `unknown`. @since 0.1 */
const char *meshtcp_send_state_name(enum meshtcp_send_state state);
/** @return the name of a routing error (section 11); NULL for numbers without one. @since 0.1 */
const char *meshtcp_routing_error_name(unsigned error);

/** @} */
/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#include <meshtcp/share.h>

#endif
