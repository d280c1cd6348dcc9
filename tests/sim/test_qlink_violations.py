#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Q-Link simulator: what it says about a client that errs."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from simcase import Case  # noqa: E402

SCRIPT = "qlink_sim.py"

# What a client must not send (protocol sheet, section 9) and the answer to it.
RANGES = (
    "VLO@ 0 50", "VLO@ 10000 50", "VLO@ 10019 50", "VLO@ 10159 50", "VLO@ 101 101",
    "VLB@ 0 1 1 1 5", "VLB@ 16 1 1 1 5", "VLB@ 1 5 1 1 5", "VLB@ 1 1 5 1 5", "VLB@ 1 1 1 9 5",
    "VLA@ 1 18 1 5", "VGC@ 1 190 1", "VSW@ 1 1 0 6", "VSW@ 1 1 256 6", "VSW@ 1 1 1 7",
    "VLD@ 1 1 11 1", "VLD@ 1 1 1 3", "VOD@ 4", "VOS@ 2 1", "VOS@ 1 2", "VOL@ 2", "VEC@ 65536",
)

BAD_LINES = (
    (b"VOS@ 1", "VOS with 1 parameters", "257"),
    (b"VST@ 1 4 2 24", "VST with 4 parameters", "257"),
    (b"VGL@ +1", "parameter '+1' is no number", "257"),
    (b"VLO@ 101 50 3.0", "fade spelled '3.0'", "50"),
    (b"VLO@ 101 50 3.25", "fade spelled '3.25'", "257"),
    (b"VLO@ 101 50 6553.6", "fade spelled '6553.6'", "257"),
    (b"hello", "no command: b'hello'", "256"),
    (b"VGL@  101", "no command: b'VGL@  101'", "256"),
    (b"VGL$ 101", "no command: b'VGL$ 101'", "256"),
    (b"vgl@ 101", "lower case: b'vgl@ 101'", "256"),
    (b"VGL@ 101\nx", r"a command with bytes that are not printable: b'VGL@ 101\nx'", "256"),
    (b"VPG@ " + b"x" * 200, "a command of 205 bytes", "0"),
)


class Violations(Case):
    script = SCRIPT

    def test_ranges(self):
        self.simulate()
        client = self.connected()
        for command in RANGES:
            with self.subTest(command):
                found = len(self.sim.stats()["violations"])
                self.assertEqual(client.ask(command), "257")
                self.assertEqual(len(self.sim.stats()["violations"]), found + 1)
        self.assertEqual(len(self.sim.stop()), len(RANGES))
        self.assertEqual(self.sim.status, 1)

    def test_bad_lines(self):
        self.simulate("--limit", len(BAD_LINES))
        expected = []
        for number, (line, violation, answer) in enumerate(BAD_LINES, 1):
            with self.subTest(line):
                client = self.connected()
                client.send(line + b"\r")
                self.assertEqual(client.line(), answer)
                expected.append(f"connection {number}: {violation}")
        self.finish(*expected)

    def test_lone_cr(self):
        self.simulate()
        client = self.connected()
        client.send(b"\r")
        self.assertEqual(client.ask("VEC@ 1"), "1")
        self.finish("connection 1: a CR alone")

    def test_command_without_end(self):
        self.simulate()
        client = self.connected()
        client.send(b"VGL@")
        client.close()
        self.sim.wait("connections_now", 0, "=")
        self.connected().send(b"V" * 1025)
        self.connected().send(b"VEC@ 1")
        self.finish("connection 1: unterminated bytes b'VGL@' (closed)",
                    "connection 2: more than 1024 bytes without an end",
                    "connection 3: unterminated bytes b'VEC@ 1' (end)")

    def test_second_command_before_the_answer(self):
        self.simulate()
        client = self.connected()
        client.send(b"VGL@ 101\rVGL@ 102\r")
        self.assertEqual([client.line(), client.line()], ["0", "0"])
        client = self.connected()
        client.send(b"VGL@ 101\rVGL@")
        self.assertEqual(client.line(), "0")
        client.send(b" 103\r")
        self.assertEqual(client.line(), "0")
        self.assertEqual(self.sim.stats()["outstanding_max"], {"1": 2, "2": 1})
        self.finish("connection 1: b'VGL@ 102' before the answer to b'VGL@ 101'",
                    "connection 2: b'VGL@' before the answer to b'VGL@ 101'")

    def test_dirty_connection(self):
        self.simulate("--patience", "60000")
        client = self.connected()
        for command in (b"VGL@ 101\r", b"VEC@ 5\r"):
            self.sim.command("answer")
            client.send(command)
            self.sim.stats()
        self.sim.command("patience 0")
        self.assertEqual(client.ask("VGL@ 102"), "0")
        self.assertEqual(client.ask("VEC@ 6"), "6")
        self.assertEqual(client.ask("VGL@ 103"), "0")
        self.finish("connection 1: b'VEC@ 5' before the answer to b'VGL@ 101'",
                    "connection 1: b'VGL@ 102' before the answer to b'VEC@ 5'")

    def test_gap_after_a_suppressed_answer(self):
        self.simulate("--gap", "60000")
        client = self.connected()
        client.send(b"VLO! 101 5\rVGL@ 101\r")
        self.assertEqual(client.line(), "5")
        self.finish("connection 1: b'VGL@ 101' too soon after a command without answer")

    def test_query_port_policies(self):
        violation = "connection 1: a control command on the query port: b'VLO@ 101 5'"
        for policy, lines in (("257", ["257", "1"]), ("accept", ["5", "1"]), ("silent", ["1"]),
                              ("close", [])):
            with self.subTest(policy):
                self.simulate("--readonly-policy", policy, "--patience", "0")
                client = self.connected("query-port")
                client.send(b"VLO@ 101 5\r")
                self.assertEqual(self.sim.command("get 101"), "5" if policy == "accept" else "0")
                if policy == "close":
                    self.assertEqual(client.rest(), b"")
                else:
                    client.send(b"VEC@ 1\r")
                self.assertEqual([client.line() for _ in lines], lines)
                self.finish(violation)

    def test_query_port_classes(self):
        self.simulate()
        client = self.connected("query-port")
        for command in ("VGL@ 101", "VEC@ 1", "VQA@", "VXX@"):
            client.ask(command)
        self.assertEqual(self.sim.stats()["violations"], [])
        for number, command in enumerate(("VSW@ 1 2 3 6", "VOS@ 1 1", "VLP@ 1 1 1 1 2"), 1):
            client.ask(command)
            self.assertEqual(len(self.sim.stats()["violations"]), number)
        self.sim.stop()

    def test_statistics(self):
        self.simulate()
        client = self.connected()
        client.ask("VGL@ 101")
        client.ask("VGL@ 102")
        client.ask("VXX@")
        stats = self.sim.stats()
        self.assertEqual((stats["commands"], stats["commands_by_verb"], stats["bytes_in"]),
                         (3, {"VGL": 2, "other": 1}, 23))
        self.assertEqual(self.sim.command("log"), '[["port", 1, "VGL@ 101"], '
                         '["port", 1, "VGL@ 102"], ["port", 1, "VXX@"]]')


if __name__ == "__main__":
    unittest.main()
