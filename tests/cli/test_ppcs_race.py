#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Races that ppcs-connect wins: every way to a camera, what is printed of it, and the options that
say which ways and ports are tried, in which order, and what counts as connected.
"""

import sys
import unittest

sys.dont_write_bytecode = True

from ppcs_common import ACCESS_POINT, HOST, NAMES, OTHER, UID, PpcsCase  # noqa: E402

# Past the LAN search, so that punching alone can win; and the other way round.
NO_SEARCH, NO_PUNCH = ("--search", "off"), ("--punch", "off")


class Ways(PpcsCase):
    def test_lan(self):
        """The search port is asked, the main port answers; no id has to be given."""
        sim = self.simulate(*NO_PUNCH)
        match = self.connect()
        self.assertEqual((match["mode"], match["address"]), ("lan", HOST))
        self.assertEqual(int(match["port"]), sim.ports["main"])
        self.assertEqual(int(match["asked"]), sim.ports["search"])
        self.assertLess(int(match["ms"]), 1000)
        self.assertIn(f"{HOST}:{match['local']}", sim.stats()["clients"])
        self.assert_closed()

    def test_lan_json(self):
        sim = self.simulate(*NO_PUNCH)
        report = self.report()
        self.assertEqual((report["mode"], report["winner"]), ("lan", "lanConnectThread"))
        self.assertEqual((report["uid"], report["key"]), (UID, ""))
        self.assertEqual((report["destination_address"], report["peer_address"]), (HOST, HOST))
        self.assertEqual((report["destination_port"], report["peer_port"]),
                         (sim.ports["search"], sim.ports["main"]))
        self.assertEqual(report["racers"]["lan"]["retries"], 0)
        self.assertEqual(report["racers"]["p2p"]["state"], "cancelled")
        self.assertEqual(report["racers"]["relay"]["state"], "not_started")
        won, = [found for found in report["racers"]["lan"]["attempts"]
                if found["state"] == "success"]
        self.assertEqual(won["level"], "verified")
        self.assertGreaterEqual(won["sent"], 3)      # LAN_SEARCH, PUNCH_PKT, ALIVE
        self.assertGreaterEqual(won["received"], 3)  # PUNCH_PKT, P2P_RDY, DRW or ALIVE_ACK
        self.assert_closed()

    def test_the_search_port_is_asked_in_any_case(self):
        self.simulate(*NO_PUNCH)
        self.peer = [HOST, *self.ports(self.closed_port(), search=self.sim.ports["search"])]
        self.assertEqual(self.connect()["mode"], "lan")

    def test_p2p(self):
        for arguments in ((), ("--no-lan",)):
            with self.subTest(arguments):
                sim = self.simulate(*NO_SEARCH)
                match = self.connect("--uid", UID, *arguments)
                self.assertEqual(match["mode"], "p2p")
                self.assertEqual({int(match["port"]), int(match["asked"])}, {sim.ports["main"]})
                self.assert_closed()

    def test_p2p_to_an_access_point(self):
        """The id that is punched for as long as none is known."""
        self.simulate(*NO_SEARCH, "--uid", ACCESS_POINT)
        self.assertEqual(self.connect(uid=ACCESS_POINT)["mode"], "p2p")

    def test_p2p_with_the_id_of_the_lan_answer(self):
        """The camera is found by its search port, but lets nobody in that way."""
        self.simulate("--echoes", "100000")
        report = self.report()
        self.assertEqual((report["mode"], report["uid"]), ("p2p", UID))
        levels = [attempt["level"] for attempt in report["racers"]["lan"]["attempts"]]
        self.assertIn("answer", levels)

    def test_servers(self):
        """Without an address; one server is silent, the others answer in any order."""
        self.simulate("--servers", "3", "--server", "1 silent on", "--shuffle", "on")
        self.peer = []
        report = self.report("--uid", UID, *self.servers())
        answering = {self.sim.ports["server2"], self.sim.ports["server3"]}
        self.assertEqual((report["mode"], report["winner"]), ("p2p", NAMES["p2p"]))
        self.assertIn(report["destination_port"], answering)
        self.assertEqual(report["peer_port"], self.sim.ports["main"])
        stats = self.sim.stats()
        self.assertGreater(min(stats[f"server{number}_in"] for number in (1, 2, 3)), 0)
        self.assert_closed()

    def test_servers_and_address(self):
        """The address leads nowhere, the servers to the camera."""
        self.simulate("--servers", "1", *NO_PUNCH)
        self.peer = [HOST, *self.ports(self.closed_port())]
        match = self.connect("--uid", UID, *self.servers())
        self.assertEqual((match["mode"], int(match["asked"])), ("p2p", self.sim.ports["server1"]))

    def test_relay(self):
        """Its listed port is asked, the session lives at the port that it gave."""
        sim = self.simulate("--relays", "1", "--relay", "1 direct on")
        self.peer = []
        report = self.report("--uid", UID, *self.relay())
        self.assertEqual((report["mode"], report["winner"]), ("relay", "relayConnectThread"))
        self.assertEqual((report["destination_address"], report["destination_port"]),
                         (HOST, sim.ports["relay1"]))
        self.assertNotIn(report["peer_port"], (sim.ports["relay1"], sim.ports["main"]))
        self.assertEqual(sim.stats()["relay_pairs"], 1)
        self.assert_closed(1)
        match = self.connect("--uid", UID, *self.relay())
        self.assertEqual((match["mode"], int(match["asked"])), ("relay", sim.ports["relay1"]))

    def test_relay_of_the_servers(self):
        """Of the relays that are listed the last three; those before are strangers' cameras."""
        self.simulate("--servers", "1", "--relays", "5", *NO_PUNCH)
        self.peer = []
        report = self.report("--uid", UID, "--no-p2p", "--relay", "auto", *self.servers())
        self.assertEqual(report["mode"], "relay")
        last = {self.sim.ports[f"relay{number}"] for number in (3, 4, 5)}
        self.assertIn(report["destination_port"], last)
        stats = self.sim.stats()
        self.assertEqual([stats["relay1_in"], stats["relay2_in"]], [0, 0])
        self.assertGreaterEqual(stats["rly_req_in"], 1)

    def test_second_relay(self):
        self.simulate("--relays", "2", "--relay", "all direct on", "--relay", "1 silent on")
        self.peer = []
        match = self.connect("--uid", UID, *self.relay(1), *self.relay(2))
        self.assertEqual(int(match["asked"]), self.sim.ports["relay2"])

    def test_all_at_once(self):
        """Whoever wins, no two attempts have had the same local port."""
        self.simulate("--servers", "2", "--relays", "3")
        report = self.report("--uid", UID, "--relay", "auto", *self.servers())
        local = self.local_ports(report)
        self.assertEqual(len(local), len(set(local)))
        self.assert_closed(1)

    def test_modes_are_left_out(self):
        for arguments, mode in ((["--no-p2p"], "lan"), (["--no-lan", "--uid", UID], "p2p")):
            self.simulate()
            report = self.report(*arguments)
            states = {name: racer["state"] for name, racer in report["racers"].items()}
            self.assertEqual(states, {name: "success" if name == mode else "not_started"
                                      for name in states})


class Walks(PpcsCase):
    """The camera is behind the third of three ports; two sockets hear and say nothing."""

    def setUp(self):
        super().setUp()
        self.simulate(*NO_SEARCH)
        self.silent = [self.port_of(self.silent_port()) for _ in range(2)]
        self.listed = [*self.silent, self.sim.ports["main"]]
        self.peer = [HOST, *self.ports(*self.listed), "--uid", UID]

    def test_fan_out(self):
        for arguments in ((), ("--walk", "fan-out")):
            report = self.report("--port-timeout", "3", *arguments)
            self.assertEqual((report["mode"], report["destination_port"]),
                             ("p2p", self.listed[2]))
            self.assertEqual(self.asked(report, "p2p"), self.listed)
            self.assertLess(report["elapsed_ms"], 1500)
            # Started 100 ms apart.
            self.assertGreaterEqual(report["elapsed_ms"], 190)
            local = self.local_ports(report)
            self.assertEqual(len(local), len(set(local)))

    def test_sequential(self):
        report = self.report("--walk", "sequential", "--port-timeout", "0.6", "--no-lan")
        self.assertEqual(report["destination_port"], self.listed[2])
        self.assertEqual(self.asked(report, "p2p"), self.listed)
        self.assertGreaterEqual(report["elapsed_ms"], 1200)
        self.assertLess(report["elapsed_ms"], 1800)
        attempts = report["racers"]["p2p"]["attempts"]
        self.assertEqual([found["state"] for found in attempts], ["failed", "failed", "success"])
        self.assertEqual(report["racers"]["p2p"]["retries"], 2)
        for attempt in attempts[:2]:
            self.assertGreaterEqual(attempt["elapsed_ms"], 600)
            self.assertLess(attempt["elapsed_ms"], 900)
            self.assertNotEqual(attempt["error"], "")
        local = self.local_ports(report)
        self.assertEqual(len(local), len(set(local)))

    def test_sequential_asks_the_search_port(self):
        self.sim.command("search on")
        self.sim.command("punch off")
        self.peer = [HOST, *self.ports(self.silent[0], search=self.sim.ports["search"])]
        report = self.report("--walk", "sequential", "--port-timeout", "0.3", "--no-p2p")
        self.assertEqual(self.asked(report, "lan"), [self.silent[0], self.sim.ports["search"]])

    def test_retries(self):
        """Nobody is there at first; each attempt has a socket of its own."""
        self.sim.command("silent on")
        self.peer = [HOST, *self.ports(self.listed[2]), "--uid", UID]
        tool = self.start_tool("--json", "--no-lan", "--port-timeout", "0.15")
        self.sim.wait("clients_total", 3)
        self.sim.command("silent off")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stderr), (0, ""))
        racer = self.check_json(stdout)["racers"]["p2p"]
        self.assertGreaterEqual(racer["retries"], 2)
        states = [attempt["state"] for attempt in racer["attempts"]]
        self.assertEqual(states, ["failed"] * racer["retries"] + ["success"])
        clients = {f"{HOST}:{attempt['local_port']}" for attempt in racer["attempts"]}
        self.assertEqual(clients, set(self.sim.stats()["clients"]))


class Options(PpcsCase):
    def test_until(self):
        """The path is up, the device itself says nothing over it."""
        self.simulate("--first", "none", "--alive-ack", "off", "--alive", "off")
        report = self.report("--until", "path", "--no-p2p")
        won, = [found for found in report["racers"]["lan"]["attempts"]
                if found["state"] == "success"]
        self.assertEqual(won["level"], "path")
        self.assert_closed()
        self.report("--until", "verified", "--no-p2p", "--max-time", "0.4", status=4)

    def test_verified_is_the_default(self):
        """Either proof does: data on channel 0, or an answer to ALIVE."""
        for words in (("--first", "none"), ("--alive-ack", "off")):
            self.simulate(*words)
            report = self.report()
            self.assertEqual(report["success"], True)

    def test_weights(self):
        """Who weighs nothing starts later than one who weighs all."""
        self.simulate("--answer-delay", "20")
        for words, mode, other in (("p2p=1,lan=0", "p2p", "lan"), ("p2p=0,lan=1", "lan", "p2p"),
                                   ("lan=0.0", "p2p", "lan"), ("p2p=0", "lan", "p2p")):
            report = self.report("--uid", UID, "--weights", words)
            self.assertEqual(report["mode"], mode, words)
            self.assertEqual(report["racers"][other]["attempts"], [], words)
        self.simulate("--servers", "1", "--relays", "1", "--answer-delay", "50")
        report = self.report("--uid", UID, "--relay", "auto", *self.servers(),
                             "--weights", "p2p=0.2,lan=0,relay=1")
        self.assertEqual(report["mode"], "relay")

    def test_uid_as_people_write_it(self):
        self.simulate()
        self.assertEqual(self.connect("--uid", UID)["uid"], UID)
        self.report("--uid", OTHER, "--max-time", "0.3", status=1)

    def test_time(self):
        """The time of the race, and --timeout where that is shorter."""
        self.peer = [HOST, *self.ports(self.port_of(self.silent_port()))]
        lines = (["--max-time", "0.4"], ["--timeout", "0.4"], ["-t", "0.4"],
                 ["--max-time", "0.4", "--timeout", "5"], ["--max-time", "5", "--timeout", "0.4"])
        for words, tool in [(words, self.start_tool("--json", *words)) for words in lines]:
            status, stdout, _ = tool.finish()
            self.assertEqual(status, 3)
            elapsed = self.check_json(stdout)["elapsed_ms"]
            self.assertTrue(300 <= elapsed < 4000, f"{words} {elapsed}")

    def test_sloppy_camera(self):
        """P2P_RDY with more bytes than it says, and an offer of TCP many times before it."""
        for words, least in ((["--extra", "8"], 0), (["--offers", "51"], 200)):
            sim = self.simulate(*words)
            report = self.report("--no-p2p")
            self.assertEqual((report["mode"], report["peer_port"]), ("lan", sim.ports["main"]))
            self.assertGreaterEqual(report["elapsed_ms"], least)
            self.assert_closed()

    def test_poor_line(self):
        self.simulate("--loss", "30", "--seed", "7")
        self.assertEqual(self.report("--uid", UID)["success"], True)

    def test_device_key(self):
        self.simulate("--servers", "1", "--dsk", "TheDeviceKey", *NO_PUNCH)
        self.peer = []
        report = self.report("--uid", UID, "--dsk", "TheDeviceKey", *self.servers())
        self.assertEqual(report["mode"], "p2p")
        stats = self.sim.stats()
        self.assertGreater(stats["p2p_req_dsk_in"], 0)
        self.assertEqual(stats["p2p_req_in"], 0)

    def test_keys(self):
        """One that is given, the known ones, and none; only `auto` tries more than one."""
        for network, words, probes in (
                ("camera", ["--key", "camera"], False), ("camera", [], True),
                ("camera", ["--key", "auto"], True), ("mycamera", [], True),
                ("a secret one", ["--key", "a secret one"], False),
                ("", ["--key", "none"], False), ("", [], True)):
            with self.subTest(network=network, words=words):
                sim = self.simulate("--key", network)
                report = self.report("--uid", UID, *words)
                self.assertEqual(report["key"], network)
                self.assertEqual(sim.stats()["foreign_in"] > 0, probes)
                self.assert_closed()

    def test_key_over_servers(self):
        self.simulate("--key", "camera", "--servers", "2", "--relays", "2", *NO_PUNCH)
        self.peer = []
        for words in ([], ["--key", "camera"], ["--no-p2p", "--relay", "auto"]):
            report = self.report("--uid", UID, *self.servers(), *words)
            self.assertEqual((report["key"], report["uid"]), ("camera", UID))


if __name__ == "__main__":
    unittest.main()
