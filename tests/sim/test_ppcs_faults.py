#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: disorder on the line, and a camera that misbehaves."""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import wire  # noqa: E402
from ppcs_case import (ALIVE, ALIVE_ACK, CLOSE, DID, FIRST, HELLO, HOST, OTHER, PUNCH,  # noqa: E402
                       READY, SEARCH, PpcsCase, request)
from simulator import SimulatorError  # noqa: E402


class Line(PpcsCase):
    def searches(self, count):
        """Answers to as many searches; nothing is on its way afterwards."""
        client = self.client()
        before = self.sim.stats()["lan_search_in"]
        for _ in range(count):
            client.say(SEARCH, self.sim.ports["search"])
        self.sim.wait("lan_search_in", before + count)
        return client

    def test_loss(self):
        found = []
        for _ in range(2):
            self.simulate("--loss", "30", "--seed", "5")
            client = self.searches(200)
            stats = self.sim.stats()
            found.append(client.count(PUNCH))
            self.assertEqual(stats["lost_in"] + stats["lost_out"], 200 - found[-1])
            self.assertGreater(min(stats["lost_in"], stats["lost_out"]), 20)
            self.finish()
        # The seed decides everything.
        self.assertEqual(found[0], found[1])
        self.assertIn(found[0], range(60, 140))

    def test_of_a_role(self):
        self.simulate("--servers", "2", "--loss", "server 100")
        self.lan()
        client = self.client()
        client.say(HELLO, self.sim.ports["server2"])
        self.sim.command("loss server1 0")
        client.ask(HELLO, self.sim.ports["server1"])
        self.assertTrue(client.quiet())
        self.finish()

    def test_duplicate(self):
        self.simulate("--duplicate", "camera 100")
        client = self.searches(1)
        self.assertEqual([client.hear() for _ in range(4)], 4 * [PUNCH])
        self.finish()

    def test_reorder(self):
        self.simulate("--servers", "1", "--reorder", "100")
        client = self.client()
        # The first one is held back, overtaken, and follows.
        client.say(HELLO, self.sim.ports["server1"])
        client.say(wire.build(wire.LIST_REQ), self.sim.ports["server1"])
        self.assertEqual([client.hear()[1] for _ in range(2)], [wire.HELLO_ACK, wire.LIST_REQ_ACK])
        # When nothing comes to overtake it, it is just late.
        start = time.monotonic()
        client.ask(wire.build(wire.LIST_REQ), self.sim.ports["server1"])
        self.assertGreaterEqual(time.monotonic() - start, 0.02)
        self.finish()

    def test_garble(self):
        self.simulate("--garble", "100")
        client = self.searches(50)
        # Most requests are destroyed; an answer that comes is wrong in one byte.
        self.sim.command("garble 0")
        self.sim.command("garble camera 0")
        answers = self.sim.stats()["client_out"]
        for _ in range(answers):
            answer = client.hear()
            self.assertEqual(sum(is_ != was for is_, was in zip(answer, PUNCH)), 1)
        self.finish()

    def test_delay(self):
        self.simulate("--delay", "camera 15")
        client = self.client()
        start = time.monotonic()
        client.ask(SEARCH, self.sim.ports["search"])
        self.assertGreaterEqual(time.monotonic() - start, 0.03)
        self.sim.command("delay 0")
        self.sim.command("delay camera 1 2")
        client.ask(SEARCH, self.sim.ports["search"])
        self.finish()

    def test_delay_of_a_range_shuffles(self):
        self.simulate("--delay", "0 20", "--echo", "--acks", "never")
        client = self.session()
        for index in range(40):
            client.say(wire.build_data(1, index, bytes([index])))
        found = {}
        while sum(map(len, found.values())) < 40:
            channel, index, data = wire.parse_data(client.hear_kind(wire.DRW)[4:])
            if channel == 1:
                found[index] = data
        # In order again at the other end.
        self.assertEqual(b"".join(found[index] for index in sorted(found)), bytes(range(40)))
        for number in range(20):
            self.sim.command(f"send 2 {number:02x}")
        order = []
        while len(order) < 20:
            channel, index, _ = wire.parse_data(client.hear_kind(wire.DRW)[4:])
            if channel == 2 and index not in order:
                order.append(index)
        self.assertNotEqual(order, sorted(order))
        self.finish()


class Answers(PpcsCase):
    def test_wrong_identity(self):
        self.simulate("--wrong-uid", str(OTHER))
        client = self.client()
        wrong = wire.build_did(wire.PUNCH_PKT, OTHER)
        self.assertEqual(client.ask(SEARCH, self.sim.ports["search"]), wrong)
        client.say(PUNCH, client.source)
        self.assertEqual(client.hear(), wire.build_did(wire.P2P_RDY, OTHER))
        self.sim.command("wrong-uid none")
        self.lan()
        self.finish()

    def test_where_answers_come_from(self):
        self.simulate()
        for name in ("search", "main", "other", "elsewhere"):
            with self.subTest(name):
                self.sim.command(f"answer-from {name}")
                client = self.client()
                client.say(SEARCH, self.sim.ports["search"])
                data, address = client.sock.recvfrom(100)
                self.assertEqual(data, PUNCH)
                self.assertEqual(address[0], HOST if name != "elsewhere" else "127.0.0.2")
                known = {port: key for key, port in self.sim.ports.items()}
                self.assertEqual(known.get(address[1], name), name)
                client.peer = address
                self.assertEqual(client.ask(PUNCH), READY)
                client.say(ALIVE)
                client.hear_kind(wire.ALIVE_ACK)
                self.assertEqual(client.source, address[1])
        self.finish()

    def test_answer_delay(self):
        self.simulate("--answer-delay", "30")
        for way in (self.found, self.direct):
            start = time.monotonic()
            way()
            self.assertGreaterEqual(time.monotonic() - start, 0.03)
        self.finish()

    def test_extra(self):
        self.simulate("--extra", "8")
        client = self.found()
        self.assertEqual(client.ask(PUNCH, client.source), READY + bytes(8))
        self.finish()

    def test_no_ready(self):
        self.simulate("--p2p-rdy", "off")
        client = self.found()
        client.say(PUNCH, client.source)
        self.sim.wait("punch_pkt_in", 1)
        self.assertEqual(self.sim.stats()["sessions_total"], 0)
        self.assertTrue(client.quiet())
        self.finish()

    def test_echoes(self):
        self.simulate("--echoes", "3")
        client = self.found()
        self.assertEqual([client.ask(PUNCH, client.source) for _ in range(3)],
                         [PUNCH, PUNCH, READY])
        self.finish()

    def test_what_is_not_answered(self):
        self.simulate("--search", "off", "--punch", "off", "--main-search")
        client = self.client()
        client.say(SEARCH, self.sim.ports["search"])
        client.say(PUNCH, self.sim.ports["main"])
        self.sim.wait("client_in", 2)
        self.assertTrue(client.quiet())
        # The main socket hears searches when it is told to; then a punch is an echo.
        self.assertEqual(client.ask(SEARCH, self.sim.ports["main"]), PUNCH)
        self.assertEqual(client.ask(PUNCH, client.source), READY)
        self.sim.command("main-search off")
        self.client().say(SEARCH, self.sim.ports["main"])
        self.sim.wait("lan_search_in", 3)
        self.assertEqual(self.sim.stats()["punch_pkt_out"], 1)
        self.finish()

    def test_stranger(self):
        self.simulate("--stranger")
        client = self.client()
        for message, port in ((SEARCH, "search"), (PUNCH, "main")):
            self.assertEqual(client.ask(message, self.sim.ports[port]), READY)
            self.assertNotIn(client.source, self.sim.ports.values())
        self.assertTrue(client.quiet())
        self.sim.command("stranger also")
        client = self.client()
        client.say(SEARCH, self.sim.ports["search"])
        self.assertEqual([client.hear(), client.hear()], [READY, PUNCH])
        self.finish()


class Whole(PpcsCase):
    def test_silent(self):
        self.simulate("--alive-period", "20")
        client = self.session()
        self.sim.command("silent on")
        client.count(ALIVE)
        client.say(ALIVE)
        client.say(SEARCH, self.sim.ports["search"])
        self.sim.wait("alive_in", 2)
        self.sim.wait("sessions", 0, "=")
        self.assertTrue(client.quiet())
        self.sim.command("silent off")
        self.lan()
        self.finish()

    def test_reflect(self):
        self.simulate("--reflect")
        client = self.client()
        for message in (SEARCH, PUNCH):
            for port in ("search", "main"):
                self.assertEqual(client.ask(message, self.sim.ports[port]), message)
                self.assertEqual(client.source, self.sim.ports[port])
        self.assertEqual(self.sim.stats()["sessions_total"], 0)
        self.finish()

    def test_nonsense(self):
        self.simulate("--nonsense")
        answers = set()
        for _ in range(20):
            client = self.client()
            client.say(SEARCH, self.sim.ports["search"])
            answers.add(client.sock.recv(100))
        self.assertGreater(len(answers), 15)
        self.finish()


class InSession(PpcsCase):
    def test_first(self):
        self.simulate("--first", "none")
        client = self.direct()
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        self.assertEqual(self.sim.stats()["drw_out"], 0)
        self.sim.command("first 4e4f")
        client = self.direct()
        self.assertEqual(client.hear_kind(wire.DRW), wire.build_data(0, 0, b"NO"))
        self.sim.command("first ack")
        self.assertEqual(self.direct().hear_kind(wire.DRW), FIRST)
        self.finish()

    def test_keepalive_switches(self):
        self.simulate("--alive-ack", "off", "--alive", "off", "--alive-period", "5",
                      "--alive-limit", "2")
        client = self.direct()
        client.say(ALIVE)
        client.acknowledge(0)
        client.hear_kind(wire.DRW)
        self.sim.wait("drw_ack_in", 1)
        stats = self.sim.stats()
        self.assertEqual((stats["alive_ack_out"], stats["alive_out"]), (0, 0))
        self.sim.command("alive on")
        client.hear_kind(wire.CLOSE)
        self.finish()

    def test_close_after(self):
        self.simulate("--close-after", "3")
        client = self.session()
        client.say(ALIVE)
        self.assertEqual([client.hear(), client.hear()], [ALIVE_ACK, CLOSE])
        self.finish()

    def test_close(self):
        self.simulate()
        clients = [self.session() for _ in range(2)]
        self.sim.command("close")
        self.assertEqual([client.hear() for client in clients], [CLOSE, CLOSE])
        self.assertEqual(self.sim.stats()["sessions"], 0)
        self.finish()

    def test_limit(self):
        self.simulate("--limit", "1")
        first = self.session()
        client = self.client()
        self.assertEqual(client.ask(PUNCH, self.sim.ports["main"]), CLOSE)
        self.sim.command("limit 1 silent")
        client.say(PUNCH, self.sim.ports["main"])
        self.sim.wait("punch_pkt_in", 3)
        self.assertTrue(client.quiet())
        first.say(CLOSE)
        self.sim.wait("sessions", 0, "=")
        self.direct()
        self.assertEqual(self.sim.stats()["refused"], 2)
        self.finish()

    def test_raw(self):
        self.simulate()
        client, other = self.session(), self.session()
        self.sim.command(f"send-raw f1e00001 {client.name}")
        self.assertEqual(client.hear().hex(), "f1e00001")
        self.sim.command(f"send-message f1e00000 {other.address[1]}")
        self.assertEqual(other.hear(), ALIVE)
        self.assertTrue(client.quiet())
        self.assertRaises(SimulatorError, self.sim.command, "send-raw 00 127.0.0.1:1")
        self.finish()


class Servers(PpcsCase):
    def test_silent_and_late(self):
        self.simulate("--servers", "2", "--server", "1 silent on", "--server", "2 answer-delay 20")
        client = self.client()
        client.say(HELLO, self.sim.ports["server1"])
        start = time.monotonic()
        client.ask(HELLO, self.sim.ports["server2"])
        self.assertEqual(client.source, self.sim.ports["server2"])
        self.assertGreaterEqual(time.monotonic() - start, 0.02)
        self.assertTrue(client.quiet())
        self.finish()

    def test_shuffle(self):
        self.simulate("--servers", "1", "--shuffle", "--no-camera")
        self.sim.command(f"register {DID} 127.0.0.1:9")
        orders = set()
        for _ in range(20):
            client = self.client()
            client.say(request(), self.sim.ports["server1"])
            orders.add(tuple(client.hear()[1] for _ in range(2)))
        self.assertEqual(len(orders), 2)
        self.finish()


if __name__ == "__main__":
    unittest.main()
