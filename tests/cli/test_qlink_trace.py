#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What qlink writes down: --trace gives a conversation file that can be played, -v the log."""

import os
import sys
import unittest

sys.dont_write_bytecode = True

from common import LIMIT, ToolCase  # noqa: E402

import vectors  # noqa: E402 (common has put the harness on the path)

# Arguments and what they print; each is recorded and then played against itself.
PLAYED = [
    (["set", "101", "50"], ""), (["set", "101", "50", "--fade", "2.5", "--style", "detailed"], ""),
    (["get", "102"], "7\n"), (["get", "102", "101", "--connections", "1"], "102 7\n101 50\n"),
    (["state", "1", "2"], "0 0 0 0 0 0 0 0 0 0\n"), (["leds", "2", "3"], "on 3 4 7\nblink 6\n"),
    (["press", "2", "14", "8"], ""), (["press", "2", "14", "8", "--hold", "10"], ""),
    (["modules", "3"], ""), (["masters"], "1\n"), (["raw", "VLO! 101 50"], ""),
    (["monitoring", "on"], ""),
]


class Trace(ToolCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.dir, "trace")
        self.simulate()
        self.sim.command("load 102 7 quiet")
        self.sim.command("leds 2 3 4C 20")

    def record(self, arguments, stdout):
        self.assert_output(["--trace", self.path, *arguments], stdout)
        return vectors.read(self.path)

    def test_exactly(self):
        found = self.record(["set", "101", "50"], "")
        steps = [(step.kind, step.data, step.connection) for step in found.steps]
        self.assertEqual(steps, [(">", b"VLO@ 101 50\r", 1), ("<", b"50\r", 1)])
        self.assertEqual(len(found.comments), 1)
        self.assertRegex(found.comments[0], r"\bqlink\b")

    def test_written_anew(self):
        self.record(["press", "2", "14", "8"], "")
        self.assertEqual(self.record(["get", "102"], "7\n").sent(), b"VGL@ 102\r")

    def test_all_bytes(self):
        """Events, broken lines, bytes that are no text: all there, in their order."""
        for command in ("crlf on", "dribble on", "before 4c4520312033203443203230ff0d"):
            self.sim.command(command)
        found = self.record(["get", "102"], "7\n")
        self.assertEqual(found.received(), b"LE 1 3 4C 20\xff\r7\r\n"[:len(found.received())])
        self.assertTrue(found.received().startswith(b"LE 1 3 4C 20\xff\r7\r"))

    def test_connections_are_told_apart(self):
        self.sim.command("delay 30")
        self.assert_output(["--trace", self.path, "get", "101", "102"], "101 0\n102 7\n")
        found = vectors.read(self.path)
        both = {found.sent(1), found.sent(2)}
        self.assertEqual(both, {b"VGL@ 101\r", b"VGL@ 102\r"})

    def test_played(self):
        for arguments, stdout in PLAYED:
            with self.subTest(arguments):
                self.record(arguments, stdout)
                model = self.sim, self.peer
                self.simulate("--replay", self.path)
                self.assert_output(arguments, stdout)
                self.sim.wait("conversations", 1)
                self.sim, self.peer = model

    def test_monitor(self):
        tool = self.start_tool("monitor", "--count", "3", "--trace", self.path)
        tool.lines(2)
        self.sim.command("load 2.1.3.3 100")
        self.assertEqual(tool.finish(), (0, "load 2.1.3.3 100\n", ""))
        recorded = vectors.read(self.path)
        self.assertIn(b"LO 2 1 3 3 100\r", recorded.received())
        self.assertEqual(recorded.sent().count(b"VO"), 3)
        self.simulate("--replay", self.path)
        self.assert_output(["monitor", "--count", "3"],
                           "connected\nsynchronised\nload 2.1.3.3 100\n")
        self.sim.wait("conversations", 1)

    def test_failure_is_recorded(self):
        self.assert_fails(["--trace", self.path, "get", "500"], 1)
        found = vectors.read(self.path)
        self.assertEqual((found.sent(), found.received()), (b"VGL@ 500\r", b"257\r"))

    def test_from_the_configuration(self):
        self.write_config(f"[qlink]\ntrace = {self.path}\n")
        self.assert_output(["get", "102"], "7\n")
        self.assertEqual(vectors.read(self.path).sent(), b"VGL@ 102\r")


class Verbose(ToolCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def run_with(self, *arguments):
        status, stdout, stderr = self.run_tool(*arguments)
        self.assertEqual((status, stdout), (0, "0\n"))
        for line in stderr.splitlines():
            self.assertTrue(line.startswith("qlink: "), line)
        return stderr

    def test_nothing_without(self):
        self.assertEqual(self.run_with("get", "101"), "")

    def test_log(self):
        for words in (["-v", "get", "101"], ["get", "101", "--verbose"]):
            text = self.run_with(*words)
            self.assertNotEqual(text, "")
            self.assertNotIn("VGL@ 101", text)

    def test_every_message(self):
        for words in (["-vv", "get", "101"], ["-v", "get", "101", "-v"]):
            text = self.run_with(*words)
            self.assertEqual(text.count("VGL@ 101"), 1)
            self.assertRegex(text, r"(?m)^qlink: < 0(\\r)?$")

    def test_json_stays_clean(self):
        status, stdout, stderr = self.run_tool("-vv", "--json", "get", "101")
        self.assertEqual((status, stdout), (0, '{"load":"101","level":0}\n'))
        self.assertNotEqual(stderr, "")

    def test_line_for_line(self):
        """The log of a stream comes as it happens, not at its end."""
        tool = self.start_tool("-vv", "monitor")
        tool.lines(2)
        self.sim.command("load 2.1.3.3 100")
        tool.line()
        self.sim.wait_for(lambda: "LO 2 1 3 3 100" in tool.stderr(), LIMIT)


if __name__ == "__main__":
    unittest.main()
