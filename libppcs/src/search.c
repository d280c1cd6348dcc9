/* SPDX-License-Identifier: MIT */
/* Who is on the LAN (6.1): LAN_SEARCH to everybody, in every key, and who answers is told once. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FOUND 256
#define ROUNDS    14

int ppcs_search_start(struct session *s, unsigned wait_ms, uint64_t now)
{
	struct ppcs_address everywhere = { { 255, 255, 255, 255 }, s->config.search_port };
	int error = ppcs_event_list_prepare(&s->events);

	if (error < 0)
		return error;
	free(s->search.found);
	s->search = (struct search){ .running = true, .tick_at = NEVER, .ends_at = now + wait_ms };
	s->search.socket = ppcs_socket_add(s, false, true, everywhere);
	if (s->search.socket == 0) {
		s->search.running = false;
		return -ENOMEM;
	}
	return 0;
}

void ppcs_search_opened(struct session *s, uint64_t now)
{
	s->search.tick_at = now;
	ppcs_search_tick(s, now);
}

static void ask(struct session *s, const struct ppcs_address *to)
{
	struct packet p = { .type = PACKET_LAN_SEARCH };

	ppcs_output(s, s->search.socket, to, s->keys.count == 1 ? 0 : KEY_ANY, s->search.ticks, &p);
}

/* Everybody at the search port; a host that was given also at the ports that were. */
static void ask_all(struct session *s)
{
	struct ppcs_address everywhere = { { 255, 255, 255, 255 }, s->config.search_port };

	for (size_t i = 0; i < s->config.broadcast_count; i++)
		ask(s, &s->config.broadcasts[i]);
	if (s->config.broadcast)
		ask(s, &everywhere);
	for (size_t k = 0; k < s->config.address_count; k++) {
		struct ppcs_address to = s->config.addresses[k];

		for (size_t i = 0; i < s->config.port_count; i++) {
			to.port = s->config.ports[i];
			if (to.port != s->config.search_port)
				ask(s, &to);
		}
		to.port = s->config.search_port;
		ask(s, &to);
	}
}

static bool known(const struct search *search, const struct uid *uid,
		  const struct ppcs_address *from)
{
	for (size_t i = 0; i < search->found_count; i++)
		if (ppcs_uid_same(&search->found[i].uid, uid) &&
		    ppcs_address_same(&search->found[i].address, from))
			return true;
	return false;
}

static bool remember(struct search *search, const struct uid *uid, const struct ppcs_address *from)
{
	struct found *more;

	if (search->found_count == MAX_FOUND)
		return false;
	more = realloc(search->found, (search->found_count + 1) * sizeof(*more));
	if (!more)
		return false;
	search->found = more;
	more[search->found_count++] = (struct found){ .uid = *uid, .address = *from };
	return true;
}

static bool tell(struct session *s, const struct uid *uid, const struct ppcs_address *from, int key,
		 uint64_t now)
{
	char text[PPCS_UID_BYTES];
	struct ppcs_event event = {
		.type = PPCS_EVENT_DEVICE, .peer = *from, .uid = text, .key = s->keys.at[key].text
	};

	ppcs_uid_text(uid, text);
	return ppcs_session_emit(s, &event, now);
}

void ppcs_search_receive(struct session *s, const struct ppcs_address *from, const uint8_t *data,
			 size_t size, uint64_t now)
{
	uint8_t plain[PACKET_MAX_BYTES];
	struct packet p;
	int key = -1;

	if (size <= sizeof(plain)) {
		memcpy(plain, data, size);
		key = ppcs_keys_decrypt(&s->keys, KEY_ANY, plain, size);
	}
	if (key < 0 || ppcs_packet_decode(plain, size, &p) < 0) {
		s->statistics.unreadable++;
		return;
	}
	if (p.type != PACKET_PUNCH_PKT || !ppcs_uid_sound(&p.uid)) {
		s->statistics.warnings_type++;
		return;
	}
	if (!ppcs_uid_empty(&s->config.uid) && !ppcs_uid_same(&s->config.uid, &p.uid))
		return;
	if (known(&s->search, &p.uid, from) || !remember(&s->search, &p.uid, from))
		return;
	/* Who could not be told of is new when he answers again. */
	if (!tell(s, &p.uid, from, key, now))
		s->search.found_count--;
}

void ppcs_search_end(struct session *s, int error, uint64_t now)
{
	struct ppcs_event event = { .type = PPCS_EVENT_RESULT, .time_ms = now, .error = error };

	if (!s->search.running)
		return;
	s->search.running = false;
	s->statistics.devices = s->search.found_count;
	ppcs_socket_close(s, s->search.socket);
	event.count = (uint32_t)s->search.found_count;
	ppcs_event_list_add_reserved(&s->events, RESERVE_RESULT, &event);
}

void ppcs_search_tick(struct session *s, uint64_t now)
{
	if (!s->search.running)
		return;
	if (now >= s->search.ends_at) {
		ppcs_search_end(s, s->search.found_count > 0 ? 0 : -ENOENT, now);
		return;
	}
	if (now < s->search.tick_at)
		return;
	ask_all(s);
	s->search.ticks++;
	s->search.tick_at = s->search.ticks < ROUNDS ? now + TICK_MS : NEVER;
}

uint64_t ppcs_search_deadline(const struct session *s)
{
	if (!s->search.running)
		return NEVER;
	return s->search.tick_at < s->search.ends_at ? s->search.tick_at : s->search.ends_at;
}
