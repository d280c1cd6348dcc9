/* SPDX-License-Identifier: MIT */
#ifndef PPCS_UID_H
#define PPCS_UID_H

#include <stdbool.h>
#include <stdint.h>

#include <ppcs/ppcs.h>

#include "common/bytes.h"

/** Bytes of a device id on the wire (section 3.3). */
#define UID_WIRE_BYTES 20

/** A device id; NUL and nothing else behind the texts, so that two can be compared as memory. */
struct uid {
	char prefix[8];
	uint32_t serial;
	char check[8];
};

/** The id of a camera that is its own access point (section 11.1). */
extern const struct uid ppcs_uid_access_point;

bool ppcs_uid_same(const struct uid *a, const struct uid *b);
/** No id at all. */
bool ppcs_uid_empty(const struct uid *uid);
/** Can it be one: letters and digits, the first one a letter (section 3.3)? */
bool ppcs_uid_sound(const struct uid *uid);
/** With dashes, or without them and in any case. @return 0 or -EINVAL */
int ppcs_uid_parse(const char *text, struct uid *ret);
/** What is not printable becomes `?`. */
void ppcs_uid_text(const struct uid *uid, char text[PPCS_UID_BYTES]);
void ppcs_uid_read(struct cmn_reader *r, struct uid *ret);
void ppcs_uid_write(struct cmn_writer *w, const struct uid *uid);

#endif
