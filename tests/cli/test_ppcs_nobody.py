#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nobody there, somebody else, or nobody who lets us in: ppcs-connect must not be connected.

Each case has its exit status, no data, one line that says what is wrong, and with --json the whole
report. The races of a class run side by side, in text form and as JSON.
"""

import contextlib
import sys
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, OTHER, UID, PpcsCase  # noqa: E402
from simulator import Simulator  # noqa: E402

# A path that is up, and a device that does not speak over it.
MUTE = ["--first", "none", "--alive-ack", "off", "--alive", "off"]
# Nothing is said for long to a client that is gone: somebody else may have its port then.
SHORT = ["--alive-period", "100", "--alive-limit", "1"]
RELAY = ["--uid", UID, "--no-p2p", "--no-lan"]


class Case:
    """A network, the tool's options, its exit status, and a word that the verdict must have."""

    def __init__(self, name, network, options, status, word, seconds=0.8):
        self.name = name
        self.network = network
        self.options = options
        self.status = status
        self.word = word
        self.seconds = seconds
        self.sim = None
        self.tools = []

    @property
    def target(self):
        """What the line of a failure begins with."""
        options = self.options
        return options[options.index("--uid") + 1] if "away" in options else HOST


class NobodyCase(PpcsCase):
    def begin(self, case):
        """Simulator and both tools."""
        words = ["--expect-close", "on", *case.network]
        sim = case.sim = self.sim = Simulator(self.script, words)
        self.addCleanup(lambda: self.assertEqual(sim.stop(), [], case.name))
        ports = sim.ports
        # The camera answers at its search port, punches from its main port.
        self.peer = [HOST, *self.ports(ports["main"], search=ports["search"])]
        options = self.fill(case.options)
        for form in ([], ["--json"]):
            case.tools.append(self.start_tool("--max-time", case.seconds, *form, *options))

    def fill(self, options):
        """`servers`, `relay1` and the like become options; `away`: without the address."""
        if "away" in options:
            self.peer = []
        found = []
        for word in options:
            if word == "servers":
                found += self.servers()
            elif word.startswith("relay") and word[5:].isdecimal():
                found += self.relay(int(word[5:]))
            elif word != "away":
                found.append(word)
        return found

    def end(self, case):
        text, form = [tool.finish() for tool in case.tools]
        self.assertRegex(self.check_failure(text, case.status, case.target), case.word)
        status, stdout, stderr = form
        report = self.check_json(stdout)
        self.assertEqual((status, report["success"]), (case.status, False))
        # The same sentence in both places; the race took the time that it was given at most.
        line = self.check_failure((status, "", stderr), case.status, case.target)
        self.assertRegex(report["verdict"], case.word)
        self.assertIn(report["verdict"], line)
        self.assertLess(report["elapsed_ms"], case.seconds * 1000 + 400)
        return report

    def run_cases(self, *cases):
        found = {}
        for case in cases:
            self.begin(case)
        for case in cases:
            with self.subTest(case.name):
                found[case.name] = self.end(case)
                case.sim.stop()
        return found


class Silence(PpcsCase):
    """Ports on this machine with nothing that speaks PPCS behind them."""

    def race(self, *arguments, status, seconds="0.6", target=HOST):
        tools = [self.start_tool("--max-time", seconds, *form, *arguments)
                 for form in ([], ["--json"])]
        text, form = [tool.finish() for tool in tools]
        line = self.check_failure(text, status, target)
        self.assertEqual((form[0], form[2]), (status, line))
        return line, self.check_json(form[1])

    def test_silent_socket(self):
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        line, report = self.race(status=3)
        self.assertRegex(line, "nothing was heard")
        self.assertIsNone(report["uid"])
        for mode in ("p2p", "lan"):
            racer = report["racers"][mode]
            self.assertEqual(racer["state"], "failed")
            self.assertEqual([attempt["level"] for attempt in racer["attempts"]],
                             ["none"] * len(racer["attempts"]))
            self.assertGreater(racer["attempts"][0]["sent"], 1)
            self.assertEqual(racer["attempts"][0]["received"], 0)

    def test_closed_port(self):
        self.peer = [HOST, *self.ports(self.closed_port())]
        line, report = self.race(status=3)
        self.assertRegex(line, "port.*closed|closed.*port")
        # The next attempt does not wait for the time of the one that is refused.
        self.assertGreaterEqual(report["racers"]["lan"]["retries"], 1)

    def test_closed_and_silent(self):
        self.peer = [HOST, *self.ports(self.closed_port(), self.port_of(self.silent_port()))]
        self.race(status=3)

    def test_attempts_end(self):
        """An attempt has its time, then comes the next with another socket."""
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        _, report = self.race("--port-timeout", "0.2", status=3)
        attempts = report["racers"]["p2p"]["attempts"]
        self.assertGreaterEqual(len(attempts), 2)
        self.assertTrue(200 <= attempts[0]["elapsed_ms"] < 4000, attempts[0])
        self.assertNotEqual(attempts[0]["local_port"], attempts[1]["local_port"])
        self.assertEqual(attempts[0]["state"], "failed")

    def test_no_server(self):
        self.peer = []
        for port in (self.closed_port(), self.port_of(self.silent_port())):
            self.race("--uid", UID, "--server", f"{HOST}:{port}", status=3, target=UID)

    def test_no_relay(self):
        self.peer = []
        for port in (self.closed_port(), self.port_of(self.silent_port())):
            self.race("--uid", UID, "--relay", f"{HOST}:{port}", status=3, target=UID)

    def test_unreadable(self):
        """Something answers, in a key that is not ours: the verdict names it if it is known."""
        answer = bytes.fromhex("2ccb6293afc44673697ccf321e6707263c0a9400989cde2b")
        for key, data, word in (("SHIX", answer, "camera"), ("none", answer, "camera"),
                                ("SHIX", b"\x01\x02\x03\x04\x05", "key"),
                                ("auto", b"\x01\x02\x03\x04\x05", "key")):
            sock = self.silent_port()
            self.peer = [HOST, *self.ports(self.port_of(sock)), "--key", key]
            tool = self.start_tool("--max-time", "0.4")
            _, address = sock.recvfrom(2048)
            sock.sendto(data, address)
            line = self.check_failure(tool.finish(), 6)
            self.assertIn(word, line.partition("not connected:")[2])

    def test_wrong_key(self):
        """Cameras do not answer what they cannot read."""
        self.simulate("--key", "camera")
        self.sim.violations = []
        line, _ = self.race("--key", "auto", "--uid", OTHER, status=1)
        self.assertIn(UID, line)


class Others(NobodyCase):
    """Somebody answers, but not the camera that is meant."""

    def test_others(self):
        found = self.run_cases(
            *(Case(f"nonsense {seed}", ["--nonsense", "on", "--seed", seed], words, 6,
                   "cannot be read|own packets")
              for seed, words in (("1", []), ("2", []), ("3", ["--uid", UID]))),
            Case("reflector", ["--reflect", "on"], [], 6, "own packets"),
            Case("reflector and id", ["--reflect", "on"], ["--uid", UID], 6, "own packets"),
            Case("other id", [], ["--uid", OTHER], 1, UID),
            Case("other id, punched", ["--wrong-uid", OTHER, *SHORT], ["--uid", UID], 1, OTHER),
            Case("stranger", ["--stranger", "on"], ["--uid", UID], 6, "not asked"),
            Case("stranger, LAN", ["--stranger", "on"], ["--no-p2p"], 6, "not asked"),
            Case("elsewhere", ["--answer-from", "elsewhere"], ["--uid", UID, "--no-lan"], 6,
                 "not asked"),
            Case("elsewhere, LAN", ["--answer-from", "elsewhere"], ["--no-p2p"], 3,
                 "nothing was heard"),
        )
        self.assertIn(found["other id"]["uid"], (None, UID))
        for name in ("nonsense 1", "reflector", "stranger", "elsewhere, LAN"):
            self.assertIsNone(found[name]["uid"], name)

    def test_id_that_cannot_be_one(self):
        """Whoever has an id like this is no camera, whatever else it says."""
        did = bytes.fromhex("1b5b4a0a2d2058ff000000012fc3a4417a300000")
        answers = [bytes.fromhex("f1410014") + did, bytes.fromhex("f1420014") + did,
                   bytes.fromhex("f1e10000"), bytes.fromhex("f1d00007d100000041434b")]
        sock = self.silent_port()
        self.peer = [HOST, *self.ports(self.port_of(sock))]
        tool = self.start_tool("--max-time", "0.5", "--json")
        sock.settimeout(0.1)
        while tool.process.poll() is None:
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                _, address = sock.recvfrom(2048)
                for answer in answers:
                    sock.sendto(answer, address)
        status, stdout, _ = tool.finish()
        self.assertEqual(status, 6)
        self.assertIsNone(self.check_json(stdout)["uid"])
        # And nothing is remembered that could not be read again.
        self.check_failure(self.run_tool("--max-time", "0.1"), 3)

    def test_stranger_beside_the_camera(self):
        """Who wins is the camera, at its own port."""
        sim = self.simulate("--stranger", "also")
        for arguments in (["--no-p2p"], ["--no-lan", "--uid", UID]):
            self.assertEqual(self.report(*arguments)["peer_port"], sim.ports["main"])


class Doors(NobodyCase):
    """The camera is there, and does not let us in."""

    def test_doors(self):
        found = self.run_cases(
            Case("no P2P_RDY", ["--p2p-rdy", "off"], [], 4, "let through|firewall"),
            Case("mute", MUTE, [], 4, "not heard|silent"),
            Case("mute, punched", MUTE, ["--no-lan", "--uid", UID], 4, "not heard|silent"),
            Case("closes", [*MUTE, "--close-after", "1"], ["--no-p2p"], 1, "closed"),
            Case("closes, punched", [*MUTE, "--close-after", "1"], ["--no-lan", "--uid", UID], 1,
                 "closed"),
            Case("late", ["--answer-delay", "3000"], ["--no-p2p"], 3, "nothing was heard"),
        )
        self.assertIn(found["no P2P_RDY"]["uid"], (None, UID))
        levels = {name: {attempt["level"] for racer in found[name]["racers"].values()
                         for attempt in racer["attempts"]} for name in found}
        self.assertIn("answer", levels["no P2P_RDY"])
        self.assertIn("path", levels["mute"])
        self.assertIn("path", levels["closes"])
        self.assertEqual(levels["late"], {"none"})

    def test_full(self):
        """One client is all that this camera takes."""
        self.simulate("--limit", "1")
        first = self.start_tool("--hold", "20", "--no-p2p")
        first.lines(4)
        done = self.run_tool("--max-time", "0.6", "--no-p2p")
        self.check_failure(done, 1)
        self.assertRegex(done[2], "close|client|full")
        self.stop(first)


class Servers(NobodyCase):
    def test_servers(self):
        away = ["away", "--uid", UID, "servers"]
        three = ["--servers", "3"]
        self.run_cases(
            Case("off line", [*three, "--offline", "on"], away, 1, "off ?line", 3),
            Case("one says off line", ["--servers", "3", "--server", "1 result -2", "--server",
                                       "2 silent on", "--server", "3 silent on"],
                 away, 1, "off ?line", 4),
            Case("wrong check code", three, ["away", "--uid", "TEST-012345-WRONG", "servers"], 1,
                 "not know"),
            Case("unknown prefix", three, ["away", "--uid", "NONE-012345-ABCDE", "servers"], 1,
                 "not know"),
            Case("device key", [*three, "--dsk", "right"], [*away, "--dsk", "wrong"], 1, "key"),
            Case("without device key", [*three, "--dsk", "right"], away, 1, "key"),
            Case("silent", [*three, "--server", "all silent on"], away, 3, "nothing was heard"),
            Case("device silent", [*three, "--silent", "on"], away, 4, "nothing came"),
            Case("device answers elsewhere", [*three, "--answer-from", "elsewhere"], away, 4,
                 "not asked|nothing came"),
            Case("mute", [*three, *MUTE], away, 4, "not heard"),
        )


class Relays(NobodyCase):
    def test_relays(self):
        one, away = ["--relays", "1"], ["away", *RELAY, "relay1"]
        listed = ["--servers", "1", "--relays", "2"]
        auto = ["away", *RELAY[:2], "--no-p2p", "--relay", "auto", "servers"]
        self.run_cases(
            Case("without the device", one, away, 4, "did not come"),
            Case("alone", [*one, "--relay", "1 alone on"], away, 4, "not heard"),
            Case("mirror", [*one, "--relay", "1 alone on", "--relay", "1 reflect on"], away, 4,
                 "not heard"),
            Case("full", [*one, "--relay", "1 full on"], away, 1, "free port"),
            Case("no port", [*one, "--relay", "1 full silent"], away, 1, "port"),
            Case("nobody at the port", [*one, "--relay", "1 liar port"], away, 4, "did not come"),
            Case("another device", [*one, "--relay", "1 direct on", "--relay", "1 liar did"],
                 away, 1, "another device"),
            Case("silent", [*one, "--relay", "1 silent on"], away, 3, "no relay|nothing"),
            Case("mute", [*one, "--relay", "1 direct on", *MUTE], away, 4, "not heard"),
            Case("none listed", [*listed, "--list", "none"], auto, 4, "no relay"),
            Case("listed and silent", [*listed, "--relay", "all silent on"], auto, 4, "relay"),
            Case("device off line", [*listed, "--offline", "on"], auto, 1, "off ?line", 4),
            Case("refused", [*listed, "--relay-result", "-2"], auto, 1, "off ?line|refuse", 4),
            Case("unknown id", listed, ["away", "--uid", "NONE-012345-ABCDE", "--no-p2p",
                                        "--relay", "auto", "servers"], 1, "not know"),
        )


if __name__ == "__main__":
    unittest.main()
