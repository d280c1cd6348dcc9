#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ppcs-connect --search and --broadcast, in a network of their own: nobody else is disturbed.

Skipped (exit status 77) where such a network cannot be made.
"""

import os
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

import ppcs_net  # noqa: E402
from ppcs_common import HOST, OTHER, UID, PpcsCase  # noqa: E402
from ppcs_net import LAN_ADDRESS, LAN_BROADCAST  # noqa: E402

THIRD = "SHOP-000007-BCDEF"


class SearchCase(PpcsCase):
    def search(self, *arguments):
        """The lines, sorted: devices answer in any order."""
        status, stdout, stderr = self.run_tool("--search", "--wait", "0.3", *arguments)
        self.assertEqual((status, stderr), (0, ""))
        return sorted(stdout.splitlines())

    def place(self, sim, host=HOST, uid=UID):
        return f"{uid} {host}:{sim.ports['main']}"


class Address(SearchCase):
    def test_text(self):
        sim = self.simulate()
        self.assertEqual(self.search(), [self.place(sim)])

    def test_json(self):
        sim = self.simulate()
        lines = self.search("--json")
        self.assertEqual(self.objects("\n".join(lines)), [
            {"uid": UID, "address": HOST, "port": sim.ports["main"], "key": ""}])

    def test_several(self):
        """Each is told once, however often it answers, with the key that it has."""
        cameras = [self.simulate("--uid", uid, "--key", key) for uid, key in (
            (UID, ""), (OTHER, "camera"), (THIRD, "SHIX"))]
        ports = [sim.ports["search"] for sim in cameras]
        self.peer = [HOST, *self.ports(*ports)]
        self.assertEqual(self.search(), sorted(
            self.place(sim, uid=uid) for sim, uid in zip(cameras, (UID, OTHER, THIRD))))
        found = {entry["uid"]: (entry["key"], entry["port"])
                 for entry in self.objects("\n".join(self.search("--json")))}
        self.assertEqual(found, {
            UID: ("", cameras[0].ports["main"]), OTHER: ("camera", cameras[1].ports["main"]),
            THIRD: ("SHIX", cameras[2].ports["main"])})
        for sim in cameras:
            self.assertGreater(sim.stats()["punch_pkt_out"], 2)

    def test_one_id_at_two_places(self):
        """They are two cameras for whoever looks for them."""
        cameras = [self.simulate(), self.simulate()]
        self.peer = [HOST, *self.ports(*(sim.ports["search"] for sim in cameras))]
        self.assertEqual(self.search(), sorted(self.place(sim) for sim in cameras))

    def test_key(self):
        """Only those with this key."""
        cameras = [self.simulate("--uid", UID), self.simulate("--uid", OTHER, "--key", "camera")]
        self.peer = [HOST, *self.ports(*(sim.ports["search"] for sim in cameras))]
        self.assertEqual(self.search("--key", "camera"), [self.place(cameras[1], uid=OTHER)])
        self.assertEqual(self.search("--key", "none"), [self.place(cameras[0])])

    def test_none(self):
        self.peer = [HOST, *self.ports(self.closed_port())]
        for form in ([], ["--json"]):
            status, stdout, stderr = self.run_tool("--search", "--wait", "0.2", *form)
            self.assertEqual((status, stdout), (1, ""))
            self.assertRegex(stderr, r"\Appcs-connect: [^\n]+: [^\n]+\n\Z")

    def test_no_session_is_made(self):
        """A search is only a search."""
        sim = self.simulate()
        self.search()
        stats = sim.stats()
        self.assertEqual((stats["sessions_total"], stats["punch_pkt_in"]), (0, 0))

    def test_wait(self):
        """Devices are told as they answer; the end comes when the time is over."""
        sim = self.simulate("--answer-delay", "200")
        start = time.monotonic()
        tool = self.start_tool("--search", "--wait", "3")
        self.assertEqual(tool.line(), self.place(sim))
        self.assertLess(time.monotonic() - start, 2.5)
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assertGreaterEqual(time.monotonic() - start, 3)

    def test_answer_that_comes_late(self):
        self.simulate("--answer-delay", "600")
        status, stdout, _ = self.run_tool("--search", "--wait", "0.3")
        self.assertEqual((status, stdout), (1, ""))

    def test_nonsense(self):
        for words in (["--nonsense", "on"], ["--reflect", "on"]):
            self.simulate(*words)
            status, stdout, _ = self.run_tool("--search", "--wait", "0.3")
            self.assertEqual((status, stdout), (1, ""))

    def test_signals(self):
        sim = self.simulate()
        for number in (signal.SIGINT, signal.SIGTERM):
            tool = self.start_tool("--search", "--wait", "30")
            self.assertEqual(tool.line(), self.place(sim))
            self.assertEqual(self.stop(tool, number)[0], "")

    def test_history_is_left_alone(self):
        self.simulate()
        self.search()
        self.assertFalse(os.path.exists(self.history()))


class Broadcast(SearchCase):
    """The camera is on the LAN, and nobody knows its address."""

    def setUp(self):
        super().setUp()
        self.simulate("--bind", "0.0.0.0")
        self.peer = ["--search-port", str(self.sim.ports["search"])]

    def test_search(self):
        self.assertEqual(self.search(), [self.place(self.sim, LAN_ADDRESS)])
        found, = self.objects("\n".join(self.search("--json")))
        self.assertEqual(found, {"uid": UID, "address": LAN_ADDRESS, "key": "",
                                 "port": self.sim.ports["main"]})

    def test_race(self):
        report = self.report("--broadcast", "--max-time", "5")
        self.assertEqual((report["mode"], report["uid"]), ("lan", UID))
        self.assertEqual((report["peer_address"], report["peer_port"]),
                         (LAN_ADDRESS, self.sim.ports["main"]))
        self.assertEqual(report["destination_port"], self.sim.ports["search"])
        self.assertIsNotNone(report["destination_address"])
        self.assert_closed()
        match = self.connect("--broadcast")
        self.assertEqual((match["mode"], match["address"]), ("lan", LAN_ADDRESS))

    def test_race_with_an_address(self):
        """The address is not the camera's; the broadcast finds it."""
        self.peer = ["127.0.0.9", *self.ports(self.closed_port(),
                                              search=self.sim.ports["search"])]
        capture = ppcs_net.Capture()
        self.addCleanup(capture.close)
        self.sim.command("search off")
        self.report("--max-time", "0.3", status=3)
        self.assertNotIn(LAN_BROADCAST, {packet.target[0] for packet in capture.take()})
        self.sim.command("search on")
        report = self.report("--broadcast", "--uid", UID, "--max-time", "5")
        self.assertEqual(report["mode"], "lan")
        self.assertIn(LAN_BROADCAST, {packet.target[0] for packet in capture.take()})

    def test_other_device(self):
        report = self.report("--broadcast", "--uid", OTHER, "--max-time", "0.4", status=1)
        self.assertIn(UID, report["verdict"])


if __name__ == "__main__":
    WHY = ppcs_net.refuse()
    if WHY:
        print(WHY, file=sys.stderr)
        sys.exit(77)
    unittest.main()
