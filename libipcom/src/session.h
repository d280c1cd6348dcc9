/* SPDX-License-Identifier: MIT */
#ifndef IPCOM_SESSION_H
#define IPCOM_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ipcom/ipcom.h>

#include "common/backoff.h"
#include "common/log.h"

#include "frame.h"

/**
 * The protocol without any I/O: bytes, time and the fate of the connection go in; bytes, a
 * deadline, the wish for a connection and events come out. Time is milliseconds of any monotonic
 * clock.
 */
struct session;

/** The settings of the public setters. */
struct session_config {
	char username[IPCOM_MAX_USERNAME + 1];
	char password[IPCOM_MAX_PASSWORD + 1];
	unsigned bus;
	struct frame_address address;
	enum ipcom_kind kinds[IPCOM_MODULES][IPCOM_OUTPUTS];
	bool allow_clear, force, stop_shutters, stop_when_refused;
	unsigned timeout_ms, reply_timeout_ms, poll_ms, keepalive_ms;
	struct cmn_backoff reconnect;
	unsigned history;
	bool adopted; /**< the connection is given and cannot be opened again */
};

int ipcom_session_new(struct session **ret);
void ipcom_session_free(struct session *s);

/** Before it starts: two relays are a shutter. Errors as ipcom_add_shutter(). */
int ipcom_session_add_shutter(struct session *s, struct ipcom_output up, struct ipcom_output down,
			      unsigned travel_ms, unsigned dead_ms, unsigned *ret_shutter);

/** Begin. SEED makes the jitter. @return 0 or -ENOMEM */
int ipcom_session_start(struct session *s, const struct session_config *config,
			const struct cmn_log *log, uint64_t seed, uint64_t now);
/** Begin to end: see ipcom_disconnect(). */
void ipcom_session_stop(struct session *s, uint64_t now);
/** Put the last words to the device into the output, without waiting for answers. */
void ipcom_session_farewell(struct session *s, uint64_t now);
/** End at once. */
void ipcom_session_abort(struct session *s, uint64_t now);
enum ipcom_state ipcom_session_state(const struct session *s);
void ipcom_session_set_log(struct session *s, const struct cmn_log *log);
void ipcom_session_set_timeout(struct session *s, unsigned timeout_ms);

/** @name Requests; errors as in the public header
 * @{ */

int ipcom_session_set(struct session *s, const struct ipcom_setting *settings, size_t count,
		      uint64_t now, uint32_t *ret_id);
int ipcom_session_toggle(struct session *s, struct ipcom_output output, uint64_t now,
			 uint32_t *ret_id);
int ipcom_session_move(struct session *s, unsigned shutter, enum ipcom_direction direction,
		       uint64_t now, uint32_t *ret_id);
int ipcom_session_refresh(struct session *s, uint64_t now, uint32_t *ret_id);
int ipcom_session_cancel(struct session *s, uint32_t id, uint64_t now);
bool ipcom_session_pending(const struct session *s, uint32_t id);

/** @} */

const struct ipcom_event *ipcom_session_next_event(struct session *s);
const struct ipcom_event *ipcom_session_take_result(struct session *s, uint32_t id);
bool ipcom_session_has_event(const struct session *s);
const struct ipcom_statistics *ipcom_session_statistics(const struct session *s);
int ipcom_session_values(const struct session *s, uint8_t values[IPCOM_MODULES][IPCOM_OUTPUTS],
			 uint64_t now, uint64_t *ret_age_ms);
int ipcom_session_expected(const struct session *s, struct ipcom_output output,
			   unsigned *ret_value);
size_t ipcom_session_history(const struct session *s, struct ipcom_change *changes, size_t room);

/** @name What the transport asks and tells
 * @{ */

/** @return a number that is not 0 while the connection is wanted or open, and another one after
 *  each close: a transport that holds a socket for another number closes it. */
uint32_t ipcom_session_wants(const struct session *s);
void ipcom_session_opened(struct session *s, uint64_t now);
/** Opening failed, or the connection was lost (error 0: closed by the peer). */
void ipcom_session_failed(struct session *s, int error, uint64_t now);
void ipcom_session_receive(struct session *s, const uint8_t *data, size_t size, uint64_t now);
/** @return how many bytes wait to be sent; *ret_data is valid until the next call. */
size_t ipcom_session_output(const struct session *s, const uint8_t **ret_data);
void ipcom_session_sent(struct session *s, size_t size, uint64_t now);

/** @} */

/** @return when ipcom_session_tick() is due; UINT64_MAX = never. */
uint64_t ipcom_session_deadline(const struct session *s);
void ipcom_session_tick(struct session *s, uint64_t now);

#endif
