#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ppcs-connect lets people see of a race: --trace gives a conversation file, -v the log and
-vv every packet, without device keys; a terminal shows how far each racer has come.
"""

import contextlib
import os
import pty
import stat
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, UID, PpcsCase  # noqa: E402

import vectors  # noqa: E402 (common has put the harness on the path)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sim"))

from ppcs import wire  # noqa: E402
from ppcs.cipher import KNOWN, Cipher  # noqa: E402

SECRET = "TheDeviceKey4711"
DID = wire.Did.parse(UID)
# How many connections a conversation file can tell apart.
CONNECTIONS = 99


def plain(data):
    """A datagram in whatever known key it is."""
    for key in KNOWN:
        found = Cipher(key).decode(data)
        if found[0] == wire.MAGIC and len(found) == 4 + int.from_bytes(found[2:4], "big"):
            return found
    raise AssertionError(f"no datagram: {data.hex()}")


class TraceCase(PpcsCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.dir, "trace")

    def traced(self, *arguments):
        """The steps with bytes."""
        self.report("--trace", self.path, *arguments)
        return self.steps()

    def steps(self):
        return [step for step in vectors.read(self.path).steps if step.kind in "<>"]

    def kinds(self, steps, kind):
        return [plain(step.data)[1] for step in steps if step.kind == kind]


class Trace(TraceCase):
    def test_lan(self):
        """Every packet of both sides as it was on the wire, in its order."""
        self.simulate()
        steps = self.traced("--no-p2p", "--key", "none", "--hold", "0.2")
        punch, ready = (wire.build_did(kind, DID) for kind in (wire.PUNCH_PKT, wire.P2P_RDY))
        found = [(step.kind, step.data) for step in steps]
        order = [found.index(entry) for entry in (
            (">", wire.build(wire.LAN_SEARCH)), ("<", punch), (">", punch), ("<", ready),
            (">", wire.build(wire.ALIVE)), ("<", wire.build_data(0, 0, b"ACK")),
            (">", wire.build_acks(0, [0])), (">", wire.build(wire.CLOSE)))]
        self.assertEqual(order, sorted(order))
        stats = self.sim.stats()
        sent = self.kinds(steps, ">")
        self.assertEqual(len(sent), stats["camera_in"])
        self.assertEqual(sent.count(wire.CLOSE), 3)
        comments = vectors.read(self.path).comments
        self.assertRegex(comments[0], r"\bppcs-connect\b")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode) & 0o077, 0)

    def test_addresses_and_names(self):
        """A comment tells who it was and what: that is not in the bytes."""
        sim = self.simulate()
        report = self.report("--trace", self.path, "--no-p2p")
        comments = "\n".join(vectors.read(self.path).comments)
        for port, name in (("search", "LAN_SEARCH"), ("main", "P2P_RDY"), ("main", "CLOSE")):
            self.assertRegex(comments, rf"{HOST}:{sim.ports[port]} {name} "
                                       rf"\(udp {HOST}:{report['local_port']}\)")

    def test_all_ways(self):
        self.simulate("--key", "camera", "--servers", "2", "--relays", "3")
        steps = self.traced("--uid", UID, "--relay", "auto", *self.servers(), "--no-p2p",
                            "--no-lan")
        sent = self.kinds(steps, ">")
        for kind in (wire.HELLO, wire.P2P_REQ, wire.LIST_REQ1, wire.RLY_HELLO, wire.RLY_PORT,
                     wire.RLY_REQ, wire.RLY_PKT, wire.CLOSE):
            self.assertIn(kind, sent)
        self.assertIn(wire.RLY_RDY, self.kinds(steps, "<"))

    def test_long_datagrams(self):
        """One line each, as long as it may be."""
        self.simulate()
        tool = self.start_tool("--trace", self.path, "--no-p2p", "--hold", "0.6")
        tool.lines(4)
        self.sim.wait("drw_ack_in", 1)
        data = bytes(range(256)) * 4
        self.sim.command(f"send 0 {data.hex()}")
        self.assertEqual(tool.finish()[0], 0)
        self.assertIn(wire.build_data(0, 1, data), [step.data for step in self.steps()])

    def test_many_attempts(self):
        """More sockets than a conversation file has numbers for."""
        ports = {self.closed_port() for _ in range(16)}
        self.peer = [HOST, *self.ports(*ports), "--port-timeout", "0.1"]
        report = self.report("--trace", self.path, "--max-time", "2", status=3)
        attempts = self.local_ports(report)
        self.assertGreater(len(attempts), CONNECTIONS + 1)
        for step in self.steps():
            plain(step.data)

    def test_device_key(self):
        """It goes to the server, and nowhere else."""
        for key in ("", "camera"):
            self.simulate("--servers", "1", "--relays", "1", "--dsk", SECRET, "--key", key)
            self.peer = ["--uid", UID, *self.servers(), "--relay", "auto", "--dsk", SECRET,
                         "--trace", self.path]
            status, stdout, stderr = self.run_tool("-vv", "--json", "--until", "path")
            self.assertEqual(status, 0)
            shown = [bytes.fromhex(words[-1]) for line in stderr.splitlines() if (
                words := line.split()) and words[1][0] in "<>"]
            self.assertGreater(len(shown), 5)
            requests = 0
            for data in shown + [step.data for step in self.steps()]:
                self.assertNotIn(SECRET.encode(), plain(data))
                self.assertNotIn(SECRET[:6].encode(), plain(data))
                requests += plain(data)[1] == wire.P2P_REQ_DSK
            self.assertGreater(requests, 0)
            for text in (stdout, stderr, self.read(self.path)):
                self.assertNotIn(SECRET, text)
            self.assertGreater(self.sim.stats()["p2p_req_dsk_in"], 0)

    def test_device_key_is_not_in_the_process_list(self):
        self.simulate()
        tool = self.start_tool("--no-p2p", "--dsk", SECRET, "--hold", "10")
        tool.lines(4)
        with open(f"/proc/{tool.process.pid}/cmdline", "rb") as file:
            self.assertNotIn(SECRET.encode(), file.read())
        self.stop(tool)

    def test_failure_is_recorded(self):
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        self.report("--trace", self.path, "--max-time", "0.2", status=3)
        self.assertEqual(set(self.kinds(self.steps(), ">")), {wire.LAN_SEARCH, wire.PUNCH_PKT})

    def test_written_anew(self):
        self.simulate()
        self.traced("--no-p2p")
        first = len(self.steps())
        self.assertLess(len(self.traced("--no-p2p", "--key", "none")), first)

    def test_from_the_configuration(self):
        self.simulate()
        self.write_config(f"[ppcs-connect]\ntrace = {self.path}\n")
        self.connect("--no-p2p")
        self.assertGreater(len(self.steps()), 5)


class Verbose(TraceCase):
    def log(self, *arguments, status=0):
        found, stdout, stderr = self.run_tool("--no-p2p", *arguments)
        self.assertEqual(found, status, stderr)
        for line in stderr.splitlines():
            self.assertTrue(line.startswith("ppcs-connect: "), line)
        return stdout, stderr

    def test_log(self):
        self.simulate()
        for words in (["-v"], ["--verbose"]):
            stdout, stderr = self.log(*words)
            self.check_text(stdout)
            self.assertNotEqual(stderr, "")
            self.assertNotRegex(stderr, r"[<>][0-9]* [0-9a-f]{8}")

    def test_every_packet(self):
        self.simulate()
        for words in (["-vv"], ["-v", "-v"]):
            stdout, stderr = self.log(*words)
            self.check_text(stdout)
            self.assertRegex(stderr, r"(?m)^ppcs-connect: >[0-9]* f1300000$")
            self.assertRegex(stderr, rf"(?m)^ppcs-connect: <[0-9]* f1410014{DID.wire.hex()}$")

    def test_json_stays_clean(self):
        self.simulate()
        stdout, stderr = self.log("-vv", "--json")
        self.check_json(stdout)
        self.assertNotEqual(stderr, "")

    def test_racers_of_a_failure(self):
        """With -v a person sees what became of each way."""
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        stdout, stderr = self.log("-v", "--max-time", "0.3", status=3)
        self.assertEqual(stdout, "")
        for mode in ("p2p", "lan", "relay"):
            self.assertRegex(stderr, rf"(?m)^ppcs-connect: +{mode}\b")


class Terminal(TraceCase):
    """Standard error is one, and takes escape sequences."""

    def on_terminal(self, *arguments):
        """The exit status, and all that the terminal was sent."""
        master, slave = pty.openpty()
        self.env["TERM"] = "xterm"
        words = [self.program, *map(str, (*self.peer, *arguments))]
        shown = b""
        with subprocess.Popen(words, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=slave) as process:
            os.close(slave)
            with contextlib.suppress(OSError):  # EIO: nobody writes any more
                while data := os.read(master, 65536):
                    shown += data
            os.close(master)
        self.assertEqual(process.returncode, 3)
        return shown.decode("utf-8").replace("\r\n", "\n")

    def test_live_lines(self):
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        shown = self.on_terminal("--max-time", "1")
        frames = shown.split("\x1b[")
        self.assertGreater(len(frames), 2)
        for mode in ("p2p", "lan", "relay"):
            self.assertRegex(frames[0], rf"(?m)^\s*{mode}\b")
        # They are gone at the end; what is left is the sentence, and what became of each.
        last = shown[shown.rindex("\x1b[J") + 3:]
        self.assertRegex(last, r"\Appcs-connect: 127\.0\.0\.1: not connected: [^\n]+\n")
        self.assertRegex(last, r"(?m)^ppcs-connect: +lan\b")

    def test_none_with_json(self):
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        shown = self.on_terminal("--max-time", "0.8", "--json")
        self.assertNotIn("\x1b", shown)
        self.assertEqual(shown.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
