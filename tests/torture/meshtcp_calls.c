/* SPDX-License-Identifier: MIT */
/*
 * libmeshtcp while its calls fail, each in turn and in the ways it knows: it does not crash or
 * hang, keeps its word to the user, mends itself, and leaves nothing behind. Calls come in no fixed
 * order among its threads, so that what is demanded holds for any.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fault_jobs.h"
#include "fault_threads.h"
#include "meshtcp_client.h"

static void sleep_ms(unsigned ms)
{
	struct timespec t = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&t, NULL);
}

/* The node's calls do not count. */
static void hang_up(struct test_node *node, bool reset)
{
	bool before = fault_count(false);

	node_hang_up(node, reset);
	fault_count(before);
}

/* What has run out, or is broken, is there again. */
static void lift_lasting(void)
{
	if (fault_hit())
		fault_lift();
}

/* Connect, send with an acknowledgement, lose the line, come back by itself, leave. */
static void use_alone(struct test_node *node)
{
	struct client c;

	if (!client_open(&c, node_port(node)))
		return;
	client_send(&c);
	client_settle(&c);
	hang_up(node, false);
	client_send(&c);
	client_settle(&c);
	lift_lasting();
	hang_up(node, true);
	client_mend(&c);
	client_close(&c, true);
}

static void with_node(enum node_manner manner, void (*use)(struct test_node *node))
{
	struct test_node *node = node_start(manner);

	fault_count(true);
	use(node);
	fault_count(false);
	node_stop(node);
}

static void run_alone(void)
{
	with_node(NODE_KIND, use_alone);
}

/* One who comes and goes, and comes while the other one goes. */
static void *come_and_go(void *argument)
{
	struct test_node *node = argument;
	struct client c;

	fault_count(true);
	for (int i = 0; i < 2; i++) {
		if (!client_open(&c, node_port(node)))
			continue;
		client_send(&c);
		client_settle(&c);
		client_close(&c, false);
	}
	return NULL;
}

static void use_in_pairs(struct test_node *node)
{
	struct client c;
	pthread_t other;
	bool opened;

	fault_count(false);
	must(pthread_create(&other, NULL, come_and_go, node) == 0);
	fault_count(true);
	opened = client_open(&c, node_port(node));
	if (opened) {
		client_send(&c);
		hang_up(node, false);
		client_settle(&c);
		must(meshtcp_disconnect_sync(c.m, LIMIT_MS) == 0);
		if (client_connect(&c))
			client_settle(&c);
	}
	pthread_join(other, NULL);
	lift_lasting();
	if (!opened)
		return;
	if (meshtcp_get_state(c.m) == MESHTCP_STATE_IDLE)
		must(client_connect(&c));
	client_mend(&c);
	client_close(&c, false);
	must(node_counts(node).together == 1);
}

static void run_in_pairs(void)
{
	with_node(NODE_KIND, use_in_pairs);
}

static int visit(struct meshtcp *m, void *userdata)
{
	struct meshtcp_info info;

	(void)userdata;
	must(meshtcp_get_info(m, &info) == 0);
	return meshtcp_send_text_sync(m, MESHTCP_BROADCAST, 0, "x", true, 2000, NULL);
}

/* The blocking functions alone. */
static void use_blocking(struct test_node *node)
{
	struct client c;
	int error;

	if (!client_new(&c, node_port(node)))
		return;
	(void)client_error(meshtcp_visit_sync(c.m, 3000, visit, NULL, NULL));
	must(meshtcp_get_state(c.m) == MESHTCP_STATE_IDLE);
	if (!client_connect(&c)) {
		client_free(&c);
		return;
	}
	error = meshtcp_wait(c.m, LIMIT_MS);
	must(error == 1 || (client_error(error) < 0 && fault_hit()));
	(void)client_error(meshtcp_ready_sync(c.m, 3000));
	lift_lasting();
	client_mend(&c);
	client_close(&c, true);
}

static void run_blocking(void)
{
	with_node(NODE_KIND, use_blocking);
}

/* The node reads nothing, so that send() blocks, and it says something, so that recv() does not. */
static void use_deaf(struct test_node *node)
{
	struct client c;
	bool before;

	if (!client_open(&c, node_port(node)))
		return;
	(void)client_error(meshtcp_ready_sync(c.m, 1000));
	for (int i = 0; i < 80; i++)
		client_send(&c);
	sleep_ms(300);
	before = fault_count(false);
	node_text(node, 1);
	fault_count(before);
	sleep_ms(50);
	client_take_events(&c);
	client_close(&c, true);
}

static void run_deaf(void)
{
	with_node(NODE_DEAF, use_deaf);
}

/* Leave at once, and while connect() hangs. */
static void run_connecting(void)
{
	int fds[64];
	uint16_t port = node_plug(fds);

	for (unsigned ms = 0; ms <= 20; ms += 20) {
		struct client c;

		fault_count(true);
		if (client_open(&c, port)) {
			client_send(&c);
			sleep_ms(ms);
			client_take_events(&c);
			client_free(&c);
		}
		fault_count(false);
	}
	node_unplug(fds);
}

/* The node is held by somebody: here by this process, which is not told of it by the registry. */
static int hold(uint16_t port)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t size = offsetof(struct sockaddr_un, sun_path) + 1 +
		      (size_t)snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1,
				       "linekeeper/meshtcp/127.0.0.1/%u", port);

	must(fd >= 0 && bind(fd, (struct sockaddr *)&un, (socklen_t)size) == 0);
	must(listen(fd, 1) == 0);
	return fd;
}

static void use_held(struct test_node *node)
{
	struct client c;
	int fd, error;

	fault_count(false);
	fd = hold(node_port(node));
	fault_count(true);
	if (client_new(&c, node_port(node))) {
		error = client_error(meshtcp_connect(c.m));
		must(error == -EBUSY || (error < 0 && fault_hit()));
		must(meshtcp_get_holder(c.m) == getpid() || fault_hit());
		close(fd);
		fd = -1;
		if (client_connect(&c)) {
			lift_lasting();
			client_mend(&c);
			client_close(&c, true);
		} else {
			client_free(&c);
		}
	}
	if (fd >= 0)
		close(fd);
}

static void run_held(void)
{
	with_node(NODE_KIND, use_held);
}

int main(void)
{
	static const struct fault_scenario scenarios[] = {
		{ "alone", run_alone, 60 },           { "in pairs", run_in_pairs, 60 },
		{ "blocking", run_blocking, 60 },     { "deaf", run_deaf, 60 },
		{ "connecting", run_connecting, 20 }, { "held", run_held, 30 },
	};

	return fault_jobs(scenarios, sizeof(scenarios) / sizeof(scenarios[0]));
}
