/* SPDX-License-Identifier: MIT */
/* The other end of a session; see ipcom_peer.h. */
#include "ipcom_peer.h"

#include <string.h>

#include "state.h"

#define OUTPUT_MAX      1024
#define WRITE_ANSWER_MS 1000

static size_t size_of(const struct peer *p, const uint8_t *wire, size_t size)
{
	uint8_t plain[MESSAGE_MAX_BYTES];
	int frame;

	must(size >= 2);
	if (size > sizeof(plain))
		size = sizeof(plain);
	ipcom_cipher_decode(&p->session->cipher, wire, plain, size);
	must(plain[0] >= MESSAGE_CONNECT && plain[0] <= MESSAGE_OUTPUTS);
	if (plain[0] == MESSAGE_CONNECT)
		return MESSAGE_LOGIN_BYTES;
	must(plain[1] == 1);
	if (plain[0] != MESSAGE_FRAME)
		return 2;
	frame = ipcom_frame_size(plain + 2, size - 2);
	must(frame == FRAME_WRITE_BYTES);
	return MESSAGE_WRITE_BYTES;
}

static uint8_t *value_of(struct peer *p, struct ipcom_output output)
{
	return &p->values[output.module - 1][output.output - 1];
}

/* Of one module the two relays as written, of two the other one as the session expects it. */
static void check_shutter(struct peer *p, unsigned i, unsigned module)
{
	struct ipcom_output up = p->up[i];
	struct ipcom_output down = p->down[i];
	unsigned expected = 0;

	if (up.module == module && down.module == module) {
		must(*value_of(p, up) == 0 || *value_of(p, down) == 0);
	} else if (up.module == module && *value_of(p, up) != 0) {
		must(ipcom_session_expected(p->session, down, &expected) < 0 || expected == 0);
	} else if (down.module == module && *value_of(p, down) != 0) {
		must(ipcom_session_expected(p->session, up, &expected) < 0 || expected == 0);
	}
}

static void see_write(struct peer *p)
{
	unsigned module = p->last[4] - 59U;
	struct frame frame;

	must(ipcom_frame_parse(p->last + 2, FRAME_WRITE_BYTES, &frame) && frame.checksum_ok);
	must(module >= 1 && module <= IPCOM_MODULES);
	memcpy(p->values[module - 1], frame.data + 1, IPCOM_OUTPUTS);
	for (unsigned i = 0; i < PEER_SHUTTERS && !p->forced; i++)
		check_shutter(p, i, module);
}

/* One request in flight: the one before was answered by something, or is a write given up. At the
 * end, last words may follow anything. */
static void see_message(struct peer *p, const uint8_t *wire, size_t size, uint64_t now)
{
	bool given_up = p->last[0] == MESSAGE_FRAME && now >= p->asked_at + WRITE_ANSWER_MS;

	ipcom_cipher_decode(&p->session->cipher, wire, p->last, size);
	if (p->last[0] != MESSAGE_DISCONNECT && !p->closing)
		must(!p->asked || p->heard || given_up);
	p->asked = p->last[0] != MESSAGE_DISCONNECT;
	p->heard = false;
	p->asked_at = now;
	if (p->last[0] == MESSAGE_FRAME)
		see_write(p);
}

static void see_output(struct peer *p, uint64_t now)
{
	const uint8_t *data;
	size_t size = ipcom_session_output(p->session, &data);

	must(size <= OUTPUT_MAX);
	must(size >= p->seen);
	while (p->seen < size) {
		size_t message = size_of(p, data + p->seen, size - p->seen);

		must(message <= size - p->seen);
		see_message(p, data + p->seen, message, now);
		p->seen += message;
	}
}

void peer_look(struct peer *p, uint64_t now)
{
	uint32_t generation = ipcom_session_wants(p->session);

	p->closing = ipcom_session_state(p->session) == IPCOM_STATE_CLOSING;
	if (generation != p->generation) {
		p->generation = generation;
		p->open = false;
		p->asked = false;
		p->seen = 0;
	}
	if (p->open)
		see_output(p, now);
}

void peer_accept(struct peer *p, uint64_t now)
{
	if (p->generation == 0 || p->open)
		return;
	p->open = true;
	ipcom_session_opened(p->session, now);
	peer_look(p, now);
}

void peer_fail(struct peer *p, int error, uint64_t now)
{
	uint32_t generation = p->generation;

	ipcom_session_failed(p->session, error, now);
	must(generation == 0 || ipcom_session_wants(p->session) != generation);
	peer_look(p, now);
}

void peer_send(struct peer *p, size_t most, uint64_t now)
{
	const uint8_t *data;
	size_t size = p->open ? ipcom_session_output(p->session, &data) : 0;

	if (size == 0)
		return;
	if (size > most)
		size = most;
	p->seen -= size;
	ipcom_session_sent(p->session, size, now);
	peer_look(p, now);
}

void peer_say(struct peer *p, struct input bytes, uint64_t now)
{
	if (!p->open || bytes.size == 0)
		return;
	p->heard = true;
	ipcom_session_receive(p->session, bytes.data, bytes.size, now);
	peer_look(p, now);
}

void peer_say_plain(struct peer *p, struct input plain, uint64_t now)
{
	uint8_t wire[MESSAGE_MAX_BYTES];
	size_t size = plain.size < sizeof(wire) ? plain.size : sizeof(wire);

	ipcom_cipher_encode(&p->session->cipher, plain.data, wire, size);
	peer_say(p, (struct input){ wire, size }, now);
}

static void say_plain(struct peer *p, const uint8_t *plain, size_t size, uint64_t now)
{
	peer_say_plain(p, (struct input){ plain, size }, now);
}

/* Under the new key from then on; the session's first poll comes at once. */
static void accept_login(struct peer *p, unsigned key, bool short_answer, uint64_t now)
{
	uint8_t wire[MESSAGE_ACCEPT_BYTES] = { 1, 2, '3', '.', '1', '0' };
	size_t size = short_answer ? 3 : sizeof(wire);

	memset(wire + 7, (int)key, CIPHER_KEY_BYTES);
	ipcom_cipher_encode(&p->session->cipher, wire, wire, size);
	peer_say(p, (struct input){ wire, size }, now);
}

/* In most cases accepted; else in one of the ways of section 4.5. */
static void answer_login(struct peer *p, unsigned choice, uint64_t now)
{
	static const uint8_t disconnect[2] = { 2, 1 };
	static const uint8_t refused[MESSAGE_ACCEPT_BYTES] = { 0, 2 };

	switch (choice % 16) {
	case 1:
		say_plain(p, refused, sizeof(refused), now);
		break;
	case 2:
		say_plain(p, refused, 3, now);
		break;
	case 3:
		say_plain(p, disconnect, sizeof(disconnect), now);
		break;
	case 4:
		peer_say(p, (struct input){ disconnect, sizeof(disconnect) }, now);
		break;
	default:
		accept_login(p, choice, choice % 16 == 5, now);
		break;
	}
}

static void answer_snapshot(struct peer *p, unsigned choice, uint64_t now)
{
	uint8_t plain[MESSAGE_SNAPSHOT_BYTES] = { 5, 1 };

	/* Somebody else at work: any output, also the other relay of a shutter. */
	if (choice >= 64)
		p->values[choice / 8 % 4][choice % 8] ^= 0xff;
	memcpy(plain + 2, p->values, sizeof(p->values));
	say_plain(p, plain, sizeof(plain), now);
}

void peer_answer(struct peer *p, unsigned choice, uint64_t now)
{
	static const uint8_t acknowledged[] = { 4, 1, 0x23, 0, 0x3c, 2, 1, 1 };
	static const uint8_t keepalive[] = { 3, 1 };

	if (!p->open)
		return;
	if (p->last[0] == MESSAGE_CONNECT && p->asked)
		answer_login(p, choice, now);
	else if (p->last[0] == MESSAGE_KEEPALIVE)
		say_plain(p, keepalive, sizeof(keepalive), now);
	else if (p->last[0] == MESSAGE_FRAME && choice % 2 == 0)
		say_plain(p, acknowledged, sizeof(acknowledged), now);
	else
		answer_snapshot(p, choice, now);
}
