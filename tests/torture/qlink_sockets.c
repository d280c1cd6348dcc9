/* SPDX-License-Identifier: MIT */
/*
 * The whole library against a controller on loopback while one call after the other fails: connect,
 * enable monitoring, synchronise, get, set, several lines, raw lines, an event, a loss, reconnect,
 * a blocking call, an adopted socket, disconnect. Each request ends in exactly one result, and no
 * error comes out but the one that belongs to the failed call.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <qlink/qlink.h>

#include "controller.h"
#include "torture.h"

#include "fault.h"

#define REQUESTS 16
#define LIMIT_MS 5000

struct world {
	struct qlink *q;
	uint16_t port;
	uint32_t ids[REQUESTS];
	unsigned made;
	bool ended[REQUESTS];
	bool lost;         /**< told since lose_the_line() */
	bool synchronised; /**< told since the last connect or loss */
	bool event;        /**< the button was seen */
	bool may_be_lost;  /**< the controller was asked to close */
};

static void check_loss(const struct world *w, int error)
{
	if (w->may_be_lost && (error == -ECONNRESET || error == -ECANCELED))
		return;
	torture_error(error);
}

static void check_result(struct world *w, const struct qlink_event *e)
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
	if (e->error == -EIO && e->command == QLINK_COMMAND_RAW)
		must(e->device_error == 256);
	else
		check_loss(w, e->error);
}

static void take_events(struct world *w)
{
	const struct qlink_event *e;

	while ((e = qlink_next_event(w->q)) != NULL) {
		switch (e->type) {
		case QLINK_EVENT_RESULT:
			check_result(w, e);
			break;
		case QLINK_EVENT_CONNECT_FAILED:
			check_loss(w, e->error);
			break;
		case QLINK_EVENT_DISCONNECTED:
			check_loss(w, e->error);
			w->lost = true;
			w->synchronised = false;
			break;
		case QLINK_EVENT_SYNCHRONISED:
			w->synchronised = true;
			break;
		case QLINK_EVENT_BUTTON:
			w->event = true;
			break;
		case QLINK_EVENT_OVERFLOW: /* there was no memory for what is waited for */
			must(fault_error() == -ENOMEM);
			w->lost = true;
			w->synchronised = true;
			break;
		default:
			break;
		}
	}
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool results_there(const struct world *w)
{
	for (unsigned i = 0; i < w->made; i++)
		if (!w->ended[i])
			return false;
	return true;
}

static bool synchronised(const struct world *w)
{
	return w->synchronised;
}

static bool synchronised_again(const struct world *w)
{
	return w->lost && w->synchronised;
}

/* A lost wake-up would end in the limit; when it is the timer itself that failed, the user's next
 * dispatch has to mend it. */
static void pump(struct world *w, bool (*done)(const struct world *w))
{
	int64_t end = now_ms() + LIMIT_MS;

	for (;;) {
		bool timer = fault_failed() && strcmp(fault_failed(), "timerfd_settime") == 0;
		int ret;

		take_events(w);
		if (done(w))
			return;
		must(now_ms() < end);
		ret = qlink_wait(w->q, timer ? 20 : LIMIT_MS);
		torture_error(ret < 0 ? ret : 0);
	}
}

static void made(struct world *w, int ret, const uint32_t *id)
{
	torture_error(ret);
	if (ret < 0)
		return;
	must(w->made < REQUESTS);
	w->ids[w->made++] = *id;
}

static void requests(struct world *w)
{
	struct qlink *q = w->q;
	uint32_t id = 0;

	made(w, qlink_load_set(q, qlink_contractor(101), 50, 0, &id), &id);
	made(w, qlink_load_get(q, qlink_module_load(1, 2, 3, 4), &id), &id);
	made(w, qlink_stations_get(q, 1, &id), &id);
	made(w, qlink_name_get(q, 1, 5, 255, &id), &id);
	made(w, qlink_firmware_get(q, 1, &id), &id);
	made(w, qlink_raw(q, "VXX@ 1", QLINK_RAW_LINE, &id), &id);
	made(w, qlink_raw(q, "VLO! 101 50", QLINK_RAW_LINE, &id), &id);
	pump(w, results_there);
}

static bool event_there(const struct world *w)
{
	/* Lost with its connection, or there was no memory for it. */
	return w->event || fault_failed();
}

static void press_a_button(struct world *w)
{
	uint32_t id = 0;

	made(w, qlink_switch(w->q, 1, 2, 3, QLINK_SWITCH_TAP, &id), &id);
	pump(w, results_there);
	pump(w, event_there);
}

/* Once more when the failure met just this command: it may not have arrived. */
static void lose_the_line(struct world *w)
{
	const char *before;
	uint32_t id = 0;

	pump(w, synchronised);
	w->may_be_lost = true;
	w->lost = false;
	do {
		before = fault_failed();
		made(w, qlink_raw(w->q, "VZZ@ 1", QLINK_RAW_LINE, &id), &id);
		pump(w, results_there);
	} while (fault_failed() != before);
	pump(w, synchronised_again);
	w->may_be_lost = fault_failed() != NULL;
}

static void block(struct world *w)
{
	const struct qlink_event *result = NULL;
	int ret = qlink_load_get_sync(w->q, qlink_contractor(101), LIMIT_MS, &result);

	torture_error(ret);
	must(ret < 0 || (result && result->level == 50));
}

static int configure(struct world *w)
{
	struct qlink *q = w->q;
	int ret = qlink_set_address(q, "127.0.0.1", w->port);

	if (ret < 0)
		return ret;
	must(qlink_set_gap(q, 0) == 0);
	must(qlink_set_reconnect(q, 1, 1) == 0);
	must(qlink_set_timeout(q, LIMIT_MS) == 0);
	must(qlink_set_monitoring(q, QLINK_MONITOR_ALL) == 0);
	torture_error(qlink_watch_load(q, qlink_contractor(7), true));
	torture_error(qlink_watch_leds(q, 1, 2, true));
	torture_error(qlink_watch_switches(q, 1, 2, true));
	return qlink_connect(q);
}

static void connected(struct world *w)
{
	pump(w, synchronised);
	requests(w);
	press_a_button(w);
	lose_the_line(w);
	block(w);
}

static void with_connections(struct world *w)
{
	int ret = qlink_new(&w->q);

	torture_error(ret);
	if (ret < 0)
		return;
	ret = configure(w);
	torture_error(ret);
	if (ret == 0)
		connected(w);
	qlink_disconnect(w->q);
	w->may_be_lost = true;
	take_events(w);
	must(results_there(w));
	qlink_free(w->q);
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
	int ret = qlink_new(&w->q);

	torture_error(ret);
	if (ret < 0) {
		close(fd);
		return;
	}
	ret = qlink_connect_fd(w->q, fd);
	torture_error(ret);
	if (ret < 0) {
		close(fd);
	} else {
		ret = qlink_echo_sync(w->q, 1234, LIMIT_MS, NULL);
		torture_error(ret);
	}
	qlink_free(w->q);
}

static void scenario(void *userdata)
{
	const struct controller *controller = userdata;
	struct world w = { .port = controller->port };

	with_connections(&w);
	w.made = 0;
	with_socket(&w);
}

int main(void)
{
	struct controller controller;
	int ret;

	must(controller_start(&controller) == 0);
	ret = torture(scenario, &controller, 100);
	must(controller_stop(&controller) == 0);
	return ret;
}
