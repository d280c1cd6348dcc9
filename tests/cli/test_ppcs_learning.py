#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What one run of ppcs-connect learns for the next: a relay that always wins goes first, and a way
that has failed five times in a row is left out for a minute.

How long somebody waited is told by the report: the race lasts as long as its racers, less that.
"""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, UID, PpcsCase  # noqa: E402

RESTS = "rests after 5 races without success"
REST_SECONDS = 60


class LearningCase(PpcsCase):
    def lines(self):
        """Of the history, each as the list of its fields."""
        return [line.split("\t") for line in self.read(self.history()).splitlines()]

    def learnt(self, mode, port=0):
        """The numbers behind mode and port: failures, weight, SRTT, RTTVAR, end of the rest."""
        found, = [line[3:] for line in self.lines() if line[:3] == ["path", mode, str(port)]]
        return [int(number) for number in found]

    def weights(self):
        return {line[1]: int(line[4]) for line in self.lines() if line[0] == "path"
                and line[2] == "0"}

    def tell(self, **rests):
        """A history in which these modes have failed five times in a row and rest until then."""
        with open(self.history(), "w", encoding="utf-8") as file:
            file.write(f"# linekeeper ppcs-history 1\npeer\t{HOST}\t{UID}\t1767225600\t-\t0\n")
            for mode, until in rests.items():
                file.write(f"path\t{mode}\t0\t5\t1000\t0\t0\t{until}\n")

    def waited(self, report, mode):
        """The ms from the start of the race to that of the racer that won or was cancelled."""
        return report["elapsed_ms"] - report["racers"][mode]["elapsed_ms"]


class RelayFirst(LearningCase):
    def setUp(self):
        """The camera is behind a relay; at the address that it had nobody says anything."""
        super().setUp()
        sim = self.simulate("--relays", "1", "--relay", "1 direct on")
        self.silent = self.silent_port()
        self.peer = [HOST, *self.ports(self.port_of(self.silent)), "--uid", UID, *self.relay()]
        sim.command("relay 1 silent on")
        # It was out of reach for a while, and so it has to wait for the others.
        for _ in range(3):
            self.report("--no-p2p", "--no-lan", "--max-time", "0.2", status=3)
        self.assertEqual(self.weights(), {"relay": 423})
        sim.command("relay 1 silent off")

    def won(self, *arguments):
        report = self.report(*arguments)
        self.assertEqual(report["mode"], "relay")
        return report

    def test_wins_faster(self):
        report = self.won()
        self.assertEqual(self.asked(report, "p2p")[0], self.port_of(self.silent))
        self.assertEqual(self.asked(report, "lan")[0], self.port_of(self.silent))
        self.assertGreaterEqual(self.waited(report, "relay"), (1000 - 423) // 2)
        self.assertEqual(self.weights(), {"p2p": 750, "lan": 750, "relay": 568})
        report = self.won()
        self.assertGreaterEqual(self.waited(report, "relay"), (750 - 568) // 2)
        self.assertEqual(self.weights(), {"p2p": 563, "lan": 563, "relay": 676})
        # Now it waits for nobody, but the others do.
        for number in range(3):
            relay = self.weights()["relay"]
            report = self.won()
            self.assertEqual(self.waited(report, "relay"), 0, number)
            for mode in ("p2p", "lan"):
                racer = report["racers"][mode]
                if racer["attempts"]:
                    self.assertGreaterEqual(report["elapsed_ms"] - racer["elapsed_ms"],
                                            (relay - 563) // 2, number)
        self.assertEqual(self.weights()["relay"], 864)  # 757, 818 and that

    def test_first_on_the_wire(self):
        """From the second race on the relay hears of it before anybody else does."""
        def first_asked(report):
            """Ports in the order of their first packets."""
            self.assertEqual(report["mode"], "relay")
            with open(trace, encoding="utf-8") as file:
                sent = [line.split() for line in file if line.startswith("# ")]
            ports = [int(words[2].rpartition(":")[2]) for words in sent if words[1][0] in "<>"]
            return list(dict.fromkeys(ports))

        relay, silent = self.sim.ports["relay1"], self.port_of(self.silent)
        trace = os.path.join(self.dir, "trace")
        mine = ("--trace", trace, "--history", os.path.join(self.dir, "mine"))
        ports = first_asked(self.report(*mine))
        self.assertLess(ports.index(silent), ports.index(relay))
        for _ in range(3):
            ports = first_asked(self.report(*mine))
            self.assertEqual(ports[0], relay)

    def test_only_what_was_learnt(self):
        self.won()
        self.won()
        for arguments in (("--no-history",), ("--weights", "p2p=1,lan=1,relay=1")):
            report = self.won(*arguments)
            self.assertEqual(self.waited(report, "relay"), 0)
            self.assertNotEqual(report["racers"]["p2p"]["attempts"], [])
            self.assertNotEqual(report["racers"]["lan"]["attempts"], [])


class Rest(LearningCase):
    def setUp(self):
        """P2P has failed five times in a row, and the camera is found by LAN search."""
        super().setUp()
        silent = self.silent_port()
        self.peer = [HOST, *self.ports(self.port_of(silent)), "--uid", UID]
        for failures in range(1, 6):
            self.before = int(time.time())
            self.report("--no-lan", "--max-time", "0.1", status=3)
            self.assertEqual(self.learnt("p2p")[0], failures)
            self.assertEqual(len(self.learnt("p2p")), 4 + (failures == 5))
        self.after = time.time()
        sim = self.simulate("--punch", "off")
        self.peer = [HOST, *self.ports(sim.ports["main"], search=sim.ports["search"]), "--uid", UID]
        self.rested = self.learnt("p2p")

    def attempts(self, *arguments):
        report = self.report(*arguments)
        self.assertEqual(report["mode"], "lan")
        return len(self.asked(report, "p2p"))

    def test_left_out(self):
        self.assertEqual(self.rested[:2], [5, 239])
        self.assertGreaterEqual(self.rested[4], self.before + REST_SECONDS)
        self.assertLessEqual(self.rested[4], self.after + REST_SECONDS + 1)
        # However long that has taken.
        until = int(time.time()) + REST_SECONDS
        self.tell(p2p=until)
        report = self.report()
        racer = report["racers"]["p2p"]
        self.assertEqual((report["mode"], racer["state"], racer["error"], racer["attempts"]),
                         ("lan", "cancelled", RESTS, []))
        # That was neither a failure nor did it change the end.
        self.assertEqual(self.learnt("p2p"), [5, 1000, 0, 0, until])
        stdout = self.run_tool()[1]
        self.assertRegex(stdout, rf"\n  p2p +cancelled .* {RESTS}\n")
        # Nothing else is left out, and nobody else.
        self.assertEqual(self.attempts("--no-history"), 1)

    def test_weight_that_is_set(self):
        self.tell(p2p=int(time.time()) + REST_SECONDS)
        self.assertEqual(self.attempts("--weights", "p2p=1"), 1)

    def test_never_all(self):
        """LAN is off, or rests as well."""
        until = int(time.time()) + REST_SECONDS
        self.tell(p2p=until)
        report = self.report("--no-lan", "--max-time", "0.1", status=3)
        self.assertEqual(len(report["racers"]["p2p"]["attempts"]), 1)
        self.tell(p2p=until, lan=until)
        self.assertEqual(self.attempts(), 1)

    def test_end_of_the_rest(self):
        """It is over; or it lasts longer than any does: then the clock was wrong."""
        now = int(time.time())
        for until in (0, now - 1, now, now + 86400, 253402300800):
            with self.subTest(until):
                self.tell(p2p=until)
                self.assertEqual(self.attempts(), 1)
        self.tell(p2p=now + REST_SECONDS)
        self.assertEqual(self.attempts(), 0)


if __name__ == "__main__":
    unittest.main()
