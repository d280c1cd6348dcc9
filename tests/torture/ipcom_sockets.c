/* SPDX-License-Identifier: MIT */
/*
 * The whole library against a module on loopback while one call after the other fails: connect, log
 * in, set, a loss, reconnect, refresh, a blocking call, an adopted socket, disconnect. Each request
 * ends in exactly one result, and no error comes out but the one that belongs to the failed call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <ipcom/ipcom.h>

#include "ipcom_module.h"
#include "torture.h"

#include "fault.h"

#define REQUESTS 16
#define LIMIT_MS 5000

struct world {
	struct ipcom *c;
	uint16_t port;
	uint32_t ids[REQUESTS];
	unsigned made;
	bool ended[REQUESTS];
	bool may_be_lost; /**< the module was asked to hang up, or the session was ended */
};

static void check_result(struct world *w, const struct ipcom_event *e)
{
	bool found = false;

	for (unsigned i = 0; i < w->made; i++) {
		if (w->ids[i] != e->id)
			continue;
		must(!w->ended[i]);
		w->ended[i] = true;
		found = true;
	}
	must(found);
	if (!w->may_be_lost)
		torture_error(e->error);
}

/* A reset in answer to a login is a refusal (protocol sheet, section 4.5). */
static void check_error(int error)
{
	if (error != -EACCES || fault_error() != -ECONNRESET)
		torture_error(error);
}

static void take_events(struct world *w)
{
	const struct ipcom_event *e;

	while ((e = ipcom_next_event(w->c)) != NULL) {
		if (e->type == IPCOM_EVENT_RESULT)
			check_result(w, e);
		if (e->type != IPCOM_EVENT_STATE || w->may_be_lost)
			continue;
		check_error(e->error);
	}
}

static bool all_ended(const struct world *w)
{
	for (unsigned i = 0; i < w->made; i++)
		if (!w->ended[i])
			return false;
	return true;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until it is ready and all requests have ended. A lost wake-up would end in the limit; when it
 * is the timer itself that failed, the user's next dispatch has to mend it. */
static void pump(struct world *w)
{
	int64_t end = now_ms() + LIMIT_MS;

	for (;;) {
		bool timer = fault_failed() && strcmp(fault_failed(), "timerfd_settime") == 0;

		take_events(w);
		if (ipcom_get_state(w->c) == IPCOM_STATE_READY && all_ended(w))
			return;
		must(now_ms() < end);
		torture_error(ipcom_wait(w->c, timer ? 20 : LIMIT_MS) < 0 ? fault_error() : 0);
	}
}

/* Where the next request puts its id. */
static uint32_t *next_id(struct world *w)
{
	must(w->made < REQUESTS);
	return &w->ids[w->made];
}

static void made(struct world *w, int ret)
{
	torture_error(ret);
	w->made += ret == 0;
}

/* Writing 1.8 makes the module hang up; the write is made again after the reconnect. */
static void lose_the_line(struct world *w)
{
	static const struct ipcom_setting settings[] = { { { 1, 1 }, 255 }, { { 1, 8 }, 1 } };

	w->may_be_lost = true;
	made(w, ipcom_outputs_set(w->c, settings, 2, next_id(w)));
	pump(w);
	w->may_be_lost = false;
	made(w, ipcom_refresh(w->c, next_id(w)));
	pump(w);
}

static void block(struct world *w)
{
	const struct ipcom_event *result = NULL;
	int ret = ipcom_refresh_sync(w->c, LIMIT_MS, &result);

	torture_error(ret);
	must(ret < 0 || result);
}

static int configure(struct world *w)
{
	static const struct ipcom_output up = { 2, 1 };
	static const struct ipcom_output down = { 2, 2 };
	int ret = ipcom_set_address(w->c, "127.0.0.1", w->port);

	if (ret < 0)
		return ret;
	must(ipcom_set_credentials(w->c, "demo", "secret") == 0);
	must(ipcom_set_reconnect(w->c, 1, 1) == 0);
	must(ipcom_set_timeout(w->c, 2 * LIMIT_MS) == 0);
	must(ipcom_set_history(w->c, 16) == 0);
	must(ipcom_add_shutter(w->c, up, down, 0, 300, NULL) == 0);
	return ipcom_connect(w->c);
}

static void with_connections(struct world *w)
{
	int ret = ipcom_new(&w->c);

	torture_error(ret);
	if (ret < 0)
		return;
	ret = configure(w);
	torture_error(ret);
	if (ret == 0) {
		pump(w);
		lose_the_line(w);
		block(w);
	}
	w->may_be_lost = true;
	ret = ipcom_disconnect_sync(w->c, LIMIT_MS);
	must(ret == 0 || fault_failed());
	take_events(w);
	must(all_ended(w));
	ipcom_free(w->c);
}

/* The test's own socket. */
static int open_socket(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd;

	fault_pause(true);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0);
	must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	fault_pause(false);
	return fd;
}

static void with_socket(struct world *w)
{
	int fd = open_socket(w->port);
	int ret = ipcom_new(&w->c);

	torture_error(ret);
	if (ret < 0) {
		close(fd);
		return;
	}
	must(ipcom_set_credentials(w->c, "demo", "secret") == 0);
	ret = ipcom_connect_fd(w->c, fd);
	torture_error(ret);
	if (ret < 0) {
		close(fd);
	} else {
		ret = ipcom_refresh_sync(w->c, LIMIT_MS, NULL);
		/* What cannot be opened again is gone, whatever the cause was. */
		if (ret != -ENOTCONN || !fault_failed())
			check_error(ret);
	}
	/* With the last words on the way. */
	ipcom_free(w->c);
}

static void scenario(void *userdata)
{
	const struct module *module = userdata;
	struct world w = { .port = module->port };

	with_connections(&w);
	w.made = 0;
	with_socket(&w);
}

int main(void)
{
	struct module module;
	int ret;

	must(module_start(&module) == 0);
	ret = torture(scenario, &module, 60);
	must(module_stop(&module) == 0);
	return ret;
}
