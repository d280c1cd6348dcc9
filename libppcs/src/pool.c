/* SPDX-License-Identifier: MIT */
/*
 * Sessions kept for later (section 13). The pool is a user of the public API that keeps the handles
 * alive which nobody else uses just now; one that ends there is told of.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "handle.h"

#define EVENTS_AT_ONCE 32
/* All that a socket holds is read in fewer turns; who sends faster than we read is no reason to go
 * on for ever. */
#define LOOKS 64

enum place_state {
	FREE,
	IDLE,
	LENT,
	ENDED /* in the pool; `end` is to be told */
};

struct slot {
	enum place_state state;
	struct ppcs *handle;
	char uid[PPCS_UID_BYTES];
	struct ppcs_event end;
};

struct ppcs_pool {
	int epoll;
	size_t max;
	char uid[PPCS_UID_BYTES]; /* of the event that was taken last */
	struct ppcs_event taken;
	struct slot slots[];
};

int ppcs_pool_new(struct ppcs_pool **ret, size_t max_sessions)
{
	struct ppcs_pool *pool;

	if (!ret || max_sessions < 1 || max_sessions > PPCS_MAX_POOL)
		return -EINVAL;
	pool = calloc(1, sizeof(*pool) + max_sessions * sizeof(pool->slots[0]));
	if (!pool)
		return -ENOMEM;
	pool->max = max_sessions;
	pool->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pool->epoll < 0) {
		free(pool);
		return -ENOMEM;
	}
	*ret = pool;
	return 0;
}

void ppcs_pool_free(struct ppcs_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->max; i++)
		if (pool->slots[i].state == IDLE)
			ppcs_free(pool->slots[i].handle);
	close(pool->epoll);
	free(pool);
}

static struct slot *find(struct ppcs_pool *pool, enum place_state state, const struct ppcs *handle)
{
	for (size_t i = 0; i < pool->max; i++)
		if (pool->slots[i].state == state && pool->slots[i].handle == handle)
			return &pool->slots[i];
	return NULL;
}

static int watch(struct ppcs_pool *pool, struct slot *slot)
{
	struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = slot } };
	const char *uid = ppcs_get_report(slot->handle)->uid;

	/* A borrower may have gone to another device with it. */
	memcpy(slot->uid, uid, strlen(uid) + 1);
	if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, ppcs_get_fd(slot->handle), &event) < 0)
		return -ENOMEM;
	slot->state = IDLE;
	return 0;
}

static void unwatch(struct ppcs_pool *pool, const struct slot *slot)
{
	epoll_ctl(pool->epoll, EPOLL_CTL_DEL, ppcs_get_fd(slot->handle), NULL);
}

int ppcs_pool_add(struct ppcs_pool *pool, struct ppcs *p)
{
	struct slot *slot;
	int ret;

	if (!pool || !p || find(pool, IDLE, p) || find(pool, LENT, p))
		return -EINVAL;
	if (!ppcs_session_verified(p->session))
		return -ENOTCONN;
	slot = find(pool, FREE, NULL);
	if (!slot)
		return -EBUSY;
	slot->handle = p;
	ret = watch(pool, slot);
	if (ret < 0)
		*slot = (struct slot){ .state = FREE };
	return ret;
}

/* A session has ended that nobody used. What is left of earlier ones of its handle is not of it. */
static void bury(struct ppcs_pool *pool, struct slot *slot)
{
	const struct ppcs_event *e;
	size_t size = 0;

	while ((e = ppcs_next_event(slot->handle)) != NULL) {
		if (e->type == PPCS_EVENT_DATA)
			size += e->size;
		if (e->type != PPCS_EVENT_CLOSED)
			continue;
		slot->end = *e;
		slot->end.size = size;
		size = 0;
	}
	slot->end.peer = ppcs_get_report(slot->handle)->peer;
	unwatch(pool, slot);
	ppcs_free(slot->handle);
	slot->handle = NULL;
	slot->state = ENDED;
}

static int look_after(struct ppcs_pool *pool, struct slot *slot)
{
	int ret = ppcs_dispatch(slot->handle);

	if (ppcs_get_state(slot->handle) != PPCS_STATE_CONNECTED)
		bury(pool, slot);
	return ret;
}

/* Its end may have come and not been looked at, perhaps behind a lot of data. */
static bool still_open(struct ppcs_pool *pool, struct slot *slot)
{
	struct pollfd fd = { .fd = ppcs_get_fd(slot->handle), .events = POLLIN };
	unsigned looks = 0;

	do {
		look_after(pool, slot);
	} while (slot->state == IDLE && ++looks < LOOKS && poll(&fd, 1, 0) > 0);
	return slot->state == IDLE;
}

int ppcs_pool_lend(struct ppcs_pool *pool, const char *uid, struct ppcs **ret)
{
	char wanted[PPCS_UID_BYTES];

	if (!pool || !ret || (uid && ppcs_uid_normalise(uid, wanted) < 0))
		return -EINVAL;
	for (size_t i = 0; i < pool->max; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->state != IDLE || (uid && strcmp(slot->uid, wanted) != 0))
			continue;
		if (!still_open(pool, slot))
			continue;
		unwatch(pool, slot);
		slot->state = LENT;
		*ret = slot->handle;
		return 0;
	}
	return -ENOENT;
}

int ppcs_pool_give_back(struct ppcs_pool *pool, struct ppcs *p)
{
	struct slot *slot;
	int ret;

	if (!pool || !p)
		return -EINVAL;
	slot = find(pool, LENT, p);
	if (!slot)
		return -ENOENT;
	if (ppcs_session_verified(p->session)) {
		ret = watch(pool, slot);
		if (ret == 0)
			return 0;
	} else {
		ret = 0;
	}
	ppcs_free(p);
	*slot = (struct slot){ .state = FREE };
	return ret;
}

int ppcs_pool_get_fd(struct ppcs_pool *pool)
{
	return pool ? pool->epoll : -EINVAL;
}

int ppcs_pool_dispatch(struct ppcs_pool *pool)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int ret = 0;
	int count;

	if (!pool)
		return -EINVAL;
	count = epoll_wait(pool->epoll, events, EVENTS_AT_ONCE, 0);
	for (int i = 0; i < count; i++) {
		int error = look_after(pool, events[i].data.ptr);

		ret = ret < 0 ? ret : error;
	}
	return count < 0 && errno != EINTR ? -errno : ret;
}

/* @return the session that ended first, of those that were not told of; or NULL */
static struct slot *first_ended(struct ppcs_pool *pool)
{
	struct slot *first = NULL;

	for (size_t i = 0; i < pool->max; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->state == ENDED && (!first || slot->end.time_ms < first->end.time_ms))
			first = slot;
	}
	return first;
}

const struct ppcs_event *ppcs_pool_next_event(struct ppcs_pool *pool)
{
	struct slot *slot = pool ? first_ended(pool) : NULL;

	if (!slot)
		return NULL;
	memcpy(pool->uid, slot->uid, sizeof(pool->uid));
	pool->taken = slot->end;
	pool->taken.uid = pool->uid;
	*slot = (struct slot){ .state = FREE };
	return &pool->taken;
}

size_t ppcs_pool_count(const struct ppcs_pool *pool, bool lent)
{
	size_t count = 0;

	for (size_t i = 0; pool && i < pool->max; i++)
		count += pool->slots[i].state == (lent ? LENT : IDLE);
	return count;
}
