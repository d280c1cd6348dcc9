/* SPDX-License-Identifier: MIT */
/* CLOSE, three times, for paths that were up and are given up (section 7). */
#include "state.h"

#include <stdlib.h>

#define TIMES    3
#define PAUSE_MS 10
#define ROOM     4

static void say(struct session *s, struct farewell *f)
{
	struct packet close = { .type = PACKET_CLOSE };

	ppcs_output(s, f->socket, &f->peer, f->key, 0, &close);
	f->left--;
}

static bool is_stream(const struct session *s, uint32_t socket)
{
	const struct socket *found = ppcs_socket_find(s, socket);

	return found && found->wish.stream;
}

void ppcs_farewell_add(struct session *s, const struct link *l, uint64_t now)
{
	struct farewell f = {
		.socket = l->socket, .peer = l->peer, .key = l->key, .at = now + PAUSE_MS
	};

	/* A stream loses nothing. */
	f.left = is_stream(s, l->socket) ? 1 : TIMES;
	say(s, &f);
	if (s->farewell_count == s->farewell_room) {
		size_t room = s->farewell_room + ROOM;
		struct farewell *more = realloc(s->farewells, room * sizeof(*more));

		/* Better said at once than not at all. */
		while (!more && f.left > 0)
			say(s, &f);
		if (!more) {
			ppcs_socket_close(s, f.socket);
			return;
		}
		s->farewells = more;
		s->farewell_room = room;
	}
	s->farewells[s->farewell_count++] = f;
}

void ppcs_farewell_tick(struct session *s, uint64_t now)
{
	for (size_t i = 0; i < s->farewell_count;) {
		struct farewell *f = &s->farewells[i];

		if (now >= f->at && f->left > 0) {
			say(s, f);
			f->at = now + PAUSE_MS;
		}
		/* The last one is on its way when its socket is closed: output goes first. */
		if (f->left == 0) {
			ppcs_socket_close(s, f->socket);
			*f = s->farewells[--s->farewell_count];
		} else {
			i++;
		}
	}
}

uint64_t ppcs_farewell_deadline(const struct session *s)
{
	uint64_t at = NEVER;

	for (size_t i = 0; i < s->farewell_count; i++)
		if (s->farewells[i].at < at)
			at = s->farewells[i].at;
	return at;
}

void ppcs_farewell_flush(struct session *s)
{
	for (size_t i = 0; i < s->farewell_count; i++) {
		while (s->farewells[i].left > 0)
			say(s, &s->farewells[i]);
		ppcs_socket_close(s, s->farewells[i].socket);
	}
	s->farewell_count = 0;
}
