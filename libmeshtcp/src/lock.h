/* SPDX-License-Identifier: MIT */
#ifndef MESHTCP_LOCK_H
#define MESHTCP_LOCK_H

#include "common/tcp.h"

/** Locks that keep other processes of this machine from a node: names that only one can have, gone
 *  with their process. */
struct node_lock {
	int fd[CMN_TCP_MAX_ADDRESSES];
	unsigned count;
};

/**
 * Take the names of all addresses, or none.
 * @param ret_holder  the process that has one, 0 when it cannot be told; written with -EBUSY
 * @return 0, -EBUSY, or -ENOMEM for want of descriptors
 */
int meshtcp_lock_take(struct node_lock *lock, const struct cmn_tcp_addresses *addresses,
		      int *ret_holder);
/** Let go of those who have asked for the holder: they are told of one only while there is room for
 *  them to wait. Never blocks. */
void meshtcp_lock_drain(const struct node_lock *lock);
void meshtcp_lock_release(struct node_lock *lock);

#endif
