/* SPDX-License-Identifier: MIT */
/* The Unix socket of a share: where it is, and how the other commands find it. */
#ifndef TOOLS_MESHTCP_SHARE_SOCKET_H
#define TOOLS_MESHTCP_SHARE_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

/* As long as the address of a Unix socket may be. */
#define SHARE_PATH_MAX 108

/*
 * Where the share of this node listens: $XDG_RUNTIME_DIR/meshtcp-HOST-PORT.sock, the host as it
 * was given. False when there is no such directory or the path is too long.
 */
bool share_path(const char *host, uint16_t port, char path[SHARE_PATH_MAX]);

/* Connects to it. A descriptor or a negative errno; *ret_pid is who listens, 0 when nobody knows.
 * */
int share_open(const char *path, int *ret_pid);

/*
 * Looks through the directory for the share that this process runs, or, for 0, for the only one
 * there is. A descriptor and the path of its socket; -ENOENT for none, -E2BIG for several.
 */
int share_find(int pid, char path[SHARE_PATH_MAX]);

#endif
