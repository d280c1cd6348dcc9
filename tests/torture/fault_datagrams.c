/* SPDX-License-Identifier: MIT */
/*
 * Calls for datagrams that fail on purpose; see fault.h. A datagram can also be empty, cut short,
 * or longer than its header says.
 */
#include "fault.h"

#include <errno.h>
#include <ifaddrs.h>
#include <string.h>
#include <sys/socket.h>

/* No errno: what arrives instead of the datagram. */
#define EMPTY (-1)
#define SHORT (-2)
#define LONG  (-3)
#define BARE  (-4)

#define SHORT_BYTES 3
#define LONG_BYTES  8

/* The linker's names begin with two underscores. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define WRAP(type, name, params)   \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params

WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size))
{
	return FAILS("bind", { EADDRINUSE, 0 }, { EACCES, 0 }, { ENOBUFS, 0 }) ?
		       -1 :
		       __real_bind(fd, address, size);
}

WRAP(int, getsockname, (int fd, struct sockaddr *address, socklen_t *size))
{
	return FAILS("getsockname", { ENOBUFS, 0 }, { EBADF, 0 }) ?
		       -1 :
		       __real_getsockname(fd, address, size);
}

WRAP(ssize_t, sendto,
     (int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t len))
{
	if (FAILS("sendto", { EAGAIN, 0 }, { ENOBUFS, 0 }, { EINTR, 0 }, { ECONNREFUSED, 0 },
		  { ENETUNREACH, 0 }))
		return -1;
	return __real_sendto(fd, data, size, flags, to, len);
}

WRAP(ssize_t, recvfrom,
     (int fd, void *data, size_t room, int flags, struct sockaddr *from, socklen_t *len))
{
	const struct fault_kind *kind = FAILS("recvfrom", { EAGAIN, 0 }, { EINTR, 0 },
					      { ECONNREFUSED, 0 }, { ENOMEM, 0 }, { EMPTY, 0 },
					      { SHORT, 0 }, { LONG, 0 });
	ssize_t size;

	if (kind && kind->error > 0)
		return -1;
	size = __real_recvfrom(fd, data, room, flags, from, len);
	if (!kind || size < 0)
		return size;
	if (kind->error == EMPTY)
		return 0;
	if (kind->error == SHORT)
		return size < SHORT_BYTES ? size : SHORT_BYTES;
	if ((size_t)size + LONG_BYTES > room)
		return size;
	memset((char *)data + size, 0, LONG_BYTES);
	return size + LONG_BYTES;
}

/* Only the queue of errors is read with it; an error may come without its description. */
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags))
{
	const struct fault_kind *kind =
		FAILS("recvmsg", { EAGAIN, 0 }, { EINTR, 0 }, { ENOMEM, 0 }, { BARE, 0 });
	ssize_t size;

	if (kind && kind->error > 0)
		return -1;
	size = __real_recvmsg(fd, message, flags);
	if (kind && size >= 0)
		message->msg_controllen = 0;
	return size;
}

WRAP(int, getifaddrs, (struct ifaddrs * *ret))
{
	return FAILS("getifaddrs", { ENOMEM, -ENOMEM }, { EMFILE, 0 }, { ECONNREFUSED, 0 }) ?
		       -1 :
		       __real_getifaddrs(ret);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
