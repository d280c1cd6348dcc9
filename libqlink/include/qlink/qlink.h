/* SPDX-License-Identifier: MIT */
#ifndef QLINK_QLINK_H
#define QLINK_QLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/version.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/**
 * @file qlink.h
 * Vantage Q-Link lighting controllers behind an IP-Enabler.
 *
 * One handle (struct qlink) talks to one controller over a small pool of TCP connections that it
 * opens, keeps, mends and closes by itself. Work flow: qlink_new(), setters, qlink_connect(), then
 * wait for qlink_get_fd() to become readable, call qlink_dispatch(), and take events with
 * qlink_next_event() until it returns NULL. A request (qlink_load_set() and the like) is queued and
 * returns at once; exactly one event of type QLINK_EVENT_RESULT with its id follows, whatever
 * happens. Each request has a blocking twin whose name ends in `_sync`.
 *
 * **Ownership.** The handle owns everything it hands out. An event and all that it points to is
 * valid until the next call of qlink_next_event(), qlink_take_result(), a `_sync` function,
 * qlink_connect(), or qlink_free(). Strings and arrays given to a function are copied.
 *
 * **Threads.** There are none inside. A handle is used by one thread at a time; different handles
 * are independent. The log callback runs in the thread that called the library, and must not call
 * the library on the same handle.
 *
 * **Blocking.** Nothing blocks except qlink_connect() while it resolves a name (not with a numeric
 * address), qlink_wait() and the `_sync` functions (at most their timeout).
 *
 * **Errors.** Functions return 0 (or a count where said) or one of these, and result events carry
 * one of these in `error`; qlink_strerror() words them:
 * - `-EINVAL` an argument is out of its range; nothing was sent
 * - `-ENOMEM` out of memory
 * - `-EBUSY` option set while connected, or QLINK_MAX_REQUESTS requests are waiting
 * - `-EPERM` refused here to protect the device: a control command on a read-only handle, or a
 *   programming command without qlink_set_program(); nothing was sent
 * - `-ENOTCONN` qlink_connect() was not called, or an adopted socket is gone
 * - `-ECONNRESET` the connection was lost while the answer was awaited
 * - `-ECONNREFUSED` refused until the time was up (busy: another client holds the only slot)
 * - `-EHOSTUNREACH` no way to the host; `-EADDRNOTAVAIL` the name does not resolve
 * - `-ETIMEDOUT` no answer in time; `-ECANCELED` ended by qlink_cancel() or qlink_disconnect()
 * - `-EPROTO` the answer came, but its value or row count is impossible
 * - `-EIO` the controller answered with an error; its number is in `device_error`
 * - `-ENOENT` nothing known (cached values only)
 *
 * Out parameters (`ret_…`) are written only on success, and may be NULL where said.
 * Section numbers refer to docs/protocols/qlink.md.
 *
 * @defgroup qlink libqlink
 * @{
 */

/** Most requests waiting or in flight on one handle. */
#define QLINK_MAX_REQUESTS 4096
/** Most connections of one handle. */
#define QLINK_MAX_CONNECTIONS 8
/** Longest raw command in bytes. */
#define QLINK_MAX_COMMAND 200
/** Longest line taken from the controller in bytes; a longer one is reported and passed over. */
#define QLINK_MAX_LINE 1024
/** Most events waiting for qlink_next_event(), results not counted. */
#define QLINK_MAX_EVENTS 16384

struct qlink;

/** How a load is addressed (section 4). */
enum qlink_load_kind {
	QLINK_LOAD_NONE,       /**< no load */
	QLINK_LOAD_CONTRACTOR, /**< `load` is the contractor number 1–9999 */
	QLINK_LOAD_MODULE, /**< `master` 1–15, `enclosure` 1–4, `module` 1–4, `load` 1–8 */
	QLINK_LOAD_MODULE16, /**< `master`, `module` 1–16 over all enclosures, `load` 1–8 */
	QLINK_LOAD_STATION,  /**< `master`, `station` 1–189, `load` 1–8 */
	QLINK_LOAD_VARIABLE  /**< `master`, `load` is the number of the variable 1–8 */
};

/** A load's address; make one with qlink_contractor() and its siblings or qlink_load_parse(). */
struct qlink_load {
	enum qlink_load_kind kind;
	unsigned master;
	unsigned enclosure;
	unsigned module;
	unsigned station;
	unsigned load;
};

/** @return load NUMBER of the project; 10011–10158 are variables, as 10000 + 10·master + n. */
struct qlink_load qlink_contractor(unsigned number);
/** @return the physical address of a module's load. */
struct qlink_load qlink_module_load(unsigned master, unsigned enclosure, unsigned module,
				    unsigned load);
/** @return the address of a module's load, the module counted 1–16 over the enclosures. */
struct qlink_load qlink_module16_load(unsigned master, unsigned module, unsigned load);
/** @return a station's load (low-voltage relay, 0–10 V, wall-box dimmer). */
struct qlink_load qlink_station_load(unsigned master, unsigned station, unsigned load);
/** @return variable NUMBER (1–8) of a master. */
struct qlink_load qlink_variable(unsigned master, unsigned number);

/**
 * Read a load's address from text: `101`, `10021` (variable), `2.3.4.5` (master, enclosure,
 * module, load) or `2/33/8` (master, station, load).
 * @param text      NUL-terminated, no blanks
 * @param ret_load  the address
 * @return 0, or -EINVAL when it is none or out of range
 * @since 0.1
 */
int qlink_load_parse(const char *text, struct qlink_load *ret_load);

/** Room that the longest text of qlink_load_format() needs, with its NUL. */
#define QLINK_LOAD_TEXT 24

/**
 * Write a load's address in the form that qlink_load_parse() reads (a QLINK_LOAD_MODULE16 address
 * as the enclosure and module that it means).
 * @param load  the address
 * @param text  at least QLINK_LOAD_TEXT bytes; always NUL-terminated
 * @since 0.1
 */
void qlink_load_format(struct qlink_load load, char text[QLINK_LOAD_TEXT]);

/** Where the connections go, and what they are for (section 7). */
enum qlink_mode {
	/** Events on a connection of their own, commands on others; shared while the controller
	 *  accepts only one connection. */
	QLINK_MODE_SPLIT,
	/** One connection for everything. */
	QLINK_MODE_SHARED,
	/** One connection to the query port; only commands that read. */
	QLINK_MODE_READ_ONLY
};

/** Reply style (section 2.1). */
enum qlink_style {
	/** Regular on a clean command connection; detailed on one that carries events. */
	QLINK_STYLE_AUTO,
	QLINK_STYLE_REGULAR,
	QLINK_STYLE_DETAILED
};

/** What is switched on at the controller, for qlink_set_monitoring() (section 3.4). */
enum qlink_monitor {
	QLINK_MONITOR_NONE = 0,
	QLINK_MONITOR_BUTTONS = 1 << 0,  /**< buttons and infrared with serial numbers: VOS 1 1 */
	QLINK_MONITOR_LOADS = 1 << 1,    /**< loads and variables: VOL 1 */
	QLINK_MONITOR_LEDS = 1 << 2,     /**< LEDs of keypads: VOD bit 0 */
	QLINK_MONITOR_LCD_LEDS = 1 << 3, /**< LEDs of LCD stations: VOD bit 1 */
	QLINK_MONITOR_ALL = 0xf,
	/** An event connection that switches nothing on; alone or in read-only mode. */
	QLINK_MONITOR_LISTEN = 1 << 4
};

/** Order in which waiting requests are served. */
enum qlink_priority {
	QLINK_PRIORITY_USER, /**< before all polls */
	QLINK_PRIORITY_POLL
};

/** Severity of a log message. */
enum qlink_log_level {
	QLINK_LOG_ERROR,
	QLINK_LOG_WARNING,
	QLINK_LOG_INFO,
	QLINK_LOG_DEBUG,
	QLINK_LOG_WIRE /**< bytes on the wire, as a line of a conversation file: `> 5645…` */
};

/** The commands of section 3, in `command` of a result event. */
enum qlink_command {
	QLINK_COMMAND_RAW,
	QLINK_COMMAND_VLO,
	QLINK_COMMAND_VLA,
	QLINK_COMMAND_VLB,
	QLINK_COMMAND_VLC,
	QLINK_COMMAND_VGL,
	QLINK_COMMAND_VGA,
	QLINK_COMMAND_VGB,
	QLINK_COMMAND_VGC,
	QLINK_COMMAND_VGD,
	QLINK_COMMAND_VSW,
	QLINK_COMMAND_VGS,
	QLINK_COMMAND_VGT,
	QLINK_COMMAND_VET,
	QLINK_COMMAND_VQT,
	QLINK_COMMAND_VST,
	QLINK_COMMAND_VLD,
	QLINK_COMMAND_VLS,
	QLINK_COMMAND_VLT,
	QLINK_COMMAND_VOS,
	QLINK_COMMAND_VOL,
	QLINK_COMMAND_VOD,
	QLINK_COMMAND_VCL,
	QLINK_COMMAND_VEC,
	QLINK_COMMAND_VGV,
	QLINK_COMMAND_VGN,
	QLINK_COMMAND_VQA,
	QLINK_COMMAND_VQM,
	QLINK_COMMAND_VQP,
	QLINK_COMMAND_VQS,
	QLINK_COMMAND_VACATION_SUMMARY, /**< V?V */
	QLINK_COMMAND_VACATION_DAY,     /**< V?D */
	QLINK_COMMAND_STATION_TUNE,     /**< V?S */
	QLINK_COMMAND_VLP,
	QLINK_COMMAND_VSP,
	QLINK_COMMAND_VSC,
	QLINK_COMMAND_VPG,
	QLINK_COMMAND_VGH,
	QLINK_COMMAND_VSH,
	QLINK_COMMAND_VIR,
	QLINK_COMMAND_VIC
};

/** Functions of a button for qlink_switch() (section 3.2). */
enum qlink_switch_state {
	QLINK_SWITCH_OFF,     /**< run the OFF function */
	QLINK_SWITCH_ON,      /**< run the ON function */
	QLINK_SWITCH_LEARN,   /**< learn the present levels; needs qlink_set_program() */
	QLINK_SWITCH_DIM,     /**< start the dim cycle */
	QLINK_SWITCH_PRESS,   /**< press; always send a release after it */
	QLINK_SWITCH_RELEASE, /**< release */
	QLINK_SWITCH_TAP      /**< press and release: what a person does */
};

/** What happened; callers pass over types that they do not know. */
enum qlink_event_type {
	/** A request ended: `id command error device_error`, and what the request's call says. */
	QLINK_EVENT_RESULT = 1,
	/** The controller is reached; with monitoring: all enablings were acknowledged. */
	QLINK_EVENT_CONNECTED,
	/** All watched items were queried anew after QLINK_EVENT_CONNECTED. */
	QLINK_EVENT_SYNCHRONISED,
	/** The line was lost: `error device_error delay_ms`. It is mended without help. */
	QLINK_EVENT_DISCONNECTED,
	/** An attempt failed: `error device_error delay_ms` (until the next attempt). */
	QLINK_EVENT_CONNECT_FAILED,
	QLINK_EVENT_BUTTON, /**< `master station button state` 1 pressed, 0 released, `serial` */
	QLINK_EVENT_IR,     /**< `master station` (the zone) `code state serial` */
	QLINK_EVENT_LOAD,   /**< `load level`: a module's load, or a watched contractor number */
	QLINK_EVENT_STATION_LOAD, /**< `load level`: a station's load */
	QLINK_EVENT_VARIABLE,     /**< `load level`: a variable */
	QLINK_EVENT_ALL_ON,       /**< `unaffected` loads; all cached levels became unknown */
	QLINK_EVENT_ALL_OFF,      /**< likewise */
	QLINK_EVENT_LEDS,         /**< `master station on_leds blink_leds` */
	QLINK_EVENT_LCD_LED,      /**< `master station button state` */
	QLINK_EVENT_EXTERNAL,     /**< `master station button state`: output of a function */
	QLINK_EVENT_TEXT,         /**< `text`: a line that is neither an event nor an answer */
	QLINK_EVENT_SWITCH,       /**< `master station button state`: a watched switch differs */
	/** `count` events were dropped because QLINK_MAX_EVENTS were waiting. */
	QLINK_EVENT_OVERFLOW
};

/** A module of qlink_modules_get() (section 3.5). */
struct qlink_module {
	unsigned master, enclosure, module, type;
	const char *version;
};

/** A station of qlink_stations_get() (section 3.5). */
struct qlink_station {
	unsigned master, station, type;
	/** bits: 0 eight buttons, 1 two-colour LEDs, 2 connector, 3 IR, 4 sounder */
	unsigned config;
	const char *version;
	unsigned sixbit;
	uint32_t serial;
};

/** A line of text; not NUL-terminated text ends at `size`, but a NUL follows it. */
struct qlink_text {
	const char *data;
	size_t size;
};

/**
 * What qlink_next_event() returns. Read-only; later releases append fields. A field that the type
 * does not name is 0 (`level` and `state`: -1).
 */
struct qlink_event {
	enum qlink_event_type type;
	uint64_t time_ms; /**< monotonic time at which it became known */
	uint32_t id;      /**< the request, for results */
	enum qlink_command command;
	int error;        /**< 0 or a negative errno */
	int device_error; /**< what the controller said: 256 bad command, 257 bad parameter, 258 */
	struct qlink_load load;
	unsigned master, station, button, code;
	int level; /**< percent 0–100 */
	int state;
	bool has_serial;
	uint32_t serial;              /**< 0 = a virtual press by a command */
	uint16_t on_leds, blink_leds; /**< bit 0 = LED 1 */
	unsigned unaffected;
	uint32_t delay_ms, count;
	bool resynchronised;   /**< found by a query after a reconnect or an all-on, not told */
	const int32_t *values; /**< numbers of a result in the order of the wire */
	size_t value_count;
	const struct qlink_module *modules;
	const struct qlink_station *stations;
	const struct qlink_text *lines; /**< parts of a name or version; rows of a raw command */
	size_t row_count;               /**< length of `modules`, `stations` or `lines` */
	struct qlink_text text;         /**< bytes as sent by the device, not always UTF-8 */
};

/** Counters since qlink_new(); later releases append fields. */
struct qlink_statistics {
	uint64_t connects;         /**< connections that came up */
	uint64_t connect_failures; /**< attempts that failed */
	uint64_t disconnects;      /**< connections lost (idle closes not counted) */
	uint64_t commands;         /**< commands sent, internal ones too */
	uint64_t replies;          /**< answers taken */
	uint64_t timeouts;         /**< commands without an answer in time */
	uint64_t events;           /**< event lines */
	uint64_t texts;            /**< lines that are neither an event nor an answer */
	uint64_t overlong_lines;   /**< lines above QLINK_MAX_LINE, passed over */
	uint64_t dropped_events;   /**< see QLINK_EVENT_OVERFLOW */
	uint64_t crlf_lines;       /**< lines that ended in CR LF */
	uint64_t lines;            /**< all lines that were not empty */
	uint64_t bytes_sent;
	uint64_t bytes_received;
	uint64_t answer_ms_last;  /**< time from the last command to its answer */
	uint64_t answer_ms_max;   /**< the longest */
	unsigned connections;     /**< open now */
	unsigned connections_max; /**< most open at once */
	bool shared_fallback;     /**< split was asked for, but only one connection was accepted */
	int last_error;           /**< of the last failed attempt or loss; 0 once one is up */
};

/** @name Handle
 * @{ */

/**
 * Make a handle with the defaults named at the setters.
 * @return 0, -EINVAL for NULL, or -ENOMEM (also for want of descriptors)
 * @since 0.1
 */
int qlink_new(struct qlink **ret);

/** Disconnect at once and free everything; NULL is allowed. Waiting results are lost: call
 *  qlink_disconnect() and take the events first to see them. @since 0.1 */
void qlink_free(struct qlink *q);

/** @} @name Options
 * Before qlink_connect(); -EBUSY while connected unless said otherwise, -EINVAL out of range.
 * @{ */

/** Host name or address (`[v6]` brackets allowed) and read/write port (default 3041). */
int qlink_set_address(struct qlink *q, const char *host, uint16_t port);
/** Read-only port (default 3040). */
int qlink_set_query_port(struct qlink *q, uint16_t port);
/** Default QLINK_MODE_SPLIT. */
int qlink_set_mode(struct qlink *q, enum qlink_mode mode);
/** Default QLINK_STYLE_AUTO. */
int qlink_set_style(struct qlink *q, enum qlink_style style);
/** End commands with CR LF instead of CR (default false). */
int qlink_set_crlf(struct qlink *q, bool crlf);
/** Most connections at once, the event connection included: 1–QLINK_MAX_CONNECTIONS, default 2. */
int qlink_set_connections(struct qlink *q, unsigned most);
/** Pause from the end of an answer to the next command on that connection: 0–10000 ms, default
 *  50. */
int qlink_set_gap(struct qlink *q, unsigned gap_ms);
/** Close an unused command connection after this time: 0 (never)–86400000 ms, default 30000. */
int qlink_set_idle_close(struct qlink *q, unsigned idle_ms);
/** Whole time of a request, waiting for a free connection included: 1–3600000 ms, default 10000. */
int qlink_set_timeout(struct qlink *q, unsigned timeout_ms);
/** Time from a command to its answer, and from line to line: 1–3600000 ms, default 3000. */
int qlink_set_reply_timeout(struct qlink *q, unsigned timeout_ms);
/** Time for one connection attempt: 1–3600000 ms, default 5000. */
int qlink_set_connect_timeout(struct qlink *q, unsigned timeout_ms);
/** Wait between attempts: base_ms doubling up to max_ms, ±25 %; 1–3600000, default 1000 and
 *  60000. */
int qlink_set_reconnect(struct qlink *q, unsigned base_ms, unsigned max_ms);
/** Ask an event connection that was silent this long for a sign of life: 0 (never)–86400000 ms,
 *  default 60000 (section 8.5). */
int qlink_set_probe(struct qlink *q, unsigned interval_ms);
/** Keep an event connection and switch these on at every connect: bits of enum qlink_monitor,
 *  default none. The setting stays on at the controller after a disconnect: it belongs to its
 *  serial port; switch it off with qlink_monitor_buttons() and its siblings. */
int qlink_set_monitoring(struct qlink *q, unsigned monitor);
/** Watch every load and keypad seen in an event, as qlink_watch_load() does (default false). */
int qlink_set_auto_watch(struct qlink *q, bool on);
/** Allow commands that change programming, class P of section 3 (default false). Also while
 *  connected. */
int qlink_set_program(struct qlink *q, bool on);
/** Priority of the requests that follow (default QLINK_PRIORITY_USER). Also while connected. */
int qlink_set_priority(struct qlink *q, enum qlink_priority priority);
/**
 * Log messages up to a level; fn NULL = silent (the default). Also while connected.
 * @param fn        gets finished text without a line end; must not call the library with q
 * @param userdata  handed to fn; must outlive the handle or the next qlink_set_log()
 */
int qlink_set_log(struct qlink *q, enum qlink_log_level level,
		  void (*fn)(void *userdata, int level, const char *text), void *userdata);

/** @} @name Connection
 * @{ */

/**
 * Begin: resolve the name (this may block, see the head of this file), open the first connection
 * and keep the line from now on.
 * @return 0; -EBUSY already connected; -EINVAL no address set; -EADDRNOTAVAIL; -ENOMEM
 * @since 0.1
 */
int qlink_connect(struct qlink *q);

/**
 * Begin on a connected stream socket; it belongs to the handle from success on, is made
 * non-blocking and serves everything (as QLINK_MODE_SHARED). When it is lost nothing is reopened.
 * @return 0; -EBUSY already connected; -EINVAL bad descriptor; -ENOMEM
 * @since 0.1
 */
int qlink_connect_fd(struct qlink *q, int fd);

/** Close all connections; every request ends with -ECANCELED. Events stay to be taken.
 *  @since 0.1 */
void qlink_disconnect(struct qlink *q);

/** @return a descriptor that stays the same for the handle's life; readable = call
 *  qlink_dispatch(). Only for poll() and its relatives. @since 0.1 */
int qlink_get_fd(struct qlink *q);

/** Do what is due: connect, send, receive, time-outs. Never blocks. @return 0 or -ENOMEM or the
 *  errno of epoll (then call it again later). @since 0.1 */
int qlink_dispatch(struct qlink *q);

/** @return the next event, or NULL when there is none. Valid until the next call. @since 0.1 */
const struct qlink_event *qlink_next_event(struct qlink *q);

/** @return whether qlink_next_event() has something to give. @since 0.1 */
bool qlink_has_event(const struct qlink *q);

/** @return whether a request has been made and its result event is not there yet. @since 0.1 */
bool qlink_is_pending(const struct qlink *q, uint32_t id);

/** Take the result of one request out of turn; the other events keep their order.
 *  @return NULL while it is not there. Valid until the next call. @since 0.1 */
const struct qlink_event *qlink_take_result(struct qlink *q, uint32_t id);

/** End a request with -ECANCELED; one that was sent leaves its connection to be resynchronised.
 *  @return 0, or -ENOENT when there is no such request waiting. @since 0.1 */
int qlink_cancel(struct qlink *q, uint32_t id);

/** @return the counters; valid until qlink_free(), changing with every call. @since 0.1 */
const struct qlink_statistics *qlink_get_statistics(const struct qlink *q);

/**
 * Wait until an event can be taken, dispatching meanwhile.
 * @param timeout_ms  0 returns at once, negative waits for ever
 * @return 1 an event waits; 0 the time is up; or an error of qlink_dispatch() or poll()
 * @since 0.1
 */
int qlink_wait(struct qlink *q, int timeout_ms);

/** @} @name State
 * @{ */

/**
 * Query this load (LEDs of this keypad, ten switches of this station) after every reconnect and
 * all-on or all-off, and report a change that was missed as an event. Up to 4096 items.
 * @param on  false ends it
 * @return 0, -EINVAL, -ENOMEM, -EBUSY too many
 * @since 0.1
 */
int qlink_watch_load(struct qlink *q, struct qlink_load load, bool on);
int qlink_watch_leds(struct qlink *q, unsigned master, unsigned station, bool on);
int qlink_watch_switches(struct qlink *q, unsigned master, unsigned station, bool on);

/**
 * The newest known value, from events, answers and own writes, without asking the controller.
 * @param ret_age_ms  time since it was learnt; may be NULL
 * @return 0; -ENOENT when nothing is known; -EINVAL
 * @since 0.1
 */
int qlink_load_cached(struct qlink *q, struct qlink_load load, int *ret_level,
		      uint64_t *ret_age_ms);
int qlink_leds_cached(struct qlink *q, unsigned master, unsigned station, uint16_t *ret_on,
		      uint16_t *ret_blink, uint64_t *ret_age_ms);
int qlink_switch_cached(struct qlink *q, unsigned master, unsigned station, unsigned button,
			int *ret_state, uint64_t *ret_age_ms);

/** @} @name Requests
 * Each queues one command and returns 0, -EINVAL (a parameter is out of the range given in
 * section 9; nothing is sent), -EPERM, -ENOTCONN, -EBUSY or -ENOMEM, looked at in this order:
 * before qlink_connect() a good request gets -ENOTCONN. `ret_id` (may be NULL) gets the
 * id that the one QLINK_EVENT_RESULT carries. The result repeats `load` or `master station button`
 * of the request. W = control, M = changes reporting, P = changes programming.
 * A request that only reads or sets a level is sent again when its connection is lost, within its
 * time; all others end with -ECONNRESET then, because they may have been carried out.
 * @since 0.1
 * @{ */

/** Set a load (W; VLO, VLA, VLB or VLC by its kind). `level` 0–100; `fade_ms` 0–6553500, rounded to
 *  100. Result: `level` as the controller confirmed it. Interlocks programmed on buttons (motors,
 *  blinds!) do not apply. */
int qlink_load_set(struct qlink *q, struct qlink_load load, unsigned level, uint32_t fade_ms,
		   uint32_t *ret_id);
/** Level of a load; the target while it fades (VGL, VGA, VGB, VGC). Result: `level`. */
int qlink_load_get(struct qlink *q, struct qlink_load load, uint32_t *ret_id);
/** Eight levels of a module (VGD). Result: `values`, load 1 first. */
int qlink_module_get(struct qlink *q, unsigned master, unsigned enclosure, unsigned module,
		     uint32_t *ret_id);
/** Run a function of a button (W, LEARN: P; VSW). Result: `state`; no proof of effect. */
int qlink_switch(struct qlink *q, unsigned master, unsigned station, unsigned button,
		 enum qlink_switch_state state, uint32_t *ret_id);
/** State of a switch (VGS). Result: `state` 0 off, 1 on, 2 not programmed. */
int qlink_switch_get(struct qlink *q, unsigned master, unsigned station, unsigned button,
		     uint32_t *ret_id);
/** States of the ten switches of a station (VGT). Result: `values`, switch 1 first. */
int qlink_switches_get(struct qlink *q, unsigned master, unsigned station, uint32_t *ret_id);
/** Set a LED that the programming leaves free (W; VLD). `led` 1–10, `state` 0 off, 1 on, 2
 *  blink. */
int qlink_led_set(struct qlink *q, unsigned master, unsigned station, unsigned led, unsigned state,
		  uint32_t *ret_id);
/** State of a LED (VLS). Result: `state` as above. */
int qlink_led_get(struct qlink *q, unsigned master, unsigned station, unsigned led,
		  uint32_t *ret_id);
/** All LEDs of a keypad (VLT). Result: `on_leds blink_leds`. */
int qlink_leds_get(struct qlink *q, unsigned master, unsigned station, uint32_t *ret_id);

/** When a time function runs (section 3.2); all 13 values of VQT. */
struct qlink_timer {
	int state;   /**< 0 off, 1 on, 2 disabled */
	int hour;    /**< 0–23, -1 every hour, 24 sunrise, 25 sunset */
	int minute;  /**< 0–59, -1 every minute; with sunrise, sunset an offset -1439–1439 */
	int days[7]; /**< 0 or 1, Sunday first */
	int day;     /**< 1–31, 0 all */
	int month;   /**< 1–12, 0 all */
	int year;    /**< 1–9999, 0 all */
};

/** How much of a struct qlink_timer qlink_timer_set() sends. */
enum qlink_timer_parts {
	QLINK_TIMER_STATE = 1, /**< state alone: the times stay */
	QLINK_TIMER_TIME = 3,  /**< and hour, minute */
	QLINK_TIMER_DAYS = 10, /**< and days */
	QLINK_TIMER_DATE = 13  /**< all */
};

/** Run a time function (W; VET). `function` 1–255, `state` 0 or 1. The answer is not documented:
 *  -ETIMEDOUT means sent, but unconfirmed. */
int qlink_timer_run(struct qlink *q, unsigned master, unsigned function, unsigned state,
		    uint32_t *ret_id);
/** Read a time function (VQT). Result: `values`, the 13 of struct qlink_timer in its order. */
int qlink_timer_get(struct qlink *q, unsigned master, unsigned function, uint32_t *ret_id);
/** Set a time function (P; VST). Result as for qlink_timer_get(). */
int qlink_timer_set(struct qlink *q, unsigned master, unsigned function,
		    const struct qlink_timer *timer, enum qlink_timer_parts parts,
		    uint32_t *ret_id);

/** Report buttons and infrared (M; VOS), with serial numbers if `serials`. Result: `state`. */
int qlink_monitor_buttons(struct qlink *q, bool serials, bool on, uint32_t *ret_id);
/** Report loads (M; VOL). Result: `state`. */
int qlink_monitor_loads(struct qlink *q, bool on, uint32_t *ret_id);
/** Report LEDs (M; VOD): 0 none, 1 keypads, 2 LCD stations, 3 both. Result: `state`. */
int qlink_monitor_leds(struct qlink *q, unsigned which, uint32_t *ret_id);
/** Delimiter and default style of the controller's port, for everybody (M; VCL). Not needed by
 *  this library. Result: `state`, the delimiter flag. */
int qlink_format_set(struct qlink *q, bool crlf, bool detailed, uint32_t *ret_id);

/** Echo (VEC), `number` 0–65535. Result: `values[0]`. */
int qlink_echo(struct qlink *q, unsigned number, uint32_t *ret_id);
/** Firmware (VGV). Result: `lines[0]` version, `lines[1]` date. */
int qlink_firmware_get(struct qlink *q, unsigned master, uint32_t *ret_id);
/** Names (VGN). `address` 0–9999, `position` 1–8 a load, 255 the station. Result: `lines`: name,
 *  room, floor, type. */
int qlink_name_get(struct qlink *q, unsigned master, unsigned address, unsigned position,
		   uint32_t *ret_id);
/** Where this connection ends (VQA). Result: `values`: master, port 0 diagnostic, 1–4 A–D. */
int qlink_where(struct qlink *q, uint32_t *ret_id);
/** Numbers of the masters (VQM). Result: `values`. */
int qlink_masters_get(struct qlink *q, uint32_t *ret_id);
/** Modules of a master (VQP). Result: `modules row_count`. */
int qlink_modules_get(struct qlink *q, unsigned master, uint32_t *ret_id);
/** Stations of a master (VQS). Result: `stations row_count`. */
int qlink_stations_get(struct qlink *q, unsigned master, uint32_t *ret_id);
/** Vacation log (V?V), layout not documented. Result: `lines row_count`, collected as
 *  QLINK_RAW_LINES does. */
int qlink_vacation_summary(struct qlink *q, unsigned master, uint32_t *ret_id);
/** Vacation log of a day (V?D). `day` 0–14, `most` entries 0 (all)–9999. Result as above. */
int qlink_vacation_day(struct qlink *q, unsigned master, unsigned day, unsigned most,
		       uint32_t *ret_id);
/** Tune the dimmers of a station (P; V?S). `sixbit` 0–63, `max_adjust` 0–255, `max_error` 0–65535.
 *  Result: `text`, the first line. */
int qlink_station_tune(struct qlink *q, unsigned master, unsigned sixbit, unsigned max_adjust,
		       unsigned max_error, uint32_t *ret_id);
/** Dimming profile 2–22 of a module's load (P; VLP) or a station's load 1–4 (P; VSP), by the kind
 *  of the address. Result: `values[0]`. */
int qlink_profile_set(struct qlink *q, struct qlink_load load, unsigned profile, uint32_t *ret_id);
/** Give a station its address (P; VSC). `serial` 1–9999999. A non-zero answer is -EIO with it in
 *  `device_error`. */
int qlink_station_assign(struct qlink *q, unsigned master, unsigned station, uint32_t serial,
			 uint32_t *ret_id);
/** Feed one line of a project file (P; VPG): printable ASCII, at most 190 bytes. Answer as
 *  above. */
int qlink_project_line(struct qlink *q, const char *line, uint32_t *ret_id);

/** Read 1–4 thermostat registers (VGH, section 3.6) of a station 1–50. Result: `values`,
 *  temperatures in half degrees Celsius. */
int qlink_thermostat_get(struct qlink *q, unsigned master, unsigned station,
			 const unsigned *registers, size_t count, uint32_t *ret_id);
/** Write 1–3 thermostat registers (W; VSH). `values` -200–300, half degrees for temperatures. */
int qlink_thermostat_set(struct qlink *q, unsigned master, unsigned station,
			 const unsigned *registers, const int *values, size_t count,
			 uint32_t *ret_id);
/** Send an infrared code (W; VIR, or VIC with `set` 1–8). `code` 0–255, with a set 0–31; `emitter`
 *  is a station. Result: `state`. */
int qlink_ir_send(struct qlink *q, unsigned master, unsigned set, unsigned code, bool on,
		  unsigned emitter, uint32_t *ret_id);

/** What qlink_raw() waits for. */
enum qlink_raw_flags {
	QLINK_RAW_LINE = 0, /**< the first line that is no event */
	QLINK_RAW_LINES = 1 /**< all lines until one second of silence, at most 1024 */
};

/**
 * Send a command unchanged. It begins with `V`, is printable ASCII, and at most QLINK_MAX_COMMAND
 * bytes. With the modifier `!` nothing is awaited. Its class is found from its letters; in
 * read-only mode an unknown command is refused (-EPERM). Result: `text`, or `lines row_count`.
 */
int qlink_raw(struct qlink *q, const char *command, enum qlink_raw_flags flags, uint32_t *ret_id);

/** @} @name Blocking twins
 * Each makes the request above, waits for its result and returns its error. Other events stay in
 * the queue. `timeout_ms` as in poll(): 0 does not wait, negative waits until the request's own
 * time is up; when it passes the request is cancelled and the call returns -ETIMEDOUT (the error of
 * the last attempt to connect, if there was no connection). `ret_event` (may be NULL) gets the
 * result event, also with an error of the controller; NULL is written when there is none.
 * @since 0.1
 * @{ */

/** Wait for the result of a request made before; -ENOENT when it is unknown. */
int qlink_await(struct qlink *q, uint32_t id, int timeout_ms, const struct qlink_event **ret_event);

int qlink_load_set_sync(struct qlink *q, struct qlink_load load, unsigned level, uint32_t fade_ms,
			int timeout_ms, const struct qlink_event **ret_event);
int qlink_load_get_sync(struct qlink *q, struct qlink_load load, int timeout_ms,
			const struct qlink_event **ret_event);
int qlink_module_get_sync(struct qlink *q, unsigned master, unsigned enclosure, unsigned module,
			  int timeout_ms, const struct qlink_event **ret_event);
int qlink_switch_sync(struct qlink *q, unsigned master, unsigned station, unsigned button,
		      enum qlink_switch_state state, int timeout_ms,
		      const struct qlink_event **ret_event);
int qlink_switch_get_sync(struct qlink *q, unsigned master, unsigned station, unsigned button,
			  int timeout_ms, const struct qlink_event **ret_event);
int qlink_switches_get_sync(struct qlink *q, unsigned master, unsigned station, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_led_set_sync(struct qlink *q, unsigned master, unsigned station, unsigned led,
		       unsigned state, int timeout_ms, const struct qlink_event **ret_event);
int qlink_led_get_sync(struct qlink *q, unsigned master, unsigned station, unsigned led,
		       int timeout_ms, const struct qlink_event **ret_event);
int qlink_leds_get_sync(struct qlink *q, unsigned master, unsigned station, int timeout_ms,
			const struct qlink_event **ret_event);
int qlink_timer_run_sync(struct qlink *q, unsigned master, unsigned function, unsigned state,
			 int timeout_ms, const struct qlink_event **ret_event);
int qlink_timer_get_sync(struct qlink *q, unsigned master, unsigned function, int timeout_ms,
			 const struct qlink_event **ret_event);
int qlink_timer_set_sync(struct qlink *q, unsigned master, unsigned function,
			 const struct qlink_timer *timer, enum qlink_timer_parts parts,
			 int timeout_ms, const struct qlink_event **ret_event);
int qlink_monitor_buttons_sync(struct qlink *q, bool serials, bool on, int timeout_ms,
			       const struct qlink_event **ret_event);
int qlink_monitor_loads_sync(struct qlink *q, bool on, int timeout_ms,
			     const struct qlink_event **ret_event);
int qlink_monitor_leds_sync(struct qlink *q, unsigned which, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_format_set_sync(struct qlink *q, bool crlf, bool detailed, int timeout_ms,
			  const struct qlink_event **ret_event);
int qlink_echo_sync(struct qlink *q, unsigned number, int timeout_ms,
		    const struct qlink_event **ret_event);
int qlink_firmware_get_sync(struct qlink *q, unsigned master, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_name_get_sync(struct qlink *q, unsigned master, unsigned address, unsigned position,
			int timeout_ms, const struct qlink_event **ret_event);
int qlink_where_sync(struct qlink *q, int timeout_ms, const struct qlink_event **ret_event);
int qlink_masters_get_sync(struct qlink *q, int timeout_ms, const struct qlink_event **ret_event);
int qlink_modules_get_sync(struct qlink *q, unsigned master, int timeout_ms,
			   const struct qlink_event **ret_event);
int qlink_stations_get_sync(struct qlink *q, unsigned master, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_vacation_summary_sync(struct qlink *q, unsigned master, int timeout_ms,
				const struct qlink_event **ret_event);
int qlink_vacation_day_sync(struct qlink *q, unsigned master, unsigned day, unsigned most,
			    int timeout_ms, const struct qlink_event **ret_event);
int qlink_station_tune_sync(struct qlink *q, unsigned master, unsigned sixbit, unsigned max_adjust,
			    unsigned max_error, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_profile_set_sync(struct qlink *q, struct qlink_load load, unsigned profile,
			   int timeout_ms, const struct qlink_event **ret_event);
int qlink_station_assign_sync(struct qlink *q, unsigned master, unsigned station, uint32_t serial,
			      int timeout_ms, const struct qlink_event **ret_event);
int qlink_project_line_sync(struct qlink *q, const char *line, int timeout_ms,
			    const struct qlink_event **ret_event);
int qlink_thermostat_get_sync(struct qlink *q, unsigned master, unsigned station,
			      const unsigned *registers, size_t count, int timeout_ms,
			      const struct qlink_event **ret_event);
int qlink_thermostat_set_sync(struct qlink *q, unsigned master, unsigned station,
			      const unsigned *registers, const int *values, size_t count,
			      int timeout_ms, const struct qlink_event **ret_event);
int qlink_ir_send_sync(struct qlink *q, unsigned master, unsigned set, unsigned code, bool on,
		       unsigned emitter, int timeout_ms, const struct qlink_event **ret_event);
int qlink_raw_sync(struct qlink *q, const char *command, enum qlink_raw_flags flags, int timeout_ms,
		   const struct qlink_event **ret_event);

/** @} @name Words
 * @{ */

/** @return words for a negative errno of this library; never NULL, valid for ever. @since 0.1 */
const char *qlink_strerror(int error);
/** @return the release that is linked, "0.1.0"; compare with QLINK_VERSION of the header.
 *  @since 0.1 */
const char *qlink_version(void);
/** @return the name of an event type as `qlink monitor` prints it; "unknown" for others.
 *  @since 0.1 */
const char *qlink_event_name(enum qlink_event_type type);
/** @return the three characters of a command, "raw" for QLINK_COMMAND_RAW. @since 0.1 */
const char *qlink_command_name(enum qlink_command command);
/** @return what a module type of qlink_modules_get() is; "unknown" for others. @since 0.1 */
const char *qlink_module_type_name(unsigned type);
/** @return what a station type of qlink_stations_get() is; "unknown" for others. @since 0.1 */
const char *qlink_station_type_name(unsigned type);

/** @} */
/** @} */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
