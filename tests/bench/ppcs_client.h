/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_PPCS_CLIENT_H
#define TESTS_BENCH_PPCS_CLIENT_H

#include <stdbool.h>

#include <ppcs/ppcs.h>

#include "ppcs_camera.h"

/** A handle for the camera, its ports known. PLAIN: the key is known as well, else all are
 *  tried. */
struct ppcs *client_new(const struct camera *c, bool plain);
/** Dispatch until an event of this type came. */
const struct ppcs_event *client_wait(struct ppcs *p, enum ppcs_event_type type);
/** Take what waits. @return whether an event of this type was among it */
bool client_has(struct ppcs *p, enum ppcs_event_type type);

/** Sort ascending. */
void client_sort(double *values, unsigned count);
/** This process, and those that it starts from now on, on one core: so it is not the waking of
 *  another one that is measured. */
void client_stay_on_one_core(void);

#endif
