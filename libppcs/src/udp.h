/* SPDX-License-Identifier: MIT */
#ifndef PPCS_UDP_H
#define PPCS_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <ppcs/ppcs.h>

/** UDP over IPv4, never blocking. A socket is never connected: answers come from other ports. */

/**
 * @param to         where the first datagram goes: decides about the local address
 * @param ret_local  its own address as others see it; ip 0 when there is no way to TO
 * @return a descriptor on a port that the kernel chose, or -ENOMEM for want of anything
 */
int ppcs_udp_open(bool broadcast, const struct ppcs_address *to, struct ppcs_address *ret_local);

/** @return 0 also when it was lost on the way; -EAGAIN when nothing fits now */
int ppcs_udp_send(int fd, const struct ppcs_address *to, const void *data, size_t size);

/** @return its size, cut to ROOM, or -EAGAIN when there is none */
ssize_t ppcs_udp_receive(int fd, struct ppcs_address *ret_from, void *data, size_t room);

/** Take one error that was reported for a datagram. @return 0 nobody listens at TO; -ENOENT for
 *  another error; -EAGAIN when there is none */
int ppcs_udp_error(int fd, struct ppcs_address *ret_to);

/** The broadcast addresses of this machine but those of loopback and 169.254/16 (section 6.1).
 *  @return how many */
size_t ppcs_udp_broadcasts(struct ppcs_address *addresses, size_t room, uint16_t port);

#endif
