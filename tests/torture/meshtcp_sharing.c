/* SPDX-License-Identifier: MIT */
/*
 * One connection per node: handles that open it at the same instant share it, another process is
 * kept out and told by whom, visits go to other nodes only, and packets reach every handle.
 *
 * With an argument it is that other process: it tries to open the port and says what came of it.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"

#define LIMIT_MS 10000
#define OPENERS  8

static struct meshtcp *new_handle(uint16_t port)
{
	struct meshtcp *m;

	must(meshtcp_new(&m) == 0);
	must(meshtcp_set_address(m, "127.0.0.1", port) == 0);
	must(meshtcp_set_reconnect(m, 1, 10) == 0);
	return m;
}

struct opener {
	pthread_t thread;
	pthread_barrier_t *barrier;
	const char *host;
	uint16_t port;
	struct meshtcp *m;
};

static void *open_it(void *argument)
{
	struct opener *o = argument;

	o->m = new_handle(o->port);
	must(meshtcp_set_address(o->m, o->host, o->port) == 0);
	pthread_barrier_wait(o->barrier);
	must(meshtcp_connect(o->m) == 0);
	must(meshtcp_ready_sync(o->m, LIMIT_MS) == 0);
	return NULL;
}

/* A text that the node sends reaches every handle, once. */
static void hear(struct meshtcp *m, uint32_t id)
{
	int64_t end = test_now_ms() + LIMIT_MS;

	for (;;) {
		const struct meshtcp_event *e = meshtcp_next_event(m);

		if (e && e->type == MESHTCP_EVENT_PACKET && e->packet->id == id)
			return;
		must(test_now_ms() < end);
		if (!e)
			must(meshtcp_wait(m, LIMIT_MS) == 1);
	}
}

static void test_at_once(void)
{
	/* The same address in two forms. */
	static const char *const hosts[] = { "127.0.0.1", "::ffff:127.0.0.1" };
	struct test_node *node = node_start(NODE_KIND);
	struct opener openers[OPENERS];
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, OPENERS);
	for (int i = 0; i < OPENERS; i++) {
		openers[i] = (struct opener){ .barrier = &barrier,
					      .host = hosts[i % 2],
					      .port = node_port(node) };
		must(pthread_create(&openers[i].thread, NULL, open_it, &openers[i]) == 0);
	}
	for (int i = 0; i < OPENERS; i++)
		pthread_join(openers[i].thread, NULL);
	pthread_barrier_destroy(&barrier);
	must(node_counts(node).connections == 1);
	node_text(node, 77);
	for (int i = 0; i < OPENERS; i++)
		hear(openers[i].m, 77);
	/* The last one out says goodbye, and no one before. */
	for (int i = 0; i < OPENERS; i++) {
		must(node_counts(node).goodbyes == 0);
		meshtcp_free(openers[i].m);
	}
	must(node_counts(node).goodbyes == 1);
	must(node_counts(node).connections == 1);
	must(node_counts(node).together == 1);
	node_stop(node);
}

/* Who leaves and comes back while others stay, and who comes while the last one leaves. */
static void test_coming_and_going(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *a = new_handle(node_port(node)), *b = new_handle(node_port(node));

	must(meshtcp_connect(a) == 0 && meshtcp_connect(b) == 0);
	must(meshtcp_ready_sync(a, LIMIT_MS) == 0);
	must(meshtcp_disconnect_sync(b, LIMIT_MS) == 0);
	must(meshtcp_get_state(a) == MESHTCP_STATE_READY);
	must(meshtcp_send_text(b, MESHTCP_BROADCAST, 0, "x", false, NULL) == -ENOTCONN);
	must(meshtcp_connect(b) == 0);
	must(meshtcp_connect(b) == -EBUSY);
	must(meshtcp_ready_sync(b, LIMIT_MS) == 0);
	must(node_counts(node).connections == 1);
	meshtcp_disconnect(a);
	meshtcp_disconnect(b);
	must(meshtcp_connect(a) == 0);
	must(meshtcp_ready_sync(a, LIMIT_MS) == 0);
	must(node_counts(node).connections == 2);
	must(node_counts(node).together == 1);
	meshtcp_free(a);
	meshtcp_free(b);
	node_stop(node);
}

static int in_another_process(const char *self, uint16_t port, char line[128])
{
	int status, ends[2];
	char number[8];
	pid_t child;
	FILE *output;

	snprintf(number, sizeof(number), "%u", port);
	must(pipe(ends) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl(self, self, number, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	output = fdopen(ends[0], "r");
	must(output && fgets(line, 128, output));
	fclose(output);
	must(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_other_process(const char *self)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *m = new_handle(node_port(node));
	char line[128], wanted[128];

	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
	must(in_another_process(self, node_port(node), line) == 0);
	snprintf(wanted, sizeof(wanted), "%d %d\n", -EBUSY, (int)getpid());
	must(strcmp(line, wanted) == 0);
	must(meshtcp_get_state(m) == MESHTCP_STATE_READY);
	must(node_counts(node).connections == 1);
	meshtcp_free(m);
	/* Gone with the connection. */
	must(in_another_process(self, node_port(node), line) == 0);
	must(strcmp(line, "0 0\n") == 0);
	node_stop(node);
}

static int visit(struct meshtcp *m, void *userdata)
{
	struct meshtcp_info info;

	(void)userdata;
	must(meshtcp_get_info(m, &info) == 0);
	return meshtcp_send_text_sync(m, MESHTCP_BROADCAST, 0, "visit", true, LIMIT_MS, NULL);
}

static void test_visits(void)
{
	struct test_node *node = node_start(NODE_KIND), *other = node_start(NODE_KIND);
	struct meshtcp *m = new_handle(node_port(node));
	struct meshtcp *same = new_handle(node_port(node)), *guest = new_handle(node_port(other));
	uint64_t ms = UINT64_MAX;

	must(meshtcp_connect(m) == 0);
	must(meshtcp_ready_sync(m, LIMIT_MS) == 0);
	must(meshtcp_visit_sync(same, LIMIT_MS, visit, NULL, &ms) == -EBUSY);
	must(ms < LIMIT_MS);
	must(node_counts(node).connections == 1);
	must(meshtcp_visit_sync(guest, LIMIT_MS, visit, NULL, &ms) == 0);
	must(node_counts(other).packets == 1 && node_counts(other).goodbyes == 1);
	must(meshtcp_get_state(guest) == MESHTCP_STATE_IDLE);
	must(meshtcp_get_state(m) == MESHTCP_STATE_READY);
	meshtcp_free(same);
	meshtcp_free(guest);
	meshtcp_free(m);
	node_stop(node);
	node_stop(other);
}

/* A handle that wants more than the connection has gets it over the same connection. */
static void test_more_wanted(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct meshtcp *a = new_handle(node_port(node)), *b = new_handle(node_port(node));
	const struct meshtcp_nodes *nodes;

	must(meshtcp_set_download(a, MESHTCP_DOWNLOAD_NONE) == 0);
	must(meshtcp_connect(a) == 0);
	must(meshtcp_ready_sync(a, LIMIT_MS) == 0);
	must(meshtcp_send_text_sync(a, MESHTCP_BROADCAST, 0, "x", false, LIMIT_MS, NULL) == 0);
	must(node_counts(node).downloads == 0);
	must(meshtcp_connect(b) == 0);
	must(meshtcp_ready_sync(b, LIMIT_MS) == 0);
	must(meshtcp_get_nodes(b, &nodes) == 0);
	must(nodes->count == 1 && strcmp(nodes->node[0].user.long_name, "Bob") == 0);
	meshtcp_nodes_free(nodes);
	must(node_counts(node).connections == 1 && node_counts(node).downloads == 1);
	meshtcp_free(a);
	meshtcp_free(b);
	node_stop(node);
}

static int be_other(uint16_t port)
{
	struct meshtcp *m = new_handle(port);
	int error = meshtcp_connect(m);

	printf("%d %d\n", error, meshtcp_get_holder(m));
	meshtcp_free(m);
	return 0;
}

int main(int argc, char **argv)
{
	struct level before;

	if (argc > 1)
		return be_other((uint16_t)strtoul(argv[1], NULL, 10));
	before = level_now();
	test_at_once();
	test_coming_and_going();
	test_other_process(argv[0]);
	test_visits();
	test_more_wanted();
	must_be_level(before);
	return 0;
}
