# SPDX-License-Identifier: MIT
"""What the end-to-end tests of ppcs-connect share: cameras, ports of nobody, and the report.

A camera is asked at ports of its own, never at those that the tool takes by default.
"""

import contextlib
import os
import random
import re
import signal
import socket

from common import LIMIT, ToolCase
from simulator import Simulator

UID, OTHER = "TEST-012345-ABCDE", "TEST-012346-ABCDE"
ACCESS_POINT = "LBCS-000000-CCCJJ"
HOST = "127.0.0.1"
MODES = ("p2p", "lan", "relay")
NAMES = {mode: f"{mode}ConnectThread" for mode in MODES}
STATES = ("not_started", "pending", "running", "success", "failed", "cancelled")
LEVELS = ("none", "answer", "path", "verified")
NUMBER, TEXT, PORT = (int,), (str,), (int, type(None))
MAYBE = (str, type(None))

# Fields and their types. On failure those of ONLY_SUCCESS are null.
REPORT = {
    "success": (bool,), "mode": MAYBE, "winner": MAYBE, "uid": MAYBE, "key": TEXT,
    "local_port": PORT, "destination_address": MAYBE, "destination_port": PORT,
    "peer_address": MAYBE, "peer_port": PORT, "elapsed_ms": NUMBER, "verdict": TEXT,
    "racers": (dict,),
}
ONLY_SUCCESS = ("mode", "winner", "local_port", "destination_address", "destination_port",
                "peer_address", "peer_port")
RACER = {
    "name": TEXT, "mode": TEXT, "state": TEXT, "local_port": PORT, "destination_port": PORT,
    "retries": NUMBER, "elapsed_ms": PORT, "error": MAYBE, "attempts": (list,),
}
ATTEMPT = {
    "destination_port": NUMBER, "local_port": PORT, "state": TEXT, "level": TEXT,
    "sent": NUMBER, "received": NUMBER, "elapsed_ms": NUMBER, "error": MAYBE,
}
HOLD = {
    "elapsed_ms": NUMBER, "alive_sent": NUMBER, "alive_received": NUMBER,
    "alive_missed": NUMBER, "data_bytes": NUMBER, "ended": TEXT, "data_packets": NUMBER,
    "data_duplicates": NUMBER, "data_out_of_order": NUMBER, "data_refused": NUMBER,
    "channel_bytes": (list,), "data_bytes_sent": NUMBER, "data_packets_sent": NUMBER,
    "data_resent": NUMBER, "loss_percent": (float,), "rtt_ms": PORT, "rtt_min_ms": PORT,
    "unsent_bytes": NUMBER,
}
# The line of a failure: whom it was about, and a sentence.
NOT_CONNECTED = r"\Appcs-connect: {}: [^\n]*\b[a-z]+ [^\n]+\n\Z"
CONNECTED = re.compile(
    r"connected via (?P<mode>p2p|lan|relay) to (?P<address>[0-9.]+):(?P<port>[0-9]+) "
    r"in (?P<ms>[0-9]+) ms "
    r"\(asked port (?P<asked>[0-9]+), local port (?P<local>[0-9]+), (?P<uid>[A-Z0-9-]+)\)")


class PpcsCase(ToolCase):
    """`peer` leads to the camera that was simulated last, `run_tool` and the like use it."""

    tool = "ppcs-connect"
    program = os.environ.get("PPCS_TOOL", "ppcs-connect")
    script = "ppcs_sim.py"

    def setUp(self):
        super().setUp()
        self.env["XDG_STATE_HOME"] = self.dir

    def simulate(self, *arguments):
        """A network with a camera; at the end the test fails if the tool broke a rule."""
        sim = Simulator(self.script, ("--expect-close", "on", *arguments))
        self.addCleanup(lambda: self.assertEqual(sim.stop(), []))
        self.sim = sim
        if "main" in sim.ports:
            self.peer = [HOST, *self.ports(sim.ports["main"], search=sim.ports["search"])]
        return sim

    @staticmethod
    def ports(*ports, search=None):
        """The options for these destination ports; the search port is the last without one."""
        return ["--ports", ",".join(map(str, ports)), "--search-port", str(search or ports[-1])]

    def servers(self, sim=None):
        sim = sim or self.sim
        return [word for name, port in sorted(sim.ports.items()) if name.startswith("server")
                for word in ("--server", f"{HOST}:{port}")]

    def relay(self, number=1):
        return ["--relay", f"{HOST}:{self.sim.ports[f'relay{number}']}"]

    def silent_port(self, host=HOST):
        """A socket that hears everything and says nothing."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.bind((host, 0))
        sock.settimeout(LIMIT)
        return sock

    def port_of(self, sock):
        return sock.getsockname()[1]

    def closed_port(self):
        """Nobody listens there, and nobody is given it who takes any port."""
        while True:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                with contextlib.suppress(OSError):
                    sock.bind((HOST, random.randrange(1024, self.first_ephemeral())))
                    return sock.getsockname()[1]

    def first_ephemeral(self):
        """The lowest port that is given to who takes any."""
        return int(self.read("/proc/sys/net/ipv4/ip_local_port_range").split()[0])

    # Results.

    def connect(self, *arguments, uid=UID):
        """The first line of a race that is won, taken apart."""
        status, stdout, stderr = self.run_tool(*arguments)
        self.assertEqual((status, stderr), (0, ""), f"{arguments} {stdout}")
        return self.check_text(stdout, uid)

    def check_text(self, stdout, uid=UID):
        first, *racers = stdout.splitlines()
        match = CONNECTED.fullmatch(first)
        self.assertIsNotNone(match, first)
        self.assertEqual(match["uid"], uid)
        self.assertEqual([line.split()[0] for line in racers], list(MODES), stdout)
        states = {line.split()[0]: line.split()[1] for line in racers}
        self.assertEqual(states[match["mode"]], "success")
        self.assertEqual(list(states.values()).count("success"), 1)
        return match

    def report(self, *arguments, status=0):
        """The object of --json, checked."""
        found, stdout, stderr = self.run_tool("--json", *arguments)
        self.assertEqual(found, status, f"{arguments} {stdout} {stderr}")
        if status == 0:
            self.assertEqual(stderr, "")
        return self.check_json(stdout)

    def check_types(self, found, wanted, place):
        for name, types in wanted.items():
            self.assertIn(name, found, place)
            # A bool is an int for Python, but not for JSON.
            self.assertIn(type(found[name]), types, f"{place} {name}")

    def check_json(self, stdout):
        """One line with every field of the contract, and nothing in it contradicts itself."""
        self.assertRegex(stdout, r"\A[^\n]+\n\Z")
        report = self.object(stdout[:-1])
        self.check_types(report, REPORT, "report")
        self.assertEqual(tuple(report["racers"]), MODES)
        for mode, racer in report["racers"].items():
            self.check_racer(mode, racer)
        if "hold" in report:
            hold = report["hold"]
            self.check_types(hold, HOLD, "hold")
            self.assertEqual(list(hold), list(HOLD))
            self.assertIn(hold["ended"], ("done", "closed", "silent", "other"))
            self.assertEqual(len(hold["channel_bytes"]), 8)
            self.assertEqual(sum(hold["channel_bytes"]), hold["data_bytes"])
        self.assertNotEqual(report["verdict"], "")
        self.assertNotIn("\n", report["verdict"])
        states = [racer["state"] for racer in report["racers"].values()]
        self.assertEqual(states.count("success"), int(report["success"]))
        for state in ("pending", "running"):
            self.assertNotIn(state, states, "the race is over")
        if report["success"]:
            self.check_winner(report)
        else:
            self.assertEqual({report[name] for name in ONLY_SUCCESS}, {None})
        return report

    def check_racer(self, mode, racer):
        self.check_types(racer, RACER, mode)
        self.assertEqual((racer["name"], racer["mode"]), (NAMES[mode], mode))
        self.assertIn(racer["state"], STATES)
        self.assertEqual(racer["elapsed_ms"] is None, racer["state"] == "not_started", racer)
        for attempt in racer["attempts"]:
            self.check_types(attempt, ATTEMPT, mode)
            self.assertIn(attempt["state"], STATES)
            self.assertIn(attempt["level"], LEVELS)
        states = [attempt["state"] for attempt in racer["attempts"]]
        self.assertEqual(racer["retries"], states.count("failed"))
        self.assertEqual(states.count("success"), int(racer["state"] == "success"))
        if racer["state"] == "failed":
            self.assertIsInstance(racer["error"], str)
        if racer["state"] == "success":
            self.assertIsNone(racer["error"])
        if racer["state"] == "not_started":
            self.assertEqual((racer["local_port"], racer["destination_port"],
                              racer["retries"], racer["attempts"]), (None, None, 0, []))

    def check_winner(self, report):
        racer = report["racers"][report["mode"]]
        self.assertEqual(report["winner"], NAMES[report["mode"]])
        self.assertEqual(racer["state"], "success")
        attempt, = [found for found in racer["attempts"] if found["state"] == "success"]
        for name in ("local_port", "destination_port"):
            self.assertEqual(racer[name], report[name])
            self.assertEqual(attempt[name], report[name])
        self.assertRegex(report["uid"], r"\A[A-Z0-9]+-[0-9]{6,}-[A-Z0-9]+\Z")
        self.assertIsNotNone(report["peer_port"])
        for mode in MODES:
            if mode != report["mode"]:
                self.assertIn(report["racers"][mode]["state"],
                              ("not_started", "failed", "cancelled"))

    def local_ports(self, report):
        """Of all attempts."""
        return [attempt["local_port"] for racer in report["racers"].values()
                for attempt in racer["attempts"]]

    def asked(self, report, mode):
        """The destination ports of a racer's attempts, in the order of their start."""
        return [attempt["destination_port"] for attempt in report["racers"][mode]["attempts"]]

    def check_failure(self, done, status, target=HOST):
        """Of a race in text mode: the verdict as it was printed."""
        found, stdout, stderr = done
        self.assertEqual((found, stdout), (status, ""), stderr)
        self.assertRegex(stderr, NOT_CONNECTED.format(re.escape(target)))
        return stderr

    def assert_closed(self, times=3):
        """The camera was told, as often as datagrams may get lost."""
        self.sim.wait("closed_by_client", 1)
        self.sim.wait("last_close_count", times)

    def stop(self, tool, number=signal.SIGINT):
        """Ends a tool with a signal; what it has printed."""
        tool.signal(number)
        status, stdout, stderr = tool.finish()
        self.assertEqual(status, -number, stderr)
        return stdout, stderr

    def assert_untouched(self):
        """No datagram has come, and nobody has connected."""
        stats = self.sim.stats()
        self.assertEqual([stats[f"{role}_in"] for role in ("camera", "server", "relay")],
                         [0, 0, 0])

    def history(self):
        """The default history file."""
        return os.path.join(self.dir, "linekeeper", "ppcs-history")

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()
