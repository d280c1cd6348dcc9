/* SPDX-License-Identifier: MIT */
/*
 * The session of libppcs alone, time being a number, while memory runs out once, or for good, or a
 * socket cannot be opened. One failure costs no race its victory and no session its data, and each
 * race ends in one result, whatever happens.
 */
#include <errno.h>
#include <string.h>

#include "ppcs_world.h"
#include "torture.h"

#define SECOND 1000

static struct world world;
static bool for_good;
static unsigned failing_socket; /* 0 = none */

static struct session_config configure(void)
{
	struct session_config config = {
		.search_port = 32108,
		.ports = { 40611, 9 },
		.port_count = 2,
		.modes = { [PPCS_P2P] = true, [PPCS_LAN] = true },
		.until = PPCS_LEVEL_VERIFIED,
		.timeout_ms = 30 * SECOND,
		.attempt_timeout_ms = 5 * SECOND,
		.session_timeout_ms = 6 * SECOND,
		.punch_range = 1,
	};

	must(ppcs_uid_parse(DEVICE_UID, &config.uid) == 0);
	return config;
}

static struct ppcs_address here(uint16_t port)
{
	return (struct ppcs_address){ { 127, 0, 0, 1 }, port };
}

static bool final(enum ppcs_racer_state state)
{
	return state != PPCS_PENDING && state != PPCS_RUNNING;
}

/* Of a race that has ended: nothing is left in the middle. */
static void check_report(const struct world *w)
{
	const struct ppcs_report *report = ppcs_session_report(w->session, w->now);
	unsigned successes = 0;

	must(report->error == w->result && report->success == (w->result == 0));
	must(report->verdict != PPCS_VERDICT_NONE && report->text && report->text[0]);
	for (unsigned i = 0; i < PPCS_MODES; i++) {
		const struct ppcs_racer *r = &report->racers[i];

		must(final(r->state));
		successes += r->state == PPCS_SUCCESS;
		for (size_t k = 0; k < r->attempt_count; k++)
			must(final(r->attempts[k].state));
	}
	must(successes == (report->success ? 1 : 0));
	must(!report->success || report->racers[report->mode].state == PPCS_SUCCESS);
}

/* Start a race, and wait for its end. @return whether it was won */
static bool race(struct world *w, const struct session_config *config)
{
	int ret = ppcs_session_race(w->session, config, 42, w->now);

	torture_error(ret);
	w->results = 0;
	w->connected = 0;
	if (ret == 0)
		world_advance(w, config->timeout_ms + SECOND);
	world_take_events(w);
	must(w->results == (ret == 0 ? 1 : 0));
	if (ret < 0)
		return false;
	check_report(w);
	must(w->connected == (w->result == 0 ? 1 : 0));
	return w->result == 0;
}

/* All that was acknowledged has been handed out, but what was kept before the race was won if there
 * is no memory for it; and where memory came back all has come. */
static void check_data(const struct world *w, bool complete)
{
	const struct device_client *c = world_client(w);

	must(!c || w->packets + for_good >= c->acked);
	must(!complete || for_good || w->packets == DEVICE_PACKETS ||
	     (w->closed == 1 && w->closed_error == -ENOMEM));
}

static void stop(struct world *w)
{
	unsigned closed = w->closed;
	bool open = ppcs_session_state(w->session) == PPCS_STATE_CONNECTED;

	ppcs_session_stop(w->session, w->now);
	world_advance(w, 100);
	must(ppcs_session_state(w->session) == PPCS_STATE_IDLE);
	must(w->closed == closed + open);
}

/* A socket that is not there is noticed at once, though another port may have its turn then; a
 * packet that was never sent after its attempt. */
static void check_time(const struct world *w, const struct session_config *config)
{
	bool at_once = failing_socket > 0 && config->walk == PPCS_FAN_OUT;
	unsigned limit = at_once ? SECOND : config->attempt_timeout_ms + SECOND;

	must(for_good || ppcs_session_report(w->session, w->now)->elapsed_ms < limit);
}

/* A race that is won in spite of a failure, the data, and our CLOSE. */
static void win(struct world *w, const struct session_config *config)
{
	w->packets = 0;
	if (race(w, config)) {
		check_time(w, config);
		world_advance(w, 3 * SECOND);
		check_data(w, true);
	} else {
		/* It has not begun, or there is no memory at all. */
		must(for_good || w->results == 0);
		must(w->results == 0 || w->result == -ENOMEM || w->result == -EHOSTUNREACH ||
		     w->result == -ETIMEDOUT || w->result == -ECONNREFUSED);
	}
	stop(w);
}

static void lan(struct world *w)
{
	struct session_config config = configure();

	config.addresses[0] = here(0);
	config.address_count = 1;
	config.key_fixed = true;
	strcpy(config.key, "SHIX");
	win(w, &config);
}

/* What is not taken is given again; all of it arrives, and what does not is counted to the byte. */
static void sending(struct world *w)
{
	static const size_t sizes[] = { 3, 1000, 1, 3000, 70000, 1024, 500, 64000, 60000 };
	struct session_config config = configure();
	size_t sent[2] = { 0, 0 }, left = 0;

	config.addresses[0] = here(0);
	config.address_count = 1;
	config.key_fixed = true;
	if (race(w, &config)) {
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			sent[i % 2] += world_send_bytes(w, i % 2, sent[i % 2], sizes[i], for_good);
		world_advance(w, 3 * SECOND);
		left = world_check_sent(w, sent, 2, for_good);
	}
	stop(w);
	must(w->closed_unsent == left || !w->connected);
}

/* The device closes; the second race has learnt from the first. */
static void close_by_device(struct world *w)
{
	struct session_config config = configure();

	config.addresses[0] = here(0);
	config.address_count = 1;
	config.uid = (struct uid){ .serial = 0 };
	config.walk = PPCS_SEQUENTIAL;
	w->device.closes = true;
	if (race(w, &config)) {
		world_advance(w, 3 * SECOND);
		check_data(w, false);
		must(for_good || (w->closed == 1 && w->closed_error == -ECONNRESET));
	}
	w->device.closes = false;
	device_reset(&w->device);
	win(w, &config);
}

static void servers(struct world *w)
{
	struct session_config config = configure();

	config.servers[0] = here(9);
	config.servers[1] = w->device.at[DEVICE_SERVER];
	config.server_count = 2;
	w->refuses = true;
	win(w, &config);
}

static void relay(struct world *w)
{
	struct session_config config = configure();

	config.servers[0] = w->device.at[DEVICE_SERVER];
	config.server_count = 1;
	config.relay_search = true;
	config.modes[PPCS_P2P] = false;
	config.modes[PPCS_RELAY] = true;
	win(w, &config);
}

static void tcp_relay(struct world *w)
{
	struct session_config config = configure();

	config.servers[0] = w->device.at[DEVICE_SERVER];
	config.servers[1] = here(9);
	config.server_count = 2;
	config.relay_tcp = 443;
	config.modes[PPCS_P2P] = false;
	config.modes[PPCS_RELAY] = true;
	win(w, &config);
}

/* Many paths are up when one wins: all others are told CLOSE. */
static void everything(struct world *w)
{
	struct session_config config = configure();

	config.addresses[0] = here(0);
	config.address_count = 1;
	config.servers[0] = w->device.at[DEVICE_SERVER];
	config.server_count = 1;
	config.relays[0] = w->device.at[DEVICE_RELAY];
	config.relay_count = 1;
	config.relay_tcp = 443;
	config.until = PPCS_LEVEL_PATH;
	config.broadcast = true;
	config.broadcasts[0] = w->device.at[DEVICE_SEARCH];
	config.broadcast_count = 1;
	config.modes[PPCS_RELAY] = true;
	win(w, &config);
}

/* The session falls silent, and the next race hears nobody. */
static void silence(struct world *w)
{
	struct session_config config = configure();
	bool raced;

	config.addresses[0] = here(0);
	config.address_count = 1;
	if (race(w, &config)) {
		w->silent = true;
		world_advance(w, 10 * SECOND);
		must(w->closed == 1 && w->closed_error == -ETIMEDOUT);
	}
	w->silent = true;
	config.key_fixed = true;
	config.servers[0] = w->device.at[DEVICE_SERVER];
	config.server_count = 1;
	config.relay_search = true;
	config.relay_tcp = 443;
	config.modes[PPCS_RELAY] = true;
	raced = race(w, &config);
	must(!raced);
	must(w->results == 0 || w->result == -EHOSTUNREACH || (for_good && w->result == -ENOMEM));
}

/* More attempts than the report holds. */
static void closed_ports(struct world *w)
{
	struct session_config config = configure();
	bool raced;

	config.addresses[0] = here(0);
	config.address_count = 1;
	config.key_fixed = true;
	config.port_count = PPCS_MAX_PORTS;
	for (unsigned i = 0; i < PPCS_MAX_PORTS; i++)
		config.ports[i] = (uint16_t)(1 + i);
	config.search_port = 1;
	config.timeout_ms = 12 * SECOND;
	w->refuses = true;
	raced = race(w, &config);
	must(for_good || w->results == 0 ||
	     ppcs_session_report(w->session, w->now)->racers[PPCS_LAN].attempts_dropped > 0);
	must(!raced);
	must(w->results == 0 || w->result == -EHOSTUNREACH || (for_good && w->result == -ENOMEM));
}

static void search(struct world *w)
{
	struct session_config config = configure();
	int ret;

	config.broadcast = true;
	config.broadcasts[0] = w->device.at[DEVICE_SEARCH];
	config.broadcast_count = 1;
	ret = ppcs_session_search(w->session, &config, SECOND, 42, w->now);
	torture_error(ret);
	if (ret == 0)
		world_advance(w, 2 * SECOND);
	must(w->results == (ret == 0 ? 1 : 0));
	/* It has a single socket. */
	if (failing_socket == 1)
		must(w->result == -ENOMEM);
	else
		must(ret < 0 || for_good || (w->result == 0 && w->devices == 1));
}

/* Given up in the middle, and at the very end of the program. */
static void give_up(struct world *w)
{
	struct session_config config = configure();
	int ret;

	config.addresses[0] = here(0);
	config.address_count = 1;
	w->silent = true;
	ret = ppcs_session_race(w->session, &config, 42, w->now);
	torture_error(ret);
	if (ret == 0)
		world_advance(w, 50);
	stop(w);
	must(w->results == (ret == 0 ? 1 : 0));
	must(ret < 0 || w->result == -ECANCELED);
	w->silent = false;
	ret = ppcs_session_race(w->session, &config, 42, w->now);
	torture_error(ret);
	if (ret == 0)
		world_advance(w, 5);
	ppcs_session_abort(w->session, w->now);
	world_advance(w, 0);
}

static void scenario(void *userdata)
{
	void (*const *run)(struct world *) = userdata;
	const char *key = *run == lan ? "SHIX" : "";
	int ret = world_start(&world, key);

	torture_error(ret);
	if (ret < 0)
		return;
	world.failing = failing_socket;
	(*run)(&world);
	world_end(&world);
}

/* Memory is there, and one socket after the other cannot be opened. */
static void fail_sockets(void *run)
{
	for (failing_socket = 1; failing_socket == 1 || world.asked >= failing_socket - 1;
	     failing_socket++)
		scenario(run);
	printf("%u sockets failed, one in each run\n", failing_socket - 2);
	failing_socket = 0;
}

int main(void)
{
	void (*const scenarios[])(struct world *) = { lan,        sending, close_by_device,
						      servers,    relay,   tcp_relay,
						      everything, silence, closed_ports,
						      search,     give_up };

	for (unsigned i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		void *run = (void *)&scenarios[i];

		for_good = false;
		torture(scenario, run, 10);
		for_good = true;
		torture_for_good(scenario, run, 10);
		for_good = false;
		fail_sockets(run);
	}
	return 0;
}
