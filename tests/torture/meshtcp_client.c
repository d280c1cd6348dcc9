/* SPDX-License-Identifier: MIT */
/* The user who looks closely; see meshtcp_client.h. */
#include "meshtcp_client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "fault_threads.h"

#define REQUEST_MS 3000
#define SLICE_MS   20
#define FREE_MS    10000

int client_error(int error)
{
	static const int listed[] = {
		0,           -EINVAL,       -ENOMEM,       -EBUSY,         -ENOTCONN,
		-ECONNRESET, -ECONNREFUSED, -EHOSTUNREACH, -EADDRNOTAVAIL, -ETIMEDOUT,
		-ECANCELED,  -EMSGSIZE,     -EIO,          -ENOENT,        -EBADMSG
	};

	for (unsigned i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		if (error == listed[i])
			return error;
	fprintf(stderr, "error %d is not in the header\n", error);
	must(false);
	return error;
}

static void count_dead(void *userdata, enum meshtcp_reason reason)
{
	struct client *c = userdata;

	must(reason != MESHTCP_REASON_NONE && reason != MESHTCP_REASON_LOCAL);
	atomic_fetch_add(&c->dead, 1);
}

static void count_line(void *userdata, int level, const char *text)
{
	struct client *c = userdata;

	must(level >= MESHTCP_LOG_ERROR && level <= MESHTCP_LOG_WIRE && text[0] != '\0');
	atomic_fetch_add(&c->lines, 1);
}

bool client_new(struct client *c, uint16_t port)
{
	int error;

	memset(c, 0, sizeof(*c));
	error = meshtcp_new(&c->m);
	if (error == 0) {
		error = meshtcp_set_address(c->m, "127.0.0.1", port);
		if (error < 0)
			meshtcp_free(c->m);
	}
	if (error < 0) {
		must(error == -ENOMEM && fault_hit());
		c->m = NULL;
		return false;
	}
	must(meshtcp_set_reconnect(c->m, 5, 20) == 0);
	must(meshtcp_set_timeout(c->m, REQUEST_MS) == 0);
	must(meshtcp_set_dead_socket(c->m, count_dead, c) == 0);
	must(meshtcp_set_log(c->m, MESHTCP_LOG_WIRE, count_line, c) == 0);
	return true;
}

bool client_connect(struct client *c)
{
	for (int i = 0; i < 2; i++) {
		int error = client_error(meshtcp_connect(c->m));

		if (error == 0)
			return true;
		must(fault_hit());
		must(error == -ENOMEM || error == -EADDRNOTAVAIL || error == -EBUSY);
		must(meshtcp_get_state(c->m) == MESHTCP_STATE_IDLE);
	}
	return false;
}

bool client_open(struct client *c, uint16_t port)
{
	if (!client_new(c, port))
		return false;
	if (client_connect(c))
		return true;
	client_free(c);
	return false;
}

/* Of a port whose packets are not paced. */
static const uint8_t payload[MESHTCP_MAX_PAYLOAD];
static const struct meshtcp_message message = { .to = MESHTCP_BROADCAST,
						.port = MESHTCP_PORT_PRIVATE,
						.payload = payload,
						.size = sizeof(payload),
						.want_ack = true };

void client_send(struct client *c)
{
	int error = meshtcp_send(c->m, &message, &c->ids[c->count]);

	must(c->count + 1 < CLIENT_REQUESTS);
	must(error == 0 || (error == -ENOMEM && fault_hit()));
	c->count += error == 0;
}

/* Not one of the library's calls. */
static bool readable(struct client *c, int timeout_ms)
{
	bool before = fault_count(false);
	struct pollfd p = { .fd = meshtcp_get_fd(c->m), .events = POLLIN };
	int ret = poll(&p, 1, timeout_ms);

	fault_count(before);
	return ret > 0;
}

/* It may lag behind when its own writes and reads fail, until it is brought in line. */
static void check_descriptor(struct client *c)
{
	bool fails = fault_lasts(CALL_WRITE);

	if (fault_hit() && fault_is(CALL_WRITE))
		must(meshtcp_dispatch(c->m) == 0);
	must(!meshtcp_has_event(c->m) || fails || readable(c, 0));
}

static void take_result(struct client *c, const struct meshtcp_event *e)
{
	for (unsigned i = 0; i < c->count; i++) {
		if (c->ids[i] != e->id)
			continue;
		must(++c->results[i] == 1);
		must(!meshtcp_is_pending(c->m, e->id));
		return;
	}
	must(false); /* of no request that was made */
}

void client_take_events(struct client *c)
{
	const struct meshtcp_event *e;

	check_descriptor(c);
	must(meshtcp_dispatch(c->m) == 0);
	while ((e = meshtcp_next_event(c->m)) != NULL) {
		client_error(e->error);
		if (e->type == MESHTCP_EVENT_RESULT)
			take_result(c, e);
	}
}

static bool settled(const struct client *c)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->results[i] == 0)
			return false;
	return true;
}

void client_settle(struct client *c)
{
	int64_t end = test_now_ms() + LIMIT_MS;

	while (!settled(c)) {
		(void)readable(c, SLICE_MS);
		client_take_events(c);
		must(test_now_ms() < end);
	}
}

void client_mend(struct client *c)
{
	int64_t end = test_now_ms() + LIMIT_MS;
	const struct meshtcp_nodes *nodes;
	int error;

	do {
		must(test_now_ms() < end);
		/* Once connected it stays at it. */
		must(meshtcp_get_state(c->m) != MESHTCP_STATE_IDLE);
		error = client_error(meshtcp_ready_sync(c->m, REQUEST_MS));
		if (error == 0)
			error = client_error(meshtcp_send_sync(c->m, &message, REQUEST_MS, NULL));
		client_take_events(c);
		/* What lasts ends here, at the latest. */
		if (error < 0 && fault_hit())
			fault_lift();
	} while (error < 0);
	error = client_error(meshtcp_get_nodes(c->m, &nodes));
	must(error == 0 || fault_hit());
	if (error == 0)
		meshtcp_nodes_free(nodes);
}

/* Connections that were open and ended without our asking. */
static uint64_t losses(struct client *c)
{
	const struct meshtcp_statistics *s = meshtcp_get_statistics(c->m);
	uint64_t ends = 0;

	for (unsigned i = 0; i <= MESHTCP_REASON_LOCAL; i++)
		ends += s->lost[i];
	return ends - s->connect_failures;
}

void client_free(struct client *c)
{
	int64_t start = test_now_ms();

	meshtcp_free(c->m);
	c->m = NULL;
	must(test_now_ms() - start < FREE_MS);
}

void client_close(struct client *c, bool alone)
{
	uint64_t ends;

	must(meshtcp_disconnect_sync(c->m, LIMIT_MS) == 0);
	client_take_events(c);
	must(settled(c));
	must(meshtcp_dispatch(c->m) == 0);
	must(!readable(c, 0) || fault_hit());
	ends = losses(c);
	client_free(c);
	/* Told of once each; who shares a connection may not have seen all of it. */
	must(!alone || atomic_load(&c->dead) == ends || fault_lasts(CALL_CALLOC));
}
