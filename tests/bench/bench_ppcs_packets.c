/* SPDX-License-Identifier: MIT */
/*
 * Packets taken apart: by the codec, by the codec when the key has to be found first, and by a
 * session that hands out their data and acknowledges them. Beside it the least that can be done
 * with a packet: to copy it. The best of several rounds counts.
 */
#include <string.h>

#include "bench.h"
#include "keys.h"
#include "packet.h"
#include "session.h"

#define PACKETS    200000
#define ROUNDS     7
#define DATA_BYTES 1024
#define MIX        8
#define BATCH      64 /* as many as the transport reads at once */

struct datagram_bytes {
	uint8_t data[PACKET_MAX_BYTES];
	size_t size;
};

static const struct ppcs_address camera = { { 192, 0, 2, 1 }, 40611 };
static struct datagram_bytes mix[MIX];
static unsigned mix_count;

static struct uid uid_of_camera(void)
{
	struct uid uid;

	require(ppcs_uid_parse("TEST-012345-ABCDE", &uid) == 0);
	return uid;
}

static void add(const struct packet *p)
{
	struct datagram_bytes *d = &mix[mix_count++];

	d->size = ppcs_packet_encode(p, d->data, sizeof(d->data));
	require(d->size > 0);
}

/* What a session and its beginning are made of; data is half of it. */
static void make_mix(void)
{
	static const uint8_t data[DATA_BYTES];
	struct packet p = { .type = PACKET_DRW, .data = data, .size = sizeof(data) };
	struct packet acks = { .type = PACKET_DRW_ACK, .data = data, .size = 34, .count = 17 };

	for (unsigned i = 0; i < 4; i++)
		add(&p);
	add(&acks);
	add(&(struct packet){ .type = PACKET_PUNCH_PKT, .uid = uid_of_camera() });
	add(&(struct packet){ .type = PACKET_PUNCH_TO, .address = camera });
	add(&(struct packet){ .type = PACKET_ALIVE });
	require(mix_count == MIX);
}

static uint64_t copy_all(void)
{
	static uint8_t to[PACKET_MAX_BYTES];
	uint64_t start = now_ns();
	uint64_t sum = 0;

	for (unsigned i = 0; i < PACKETS; i++) {
		const struct datagram_bytes *d = &mix[i % MIX];

		memcpy(to, d->data, d->size);
		sum += *(volatile uint8_t *)&to[1];
	}
	require(sum > 0);
	return now_ns() - start;
}

static uint64_t decode_all(void)
{
	uint64_t start = now_ns();

	for (unsigned i = 0; i < PACKETS; i++) {
		const struct datagram_bytes *d = &mix[i % MIX];
		struct packet p;

		require(ppcs_packet_decode(d->data, d->size, &p) == 0 && p.useful);
	}
	return now_ns() - start;
}

/* All keys are tried; theirs is the last. */
static uint64_t decrypt_all(const struct keys *keys)
{
	static struct datagram_bytes encrypted[MIX];
	static uint8_t plain[PACKET_MAX_BYTES];
	int last = keys->count - 1;
	uint64_t start;

	for (unsigned i = 0; i < MIX; i++) {
		encrypted[i] = mix[i];
		ppcs_cipher_encrypt(&keys->at[last], encrypted[i].data, encrypted[i].size);
	}
	start = now_ns();
	for (unsigned i = 0; i < PACKETS; i++) {
		const struct datagram_bytes *d = &encrypted[i % MIX];
		struct packet p;

		memcpy(plain, d->data, d->size);
		require(ppcs_keys_decrypt(keys, KEY_ANY, plain, d->size) == last);
		require(ppcs_packet_decode(plain, d->size, &p) == 0 && p.useful);
	}
	return now_ns() - start;
}

static void say(struct session *s, const struct packet *p)
{
	uint8_t data[PACKET_MAX_BYTES];
	size_t size = ppcs_packet_encode(p, data, sizeof(data));

	ppcs_session_receive(s, 1, &camera, data, size, 1);
}

static uint64_t take_all(struct session *s)
{
	const struct ppcs_event *e;
	struct datagram d;
	uint64_t count = 0;

	while ((e = ppcs_session_next_event(s)) != NULL)
		count += e->type == PPCS_EVENT_DATA ? e->size : 0;
	while (ppcs_session_output(s, 1, &d))
		ppcs_session_sent(s);
	return count;
}

/* Punched directly, over one socket. */
static struct session *connect_session(void)
{
	static const struct session_config config = {
		.addresses = { { { 192, 0, 2, 1 }, 0 } },
		.address_count = 1,
		.ports = { 40611 },
		.port_count = 1,
		.search_port = 32108,
		.key_fixed = true,
		.modes = { [PPCS_P2P] = true },
		.until = PPCS_LEVEL_VERIFIED,
		.timeout_ms = 30000,
		.attempt_timeout_ms = 5000,
		.session_timeout_ms = 6000,
	};
	const struct ppcs_address local = { { 192, 0, 2, 2 }, 50000 };
	struct packet ready = { .type = PACKET_P2P_RDY, .uid = ppcs_uid_access_point };
	struct session *s;

	require(ppcs_session_new(&s) == 0);
	require(ppcs_session_race(s, &config, 42, 1) == 0);
	ppcs_session_opened(s, 1, &local, 1);
	say(s, &ready);
	say(s, &(struct packet){ .type = PACKET_ALIVE_ACK });
	ppcs_session_tick(s, 1);
	take_all(s);
	require(ppcs_session_state(s) == PPCS_STATE_CONNECTED);
	return s;
}

static uint64_t hand_out_all(void)
{
	static const uint8_t data[DATA_BYTES];
	struct session *s = connect_session();
	uint64_t start = now_ns();
	uint64_t count = 0;

	for (unsigned i = 0; i < PACKETS; i++) {
		say(s, &(struct packet){ .type = PACKET_DRW,
					 .index = (uint16_t)i,
					 .data = data,
					 .size = sizeof(data) });
		if (i % BATCH == BATCH - 1) {
			ppcs_session_tick(s, 1);
			count += take_all(s);
		}
	}
	start = now_ns() - start;
	require(count + take_all(s) == (uint64_t)PACKETS * DATA_BYTES);
	ppcs_session_free(s);
	return start;
}

static double rate(uint64_t ns)
{
	return PACKETS * 1e3 / (double)ns;
}

int main(void)
{
	uint64_t best[4] = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	struct keys keys;

	make_mix();
	ppcs_keys_all(&keys, "");
	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint64_t ns[4] = { copy_all(), decode_all(), decrypt_all(&keys),
					 hand_out_all() };

		for (unsigned k = 0; k < 4; k++)
			best[k] = ns[k] < best[k] ? ns[k] : best[k];
	}
	printf("packets decoded: %.2f million/s, %.3f of memcpy, no target\n", rate(best[1]),
	       rate(best[1]) / rate(best[0]));
	printf("packets whose key is found first: %.3f million/s, %.3f of memcpy, no target\n",
	       rate(best[2]), rate(best[2]) / rate(best[0]));
	printf("packets of 1 KiB handed out and acknowledged: %.3f million/s, %.3f of memcpy, "
	       "no target\n",
	       rate(best[3]), rate(best[3]) / rate(best[0]));
	return 0;
}
