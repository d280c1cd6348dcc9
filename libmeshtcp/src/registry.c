/* SPDX-License-Identifier: MIT */
/* Which connections there are in this process. */
#include "registry.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

#include "handle.h"

#define LEAVE_MS 1500 /* goodbye, and a little more */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gone = PTHREAD_COND_INITIALIZER;
static struct shared *connections;

/* IPv4 in the clothes of IPv6 is IPv4. */
static void plain(const struct cmn_tcp_address *address, struct in6_addr *ret, in_port_t *port)
{
	if (address->sa.ss_family == AF_INET) {
		const struct sockaddr_in *sa = (const void *)&address->sa;

		memset(ret, 0, sizeof(*ret));
		ret->s6_addr[10] = 0xff;
		ret->s6_addr[11] = 0xff;
		memcpy(&ret->s6_addr[12], &sa->sin_addr, 4);
		*port = sa->sin_port;
	} else {
		const struct sockaddr_in6 *sa = (const void *)&address->sa;

		*ret = sa->sin6_addr;
		*port = sa->sin6_port;
	}
}

static bool same(const struct cmn_tcp_address *a, const struct cmn_tcp_address *b)
{
	struct in6_addr x, y;
	in_port_t p, q;

	plain(a, &x, &p);
	plain(b, &y, &q);
	return p == q && memcmp(&x, &y, sizeof(x)) == 0;
}

static bool overlap(const struct cmn_tcp_addresses *a, const struct cmn_tcp_addresses *b)
{
	for (unsigned i = 0; i < a->count; i++)
		for (unsigned k = 0; k < b->count; k++)
			if (same(&a->at[i], &b->at[k]))
				return true;
	return false;
}

static struct shared *find(const struct cmn_tcp_addresses *addresses)
{
	struct shared *c = connections;

	while (c && !overlap(&c->key, addresses))
		c = c->next;
	return c;
}

static void remove_connection(const struct shared *c)
{
	struct shared **place = &connections;

	while (*place && *place != c)
		place = &(*place)->next;
	if (*place)
		*place = c->next;
}

static int make(struct meshtcp *m, const struct cmn_tcp_addresses *addresses, struct shared **ret)
{
	struct shared *c;
	int error = meshtcp_shared_new(&c);

	if (error < 0)
		return error;
	c->key = *addresses;
	c->addresses = *addresses;
	c->port = m->port;
	c->connect_timeout_ms = m->connect_timeout_ms;
	c->host = strdup(m->host);
	if (!c->host)
		error = -ENOMEM;
	if (error == 0)
		error = meshtcp_lock_take(&c->lock, addresses, &m->holder);
	if (error == -EBUSY && m->force)
		error = 0;
	if (error == 0)
		error = meshtcp_shared_run(c);
	if (error < 0) {
		meshtcp_shared_free(c);
		return error;
	}
	*ret = c;
	return 0;
}

/* A connection that everybody has left is open no more, though its handles are still there. */
static bool in_use(struct shared *c)
{
	bool used;

	meshtcp_shared_lock(c);
	used = meshtcp_shared_in_use(c);
	meshtcp_shared_unlock_unchanged(c);
	return used;
}

int meshtcp_registry_get(struct meshtcp *m, const struct cmn_tcp_addresses *addresses, bool alone,
			 struct shared **ret, bool *ret_new)
{
	struct shared *c;
	int error = 0;

	m->holder = 0;
	pthread_mutex_lock(&mutex);
	/* One that is being taken apart still has the node, for a moment. */
	while ((c = find(addresses)) != NULL && c->leaving)
		pthread_cond_wait(&gone, &mutex);
	*ret_new = c == NULL;
	if (c && alone && in_use(c))
		error = -EBUSY;
	if (!c) {
		error = make(m, addresses, &c);
		if (error == 0) {
			c->next = connections;
			connections = c;
		}
	}
	if (error == 0) {
		c->references++;
		*ret = c;
	}
	pthread_mutex_unlock(&mutex);
	return error;
}

void meshtcp_registry_put_private(struct shared *c)
{
	pthread_mutex_lock(&mutex);
	c->references++;
	pthread_mutex_unlock(&mutex);
}

/* With nobody left in it: say goodbye, and wait until it is said. */
static void end(struct shared *c)
{
	uint64_t now = cmn_clock_ms();
	uint64_t until = now + LEAVE_MS;

	meshtcp_shared_lock(c);
	/* Somebody may have come meanwhile. */
	if (!meshtcp_shared_in_use(c))
		meshtcp_session_stop(c->session, now);
	meshtcp_shared_unlock(c);
	meshtcp_shared_lock(c);
	while (!meshtcp_shared_in_use(c) &&
	       meshtcp_session_state(c->session) != MESHTCP_STATE_IDLE && cmn_clock_ms() < until)
		meshtcp_shared_wait(c, until);
	meshtcp_shared_unlock(c);
}

void meshtcp_registry_release(struct shared *c)
{
	bool last;

	pthread_mutex_lock(&mutex);
	last = c->references == 1;
	if (!last)
		c->references--;
	pthread_mutex_unlock(&mutex);
	if (!last)
		return;
	/* Still in the registry: who comes now joins it, and it goes on. */
	end(c);
	pthread_mutex_lock(&mutex);
	last = --c->references == 0;
	c->leaving = last;
	pthread_mutex_unlock(&mutex);
	if (!last)
		return;
	meshtcp_shared_stop(c);
	pthread_mutex_lock(&mutex);
	remove_connection(c);
	pthread_cond_broadcast(&gone);
	pthread_mutex_unlock(&mutex);
	meshtcp_shared_free(c);
}
