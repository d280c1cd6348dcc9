/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IPCOM_REPLAY_H
#define TESTS_IPCOM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/harness/vectors.h"

/** Both fail the test with file and line where something differs. */

/** Each request is encoded to the `>` bytes, the `<` bytes are decoded to the `=` lines. */
void replay_codec(const char *path, const struct vectors *v);

/**
 * The session sends the `>` bytes and reports the `=` lines.
 * @param cut      position in all bytes of the device at which they are cut; SIZE_MAX = nowhere
 * @param by_byte  they arrive one by one instead
 * @return false when the file has messages that a session never sends: nothing was done
 */
bool replay_session(const char *path, const struct vectors *v, size_t cut, bool by_byte);

#endif
