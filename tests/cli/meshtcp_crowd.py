# SPDX-License-Identifier: MIT
"""Clients of a share of many kinds, all in one loop of asyncio, each seeded on its own.

Packets of the mesh are those of the simulator's `flood`, COUNT at a time, which are numbered. What
a client finds wrong goes into `crowd.wrong`.
"""

import asyncio
import collections
import random
import re
import socket

from meshtcp_share_common import GOODBYE, WAKE, Reader, decode, frame, packet, want

COUNT, SIZE = 300, 230
MARK = re.compile(rb"([0-9]{8})x{100}")
PRIVATE = 256
RECORDS = {"my_info", "node_info", "config", "moduleConfig", "channel", "metadata", "fileInfo",
           "deviceuiConfig", "region_presets"}
SMALL = 4096


class Client(asyncio.Protocol):
    """Asks for a download, and takes what comes."""

    behaves = False
    small = False  # room for what has not been read

    def __init__(self, crowd, number):
        self.crowd = crowd
        self.number = number
        self.random = random.Random(crowd.seed * 1000 + number)
        self.unix = number % 2 == 1
        self.transport = None
        self.cutter = Reader()
        self.asked = []
        self.downloads = self.marks = 0
        self.seen = collections.Counter()
        self.statuses = {}
        self.open = False

    async def connect(self):
        where = self.crowd.path if self.unix else ("127.0.0.1", self.crowd.port)
        sock = socket.socket(socket.AF_UNIX if self.unix else socket.AF_INET)
        if self.small:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        # Not by the loop: it takes a Unix socket that has to wait for connected.
        sock.connect(where)
        sock.setblocking(False)
        await asyncio.get_running_loop().create_connection(lambda: self, sock=sock)

    def wrong(self, text):
        self.crowd.wrong.append(f"{type(self).__name__} {self.number}: {text}")

    def connection_made(self, transport):
        self.transport = transport
        self.open = True
        self.cutter = Reader()
        self.asked.clear()
        self.begin()

    def connection_lost(self, _error):
        self.open = False
        self.crowd.moved()
        if self.behaves and not self.crowd.leaving:
            self.wrong("thrown out")

    def send(self, data):
        if self.open and not self.transport.is_closing():
            self.transport.write(data)

    def begin(self):
        self.send(WAKE)
        self.ask()

    def ask(self):
        self.asked.append(self.random.randrange(100000, 1 << 32))
        self.send(want(self.asked[-1]))

    def data_received(self, data):
        for kind, found in self.cutter.feed(data):
            if kind == "frame":
                self.frame(found)
            elif self.behaves:
                self.wrong(f"{kind} {found[:16].hex()}")

    def frame(self, payload):
        mark = MARK.search(payload)
        if mark:
            self.mark(int(mark[1]))
            return
        message = decode("FromRadio", payload)
        if "config_complete_id" in message:
            self.complete(message["config_complete_id"])
        elif RECORDS & set(message) and not self.asked:
            self.wrong(f"not asked for: {message}")
        elif "packet" in message:
            self.seen[message["packet"]["decoded"]["payload"]] += 1
        elif "queueStatus" in message:
            status = message["queueStatus"]
            self.statuses.setdefault(status.get("mesh_packet_id", 0), []).append(
                status.get("res", 0))
        self.crowd.moved()

    def mark(self, number):
        if self.behaves and number != self.marks % COUNT:
            self.wrong(f"packet {number} as its {self.marks}.")
        self.marks += 1
        if self.marks % COUNT == 0:
            self.crowd.moved()

    def complete(self, nonce):
        if nonce not in self.asked:
            self.wrong(f"an end mark {nonce} for {self.asked}")
            return
        # A later request may have taken the place of an earlier one.
        del self.asked[:self.asked.index(nonce) + 1]
        self.downloads += 1

    def leave(self):
        self.send(GOODBYE)

    def stir(self):
        """Called now and then."""


class Fast(Client):
    behaves = True


class Asking(Fast):
    """Wants the download again at moments of its own, also when packets are coming."""

    def mark(self, number):
        super().mark(number)
        if self.random.random() < 0.005:
            self.ask()


class Talking(Fast):
    """Sends packets; those that are accepted every other well-behaved client has to see."""

    def stir(self):
        number = self.random.randrange(1, 1 << 31)
        payload = b"from %d: %d" % (self.number, number)
        self.crowd.said[payload] = (self, number)
        self.send(packet(number, PRIVATE, payload))


class Slow(Fast):
    """Reads a little, and then not for a while."""

    small = True

    def data_received(self, data):
        super().data_received(data)
        if self.open and not self.transport.is_closing():
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(self.random.uniform(0, 0.003), self.go_on)

    def go_on(self):
        if self.open and not self.transport.is_closing():
            self.transport.resume_reading()


class Stalled(Client):
    """Stops reading once it has its download. Over the Unix socket it is thrown out for that; TCP
    may have room for all that there is."""

    small = True

    def complete(self, nonce):
        super().complete(nonce)
        self.transport.pause_reading()

    def leave(self):
        self.transport.abort()


class Garbage(Client):
    """Says what is no frame and no message; what it hears is right all the same."""

    behaves = True

    def stir(self):
        noise = bytes(self.random.choices([one for one in range(256) if one != 0x94],
                                          k=self.random.randrange(1, 600)))
        self.send(self.random.choice([
            noise, b"\x94\xc3\x7f" + noise,
            frame(b"\xff" * 40), frame(b"\x0a\x7f\x01"), frame(b""), b"\x94" * 9 + b"\x00"]))


class Half(Client):
    """The beginning of a frame, and nothing more."""

    def begin(self):
        super().begin()
        wire = packet(1 + self.number, PRIVATE, b"never to be seen")
        self.send(wire[:self.random.randrange(1, len(wire))])

    def leave(self):
        self.transport.close()


class Reconnecting(Client):
    """Comes, hears something, goes in one of many ways, and comes again."""

    def __init__(self, crowd, number):
        super().__init__(crowd, number)
        self.left = 0

    def begin(self):
        self.left = self.random.randrange(1, 120)
        super().begin()

    def frame(self, payload):
        super().frame(payload)
        self.left -= 1
        if self.left == 0:
            self.random.choice([self.leave, self.transport.close, self.transport.abort])()

    def connection_lost(self, _error):
        super().connection_lost(_error)
        if not self.crowd.leaving:
            self.crowd.again(self, self.random.uniform(0.001, 0.05))
