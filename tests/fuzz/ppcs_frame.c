/* SPDX-License-Identifier: MIT */
/*
 * Frames on TCP. An input is a byte of settings, the number of cut sizes, these sizes, and steps
 * that make a stream: a message put into a frame, a frame with a bit turned round, bare bytes.
 * However the stream is cut the same messages come out of it; frames that are right come out as
 * they were put in.
 */
#include <errno.h>
#include <string.h>

#include "frame.h"
#include "fuzz.h"

#define MAX_STREAM 6000

enum step {
	STEP_MESSAGE,
	STEP_WRONG_BIT,
	STEP_BYTES,
	STEPS
};

struct bytes {
	uint8_t at[MAX_STREAM];
	size_t size;
};

/** What one way of cutting led to. */
struct outcome {
	struct bytes messages; /**< each behind its size */
	size_t used;
	long error;
};

static struct bytes stream;
static struct outcome right, whole, cut;

static bool put(struct bytes *to, const void *data, size_t size)
{
	if (size > sizeof(to->at) - to->size)
		return false;
	if (size > 0)
		memcpy(to->at + to->size, data, size);
	to->size += size;
	return true;
}

static void put_message(struct outcome *o, const uint8_t *message, size_t size)
{
	const uint8_t head[] = { (uint8_t)(size >> 8), (uint8_t)size };

	must(put(&o->messages, head, sizeof(head)));
	must(put(&o->messages, message, size));
}

/* @return whether all that follows is still as it was put in */
static bool make_frame(struct input *in, const struct cipher *network, bool wrong)
{
	uint8_t frame[FRAME_MAX_BYTES], noise[2];
	struct input message;
	unsigned bit = wrong ? take_word(in) : 0;
	size_t size;

	noise[0] = (uint8_t)take_byte(in);
	noise[1] = (uint8_t)take_byte(in);
	message = take_bytes(in, take_word(in) % (PACKET_MAX_BYTES + 1));
	if (message.size == 0)
		message.data = noise;
	size = ppcs_frame_encode(network, noise, message.data, message.size, frame);
	must(size == FRAME_HEADER_BYTES + message.size);
	if (wrong)
		frame[bit / 8 % size] ^= (uint8_t)(1 << bit % 8);
	if (!put(&stream, frame, size))
		return false;
	if (!wrong)
		put_message(&right, message.data, message.size);
	return !wrong;
}

/* @return whether it is nothing but right frames */
static bool make_stream(struct input *in, const struct cipher *network)
{
	bool all_right = true;

	while (in->size > 0 && stream.size < MAX_STREAM / 2) {
		enum step step = (enum step)(take_byte(in) % STEPS);

		if (step == STEP_BYTES) {
			struct input bytes = take_bytes(in, take_word(in));

			put(&stream, bytes.data, bytes.size);
			all_right = false;
		} else if (!make_frame(in, network, step == STEP_WRONG_BIT)) {
			all_right = false;
		}
	}
	return all_right;
}

/* Everything that can be taken out of the first SIZE bytes, each time in memory of exactly the
 * size that there is. */
static void take_out(struct outcome *o, const struct cipher *network, size_t size)
{
	uint8_t message[PACKET_MAX_BYTES];

	while (o->error == 0) {
		size_t left = size - o->used, message_size = SIZE_MAX;
		uint8_t *copy = malloc(left > 0 ? left : 1);
		long used;

		must(copy);
		memcpy(copy, stream.at + o->used, left);
		used = ppcs_frame_decode(network, copy, left, message, &message_size);
		free(copy);
		must(used >= 0 || used == -EBADMSG);
		if (used < 0)
			o->error = used;
		if (used <= 0)
			return;
		must((size_t)used <= left && message_size <= PACKET_MAX_BYTES);
		must((size_t)used == FRAME_HEADER_BYTES + message_size);
		put_message(o, message, message_size);
		o->used += (size_t)used;
	}
}

/* Cut sizes in turns, 0 meaning all; without sizes the stream is one part. */
static void feed(struct outcome *o, const struct cipher *network, struct input cuts)
{
	size_t there = 0;

	for (size_t i = 0; there < stream.size; i++) {
		size_t size = cuts.size > 0 ? cuts.data[i % cuts.size] : 0;

		there += size > 0 && size < stream.size - there ? size : stream.size - there;
		take_out(o, network, there);
	}
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->size == b->size && memcmp(a->at, b->at, a->size) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned settings = take_byte(&in);
	struct input cuts = take_bytes(&in, take_byte(&in) % 16);
	struct cipher network;
	bool all_right;

	right.messages.size = whole.messages.size = cut.messages.size = stream.size = 0;
	whole.used = cut.used = 0;
	whole.error = cut.error = 0;
	ppcs_cipher_init(&network, settings < CIPHER_KNOWN ? ppcs_cipher_known(settings) : "");
	all_right = make_stream(&in, &network);
	feed(&whole, &network, (struct input){ NULL, 0 });
	feed(&cut, &network, cuts);
	must(whole.error == cut.error && whole.used == cut.used);
	must(same(&whole.messages, &cut.messages));
	if (all_right) {
		must(whole.error == 0 && whole.used == stream.size);
		must(same(&whole.messages, &right.messages));
	}
	return 0;
}
