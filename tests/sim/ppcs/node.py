# SPDX-License-Identifier: MIT
"""A participant with UDP sockets: the camera, a server or a relay.

Everything goes through here: the cipher, counting, the rules that clients must keep, and the
faults of the line in both directions. Rules see what a client sent, not what faults make of it.
"""

import socket
import struct

from simlib import Faults

from . import wire

BUFFER_SIZE = 4 << 20
# Datagrams taken from a socket before others and the timers get their turn.
BATCH = 512
SO_TIMESTAMPNS = 35
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
# Counts beyond those for each type of message.
UNKNOWN, MALFORMED, FOREIGN, KINDS = 256, 257, 258, 259


def counts():
    return [0] * KINDS


def enlarge(sock, force, option):
    """Eight full windows are more than the usual limit, which only root may exceed."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, force, BUFFER_SIZE)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_SIZE)


class Port:
    """One UDP socket; the kernel stamps what arrives, for it may have to wait here."""

    def __init__(self, node, host, number=0):
        self.node = node
        self.owner = None
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            enlarge(self.sock, SO_RCVBUFFORCE, socket.SO_RCVBUF)
            enlarge(self.sock, SO_SNDBUFFORCE, socket.SO_SNDBUF)
            self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self.sock.setblocking(False)
            self.sock.bind((host, number))
        except OSError:
            self.sock.close()
            raise
        self.number = self.sock.getsockname()[1]
        self.address = (node.network.advertised(host), self.number)
        node.network.own.add(self.address)
        node.network.loop.watch(self.sock, self.ready)

    def ready(self, _readable, _writable):
        receive, arrived, unpack = self.sock.recvmsg, self.node.arrived, struct.unpack
        for _ in range(BATCH):
            try:
                data, extra, _, address = receive(2048, 64)
            except BlockingIOError:
                return
            seconds, nanoseconds = unpack("qq", extra[0][2])
            arrived(self, data, address, seconds + nanoseconds * 1e-9)
            if self.sock.fileno() < 0:
                return

    def close(self):
        self.node.network.loop.unwatch(self.sock)
        self.node.network.own.discard(self.address)
        self.sock.close()


class Node:
    """`handle(port, kind, plain, data, address)` is what a participant makes of a datagram."""

    role = None

    def __init__(self, network, name):
        self.network = network
        self.loop = network.loop
        self.name = name
        self.count_in, self.count_out = counts(), counts()
        self.silent = False
        self.failed = 0
        self.faults_in = Faults(f"{network.seed} {name} in", network.loop)
        self.faults_out = Faults(f"{network.seed} {name} out", network.loop)
        self.random = Faults(f"{network.seed} {name}").random
        self.faulty = False

    def fault(self, kind, rate):
        for faults in (self.faults_in, self.faults_out):
            faults.rates[kind] = rate
        self.judge()

    def delay(self, least, most):
        for faults in (self.faults_in, self.faults_out):
            faults.delay = (least, most)
        self.judge()

    def judge(self):
        """Without faults datagrams take the short way."""
        faults = self.faults_in
        self.faulty = any(faults.rates.values()) or faults.delay[1] > 0

    def garbling(self):
        return self.faults_in.rates["garble"] > 0

    # In.

    def arrived(self, port, data, address, stamp):
        network = self.network
        plain = network.cipher.decode(data)
        kind = kind_of(plain)
        if kind == MALFORMED and network.is_foreign(data):
            kind = FOREIGN
        self.count_in[kind] += 1
        if not network.is_own(address):
            network.client_in[kind] += 1
            if kind != FOREIGN:
                network.rules.check(self, port, kind, plain, address, stamp)
        if self.faulty:
            self.faults_in.datagram(data, lambda changed: self.late(port, changed, address))
        elif not self.silent:
            self.handle(port, kind, plain, data, address)

    def late(self, port, data, address):
        """What is left of a datagram after the faults."""
        if not self.silent and port.sock.fileno() >= 0:
            plain = self.network.cipher.decode(data)
            self.handle(port, kind_of(plain), plain, data, address)

    def handle(self, port, kind, plain, data, address):
        raise NotImplementedError

    # Out.

    def send(self, port, plain, address):
        self.send_raw(port, self.network.cipher.encode(plain), address, plain)

    def send_raw(self, port, data, address, plain=None):
        """Bytes as they are; `plain` is the message in them, even one that nobody meant."""
        if self.silent:
            return
        if self.faulty:
            self.faults_out.datagram(data, lambda changed: self.put(
                port, changed, address,
                plain if changed == data else self.network.cipher.decode(changed)))
        else:
            self.put(port, data, address, plain)

    def put(self, port, data, address, plain):
        try:
            port.sock.sendto(data, address)
        except OSError:
            # A full buffer or a port closed meanwhile: datagrams may be lost.
            self.failed += 1
            return
        kind = kind_of(plain) if plain else MALFORMED
        self.count_out[kind] += 1
        if not self.network.is_own(address):
            self.network.client_out[kind] += 1
            if plain:
                self.network.rules.sent(self, port, kind, plain, address)

    def nonsense(self):
        """Random bytes, every second time dressed up as a message."""
        data = self.random.randbytes(self.random.randint(1, 60))
        if self.random.random() < 0.5:
            return data
        length = self.random.choice((len(data), self.random.randrange(65536)))
        kind = self.random.choice(sorted(wire.NAMES))
        return struct.pack(">BBH", wire.MAGIC, kind, length) + data


def kind_of(plain):
    """The type of a message for counting."""
    if len(plain) < wire.HEADER_SIZE or plain[0] != wire.MAGIC:
        return MALFORMED
    if len(plain) < wire.HEADER_SIZE + (plain[2] << 8 | plain[3]):
        return MALFORMED
    return plain[1] if plain[1] in wire.NAMES else UNKNOWN
