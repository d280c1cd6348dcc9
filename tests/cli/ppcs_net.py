# SPDX-License-Identifier: MIT
"""A network of the test's own, in which nothing leaks out and everything can be listened to.

`enter` moves this process into it for good. It has a loopback interface, an interface `lan` with a
broadcast address, and a default route to nowhere, so that whatever is sent can be seen.
"""

import ctypes
import fcntl
import os
import select
import socket
import struct
import threading

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
SIOCADDRT = 0x890B
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
SIOCSIFADDR, SIOCSIFBRDADDR, SIOCSIFNETMASK = 0x8916, 0x891A, 0x891C
SIOCBRADDBR = 0x89A0
IFF_UP = RTF_UP = 1
LAN = "lan"
LAN_ADDRESS, LAN_MASK, LAN_BROADCAST = "198.51.100.1", "255.255.255.0", "198.51.100.255"
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
SO_TIMESTAMPNS, SOL_PACKET, PACKET_STATISTICS = 35, 263, 6
OUTGOING = 4
UDP, TCP = socket.IPPROTO_UDP, socket.IPPROTO_TCP
BUFFER_SIZE = 4 << 20


def refuse():
    """A reason why there is no such network here, None when this process is in one now."""
    try:
        enter()
    except OSError as error:
        return f"no network namespace: {error}"
    return None


def enter():
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    # Root needs no users of its own.
    if libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWNET | CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                           ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        bring_up(sock, "lo")
        fcntl.ioctl(sock, SIOCBRADDBR, LAN.encode() + b"\0")
        for request, address in ((SIOCSIFADDR, LAN_ADDRESS), (SIOCSIFNETMASK, LAN_MASK),
                                 (SIOCSIFBRDADDR, LAN_BROADCAST)):
            fcntl.ioctl(sock, request, interface(LAN, sockaddr(address)))
        bring_up(sock, LAN)
        add_route(libc, sock)


def sockaddr(address):
    return struct.pack("=H2x4s8x", socket.AF_INET, socket.inet_aton(address))


def interface(name, data=b""):
    """A struct ifreq."""
    return struct.pack("16s24s", name.encode(), data)


def bring_up(sock, name):
    flags, = struct.unpack_from("=h", fcntl.ioctl(sock, SIOCGIFFLAGS, interface(name)), 16)
    fcntl.ioctl(sock, SIOCSIFFLAGS, interface(name, struct.pack("=h", flags | IFF_UP)))


class Route(ctypes.Structure):
    """A struct rtentry."""

    _fields_ = [
        ("pad1", ctypes.c_ulong), ("destination", ctypes.c_ubyte * 16),
        ("gateway", ctypes.c_ubyte * 16), ("mask", ctypes.c_ubyte * 16),
        ("flags", ctypes.c_ushort), ("pad2", ctypes.c_short), ("pad3", ctypes.c_ulong),
        ("pad4", ctypes.c_void_p), ("metric", ctypes.c_short), ("device", ctypes.c_char_p),
        ("mtu", ctypes.c_ulong), ("window", ctypes.c_ulong), ("irtt", ctypes.c_ushort),
    ]


def add_route(libc, sock):
    """Everything that is nowhere else leads to the loopback interface."""
    route = Route(flags=RTF_UP, device=b"lo")
    for field in (route.destination, route.gateway, route.mask):
        field[:] = list(sockaddr("0.0.0.0"))
    if libc.ioctl(sock.fileno(), ctypes.c_ulong(SIOCADDRT), ctypes.byref(route)) != 0:
        raise OSError(ctypes.get_errno(), "route")


class Packet:
    """A UDP datagram as it left somebody."""

    def __init__(self, stamp, source, target, data):
        self.stamp = stamp
        self.source = source
        self.target = target
        self.data = data

    def __repr__(self):
        addresses = [f"{host}:{port}" for host, port in (self.source, self.target)]
        return f"{' > '.join(addresses)} {self.data.hex()}"


class Capture:
    """All that is sent in this network from now on.

    A thread reads along, since the kernel keeps little. `others` are packets of TCP, and those
    of IPv6 that are not the kernel's own.
    """

    def __init__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_SIZE)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)
        self.found, self.others = [], []
        self.lock = threading.Lock()
        self.wake, self.end = os.pipe()
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def close(self):
        """Packets that were missed would make a test pass for nothing."""
        os.close(self.end)
        self.thread.join()
        os.close(self.wake)
        _, missed = struct.unpack("II", self.sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        self.sock.close()
        if missed:
            raise AssertionError(f"{missed} packets missed")

    def work(self):
        while self.wake not in select.select([self.sock, self.wake], [], [])[0]:
            self.read()

    def take(self):
        """What has been sent since the last call."""
        self.read()
        with self.lock:
            found, self.found = self.found, []
        return found

    def read(self):
        with self.lock:
            while True:
                try:
                    data, extra, _, address = self.sock.recvmsg(65536, 128)
                except BlockingIOError:
                    return
                if address[2] == OUTGOING:
                    seconds, nanoseconds = struct.unpack("qq", extra[0][2])
                    self.sort(address[1], data, seconds + nanoseconds * 1e-9)

    def sort(self, protocol, data, stamp):
        if protocol == ETH_P_IP and data[9] == UDP:
            start = (data[0] & 15) * 4
            source, target, size = struct.unpack_from(">HHH", data, start)
            self.found.append(Packet(stamp, (socket.inet_ntoa(data[12:16]), source),
                                     (socket.inet_ntoa(data[16:20]), target),
                                     data[start + 8:start + size]))
        elif (protocol == ETH_P_IP and data[9] == TCP) or (
                protocol == ETH_P_IPV6 and data[6] in (UDP, TCP)):
            self.others.append(data)
