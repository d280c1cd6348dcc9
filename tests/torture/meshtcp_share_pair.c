/* SPDX-License-Identifier: MIT */
/*
 * A shared node and two clients, one thing at a time: what one is owed and the other is not, who is
 * refused, who is closed; and a share that ends in the middle of whatever is going on.
 */
#include <string.h>
#include <unistd.h>

#include <meshtcp/meshtcp.h>

#include "meshtcp_node.h"
#include "share_client.h"

#define OWN      0x9ea2f1c4u
#define PRIVATE  256
#define RESTARTS 20

/** Two clients of a share that is ready. */
struct pair {
	struct test_node *node;
	struct meshtcp_share *s;
	uint16_t port;
	struct test_client a, b;
};

static void pair_begin(struct pair *p)
{
	p->node = node_start(NODE_KIND);
	p->s = share_new(p->node, &p->port);
	must(meshtcp_share_set_max_clients(p->s, 2) == 0);
	must(meshtcp_share_start(p->s) == 0);
	/* Before the node is ready: they wait. */
	client_open(&p->a, p->port);
	client_open_unix(&p->b, share_unix_path());
	client_download(&p->a, 0xffffffff);
	client_download(&p->b, 69421);
	share_must_event(p->s, MESHTCP_SHARE_NODE_READY);
}

static void pair_end(struct pair *p)
{
	meshtcp_share_free(p->s);
	must(client_hear_kind(&p->a, SAID_END).kind == SAID_END);
	client_close(&p->a, false);
	client_close(&p->b, false);
	node_stop(p->node);
}

static void must_status(struct test_client *c, uint32_t id, uint32_t res)
{
	struct said said = client_hear_kind(c, SAID_STATUS);

	must(said.id == id && said.res == res);
}

/* The same id from both: each hears of its own, and the other's has another name. */
static void test_same_id(void)
{
	struct said said;
	struct pair p;
	uint32_t wire;

	pair_begin(&p);
	must(client_packet(&p.a, PRIVATE, 77, 0));
	must_status(&p.a, 77, 0);
	said = client_hear_kind(&p.a, SAID_PACKET);
	must(said.port == 5 && said.request == 77);
	must(client_hear_kind(&p.b, SAID_PACKET).id == 77);
	must(client_packet(&p.b, PRIVATE, 77, 0));
	must_status(&p.b, 77, 0);
	said = client_hear_kind(&p.b, SAID_PACKET);
	must(said.port == 5 && said.request == 77);
	wire = client_hear_kind(&p.a, SAID_PACKET).id;
	must(wire != 77);
	/* What b answers to itself is known to a by that other name, and the other way round. */
	must(client_packet(&p.b, PRIVATE, 78, 77));
	must(client_hear_kind(&p.a, SAID_PACKET).reply == wire);
	must(meshtcp_share_get_statistics(p.s)->translated == 1);
	/* Its own once more: nothing. */
	must(client_packet(&p.b, PRIVATE, 78, 77));
	must_status(&p.b, 78, 0);
	must(client_say(&p.b, "\x3a\x00", 2));
	must_status(&p.b, 0, 0);
	must(node_counts(p.node).packets == 3);
	pair_end(&p);
}

static void test_refused(void)
{
	/* packet { to own, decoded { port 6, payload { reboot } }, id 5 } */
	static const uint8_t reboot[] = { 0x0a, 19, 0x15, 0xc4, 0xf1, 0xa2, 0x9e, 0x22, 7, 0x08, 6,
					  0x12, 3,  0x88, 0x06, 5,    0x35, 5,    0,    0, 0 };
	struct said said;
	struct pair p;

	pair_begin(&p);
	must(client_say(&p.a, reboot, sizeof(reboot)));
	must_status(&p.a, 5, 0);
	said = client_hear_kind(&p.a, SAID_PACKET);
	must(said.from == OWN && said.port == 5 && said.request == 5 && said.err == 33);
	/* While the node is away. */
	node_set_manner(p.node, NODE_STALLS);
	node_hang_up(p.node, false);
	share_must_event(p.s, MESHTCP_SHARE_NODE_LOST);
	must(client_packet(&p.a, PRIVATE, 6, 0));
	must_status(&p.a, 6, 33);
	must(client_say(&p.a, "\x3a\x00", 2));
	must_status(&p.a, 0, 0);
	/* Asked for now, answered when it is back. */
	must(client_want(&p.b, 1234));
	node_set_manner(p.node, NODE_KIND);
	node_hang_up(p.node, false);
	share_must_event(p.s, MESHTCP_SHARE_NODE_READY);
	must(client_hear_kind(&p.b, SAID_COMPLETE).number == 1234);
	must(node_counts(p.node).packets == 0);
	must(client_packet(&p.a, PRIVATE, 7, 0));
	must_status(&p.a, 7, 0);
	pair_end(&p);
}

/* A goodbye is the client's own; who does not read is not waited for; nobody comes in beyond two.
 * */
static void test_goings(void)
{
	struct test_client third;
	const struct meshtcp_share_event *e;
	struct pair p;

	pair_begin(&p);
	client_open(&third, p.port);
	must(client_hear(&third).kind == SAID_END);
	client_close(&third, false);
	e = share_must_event(p.s, MESHTCP_SHARE_GONE);
	must(e->client == 0 && strcmp(e->reason, "full") == 0);
	while (client_say(&p.b, "\x3a\x00", 2))
		;
	e = share_must_event(p.s, MESHTCP_SHARE_GONE);
	must(strcmp(e->reason, "slow") == 0);
	client_close(&p.b, false);
	client_open_unix(&p.b, share_unix_path());
	must(client_say(&p.b, "\x20\x01", 2));
	must(client_hear_kind(&p.b, SAID_END).kind == SAID_END);
	must(strcmp(share_must_event(p.s, MESHTCP_SHARE_GONE)->reason, "goodbye") == 0);
	node_text(p.node, 4711);
	must(client_hear_kind(&p.a, SAID_PACKET).id == 4711);
	must(node_counts(p.node).goodbyes == 0);
	pair_end(&p);
}

/* One after the other, however many are asked for. */
static void test_downloads(void)
{
	uint32_t last = 0, count = 0;
	struct pair p;

	pair_begin(&p);
	for (uint32_t nonce = 1; nonce <= 200; nonce++)
		must(client_want(&p.a, nonce));
	while (last != 200) {
		uint32_t nonce = client_hear_kind(&p.a, SAID_COMPLETE).number;

		must(nonce > last);
		last = nonce;
		count++;
	}
	must(count > 0 && node_counts(p.node).downloads == 1);
	pair_end(&p);
}

static void test_idle(void)
{
	struct test_node *node = node_start(NODE_KIND);
	struct test_client c;
	uint16_t port;
	struct meshtcp_share *s = share_new(node, &port);

	must(meshtcp_share_set_idle(s, 1000) == 0);
	must(meshtcp_share_start(s) == 0);
	client_open(&c, port);
	/* Bytes that are no frame do not count. */
	must(client_bytes(&c, "\x94\xc3\x00\x04", 4));
	must(client_hear(&c).kind == SAID_END);
	must(strcmp(share_must_event(s, MESHTCP_SHARE_GONE)->reason, "idle") == 0);
	client_close(&c, false);
	meshtcp_share_free(s);
	node_stop(node);
}

/* Ended in the middle of whatever is going on. */
static void test_ends(void)
{
	struct test_node *node = node_start(NODE_KIND);

	for (unsigned i = 0; i < RESTARTS; i++) {
		struct test_client clients[4];
		uint16_t port;
		struct meshtcp_share *s = share_new(node, &port);

		must(meshtcp_share_start(s) == 0);
		for (unsigned k = 0; k < 4; k++) {
			client_open(&clients[k], port);
			must(client_want(&clients[k], k + 1));
		}
		if (i % 4 == 1)
			share_must_event(s, MESHTCP_SHARE_CLIENT);
		if (i % 4 >= 2)
			share_must_event(s, MESHTCP_SHARE_NODE_READY);
		for (unsigned k = 0; k < 4 && i % 4 == 3; k++)
			(void)client_packet(&clients[k], PRIVATE, 1000 + k, 0);
		meshtcp_share_free(s);
		for (unsigned k = 0; k < 4; k++)
			client_close(&clients[k], false);
	}
	node_stop(node);
}

int main(void)
{
	struct level before = level_now();

	test_same_id();
	test_refused();
	test_goings();
	test_downloads();
	test_idle();
	test_ends();
	must(access(share_unix_path(), F_OK) < 0);
	must_be_level(before);
	return 0;
}
