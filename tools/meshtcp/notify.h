/* SPDX-License-Identifier: MIT */
/* What a service tells its manager, as sd_notify(3) does; without one nothing happens. */
#ifndef TOOLS_MESHTCP_NOTIFY_H
#define TOOLS_MESHTCP_NOTIFY_H

/* Lines such as "READY=1". A manager that cannot be told is no reason to fail. */
void notify(const char *state);

#endif
