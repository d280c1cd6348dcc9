#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of what the simulators share, of the starter of simulators and the file reader."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import simlib  # noqa: E402
import vectors  # noqa: E402
from simcase import Case, Client  # noqa: E402
from simulator import Simulator, SimulatorError, Violation  # noqa: E402

SCRIPT = "qlink_sim.py"

BAD_FILES = (
    ("", "without bytes"),
    ("> 41", "1: the last line has no end"),
    ("# only\n: VGL 101\n", "without bytes"),
    ("> 41\n\n?? x\n", r"3: unknown line '\?\? x'"),
    (">41\n", "1: unknown line"),
    ("> \n", "1: unknown line"),
    ("> 41 \n", "1: unknown line"),
    (">0 41\n", "1: unknown line"),
    (":2 VGL 101\n", "1: unknown line"),
    (" > 41\n", "1: unknown line"),
    ("> 41\r\n", "1: unknown line"),
    ("> 4\n", "1: bytes must be pairs"),
    ("> 4C\n", "1: bytes must be pairs"),
    ("> 4 1\n", "1: bytes must be pairs"),
    ("> 41\n! style regular\n", "2: style must be"),
    ("! style plain\n> 41\n", "1: style must be"),
    ("! style regular\n! style regular\n> 41\n", "2: style must be"),
    ("! speed 5\n> 41\n", "1: unknown setting 'speed 5'"),
    ("! key\n> 41\n", "1: key must be"),
    ("! key two words\n> 41\n", "1: key must be"),
    ("! key  x\n> 41\n", "1: key must be"),
    ("! key 123456789012345678901\n> 41\n", "1: key must be"),
    ("! key caf\u00e9\n> 41\n", "1: key must be"),
    ("! key a\n! key a\n> 41\n", "2: key must be"),
    ("> 41\n! key a\n", "2: key must be"),
    (": lan X\n! key a\n> 41\n", "2: key must be"),
    ("! telemetry yes\n> 41\n", "1: unknown setting 'telemetry yes'"),
    ("! telemetry\n! telemetry\n> 41\n", "2: telemetry must"),
    ("> 41\n! telemetry\n", "2: telemetry must"),
    (": lan X\n! telemetry\n> 41\n", "2: telemetry must"),
    ("! sim none\n! sim none\n> 41\n", "2: sim none twice"),
    ("! sim none\n! sim press 1 2 3\n> 41\n", "exclude each other"),
)


class Reader(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", newline="") as file:
            file.write(text)
            file.flush()
            return vectors.read(file.name)

    def test_good(self):
        found = self.read("# why\n! style regular\n! sim load 101 5\n\n: VGL 101\n> 56 47\n"
                          ">2 4c0d\n< 35\n< 0d\n= result VGL level=5\n")
        self.assertEqual(found.comments, ["why"])
        self.assertEqual((found.style, found.simulated), ("regular", True))
        steps = [(step.kind, step.number, step.text, step.data, step.connection)
                 for step in found.steps]
        self.assertEqual(steps, [
            ("!", 3, "load 101 5", b"", 1), (":", 5, "VGL 101", b"", 1), (">", 6, "", b"VG", 1),
            (">", 7, "", b"L\r", 2), ("<", 8, "", b"5", 1), ("<", 9, "", b"\r", 1),
            ("=", 10, "result VGL level=5", b"", 1)])
        self.assertEqual((found.sent(), found.sent(2), found.received()), (b"VG", b"L\r", b"5\r"))
        self.assertEqual((found.key, found.telemetry), (None, False))
        self.assertFalse(self.read("! sim none\n< 41\n").simulated)

    def test_key_and_telemetry(self):
        found = self.read("! sim none\n! key !2345678901234567~90\n! telemetry\n< 41\n")
        self.assertEqual((found.key, found.telemetry), ("!2345678901234567~90", True))
        self.assertEqual([step.kind for step in found.steps], ["<"])

    def test_bad(self):
        for text, message in BAD_FILES:
            with self.subTest(text), self.assertRaisesRegex(vectors.VectorError, message):
                self.read(text)


class Chance(unittest.TestCase):
    def deliver(self, rate, **more):
        faults = simlib.Faults(7)
        faults.rates.update({rate: 100} if rate else {}, **more)
        got = []
        for number in range(4):
            faults.datagram(bytes([number]) * 8, got.append)
        return got

    def test_datagrams(self):
        plain = [bytes([number]) * 8 for number in range(4)]
        self.assertEqual(self.deliver(None), plain)
        self.assertEqual(self.deliver("drop"), [])
        self.assertEqual(self.deliver("duplicate"), sorted(plain * 2))
        self.assertEqual(self.deliver("reorder"), [plain[i] for i in (1, 0, 3, 2)])
        for packet, garbled in zip(plain, self.deliver("garble")):
            changed = [a != b for a, b in zip(packet, garbled)]
            self.assertEqual((len(garbled), sum(changed)), (8, 1))

    def test_same_seed_same_chance(self):
        first, second = (simlib.Faults(3) for _ in range(2))
        first.rates["drop"] = second.rates["drop"] = 50
        self.assertEqual([first.hits("drop") for _ in range(64)],
                         [second.hits("drop") for _ in range(64)])
        self.assertEqual(first.garbage(), second.garbage())
        self.assertNotIn(0x0D, first.garbage(most=4000, avoid=b"\r"))
        self.assertTrue(all(1 <= first.piece(5) <= 5 for _ in range(50)))


class Prompt(Case):
    script = SCRIPT

    def run_plain(self, text):
        path = os.path.join(HERE, SCRIPT)
        child = subprocess.run([sys.executable, "-B", path], input=text, capture_output=True,
                               text=True, timeout=10, check=False)
        return child.returncode, child.stdout.splitlines()[1:]

    def test_answers(self):
        status, lines = self.run_plain(
            "load 101 5\n\nget 101\nnonsense\nload 101\nload 101 5 loud\nload 101 101\n"
            "load x 1\nget 102 3\nsilent perhaps\nwait commands >= 1 1\nwait nothing = 1\n"
            "wait commands = 0\nhelp quit\n")
        self.assertEqual(status, 0)
        self.assertEqual(lines, [
            "ok", "ok 5", "error no command 'nonsense', try help",
            "error usage: load LOAD LEVEL [quiet]", "error 'loud' is none of quiet",
            "error 101 is not within 0-100", "error 'x' is no number",
            "error usage: get LOAD", "error 'perhaps' is neither on nor off",
            "error commands is 0 after 1 ms", "error usage: wait FIELD =|>= NUMBER [MS]",
            "ok", "error usage: help"])

    def test_help_names_every_command(self):
        status, lines = self.run_plain("help\nquit\nget 101\n")
        self.assertEqual((status, lines[-2:]), (0, ["ok", "ok"]))
        self.assertIn("#   load LOAD LEVEL [quiet]", lines)
        self.assertTrue(all(line.startswith("#   ") for line in lines[:-2]))

    def test_signal_ends_and_keeps_the_verdict(self):
        self.simulate("--no-console")
        self.connect().send(b"nonsense\r")
        self.sim.child.send_signal(signal.SIGTERM)
        self.assertEqual(self.sim.stop(), ["connection 1: no command: b'nonsense'"])
        self.assertEqual(self.sim.status, 1)

    def test_violation_is_said_at_once(self):
        self.simulate()
        self.connect().send(b"nonsense\r")
        self.sim.wait_for(lambda: self.sim.violations)
        self.assertEqual(self.sim.violations, ["connection 1: no command: b'nonsense'"])
        self.sim.stop()


class Starter(unittest.TestCase):
    def test_block_raises_violations(self):
        with self.assertRaisesRegex(Violation, "no command"):
            with Simulator(SCRIPT) as sim:
                client = Client(sim.ports["port"])
                client.send(b"nonsense\r")
                self.assertEqual(client.line(), "256")
                client.close()

    def test_block_does_not_hide_another_failure(self):
        with self.assertRaisesRegex(RuntimeError, "first"):
            with Simulator(SCRIPT) as sim:
                client = Client(sim.ports["port"])
                client.send(b"x\r")
                client.close()
                raise RuntimeError("first")

    def test_ready_line(self):
        with Simulator(SCRIPT) as sim:
            self.assertEqual(sorted(sim.ports), ["port", "query-port"])
            self.assertTrue(all(1024 < port < 65536 for port in sim.ports.values()))

    def test_errors(self):
        with Simulator(SCRIPT) as sim:
            with self.assertRaisesRegex(SimulatorError, "error no command 'bogus'"):
                sim.command("bogus")
            with self.assertRaisesRegex(SimulatorError, "commands is 0 after 1 ms"):
                sim.wait("commands", 1, timeout=0.001)
            with self.assertRaisesRegex(SimulatorError, "did not come"):
                sim.wait_for(lambda: False, timeout=0.001)
            with self.assertRaises(ValueError):
                sim.command("load 101 5\nload 101 6")
            self.assertEqual(sim.wait_for(lambda: sim.command("get 101")), "0")

    def test_child_that_dies(self):
        sim = Simulator(SCRIPT)
        sim.child.kill()
        with self.assertRaisesRegex(SimulatorError, "exit status -9"):
            sim.wait_for(lambda: False)
        with self.assertRaisesRegex(SimulatorError, "exit status -9"):
            sim.stop()

    def test_child_that_does_not_start(self):
        for arguments, message in ((["--loads", "x"], "exit status 2"),
                                   (["--replay", "/nonexistent"], "exit status 2")):
            with self.assertRaisesRegex(SimulatorError, message):
                Simulator(SCRIPT, arguments)


if __name__ == "__main__":
    unittest.main()
