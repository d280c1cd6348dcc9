/* SPDX-License-Identifier: MIT */
/*
 * The whole of libppcs against a camera, a directory server and relays on loopback while one call
 * after the other fails, in each of the ways that it can, or for good: races over all ways, data, a
 * search, a socket that is taken out, blocking calls. Each race ends in exactly one result; one
 * failure costs no race its victory; no error comes out but the one that belongs to the failure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <ppcs/ppcs.h>

#include "ppcs_peer.h"
#include "torture.h"

#include "fault.h"

#define LIMIT_MS 5000
#define SYNC_MS  400 /* a timer that was not set costs so much */
#define LOST_MS  25  /* of races that are not to be won */
/* Of an attempt, also when what it said was lost on the way into the library. */
#define ATTEMPT_MS 400

struct world {
	const struct peer *peer;
	bool for_good;
	struct ppcs *p;
	unsigned results, connected, closed, devices, packets;
	unsigned told; /**< devices and results */
	int result, closed_error;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void take_data(struct world *w, const struct ppcs_event *e)
{
	must(e->channel == 0);
	must(device_heard(&w->packets, e->data, e->size));
}

static void take_events(struct world *w)
{
	const struct ppcs_event *e;

	while ((e = ppcs_next_event(w->p)) != NULL) {
		switch (e->type) {
		case PPCS_EVENT_RESULT:
			w->results++;
			w->told++;
			w->result = e->error;
			break;
		case PPCS_EVENT_CONNECTED:
			w->connected++;
			break;
		case PPCS_EVENT_CLOSED:
			w->closed++;
			w->closed_error = e->error;
			break;
		case PPCS_EVENT_DATA:
			take_data(w, e);
			break;
		case PPCS_EVENT_DEVICE:
			w->devices++;
			w->told++;
			break;
		default:
			break;
		}
	}
}

/* Until something has been counted. When it is the timer itself that failed, the user's next
 * dispatch has to mend it. */
static void pump(struct world *w, const unsigned *counter)
{
	int64_t end = now_ms() + LIMIT_MS;

	for (;;) {
		bool timer = fault_failed() && strcmp(fault_failed(), "timerfd_settime") == 0;
		int ret;

		take_events(w);
		if (*counter > 0 || (w->for_good && fault_failed() && counter == &w->closed))
			return;
		must(now_ms() < end);
		ret = ppcs_wait(w->p, timer || w->for_good ? 20 : LIMIT_MS);
		torture_error(ret > 0 ? 0 : ret);
		/* Who cannot wait may look. */
		if (ret < 0)
			torture_error(ppcs_dispatch(w->p));
	}
}

/* Exactly one result, and a victory unless something is gone for good. */
static void check_race(const struct world *w)
{
	must(w->results == 1);
	must(w->connected == (w->result == 0 ? 1 : 0));
	must(w->result == 0 || w->for_good);
}

/* All the data and the CLOSE behind it. Of TCP the connection can be lost. */
static void read_session(struct world *w, bool tcp)
{
	pump(w, &w->closed);
	/* The data may not come any more. */
	if (w->for_good && w->closed == 0)
		return;
	must(w->closed == 1);
	if (w->closed_error == -ECONNRESET && w->packets == DEVICE_PACKETS)
		return;
	must((tcp || w->for_good) && fault_failed());
	must(w->closed_error == -ECONNRESET || w->closed_error == -ENOMEM ||
	     w->closed_error == -ETIMEDOUT);
}

static void ignore(void *userdata, int level, const char *text)
{
	(void)userdata;
	(void)level;
	(void)text;
}

static int start_handle(struct world *w)
{
	int ret = ppcs_new(&w->p);

	torture_error(ret);
	if (ret < 0)
		return ret;
	must(ppcs_set_log(w->p, PPCS_LOG_WIRE, ignore, NULL) == 0);
	must(ppcs_set_uid(w->p, DEVICE_UID) == 0);
	must(ppcs_set_session_timeout(w->p, 2000) == 0);
	must(ppcs_set_timeout(w->p, w->for_good ? LOST_MS : LIMIT_MS) == 0);
	must(ppcs_set_attempt_timeout(w->p, ATTEMPT_MS) == 0);
	return 0;
}

/* Beside the camera there is a port that is closed. */
static int configure_lan(struct world *w, enum device_place search)
{
	uint16_t ports[] = { w->peer->closed_port, w->peer->ports[DEVICE_MAIN] };
	int ret = ppcs_set_address(w->p, "127.0.0.1");

	must(ppcs_set_ports(w->p, ports, 2) == 0);
	must(ppcs_set_search_port(w->p, w->peer->ports[search]) == 0);
	return ret;
}

static void lan(struct world *w)
{
	int ret = configure_lan(w, DEVICE_MAIN);

	must(ppcs_set_mode(w->p, PPCS_P2P, false) == 0);
	if (ret == 0)
		ret = ppcs_connect(w->p);
	torture_error(ret);
	if (ret < 0)
		return;
	pump(w, &w->results);
	check_race(w);
	if (w->result == 0)
		read_session(w, false);
}

/* A program goes on with the socket by itself. */
static void speak_alone(struct world *w, int fd, const struct ppcs_address *peer)
{
	static const uint8_t close_packet[] = { 0xf1, 0xf0, 0, 0 };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(peer->port) };

	fault_pause(true);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(peer->port == w->peer->ports[DEVICE_RELAYED]);
	must(sendto(fd, close_packet, sizeof(close_packet), 0, (struct sockaddr *)&sa,
		    sizeof(sa)) == sizeof(close_packet));
	close(fd);
	fault_pause(false);
}

/* A race that blocks, and is over when it does no more. */
static void connect_sync(struct world *w)
{
	const struct ppcs_report *report = NULL;
	int ret = ppcs_connect_sync(w->p, SYNC_MS, &report);
	enum ppcs_state state = ppcs_get_state(w->p);

	/* Its result is not in the queue; of what cannot be waited for it comes a little later. */
	w->result = ret;
	w->connected += report && ret == 0;
	w->results += report != NULL;
	if (report && state == PPCS_STATE_RACING) {
		w->results = 0;
		pump(w, &w->results);
	}
	take_events(w);
	must(w->for_good || state == (ret == 0 ? PPCS_STATE_CONNECTED : PPCS_STATE_IDLE));
	must(ret == 0 || w->for_good || ret == fault_error());
	must(w->results == (report ? 1 : 0));
	must(!report || (ret == 0) == (w->result == 0));
}

static void relay(struct world *w)
{
	struct ppcs_address peer;
	int ret = ppcs_add_server(w->p, "127.0.0.1", w->peer->ports[DEVICE_SERVER]);

	must(ppcs_set_relay_search(w->p, true) == 0);
	must(ppcs_set_mode(w->p, PPCS_P2P, false) == 0);
	if (ret == 0)
		ret = ppcs_add_relay(w->p, "127.0.0.1", w->peer->ports[DEVICE_RELAY]);
	torture_error(ret);
	if (ret < 0)
		return;
	connect_sync(w);
	ret = ppcs_take_fd(w->p, NULL, &peer);
	must(ret >= 0 ? w->result == 0 : ret == -ENOTCONN);
	if (ret >= 0)
		speak_alone(w, ret, &peer);
	must(ppcs_get_state(w->p) == PPCS_STATE_IDLE || w->for_good);
}

/* What has failed has left nothing behind. */
static void race_again(struct world *w)
{
	int ret = ppcs_connect(w->p);

	torture_error(ret);
	if (ret < 0)
		return;
	w->results = 0;
	w->connected = 0;
	w->packets = 0;
	pump(w, &w->results);
	check_race(w);
}

static void servers(struct world *w)
{
	int ret = ppcs_add_server(w->p, "127.0.0.1", w->peer->ports[DEVICE_SERVER]);

	if (ret == 0)
		ret = ppcs_connect(w->p);
	torture_error(ret);
	if (ret < 0)
		return;
	pump(w, &w->results);
	check_race(w);
	ret = ppcs_disconnect_sync(w->p, SYNC_MS);
	must(ret == 0 || w->for_good || ret == fault_error());
	take_events(w);
	must(w->closed == w->connected);
	if (!w->for_good && ret == 0)
		race_again(w);
}

static void tcp_relay(struct world *w)
{
	int ret = ppcs_add_init_string(w->p, "EBGDEOBOKGICGAIAFFGN");

	torture_error(ret);
	must(ppcs_set_relay_tcp(w->p, w->peer->tcp_port) == 0);
	must(ppcs_set_mode(w->p, PPCS_P2P, false) == 0);
	if (ret < 0)
		return;
	ret = ppcs_connect(w->p);
	torture_error(ret);
	if (ret < 0)
		return;
	pump(w, &w->results);
	check_race(w);
	if (w->result == 0)
		read_session(w, true);
}

/* Until somebody is found; it has a single socket, which may fail. */
static void search(struct world *w)
{
	int ret = configure_lan(w, DEVICE_SEARCH);

	if (ret == 0)
		ret = ppcs_search(w->p, w->for_good ? LOST_MS : LIMIT_MS);
	torture_error(ret);
	if (ret < 0)
		return;
	pump(w, &w->told);
	must(w->results == 0 || w->result == -ENOMEM || (w->for_good && w->result == -ENOENT));
	must(w->results == 0 || fault_failed());
	must(w->devices + w->results == 1);
	ppcs_disconnect(w->p);
	take_events(w);
	must(w->results == 1 && (w->devices == 0 || w->result == -ECANCELED));
}

/* Closed ports only: nothing but the right error may come out. */
static void lose(struct world *w)
{
	int ret = configure_lan(w, DEVICE_SEARCH);

	torture_error(ret);
	must(ppcs_set_ports(w->p, &w->peer->closed_port, 1) == 0);
	must(ppcs_set_search_port(w->p, w->peer->closed_port) == 0);
	must(ppcs_set_timeout(w->p, LOST_MS) == 0);
	if (ret < 0)
		return;
	ret = ppcs_connect(w->p);
	torture_error(ret);
	if (ret < 0)
		return;
	pump(w, &w->results);
	must(w->results == 1 && w->connected == 0);
	must(w->result == -EHOSTUNREACH || (w->for_good && w->result == -ENOMEM));
}

struct trial {
	struct world world;
	void (*run)(struct world *w);
};

static void scenario(void *userdata)
{
	const struct trial *trial = userdata;
	struct world w = trial->world;

	peer_reset(w.peer);
	if (start_handle(&w) < 0)
		return;
	trial->run(&w);
	ppcs_free(w.p);
}

int main(void)
{
	void (*const runs[])(struct world *) = { lan, relay, servers, tcp_relay, search, lose };
	struct peer peer;

	must(peer_start(&peer) == 0);
	for (unsigned i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct trial trial = { .world = { .peer = &peer }, .run = runs[i] };

		torture_kinds(scenario, &trial, 30);
		trial.world.for_good = true;
		torture_for_good(scenario, &trial, 30);
	}
	must(peer_stop(&peer) == 0);
	return 0;
}
