#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: a lot of data through its channels, by a client of its own."""

import hashlib
import os
import random
import sys
import unittest
import zlib

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs.channel import Channel, channels  # noqa: E402
from ppcs.data import pattern  # noqa: E402
from ppcs_peer import CLOSE, Peer, PeerCase  # noqa: E402
from simulator import SimulatorError  # noqa: E402


def byte_of_source(seed, place):
    """As the help says it, one byte at a time."""
    x = seed
    for _ in range(place % 65521 + 1):
        x = (1664525 * x + 1013904223) % (1 << 32)
    return x >> 24 ^ place // 65521 % 256


class Bytes(unittest.TestCase):
    def test_pattern(self):
        self.assertEqual(pattern(0, 6).hex(), bytes(byte_of_source(0, i) for i in range(6)).hex())
        self.assertEqual(pattern(0, 6).hex(), "3c47d1aa629f")
        for seed, place in ((0, 65520), (1, 65521), (7, 70000), (4294967295, 65521 * 256 + 5)):
            self.assertEqual(pattern(seed, 1, place)[0], byte_of_source(seed, place))
        whole = pattern(5, 200000)
        self.assertEqual(b"".join(pattern(5, 999, start) for start in range(0, 199800, 999)),
                         whole[:199800])

    def test_no_place_like_another(self):
        data = pattern(1, 1 << 20)
        parts = {data[place:place + 16] for place in range(0, len(data) - 16, 997)}
        self.assertEqual(len(parts), len(range(0, len(data) - 16, 997)))

    def test_channels(self):
        self.assertEqual([channels(word) for word in ("on", "none", "3", "0,2-4")],
                         [set(range(8)), set(), {3}, {0, 2, 3, 4}])
        for bad in ("8", "x", "3-2", "-1", ""):
            self.assertRaises(ValueError, channels, bad)


class Streams(PeerCase):
    def test_source(self):
        self.simulate("--source", "1,4 1000000", "--source", "5 70000 99")
        peer = self.peer()
        sizes = {1: (1000000, 1), 4: (1000000, 4), 5: (70000, 99)}
        self.run_until(peer, lambda: all(
            len(peer.ins[number].found) >= size for number, (size, _) in sizes.items()))
        self.sim.wait("blast_pending", 0, "=")
        stats = self.sim.stats()
        for number, (size, seed) in sizes.items():
            data = pattern(seed, size)
            self.assertEqual(bytes(peer.ins[number].found), data)
            self.assertEqual(stats["sources"][peer.name][str(number)], [{
                "seed": seed, "bytes": size, "left": 0, "crc32": f"{zlib.crc32(data):08x}",
                "sha256": hashlib.sha256(data).hexdigest()}])
            found = stats["channels"][peer.name][str(number)]
            self.assertEqual((found["bytes_out"], found["crc32_out"]),
                             (size, f"{zlib.crc32(data):08x}"))
        self.end(peer)

    def test_source_by_console(self):
        self.simulate()
        first, second = self.peer(), self.peer()
        self.sim.command("source 2 5000 0x10")
        self.sim.command("source 2 100")
        for peer in (first, second):
            self.run_until(peer, lambda peer=peer: len(peer.ins[2].found) == 5100)
            self.assertEqual(peer.ins[2].found, pattern(16, 5000) + pattern(2, 100))
        self.sim.command("source on off")
        third = self.peer()
        self.sim.command("source 7 5")
        self.run_until(third, lambda: third.ins[7].found)
        self.assertEqual(third.ins[2].found, b"")
        self.assertRaises(SimulatorError, self.sim.command, "source 8 100")
        self.end(first, second, third)

    def test_source_is_made_when_there_is_room(self):
        self.simulate("--source", "0 1000000000000")
        peer = self.peer()
        self.run_until(peer, lambda: len(peer.ins[0].found) >= 100000)
        found = self.sim.stats()["sources"][peer.name]["0"][0]
        self.assertLess(found["bytes"], len(peer.ins[0].found) + 800000)
        self.assertEqual(found["left"] + found["bytes"], 10 ** 12)
        self.end(peer)

    def test_echo_of_all_channels_at_once(self):
        self.simulate("--echo", "on", "--first", "none")
        peer = self.peer()
        data = [random.Random(number).randbytes(200000 + number) for number in range(8)]
        for number in range(8):
            peer.write(number, data[number])
        self.run_until(peer, lambda: all(
            len(peer.ins[number].found) >= len(data[number]) for number in range(8)))
        self.assertEqual([bytes(found.found) for found in peer.ins], data)
        self.end(peer)

    def test_echo_and_sink_of_some_channels(self):
        self.simulate("--echo", "3", "--sink", "4-5")
        peer = self.peer()
        for number in range(2, 6):
            peer.write(number, b"%d" % number * 2000)
        self.run_until(peer, lambda: not peer.pending() and len(peer.ins[3].found) == 2000)
        self.assertEqual([len(peer.ins[number].found) for number in range(2, 6)], [0, 2000, 0, 0])
        stats = self.sim.stats()
        self.assertEqual(stats["sinks"][peer.name], {str(number): {
            "bytes": 2000, "sha256": hashlib.sha256(b"%d" % number * 2000).hexdigest()}
            for number in (4, 5)})
        found = stats["channels"][peer.name]["2"]
        self.assertEqual((found["bytes_in"], found["crc32_in"]),
                         (2000, f"{zlib.crc32(b'2' * 2000):08x}"))
        self.end(peer)

    def test_send_text(self):
        self.simulate()
        peer = self.peer()
        self.sim.command("send-text 6 two words")
        self.sim.command("send 6 ff00")
        self.run_until(peer, lambda: peer.ins[6].found == b"two words\xff\0")
        self.end(peer)

    def test_small_packets_and_the_wrap(self):
        self.simulate("--packet-size", "7", "--echo", "1")
        peer = self.peer()
        self.sim.command("source 3 480000")
        data = random.Random(1).randbytes(70000)
        peer.write(1, data, 1)
        self.run_until(peer, lambda: not peer.pending() and len(peer.ins[3].found) == 480000
                       and len(peer.ins[1].found) == 70000)
        self.assertEqual((peer.ins[1].found, peer.ins[3].found), (data, pattern(3, 480000)))
        found = self.sim.stats()["channels"][peer.name]
        self.assertEqual(peer.ins[3].next, found["3"]["next_out"])
        self.assertEqual(found["3"]["next_out"], -(-480000 // 7) - 65536)
        self.assertEqual(found["1"]["next_in"], 70000 - 65536)
        self.end(peer)

    def test_reads_no_more(self):
        self.simulate("--read", "off 2", "--echo", "on")
        peer = self.peer()
        data = random.Random(1).randbytes(400000)
        peer.write(2, data)
        peer.write(3, data)
        self.run_until(peer, lambda: len(peer.ins[3].found) == 400000)
        self.sim.wait("drw_refused", 1)
        stats = self.sim.stats()
        self.assertEqual((peer.ins[2].found, peer.outs[2].pending()), (b"", True))
        self.assertTrue(128 << 10 < stats["drw_unread"] <= (128 << 10) + 1024)
        self.assertEqual(stats["channels"][peer.name]["2"]["bytes_in"], stats["drw_unread"])
        self.sim.command("read on")
        self.run_until(peer, lambda: len(peer.ins[2].found) == 400000)
        self.assertEqual(peer.ins[2].found, data)
        self.end(peer)

    def test_echo_that_is_not_heard_does_not_listen(self):
        self.simulate("--echo", "on")
        peer = self.peer()
        peer.acknowledging = False
        peer.write(2, bytes(4 << 20))
        self.run_until(peer, lambda: self.sim.stats()["drw_refused"] > 100)
        # What it has said is 1 MiB, what it keeps 128 KiB.
        self.assertLess(peer.outs[2].place, 1500 << 10)
        peer.acknowledging = True
        self.run_until(peer, lambda: len(peer.ins[2].found) == 4 << 20)
        self.end(peer)

    def test_bad_line(self):
        self.simulate("--echo", "on", "--first", "none")
        peer = self.peer()
        for command in ("loss 20", "duplicate 5", "reorder 20"):
            self.sim.command(command)
        data = [random.Random(number).randbytes(60000) for number in range(8)]
        for number in range(8):
            peer.write(number, data[number])
        self.run_until(peer, lambda: not peer.pending() and all(
            len(peer.ins[number].found) == 60000 for number in range(8)))
        self.assertEqual([bytes(found.found) for found in peer.ins], data)
        stats = self.sim.stats()
        self.assertGreater(min(stats["resends"], stats["duplicates"], stats["lost_in"]), 10)
        for command in ("loss 0", "duplicate 0", "reorder 0"):
            self.sim.command(command)
        self.end(peer)

    def test_statistics_outlive_the_session(self):
        self.simulate("--sink")
        peer = self.peer()
        peer.write(1, b"abc")
        self.run_until(peer, lambda: not peer.pending())
        peer.send(CLOSE)
        self.sim.wait("sessions", 0, "=")
        stats = self.sim.stats()
        self.assertEqual((stats["drw_bytes_1"], stats["drw_bytes"], stats["drw_sent_0"]),
                         (3, 3, 3))
        self.assertEqual(stats["channels"][peer.name]["1"]["bytes_in"], 3)
        self.finish()


class Window(PeerCase):
    def test_option(self):
        self.simulate("--window", "100")
        peer = self.peer()
        peer.acknowledging = False
        self.sim.command("source 1 102400")
        self.run_until(peer, lambda: peer.ins[1].next == 100)
        # The last one alone has arrived: 99 are resent.
        peer.send(bytes.fromhex("f1d10006d10100010063"))
        self.sim.wait("resends", 99)
        self.assertGreaterEqual(self.sim.stats()["channels"][peer.name]["1"]["window"], 100)
        peer.acknowledging = True
        self.run_until(peer, lambda: self.sim.stats()["blast_pending"] == 0)
        self.end(peer)

    def test_least(self):
        out = []
        for least, expected in ((0, 0), (50, 50)):
            channel = Channel(0, out.append)
            channel.sender.style.window_least = least
            for _ in range(60):
                channel.sender.write(bytes(9000), 0.0)
                numbers = list(channel.sender.flying)
                channel.sender.acknowledge(numbers[-1:], 0.0)
                channel.sender.acknowledge(numbers[:-1], 0.0)
            self.assertEqual(channel.sender.window, expected)


if __name__ == "__main__":
    unittest.main()
