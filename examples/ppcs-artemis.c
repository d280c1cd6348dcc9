/* SPDX-License-Identifier: MIT */
/*
 * Prints the ARTEMIS frames of a trail camera (section 11.3 of docs/protocols/ppcs.md), a line for
 * each head, until standard input ends or the camera closes. What is in them stays encrypted.
 *
 *     ppcs-artemis [-b] ADDRESS [PORT]         -b: send a heartbeat, which has no answer
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ppcs/ppcs.h>

#define START       "ACK" /* of channel 0, before all frames */
#define START_BYTES 3
#define START_MS    5000
#define CHANNELS    2 /* 0 commands, 1 media */
#define MARK        "ARTEMIS"
#define MARK_BYTES  7
#define HEAD_BYTES  20
#define MOST_BYTES  (16u << 20) /* with more the mark was no head */

/* A stream of frames. No more than a head is ever kept. */
struct stream {
	uint8_t head[HEAD_BYTES];
	size_t size;      /* of what is there of the next head */
	uint32_t left;    /* of the frame whose head was printed */
	uint32_t between; /* bytes that belong to no frame */
};

struct camera {
	struct ppcs *ppcs;
	bool heartbeat; /* is to be sent */
	size_t started; /* bytes of START that have come */
	struct stream streams[CHANNELS];
};

/* Captured: number 0x10001, the first one of a camera's user. */
static const uint8_t heartbeat[] = MARK "\0\x02\0\0\0\x01\0\x01\0\x19\0\0\0"
					"MzlB36X/IVo8ZzI5rG9j1w==";

static uint32_t number_at(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void print_head(const char *before, unsigned channel, const uint8_t *head)
{
	static const char *const names[] = { "media", "unknown", "request", "answer" };
	uint32_t type = number_at(head + 8);

	printf("%schannel %u: type %u (%s), sequence %u, length %u\n", before, channel, type,
	       type < 4 ? names[type] : "unknown", number_at(head + 12), number_at(head + 16));
}

static bool begins_head(const struct stream *s)
{
	return memcmp(s->head, MARK, s->size < MARK_BYTES ? s->size : MARK_BYTES) == 0;
}

/* What begins no head goes, a byte at a time. */
static void slide(struct stream *s)
{
	do {
		memmove(s->head, s->head + 1, --s->size);
		s->between++;
	} while (!begins_head(s));
}

static void take_byte(struct stream *s, unsigned channel, uint8_t byte)
{
	s->head[s->size++] = byte;
	if (!begins_head(s) || (s->size == HEAD_BYTES && number_at(s->head + 16) > MOST_BYTES))
		slide(s);
	if (s->size < HEAD_BYTES)
		return;
	if (s->between > 0)
		printf("channel %u: %u bytes of no frame\n", channel, s->between);
	print_head("", channel, s->head);
	s->left = number_at(s->head + 16);
	s->size = 0;
	s->between = 0;
}

static void take_stream(struct stream *s, unsigned channel, const uint8_t *data, size_t size)
{
	while (size > 0) {
		size_t some = s->left < size ? s->left : size;

		s->left -= (uint32_t)some;
		if (some == 0)
			take_byte(s, channel, data[some++]);
		data += some;
		size -= some;
	}
}

static void begin(struct camera *c)
{
	printf("it is a trail camera\n");
	/* Nothing else is on its way, so there is room for all of it. */
	if (c->heartbeat && ppcs_send(c->ppcs, 0, heartbeat, sizeof(heartbeat)) > 0)
		print_head("sent on ", 0, heartbeat);
}

/* @return -1 when this is no trail camera */
static int take_data(struct camera *c, const struct ppcs_event *event)
{
	const uint8_t *data = event->data;
	size_t size = event->size;

	for (; event->channel == 0 && c->started < START_BYTES && size > 0; data++, size--) {
		if (*data != (uint8_t)START[c->started]) {
			printf("it is no trail camera\n");
			return -1;
		}
		if (++c->started == START_BYTES)
			begin(c);
	}
	if (event->channel < CHANNELS)
		take_stream(&c->streams[event->channel], event->channel, data, size);
	return 0;
}

/* @return -1 at the end */
static int take_event(struct camera *c, const struct ppcs_event *event)
{
	if (event->type == PPCS_EVENT_DRAINED)
		printf("acknowledged\n");
	if (event->type == PPCS_EVENT_CLOSED)
		printf("closed: %s\n", ppcs_strerror(event->error));
	if (event->type == PPCS_EVENT_DATA)
		return take_data(c, event);
	return event->type == PPCS_EVENT_CLOSED ? -1 : 0;
}

static int take_events(struct camera *c)
{
	const struct ppcs_event *event;
	int ret = 0;

	while (ret == 0 && (event = ppcs_next_event(c->ppcs)) != NULL)
		ret = take_event(c, event);
	fflush(stdout);
	return ret;
}

/* @return the exit status */
static int run(struct camera *c)
{
	struct pollfd fds[] = { { .fd = ppcs_get_fd(c->ppcs), .events = POLLIN },
				{ .fd = STDIN_FILENO, .events = POLLIN } };
	char ignored[256];

	while (c->started < START_BYTES) {
		if (ppcs_wait(c->ppcs, START_MS) <= 0)
			printf("nothing of a trail camera within %d ms\n", START_MS);
		else if (take_events(c) == 0)
			continue;
		return 1;
	}
	while (take_events(c) == 0 && poll(fds, 2, -1) >= 0 && ppcs_dispatch(c->ppcs) == 0)
		if (fds[1].revents && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
			return 0;
	return 1;
}

static int connect_camera(struct camera *c, const char *address, uint16_t port)
{
	const struct ppcs_report *report = NULL;
	int error = ppcs_new(&c->ppcs);

	error = error ? error : ppcs_set_address(c->ppcs, address);
	error = error || !port ? error : ppcs_set_ports(c->ppcs, &port, 1);
	error = error || !port ? error : ppcs_set_search_port(c->ppcs, port);
	error = error ? error : ppcs_connect_sync(c->ppcs, -1, &report);
	if (error < 0)
		fprintf(stderr, "%s: %s\n", address, report ? report->text : ppcs_strerror(error));
	return error;
}

int main(int argc, char **argv)
{
	struct camera c = { .heartbeat = argc > 1 && strcmp(argv[1], "-b") == 0 };
	int status = 1;

	argv += c.heartbeat;
	argc -= c.heartbeat;
	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: ppcs-artemis [-b] ADDRESS [PORT]\n");
		return 2;
	}
	if (connect_camera(&c, argv[1], argv[2] ? (uint16_t)strtoul(argv[2], NULL, 10) : 0) == 0)
		status = run(&c);
	ppcs_free(c.ppcs);
	return status;
}
