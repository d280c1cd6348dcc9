/* SPDX-License-Identifier: MIT */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/** @return milliseconds of the monotonic clock. */
uint64_t cmn_clock_ms(void);

#endif
