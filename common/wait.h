/* SPDX-License-Identifier: MIT */
#ifndef COMMON_WAIT_H
#define COMMON_WAIT_H

#include <stdint.h>

/** @return when a wait of TIMEOUT_MS is over, which is as in poll(); UINT64_MAX = never */
uint64_t cmn_wait_end(int timeout_ms);
/** @return milliseconds until then, as poll() takes them */
int cmn_wait_left(uint64_t end);
/** Wait until a loop (cmn_loop_fd()) has something to do, or the time is up.
 *  @return 0, also after a signal; or a negative errno */
int cmn_wait_loop(int loop_fd, int timeout_ms);
/** Likewise until any descriptor can be read. */
int cmn_wait_fd(int fd, int timeout_ms);

#endif
