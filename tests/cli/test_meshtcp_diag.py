#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp diag: what happens to a connection, and the sum of it."""

import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import TIME, refusals  # noqa: E402
from meshtcp_common import CONFIG_NONCE, MeshtcpCase  # noqa: E402

DAY = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
SUMMARY = ["time", "event", "duration_ms", "connected_percent", "packets", "bytes",
           "longest_gap_ms", "reconnects", "mean_back_ms"]


class Diag(MeshtcpCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def diag(self, *arguments):
        """A diag whose events next() reads, connected and ready."""
        tool = self.start_tool("--json", "diag", *arguments)
        self.assertEqual(self.next(tool)["event"], "connected")
        found = self.next(tool)
        self.assertEqual(found["event"], "ready")
        self.assertGreater(found["download_ms"], 90)
        return tool

    def check(self, line):
        found = self.object(line)
        self.assertEqual(list(found)[:2], ["time", "event"])
        self.assertRegex(found["time"], TIME)
        return found

    def next(self, tool):
        return self.check(tool.line())

    def lost(self, tool, reason):
        """The next event is a loss for this reason."""
        found = self.next(tool)
        self.assertEqual((found["event"], found["reason"]), ("disconnected", reason))
        self.assertIsInstance(found["retry_ms"], int)

    def summary(self, text):
        """The one line that is left."""
        self.assertEqual(text.count("\n"), 1, text)
        found = self.check(text.rstrip("\n"))
        self.assertEqual((found["event"], list(found)), ("summary", SUMMARY))
        return found

    def end(self, tool, number=signal.SIGINT, connected=True):
        """Ends it; its summary."""
        return self.summary(self.assert_ends(tool, number, connected))


class Events(Diag):
    def test_quiet(self):
        tool = self.diag("--gap", "2")
        self.tell("text BOB x", "position BOB 1 2")
        # When nothing comes any more both have been read.
        self.assertEqual(self.next(tool)["event"], "packet_gap")
        found = self.end(tool)
        self.assertEqual((found["packets"], found["reconnects"], found["mean_back_ms"]),
                         (2, {}, None))
        self.assertTrue(0 < found["connected_percent"] <= 100)
        self.assertGreater(found["bytes"], 500)
        self.assertEqual(self.sim.stats()["last_nonce"], CONFIG_NONCE)

    def test_lost_and_back(self):
        tool = self.diag()
        self.tell("reset")
        self.lost(tool, "reset")
        self.assertEqual([self.next(tool)["event"] for _ in range(2)], ["connected", "ready"])
        self.tell("close")
        self.lost(tool, "closed")
        self.assertEqual([self.next(tool)["event"] for _ in range(2)], ["connected", "ready"])
        found = self.end(tool, signal.SIGTERM)
        self.assertEqual(found["reconnects"], {"closed": 1, "reset": 1})
        self.assertTrue(500 < found["mean_back_ms"] < 5000)
        self.assertTrue(5 < found["connected_percent"] < 95)
        self.assertLess(found["longest_gap_ms"], found["duration_ms"])

    def test_gone(self):
        """Attempts that fail are told as what they are."""
        tool = self.diag()
        self.tell("listen off", "close")
        self.lost(tool, "closed")
        self.lost(tool, "refused")
        self.assertEqual(self.end(tool, connected=False)["reconnects"], {"closed": 1, "refused": 1})

    def test_other_client(self):
        """Thrown out again and again."""
        self.tell("evict-how close")
        tool = self.diag()
        for reason in ("closed", "closed", "evicted"):
            self.tell("close")
            self.lost(tool, reason)
            if reason == "closed":
                self.assertEqual([self.next(tool)["event"] for _ in range(2)],
                                 ["connected", "ready"])
        self.assertEqual(self.end(tool, connected=False)["reconnects"],
                         {"closed": 2, "evicted": 1})

    def test_gap(self):
        tool = self.diag("--gap", "0.4")
        found = self.next(tool)
        self.assertEqual(found["event"], "packet_gap")
        self.assertTrue(400 <= found["gap_ms"] < 1500)
        # Once for each silence.
        self.tell("text BOB x")
        self.assertEqual(self.next(tool)["event"], "packet_gap")
        self.assertGreaterEqual(self.end(tool)["longest_gap_ms"], 400)

    def test_text(self):
        tool = self.start_tool("diag", "--gap", "0.3")
        connected, ready, gap = tool.lines(3)
        self.assertRegex(connected, rf"\A{DAY} connected\Z")
        self.assertRegex(ready, rf"\A{DAY} ready \d+ ms\Z")
        self.assertRegex(gap, rf"\A{DAY} packet_gap \d+ ms\Z")
        self.tell("close")
        self.assertRegex(tool.line(), rf"\A{DAY} disconnected closed, next attempt in \d+ ms\Z")
        tool.lines(2)
        self.assertRegex(self.assert_ends(tool), (
            rf"(?m)^{DAY} summary connected \d+\.\d %, 0 packets, longest gap \d+ ms, "
            r"reconnects closed 1, mean time to be back \d+ ms\n\Z"))


class Ends(Diag):
    def test_duration(self):
        begin = time.monotonic()
        status, stdout, stderr = self.run_tool("--json", "diag", "--duration", "0.6")
        elapsed = time.monotonic() - begin
        self.assertGreater(elapsed, 0.59)
        self.assertEqual((status, stderr), (0, ""))
        found = self.summary(stdout.splitlines(True)[-1])
        # The tool counts from its own start.
        self.assertTrue(300 < found["duration_ms"] <= elapsed * 1000 + 1, found)
        self.assert_gone()

    def test_count(self):
        """So many lines, of which the summary is the last."""
        for count in (1, 2, 3):
            status, stdout, _ = self.run_tool("--json", "diag", "--count", count)
            events = [self.check(line)["event"] for line in stdout.splitlines()]
            expected = [*["connected", "ready"][:count - 1], "summary"]
            self.assertEqual((status, events), (0, expected))

    def test_unreachable(self):
        """Not connected within --timeout: the summary all the same, and status 3."""
        self.tell("listen off")
        status, stdout, stderr = self.run_tool("--json", "diag", "--timeout", "0.4")
        events = [self.check(line) for line in stdout.splitlines()]
        self.assertEqual([event["event"] for event in events], ["disconnected", "summary"])
        self.assertEqual((status, events[0]["reason"], events[1]["connected_percent"]),
                         (3, "refused", 0))
        self.assertEqual(stderr.count("\n"), 1)

    def test_back_in_time(self):
        self.tell("listen off")
        before = refusals()
        tool = self.start_tool("--json", "diag", "--count", "4")
        self.sim.wait_for(lambda: refusals() > before)
        self.tell("listen on")
        status, stdout, _ = tool.finish()
        self.assertEqual((status, [self.check(line)["event"] for line in stdout.splitlines()]),
                         (0, ["disconnected", "connected", "ready", "summary"]))

    def test_mute(self):
        """Connected, but without a download."""
        self.tell("download-fault silent")
        status, stdout, stderr = self.run_tool("--json", "diag", "--timeout", "0.5")
        self.assertEqual((status, self.check(stdout.splitlines()[0])["event"]), (4, "connected"))
        self.assertEqual(stderr.count("\n"), 1)


class Raw(Diag):
    """A connection that asks for nothing."""

    def test_left_alone(self):
        tool = self.start_tool("--json", "diag", "--raw", "--gap", "0.1")
        self.assertEqual(self.next(tool)["event"], "connected")
        self.tell("text BOB x")
        found = self.end(tool)
        self.assertEqual((found["packets"], found["bytes"], found["reconnects"]), (0, 0, {}))
        self.assertEqual([list(entry)[2] for entry in self.log()], ["disconnect", "closed"])
        self.assertEqual(self.sim.stats()["wake_bytes"], 0)

    def test_closed(self):
        tool = self.start_tool("--json", "diag", "--raw", "--count", "4")
        self.assertEqual(self.next(tool)["event"], "connected")
        self.tell("reset")
        self.lost(tool, "reset")
        self.assertEqual(self.next(tool)["event"], "connected")
        status, stdout, _ = tool.finish()
        found = self.summary(stdout)
        self.assertEqual((status, found["reconnects"]), (0, {"reset": 1}))

    def test_bytes(self):
        """What the node says unasked is counted."""
        tool = self.start_tool("--json", "diag", "--raw", "--count", "3")
        self.assertEqual(self.next(tool)["event"], "connected")
        self.tell("debug-text hello", "close")
        # The end of the stream comes behind the text: who has told it has read both.
        self.lost(tool, "closed")
        self.assertEqual(self.summary(tool.finish()[1])["bytes"], 7)


if __name__ == "__main__":
    unittest.main()
