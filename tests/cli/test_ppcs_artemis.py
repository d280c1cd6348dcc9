#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The example ppcs-artemis against a simulated trail camera: its start, frames whole and in pieces,
what stands between them, lengths that nobody means, a heartbeat, and both ends of the session.
"""

import os
import struct
import sys
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, PpcsCase  # noqa: E402

START = "it is a trail camera"
NAMES = {0: "media", 2: "request", 3: "answer"}
MOST = 16 << 20


def head(kind, number, length, mark=b"ARTEMIS\0"):
    return mark + struct.pack("<III", kind, number, length)


def line(channel, kind, number, length):
    return (f"channel {channel}: type {kind} ({NAMES.get(kind, 'unknown')}), "
            f"sequence {number}, length {length}")


class Artemis(PpcsCase):
    tool = "ppcs-artemis"
    program = os.environ.get("PPCS_ARTEMIS", "ppcs-artemis")

    def watch(self, *network, heartbeat=False, start=START):
        """The example at work, connected, its first line read."""
        self.simulate(*network)
        self.peer = ["-b"] * heartbeat + [HOST, str(self.sim.ports["search"])]
        read, self.input = os.pipe()
        tool = self.start_tool(stdin=read)
        os.close(read)
        self.assertEqual(tool.line(), start)
        return tool

    def leave(self, tool):
        """Standard input ends, and so does the session; nothing more is printed."""
        os.close(self.input)
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assert_closed()

    def send(self, channel, data):
        self.sim.command(f"send {channel} {data.hex()}")

    def test_frames(self):
        tool = self.watch()
        self.sim.command("artemis-frame answer 1 login")
        self.sim.command("artemis-frame request 0x10001 heartbeat")
        self.assertEqual(tool.lines(2), [line(0, 3, 1, 129), line(0, 2, 0x10001, 25)])
        self.sim.command("artemis-media 3 5000")
        self.assertEqual(tool.lines(3), [line(1, 0, n, 5000) for n in (1, 2, 3)])
        self.leave(tool)

    def test_pieces(self):
        """Packets end anywhere in a frame, and in the start as well."""
        for size in (1, 2, 7, 19):
            with self.subTest(size):
                tool = self.watch("--packet-size", size)
                self.sim.command("artemis-frame answer 1 login")
                self.sim.command("artemis-frame answer 2 login")
                self.assertEqual(tool.lines(2), [line(0, 3, 1, 129), line(0, 3, 2, 129)])
                self.leave(tool)

    def test_between(self):
        """Bytes of no frame, which may look like the begin of one."""
        tool = self.watch()
        self.send(0, b"xARTEMIxARTEARTEM" + head(3, 5, 2) + b"AA" + head(2, 6, 0))
        self.assertEqual(tool.lines(3), ["channel 0: 17 bytes of no frame", line(0, 3, 5, 2),
                                         line(0, 2, 6, 0)])
        # Seven bytes of the mark are looked at, and what is in a frame is none.
        self.send(0, head(9, 7, 20, b"ARTEMIS!") + head(3, 8, 0) + head(3, 9, 1))
        self.assertEqual(tool.lines(2), [line(0, 9, 7, 20), line(0, 3, 9, 1)])
        self.leave(tool)

    def test_garbage(self):
        tool = self.watch("--artemis-garbage", 11, "--packet-size", 13)
        self.sim.command("artemis-media 4 100")
        expected = []
        for number in (1, 2, 3, 4):
            expected += ["channel 1: 11 bytes of no frame", line(1, 0, number, 100)]
        self.assertEqual(tool.lines(8), expected)
        self.leave(tool)

    def test_waits_for_a_head(self):
        tool = self.watch()
        frame = head(3, 1, 4)
        self.send(0, frame[:19])
        self.sim.wait("blast_pending", 0, "=")
        self.send(1, head(0, 1, 0))
        self.assertEqual(tool.line(), line(1, 0, 1, 0))
        self.send(0, frame[19:])
        self.assertEqual(tool.line(), line(0, 3, 1, 4))
        self.leave(tool)

    def test_lengths(self):
        """One that nobody means is no head; the longest one that is taken swallows what follows."""
        tool = self.watch()
        self.send(0, head(3, 1, 0xFFFFFFFF) + head(3, 2, MOST + 1) + head(3, 3, 0))
        self.assertEqual(tool.lines(2), ["channel 0: 40 bytes of no frame", line(0, 3, 3, 0)])
        # A length in which a head begins.
        self.send(0, head(3, 4, 0)[:16] + head(3, 5, 0))
        self.assertEqual(tool.lines(2), ["channel 0: 16 bytes of no frame", line(0, 3, 5, 0)])
        self.send(0, head(3, 6, MOST) + head(3, 7, 0))
        self.assertEqual(tool.line(), line(0, 3, 6, MOST))
        self.sim.wait("blast_pending", 0, "=")
        self.leave(tool)

    def test_other_channels(self):
        tool = self.watch()
        self.send(4, head(3, 1, 0))
        self.sim.wait("blast_pending", 0, "=")
        self.send(1, head(0, 2, 0))
        self.assertEqual(tool.line(), line(1, 0, 2, 0))
        self.leave(tool)

    def test_heartbeat(self):
        tool = self.watch("--artemis", heartbeat=True)
        self.assertEqual(tool.lines(2), ["sent on " + line(0, 2, 0x10001, 25), "acknowledged"])
        stats = self.sim.stats()
        self.assertEqual((stats["artemis_heartbeats"], stats["artemis_skipped"]), (1, 0))
        self.leave(tool)

    def test_closed_by_the_camera(self):
        tool = self.watch()
        self.sim.command("close")
        self.assertEqual(tool.finish(), (1, "closed: closed by the device\n", ""))
        os.close(self.input)

    def test_other_camera(self):
        tool = self.watch("--first", b"ACT".hex(), start="it is no trail camera")
        self.assertEqual(tool.finish(), (1, "", ""))
        os.close(self.input)
        self.assert_closed()

    def test_says_nothing(self):
        tool = self.watch("--first", "none", start="nothing of a trail camera within 5000 ms")
        self.assertEqual(tool.finish(), (1, "", ""))
        os.close(self.input)
        self.assert_closed()

    def test_usage(self):
        for arguments in ((), ("-b",), (HOST, "1", "2")):
            status, stdout, stderr = self.run_tool(*arguments)
            self.assertEqual((status, stdout), (2, ""))
            self.assertEqual(stderr, "usage: ppcs-artemis [-b] ADDRESS [PORT]\n")


if __name__ == "__main__":
    unittest.main()
