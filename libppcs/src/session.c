/* SPDX-License-Identifier: MIT */
/*
 * The core as a whole: what the transport brings goes to the race, the search or the session that
 * was won, and their deadlines become one.
 */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A conversation file tells that many apart (tests/vectors/README.md); then they start again. */
#define LOGGED_SOCKETS 99

int ppcs_session_new(struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	ppcs_outbox_init(&s->out);
	s->race.told = true;
	*ret = s;
	return 0;
}

void ppcs_session_free(struct session *s)
{
	if (!s)
		return;
	ppcs_race_free(&s->race);
	ppcs_link_drop(&s->link);
	ppcs_socket_close_all(s);
	free(s->sockets);
	free(s->farewells);
	free(s->search.found);
	ppcs_outbox_free(&s->out);
	ppcs_event_list_free(&s->events);
	ppcs_path_list_free(&s->paths);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

void ppcs_session_set_log(struct session *s, const struct cmn_log *log)
{
	s->log = *log;
}

bool ppcs_session_emit(struct session *s, struct ppcs_event *event, uint64_t now)
{
	bool added;

	event->time_ms = now;
	added = ppcs_event_list_add(&s->events, event);
	s->statistics.dropped_events = s->events.dropped_all;
	return added;
}

void ppcs_session_log_datagram(const struct session *s, char direction, uint32_t socket,
			       const struct ppcs_address *address, const char *name,
			       const uint8_t *data, size_t size)
{
	unsigned number = (socket - 1) % LOGGED_SOCKETS + 1;
	const struct socket *from = ppcs_socket_find(s, socket);
	const struct ppcs_address nowhere = { .port = 0 };
	char peer[ADDRESS_TEXT_BYTES], local[ADDRESS_TEXT_BYTES];

	if (!cmn_log_wants(&s->log, CMN_LOG_WIRE))
		return;
	ppcs_address_text(address, peer);
	ppcs_address_text(from ? &from->local : &nowhere, local);
	cmn_log_printf(&s->log, CMN_LOG_WIRE, "# %c%u %s %s (%s %s)", direction, number, peer,
		       name ? name : "?", from && from->wish.stream ? "tcp" : "udp", local);
	cmn_log_datagram(&s->log, direction, number, data, size);
}

static void configure(struct session *s, const struct session_config *config, uint64_t seed)
{
	s->config = *config;
	cmn_prng_seed(&s->prng, seed);
	if (config->key_fixed)
		ppcs_keys_fixed(&s->keys, config->key);
	else
		ppcs_keys_all(&s->keys, config->server_key);
}

enum ppcs_state ppcs_session_state(const struct session *s)
{
	if (s->search.running)
		return PPCS_STATE_SEARCHING;
	if (s->race.running || (s->link.up && !s->race.told))
		return PPCS_STATE_RACING;
	if (s->link.up)
		return PPCS_STATE_CONNECTED;
	if (s->farewell_count > 0 || !s->race.told)
		return PPCS_STATE_CLOSING;
	return PPCS_STATE_IDLE;
}

int ppcs_session_race(struct session *s, const struct session_config *config, uint64_t seed,
		      uint64_t now)
{
	int error;

	configure(s, config, seed);
	error = ppcs_race_start(s, now);
	if (error == 0)
		ppcs_session_tick(s, now);
	return error;
}

int ppcs_session_search(struct session *s, const struct session_config *config, unsigned wait_ms,
			uint64_t seed, uint64_t now)
{
	configure(s, config, seed);
	return ppcs_search_start(s, wait_ms, now);
}

/* What was acknowledged and is in turn belongs to the program, whatever else waits. */
static void end_data(struct session *s, uint64_t now)
{
	ppcs_event_list_last_data(&s->events);
	if (s->link.channels)
		ppcs_channels_hand_out(s->link.channels, &s->events, now);
	ppcs_event_list_end_data(&s->events);
}

/* The session ends; who has been heard of it is told CLOSE. */
static void close_link(struct session *s, int error, bool say, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_CLOSED, .time_ms = now, .error = error };

	for (unsigned i = 0; i < PACKET_CHANNELS; i++)
		event.unsent += ppcs_link_unsent(&s->link, i);
	end_data(s, now);
	if (say)
		ppcs_farewell_add(s, &s->link, now);
	else
		ppcs_socket_close(s, s->link.socket);
	ppcs_link_drop(&s->link);
	ppcs_event_list_add_reserved(&s->events, RESERVE_CLOSED, &event);
	cmn_log_printf(&s->log, CMN_LOG_INFO, "closed%s%s", error < 0 ? ": " : "",
		       error < 0 ? ppcs_strerror(error) : "");
}

void ppcs_session_stop(struct session *s, uint64_t now)
{
	ppcs_search_end(s, -ECANCELED, now);
	ppcs_race_give_up(s, now);
	if (s->link.up)
		close_link(s, 0, true, now);
	ppcs_session_tick(s, now);
}

void ppcs_session_abort(struct session *s, uint64_t now)
{
	ppcs_session_stop(s, now);
	ppcs_farewell_flush(s);
	ppcs_session_tick(s, now);
}

const struct ppcs_event *ppcs_session_next_event(struct session *s)
{
	return ppcs_event_list_next(&s->events);
}

void ppcs_session_drop_events(struct session *s, enum ppcs_event_type first,
			      enum ppcs_event_type last)
{
	ppcs_event_list_drop(&s->events, first, last);
}

bool ppcs_session_has_event(const struct session *s)
{
	return s->events.head != NULL || s->events.dropped > 0;
}

const struct ppcs_report *ppcs_session_report(struct session *s, uint64_t now)
{
	ppcs_report_update(s, now);
	return &s->race.report;
}

const struct ppcs_statistics *ppcs_session_statistics(const struct session *s)
{
	return &s->statistics;
}

int ppcs_session_path_statistics(const struct session *s, size_t index, uint64_t now,
				 struct ppcs_path_statistics *ret)
{
	if (index >= s->paths.count)
		return -ENOENT;
	ppcs_path_numbers(&s->paths.at[index], now, ret);
	return 0;
}

int ppcs_session_set_path_statistics(struct session *s, const struct ppcs_path_statistics *st,
				     uint64_t now)
{
	struct path *path = ppcs_path_get(&s->paths, st->mode, st->port);

	if (!path)
		return -ENOMEM;
	ppcs_path_set(path, st, now);
	return 0;
}

uint32_t ppcs_session_take(struct session *s, struct ppcs_address *ret_local,
			   struct ppcs_address *ret_peer)
{
	uint32_t id = s->link.socket;
	const struct socket *socket = s->link.up ? ppcs_socket_find(s, id) : NULL;

	if (!socket || socket->wish.stream)
		return 0;
	if (ret_local)
		*ret_local = socket->local;
	if (ret_peer)
		*ret_peer = s->link.peer;
	end_data(s, s->link.heard_at);
	ppcs_link_drop(&s->link);
	ppcs_socket_close(s, id);
	return id;
}

bool ppcs_session_verified(const struct session *s)
{
	return ppcs_session_state(s) == PPCS_STATE_CONNECTED && s->link.verified;
}

int ppcs_session_send(struct session *s, unsigned channel, const void *data, size_t size)
{
	if (!s->link.up)
		return -ENOTCONN;
	return ppcs_link_send(s, &s->link, channel, data, size);
}

size_t ppcs_session_unsent(const struct session *s, unsigned channel)
{
	return s->link.up ? ppcs_link_unsent(&s->link, channel) : 0;
}

void ppcs_session_opened(struct session *s, uint32_t id, const struct ppcs_address *local,
			 uint64_t now)
{
	struct socket *socket = ppcs_socket_find(s, id);
	struct attempt *a = ppcs_attempt_find(s, id);

	if (!socket)
		return;
	socket->open = true;
	socket->local = *local;
	if (s->search.running && s->search.socket == id)
		ppcs_search_opened(s, now);
	else if (a)
		ppcs_attempt_opened(s, a, id, now);
}

void ppcs_session_failed(struct session *s, uint32_t id, int error, uint64_t now)
{
	struct attempt *a = ppcs_attempt_find(s, id);

	if (s->search.running && s->search.socket == id)
		ppcs_search_end(s, error, now);
	else if (s->link.up && s->link.socket == id)
		close_link(s, -ECONNRESET, false, now);
	else if (a)
		ppcs_attempt_failed(s, a, id, now);
	else
		ppcs_socket_close(s, id);
}

static void heed(struct session *s, enum link_news news, uint64_t now)
{
	if (news == LINK_CLOSED) {
		close_link(s, -ECONNRESET, false, now);
	} else if (news == LINK_OTHER_DEVICE) {
		s->statistics.warnings_uid++;
		close_link(s, -ECONNREFUSED, false, now);
	}
}

static void receive_datagram(struct session *s, const struct ppcs_address *from,
			     const uint8_t *data, size_t size, uint64_t now)
{
	uint8_t plain[PACKET_MAX_BYTES];
	struct packet p;

	if (!ppcs_address_same(from, &s->link.peer)) {
		s->statistics.warnings_address++;
		return;
	}
	if (size > sizeof(plain))
		return;
	memcpy(plain, data, size);
	if (ppcs_keys_decrypt(&s->keys, s->link.key, plain, size) < 0 ||
	    ppcs_packet_decode(plain, size, &p) < 0) {
		s->statistics.unreadable++;
		return;
	}
	if (p.extra > 0)
		s->statistics.warnings_length++;
	if (p.useful)
		heed(s, ppcs_link_receive(s, &s->link, &p, now), now);
	else
		s->statistics.warnings_type++;
}

static void receive_stream(struct session *s, const uint8_t *data, size_t size, uint64_t now)
{
	struct socket *socket = ppcs_socket_find(s, s->link.socket);
	int ret = cmn_buf_append(&socket->in, data, size) < 0 ? -ENOMEM : 1;

	while (ret > 0 && s->link.up) {
		uint8_t message[PACKET_MAX_BYTES];
		struct packet p;

		ret = ppcs_tcp_next(s, socket, s->link.key, message, &p);
		if (ret > 0)
			heed(s, ppcs_link_receive(s, &s->link, &p, now), now);
	}
	if (ret < 0)
		close_link(s, ret == -ENOMEM ? ret : -ECONNRESET, false, now);
}

static void log_receive(const struct session *s, uint32_t id, const struct ppcs_address *from,
			const uint8_t *data, size_t size)
{
	uint8_t head[PACKET_MAX_BYTES];
	int key = -1;

	if (!cmn_log_wants(&s->log, CMN_LOG_WIRE))
		return;
	if (size <= sizeof(head)) {
		memcpy(head, data, size);
		key = ppcs_keys_decrypt(&s->keys, KEY_ANY, head, size);
	}
	ppcs_session_log_datagram(s, '<', id, from, key >= 0 ? ppcs_packet_name(head[1]) : NULL,
				  data, size);
}

void ppcs_session_receive(struct session *s, uint32_t id, const struct ppcs_address *from,
			  const uint8_t *data, size_t size, uint64_t now)
{
	const struct socket *socket = ppcs_socket_find(s, id);
	struct attempt *a;

	s->statistics.received++;
	s->statistics.bytes_received += size;
	log_receive(s, id, from, data, size);
	/* Nobody can be answered at port 0. */
	if (!socket || (!socket->wish.stream && from->port == 0))
		return;
	if (s->search.running && s->search.socket == id) {
		ppcs_search_receive(s, from, data, size, now);
	} else if (s->link.up && s->link.socket == id) {
		if (socket->wish.stream)
			receive_stream(s, data, size, now);
		else
			receive_datagram(s, from, data, size, now);
	} else {
		a = ppcs_attempt_find(s, id);
		if (a)
			ppcs_attempt_receive(s, a, id, from, data, size, now);
	}
}

void ppcs_session_unreachable(struct session *s, uint32_t id, const struct ppcs_address *to,
			      uint64_t now)
{
	struct attempt *a = ppcs_attempt_find(s, id);

	if (a)
		ppcs_attempt_unreachable(s, a, to, now);
	else if (s->link.up && s->link.socket == id && ppcs_address_same(to, &s->link.peer))
		ppcs_link_unreachable(s, &s->link, now);
}

bool ppcs_session_output(struct session *s, uint64_t now, struct datagram *ret)
{
	/* Data waits where it can be sent later, not in a line that loses what is too much. */
	if (s->link.up && ppcs_outbox_empty(&s->out))
		ppcs_link_fill(s, &s->link, now);
	return ppcs_outbox_first(&s->out, ret);
}

void ppcs_session_sent(struct session *s)
{
	ppcs_outbox_pop(&s->out);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t ppcs_session_deadline(const struct session *s)
{
	uint64_t at = earlier(ppcs_race_deadline(s), ppcs_search_deadline(s));

	at = earlier(at, ppcs_farewell_deadline(s));
	return s->link.up ? earlier(at, ppcs_link_deadline(s, &s->link)) : at;
}

void ppcs_session_tick(struct session *s, uint64_t now)
{
	ppcs_search_tick(s, now);
	ppcs_farewell_tick(s, now);
	ppcs_race_tick(s, now);
	if (!s->link.up)
		return;
	if (ppcs_link_dead(s, &s->link, now))
		close_link(s, -ETIMEDOUT, true, now);
	else
		ppcs_link_tick(s, &s->link, now);
}
