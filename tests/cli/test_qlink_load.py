#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""qlink and the scarce thing, connections: one slot for several, thousands of commands, doctor."""

import signal
import socket
import sys
import unittest

sys.dont_write_bytecode = True

from common import ToolCase, refusals  # noqa: E402


def values(thing):
    """All numbers and words within an object."""
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, list):
        return [value for item in thing for value in values(item)]
    return [thing]


class OneSlot(ToolCase):
    """Refused is busy: wait, and succeed when the other has gone."""

    def setUp(self):
        super().setUp()
        self.simulate("--total-limit", "1")
        self.monitor = self.start_tool("monitor")
        self.assertEqual(self.monitor.lines(2), ["connected", "synchronised"])

    def test_waits_for_the_slot(self):
        for words, stdout in ((["set", "101", "50"], ""),
                              (["get", "101", "102"], "101 50\n102 0\n"),
                              (["poll", "101", "--count", "1"], "101 50\n"),
                              (["monitor", "--count", "2"], "connected\nsynchronised\n")):
            with self.subTest(words):
                before = refusals()
                other = self.start_tool(*words)
                self.sim.wait_for(lambda count=before: refusals() > count)
                self.monitor.signal(signal.SIGINT)
                self.monitor.finish()
                self.assertEqual(other.finish(), (0, stdout, ""))
                self.monitor = self.start_tool("monitor")
                self.assertEqual(self.monitor.lines(2), ["connected", "synchronised"])
        self.assertEqual(self.sim.command("get 101"), "50")

    def test_never_free(self):
        for words in (["set", "101", "50"], ["monitor"], ["poll", "101"]):
            self.assert_fails([*words, "--timeout", "0.4"], 3)
        self.sim.command("load 1.1.1.1 9")
        self.assertEqual(self.monitor.line(), "load 1.1.1.1 9")
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_monitor_finds_back_over_one(self):
        self.sim.command("load 1.1.1.1 50")
        self.assertEqual(self.monitor.line(), "load 1.1.1.1 50")
        self.sim.command("load 1.1.1.1 51 quiet")
        self.sim.command("reset")
        self.assertTrue(self.monitor.line().startswith("disconnected"))
        self.assertEqual(self.monitor.lines(3), ["connected", "load 1.1.1.1 51", "synchronised"])
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 1)


class Thousands(ToolCase):
    LOADS = [str(number) for number in range(101, 1101)] * 2

    def check(self, *options):
        self.simulate("--loads", "101-1100")
        self.sim.command("load 101 50 quiet")
        self.sim.command("load 1100 7 quiet")
        levels = {"101": 50, "1100": 7}
        text = "".join(f"{load} {levels.get(load, 0)}\n" for load in self.LOADS)
        self.assert_output(["get", "--gap", "0", *options, *self.LOADS], text)
        stats = self.sim.stats()
        self.assertEqual(stats["commands_by_verb"], {"VGL": 2000})
        self.assertLessEqual(stats["connections_total"], 2)
        self.assertEqual(set(stats["outstanding_max"].values()), {1})
        return stats

    def test_two_connections(self):
        self.check()

    def test_one_connection(self):
        stats = self.check("--connections", "1", "--style", "detailed")
        self.assertEqual(stats["connections_total"], 1)

    def test_one_slot(self):
        self.simulate("--total-limit", "1")
        self.assert_output(["get", "--gap", "0", *["101"] * 200], "101 0\n" * 200)
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 1)


class Doctor(ToolCase):
    def doctor(self, *arguments):
        status, stdout, stderr = self.run_tool("--json", "doctor", *arguments)
        self.assertEqual((status, stderr, stdout.count("\n")), (0, "", 1))
        return self.object(stdout.rstrip("\n"))

    def test_limits(self):
        self.simulate("--limit", "3", "--query-limit", "5")
        found = values(self.doctor("--connections", "1"))
        self.assertIn(3, found)
        self.assertIn(5, found)
        self.sim.wait("connections_now", 0, "=")
        self.assertEqual({line[:3] for line in self.sent()}, {"VEC"})

    def test_open_as_can_be(self):
        self.simulate()
        found = values(self.doctor())
        self.assertEqual((found.count(8), found.count("regular"), found.count("cr")), (2, 2, 2))

    def test_one_slot(self):
        self.simulate("--total-limit", "1")
        found = self.doctor()
        self.assertIn(1, values(found))
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 1)

    def test_style_and_delimiter(self):
        self.simulate("--style", "detailed", "--crlf")
        found = values(self.doctor())
        self.assertEqual((found.count("detailed"), found.count("crlf")), (2, 2))

    def test_text(self):
        self.simulate("--limit", "3")
        status, stdout, stderr = self.run_tool("doctor")
        self.assertEqual((status, stderr), (0, ""))
        self.assertRegex(stdout, rf"\b{self.sim.ports['port']}\b")
        self.assertRegex(stdout, rf"\b{self.sim.ports['query-port']}\b")
        self.assertRegex(stdout, r"\b3\b")

    def test_query_port_closed(self):
        self.simulate()
        with socket.socket() as held:  # bound but not listening
            held.bind(("127.0.0.1", 0))
            self.peer[-1] = str(held.getsockname()[1])
            status, stdout, stderr = self.run_tool("doctor")
        self.assertEqual((status, stderr), (0, ""))
        self.assertRegex(stdout, r"\b8\b")
        self.assertRegex(stdout, "(?i)refused|closed")

    def test_silent(self):
        self.simulate("--silent")
        self.assert_fails(["doctor", "--timeout", "1.5"], 4)


if __name__ == "__main__":
    unittest.main()
