/* SPDX-License-Identifier: MIT */
/* The node: one thread, one poll(), messages put together by hand from the protocol sheet. */
#include "meshtcp_node.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define QUEUE 64
#define OWN   "\xc4\xf1\xa2\x9e"

struct test_node {
	pthread_t thread;
	pthread_mutex_t mutex;
	int listener, wake[2], client;
	uint16_t port;
	bool quit, hang_up, reset, ready;
	enum node_manner manner;
	struct node_counts counts;
	uint32_t texts[QUEUE];
	unsigned text_count;
	uint8_t in[4096];
	size_t in_size;
};

static void say(const struct test_node *n, const void *payload, size_t size)
{
	uint8_t frame[600] = { 0x94, 0xc3, (uint8_t)(size >> 8), (uint8_t)size };

	memcpy(frame + 4, payload, size);
	/* A client that has gone is seen by the next read. */
	if (n->client >= 0)
		(void)!send(n->client, frame, size + 4, MSG_NOSIGNAL);
}

static size_t varint(uint8_t *to, uint32_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		to[n++] = (uint8_t)(value | 0x80);
	to[n++] = (uint8_t)value;
	return n;
}

static void send_text(const struct test_node *n, uint32_t id)
{
	/* packet { from 0x433b2f10, to broadcast, decoded { port 1, "hi" }, id } */
	uint8_t m[] = { 0x12, 23,   0x0d, 0x10, 0x2f, 0x3b, 0x43, 0x15, 0xff,
			0xff, 0xff, 0xff, 0x22, 6,    0x08, 1,    0x12, 2,
			'h',  'i',  0x35, 0,    0,    0,    0 };

	memcpy(m + sizeof(m) - 4, &id, 4); /* tests run on little endian machines */
	say(n, m, sizeof(m));
}

static void download(struct test_node *n, uint32_t nonce)
{
	/* my_info { num 0x9ea2f1c4 } */
	static const uint8_t my_info[] = { 0x1a, 6, 0x08, 0xc4, 0xe3, 0x8b, 0xf5, 0x09 };
	/* node_info { num 0x433b2f10, user { "Bob" } } */
	static const uint8_t node_info[] = { 0x22, 13, 0x08, 0x90, 0xde, 0xec, 0x99, 0x04,
					     0x12, 5,  0x12, 3,    'B',  'o',  'b' };
	/* metadata { "2.7.15" } */
	static const uint8_t metadata[] = { 0x6a, 8, 0x0a, 6, '2', '.', '7', '.', '1', '5' };
	uint8_t complete[8] = { 0x38 };

	say(n, my_info, sizeof(my_info));
	say(n, metadata, sizeof(metadata));
	if (n->manner == NODE_STALLS)
		return;
	for (int i = 0; i < 20; i++)
		say(n, node_info, sizeof(node_info));
	say(n, complete, 1 + varint(complete + 1, nonce));
	n->counts.downloads++;
	n->ready = true;
	if (n->manner == NODE_HANGS_UP) {
		n->hang_up = true;
		return;
	}
	for (unsigned i = 0; i < n->text_count; i++)
		send_text(n, n->texts[i]);
	n->text_count = 0;
}

static void queue_status(const struct test_node *n, uint32_t id)
{
	uint8_t m[16] = { 0x5a, 0, 0x10, 15, 0x18, 16, 0x20 };
	size_t size = 7 + varint(m + 7, id);

	m[1] = (uint8_t)(size - 2);
	say(n, m, size);
}

/* The id is behind the only tag 0x35 that our packets have outside their payload. */
static uint32_t packet_id(const uint8_t *data, size_t size)
{
	uint32_t id = 0;

	for (size_t i = 0; i + 5 <= size; i++)
		if (data[i] == 0x35 &&
		    (i + 5 == size || data[i + 5] == 0x48 || data[i + 5] == 0x50))
			memcpy(&id, data + i + 1, 4);
	return id;
}

static void acknowledge(const struct test_node *n, uint32_t id)
{
	/* packet { from own, to own, decoded { port 5, no error, request_id } } */
	uint8_t m[] = { 0x12, 23,   0x0d, 0,    0, 0,    0, 0x15, 0, 0, 0, 0, 0x22,
			11,   0x08, 5,    0x12, 2, 0x18, 0, 0x35, 0, 0, 0, 0 };

	memcpy(m + 3, OWN, 4);
	memcpy(m + 8, OWN, 4);
	memcpy(m + 21, &id, 4);
	say(n, m, sizeof(m));
}

static uint32_t number(const uint8_t *data, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)(data[i] & 0x7f) << (7 * i);
	return value;
}

static void frame(struct test_node *n, const uint8_t *data, size_t size)
{
	uint32_t id;

	switch (size > 0 ? data[0] : 0) {
	case 0x18:
		n->ready = false;
		download(n, number(data + 1, size - 1));
		break;
	case 0x20:
		n->counts.goodbyes++;
		n->hang_up = true;
		break;
	case 0x3a:
		n->counts.heartbeats++;
		if (n->manner != NODE_SILENT)
			queue_status(n, 0);
		break;
	case 0x0a:
		n->counts.packets++;
		id = packet_id(data, size);
		if (n->manner == NODE_SILENT)
			break;
		queue_status(n, id);
		acknowledge(n, id);
		break;
	default:
		break;
	}
}

static void close_client(struct test_node *n)
{
	struct linger linger = { .l_onoff = 1 };

	if (n->client < 0)
		return;
	if (n->reset)
		setsockopt(n->client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(n->client);
	n->client = -1;
	n->in_size = 0;
	n->ready = false;
	n->hang_up = false;
	n->reset = false;
}

static void take_frames(struct test_node *n)
{
	size_t at = 0;

	while (at + 4 <= n->in_size) {
		size_t size = (size_t)n->in[at + 2] << 8 | n->in[at + 3];

		if (n->in[at] != 0x94) {
			at++; /* wake-up bytes */
			continue;
		}
		if (at + 4 + size > n->in_size)
			break;
		frame(n, n->in + at + 4, size);
		at += 4 + size;
	}
	n->in_size -= at;
	memmove(n->in, n->in + at, n->in_size);
}

static void read_client(struct test_node *n)
{
	ssize_t size = recv(n->client, n->in + n->in_size, sizeof(n->in) - n->in_size, 0);

	if (size <= 0) {
		close_client(n);
		return;
	}
	n->in_size += (size_t)size;
	take_frames(n);
}

/* The newest wins. */
static void accept_client(struct test_node *n)
{
	int fd = accept4(n->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	n->counts.connections++;
	if (n->client >= 0)
		n->counts.together = 2;
	else if (n->counts.together == 0)
		n->counts.together = 1;
	close_client(n);
	n->client = fd;
}

static void *run(void *node)
{
	struct test_node *n = node;

	pthread_mutex_lock(&n->mutex);
	while (!n->quit) {
		bool deaf = n->manner == NODE_DEAF && n->ready;
		struct pollfd fds[3] = { { .fd = n->wake[0], .events = POLLIN },
					 { .fd = n->listener, .events = POLLIN },
					 { .fd = deaf ? -1 : n->client, .events = POLLIN } };
		char ignored[64];

		pthread_mutex_unlock(&n->mutex);
		must(poll(fds, 3, -1) > 0);
		pthread_mutex_lock(&n->mutex);
		if (fds[0].revents)
			(void)!read(n->wake[0], ignored, sizeof(ignored));
		if (fds[2].revents && n->client >= 0)
			read_client(n);
		if (fds[1].revents)
			accept_client(n);
		for (unsigned i = 0; n->ready && i < n->text_count; i++)
			send_text(n, n->texts[i]);
		if (n->ready)
			n->text_count = 0;
		if (n->hang_up)
			close_client(n);
	}
	close_client(n);
	pthread_mutex_unlock(&n->mutex);
	return NULL;
}

static int listen_somewhere(int backlog, uint16_t *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int small = 4096;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* So that a node that does not read is felt soon. */
	must(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)) == 0);
	must(bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0);
	must(listen(fd, backlog) == 0);
	must(getsockname(fd, (struct sockaddr *)&sa, &len) == 0);
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

struct test_node *node_start(enum node_manner manner)
{
	struct test_node *n = calloc(1, sizeof(*n));

	must(n);
	n->client = -1;
	n->manner = manner;
	n->listener = listen_somewhere(64, &n->port);
	must(pipe2(n->wake, O_CLOEXEC) == 0);
	must(pthread_mutex_init(&n->mutex, NULL) == 0);
	must(pthread_create(&n->thread, NULL, run, n) == 0);
	return n;
}

static void wake_up(struct test_node *n)
{
	must(write(n->wake[1], "x", 1) == 1);
}

void node_stop(struct test_node *n)
{
	pthread_mutex_lock(&n->mutex);
	n->quit = true;
	wake_up(n);
	pthread_mutex_unlock(&n->mutex);
	pthread_join(n->thread, NULL);
	pthread_mutex_destroy(&n->mutex);
	close(n->listener);
	close(n->wake[0]);
	close(n->wake[1]);
	free(n);
}

uint16_t node_port(const struct test_node *n)
{
	return n->port;
}

struct node_counts node_counts(struct test_node *n)
{
	struct node_counts counts;

	pthread_mutex_lock(&n->mutex);
	counts = n->counts;
	pthread_mutex_unlock(&n->mutex);
	return counts;
}

void node_set_manner(struct test_node *n, enum node_manner manner)
{
	pthread_mutex_lock(&n->mutex);
	n->manner = manner;
	wake_up(n);
	pthread_mutex_unlock(&n->mutex);
}

void node_hang_up(struct test_node *n, bool reset)
{
	pthread_mutex_lock(&n->mutex);
	n->hang_up = n->client >= 0;
	n->reset = reset;
	wake_up(n);
	pthread_mutex_unlock(&n->mutex);
}

void node_text(struct test_node *n, uint32_t id)
{
	pthread_mutex_lock(&n->mutex);
	must(n->text_count < QUEUE);
	n->texts[n->text_count++] = id;
	wake_up(n);
	pthread_mutex_unlock(&n->mutex);
}

uint16_t node_plug(int fds[64])
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	uint16_t port;

	for (int i = 0; i < 64; i++)
		fds[i] = -1;
	fds[0] = listen_somewhere(0, &port);
	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* Until one does not come through at once any more. */
	for (int i = 1; i < 64; i++) {
		struct pollfd p;

		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		must(fds[i] >= 0);
		if (connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)) == 0)
			continue;
		p = (struct pollfd){ .fd = fds[i], .events = POLLOUT };
		if (poll(&p, 1, 50) == 0)
			break;
	}
	return port;
}

void node_unplug(int fds[64])
{
	for (int i = 0; i < 64; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static unsigned count_entries(const char *path)
{
	DIR *directory = opendir(path);
	unsigned count = 0;

	must(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void *tell_id(void *id)
{
	*(long *)id = syscall(SYS_gettid);
	return NULL;
}

/* One that was joined stands in the list for a moment yet. */
static void await_gone(long id)
{
	int64_t end = test_now_ms() + 5000;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld", id);
	while (access(path, F_OK) == 0)
		must(test_now_ms() < end);
}

struct level level_now(void)
{
	static bool started;
	pthread_t thread;
	long id;

	/* A sanitizer has a thread of its own from the first one on. */
	if (!started) {
		must(pthread_create(&thread, NULL, tell_id, &id) == 0);
		pthread_join(thread, NULL);
		await_gone(id);
		started = true;
	}
	return (struct level){ count_entries("/proc/self/fd"), count_entries("/proc/self/task") };
}

void must_be_level(struct level before)
{
	int64_t end = test_now_ms() + 5000;
	struct level now;

	do {
		now = level_now();
		must(test_now_ms() < end);
	} while (now.descriptors != before.descriptors || now.threads != before.threads);
}

bool node_input_ended(int timeout_ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0;
}

int64_t test_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
