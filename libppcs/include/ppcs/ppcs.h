/* SPDX-License-Identifier: MIT */
#ifndef PPCS_PPCS_H
#define PPCS_PPCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ppcs/version.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file ppcs.h
 * PPCS/PPPP cameras: the ways to a camera raced in parallel, and the session over the one that won.
 *
 * One handle (struct ppcs) looks for one camera. ppcs_connect() starts a race of three racers: LAN
 * search, P2P (punching through, directly or with the help of directory servers) and relay. Each
 * makes attempts, an attempt being one socket and one destination port. The first attempt that is
 * *proven* wins (section 12): by default the device itself has to be heard over it. The winner
 * becomes a session that is kept alive; all others are closed.
 * Work flow: ppcs_new(), setters, ppcs_connect(), then wait for ppcs_get_fd() to become readable,
 * call ppcs_dispatch(), and take events with ppcs_next_event() until it returns NULL. Each race and
 * each search ends with exactly one event of type PPCS_EVENT_RESULT, whatever happens.
 * ppcs_connect_sync() and ppcs_search_sync() do all of that and wait.
 *
 * Nothing is sent to an address that was not given, but to those that the directory servers name
 * for the device and the relay; without servers and relays nothing leaves the local network.
 *
 * **Ownership.** The handle owns everything it hands out. An event and all that it points to is
 * valid until the next call of ppcs_next_event(), a `_sync` function, ppcs_connect(),
 * ppcs_search() or ppcs_free(); a report until the next ppcs_connect(), ppcs_search() or
 * ppcs_free(). Strings and arrays given to a function are copied.
 *
 * **Threads.** There are none inside. A handle is used by one thread at a time; different handles
 * are independent. The log callback runs in the thread that called the library, and must not call
 * the library on the same handle.
 *
 * **Blocking.** Nothing blocks except ppcs_connect() and ppcs_search() while they resolve names
 * (not with numeric addresses), ppcs_wait() and the `_sync` functions (at most their timeout).
 *
 * **Errors.** Functions return 0 (or a count where said) or one of these, and events carry one of
 * these in `error`; ppcs_strerror() words them:
 * - `-EINVAL` an argument is out of its range, or the race has nothing to start with; nothing was
 *   sent
 * - `-ENOMEM` out of memory, or no socket could be opened
 * - `-EBUSY` option set, or another race or search started, while one runs or a session is open;
 *   or too many servers or relays; or a pool is full
 * - `-ENOTCONN` there is no session, or none that can be used so
 * - `-ECONNRESET` the device closed the session
 * - `-EAGAIN` the channel is full: PPCS_EVENT_WRITABLE says when it is not any more
 * - `-ECONNREFUSED` the device, a directory server or a relay answered no: another device's id, off
 *   line, unknown id, no free port; or the device says in a session that it is another one
 * - `-EHOSTUNREACH` nothing was heard, or only closed ports
 * - `-EADDRNOTAVAIL` a name does not resolve to an IPv4 address
 * - `-ETIMEDOUT` something answered and the rest did not come in time, or the device fell silent
 * - `-ECANCELED` ended by ppcs_disconnect() or ppcs_free()
 * - `-EPROTO` only packets that cannot be read were heard
 * - `-ENOENT` no such entry, no such session in a pool, or a search that found nobody
 *
 * Out parameters (`ret_…`) are written only on success, and may be NULL where said.
 * Section numbers refer to docs/protocols/ppcs.md.
 *
 * @defgroup ppcs libppcs
 * @{
 */

/** Longest device id as text with its NUL: `PREFIX-NNNNNN-CHECK` (section 3.3). */
#define PPCS_UID_BYTES 28
/** Longest key of the obfuscation in bytes (section 9.1). */
#define PPCS_MAX_KEY 20
/** Longest device key (DSK) in bytes (section 4, message 26). */
#define PPCS_MAX_DSK 24
/** Most destination ports of one handle. */
#define PPCS_MAX_PORTS 16
/** Most addresses of one name that are raced. */
#define PPCS_MAX_ADDRESSES 4
/** Most directory servers. */
#define PPCS_MAX_SERVERS 8
/** Most relays. */
#define PPCS_MAX_RELAYS 8
/** Most attempts in the report of one racer; older ones are counted only. */
#define PPCS_MAX_ATTEMPTS 128
/** Most events waiting for ppcs_next_event(); results, connects and closes are not counted. Above
 *  it those of attempts and found devices are dropped, see PPCS_EVENT_OVERFLOW; data is not, but
 *  nothing more is accepted of the device, and PPCS_EVENT_WRITABLE and PPCS_EVENT_DRAINED come
 *  later. */
#define PPCS_MAX_EVENTS 1024
/** Channels of a session, each a stream of bytes both ways (section 8). */
#define PPCS_CHANNELS 8
/** Most bytes of one channel that wait for ppcs_next_event(): above it nothing more is accepted of
 *  the device, which sends it again later. What was kept because it came out of order is as much at
 *  most, and joins them when its turn comes: an event has up to twice as many bytes. */
#define PPCS_MAX_WAITING 131072
/** Default ports (section 5). */
#define PPCS_SEARCH_PORT 32108
#define PPCS_SERVER_PORT 32100

struct ppcs;

/** A racer, and the way it goes. */
enum ppcs_mode {
	PPCS_P2P,  /**< punching through: directly (6.2) or with directory servers (6.3) */
	PPCS_LAN,  /**< LAN search (6.1) */
	PPCS_RELAY /**< through a relay (6.4, 6.5) */
};
/** How many modes there are. */
#define PPCS_MODES 3

/** Where a racer or an attempt stands; the last three are final. */
enum ppcs_racer_state {
	PPCS_NOT_STARTED, /**< its mode is off */
	PPCS_PENDING, /**< it will start, at its turn or when it has rested (ppcs_set_weight()) */
	PPCS_RUNNING,
	PPCS_SUCCESS,
	PPCS_FAILED,
	PPCS_CANCELLED /**< another one won, or the race was given up */
};

/** What was proven of a path (section 12.3). */
enum ppcs_level {
	PPCS_LEVEL_NONE,
	PPCS_LEVEL_ANSWER,  /**< somebody answered: progress, never success */
	PPCS_LEVEL_PATH,    /**< the path is up: P2P_RDY or RLY_RDY */
	PPCS_LEVEL_VERIFIED /**< the device itself was heard over it */
};

/** How the destination ports are gone through. */
enum ppcs_walk {
	PPCS_FAN_OUT,   /**< all at once, started 100 ms apart */
	PPCS_SEQUENTIAL /**< one after the other */
};

/** Where a handle stands. */
enum ppcs_state {
	PPCS_STATE_IDLE,
	PPCS_STATE_SEARCHING,
	PPCS_STATE_RACING,
	PPCS_STATE_CONNECTED, /**< the race is won and its losers are closed */
	PPCS_STATE_CLOSING    /**< CLOSE is being sent, for at most 50 ms */
};

/** What became of a race, and why. */
enum ppcs_verdict {
	PPCS_VERDICT_NONE, /**< it has not ended */
	PPCS_VERDICT_CONNECTED,
	PPCS_VERDICT_CANCELLED,
	PPCS_VERDICT_NOTHING,      /**< nothing at all was heard */
	PPCS_VERDICT_CLOSED_PORT,  /**< only ICMP "port unreachable" */
	PPCS_VERDICT_UNREADABLE,   /**< packets that no key in use makes sense of */
	PPCS_VERDICT_REFLECTED,    /**< only our own packets came back */
	PPCS_VERDICT_STRANGER,     /**< P2P_RDY or RLY_RDY from somebody who was not asked */
	PPCS_VERDICT_OTHER_DEVICE, /**< a device with another id */
	PPCS_VERDICT_BLOCKED, /**< the device was heard, but is not let through: firewall likely */
	PPCS_VERDICT_SILENT,  /**< the path was up, the device silent */
	PPCS_VERDICT_DEVICE_CLOSED, /**< the device closed the path again */
	PPCS_VERDICT_UNKNOWN_UID,   /**< a directory server does not know the id */
	PPCS_VERDICT_DSK,           /**< a directory server refuses the device key */
	PPCS_VERDICT_OFFLINE,       /**< a directory server says that the device is off line */
	PPCS_VERDICT_NO_PUNCH,      /**< directory servers answered, the device did not */
	PPCS_VERDICT_NO_RELAY,      /**< no relay listed, or none that answers */
	PPCS_VERDICT_RELAY_FULL,    /**< relays answered, without a free port */
	PPCS_VERDICT_NO_DEVICE,     /**< a relay waits, the device does not come */
	PPCS_VERDICT_NO_WAY         /**< nothing that was given permits an attempt */
};

/** Severity of a log message. */
enum ppcs_log_level {
	PPCS_LOG_ERROR,
	PPCS_LOG_WARNING,
	PPCS_LOG_INFO,
	PPCS_LOG_DEBUG,
	PPCS_LOG_WIRE /**< datagrams as sent, as in a conversation file; device keys masked */
};

/** An IPv4 address, the octets in their usual order, and a UDP or TCP port; port 0 = none. */
struct ppcs_address {
	uint8_t ip[4];
	uint16_t port;
};

/** One attempt: one socket, one destination. Later releases append fields. */
struct ppcs_attempt {
	enum ppcs_racer_state state;
	enum ppcs_level level;
	struct ppcs_address destination; /**< that was asked */
	uint16_t local_port;             /**< 0 = it never had a socket */
	uint32_t sent, received;         /**< datagrams */
	uint32_t elapsed_ms;
	const char *error; /**< NULL, or why it ended without success */
};

/** One racer. Later releases append fields. */
struct ppcs_racer {
	const char *name; /**< `p2pConnectThread` and the like, as users of PPCS know them */
	enum ppcs_mode mode;
	enum ppcs_racer_state state;
	uint16_t local_port;       /**< of the winning, running or last attempt; 0 = none */
	uint16_t destination_port; /**< likewise: the port that was asked; 0 = none */
	uint32_t retries;          /**< attempts that failed */
	bool started;              /**< elapsed_ms means something */
	uint32_t elapsed_ms;
	const char *error;                   /**< NULL, or why it failed */
	const struct ppcs_attempt *attempts; /**< in the order of their start */
	size_t attempt_count;
	uint32_t attempts_dropped; /**< older ones that are not in `attempts` */
};

/** A race, whether it was won or not. Later releases append fields. */
struct ppcs_report {
	bool success;
	enum ppcs_verdict verdict;
	const char *text;    /**< the verdict as one sentence for people */
	int error;           /**< 0 or the errno of the verdict */
	uint32_t elapsed_ms; /**< from ppcs_connect() to the decision */
	/** The rest only with success, else 0 or NULL; `uid` also when another device answered. */
	enum ppcs_mode mode;
	const char *winner; /**< name of the racer */
	const char *uid;
	const char *key; /**< of the obfuscation; "" = plain */
	struct ppcs_address local, destination, peer;
	struct ppcs_racer racers[PPCS_MODES]; /**< by mode */
};

/** What happened; callers pass over types that they do not know. */
enum ppcs_event_type {
	/** The race or the search is over: `error`, and for a race `report`. */
	PPCS_EVENT_RESULT = 1,
	/** An attempt: `attempt mode destination local`. */
	PPCS_EVENT_ATTEMPT_STARTED,
	/** Somebody answered: `attempt mode destination local peer uid`. */
	PPCS_EVENT_ATTEMPT_ANSWERED,
	/** The path is up: `attempt mode destination local peer uid elapsed_ms`. */
	PPCS_EVENT_ATTEMPT_UP,
	/** It ended: `attempt mode destination local level state text elapsed_ms`. */
	PPCS_EVENT_ATTEMPT_ENDED,
	/** The race is won: `mode attempt destination local peer uid key elapsed_ms`. */
	PPCS_EVENT_CONNECTED,
	/** Bytes of the device: `channel data size`, in order; all that has come of this channel,
	 *  whatever packets it came in, and `time_ms` is that of the first. Channels have no order
	 *  among each other, and bytes that come later may stand before other events. */
	PPCS_EVENT_DATA,
	/** The session ended: `error`, 0 by us, -ECONNRESET by the device, -ETIMEDOUT silent,
	 *  -ECONNREFUSED the device is another one now, -ENOMEM when a relay over TCP could not be
	 *  read for want of memory. `unsent`: bytes given to ppcs_send() on all channels that the
	 *  device has not acknowledged. All data of the session that waits stands before it. */
	PPCS_EVENT_CLOSED,
	/** A device on the LAN: `uid key peer`. */
	PPCS_EVENT_DEVICE,
	/** `count` events were dropped because PPCS_MAX_EVENTS were waiting. */
	PPCS_EVENT_OVERFLOW,
	/** ppcs_send() has refused bytes of `channel`, and at least half of it is free now; once
	 *  until it refuses again. */
	PPCS_EVENT_WRITABLE,
	/** The device had acknowledged everything that was given to ppcs_send() until then, on all
	 *  channels. */
	PPCS_EVENT_DRAINED
};

/** What ppcs_next_event() returns. Read-only; later releases append fields. A field that the type
 *  does not name is 0. */
struct ppcs_event {
	enum ppcs_event_type type;
	uint64_t time_ms; /**< monotonic time at which it became known */
	int error;        /**< 0 or a negative errno */
	uint32_t attempt; /**< number of the attempt, from 1 in each race */
	enum ppcs_mode mode;
	enum ppcs_racer_state state;
	enum ppcs_level level;
	uint32_t elapsed_ms, count;
	struct ppcs_address destination, local, peer;
	const char *uid, *key, *text;
	unsigned channel;
	const uint8_t *data;
	size_t size;
	const struct ppcs_report *report;
	size_t unsent;
};

/** How one mode and port did, over all races of a handle (section 13); port 0: the mode. Later
 *  releases append fields. */
struct ppcs_path_statistics {
	enum ppcs_mode mode;
	uint16_t port;
	uint32_t attempts, answers, successes;
	uint32_t failures;           /**< races lost in a row, for port 0; else attempts in a row */
	uint32_t weight;             /**< 0–1000, learnt; for port 0 only */
	uint32_t srtt_ms, rttvar_ms; /**< time to path up, smoothed; 0 = none measured */
	/** Of the last 32 measured: ms to the answer, to path up, to verified. 0 = none. */
	uint32_t answer_min_ms, answer_median_ms, answer_p95_ms;
	uint32_t up_min_ms, up_median_ms, up_p95_ms;
	uint32_t verified_min_ms, verified_median_ms, verified_p95_ms;
	const char *error; /**< of the last attempt that failed, or NULL */
	uint32_t rest_ms;  /**< 0–60000: so long the mode rests yet; for port 0 only */
};

/** Counters since ppcs_new(); later releases append fields. */
struct ppcs_statistics {
	uint64_t races, races_won, attempts;
	uint64_t devices;        /**< found by the last search */
	uint64_t sent, received; /**< datagrams */
	uint64_t bytes_sent, bytes_received;
	uint64_t warnings_length;          /**< longer than their header says; used all the same */
	uint64_t warnings_uid;             /**< another device's id */
	uint64_t warnings_type;            /**< unknown or of no use */
	uint64_t warnings_address;         /**< from somebody who was not asked */
	uint64_t unreadable;               /**< no key in use makes sense of them */
	uint64_t unreachable;              /**< ICMP */
	uint64_t dropped_output;           /**< not sent: too many waited */
	uint64_t dropped_events;           /**< see PPCS_EVENT_OVERFLOW */
	uint64_t alive_sent;               /**< ALIVE of the last session */
	uint64_t alive_received;           /**< ALIVE and ALIVE_ACK of the last session */
	uint64_t alive_missed;             /**< ALIVE_ACK that did not come within a second */
	uint64_t data_packets, data_bytes; /**< of the last session, in order */
	uint64_t data_duplicates, data_ahead; /**< received before; received too early */
	/** Of the last session as well, from here on. */
	uint64_t data_refused;      /**< packets without room: they have to come again */
	uint64_t data_packets_sent; /**< different ones */
	uint64_t data_bytes_sent;   /**< in them */
	uint64_t data_resent;       /**< packets sent again */
	uint64_t acks_again;        /**< acknowledged before */
	uint64_t acks_unsent;       /**< acknowledged without having been sent: ignored */
	uint32_t rtt_ms;     /**< round trip of data, smoothed (RFC 6298); 0 = none, or below 1 */
	uint32_t rtt_min_ms; /**< the shortest one */
	uint32_t loss_permille; /**< estimate: sent again, of all that were sent */
};

/** @name Handle
 * @{ */

/**
 * Make a handle with the defaults named at the setters.
 * @return 0, -EINVAL for NULL, or -ENOMEM (also for want of descriptors)
 * @since 0.1
 */
int ppcs_new(struct ppcs **ret);

/** Disconnect at once and free everything; NULL is allowed. Paths that are up are told CLOSE.
 *  Waiting events are lost: call ppcs_disconnect() and take them first to see them. Keys are wiped.
 *  @since 0.1 */
void ppcs_free(struct ppcs *p);

/** @} @name Options
 * While idle; -EBUSY otherwise unless said so, -EINVAL out of range.
 * @{ */

/** Host name or IPv4 address of the camera; NULL for none. Up to PPCS_MAX_ADDRESSES addresses of a
 *  name are raced. @since 0.1 */
int ppcs_set_address(struct ppcs *p, const char *host);
/** Destination ports in order of preference; default 40611, 32100, 32108, 10000, 80, 57743. COUNT
 *  is 1–PPCS_MAX_PORTS. @since 0.1 */
int ppcs_set_ports(struct ppcs *p, const uint16_t *ports, size_t count);
/** Port of the LAN search, asked whether it is among the ports or not; default 32108.
 *  @since 0.1 */
int ppcs_set_search_port(struct ppcs *p, uint16_t port);
/** Id of the device, `PREFIX-NNNNNN-CHECK`; no other wins. NULL (default): the first device that
 *  answers from the address. @since 0.1 */
int ppcs_set_uid(struct ppcs *p, const char *uid);
/** Id to punch for while none is set and none was learnt in the race; NULL (default): the
 *  well-known one of cameras that are their own access point, LBCS-000000-CCCJJ (11.1). @since 0.1
 *  */
int ppcs_set_uid_hint(struct ppcs *p, const char *uid);
/** Key of the obfuscation (section 9), up to PPCS_MAX_KEY bytes; "" = plain; NULL (default): plain
 *  and all known keys are tried. @since 0.1 */
int ppcs_set_key(struct ppcs *p, const char *key);
/** Device key, up to PPCS_MAX_DSK bytes, where the vendor uses one; NULL (default) for none. Never
 *  logged. @since 0.1 */
int ppcs_set_dsk(struct ppcs *p, const char *dsk);
/** One more directory server; port 32100 by custom. @return also -EBUSY above PPCS_MAX_SERVERS
 *  @since 0.1 */
int ppcs_add_server(struct ppcs *p, const char *host, uint16_t port);
/** Directory servers, and perhaps the key, out of a vendor's init string (9.3). A key set with
 *  ppcs_set_key() is stronger. @since 0.1 */
int ppcs_add_init_string(struct ppcs *p, const char *text);
/** One more relay, port 32100 by custom; switches the relay racer on. @since 0.1 */
int ppcs_add_relay(struct ppcs *p, const char *host, uint16_t port);
/** Ask the directory servers for relays (server relays only, 6.4); switches the relay racer on.
 *  Default false. @since 0.1 */
int ppcs_set_relay_search(struct ppcs *p, bool on);
/** Experimental: also try relaying over TCP (6.5), through TCP_PORT of the directory servers (443
 *  by custom; 0, the default, is never). Switches the relay racer on. @since 0.1 */
int ppcs_set_relay_tcp(struct ppcs *p, uint16_t tcp_port);
/** Leave a mode out or put it in; P2P and LAN are in by default, the relay by the calls above.
 *  @since 0.1 */
int ppcs_set_mode(struct ppcs *p, enum ppcs_mode mode, bool on);
/**
 * Priority of a mode, 0–1000: it starts (1000 - weight) / 2 ms later. Without it the weight is the
 * learnt one, 1000 at first, as far as it is below the best of the modes that race.
 *
 * Learnt is this: a race that was won makes up for a quarter of what the weight lacks; a race in
 * which the mode failed, or in which the device did not answer it before another mode won that had
 * started no earlier, takes a quarter away. A mode that failed in five races in a row, or in more,
 * rests for 60 s after each: its racer is PPCS_PENDING until then, or until each of the others has
 * ended or been through all its ports in vain; PPCS_CANCELLED when one of them wins before, and
 * PPCS_FAILED when the time is over before; in all three its error says that it rests. When all
 * that race would rest none does, and a mode with a weight that was set never does.
 * @since 0.1
 */
int ppcs_set_weight(struct ppcs *p, enum ppcs_mode mode, unsigned weight);
/** Default PPCS_FAN_OUT. @since 0.1 */
int ppcs_set_walk(struct ppcs *p, enum ppcs_walk walk);
/** What counts as won: PPCS_LEVEL_PATH or PPCS_LEVEL_VERIFIED (default). @since 0.1 */
int ppcs_set_until(struct ppcs *p, enum ppcs_level level);
/** Time of a race: 1–3600000 ms, default 30000. @since 0.1 */
int ppcs_set_timeout(struct ppcs *p, unsigned timeout_ms);
/** Time of an attempt until the path is up, and again until it is verified: 100–60000 ms, default
 *  5000. Shorter where the handle has measured (section 13). @since 0.1 */
int ppcs_set_attempt_timeout(struct ppcs *p, unsigned timeout_ms);
/** LAN search also to the broadcast addresses of this machine; default false. @since 0.1 */
int ppcs_set_broadcast(struct ppcs *p, bool on);
/** How many ports below and above the one named by a server are punched: 0–10, default 3 (6.3).
 *  @since 0.1 */
int ppcs_set_punch_range(struct ppcs *p, unsigned range);
/** Silence that ends a session: 2000–600000 ms, default 6000 (section 7). @since 0.1 */
int ppcs_set_session_timeout(struct ppcs *p, unsigned timeout_ms);
/** Log messages up to a level; fn NULL = silent (the default). Also while connected.
 *  @param fn        gets finished text without a line end; must not call the library with p
 *  @param userdata  handed to fn; must outlive the handle or the next ppcs_set_log()
 *  @since 0.1 */
int ppcs_set_log(struct ppcs *p, enum ppcs_log_level level,
		 void (*fn)(void *userdata, int level, const char *text), void *userdata);

/** @} @name Connection
 * @{ */

/**
 * Begin a race: resolve the names (this may block, see the head of this file) and start. Nothing of
 * an earlier race but its statistics counts.
 * @return 0; -EBUSY; -EADDRNOTAVAIL; -ENOMEM; -EINVAL when neither an address, nor a broadcast, nor
 *         a server, nor a relay is set, or servers or relays are without a device id
 * @since 0.1
 */
int ppcs_connect(struct ppcs *p);

/**
 * Look for devices on the LAN: the broadcast addresses of this machine, and the address if one is
 * set. Each device is one PPCS_EVENT_DEVICE.
 * @param wait_ms  for how long, 1–3600000
 * @return 0, -EBUSY, -EADDRNOTAVAIL, -ENOMEM or -EINVAL
 * @since 0.1
 */
int ppcs_search(struct ppcs *p, unsigned wait_ms);

/** End what goes on: a race or a search with a PPCS_EVENT_RESULT of -ECANCELED, a session with
 *  PPCS_EVENT_CLOSED. Data that is not acknowledged is given up; who minds waits for
 *  PPCS_EVENT_DRAINED or ppcs_flush_sync() before. Returns at once; PPCS_STATE_IDLE says when CLOSE
 *  has been sent three times, after at most 50 ms. Events stay to be taken. @since 0.1 */
void ppcs_disconnect(struct ppcs *p);

/**
 * Queue bytes for the device (section 8.3), from PPCS_EVENT_CONNECTED on. They go out at once as
 * far as the window of the channel allows, and again until they are acknowledged;
 * PPCS_EVENT_DRAINED tells that all are, and the `unsent` of PPCS_EVENT_CLOSED how many never were.
 * A channel holds 128 packets, from the oldest that is not acknowledged: 131072 bytes, or less when
 * they were given in pieces below 1024 that went out one by one. Never blocks.
 * @param channel  0 to PPCS_CHANNELS - 1; which one a device listens to is its own affair (8.1)
 * @param size     at least 1
 * @return how many bytes were taken, from the front, 1–size; -EAGAIN when there was no room for
 *         any; -ENOTCONN; -ENOMEM; -EINVAL. After fewer than `size`, or -EAGAIN, a
 *         PPCS_EVENT_WRITABLE follows unless the session ends before
 * @since 0.1
 */
int ppcs_send(struct ppcs *p, unsigned channel, const void *data, size_t size);

/** @return bytes given to ppcs_send() for a channel of this session that the device has not
 *  acknowledged; 0 without a session. @since 0.1 */
size_t ppcs_get_unsent(const struct ppcs *p, unsigned channel);

/**
 * Take the socket of a session out of the handle, to speak the session with code of one's own. The
 * handle is idle afterwards, without a PPCS_EVENT_CLOSED; the device is told nothing. Data that
 * came in its turn and was not taken as an event stays to be taken, what was kept for its turn is
 * lost; data that was not acknowledged by the device is not sent any more. The channels' indexes
 * are best known right after the race: nothing sent, and of the device what `data_packets` of the
 * statistics counts.
 * @param ret_local  address of the socket; may be NULL
 * @param ret_peer   where to send to and receive from; may be NULL. The socket is not connected
 * @return a non-blocking descriptor, the caller's to close; -ENOTCONN, also for a relay over TCP
 * @since 0.1
 */
int ppcs_take_fd(struct ppcs *p, struct ppcs_address *ret_local, struct ppcs_address *ret_peer);

/** @return a descriptor that stays the same for the handle's life; readable = call
 *  ppcs_dispatch(). Only for poll() and its relatives. @since 0.1 */
int ppcs_get_fd(struct ppcs *p);

/** Do what is due: send, receive, time-outs. Never blocks. @return 0 or -ENOMEM or the errno of
 *  epoll (then call it again later). @since 0.1 */
int ppcs_dispatch(struct ppcs *p);

/** @return the next event, or NULL when there is none. Valid until the next call. @since 0.1 */
const struct ppcs_event *ppcs_next_event(struct ppcs *p);

/** @return whether ppcs_next_event() has something to give. @since 0.1 */
bool ppcs_has_event(const struct ppcs *p);

/** @return where the handle stands. @since 0.1 */
enum ppcs_state ppcs_get_state(const struct ppcs *p);

/** @return the race as it stands, or as it ended; never NULL; brought up to date by this call.
 *  @since 0.1 */
const struct ppcs_report *ppcs_get_report(struct ppcs *p);

/** @return the counters; valid until ppcs_free(), changing with every call. @since 0.1 */
const struct ppcs_statistics *ppcs_get_statistics(const struct ppcs *p);

/** How the modes and ports did. @param index  from 0 @return 0, or -ENOENT behind the last
 *  @since 0.1 */
int ppcs_get_path_statistics(const struct ppcs *p, size_t index, struct ppcs_path_statistics *ret);

/** Begin with what an earlier handle measured: `mode port failures srtt_ms rttvar_ms` are taken
 *  over, for port 0 also `weight` (0–1000) and `rest_ms` (0–60000, from now on). The times to path
 *  up are 0–65535 ms. @since 0.1 */
int ppcs_set_path_statistics(struct ppcs *p, const struct ppcs_path_statistics *statistics);

/**
 * Wait until an event can be taken, dispatching meanwhile.
 * @param timeout_ms  0 returns at once, negative waits for ever
 * @return 1 an event waits; 0 the time is up; or an error of ppcs_dispatch() or poll()
 * @since 0.1
 */
int ppcs_wait(struct ppcs *p, int timeout_ms);

/** @} @name Blocking twins
 * They take the events of their race, and the result of their search, out of the queue; all others
 * stay there, among them those that come while they wait. `timeout_ms` as in poll(): 0 does not
 * wait, negative waits until it ends by itself. When it passes, a race or a search is cancelled;
 * a session goes on, and so does what it has to send. @{ */

/**
 * ppcs_connect(), and wait until the race is over and its losers are closed.
 * @param ret_report  may be NULL; written unless the race could not start
 * @return 0, or the error of the race
 * @since 0.1
 */
int ppcs_connect_sync(struct ppcs *p, int timeout_ms, const struct ppcs_report **ret_report);

/** ppcs_search(), and wait until it is over; the devices are in the queue.
 *  @return 0; -ENOENT nobody answered; or an error @since 0.1 */
int ppcs_search_sync(struct ppcs *p, unsigned wait_ms, int timeout_ms);

/** ppcs_disconnect(), and wait until the handle is idle.
 *  @return 0; -ETIMEDOUT; or an error of ppcs_dispatch() @since 0.1 */
int ppcs_disconnect_sync(struct ppcs *p, int timeout_ms);

/**
 * ppcs_send() of all of it, waiting for room.
 * @param ret_taken  how many bytes were taken, also when it failed; may be NULL
 * @return 0 when all were taken; -ETIMEDOUT; -ENOTCONN also when the session ends meanwhile; or an
 *         error of ppcs_dispatch() or ppcs_send()
 * @since 0.1
 */
int ppcs_send_sync(struct ppcs *p, unsigned channel, const void *data, size_t size, int timeout_ms,
		   size_t *ret_taken);

/** Wait until the device has acknowledged all that was given to ppcs_send().
 *  @return 0; -ETIMEDOUT; -ENOTCONN the handle is not PPCS_STATE_CONNECTED, or the session ended
 *          before this returned: the `unsent` of its PPCS_EVENT_CLOSED tells; or an error of
 *          ppcs_dispatch() @since 0.1 */
int ppcs_flush_sync(struct ppcs *p, int timeout_ms);

/** @} @name Pool
 * Sessions that are proven and not used just now (section 13): a pool keeps them alive, lends them,
 * and drops those that end. It has a descriptor of its own, as a handle has, and one is enough:
 * those of its handles are the pool's affair. Nothing blocks. A pool is used by one thread at a
 * time; a handle that is lent may be used by another one meanwhile. @{ */
/** Sessions of cameras that wait to be used. */
struct ppcs_pool;

/** Most sessions of one pool. */
#define PPCS_MAX_POOL 256

/**
 * Make a pool.
 * @param max_sessions  1–PPCS_MAX_POOL; those that are lent count as well, and those that ended
 *                      until ppcs_pool_next_event() has told of them
 * @return 0, -EINVAL, or -ENOMEM (also for want of descriptors)
 * @since 0.1
 */
int ppcs_pool_new(struct ppcs_pool **ret, size_t max_sessions);

/** Close the sessions in the pool, as ppcs_free() does, and free it; NULL is allowed. Handles that
 *  are lent stay with their borrowers, who free them. Ends that were not told are lost. @since 0.1
 *  */
void ppcs_pool_free(struct ppcs_pool *pool);

/** Put the session of a handle into the pool, which owns the handle from now on: nobody else calls
 *  anything on it. Events that wait, data among them, stay for its next user, and what is not
 *  acknowledged is sent on. Without a user at most PPCS_MAX_WAITING bytes of a channel are taken.
 *  @return 0; -ENOTCONN the handle is not PPCS_STATE_CONNECTED, or the device was not heard over
 *          the session (it was won with PPCS_LEVEL_PATH); -EBUSY the pool is full; -EINVAL also for
 *          a handle that is in it; -ENOMEM. After an error the handle is still the caller's
 *  @since 0.1 */
int ppcs_pool_add(struct ppcs_pool *pool, struct ppcs *p);

/** Borrow a session, one that has not ended as far as is known here. Its handle is the caller's to
 *  use, with its events and its descriptor, until ppcs_pool_give_back(), and not to free while the
 *  pool is there; nobody else keeps it alive meanwhile. What was found to have ended is for
 *  ppcs_pool_next_event().
 *  @param uid  of the device, in any form (3.3); NULL: any device
 *  @return 0; -ENOENT there is none; or -EINVAL @since 0.1 */
int ppcs_pool_lend(struct ppcs_pool *pool, const char *uid, struct ppcs **ret);

/** Give back what ppcs_pool_lend() gave; the handle is the pool's again. It may have another
 *  session, also to another device. One without a session that ppcs_pool_add() takes is freed, and
 *  nothing is told of it.
 *  @return 0; -EINVAL; -ENOENT it is not lent by this pool; -ENOMEM: it was closed and freed
 *  @since 0.1 */
int ppcs_pool_give_back(struct ppcs_pool *pool, struct ppcs *p);

/** @return a descriptor that stays the same for the pool's life; readable = call
 *  ppcs_pool_dispatch(). Only for poll() and its relatives. @since 0.1 */
int ppcs_pool_get_fd(struct ppcs_pool *pool);

/** Do what is due for the sessions in the pool; then take events. Never blocks.
 *  @return as ppcs_dispatch() @since 0.1 */
int ppcs_pool_dispatch(struct ppcs_pool *pool);

/** @return a PPCS_EVENT_CLOSED for the next session that ended in the pool, in order of time, with
 *  `time_ms uid peer error unsent`, and in `size` the bytes of the device that nobody had taken,
 *  which are lost; or NULL. Valid until the next call or ppcs_pool_free(). One that waits does not
 *  make the descriptor readable. @since 0.1 */
const struct ppcs_event *ppcs_pool_next_event(struct ppcs_pool *pool);

/** @return how many sessions wait in the pool, or how many are lent; those that have ended and were
 *  not told are neither. @since 0.1 */
size_t ppcs_pool_count(const struct ppcs_pool *pool, bool lent);

/** @} @name Words
 * @{ */

/** @return words for a negative errno of this library; never NULL, valid for ever. @since 0.1 */
const char *ppcs_strerror(int error);
/** @return the release that is linked, "0.1.0"; compare with PPCS_VERSION of the header.
 *  @since 0.1 */
const char *ppcs_version(void);
/** @return the name of a mode, `p2p`, `lan` or `relay`; "unknown" for others. @since 0.1 */
const char *ppcs_mode_name(enum ppcs_mode mode);
/** @return the name of a handle's state, in lower case; "unknown" for others. @since 0.1 */
const char *ppcs_state_name(enum ppcs_state state);
/** @return the name of a racer's or an attempt's state, `not_started` to `cancelled`; "unknown" for
 *  others. @since 0.1 */
const char *ppcs_racer_state_name(enum ppcs_racer_state state);
/** @return `none`, `answer`, `path` or `verified`; "unknown" for others. @since 0.1 */
const char *ppcs_level_name(enum ppcs_level level);
/** Write a device id in its usual form, whatever of the accepted forms TEXT has (3.3).
 *  @return 0 or -EINVAL @since 0.1 */
int ppcs_uid_normalise(const char *text, char ret_uid[PPCS_UID_BYTES]);

/** @} */
/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
