/* SPDX-License-Identifier: MIT */
/* The node of a world: what it makes of frames, by the protocol sheet; its messages are made by
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <string.h>

void node_forget(struct world *w)
{
	w->downloading = false;
	w->coming_count = 0;
	memset(w->remembered, 0, sizeof(w->remembered));
}

static void record(struct world *w, const struct wire *message, unsigned number)
{
	world_say_later(w, message, w->delay_ms + (uint64_t)w->gap_ms * number);
}

static void member(struct world *w, unsigned field, const struct wire *inner, unsigned number)
{
	struct wire message = { .size = 0 };

	wire_message(&message, field, inner);
	record(w, &message, number);
}

void node_info_record(struct wire *message, uint32_t num, const char *long_name,
		      const char *short_name)
{
	struct wire info = { .size = 0 }, user = { .size = 0 };
	char id[16];

	meshtcp_node_text(num, id);
	wire_text(&user, 1, id);
	wire_text(&user, 2, long_name);
	wire_text(&user, 3, short_name);
	wire_number(&user, 5, 43);
	wire_number(&info, 1, num);
	wire_message(&info, 2, &user);
	wire_fixed(&info, 5, EPOCH - 1000);
	wire_message(message, 4, &info);
}

static void named(struct world *w, uint32_t num, const char *long_name, const char *short_name,
		  unsigned number)
{
	struct wire message = { .size = 0 };

	node_info_record(&message, num, long_name, short_name);
	record(w, &message, number);
}

static void my_info(struct world *w)
{
	struct wire info = { .size = 0 };

	wire_number(&info, 1, w->num);
	wire_number(&info, 8, 17);
	wire_number(&info, 11, 30200);
	wire_number(&info, 15, 3);
	member(w, 3, &info, 0);
}

static void metadata(struct world *w)
{
	struct wire data = { .size = 0 };

	wire_text(&data, 1, w->firmware);
	wire_number(&data, 9, 43);
	member(w, 13, &data, 2);
}

static void channels(struct world *w)
{
	for (unsigned i = 0; i < 8; i++) {
		struct wire channel = { .size = 0 }, settings = { .size = 0 };

		if (i > 0)
			wire_number(&channel, 1, i);
		wire_bytes(&settings, 2, "\1", i == 0);
		if (i < 2)
			wire_message(&channel, 2, &settings);
		if (i < 2)
			wire_number(&channel, 3, i + 1);
		member(w, 10, &channel, 3 + i);
	}
}

static void configs(struct world *w)
{
	struct wire device = { .size = 0 }, lora = { .size = 0 }, security = { .size = 0 };
	struct wire mqtt = { .size = 0 };

	wire_hex(&device, "0a0338b054");
	member(w, 5, &device, 11);
	wire_hex(&lora, "08013803");
	wire_number(&lora, 8, w->hop_limit);
	wire_hex(&lora, "4801");
	device.size = 0;
	wire_message(&device, 6, &lora);
	member(w, 5, &device, 12);
	if (w->is_managed)
		wire_number(&security, 4, 1);
	device.size = 0;
	wire_message(&device, 8, &security);
	member(w, 5, &device, 13);
	wire_hex(&mqtt, "0a020801");
	member(w, 9, &mqtt, 14);
}

void node_download(struct world *w, uint32_t nonce)
{
	struct wire end = { .size = 0 };

	my_info(w);
	named(w, w->num, "Base Camp", "BASE", 1);
	if (nonce != 69421) {
		metadata(w);
		channels(w);
		configs(w);
	}
	if (nonce != 69420) {
		named(w, BOB, "Bob", "BOB", 15);
		named(w, CAROL, "Carol", "CRL", 16);
	}
	wire_number(&end, 7, nonce);
	record(w, &end, 17);
}

static bool seen_before(struct world *w, uint32_t id)
{
	for (unsigned i = 0; i < 20; i++)
		if (w->remembered[i] == id)
			return true;
	w->remembered[w->next_remembered] = id;
	w->next_remembered = (w->next_remembered + 1) % 20;
	return false;
}

static uint32_t number(const uint8_t *data, size_t size, unsigned field)
{
	uint64_t value = 0;

	return wire_find_number(data, size, field, &value) ? (uint32_t)value : 0;
}

static void take_packet(struct heard *h, const uint8_t *packet, size_t size)
{
	const uint8_t *data, *payload = NULL;
	size_t data_size, payload_size = 0;

	assert_true(wire_is_ordered(packet, size));
	assert_true(wire_find_bytes(packet, size, 4, &data, &data_size));
	assert_true(wire_is_ordered(data, data_size));
	h->from = number(packet, size, 1);
	h->to = number(packet, size, 2);
	h->channel = number(packet, size, 3);
	h->id = number(packet, size, 6);
	h->hop_limit = number(packet, size, 9);
	h->want_ack = number(packet, size, 10) != 0;
	h->priority = number(packet, size, 11);
	h->pki = number(packet, size, 17) != 0;
	h->port = number(data, data_size, 1);
	h->want_response = number(data, data_size, 3) != 0;
	h->request_id = number(data, data_size, 6);
	h->reply_id = number(data, data_size, 7);
	h->emoji = number(data, data_size, 8);
	/* What the node would not take (sections 8 and 10). */
	assert_true(h->id != 0 && h->to != 0 && h->hop_limit <= 7 && h->channel < 8);
	if (wire_find_bytes(data, data_size, 2, &payload, &payload_size) && payload_size > 0)
		memcpy(h->payload, payload, payload_size);
	assert_true(payload_size <= 233);
	h->payload_size = payload_size;
}

static void parse(struct heard *h, const uint8_t *payload, size_t size)
{
	const uint8_t *inner;
	size_t inner_size;

	assert_true(wire_is_ordered(payload, size));
	if (wire_find_bytes(payload, size, 1, &inner, &inner_size)) {
		h->kind = HEARD_PACKET;
		take_packet(h, inner, inner_size);
	} else if (wire_find_bytes(payload, size, 7, &inner, &inner_size)) {
		h->kind = HEARD_HEARTBEAT;
	} else if (number(payload, size, 4) != 0) {
		h->kind = HEARD_DISCONNECT;
	} else {
		h->kind = HEARD_WANT;
		h->nonce = number(payload, size, 3);
		assert_true(h->nonce != 0);
	}
}

static void react(struct world *w, const struct heard *h)
{
	struct wire status = { .size = 0 }, message = { .size = 0 };

	if (h->kind == HEARD_WANT && !w->holds) {
		w->coming_count = 0;
		node_download(w, h->nonce);
	}
	if (h->kind == HEARD_DISCONNECT && !w->mute)
		world_close(w, 0);
	if (h->kind == HEARD_HEARTBEAT && w->old_heartbeat)
		return;
	if (h->kind == HEARD_PACKET && (w->no_status || seen_before(w, h->id)))
		return;
	if (h->kind != HEARD_PACKET && h->kind != HEARD_HEARTBEAT)
		return;
	wire_number(&status, 2, w->queue_free);
	wire_number(&status, 3, 16);
	if (h->kind == HEARD_PACKET)
		wire_number(&status, 4, h->id);
	wire_message(&message, 11, &status);
	world_say_later(w, &message, w->delay_ms);
}

void node_hear(struct world *w, const uint8_t *frame, size_t size)
{
	struct heard *h = &w->heard[w->heard_count++];
	struct heard copy;

	assert_true(w->heard_count < WORLD_HEARD);
	memset(h, 0, sizeof(*h));
	h->at = w->now;
	h->connection = w->connection;
	assert_true(size <= 4 + 504);
	memcpy(h->frame, frame, size);
	h->size = size;
	if (size == 32 && frame[0] == 0xc3) {
		for (unsigned i = 0; i < 32; i++)
			assert_int_equal(frame[i], 0xc3);
		h->kind = HEARD_WAKE;
	} else {
		assert_true(size > 4 && frame[0] == 0x94 && frame[1] == 0xc3);
		assert_int_equal((size_t)frame[2] << 8 | frame[3], size - 4);
		parse(h, frame + 4, size - 4);
	}
	if (w->downloading && h->kind != HEARD_WANT && h->kind != HEARD_DISCONNECT)
		w->violations++;
	w->downloading |= h->kind == HEARD_WANT;
	copy = *h;
	if (!w->mute)
		react(w, &copy);
	if (w->heard_fn)
		w->heard_fn(w, &copy);
}
