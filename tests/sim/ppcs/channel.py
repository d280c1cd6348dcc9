# SPDX-License-Identifier: MIT
"""The reliable channels: a byte stream in packets with selective acknowledgement.

No sockets and no clocks: what is to be sent goes to `transmit`, times are handed in.
"""

import collections

from .wire import ACKS_MAX, DATA_MAX, DRW_MARK, build_acks, build_data

IN_FLIGHT_MAX = 128
WINDOW, SLACK = 110, 10
RESEND_SECONDS = 0.032
WAITING_MAX = 128 << 10
ACKS_WAITING = 17
# Nobody has sent what is so far ahead.
FUTURE = 1000
PADDED_SIZE = 32


class AckStyle:
    """How acknowledgements look: `mode` says which indexes, `shape` how the list is laid out."""

    MODES = ("normal", "single", "repeat", "reverse", "future", "never")
    SHAPES = ("exact", "padded", "short")

    def __init__(self):
        self.mode = "normal"
        self.shape = "exact"
        self.mark = DRW_MARK

    def messages(self, channel, indexes):
        if self.mode == "never":
            return []
        if self.mode == "single":
            return [self.message(channel, [index]) for index in indexes]
        if self.mode == "repeat":
            indexes = [index for index in indexes for _ in range(3)]
        elif self.mode == "reverse":
            indexes = indexes[::-1]
        elif self.mode == "future":
            last = indexes[-1]
            indexes = indexes + [(last + FUTURE + more) & 0xFFFF for more in range(3)]
        return [self.message(channel, indexes[place:place + ACKS_MAX])
                for place in range(0, len(indexes), ACKS_MAX)]

    def message(self, channel, indexes):
        if self.shape == "short":
            return build_acks(channel, indexes, self.mark, len(indexes) + 3)
        message = build_acks(channel, indexes, self.mark)
        missing = PADDED_SIZE - (len(message) - 4)
        if self.shape == "padded" and missing > 0:
            # The length counts the padding, the count does not.
            message = message[:3] + bytes([PADDED_SIZE]) + message[4:] + bytes(missing)
        return message


class Entry:
    """A packet that is not acknowledged; `serial` counts all transmissions."""

    __slots__ = ("message", "size", "at", "serial")

    def __init__(self, message, size, at, serial):
        self.message = message
        self.size = size
        self.at = at
        self.serial = serial


class Sender:
    def __init__(self, channel, transmit):
        self.channel = channel
        self.transmit = transmit
        self.queue = collections.deque()
        self.queued = 0
        self.flying = {}
        self.flying_bytes = 0
        self.next = 0
        self.window = WINDOW
        self.serial = 0
        self.resends = 0
        self.sent_bytes = 0

    @property
    def pending(self):
        """Bytes that are not acknowledged."""
        return self.queued + self.flying_bytes

    def write(self, data, now):
        for place in range(0, len(data), DATA_MAX):
            self.queue.append(data[place:place + DATA_MAX])
        self.queued += len(data)
        self.pump(now)

    def pump(self, now):
        flying, queue = self.flying, self.queue
        while queue and len(flying) < IN_FLIGHT_MAX:
            if flying:
                oldest = next(iter(flying))
                if (self.next - oldest) & 0xFFFF > self.window + SLACK:
                    return
            data = queue.popleft()
            size = len(data)
            message = build_data(self.channel, self.next, data)
            self.serial += 1
            flying[self.next] = Entry(message, size, now, self.serial)
            self.next = (self.next + 1) & 0xFFFF
            self.queued -= size
            self.flying_bytes += size
            self.sent_bytes += size
            self.transmit(message)

    def again(self, entry, now):
        self.serial += 1
        entry.serial = self.serial
        entry.at = now
        self.resends += 1
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
            elif (index - self.next) & 0xFFFF < 0x8000:
                unknown += 1
        if last is not None:
            self.resend_overtaken(last, serial, now)
            self.pump(now)
        return unknown

    def resend_overtaken(self, last, serial, now):
        """What is older than something that has arrived, and not resent since, is lost."""
        for index, entry in self.flying.items():
            if (index - last) & 0xFFFF < 0x8000:
                return
            if entry.serial < serial:
                self.window = max(0, self.window - 1)
                self.again(entry, now)

    def tick(self, now):
        self.window = min(WINDOW, self.window + 1)
        for entry in self.flying.values():
            if now - entry.at >= RESEND_SECONDS:
                self.again(entry, now)
        self.pump(now)


class Receiver:
    """Puts packets in order; `acks` are the indexes to acknowledge."""

    def __init__(self):
        self.next = 0
        self.early = {}
        self.early_bytes = 0
        self.acks = []
        self.bytes = 0
        self.duplicates = 0

    def take(self, index, data):
        """The bytes that are now in order."""
        ahead = (index - self.next) & 0xFFFF
        if ahead == 0:
            self.acks.append(index)
            self.next = (index + 1) & 0xFFFF
            if self.early:
                data = self.follow(data)
            self.bytes += len(data)
            return data
        if ahead >= 0x8000 or index in self.early:
            self.duplicates += 1
            self.acks.append(index)
        elif self.early_bytes <= WAITING_MAX:
            self.early[index] = data
            self.early_bytes += len(data)
            self.acks.append(index)
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
    """Both directions of one channel."""

    def __init__(self, number, transmit, style):
        self.number = number
        self.transmit = transmit
        self.style = style
        self.sender = Sender(number, transmit)
        self.receiver = Receiver()

    def take(self, index, data):
        found = self.receiver.take(index, data) if data else b""
        if len(self.receiver.acks) >= ACKS_WAITING:
            self.flush()
        return found

    def flush(self):
        """Sends the acknowledgements that are waiting."""
        indexes, self.receiver.acks = self.receiver.acks, []
        if indexes:
            for message in self.style.messages(self.number, indexes):
                self.transmit(message)
