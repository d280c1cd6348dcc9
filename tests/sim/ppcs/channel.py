# SPDX-License-Identifier: MIT
"""The reliable channels: a byte stream in packets with selective acknowledgement.

No sockets and no clocks: what is to be sent goes to `transmit`, times are handed in.
"""

import collections
import zlib

from .acks import AckStyle
from .data import AHEAD, DataStyle
from .wire import CHANNELS, build_data

IN_FLIGHT_MAX = 128
WINDOW, SLACK = 110, 10
# How often a sender looks, after which silence it repeats everything, and when in any case.
TICK_SECONDS, RESEND_SECONDS, AGE_MAX = 0.010, 0.032, 1.0
WAITING_MAX = 128 << 10
ACKS_WAITING = 17


class Entry:
    """A packet that is not acknowledged; `serial` counts all transmissions."""

    __slots__ = ("message", "size", "at", "serial")

    def __init__(self, message, size, at, serial):
        self.message = message
        self.size = size
        self.at = at
        self.serial = serial


class Sender:
    """`queue` has what was written, `sources` what is made when there is room for it."""

    def __init__(self, channel, transmit, style=None):
        self.channel = channel
        self.transmit = transmit
        self.style = style or DataStyle()
        self.queue = collections.deque()
        self.place = 0
        self.queued = 0
        self.sources = collections.deque()
        self.flying = {}
        self.flying_bytes = 0
        self.next = 0
        self.window = WINDOW
        self.serial = 0
        self.packets = 0
        self.resends = 0
        self.sent_bytes = 0
        self.crc = 0
        self.heard = 0.0
        self.alien = set()

    @property
    def pending(self):
        """Bytes that are not acknowledged."""
        return self.queued + self.flying_bytes + sum(source.left for source in self.sources)

    def write(self, data, now):
        if data:
            self.queue.append(data)
            self.queued += len(data)
            self.pump(now)

    def feed(self, source, now):
        self.sources.append(source)
        self.pump(now)

    def part(self):
        """The bytes of the next packet; what was written at different times stays apart."""
        size = self.style.packet_size
        if not self.queue:
            while self.sources and not self.sources[0].left:
                self.sources.popleft()
            if not self.sources:
                return b""
            data = self.sources[0].read(size * AHEAD)
            self.queue.append(data)
            self.queued += len(data)
        data = self.queue[0]
        part = data[self.place:self.place + size]
        self.place += size
        if self.place >= len(data):
            self.queue.popleft()
            self.place = 0
        self.queued -= len(part)
        return part

    def pump(self, now):
        flying = self.flying
        while (self.queue or self.sources) and len(flying) < IN_FLIGHT_MAX:
            if not flying:
                self.heard = now
            elif (self.next - next(iter(flying))) & 0xFFFF > self.window + SLACK:
                return
            data = self.part()
            if data:
                self.sent_bytes += len(data)
                self.crc = zlib.crc32(data, self.crc)
                self.packet(data, now)

    def packet(self, data, now):
        """A new packet, with whatever the style puts before and behind it."""
        style = self.style
        message = self.launch(data, now)
        self.packets += 1
        if style.spoil != "off" and self.packets % style.spoil_every == 0:
            for bad in style.bad_copies(message):
                self.transmit(bad)
        self.transmit(message)
        if style.renumber_every and self.packets % style.renumber_every == 0:
            self.transmit(self.launch(data, now))

    def launch(self, data, now):
        message = build_data(self.channel, self.next, data)
        self.serial += 1
        self.flying[self.next] = Entry(message, len(data), now, self.serial)
        self.flying_bytes += len(data)
        self.next = (self.next + 1) & 0xFFFF
        return message

    def jump(self, count):
        """Leaves out indexes, for ever."""
        self.next = (self.next + count) & 0xFFFF

    def again(self, index, entry, now):
        self.resends += 1
        if self.style.renumber_resends:
            self.flying.pop(index)
            self.flying_bytes -= entry.size
            self.transmit(self.launch(entry.message[8:], now))
            return
        self.serial += 1
        entry.serial = self.serial
        entry.at = now
        self.transmit(entry.message)

    def acknowledge(self, indexes, now):
        """Returns how many of the indexes have never been sent."""
        last, serial, unknown = None, 0, 0
        for index in indexes:
            entry = self.flying.pop(index, None)
            if entry:
                self.flying_bytes -= entry.size
                if last is None or (index - last) & 0xFFFF < 0x8000:
                    last, serial = index, entry.serial
            elif (index - self.next) & 0xFFFF < 0x8000 and index not in self.alien:
                unknown += 1
        if last is not None:
            self.heard = now
            self.resend_overtaken(last, serial, now)
            self.pump(now)
        return unknown

    def resend_overtaken(self, last, serial, now):
        """What is older than something that has arrived, and not resent since, is lost."""
        lost = []
        for index, entry in self.flying.items():
            if (index - last) & 0xFFFF < 0x8000:
                break
            if entry.serial < serial:
                lost.append((index, entry))
        for index, entry in lost:
            self.window = max(self.style.window_least, self.window - 1)
            self.again(index, entry, now)

    def tick(self, now):
        self.window = min(WINDOW, self.window + 1)
        oldest = now - (RESEND_SECONDS if now - self.heard >= RESEND_SECONDS else AGE_MAX)
        due = [(index, entry) for index, entry in self.flying.items() if entry.at <= oldest]
        for index, entry in due:
            self.again(index, entry, now)
        self.pump(now)


class Receiver:
    """Puts packets in order; `acks` are the indexes to acknowledge.

    `unread` bytes are in order, but nobody has taken them.
    """

    def __init__(self):
        self.next = 0
        self.early = {}
        self.early_bytes = 0
        self.unread = 0
        self.acks = []
        self.bytes = 0
        self.crc = 0
        self.duplicates = 0
        self.refused = 0

    def take(self, index, data):
        """The bytes that are now in order."""
        ahead = (index - self.next) & 0xFFFF
        if ahead == 0 and self.unread <= WAITING_MAX:
            self.acks.append(index)
            self.next = (index + 1) & 0xFFFF
            if self.early:
                data = self.follow(data)
            self.bytes += len(data)
            self.crc = zlib.crc32(data, self.crc)
            return data
        if ahead >= 0x8000 or index in self.early:
            self.duplicates += 1
            self.acks.append(index)
        elif ahead and self.early_bytes + self.unread <= WAITING_MAX:
            self.early[index] = data
            self.early_bytes += len(data)
            self.acks.append(index)
        else:
            self.refused += 1
        return b""

    def follow(self, data):
        parts = [data]
        while self.next in self.early:
            part = self.early.pop(self.next)
            self.early_bytes -= len(part)
            self.next = (self.next + 1) & 0xFFFF
            parts.append(part)
        return b"".join(parts)


class Channel:
    """Both directions of one channel. `aside` has what the camera has not read."""

    def __init__(self, number, transmit, acks=None, style=None):
        self.number = number
        self.transmit = transmit
        self.acks = acks or AckStyle()
        self.sender = Sender(number, transmit, style)
        self.receiver = Receiver()
        self.aside = collections.deque()
        self.said = []

    def take(self, index, data):
        found = self.receiver.take(index, data) if data else b""
        if len(self.receiver.acks) >= ACKS_WAITING:
            self.flush()
        return found

    def put_aside(self, data):
        self.aside.append(data)
        self.receiver.unread += len(data)

    def take_aside(self):
        data = self.aside.popleft()
        self.receiver.unread -= len(data)
        return data

    def source(self, source, now):
        """The statistics know a channel's last sources."""
        self.said = [*self.said[-7:], source]
        self.sender.feed(source, now)

    def flush(self):
        """Sends the acknowledgements that are waiting."""
        indexes, self.receiver.acks = self.receiver.acks, []
        if indexes:
            for message in self.acks.messages(self.number, indexes):
                self.transmit(message)


def channels(word):
    """The channels that a word of the console means: all, none, or numbers such as 0,3-5."""
    known = {"on": range(CHANNELS), "all": range(CHANNELS), "off": (), "none": ()}
    if word in known:
        return set(known[word])
    found = set()
    for part in word.split(","):
        first, _, last = part.partition("-")
        if not 0 <= int(first) <= int(last or first) < CHANNELS:
            raise ValueError(f"'{part}' is neither a channel nor a range")
        found |= set(range(int(first), int(last or first) + 1))
    return found
