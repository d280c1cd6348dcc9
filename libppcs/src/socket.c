/* SPDX-License-Identifier: MIT */
/* The sockets that the session wants; the transport opens and closes them. */
#include "state.h"

#include <stdlib.h>

#define FIRST_ROOM 8
/* Of a stream: a frame that is not all there yet, and what the transport reads at once. */
#define STREAM_IN_BYTES 4096

uint32_t ppcs_socket_add(struct session *s, bool stream, bool broadcast, struct ppcs_address to)
{
	if (s->socket_count == s->socket_room) {
		size_t room = s->socket_room ? 2 * s->socket_room : FIRST_ROOM;
		struct socket *more = realloc(s->sockets, room * sizeof(*more));

		if (!more)
			return 0;
		s->sockets = more;
		s->socket_room = room;
	}
	if (++s->last_socket == 0)
		s->last_socket = 1;
	s->sockets[s->socket_count] = (struct socket){
		.wish = { .id = s->last_socket, .stream = stream, .broadcast = broadcast, .to = to }
	};
	cmn_buf_init(&s->sockets[s->socket_count].in, STREAM_IN_BYTES);
	s->socket_count++;
	s->sockets_version++;
	return s->last_socket;
}

struct socket *ppcs_socket_find(const struct session *s, uint32_t id)
{
	for (size_t i = 0; i < s->socket_count; i++)
		if (s->sockets[i].wish.id == id)
			return &s->sockets[i];
	return NULL;
}

static void forget(struct session *s, struct socket *socket)
{
	cmn_buf_free(&socket->in);
	*socket = s->sockets[--s->socket_count];
	s->sockets_version++;
}

void ppcs_socket_close(struct session *s, uint32_t id)
{
	struct socket *socket = ppcs_socket_find(s, id);

	if (socket)
		forget(s, socket);
}

void ppcs_socket_close_all(struct session *s)
{
	while (s->socket_count > 0)
		forget(s, &s->sockets[s->socket_count - 1]);
}

uint32_t ppcs_session_sockets_version(const struct session *s)
{
	return s->sockets_version;
}

bool ppcs_session_socket(const struct session *s, size_t index, struct socket_wish *ret)
{
	if (index >= s->socket_count)
		return false;
	*ret = s->sockets[index].wish;
	return true;
}
