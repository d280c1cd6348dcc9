/* SPDX-License-Identifier: MIT */
/* The Unix socket of a share: where it is, and how the other commands find it. */
#define _GNU_SOURCE /* struct ucred */
#include "tools/meshtcp/share_socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define PREFIX "meshtcp-"
#define SUFFIX ".sock"

#define CONNECT_SECONDS 2

/* A relative path means nothing here, as the rules of the variable have it. */
static const char *directory(void)
{
	const char *found = getenv("XDG_RUNTIME_DIR");

	return found && *found == '/' ? found : NULL;
}

static bool put(char path[SHARE_PATH_MAX], int len)
{
	if (len > 0 && len < SHARE_PATH_MAX)
		return true;
	*path = '\0';
	return false;
}

bool share_path(const char *host, uint16_t port, char path[SHARE_PATH_MAX])
{
	const char *where = directory();

	return put(path, where ? snprintf(path, SHARE_PATH_MAX, "%s/" PREFIX "%s-%u" SUFFIX, where,
					  host, port) :
				 0);
}

int share_open(const char *path, int *ret_pid)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = CONNECT_SECONDS }, none = { .tv_sec = 0 };
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);
	int fd, err = 0;

	if (strlen(path) >= sizeof(un.sun_path))
		return -EINVAL;
	memcpy(un.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Many may come at once; but a share that hangs keeps nobody waiting for long. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&un, sizeof(un)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof(none)) < 0)
		err = -errno;
	/* What others put there is not to be trusted. */
	else if (peer.uid != geteuid() && peer.uid != 0)
		err = -EACCES;
	if (err) {
		close(fd);
		return err;
	}
	*ret_pid = peer.pid;
	return fd;
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(PREFIX SUFFIX) && strncmp(name, PREFIX, strlen(PREFIX)) == 0 &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

/* The share at `path` if it is that of the process; any for 0. */
static int open_of(const char *path, int pid)
{
	int holder = 0;
	int fd = share_open(path, &holder);

	if (fd >= 0 && pid > 0 && holder != pid) {
		close(fd);
		return -ENOENT;
	}
	return fd;
}

static int search(DIR *dir, const char *where, int pid, char path[SHARE_PATH_MAX])
{
	char candidate[SHARE_PATH_MAX];
	const struct dirent *entry;
	int found = -ENOENT;

	while ((entry = readdir(dir)) != NULL) {
		int fd = -ENOENT;

		if (is_name(entry->d_name) &&
		    put(candidate,
			snprintf(candidate, sizeof(candidate), "%s/%s", where, entry->d_name)))
			fd = open_of(candidate, pid);
		if (fd < 0)
			continue;
		if (found >= 0) {
			close(fd);
			close(found);
			return -E2BIG;
		}
		found = fd;
		memcpy(path, candidate, sizeof(candidate));
		if (pid > 0)
			break;
	}
	return found;
}

int share_find(int pid, char path[SHARE_PATH_MAX])
{
	const char *where = directory();
	DIR *dir = where ? opendir(where) : NULL;
	int fd;

	if (!dir)
		return -ENOENT;
	fd = search(dir, where, pid, path);
	closedir(dir);
	return fd;
}
