# SPDX-License-Identifier: MIT
"""ARTEMIS frames: what trail cameras speak inside channels 0 and 1.

A frame is the mark, then kind, number and length in little endian, then so many bytes: base64
of something encrypted with one NUL, in answers 21 of them, or plain bytes when it is media. A
reader looks at seven bytes of the mark and slides by one byte when they are not there.
"""

import collections
import random
import struct

from .data import pattern

MARK, HEAD = b"ARTEMIS", struct.Struct("<8sIII")
MEDIA, REQUEST, ANSWER = 0, 2, 3
KINDS = {"media": MEDIA, "request": REQUEST, "answer": ANSWER}
CHANNELS = {MEDIA: 1, REQUEST: 0, ANSWER: 0}
HEARTBEATS = 0x10001
LENGTH_MAX = 1 << 20
# Captured: a heartbeat, the only text whose meaning is known word by word, and a login answer.
HEARTBEAT_TEXT = b"MzlB36X/IVo8ZzI5rG9j1w=="
LOGIN_TEXT = (b"7sQ3+pH/khrx+xvDdflBd3ixG50uhG+jqA2ake/vTTWdajJs+3lXEo+9R+vYAG2G"
              b"EzkeoFARI8e0pWPbQqkRwEpPr6ocZc6sNE6gQmCBgX8=")


def frame(kind, number, body):
    return HEAD.pack(MARK, kind, number & 0xFFFFFFFF, len(body)) + body


def text_frame(kind, number, text):
    return frame(kind, number, text + bytes(21 if kind == ANSWER else 1))


class Reader:
    """Takes a stream apart; `skipped` counts the bytes between frames."""

    def __init__(self):
        self.buffer = b""
        self.skipped = 0

    def feed(self, data):
        """Kind, number and body of each frame that is complete now."""
        self.buffer += data
        found = []
        while True:
            place = self.buffer.find(MARK)
            if place < 0:
                # The mark may have begun.
                place = max(0, len(self.buffer) - len(MARK) + 1)
            self.skipped += place
            self.buffer = self.buffer[place:]
            if len(self.buffer) < HEAD.size:
                return found
            _, kind, number, size = HEAD.unpack_from(self.buffer)
            if size > LENGTH_MAX:
                self.skipped += 1
                self.buffer = self.buffer[1:]
                continue
            if len(self.buffer) < HEAD.size + size:
                return found
            found.append((kind, number, self.buffer[HEAD.size:HEAD.size + size]))
            self.buffer = self.buffer[HEAD.size + size:]


class Artemis:
    """How the camera speaks it. `answers` are texts: to the first request, the second and so on,
    the last one to all that follow."""

    def __init__(self, seed):
        self.answers = []
        self.garbage = 0
        self.random = random.Random(f"{seed} artemis")
        self.counts = collections.Counter()

    def heard(self, session, data):
        """Bytes of channel 0; what the camera says to them."""
        if session.artemis is None:
            session.artemis = Reader()
        before = session.artemis.skipped
        for kind, number, _ in session.artemis.feed(data):
            if kind != REQUEST:
                self.counts["others"] += 1
            elif number >= HEARTBEATS:
                self.counts["heartbeats"] += 1
            else:
                text = self.answers[min(session.requests, len(self.answers) - 1)]
                session.requests += 1
                self.counts["requests"] += 1
                self.send(session, text_frame(ANSWER, number, text), ANSWER)
        self.counts["skipped"] += session.artemis.skipped - before

    def send(self, session, data, kind):
        self.counts["media" if kind == MEDIA else "frames"] += 1
        session.write(CHANNELS[kind], self.noise() + data)

    def media(self, session, count, size):
        """Frame N has `size` bytes of the pattern with seed N."""
        for number in range(1, count + 1):
            self.send(session, frame(MEDIA, number, pattern(number, size)), MEDIA)

    def noise(self):
        """What stands before a frame: never a mark, but most of one now and then."""
        if not self.garbage:
            return b""
        data = self.random.randbytes(self.garbage)
        start = MARK[:self.random.randint(0, min(len(MARK) - 1, self.garbage))]
        return (data[:self.garbage - len(start)] + start).replace(MARK, MARK[::-1])

    def numbers(self):
        names = ("requests", "heartbeats", "others", "frames", "media", "skipped")
        return {f"artemis_{name}": lambda name=name: self.counts[name] for name in names}
