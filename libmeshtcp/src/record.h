/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_RECORD_H
#define MESHTCP_RECORD_H

#include <meshtcp/records.h>

#include "pb.h"

/** A text that ends in NUL, cut between two UTF-8 characters where it is too long. */
void meshtcp_text_copy(char *to, size_t room, const struct pb_value *v);

/** Metrics of one telemetry message, merged into what is known. @return false when torn */
bool meshtcp_metrics_fields(const uint8_t *data, size_t size, struct meshtcp_metrics *metrics);

#endif
