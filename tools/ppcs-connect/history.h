/* SPDX-License-Identifier: MIT */
/*
 * What an earlier run learnt about a peer, a camera's address or id: which way won, how long each
 * takes, the device id. A text file; a damaged one is told of once and left alone.
 */
#ifndef TOOLS_PPCS_CONNECT_HISTORY_H
#define TOOLS_PPCS_CONNECT_HISTORY_H

#include <ppcs/ppcs.h>

/* Sets on the handle what is known of this peer; nothing is known when there is no file. */
void history_load(struct ppcs *p, const char *peer);
/* Writes down how the race went, unless it was cancelled. */
void history_save(struct ppcs *p, const struct ppcs_report *report, const char *name);

#endif
