/* SPDX-License-Identifier: MIT */
/* What the node of a world says, and what is asked of its session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <string.h>

void world_status(struct world *w, int res, uint32_t free, uint32_t id)
{
	struct wire status = { .size = 0 }, message = { .size = 0 };

	if (res != 0)
		wire_number(&status, 1, (uint64_t)(int64_t)res);
	if (free != 0)
		wire_number(&status, 2, free);
	wire_number(&status, 3, 16);
	if (id != 0)
		wire_number(&status, 4, id);
	wire_message(&message, 11, &status);
	world_say(w, &message);
}

uint32_t world_packet(struct world *w, uint32_t from, uint32_t to, const struct wire *data,
		      const struct wire *more)
{
	struct wire packet = { .size = 0 }, message = { .size = 0 };
	uint32_t id = w->next_id++;

	wire_fixed(&packet, 1, from);
	wire_fixed(&packet, 2, to);
	if (data)
		wire_message(&packet, 4, data);
	wire_fixed(&packet, 6, id);
	if (more)
		wire_raw(&packet, more->data, more->size);
	else
		wire_fixed(&packet, 7, w->epoch + 60);
	wire_message(&message, 2, &packet);
	world_say(w, &message);
	return id;
}

uint32_t world_text(struct world *w, uint32_t from, const char *text)
{
	struct wire data = { .size = 0 };

	wire_number(&data, 1, 1);
	wire_text(&data, 2, text);
	return world_packet(w, from, US, &data, NULL);
}

void world_answer(struct world *w, uint32_t from, unsigned port, uint32_t request_id,
		  const struct wire *payload)
{
	struct wire data = { .size = 0 };

	wire_number(&data, 1, port);
	if (payload && payload->size > 0)
		wire_message(&data, 2, payload);
	wire_fixed(&data, 6, request_id);
	world_packet(w, from, w->num, &data, NULL);
}

void world_routing(struct world *w, uint32_t from, uint32_t request_id, unsigned error)
{
	struct wire routing = { .size = 0 };

	wire_number(&routing, 3, error);
	world_answer(w, from, 5, request_id, &routing);
}

struct order world_order(uint32_t to, unsigned port, const void *payload, size_t size)
{
	return (struct order){
		.message = { .to = to, .port = port, .payload = payload, .size = size },
		.owner = 1,
		.timeout_ms = 300000,
	};
}

uint32_t world_send(struct world *w, uint32_t to, const char *text, bool want_ack)
{
	struct order order = world_order(to, MESHTCP_PORT_TEXT, text, strlen(text));

	order.message.want_ack = want_ack;
	return world_request(w, &order);
}
