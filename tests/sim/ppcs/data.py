# SPDX-License-Identifier: MIT
"""What the channels carry: bytes that a test can make again, and what becomes of those that come.

The bytes of a source are made of its seed so that any program has them in a few lines:

    x = seed; 65521 times: x = (1664525 * x + 1013904223) mod 2^32, table[k] = x >> 24
    byte i = table[i mod 65521] xor (i div 65521 mod 256)

They repeat after 16773376 bytes; every offset below that has surroundings of its own.
"""

import functools
import hashlib
import zlib

from .wire import CHANNELS, DATA_MAX

PRIME = 65521
ROWS = [bytes(value ^ row for value in range(256)) for row in range(256)]
# An echo stops reading when so much of what it said has not been heard.
ECHO_MAX = 1 << 20
# So many packets are made of a source at once.
AHEAD = 32


@functools.lru_cache(maxsize=64)
def table(seed):
    found, x = bytearray(PRIME), seed & 0xFFFFFFFF
    for place in range(PRIME):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        found[place] = x >> 24
    return bytes(found)


def pattern(seed, count, start=0):
    """The bytes of a source from `start` on."""
    row, place = divmod(start, PRIME)
    parts = []
    while count > 0:
        part = table(seed)[place:place + count].translate(ROWS[row & 255])
        parts.append(part)
        count -= len(part)
        row, place = row + 1, 0
    return b"".join(parts)


class Source:
    """So many bytes of a pattern; the digests are of what has been taken."""

    def __init__(self, count, seed):
        self.seed = seed
        self.taken = 0
        self.left = count
        self.crc = 0
        self.sha = hashlib.sha256()

    def read(self, count):
        data = pattern(self.seed, min(count, self.left), self.taken)
        self.taken += len(data)
        self.left -= len(data)
        self.crc = zlib.crc32(data, self.crc)
        self.sha.update(data)
        return data

    def details(self):
        return {"seed": self.seed, "bytes": self.taken, "left": self.left,
                "crc32": f"{self.crc:08x}", "sha256": self.sha.hexdigest()}


class DataStyle:
    """What the console says about the data of all sessions; channels are sets of numbers.

    Every `spoil_every`th packet goes out in a bad form before the right one, every
    `renumber_every`th a second time under the next index.
    """

    SPOILS = ("off", "empty", "long", "short", "channel")

    def __init__(self):
        self.echo = set()
        self.sink = set()
        self.unread = set()
        self.sources = {}
        self.packet_size = DATA_MAX
        self.window_least = 0
        self.spoil, self.spoil_every = "off", 1
        self.renumber_every = 0
        self.renumber_resends = False
        # Words of commands by the number of bytes after which a session runs them.
        self.marks = []

    def bad_copies(self, message):
        """What goes out before this packet, which is the `spoil_every`th."""
        if self.spoil == "off":
            return []
        return [spoiled(self.spoil, message)]


def spoiled(how, message):
    """A DRW in a form that is wrong; what is taken of it in spite of that spoils the stream.

    `short` alone may be taken: as much as its header says is right.
    """
    if how == "empty":
        return message[:2] + b"\0\4" + message[4:8]
    if how == "short":
        return message + b"behind"
    wrong = bytes(value ^ 0xFF for value in message[8:])
    if how == "long":
        size = len(message) - 4 + 6
        return message[:2] + bytes((size >> 8, size & 255)) + message[4:8] + wrong
    channel = CHANNELS + message[7] % (256 - CHANNELS)
    return message[:5] + bytes((channel,)) + message[6:8] + wrong
