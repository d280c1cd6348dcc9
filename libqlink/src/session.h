/* SPDX-License-Identifier: MIT */
#ifndef QLINK_SESSION_H
#define QLINK_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <qlink/qlink.h>

#include "common/backoff.h"
#include "common/log.h"

#include "command.h"

/**
 * The protocol without any I/O: bytes, time and the fate of connections go in; bytes, a deadline,
 * wishes for connections and events come out. Time is milliseconds of any monotonic clock.
 */
struct session;

/** The settings of the public setters. */
struct session_config {
	enum qlink_mode mode;
	enum qlink_style style;
	bool crlf;
	unsigned connections;
	unsigned gap_ms, idle_ms, timeout_ms, reply_timeout_ms, probe_ms;
	struct cmn_backoff reconnect;
	unsigned monitoring;
	bool auto_watch;
	bool adopted; /**< connection 0 is given and cannot be opened again */
};

int qlink_session_new(struct session **ret);
void qlink_session_free(struct session *s);

/** Begin with no connection open. SEED makes jitter and nonces. */
void qlink_session_start(struct session *s, const struct session_config *config,
			 const struct cmn_log *log, uint64_t seed, uint64_t now);
/** Give up all connections; waiting requests end with -ECANCELED. */
void qlink_session_stop(struct session *s, uint64_t now);
bool qlink_session_running(const struct session *s);

/** The mode that requests are judged by until qlink_session_start(). */
void qlink_session_set_mode(struct session *s, enum qlink_mode mode);
void qlink_session_allow_program(struct session *s, bool on);
void qlink_session_set_log(struct session *s, const struct cmn_log *log);

/** Queue a checked command; errors as in the public header. */
int qlink_session_request(struct session *s, const struct command *command,
			  enum qlink_priority priority, uint64_t now, uint32_t *ret_id);
int qlink_session_cancel(struct session *s, uint32_t id, uint64_t now);

const struct qlink_event *qlink_session_next_event(struct session *s);
const struct qlink_event *qlink_session_take_result(struct session *s, uint32_t id);
bool qlink_session_has_event(const struct session *s);
/** @return whether a request with this id has not ended yet. */
bool qlink_session_pending(const struct session *s, uint32_t id);

int qlink_session_watch(struct session *s, uint64_t key, bool on, uint64_t now);
/** @return 0 with the value and its age, or -ENOENT. */
int qlink_session_cached(const struct session *s, uint64_t key, uint64_t now, int32_t *ret_value,
			 uint64_t *ret_age_ms);
struct qlink_statistics *qlink_session_statistics(struct session *s);

/** @name What the transport asks and tells, connection by connection
 * @{ */

/** @return a number that is not 0 while the connection is wanted or open, and another one after
 *  each close: a transport that holds a socket for another number closes it. */
uint32_t qlink_session_wants(const struct session *s, unsigned slot);
/** @return whether the connection goes to the query port. */
bool qlink_session_to_query_port(const struct session *s);

void qlink_session_opened(struct session *s, unsigned slot, uint64_t now);
/** Opening failed, or an open connection was lost (error 0: closed by the peer). */
void qlink_session_failed(struct session *s, unsigned slot, int error, uint64_t now);
void qlink_session_receive(struct session *s, unsigned slot, const uint8_t *data, size_t size,
			   uint64_t now);
/** @return how many bytes wait to be sent; *ret_data is valid until the next call. */
size_t qlink_session_output(const struct session *s, unsigned slot, const uint8_t **ret_data);
void qlink_session_sent(struct session *s, unsigned slot, size_t size, uint64_t now);

/** @} */

/** @return when qlink_session_tick() is due; UINT64_MAX = never. */
uint64_t qlink_session_deadline(const struct session *s);
void qlink_session_tick(struct session *s, uint64_t now);

#endif
