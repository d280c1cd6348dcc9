/* SPDX-License-Identifier: MIT */
/* What a share says in the node's place, byte by byte (section 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "share_message.h"
#include "wire.h"

#define OWN 0x9ea2f1c4u

static void same(const uint8_t *frame, size_t size, const char *hex)
{
	struct wire wanted = { .size = 0 };

	wire_hex(&wanted, hex);
	assert_int_equal(size, wanted.size);
	assert_memory_equal(frame, wanted.data, size);
}

static void test_frames(void **state)
{
	const struct queue_status full = { .res = 32, .free = 0, .maxlen = 16, .packet_id = 5 };
	const struct queue_status alive = { .free = 15, .maxlen = 16 };
	const struct queue_status odd = { .res = -1, .free = 300, .packet_id = 0xffffffff };
	uint8_t frame[FRAME_MAX_BYTES];

	(void)state;
	same(frame, meshtcp_share_queue_status(frame, &full),
	     "94c300085a060820"
	     "18102005");
	same(frame, meshtcp_share_queue_status(frame, &alive),
	     "94c300065a0410"
	     "0f1810");
	same(frame, meshtcp_share_queue_status(frame, &odd),
	     "94c300165a1408ffffffffffffffffff01"
	     "10ac02"
	     "20ffffffff0f");
	same(frame, meshtcp_share_complete(frame, 69420), "94c3000438ac9e04");
	same(frame, meshtcp_share_complete(frame, 0), "94c300023800");
	same(frame, meshtcp_share_rebooted(frame), "94c300024001");
	/* packet { from, to, decoded { port 5, payload { error 33 }, request_id }, id } */
	same(frame, meshtcp_share_nak(frame, OWN, 0x11223344, 7, 33),
	     "94c3001e121c"
	     "0dc4f1a29e"
	     "15c4f1a29e"
	     "220b08051202182135"
	     "07000000"
	     "3544332211");
	same(frame, meshtcp_share_plain(frame, (const uint8_t *)"\x40\x01", 2), "94c300024001");
	same(frame, meshtcp_share_plain(frame, NULL, 0), "94c30000");
	assert_int_equal(meshtcp_share_plain(frame, frame, FRAME_MAX_PAYLOAD + 1), 0);
}

static size_t shown(uint8_t *frame, const char *hex)
{
	struct wire packet = { .size = 0 };

	wire_hex(&packet, hex);
	return meshtcp_share_shown(frame, OWN, 7, 0x01020304, packet.data, packet.size);
}

/* Sender, id and time are set, each once and in its place; all else stays. */
static void test_shown(void **state)
{
	static const char all[] = "94c3001e121c"
				  "0dc4f1a29e"
				  "15ffffffff"
				  "22040801"
				  "1200"
				  "3507000000"
				  "3d04030201"
				  "5001";
	uint8_t frame[FRAME_MAX_BYTES];
	struct wire big = { .size = 0 };

	(void)state;
	same(frame,
	     shown(frame, "15ffffffff"
			  "220408011200"
			  "5001"),
	     all);
	same(frame,
	     shown(frame, "0d01000000"
			  "15ffffffff"
			  "220408011200"
			  "3563000000"
			  "5001"),
	     all);
	same(frame,
	     shown(frame, "0d01000000"
			  "15ffffffff"
			  "220408011200"
			  "3563000000"
			  "3d09000000"
			  "5001"),
	     all);
	same(frame, shown(frame, ""),
	     "94c30011120f"
	     "0dc4f1a29e"
	     "3507000000"
	     "3d04030201");
	/* What a client may not say at all: still in the bounds. */
	assert_int_equal(shown(frame, "15ff"), 0);
	wire_bytes(&big, 5, memset(big.data + 1000, 0, 500), 500);
	assert_int_equal(meshtcp_share_shown(frame, OWN, 7, 1, big.data, big.size), 0);
}

static size_t translated(uint8_t *frame, const char *hex)
{
	static const struct share_rename renames[] = { { 0x11, 0xa1 }, { 0x22, 0xa2 } };
	struct wire message = { .size = 0 };

	wire_hex(&message, hex);
	return meshtcp_share_translated(frame, message.data, message.size, renames, 2);
}

static void test_translated(void **state)
{
	uint8_t frame[FRAME_MAX_BYTES];

	(void)state;
	/* An acknowledgement, whose own id is not what it is about. */
	same(frame,
	     translated(frame, "1215"
			       "0dc4f1a29e"
			       "2209"
			       "0805"
			       "1200"
			       "3511000000"
			       "3511000000"),
	     "94c30017"
	     "1215"
	     "0dc4f1a29e"
	     "2209"
	     "0805"
	     "1200"
	     "35a1000000"
	     "3511000000");
	/* What a text answers, and what it reacts to; others' ids stay. */
	same(frame,
	     translated(frame, "120e"
			       "220c"
			       "3522000000"
			       "3d11000000"
			       "0801"),
	     "94c30010"
	     "120e"
	     "220c"
	     "35a2000000"
	     "3da1000000"
	     "0801");
	same(frame,
	     translated(frame, "120e"
			       "220c"
			       "3523000000"
			       "3d00000000"
			       "0801"),
	     "94c30010"
	     "120e"
	     "220c"
	     "3523000000"
	     "3d00000000"
	     "0801");
	/* A queue status and a notification. */
	same(frame,
	     translated(frame, "5a06"
			       "1010"
			       "1810"
			       "2011"),
	     "94c30009"
	     "5a07"
	     "1010"
	     "1810"
	     "20a101");
	same(frame,
	     translated(frame, "820105"
			       "0822"
			       "220168"),
	     "94c30009"
	     "820106"
	     "08a201"
	     "220168");
	/* A packet that the node could not decrypt. */
	same(frame,
	     translated(frame, "1204"
			       "2a023511"),
	     "94c30006"
	     "1204"
	     "2a023511");
	/* Whatever else it is. */
	same(frame, translated(frame, "4001"), "94c300024001");
	assert_int_equal(translated(frame, "1203"
					   "220535"),
			 0);
	assert_int_equal(translated(frame, "12ff"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_translated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
