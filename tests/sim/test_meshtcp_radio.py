#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: what becomes of packets that the client sends."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp import tables  # noqa: E402
from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import BROADCAST  # noqa: E402
from meshtcp_case import MeshCase, packet, request, text  # noqa: E402

NOBODY = 0x0BADF00D


class Status(MeshCase):
    def simulate(self, *arguments):
        return super().simulate("--throttle", "off", *arguments)

    def test_each_packet(self):
        self.simulate()
        client = self.ready()
        client.send(text(5, "a") + text(6, "b"))
        self.assertEqual([client.status(), client.status()], [(0, 15, 5), (0, 15, 6)])
        self.silent(client)
        self.assertEqual(self.sim.stats()["accepted"], 2)
        self.finish()

    def test_repeats(self):
        self.simulate()
        client = self.ready()
        for number in range(1, 22):
            client.send(text(number, "x"))
            client.status()
        # The last 20 are remembered.
        client.send(text(2, "x"))
        self.silent(client)
        client.send(text(1, "x"))
        self.assertEqual(client.status(), (0, 15, 1))
        self.assertEqual((self.sim.stats()["repeats"], self.sim.stats()["texts"]), (1, 22))
        self.sim.command("firmware 2.5.2")
        client.send(text(1, "x"))
        self.assertEqual(client.status(), (0, 15, 1))
        self.finish()

    def test_slots(self):
        self.simulate("--airtime", "1000", "--clock-scale", "0")
        client = self.ready()
        for number in range(1, 17):
            client.send(text(number, "x"))
            self.assertEqual(client.status(), (0, 16 - number, number))
        self.sim.command("free-grace 60000")
        client.send(text(17, "x"))
        self.assertEqual(client.status(), (32, 0, 17))
        # Room again is told without being asked, once.
        self.sim.command("clock-advance 1")
        self.assertEqual(client.status(), (0, 1, 0))
        self.sim.command("clock-advance 20")
        self.assertEqual(client.beat(), (0, 16, 0))
        self.finish()

    def test_full_and_free(self):
        self.simulate("--free-grace", "60000")
        client = self.ready()
        self.sim.command("full on")
        client.send(text(5, "x"))
        self.assertEqual(client.status(), (32, 0, 5))
        self.sim.command("full off")
        self.assertEqual(client.status(), (0, 16, 0))
        self.sim.command("free 3")
        self.assertEqual(client.status(), (0, 3, 0))
        client.send(text(6, "x"))
        self.assertEqual(client.status(), (0, 3, 6))
        self.sim.command("free auto")
        self.assertEqual(client.status(), (0, 16, 0))
        self.assertEqual(self.sim.stats()["refused"], 1)
        self.finish()

    def test_lost_late_twice_none(self):
        self.simulate()
        client = self.ready()
        self.sim.command("lose-status 2")
        client.send(text(5, "a") + text(6, "b") + text(7, "c"))
        self.assertEqual(client.status()[2], 7)
        self.sim.command("status-copies 2")
        client.send(text(8, "d"))
        self.assertEqual([client.status()[2], client.status()[2]], [8, 8])
        self.sim.command("status-copies 1")
        self.sim.command("status-late 5000")
        client.send(text(9, "e", want_ack=True))
        self.assertEqual(client.ack()[2], 9)
        self.sim.command("clock-advance 5")
        self.assertEqual(client.status()[2], 9)
        self.sim.command("status-late 0")
        self.sim.command("queue-status off")
        client.send(text(10, "f", want_ack=True))
        self.assertEqual(client.ack()[2], 10)
        self.finish()

    def test_lost_packet(self):
        self.simulate()
        client = self.ready()
        self.sim.command("lose")
        client.send(text(5, "x"))
        self.silent(client)
        client.send(text(5, "x"))
        self.assertEqual(client.status(), (0, 15, 5))
        self.assertEqual(self.sim.stats()["lost"], 1)
        self.finish()

    def test_no_radio(self):
        self.simulate("--do", "radio off")
        client = self.ready()
        client.send(text(5, "x", want_ack=True))
        self.assertEqual(client.status(), (33, 16, 5))
        self.sim.command("radio on")
        self.sim.command("config lora tx_enabled=off")
        client.send(text(6, "x", want_ack=True))
        self.assertEqual(client.status(), (34, 16, 6))
        self.sim.command("config lora tx_enabled=on region=0")
        client.send(text(7, "x", want_ack=True))
        self.assertEqual(client.status(), (34, 16, 7))
        self.silent(client)
        self.finish()

    def test_refused_by_command(self):
        self.simulate()
        client = self.ready()
        self.sim.command("refuse-packets 9")
        client.send(text(5, "x") + text(6, "y"))
        self.assertEqual(client.status(), (9, 16, 5))
        self.assertEqual(client.ack(), (OWN, 9, 5))
        self.assertEqual(client.status(), (0, 15, 6))
        # Old firmware says nothing about refused packets.
        self.sim.command("heartbeat-answer on")
        self.sim.command("firmware 2.5.3")
        self.sim.command("refuse-packets 33")
        client.send(text(7, "x"))
        self.silent(client)
        self.finish()


class Limits(MeshCase):
    """Section 10: which text is too long, by what else the packet carries."""

    def outcome(self, client, size, to, **more):
        self.number += 1
        client.send(text(self.number, size * "x", to, **more))
        res, _, number = client.status()
        self.assertEqual(number, self.number)
        if res:
            self.assertEqual(client.ack(), (OWN, res, number))
        return res

    def test_longest_texts(self):
        self.simulate("--throttle", "off")
        self.number = 100
        client = self.ready()
        reply, emoji = {"reply_id": 1}, {"reply_id": 1, "emoji": 1}
        for longest, to, data in ((232, BROADCAST, {}), (227, BROADCAST, reply),
                                  (222, BROADCAST, emoji), (220, BOB, {}), (215, BOB, reply)):
            with self.subTest(longest):
                self.assertEqual(self.outcome(client, longest, to, data=data), 0)
                self.assertEqual(self.outcome(client, longest + 1, to, data=data), 7)
        self.assertEqual(self.outcome(client, 230, BROADCAST, data={"want_response": True}), 0)
        self.assertEqual(self.outcome(client, 231, BROADCAST, data={"want_response": True}), 7)
        client.send(packet(5, 256, 231 * b"x") + packet(6, 256, 232 * b"x"))
        self.assertEqual([client.status()[0], client.status()[0], client.ack()[1]], [0, 7, 7])
        self.finish()

    def test_undecodable_payload(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        client.send(text(5, 234 * "x"))
        self.assertEqual((client.status()[0], client.ack()[1]), (7, 7))
        client.send(text(6, 235 * "x"))
        self.silent(client)
        self.sim.command("firmware 2.5.15")
        client.send(text(7, 237 * "x"))
        self.assertEqual((client.status()[0], client.ack()[1]), (7, 7))
        self.finish("connection 1: a payload of 234 bytes", "connection 1: a payload of 235 bytes",
                    "connection 1: undecodable ToRadio: a payload of 235 bytes",
                    "connection 1: a payload of 237 bytes")

    def test_channels(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        for number, channel, res in ((5, 1, 0), (6, 2, 6), (7, 8, 6)):
            client.send(text(number, "x", channel=channel))
            self.assertEqual(client.status()[0], res)
            if res:
                self.assertEqual(client.ack(), (OWN, 6, number))
        # With public keys the channel does not matter.
        client.send(text(8, "x", BOB, channel=5))
        self.assertEqual(client.status()[0], 0)
        self.finish()


class Keys(MeshCase):
    def outcome(self, client, number, to, **more):
        client.send(text(number, "x", to, **more))
        res = client.status()[0]
        if res:
            self.assertEqual(client.ack(), (OWN, res, number))
        return res

    def test_unknown_key(self):
        self.simulate("--throttle", "off", "--do", "node CRL key=none")
        client = self.ready()
        self.assertEqual(self.outcome(client, 5, CAROL), 39)
        self.assertEqual(self.outcome(client, 6, NOBODY), 39)
        self.assertEqual(self.outcome(client, 7, CAROL, public_key=32 * b"k"), 0)
        self.assertEqual(self.outcome(client, 8, CAROL, pki_encrypted=True), 34)
        client.send(request(9, tables.TRACEROUTE, CAROL))
        self.assertEqual(client.status()[0], 0)
        client.packet()
        self.sim.command("firmware 2.7.18")
        self.assertEqual(self.outcome(client, 10, CAROL), 0)
        self.finish()

    def test_insisting(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        bob = bytes(range(0x80, 0xA0))
        self.assertEqual(self.outcome(client, 5, BOB, pki_encrypted=True, public_key=bob), 0)
        self.assertEqual(
            self.outcome(client, 6, BOB, pki_encrypted=True, public_key=32 * b"k"), 34)
        self.assertEqual(self.outcome(client, 7, BROADCAST, pki_encrypted=True), 34)
        self.sim.command("own is_licensed=on")
        self.assertEqual(self.outcome(client, 8, BOB), 0)
        self.assertEqual(self.outcome(client, 9, BOB, pki_encrypted=True), 34)
        self.finish()


if __name__ == "__main__":
    unittest.main()
