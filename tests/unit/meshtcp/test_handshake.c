/* SPDX-License-Identifier: MIT */
/*
 * The download of a real node, tests/vectors/meshtasticd-handshake.bin: it decodes field for field
 * to what the text beside it says, and a session makes the same of it however it is cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/prng.h"

#include "facts.h"
#include "state.h"
#include "textform.h"
#include "world.h"

#define NONCE  UINT32_C(0x4d455348)
#define FRAMES 49

static struct {
	uint8_t data[4096];
	size_t size;
	struct {
		size_t at, size;
		char text[1600];
	} frame[FRAMES];
	size_t frames;
} capture;

static void load_bytes(const char *path)
{
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	capture.size = fread(capture.data, 1, sizeof(capture.data), file);
	fclose(file);
	assert_int_equal(capture.size, 1402);
}

/* `   0 @     0 len  22 my_info: my_info { … }` */
static void load_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[2000];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		unsigned number, at, size;
		int behind = 0;

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%u @%u len %u %*[A-Za-z_]: %n", &number, &at, &size, &behind) <
			    3 ||
		    behind == 0)
			continue;
		assert_int_equal(number, capture.frames);
		assert_true(capture.frames < FRAMES);
		capture.frame[number].at = at;
		capture.frame[number].size = size;
		strcpy(capture.frame[number].text, line + behind);
		capture.frames++;
	}
	fclose(file);
	assert_int_equal(capture.frames, FRAMES);
}

/* Names that our tables do not have. */
static const char *number_of(const char *word)
{
	static const char *const words[][2] = { { "PRIMARY", "1" },
						{ "SECONDARY", "2" },
						{ "NOT_PRESENT", "2" },
						{ "FIXED_PIN", "1" },
						{ "LOGIC_HIGH", "1" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], word) == 0)
			return words[i][1];
	return word;
}

static void compare(const struct text_field *t, void *userdata)
{
	const char *path = t->path;

	if (strcmp(path, "moduleConfig.detection_sensor.detection_trigger_type") == 0)
		path = "moduleConfig.detection_sensor.trigger_type";
	if (t->is_string)
		facts_expect_string(userdata, path, t->data, t->size);
	else
		facts_expect(userdata, path, number_of(t->value));
}

static void test_field_for_field(void **state)
{
	static struct facts f;

	(void)state;
	for (size_t i = 0; i < FRAMES; i++) {
		const uint8_t *frame = capture.data + capture.frame[i].at;
		size_t size = capture.frame[i].size;

		print_message("%zu: %.40s\n", i, capture.frame[i].text);
		assert_memory_equal(frame, "\x94\xc3", 2);
		assert_int_equal((size_t)frame[2] << 8 | frame[3], size);
		facts_from_radio(&f, frame + 4, size);
		assert_false(f.failed);
		facts_agree(&f);
		textform_each(capture.frame[i].text, compare, &f);
		facts_all_used(&f);
	}
}

static void check_info(struct world *w)
{
	struct meshtcp_info info;

	assert_int_equal(meshtcp_session_info(w->session, &info), 0);
	assert_int_equal(info.num, 305419896);
	assert_string_equal(info.firmware, "2.7.26.54e0d8d");
	assert_int_equal(info.hw_model, 37);
	assert_int_equal(info.role, 0);
	assert_int_equal(info.region, 1);
	assert_true(info.has_lora && info.use_preset && info.tx_enabled);
	assert_int_equal(info.modem_preset, 0);
	assert_int_equal(info.hop_limit, 3);
	assert_int_equal(info.reboot_count, 0);
	assert_int_equal(info.node_count, 5);
	assert_false(info.is_managed);
	assert_string_equal(info.user.id, "!12345678");
	assert_string_equal(info.user.long_name, "Capture Node");
	assert_string_equal(info.user.short_name, "CAP1");
	assert_true(info.user.has_public_key);
	assert_int_equal(info.channels[0].role, 1);
	assert_int_equal(info.channels[0].psk_size, 1);
	assert_int_equal(info.channels[0].position_precision, 13);
	assert_int_equal(info.channels[1].role, 2);
	assert_string_equal(info.channels[1].name, "Ops");
	assert_int_equal(info.channels[1].psk_size, 32);
	for (unsigned i = 2; i < MESHTCP_CHANNELS; i++) {
		assert_int_equal(info.channels[i].index, i);
		assert_int_equal(info.channels[i].role, 0);
	}
}

static void check_nodes(struct world *w)
{
	static const uint32_t nums[] = { 169552897, 169552898, 169552899, 305419896, 4261456388 };
	static const char *const names[] = { "Hilltop Relay", "Base Camp 中文 🏕", "Rover",
					     "Capture Node",
					     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
	const struct meshtcp_nodes *nodes = meshtcp_session_nodes(w->session);

	assert_non_null(nodes);
	assert_int_equal(nodes->count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(nodes->node[i].num, nums[i]);
		assert_string_equal(nodes->node[i].user.long_name, names[i]);
		if (i == 3)
			continue;
		assert_int_equal(nodes->node[i].hops_away, 0);
		assert_int_equal(nodes->node[i].position.longitude_i, -1223456780);
		assert_int_equal(nodes->node[i].metrics.battery_level, 87);
	}
	assert_int_equal(nodes->node[3].hops_away, -1);
	assert_false(nodes->node[3].position.has_position);
	assert_true(nodes->node[3].is_favorite);
	assert_true(nodes->node[2].snr == -11.75f);
	assert_string_equal(nodes->node[2].user.short_name, "🚙");
	meshtcp_nodes_free(nodes);
}

/* A section is what the node told, byte for byte. */
static void check_sections(struct world *w)
{
	uint8_t data[512];
	int size;

	size = meshtcp_session_section(w->session, MESHTCP_CONFIG, 6, data, sizeof(data));
	assert_int_equal(size, 17);
	assert_memory_equal(data, capture.data + 402 + 4 + 4, 17);
	size = meshtcp_session_section(w->session, MESHTCP_MODULE, 1, data, sizeof(data));
	assert_int_equal(size, 52);
	assert_memory_equal(data, capture.data + 537 + 4 + 4, 52);
	/* Empty, but there. */
	assert_int_equal(meshtcp_session_section(w->session, MESHTCP_CONFIG, 9, data, 512), 0);
	assert_int_equal(meshtcp_session_section(w->session, MESHTCP_MODULE, 13, data, 512), 0);
	/* Three empty records are none. */
	assert_true(meshtcp_session_section(w->session, MESHTCP_MODULE, 14, data, 512) < 0);
	assert_true(meshtcp_session_section(w->session, MESHTCP_MODULE, 0, data, 512) < 0);
	assert_true(meshtcp_session_section(w->session, MESHTCP_CONFIG, 11, data, 512) < 0);
	/* Too little room: how much it takes, and nothing written. */
	memset(data, 0xee, sizeof(data));
	assert_int_equal(meshtcp_session_section(w->session, MESHTCP_CONFIG, 6, data, 16), 17);
	assert_int_equal(data[0], 0xee);
}

/* All but the nodes and the end mark, also three empty ones: who shares the node has to tell them.
 * */
static void check_records(const struct world *w)
{
	size_t modules = 0;

	assert_int_equal(w->session->store.count, FRAMES - 5 - 1);
	for (size_t i = 0; i < w->session->store.count; i++)
		modules += w->session->store.records[i]->member == FROM_MODULE;
	assert_int_equal(modules, 16);
}

/* The session chooses its own number: the end mark is the only thing that is changed. */
static void replay(struct world *w, uint64_t seed)
{
	struct wire end = { .size = 0 }, mark = { .size = 0 };
	struct cmn_prng prng;
	size_t size = capture.frame[48].at, at = 0;

	cmn_prng_seed(&prng, seed);
	w->holds = true;
	world_start(w);
	world_run(w, 200);
	assert_int_equal(world_heard(w, HEARD_WANT), 1);
	while (at < size) {
		size_t n = seed == 0 ? size : seed == 1 ? 1 : 1 + cmn_prng_below(&prng, 100);

		n = n < size - at ? n : size - at;
		world_say_raw(w, capture.data + at, n);
		at += n;
	}
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_DOWNLOADING);
	wire_number(&mark, 7, NONCE);
	wire_frame(&end, &mark);
	assert_int_equal(end.size, 10);
	assert_memory_equal(end.data, capture.data + size, end.size);
	end.size = mark.size = 0;
	wire_number(&mark, 7, world_last_heard(w, HEARD_WANT)->nonce);
	world_say(w, &mark);
	assert_int_equal(meshtcp_session_state(w->session), MESHTCP_STATE_READY);
	assert_int_equal(world_statistics(w).frames_received, FRAMES);
	assert_int_equal(world_statistics(w).undecodable, 0);
	assert_int_equal(world_statistics(w).skipped_bytes, 0);
	check_info(w);
	check_nodes(w);
	check_sections(w);
	check_records(w);
}

static void test_replay(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		static struct world w;

		world_init(&w);
		replay(&w, seed);
		world_free(&w);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field_for_field),
		cmocka_unit_test(test_replay),
	};

	assert_int_equal(argc, 3);
	load_bytes(argv[1]);
	load_text(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
