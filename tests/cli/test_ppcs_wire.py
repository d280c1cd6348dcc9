#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nothing leaves but to the addresses that were given and those that servers and relays name.

Every packet of every kind of race is looked at, in a network in which nothing else is said.
Skipped (exit status 77) where such a network cannot be made.
"""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True

import ppcs_net  # noqa: E402
from ppcs_common import HOST, OTHER, UID, PpcsCase  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sim"))

from ppcs import wire  # noqa: E402
from ppcs.cipher import KNOWN, Cipher  # noqa: E402

CIPHERS = [Cipher(key) for key in KNOWN]
# All that a client has to say; telemetry and management are not among it.
SAID = {wire.HELLO, wire.P2P_REQ, wire.P2P_REQ_DSK, wire.LAN_SEARCH, wire.PUNCH_PKT,
        wire.LIST_REQ1, wire.LIST_REQ_DSK, wire.RLY_HELLO, wire.RLY_PORT, wire.RLY_REQ,
        wire.RLY_PKT, wire.DRW_ACK, wire.ALIVE, wire.ALIVE_ACK, wire.CLOSE}
RANGE = 3
ELSEWHERE = "127.0.0.77"
NEXT_HOST = "127.0.0.2"  # from where a simulated camera answers "elsewhere"
MUTE = ["--first", "none", "--alive-ack", "off", "--alive", "off"]
SERVER_PORT = 32100


def message_in(data):
    """The plain message, whatever known key it has."""
    for cipher in CIPHERS:
        plain = cipher.decode(data)
        if plain[0] == wire.MAGIC and len(plain) == 4 + int.from_bytes(plain[2:4], "big"):
            return plain
    return None


def around(host, port):
    """What is punched for an address that a server names."""
    return {(host, port + more) for more in range(-RANGE, RANGE + 1)}


class WireCase(PpcsCase):
    def setUp(self):
        super().setUp()
        self.capture = ppcs_net.Capture()
        self.addCleanup(self.capture.close)
        self.sims = []
        # The addresses of all simulators, with the ports that their relays have given.
        self.own = set()

    def simulate(self, *arguments):
        sim = super().simulate(*arguments)
        self.sims.append(sim)
        self.own |= {(HOST, port) for port in sim.ports.values()}
        return sim

    def at(self, *names):
        """Addresses of the simulator that was started last."""
        return {(HOST, self.sim.ports[name]) for name in names}

    def run_captured(self, *arguments):
        """How it ended, and the packets of the tool: those that are of nobody who is simulated."""
        self.capture.take()
        done = self.run_tool(*arguments)
        end = time.time()
        packets = self.capture.take()
        for packet in packets:
            plain = message_in(packet.data)
            if packet.source in self.own and plain and plain[1] == wire.RLY_PORT_ACK:
                self.own.add((HOST, int.from_bytes(plain[8:10], "big")))
        found = [packet for packet in packets if packet.source not in self.own and
                 not self.is_of_a_stranger(packet)]
        self.assertEqual([packet for packet in found if packet.stamp > end], [])
        self.assertEqual(self.capture.others, [])
        self.assertGreater(len(found), 0)
        self.later = end, {packet.source for packet in found}
        return done, found

    @staticmethod
    def is_of_a_stranger(packet):
        """Sent by a socket of the simulator that nobody knows: as no client would."""
        plain = message_in(packet.data)
        return packet.source[0] == NEXT_HOST or (plain is not None and plain[1] == wire.P2P_RDY)

    def check(self, packets, allowed, said=SAID):
        for packet in packets:
            plain = message_in(packet.data)
            self.assertIn(packet.target, allowed, packet)
            self.assertIsNotNone(plain, packet)
            self.assertIn(plain[1], said, packet)

    def race(self, allowed, *arguments, status=0):
        (found, stdout, stderr), packets = self.run_captured("--json", *arguments)
        self.assertEqual(found, status, stderr)
        report = self.check_json(stdout)
        self.check(packets, allowed)
        # Every socket is one of an attempt that is told of.
        self.assertLessEqual({packet.source for packet in packets},
                             {(HOST, port) for port in self.local_ports(report)})
        return report, packets

    def tearDown(self):
        """Whatever comes while the simulators end, comes not from a tool that has ended."""
        end, sources = self.later
        for sim in self.sims:
            sim.stop()
        found = [packet for packet in self.capture.take()
                 if packet.stamp > end and packet.source in sources]
        self.assertEqual(found, [])


class Near(WireCase):
    def test_lan_and_punch(self):
        closed = self.closed_port()
        for words in (["--no-p2p"], ["--no-lan", "--uid", UID], [], ["--key", "none"],
                      ["--walk", "sequential", "--port-timeout", "0.2"], ["--until", "path"],
                      ["--hold", "1.2"]):
            self.simulate()
            ports = self.sim.ports
            self.peer = [HOST, *self.ports(closed, ports["main"], search=ports["search"])]
            self.race({(HOST, closed), *self.at("main", "search")}, *words)

    def test_close(self):
        """Three times, since one may get lost, and not all at the same moment."""
        self.simulate()
        _, packets = self.race(self.at("main", "search"), "--no-p2p", "--key", "none")
        stamps = [packet.stamp for packet in packets if packet.data == wire.build(wire.CLOSE)]
        self.assertEqual(len(stamps), 3)
        self.assertGreater(min(stamps[1] - stamps[0], stamps[2] - stamps[1]), 0.005)
        self.assertLess(stamps[2] - stamps[0], 0.1)

    def test_key_of_the_camera(self):
        """Once it is known no other is used for it."""
        self.simulate("--key", "camera")
        report, packets = self.race(self.at("main", "search"), "--no-p2p", "--hold", "0.2")
        self.assertEqual(report["key"], "camera")
        first = next(place for place, packet in enumerate(packets)
                     if message_in(packet.data)[1] == wire.PUNCH_PKT)
        cipher = Cipher(b"camera")
        for packet in packets[first:]:
            if packet.source[1] == report["local_port"]:
                self.assertEqual(cipher.decode(packet.data)[0], wire.MAGIC, packet)

    def test_one_key(self):
        self.simulate()
        for key in ("none", "SHIX"):
            cipher = Cipher(b"" if key == "none" else key.encode())
            _, packets = self.run_captured("--key", key, "--max-time", "0.3")
            for packet in packets:
                self.assertEqual(cipher.decode(packet.data)[0], wire.MAGIC, packet)

    def test_failures(self):
        """Whoever answers from elsewhere is not spoken to."""
        closed = self.closed_port()
        for network, words, status in (
                (["--stranger", "on"], ["--uid", UID], 6),
                (["--answer-from", "elsewhere"], ["--uid", UID], 6),
                (["--nonsense", "on"], [], 6), (["--reflect", "on"], ["--uid", UID], 6),
                (["--p2p-rdy", "off"], [], 4), (MUTE, [], 4), (["--silent", "on"], [], 3),
                ([], ["--uid", OTHER], 1), ([*MUTE, "--close-after", "1"], ["--no-p2p"], 1)):
            with self.subTest(network):
                self.simulate(*network)
                ports = self.sim.ports
                self.peer = [HOST, *self.ports(closed, ports["main"], search=ports["search"])]
                self.race({(HOST, closed), *self.at("main", "search")}, "--max-time", "0.3",
                          *words, status=status)

    def test_offer_of_tcp(self):
        self.simulate("--offers", "51")
        self.race(self.at("main", "search"), "--no-p2p")

    def test_default_ports(self):
        """Those of the contract, and no other."""
        self.peer = [ELSEWHERE]
        ports = [40611, 32100, 32108, 10000, 80, 57743]
        report, packets = self.race({(ELSEWHERE, port) for port in ports}, "--max-time", "0.8",
                                    status=3)
        self.assertEqual({packet.target[1] for packet in packets}, set(ports))
        self.assertEqual(self.asked(report, "p2p")[:6], ports)
        # Where cameras listen for a search is asked whatever the ports are.
        self.peer = [ELSEWHERE, "--ports", "40611"]
        _, packets = self.race({(ELSEWHERE, 40611), (ELSEWHERE, 32108)}, "--max-time", "0.3",
                               status=3)
        searched = {packet.target[1] for packet in packets
                    if message_in(packet.data)[1] == wire.LAN_SEARCH}
        self.assertEqual(searched, {40611, 32108})

    def test_search(self):
        """The address, and since it is a search everybody; nothing but the question."""
        self.simulate()
        port = self.sim.ports["search"]
        done, packets = self.run_captured("--search", "--wait", "0.3")
        self.assertEqual(done[0], 0)
        self.check(packets, {*self.at("main", "search"), (ppcs_net.LAN_BROADCAST, port),
                             ("255.255.255.255", port)}, {wire.LAN_SEARCH})


class Far(WireCase):
    def test_servers(self):
        self.simulate("--servers", "3", "--server", "1 silent on")
        self.peer = []
        servers = self.at("server1", "server2", "server3")
        main = self.sim.ports["main"]
        self.race({*servers, *around(HOST, main)}, "--uid", UID, *self.servers())
        self.sim.command("offline on")
        self.race(servers, "--uid", UID, *self.servers(), "--max-time", "0.5", status=1)

    def test_with_an_address(self):
        self.simulate("--servers", "1", "--relays", "1")
        near = self.at("main", "search")
        main = self.sim.ports["main"]
        self.race({*near, *around(HOST, main), *self.at("server1"), *self.at("relay1")}, "--uid",
                  UID, *self.servers(), "--relay", "auto", "--until", "path")

    def test_punch_to(self):
        """An address that a server names is punched, and the ports beside it."""
        self.simulate("--servers", "1", "--register", f"{UID} {ELSEWHERE}:5000")
        self.peer = ["--uid", UID, *self.servers(), "--max-time", "0.5"]
        _, packets = self.race({*self.at("server1"), *around(ELSEWHERE, 5000)}, status=4)
        punched = {packet.target for packet in packets} - self.at("server1")
        self.assertEqual(punched, around(ELSEWHERE, 5000))
        for nowhere in ("255.255.255.255:40000", "0.0.0.0:40000"):
            self.sim.command(f"register {UID} {nowhere}")
            self.race(self.at("server1"), status=4)

    def test_init_string(self):
        """The servers in it, at the port that servers have."""
        self.peer = ["--uid", UID, "--max-time", "0.3"]
        one, three = "EBGDEOBOKGICGAIAFFGN", ("EBGDEOBOKGICGAIAFFGNEAFMGPMHGFNDGNFLBEDJAAJELNKJ"
                                              "DLBBDLOBHILE")
        for text, hosts in ((one, [HOST]), (three, [HOST, "127.0.0.2", "127.0.0.3"]),
                            (f"{one}:camera", [HOST])):
            allowed = {(host, SERVER_PORT) for host in hosts}
            _, packets = self.race(allowed, "--init-string", text, status=3)
            self.assertEqual({packet.target for packet in packets}, allowed)
        cipher = Cipher(b"camera")
        self.assertTrue(any(cipher.decode(packet.data)[0] == wire.MAGIC for packet in packets))

    def test_relay(self):
        self.simulate("--relays", "1", "--relay", "1 direct on")
        self.peer = ["--uid", UID, *self.relay(), "--max-time", "0.6"]
        for words, status in (([], 0), (["1", "direct", "off"], 4), (["1", "liar", "port"], 4),
                              (["1", "full", "on"], 1), (["1", "silent", "on"], 3)):
            if words:
                self.sim.command(f"relay {' '.join(words)}")
            self.capture.take()
            before = self.sim.stats()["relay_ports"]
            (found, stdout, _), packets = self.run_captured("--json")
            self.assertEqual(found, status, words)
            self.check_json(stdout)
            targets = {packet.target for packet in packets} - self.at("relay1")
            # One more for each port that the relay has given, and none that it has not.
            given = self.sim.stats()["relay_ports"] - before
            self.assertLessEqual(len(targets), given)
            self.check(packets, targets | self.at("relay1"))
            self.assertEqual({host for host, _ in targets} - {HOST}, set())
            for packet in packets:
                if packet.target in targets:
                    self.assertIn(message_in(packet.data)[1],
                                  {wire.RLY_PKT, wire.ALIVE, wire.ALIVE_ACK, wire.DRW_ACK,
                                   wire.CLOSE})

    def test_relays_that_are_strangers(self):
        """Of a list the last three are relays; the others are cameras of other people."""
        self.simulate("--servers", "1", "--relays", "1")
        mine = f"{HOST}:{self.sim.ports['relay1']}"
        others = ["127.0.0.51:2222", "127.0.0.52:3333"]
        self.sim.command(f"list 127.0.0.49:1111 127.0.0.50:1111 {' '.join(others)} {mine}")
        self.peer = ["--uid", UID, *self.servers(), "--relay", "auto", "--no-p2p"]
        _, packets = self.run_captured("--json")
        allowed = {*self.at("server1", "relay1"), ("127.0.0.51", 2222), ("127.0.0.52", 3333)}
        targets = {packet.target for packet in packets}
        assigned = targets - allowed
        self.assertLessEqual(len(assigned), 1)
        self.assertTrue(all(host == HOST for host, _ in assigned), assigned)
        self.assertIn(("127.0.0.51", 2222), targets)

    def test_nothing_without_leave(self):
        """Servers are not asked for relays by somebody who wants none, and the other way round."""
        self.simulate("--servers", "1", "--relays", "1")
        self.peer = []
        _, packets = self.run_captured("--uid", UID, *self.servers(), "--json")
        kinds = {message_in(packet.data)[1] for packet in packets}
        self.assertEqual(kinds & {wire.LIST_REQ1, wire.RLY_REQ, wire.RLY_HELLO}, set())
        self.assertNotIn((HOST, self.sim.ports["relay1"]), {packet.target for packet in packets})


if __name__ == "__main__":
    WHY = ppcs_net.refuse()
    if WHY:
        print(WHY, file=sys.stderr)
        sys.exit(77)
    unittest.main()
