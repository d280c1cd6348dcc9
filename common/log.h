/* SPDX-License-Identifier: MIT */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The same numbers as the log levels of the public headers. */
enum cmn_log_level {
	CMN_LOG_ERROR,
	CMN_LOG_WARNING,
	CMN_LOG_INFO,
	CMN_LOG_DEBUG,
	CMN_LOG_WIRE
};

/** Longest message with its NUL; a longer one is cut, between two UTF-8 characters. */
#define CMN_LOG_BYTES 1024

/** Where messages go; fn NULL is silence. */
struct cmn_log {
	void (*fn)(void *userdata, int level, const char *text);
	void *userdata;
	int level; /**< the most detailed one that is wanted */
};

bool cmn_log_wants(const struct cmn_log *log, int level);

/** Nothing is formatted when nobody wants it. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void cmn_log_printf(const struct cmn_log *log, int level, const char *format, ...);

/**
 * Bytes on the wire as lines of a conversation file: `> 564c4f`, `<2 …` for connection 2.
 * @param direction  `>` to the device, `<` from it
 */
void cmn_log_wire(const struct cmn_log *log, char direction, unsigned connection,
		  const uint8_t *data, size_t size);

/** Likewise a datagram, which is one line however long it is; behind 2048 bytes it is cut. */
void cmn_log_datagram(const struct cmn_log *log, char direction, unsigned connection,
		      const uint8_t *data, size_t size);

#endif
