/* SPDX-License-Identifier: MIT */
/* What has happened in a world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <string.h>

const struct told *world_result(const struct world *w, uint32_t id)
{
	const struct told *found = NULL;

	for (size_t i = 0; i < w->told_count; i++) {
		if (w->told[i].e.type != MESHTCP_EVENT_RESULT || w->told[i].e.id != id)
			continue;
		assert_null(found);
		found = &w->told[i];
	}
	assert_true(!found || !meshtcp_session_pending(w->session, id));
	return found;
}

void world_ended(const struct world *w, uint32_t id, int error, enum meshtcp_send_state state)
{
	const struct told *t = world_result(w, id);

	assert_non_null(t);
	assert_int_equal(t->e.error, error);
	assert_string_equal(meshtcp_send_state_name(t->e.send_state),
			    meshtcp_send_state_name(state));
}

void world_goes_on(const struct world *w, uint32_t id)
{
	assert_null(world_result(w, id));
	assert_true(meshtcp_session_pending(w->session, id));
}

const struct told *world_last(const struct world *w, enum meshtcp_event_type type)
{
	for (size_t i = w->told_count; i-- > 0;)
		if (w->told[i].e.type == type)
			return &w->told[i];
	return NULL;
}

size_t world_count(const struct world *w, enum meshtcp_event_type type)
{
	size_t count = 0;

	for (size_t i = 0; i < w->told_count; i++)
		count += w->told[i].e.type == type;
	return count;
}

bool world_got_to(const struct world *w, uint32_t id, enum meshtcp_send_state state)
{
	for (size_t i = 0; i < w->told_count; i++)
		if (w->told[i].e.type == MESHTCP_EVENT_SEND && w->told[i].e.id == id &&
		    w->told[i].e.send_state == state)
			return true;
	return false;
}

size_t world_heard(const struct world *w, enum heard_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < w->heard_count; i++)
		count += w->heard[i].kind == kind;
	return count;
}

const struct heard *world_last_heard(const struct world *w, enum heard_kind kind)
{
	for (size_t i = w->heard_count; i-- > 0;)
		if (w->heard[i].kind == kind)
			return &w->heard[i];
	return NULL;
}

size_t world_heard_id(const struct world *w, uint32_t id)
{
	size_t count = 0;

	for (size_t i = 0; i < w->heard_count; i++)
		count += w->heard[i].kind == HEARD_PACKET && w->heard[i].id == id;
	return count;
}

struct meshtcp_statistics world_statistics(const struct world *w)
{
	struct meshtcp_statistics s;

	meshtcp_session_statistics(w->session, &s);
	return s;
}

bool world_has_node(const struct world *w, uint32_t num)
{
	const struct meshtcp_nodes *nodes = meshtcp_session_nodes(w->session);
	bool found;

	assert_non_null(nodes);
	found = meshtcp_nodes_get(nodes, num) != NULL;
	meshtcp_nodes_free(nodes);
	return found;
}

struct meshtcp_node world_node(const struct world *w, uint32_t num)
{
	const struct meshtcp_nodes *nodes = meshtcp_session_nodes(w->session);
	const struct meshtcp_node *found;
	struct meshtcp_node copy;

	assert_non_null(nodes);
	found = meshtcp_nodes_get(nodes, num);
	assert_non_null(found);
	copy = *found;
	meshtcp_nodes_free(nodes);
	return copy;
}
