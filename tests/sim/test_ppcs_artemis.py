#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: ARTEMIS frames in channels 0 and 1."""

import os
import struct
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs.artemis import HEARTBEAT_TEXT, LOGIN_TEXT, Artemis, Reader, text_frame  # noqa: E402
from ppcs.data import pattern  # noqa: E402
from ppcs_peer import PeerCase  # noqa: E402
from simulator import SimulatorError  # noqa: E402

# Captured: the whole stream of one packet, a heartbeat.
HEARTBEAT = bytes.fromhex("415254454d4953000200000001000100190000004d7a6c423336582f49566f385a7a"
                          "49357247396a31773d3d00")


def request(number, text=b"AAAA"):
    return b"ARTEMIS\0" + struct.pack("<III", 2, number, len(text) + 1) + text + b"\0"


def answer(number, text):
    return b"ARTEMIS\0" + struct.pack("<III", 3, number, len(text) + 21) + text + bytes(21)


class Frames(unittest.TestCase):
    def test_captured(self):
        self.assertEqual(text_frame(2, 0x10001, HEARTBEAT_TEXT), HEARTBEAT)
        head = text_frame(3, 1, LOGIN_TEXT)[:28]
        self.assertEqual(head.hex(), "415254454d4953000300000001000000810000003773" "51332b70482f")

    def test_reader(self):
        stream = b"xxARTEMIARTEMARTEMISARTE" + request(1) + b"AAAR" + HEARTBEAT + b"ARTEM"
        expected = [(2, 1, b"AAAA\0"), (2, 0x10001, HEARTBEAT_TEXT + b"\0")]
        # A mark and nonsense behind it: a length that nobody means.
        for size in (1, 2, 7, len(stream)):
            reader, found = Reader(), []
            for place in range(0, len(stream), size):
                found += reader.feed(stream[place:place + size])
            self.assertEqual(found, expected)
            self.assertEqual((reader.skipped, reader.buffer), (24 + 4, b"ARTEM"))

    def test_garbage_is_no_frame(self):
        artemis = Artemis(1)
        artemis.garbage = 9
        parts = [artemis.noise() for _ in range(200)]
        self.assertEqual({len(part) for part in parts}, {9})
        self.assertGreater(sum(part.endswith(b"ARTEMI") for part in parts), 5)
        self.assertNotIn(True, [b"ARTEMIS" in part for part in parts])


class Camera(PeerCase):
    def stream(self, peer, number, size):
        self.run_until(peer, lambda: len(peer.ins[number].found) >= size)
        return bytes(peer.ins[number].found)

    def test_answers(self):
        self.simulate("--artemis")
        peer = self.peer()
        peer.write(0, b"noise" + request(1)[:10])
        peer.write(0, request(1)[10:] + HEARTBEAT + request(2))
        expected = b"ACK" + answer(1, LOGIN_TEXT) + answer(2, LOGIN_TEXT)
        self.assertEqual(self.stream(peer, 0, len(expected)), expected)
        stats = self.sim.stats()
        self.assertEqual([stats[f"artemis_{name}"] for name in (
            "requests", "heartbeats", "others", "frames", "skipped")], [2, 1, 0, 2, 5])
        self.end(peer)

    def test_answers_by_option(self):
        self.simulate("--artemis", "b25l dHdv", "--first", "none")
        first, second = self.peer(), self.peer()
        for peer in (first, second):
            peer.write(0, request(5) + request(6) + request(7))
            expected = answer(5, b"b25l") + answer(6, b"dHdv") + answer(7, b"dHdv")
            self.assertEqual(self.stream(peer, 0, len(expected)), expected)
        self.sim.command("artemis off")
        first.write(0, request(8))
        self.run_until(first, lambda: not first.pending())
        self.assertEqual(self.sim.stats()["artemis_requests"], 6)
        self.end(first, second)

    def test_frames(self):
        self.simulate("--first", "none", "--at", "0 artemis-frame answer 1",
                      "--at", "0 artemis-frame request 0x10001 heartbeat",
                      "--at", "0 artemis-frame media 9 b25l")
        peer = self.peer()
        expected = answer(1, LOGIN_TEXT) + HEARTBEAT
        self.assertEqual(self.stream(peer, 0, len(expected)), expected)
        media = b"ARTEMIS\0" + struct.pack("<III", 0, 9, 5) + b"b25l\0"
        self.assertEqual(self.stream(peer, 1, len(media)), media)
        self.assertRaises(SimulatorError, self.sim.command, "artemis-frame other 1")
        self.end(peer)

    def test_media_and_garbage(self):
        self.simulate("--artemis-garbage", "11")
        peer = self.peer()
        self.sim.command("artemis-media 3 5000")
        found = self.stream(peer, 1, 3 * (11 + 20 + 5000))
        for number in (1, 2, 3):
            frame = b"ARTEMIS\0" + struct.pack("<III", 0, number, 5000) + pattern(number, 5000)
            self.assertEqual(found[11:5031], frame)
            found = found[5031:]
        self.assertEqual(found, b"")
        self.assertEqual(self.sim.stats()["artemis_media"], 3)
        self.end(peer)


if __name__ == "__main__":
    unittest.main()
