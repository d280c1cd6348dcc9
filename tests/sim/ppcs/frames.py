# SPDX-License-Identifier: MIT
"""Frames of a TCP connection: length, mark, two key bytes and two check bytes before a message.

The body is encrypted with the key of the network and then with one made of the two key bytes.
"""

import functools
import struct

from .cipher import Cipher
from .wire import DATAGRAM_MAX

HEADER_SIZE = 8
MARK = 0x68


class FrameError(ValueError):
    """Bytes that are no frame; the connection cannot go on."""


@functools.lru_cache(maxsize=1024)
def frame_cipher(key):
    return Cipher(key.hex().upper().encode())


def check_bytes(body):
    first, second = 0x43, 0x53
    last = len(body) - 1
    for place, value in enumerate(body):
        mixed = first ^ second ^ value
        if place % 2 == 0:
            second ^= mixed ^ body[last - place]
        first = mixed
    return bytes([first, second])


def encode(message, cipher, key):
    """The frame of a message; `key` is two random bytes."""
    body = frame_cipher(key).walk(cipher.encode(message))
    return struct.pack(">HBB", len(body), MARK, 0) + key + check_bytes(body) + body


class Reader:
    """Takes the bytes of a connection apart."""

    def __init__(self, cipher):
        self.cipher = cipher
        self.buffer = bytearray()

    def feed(self, data):
        """The messages that are complete now, one after the other; FrameError ends it."""
        self.buffer += data
        while len(self.buffer) >= HEADER_SIZE:
            size, mark = struct.unpack_from(">HB", self.buffer)
            if mark != MARK:
                raise FrameError(f"a frame with mark {mark:02x}")
            if size > DATAGRAM_MAX:
                raise FrameError(f"a frame of {size} bytes")
            if len(self.buffer) < HEADER_SIZE + size:
                return
            frame = bytes(self.buffer[:HEADER_SIZE + size])
            del self.buffer[:HEADER_SIZE + size]
            body = frame[HEADER_SIZE:]
            if check_bytes(body) != frame[6:8]:
                raise FrameError("a frame with wrong check bytes")
            yield self.cipher.decode(frame_cipher(frame[4:6]).decode(body))
