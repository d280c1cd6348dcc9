# SPDX-License-Identifier: MIT
"""Frames, and the node's own reader of them (protocol sheet, section 3).

The node's reader is a simple one: a byte that ends a false start is not looked at again, so
a stray 94 right before a frame costs that frame.
"""

from .tables import FRAME_MAX

START = b"\x94\xc3"
WAKE = 0xC3
HEADER_SIZE = 4


def frame(payload):
    return START + len(payload).to_bytes(2, "big") + payload


class Reader:
    """`feed` gives ("frame", payload), ("noise", bytes) and ("long", header) as they come."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        while self.buffer:
            found = self.cut()
            if not found:
                return
            yield found

    def cut(self):
        """The next thing at the head of the buffer, None when it is not complete."""
        buffer = self.buffer
        if buffer[0] != START[0]:
            size = buffer.find(START[0])
            return self.take("noise", size if size > 0 else len(buffer))
        if len(buffer) < 2:
            return None
        if buffer[1] != START[1]:
            return self.take("noise", 2)
        if len(buffer) < HEADER_SIZE:
            return None
        length = int.from_bytes(buffer[2:HEADER_SIZE], "big")
        if length > FRAME_MAX:
            return self.take("long", HEADER_SIZE)
        if len(buffer) < HEADER_SIZE + length:
            return None
        kind, whole = self.take("frame", HEADER_SIZE + length)
        return kind, whole[HEADER_SIZE:]

    def take(self, kind, size):
        found = bytes(self.buffer[:size])
        del self.buffer[:size]
        return kind, found
