/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_REGISTRY_H
#define MESHTCP_REGISTRY_H

#include "shared.h"

/**
 * All connections of this process by the addresses they are to: the rule that a node gets one
 * connection is kept here (section 16).
 */

/**
 * Find the connection to these addresses or make one, and count one more reference.
 * @param m        whose settings make a new one
 * @param alone    refuse one that is there with -EBUSY
 * @param ret_new  whether it was made
 * @return 0, -EBUSY (also: another process holds the node, see m->holder), -ENOMEM
 */
int meshtcp_registry_get(struct meshtcp *m, const struct cmn_tcp_addresses *addresses, bool alone,
			 struct shared **ret, bool *ret_new);
/** Count a connection that is in no registry. */
void meshtcp_registry_put_private(struct shared *c);
/** One reference less; with the last one the connection is ended and freed. Blocks until then. */
void meshtcp_registry_release(struct shared *c);

#endif
