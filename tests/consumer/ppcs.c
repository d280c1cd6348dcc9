/* SPDX-License-Identifier: MIT */
/*
 * A program outside the tree that uses a handle and a pool as far as that goes without a camera; it
 * fails when the header and the library that it met are of two releases.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ppcs/ppcs.h>

/* Without a session nothing is sent, waited for, or kept. */
static int try_without_session(struct ppcs *p, struct ppcs_pool *pool)
{
	struct ppcs *lent;
	size_t taken;

	if (ppcs_send(p, 0, "hello", 5) != -ENOTCONN || ppcs_get_unsent(p, 0) != 0)
		return 1;
	if (ppcs_send_sync(p, 0, "hello", 5, 0, &taken) != -ENOTCONN || taken != 0)
		return 1;
	if (ppcs_flush_sync(p, 0) != -ENOTCONN)
		return 1;
	if (ppcs_pool_add(pool, p) != -ENOTCONN || ppcs_pool_lend(pool, NULL, &lent) != -ENOENT)
		return 1;
	if (ppcs_pool_give_back(pool, p) != -ENOENT || ppcs_pool_dispatch(pool) != 0)
		return 1;
	return ppcs_pool_get_fd(pool) < 0 || ppcs_pool_next_event(pool) ||
	       ppcs_pool_count(pool, false) != 0;
}

int main(void)
{
	struct ppcs *p = NULL;
	struct ppcs_pool *pool = NULL;
	int error = ppcs_new(&p);

	error = error ? error : ppcs_pool_new(&pool, PPCS_MAX_POOL);
	if (error < 0)
		fprintf(stderr, "%s\n", ppcs_strerror(error));
	else
		error = try_without_session(p, pool);
	ppcs_pool_free(pool);
	ppcs_free(p);
	printf("libppcs %s\n", ppcs_version());
	return error != 0 || strcmp(ppcs_version(), PPCS_VERSION) != 0;
}
