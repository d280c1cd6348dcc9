#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: acks, throttles, and answers to requests."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp import tables  # noqa: E402
from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import BROADCAST, encode  # noqa: E402
from meshtcp_case import MeshCase, packet, request, spell, text, to_radio  # noqa: E402

NOBODY = 0x0BADF00D
POSITION = encode("Position", {"latitude_i": 1, "longitude_i": 2})


class Acks(MeshCase):
    def simulate(self, *arguments):
        return super().simulate("--throttle", "off", "--clock-scale", "0", *arguments)

    def send(self, client, to=BOB, number=None, **more):
        self.number = number or getattr(self, "number", 100) + 1
        client.send(text(self.number, "x", to, **{"want_ack": True, **more}))
        self.assertEqual(client.status(), (0, 15, self.number))

    def acks(self, client, *expected):
        for sender, error in expected:
            self.assertEqual(client.ack(), (sender, error, self.number))
        self.silent(client)

    def test_usual(self):
        self.simulate()
        client = self.ready()
        self.send(client)
        self.acks(client, (BOB, 0))
        self.send(client, BROADCAST)
        self.acks(client, (OWN, 0))
        self.send(client, want_ack=False)
        self.acks(client)
        self.assertEqual(self.sim.stats()["acks_sent"], 2)
        self.finish()

    def test_policies(self):
        self.simulate()
        client = self.ready()
        for policy, direct, everybody in (
                ("implicit", [(OWN, 0)], [(OWN, 0)]),
                ("both", [(OWN, 0), (BOB, 0)], [(OWN, 0)]),
                ("none", [], []),
                ("nak", [(OWN, 5)], [(OWN, 5)]),
                ("nak 35", [(BOB, 35)], [(OWN, 35)]),
                ("own-nak 35", [(OWN, 35)], [(OWN, 35)]),
                ("implicit,nak:5", [(OWN, 0), (OWN, 5)], [(OWN, 0), (OWN, 5)]),
                ("real", [(BOB, 0)], [(OWN, 0)])):
            with self.subTest(policy):
                self.sim.command(f"ack {policy}")
                self.send(client)
                self.acks(client, *direct)
                self.send(client, BROADCAST)
                self.acks(client, *everybody)
        self.finish()

    def test_late(self):
        self.simulate("--ack", "late 3000")
        client = self.ready()
        self.send(client)
        self.acks(client)
        self.sim.command("clock-advance 2")
        self.acks(client)
        self.sim.command("clock-advance 2")
        self.acks(client, (BOB, 0))
        self.sim.command("ack implicit,wait:1000,real")
        self.send(client)
        self.acks(client, (OWN, 0))
        self.sim.command("clock-advance 1")
        self.acks(client, (BOB, 0))
        self.finish()

    def test_by_node(self):
        self.simulate()
        client = self.ready()
        self.sim.command("ack nak 5 BOB")
        self.sim.command("ack implicit CRL")
        self.send(client)
        self.acks(client, (OWN, 5))
        self.send(client, CAROL)
        self.acks(client, (OWN, 0))
        self.sim.command("ack real")
        self.send(client, CAROL)
        self.acks(client, (CAROL, 0))
        self.finish()

    def test_nobody(self):
        """A node that does not exist: the own node gives up after 21 seconds."""
        self.simulate("--firmware", "2.7.18")
        client = self.ready()
        self.send(client, NOBODY)
        self.sim.command("clock-advance 21")
        self.acks(client)
        self.sim.command("clock-advance 1")
        self.acks(client, (OWN, 5))
        self.finish()

    def test_an_ack_waits_for_the_next_client(self):
        self.simulate("--ack", "late 1000")
        client = self.ready()
        self.send(client)
        client.close()
        self.left()
        self.sim.command("clock-advance 1")
        self.acks(self.ready(), (BOB, 0))
        self.finish()


class Throttles(MeshCase):
    def simulate(self, *arguments):
        return super().simulate("--clock-scale", "0", *arguments)

    def test_texts(self):
        self.simulate()
        client = self.ready()
        client.send(text(5, "a") + text(6, "b"))
        self.assertEqual([client.status(), client.status()], [(0, 15, 5), (0, 16, 6)])
        self.assertEqual(client.ack(), (OWN, 38, 6))
        # Without a sender the error does not reach the client.
        client.send(to_radio(packet={"to": BROADCAST, "id": 7, "decoded": {
            "portnum": 1, "payload": b"c"}}))
        self.assertEqual(client.status(), (0, 16, 7))
        self.silent(client)
        self.sim.command("clock-advance 1.9")
        client.send(text(8, "d"))
        self.assertEqual((client.status()[2], client.ack()[1]), (8, 38))
        self.sim.command("clock-advance 0.1")
        client.send(text(9, "e"))
        self.assertEqual(client.status(), (0, 15, 9))
        stats = self.sim.stats()
        self.assertEqual((stats["throttled"], stats["texts"]), (3, 2))
        # The id of a throttled packet counts as seen.
        self.sim.command("clock-advance 10")
        client.send(text(8, "d"))
        self.silent(client)
        self.finish()

    def test_texts_by_firmware(self):
        for firmware, throttled, nak in (("2.6.11", 0, 0), ("2.7.3", 1, 0), ("2.7.4", 1, 1)):
            with self.subTest(firmware):
                self.simulate("--firmware", firmware, "--heartbeat-answer", "on")
                client = self.ready()
                client.send(text(5, "a") + text(6, "b"))
                self.assertEqual([client.status()[2], client.status()[2]], [5, 6])
                if nak:
                    self.assertEqual(client.ack(), (OWN, 38, 6))
                self.silent(client)
                self.assertEqual(self.sim.stats()["throttled"], throttled)
                self.finish()

    def test_other_ports(self):
        self.simulate()
        client = self.ready()
        number = 100
        for port in (tables.POSITION, tables.WAYPOINT, tables.ALERT, tables.TELEMETRY):
            for advance, accepted in ((0, 1), (9.9, 1), (0.1, 2)):
                number += 1
                self.sim.command(f"clock-advance {advance}")
                client.send(packet(number, port, POSITION))
                self.assertEqual(client.status()[::2], (0, number))
        self.assertEqual(self.sim.stats()["throttled"], 4)
        client.send(packet(5, 256, b"x") + packet(6, 256, b"x"))
        self.assertEqual([client.status(), client.status()], [(0, 15, 5), (0, 15, 6)])
        self.silent(client)
        self.finish()

    def test_traceroute(self):
        self.simulate()
        client = self.ready()
        client.send(request(5, tables.TRACEROUTE, BOB))
        self.assertEqual((client.status()[2], client.packet()["decoded"]["request_id"]), (5, 5))
        self.sim.command("clock-advance 29")
        client.send(request(6, tables.TRACEROUTE, BOB))
        self.assertEqual(client.status(), (0, 16, 6))
        found = client.hear_kind("clientNotification")
        self.assertEqual((found["reply_id"], found["level"]), (6, 30))
        self.assertIn("once every 30 seconds", found["message"])
        self.sim.command("clock-advance 31")
        client.send(request(7, tables.TRACEROUTE, BROADCAST))
        self.assertEqual(client.status(), (0, 16, 7))
        self.assertEqual(client.hear_kind("clientNotification")["reply_id"], 7)
        self.silent(client)
        self.finish()

    def test_per_connection_and_off(self):
        self.simulate()
        for number in (5, 6):
            client = self.ready()
            client.send(text(number, "x"))
            self.assertEqual(client.status(), (0, 15, number))
            client.close()
        client = self.ready()
        self.sim.command("throttle off")
        client.send(text(7, "x") + text(8, "x"))
        self.assertEqual([client.status(), client.status()], [(0, 15, 7), (0, 15, 8)])
        self.finish()


class Answers(MeshCase):
    def simulate(self, *arguments):
        return super().simulate("--throttle", "off", "--clock-scale", "0", *arguments)

    def ask(self, client, port, to=BOB, payload=b"", **more):
        self.number = getattr(self, "number", 100) + 1
        client.send(request(self.number, port, to, payload, **more))
        self.assertEqual(client.status()[::2], (0, self.number))

    def answer(self, client, table, sender=BOB):
        found = client.reply(table)
        self.assertEqual(found[:2], (sender, self.number))
        return found[2]

    def test_traceroute(self):
        self.simulate("--nodes", "2")
        client = self.ready()
        self.ask(client, tables.TRACEROUTE)
        self.assertEqual(self.answer(client, "Route"), {"snr_towards": [26], "snr_back": [26]})
        self.ask(client, tables.TRACEROUTE, CAROL)
        self.assertEqual(self.answer(client, "Route", CAROL), {
            "route": [BOB, BROADCAST], "snr_towards": [26, -128, -35],
            "route_back": [BROADCAST, BOB], "snr_back": [-35, -128, 26]})
        self.sim.command("route CRL ? BOB ?")
        self.ask(client, tables.TRACEROUTE, CAROL)
        self.assertEqual(self.answer(client, "Route", CAROL)["route"],
                         [BROADCAST, BOB, BROADCAST])
        self.silent(client)
        self.finish()

    def test_traceroute_to_nobody(self):
        self.simulate()
        client = self.ready()
        client.send(packet(5, tables.TRACEROUTE, to=NOBODY, data={"want_response": True}))
        self.assertEqual(client.status()[2], 5)
        self.sim.command("clock-advance 22")
        self.assertEqual(client.ack(), (OWN, 5, 5))
        self.finish()

    def test_telemetry(self):
        self.simulate()
        client = self.ready()
        for payload, name, field in (
                ("1200", "device_metrics", "uptime_seconds"),
                ("1a00", "environment_metrics", "temperature"),
                ("2200", "air_quality_metrics", "co2"), ("2a00", "power_metrics", "ch1_voltage"),
                ("3200", "local_stats", "noise_floor"), ("3a00", "health_metrics", "heart_bpm"),
                ("4200", "host_metrics", "freemem_bytes"),
                ("4a00", "traffic_management_stats", "count1")):
            self.ask(client, tables.TELEMETRY, BOB, spell(payload))
            self.assertIn(field, self.answer(client, "Telemetry")[name])
        self.ask(client, tables.TELEMETRY, CAROL, spell("1a00"))
        self.assertEqual(client.ack(), (CAROL, 8, self.number))
        self.ask(client, tables.TELEMETRY, OWN, spell("3200"))
        self.assertEqual(self.answer(client, "Telemetry", OWN)["local_stats"]["noise_floor"], -98)
        self.silent(client)
        self.finish()

    def test_position_user_and_others(self):
        self.simulate()
        client = self.ready()
        self.ask(client, tables.POSITION)
        self.assertEqual(self.answer(client, "Position")["latitude_i"], -338688000)
        self.ask(client, tables.NODEINFO)
        self.assertEqual(self.answer(client, "User")["short_name"], "BOB")
        self.ask(client, tables.NEIGHBORS)
        self.assertEqual(self.answer(client, "Neighbors")["neighbors"][0]["node_id"], OWN)
        # Once in three minutes; otherwise just an ack.
        self.ask(client, tables.NEIGHBORS)
        self.assertEqual(client.ack(), (BOB, 0, self.number))
        self.ask(client, tables.REPLY, payload=b"ping")
        self.assertEqual(client.packet()["decoded"]["payload"], b"got ping")
        self.ask(client, 300)
        self.assertEqual(client.ack(), (BOB, 8, self.number))
        self.sim.command("node BOB position=none")
        self.ask(client, tables.POSITION)
        self.assertEqual(client.ack(), (BOB, 8, self.number))
        self.assertEqual(self.sim.stats()["answers_sent"], 4)
        self.finish()

    def test_modes(self):
        self.simulate()
        client = self.ready()
        self.sim.command("answers off")
        self.ask(client, tables.POSITION)
        self.assertEqual(client.ack(), (BOB, 0, self.number))
        self.sim.command("answers nak 33")
        self.ask(client, tables.POSITION)
        self.assertEqual(client.ack(), (BOB, 33, self.number))
        self.sim.command("answers on")
        self.sim.command("answers late 4000 BOB")
        self.ask(client, tables.POSITION)
        self.silent(client)
        self.sim.command("clock-advance 4")
        self.answer(client, "Position")
        self.ask(client, tables.POSITION, CAROL)
        self.answer(client, "Position", CAROL)
        self.finish()

    def test_with_policies(self):
        self.simulate("--ack", "both")
        client = self.ready()
        self.ask(client, tables.POSITION)
        self.assertEqual(client.ack(), (OWN, 0, self.number))
        self.answer(client, "Position")
        self.sim.command("ack nak 5")
        self.ask(client, tables.POSITION)
        self.assertEqual(client.ack(), (OWN, 5, self.number))
        self.sim.command("ack none")
        self.ask(client, tables.POSITION)
        self.answer(client, "Position")
        self.silent(client)
        self.finish()


if __name__ == "__main__":
    unittest.main()
