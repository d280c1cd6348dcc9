/* SPDX-License-Identifier: MIT */
/* What clients of a share may say to its node, and whose packet is whose (section 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "share_message.h"
#include "wire.h"

#define OWN 0x9ea2f1c4u
#define BOB 0x433b2f10u

static int to_decode(const char *hex, struct from_message *ret)
{
	static struct wire message;

	message.size = 0;
	wire_hex(&message, hex);
	return meshtcp_to_decode(message.data, message.size, ret);
}

static void test_to_decode(void **state)
{
	struct from_message m;

	(void)state;
	assert_int_equal(to_decode("18ac9e04", &m), 0);
	assert_int_equal(m.member, TO_WANT_CONFIG);
	assert_int_equal(m.number, 69420);
	assert_int_equal(to_decode("2001", &m), 0);
	assert_int_equal(m.member, TO_DISCONNECT);
	assert_int_equal(to_decode("3a00", &m), 0);
	assert_int_equal(m.member, TO_HEARTBEAT);
	assert_int_equal(to_decode("2a020806", &m), 0);
	assert_int_equal(m.member, TO_XMODEM);
	assert_int_equal(to_decode("3200", &m), 0);
	assert_int_equal(m.member, TO_MQTT);
	assert_int_equal(to_decode("0a0131", &m), 0);
	assert_int_equal(m.member, TO_PACKET);
	assert_int_equal(m.size, 1);
	/* The last member counts; what is unknown or of another kind is none. */
	assert_int_equal(to_decode("0a013118071001", &m), 0);
	assert_int_equal(m.member, TO_WANT_CONFIG);
	assert_int_equal(to_decode("0801", &m), 0);
	assert_int_equal(m.member, 0);
	assert_int_equal(to_decode("1a00", &m), 0);
	assert_int_equal(m.member, 0);
	assert_int_equal(to_decode("", &m), 0);
	assert_int_equal(m.member, 0);
	assert_int_equal(to_decode("0a05", &m), -EBADMSG);
	assert_int_equal(to_decode("1b", &m), -EBADMSG);
}

static int packet_decode(const char *hex, struct meshtcp_packet *ret)
{
	static struct wire packet;

	packet.size = 0;
	wire_hex(&packet, hex);
	return meshtcp_to_packet_decode(packet.data, packet.size, ret);
}

/* Whatever a node might understand in another way than we do is not read at all. */
static void test_two_ways(void **state)
{
	static const char *const wrong[] = {
		"",
		"15ffffffff", /* nothing in it */
		"220208012202"
		"0806",           /* twice decoded */
		"220208012a0101", /* decoded and encrypted */
		"2a01012a0101",   /* twice encrypted */
		"2001",           /* not of their kind */
		"2801",
		"220408010806", /* two ports */
		"22020a00",     /* a port that is no number */
		"22050d06000000",
		"220308"
		"8008", /* beyond the last port */
		"220708"
		"868080808001",
		"220808061201001201"
		"00", /* two payloads */
		"22031001"
		"00",
		"15ffffffff"
		"15c4f1a29e"
		"22020801", /* two destinations */
		"1001"
		"22020801", /* one that is of another kind */
		"22020806"
		"0d01", /* torn */
		"2203080612",
		"22020801"
		"ff",
	};
	struct meshtcp_packet p;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(packet_decode(wrong[i], &p), -EBADMSG);
	assert_int_equal(packet_decode("15ffffffff"
				       "2205"
				       "0801"
				       "120168"
				       "3507000000"
				       "5001",
				       &p),
			 0);
	assert_int_equal(p.to, MESHTCP_BROADCAST);
	assert_int_equal(p.port, 1);
	assert_int_equal(p.size, 1);
	assert_int_equal(p.id, 7);
	assert_true(p.want_ack);
	assert_int_equal(packet_decode("2a0101", &p), 0);
	assert_true(p.encrypted);
}

static enum policy judge(unsigned port, uint32_t to, const struct wire *payload, bool allow_admin)
{
	const struct meshtcp_packet p = {
		.from = OWN, .to = to, .port = port, .payload = payload->data, .size = payload->size
	};

	return meshtcp_policy(&p, allow_admin);
}

/* Every number that a member could have, as a number and as a message. */
static void test_policy_of_admin(void **state)
{
	static const unsigned reads[] = { 1, 3, 5, 7, 10, 12, 14, 16, 19, 44 };
	static const uint32_t nodes[] = { OWN, BOB, MESHTCP_BROADCAST };

	(void)state;
	for (unsigned member = 1; member <= 200; member++) {
		struct wire number = { .size = 0 }, message = { .size = 0 }, fixed = { .size = 0 };
		bool reading = false;

		for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
			reading |= reads[i] == member;
		wire_number(&number, member, 1);
		wire_bytes(&message, member, "", 0);
		wire_fixed(&fixed, member, 1);
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(judge(6, nodes[i], &number, false),
					 reading ? POLICY_FORWARD : POLICY_REFUSE);
			/* The passkey is no member. */
			assert_int_equal(judge(6, nodes[i], &message, false),
					 member == 101 ? POLICY_FORWARD : POLICY_REFUSE);
			assert_int_equal(judge(6, nodes[i], &fixed, false), POLICY_REFUSE);
			assert_int_equal(judge(6, nodes[i], &number, true), POLICY_FORWARD);
			assert_int_equal(judge(6, nodes[i], &message, true), POLICY_FORWARD);
		}
	}
}

/* A read beside a write is a write; so is what cannot be read. */
static void test_policy_of_mixed_admin(void **state)
{
	static const char *const refused[] = {
		"1801880605", "8806051801", "18",     "1801ff",
		"0b",         "c00c01",     "220102", /* an answer that nobody asked for */
	};
	static const char *const read[] = { "", "1801", "2801", "2807aa06080102030405060708" };

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct wire payload = { .size = 0 };

		wire_hex(&payload, refused[i]);
		assert_int_equal(judge(6, OWN, &payload, false), POLICY_REFUSE);
		assert_int_equal(judge(6, OWN, &payload, true), POLICY_FORWARD);
	}
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		struct wire payload = { .size = 0 };

		wire_hex(&payload, read[i]);
		assert_int_equal(judge(6, OWN, &payload, false), POLICY_FORWARD);
	}
}

static void test_policy_of_ports(void **state)
{
	struct wire payload = { .size = 0 };
	struct meshtcp_packet cipher = { .encrypted = true, .to = BOB, .size = 250 };

	(void)state;
	wire_hex(&payload, "880605");
	for (unsigned port = 0; port <= 511; port++) {
		enum policy to_bob = port == 6 ? POLICY_REFUSE : POLICY_FORWARD;

		assert_int_equal(judge(port, BOB, &payload, false), to_bob);
		assert_int_equal(judge(port, MESHTCP_BROADCAST, &payload, false),
				 port == 4 ? POLICY_DROP : to_bob);
		assert_int_equal(judge(port, BOB, &payload, true), POLICY_FORWARD);
		assert_int_equal(judge(port, MESHTCP_BROADCAST, &payload, true),
				 port == 4 ? POLICY_DROP : POLICY_FORWARD);
	}
	/* Nobody knows what is in it. */
	assert_int_equal(meshtcp_policy(&cipher, false), POLICY_REFUSE);
	assert_int_equal(meshtcp_policy(&cipher, true), POLICY_FORWARD);
	payload.size = MESHTCP_MAX_PAYLOAD;
	assert_int_equal(judge(256, BOB, &payload, false), POLICY_FORWARD);
	payload.size++;
	assert_int_equal(judge(256, BOB, &payload, false), POLICY_TOO_LONG);
	assert_int_equal(judge(6, BOB, &payload, true), POLICY_TOO_LONG);
}

static void test_ids(void **state)
{
	static struct share_ids ids;
	struct share_id *a, *b;

	(void)state;
	assert_null(meshtcp_ids_find(&ids, 7));
	a = meshtcp_ids_add(&ids, 7, 7, 1);
	/* Another client has chosen the same one. */
	b = meshtcp_ids_add(&ids, 1000, 7, 2);
	assert_ptr_equal(meshtcp_ids_find(&ids, 7), a);
	assert_ptr_equal(meshtcp_ids_find(&ids, 1000), b);
	assert_ptr_equal(meshtcp_ids_find_theirs(&ids, 1, 7), a);
	assert_ptr_equal(meshtcp_ids_find_theirs(&ids, 2, 7), b);
	assert_null(meshtcp_ids_find_theirs(&ids, 3, 7));
	assert_null(meshtcp_ids_find_theirs(&ids, 1, 1000));
	assert_int_equal(meshtcp_ids_untold(&ids, 0), 2);
	assert_int_equal(meshtcp_ids_untold(&ids, 1), 1);
	assert_int_equal(meshtcp_ids_untold(&ids, 3), 0);
	a->told = true;
	assert_int_equal(meshtcp_ids_untold(&ids, 0), 1);
	/* The node knows one packet by an id, whatever was called so before. */
	assert_ptr_equal(meshtcp_ids_add(&ids, 7, 9, 3), a);
	assert_int_equal(a->client, 3);
	assert_false(a->told);
	assert_null(meshtcp_ids_find_theirs(&ids, 1, 7));
}

/* The oldest makes room, but for those that the node has said nothing of. */
static void test_ids_wrap(void **state)
{
	static struct share_ids ids;

	(void)state;
	assert_non_null(meshtcp_ids_add(&ids, 1, 1, 1));
	for (uint32_t wire = 2; wire <= 3 * SHARE_IDS; wire++) {
		struct share_id *id = meshtcp_ids_add(&ids, wire, wire, 1);

		assert_non_null(id);
		id->told = true;
		assert_non_null(meshtcp_ids_find(&ids, 1));
		if (wire > SHARE_IDS)
			assert_null(meshtcp_ids_find(&ids, wire - SHARE_IDS + 1));
		if (wire > SHARE_IDS + 1)
			assert_non_null(meshtcp_ids_find(&ids, wire - SHARE_IDS + 2));
	}
	for (unsigned i = 0; i < SHARE_IDS; i++)
		ids.at[i].told = false;
	assert_int_equal(meshtcp_ids_untold(&ids, 1), SHARE_IDS);
	assert_null(meshtcp_ids_add(&ids, 5000, 5000, 1));
	meshtcp_ids_find(&ids, 700)->told = true;
	assert_non_null(meshtcp_ids_add(&ids, 5000, 5000, 1));
	assert_null(meshtcp_ids_find(&ids, 700));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_to_decode),
		cmocka_unit_test(test_two_ways),
		cmocka_unit_test(test_policy_of_admin),
		cmocka_unit_test(test_policy_of_mixed_admin),
		cmocka_unit_test(test_policy_of_ports),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_ids_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
