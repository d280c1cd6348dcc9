/* SPDX-License-Identifier: MIT */
/*
 * HOST and HOST:PORT as typed: a name, an IPv4 address, an IPv6 address bare or in brackets.
 * Nothing is looked up here. Both return 0 or -EINVAL.
 */
#ifndef TOOLS_CLI_ADDRESS_H
#define TOOLS_CLI_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/* The longest DNS name, or an IPv6 address with its zone, and the NUL. */
#define CLI_HOST_MAX 256

/* Copies the host without brackets. A port behind it is an error. */
int cli_host(const char *text, char host[CLI_HOST_MAX]);

/*
 * The same with an optional ":PORT" behind it; *port is left alone when there is none.
 * A bare IPv6 address takes no port. min_port is 1, or 0 where the kernel may choose.
 */
int cli_host_port(const char *text, uint16_t min_port, char host[CLI_HOST_MAX], uint16_t *port);

#endif
