/* SPDX-License-Identifier: MIT */
/*
 * Sockets and one timer behind a single descriptor that never changes, for the caller's own poll():
 * an epoll with a timerfd in it. Readable means: call cmn_loop_wait().
 */
#ifndef CMN_LOOP_H
#define CMN_LOOP_H

#include <stdint.h>

/** What to watch a descriptor for, and what happened to it. */
#define CMN_LOOP_READ   1u
#define CMN_LOOP_WRITE  2u
#define CMN_LOOP_HANGUP 4u /**< error or closed by both sides; watched for without being asked */

/** Private. */
struct cmn_loop {
	int epoll_fd;
	int timer_fd;
	uint64_t deadline;
};

struct cmn_loop_event {
	uint32_t token;
	unsigned events; /**< CMN_LOOP_… */
};

/** @return 0, or a negative errno (-ENOMEM also without descriptors); free it in any case. */
int cmn_loop_init(struct cmn_loop *l);

/** Close the loop, not the descriptors that it watches. May be called again. */
void cmn_loop_free(struct cmn_loop *l);

/** @return the descriptor to wait for; the loop's own. */
int cmn_loop_fd(const struct cmn_loop *l);

/**
 * Watch a descriptor, which stays the caller's, until cmn_loop_remove(); call that before close().
 * @param events  CMN_LOOP_READ | CMN_LOOP_WRITE, or 0 for CMN_LOOP_HANGUP alone
 * @param token   comes back with the events
 * @return 0, -EEXIST when it is watched already, -ENOMEM or another negative errno
 */
int cmn_loop_add(struct cmn_loop *l, int fd, unsigned events, uint32_t token);

/** Watch it for something else. @return 0, -ENOENT when it is not watched, or a negative errno */
int cmn_loop_modify(struct cmn_loop *l, int fd, unsigned events, uint32_t token);

/** @return 0, -ENOENT when it is not watched, or a negative errno */
int cmn_loop_remove(struct cmn_loop *l, int fd);

/**
 * Make the loop readable at a time, once: a deadline is gone when cmn_loop_wait() met it.
 * @param at_ms  of cmn_clock_ms(); in the past = now, UINT64_MAX = never. Costs nothing unchanged
 * @return 0 or a negative errno
 */
int cmn_loop_set_deadline(struct cmn_loop *l, uint64_t at_ms);

/**
 * Take what happened, without waiting. What did not fit is still there for the next call.
 * @param max  room in events, at least 1
 * @return how many events; 0 when only the deadline came; or a negative errno
 */
int cmn_loop_wait(struct cmn_loop *l, struct cmn_loop_event *events, unsigned max);

#endif
