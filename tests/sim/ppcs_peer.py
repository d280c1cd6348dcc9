# SPDX-License-Identifier: MIT
"""A client with all eight channels for the self-tests, written from the protocol alone.

It shares no code with the simulator: packets are laid out here, and both directions of a
channel are its own. `run` is its event loop; nothing sleeps.
"""

import collections
import select
import socket
import struct
import time

from simcase import Case

HOST = "127.0.0.1"
DID = b"TEST\0\0\0\0" + struct.pack(">I", 12345) + b"ABCDE\0\0\0"
PUNCH, READY = (struct.pack(">BBH", 0xF1, kind, 20) + DID for kind in (0x41, 0x42))
ALIVE, ALIVE_ACK, CLOSE = (bytes((0xF1, kind, 0, 0)) for kind in (0xE0, 0xE1, 0xF0))
DATA, ACKS = struct.Struct(">BBHBBH"), struct.Struct(">BBHBBH")
FLYING_MAX = 120
RTO, TICK = 0.05, 0.02
WAITING_MAX = 128 << 10


class Out:
    """What is sent on a channel; `flying` has packet, time and number of the transmission by
    index, the oldest first."""

    def __init__(self, peer, number):
        self.peer, self.number = peer, number
        self.data, self.place = memoryview(b""), 0
        self.size = 1024
        self.next = self.base = 0
        self.flying = {}
        self.heard = 0.0
        self.count = self.resends = 0

    def pending(self):
        return bool(self.flying) or self.place < len(self.data)

    def pump(self, now):
        flying, data, send, size = self.flying, self.data, self.peer.send, self.size
        place, total, index = self.place, len(self.data), self.next
        while place < total:
            if flying and (index - self.base) & 0xFFFF >= FLYING_MAX:
                break
            if not flying:
                self.base, self.heard = index, now
            part = data[place:place + size]
            place += len(part)
            packet = DATA.pack(0xF1, 0xD0, len(part) + 4, 0xD1, self.number, index) + part
            self.count += 1
            flying[index] = [packet, now, self.count]
            index = (index + 1) & 0xFFFF
            send(packet)
        self.place, self.next = place, index

    def acknowledged(self, indexes, now):
        flying, last, count = self.flying, None, 0
        for index in indexes:
            entry = flying.pop(index, None)
            if entry and (last is None or (index - last) & 0xFFFF < 0x8000):
                last, count = index, entry[2]
        if last is None:
            return
        self.heard = now
        for index, entry in flying.items():
            if (last - index) & 0xFFFF >= 0x8000:
                break
            # What was sent before something that has arrived, and is older, is lost.
            if entry[2] < count:
                self.again(entry, now)
        if flying:
            self.base = next(iter(flying))
        self.pump(now)

    def again(self, entry, now):
        self.count += 1
        entry[1:] = now, self.count
        self.resends += 1
        self.peer.send(entry[0])

    def tick(self, now):
        quiet = now - self.heard
        for entry in self.flying.values():
            if quiet >= RTO and now - entry[1] >= RTO:
                self.again(entry, now)


class In:
    """What has come on a channel, in order."""

    def __init__(self):
        self.next = 0
        self.early = {}
        self.early_bytes = 0
        self.found = bytearray()
        self.acks = []
        self.duplicates = self.empty = 0

    def take(self, index, data):
        ahead = (index - self.next) & 0xFFFF
        if not data:
            self.empty += 1
            return
        if ahead == 0:
            self.found += data
            self.next = (index + 1) & 0xFFFF
            while self.next in self.early:
                part = self.early.pop(self.next)
                self.early_bytes -= len(part)
                self.found += part
                self.next = (self.next + 1) & 0xFFFF
        elif ahead >= 0x8000 or index in self.early:
            self.duplicates += 1
        elif self.early_bytes > WAITING_MAX:
            return
        else:
            self.early[index] = data
            self.early_bytes += len(data)
        self.acks.append(index)


class Peer:
    """`seen` has the datagrams of this session that are no data and no acknowledgements."""

    def __init__(self, port):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        self.sock.bind((HOST, 0))
        self.address = (HOST, port)
        self.name = f"{HOST}:{self.sock.getsockname()[1]}"
        self.outs = [Out(self, number) for number in range(8)]
        self.ins = [In() for _ in range(8)]
        self.seen = collections.deque(maxlen=100)
        self.acks = collections.deque(maxlen=100)
        self.strangers = collections.Counter()
        self.wrong = []
        self.closed = False
        self.acknowledging = True
        self.send(PUNCH)
        self.run(lambda: READY in self.seen)
        self.send(ALIVE)
        self.run(lambda: ALIVE_ACK in self.seen)

    def send(self, packet):
        self.sock.sendto(packet, self.address)

    def write(self, channel, data, size=1024):
        out = self.outs[channel]
        out.data, out.place, out.size = memoryview(out.data[out.place:].tobytes() + data), 0, size
        out.pump(time.monotonic())

    def take(self, channel, count):
        """The first bytes that have come on a channel."""
        found = bytes(self.ins[channel].found[:count])
        del self.ins[channel].found[:count]
        return found

    def pending(self):
        return any(out.pending() for out in self.outs)

    def run(self, done, seconds=20):
        """Serves the session until `done()`; False when the time is over before."""
        end, ticked = time.monotonic() + seconds, 0.0
        while not done():
            now = time.monotonic()
            if now >= end:
                return False
            if now - ticked >= TICK:
                ticked = now
                for out in self.outs:
                    out.tick(now)
            if select.select([self.sock], [], [], TICK)[0]:
                self.receive()
        return True

    def receive(self):
        now = time.monotonic()
        for _ in range(64):
            try:
                packet, source = self.sock.recvfrom(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            if source != self.address:
                self.strangers[source] += 1
                continue
            self.handle(packet, now)
        for number, incoming in enumerate(self.ins):
            while incoming.acks and self.acknowledging:
                acks, incoming.acks = incoming.acks[:81], incoming.acks[81:]
                head = ACKS.pack(0xF1, 0xD1, 4 + 2 * len(acks), 0xD1, number, len(acks))
                self.send(head + struct.pack(f">{len(acks)}H", *acks))

    def handle(self, packet, now):
        kind, end = packet[1], 4 + (packet[2] << 8 | packet[3])
        if kind not in (0xD0, 0xD1):
            self.seen.append(packet)
            if packet == ALIVE:
                self.send(ALIVE_ACK)
            self.closed = self.closed or packet == CLOSE
        elif len(packet) < end or packet[5] > 7:
            self.wrong.append(packet)
        elif kind == 0xD0:
            if len(packet) > end:
                self.wrong.append(packet)
            self.ins[packet[5]].take(packet[6] << 8 | packet[7], packet[8:end])
        else:
            self.acks.append(packet)
            count = min(packet[6] << 8 | packet[7], (end - 8) // 2)
            self.outs[packet[5]].acknowledged(struct.unpack_from(f">{count}H", packet, 8), now)

    def close(self):
        self.send(CLOSE)
        self.sock.close()


class PeerCase(Case):
    script = "ppcs_sim.py"

    def peer(self, **known):
        peer = Peer(self.sim.ports["main"], **known)
        self.cleanup.callback(peer.sock.close)
        return peer

    def run_until(self, peer, done):
        self.assertTrue(peer.run(done), "what was waited for did not come")

    def end(self, *peers):
        """Says goodbye; nobody broke a rule."""
        for peer in peers:
            self.assertEqual(peer.wrong, [])
            peer.close()
        self.sim.wait("sessions", 0, "=")
        self.finish()
