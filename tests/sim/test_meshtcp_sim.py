#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: connections, heartbeats, packets from the mesh."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import BROADCAST  # noqa: E402
from meshtcp_case import GOODBYE, HEARTBEAT, MeshCase, text, to_radio, want  # noqa: E402


class Connections(MeshCase):
    def test_newest_wins(self):
        self.simulate("--single", "off")
        old = self.ready()
        new = self.ready()
        self.assertEqual(old.rest(), b"")
        new.beat()
        stats = self.sim.stats()
        self.assertEqual((stats["connections_total"], stats["connections_now"],
                          stats["connections_max_at_once"], stats["evictions"]), (2, 1, 2, 1))
        self.finish()

    def test_both_for_a_while(self):
        self.simulate("--single", "off", "--evict-delay", "60000")
        old = self.ready()
        new = self.client()
        new.send(want())
        self.sim.wait("connections_total", 2)
        old.beat()
        self.assertTrue(new.quiet())
        self.sim.command("evict-delay 20")
        third = self.client()
        self.assertEqual((old.rest(), new.rest()), (b"", b""))
        third.download()
        self.assertEqual(self.sim.stats()["evictions"], 2)
        self.finish()

    def test_evicted_with_a_reset(self):
        self.simulate("--single", "off", "--evict-how", "reset")
        old = self.ready()
        self.client()
        self.assertRaises(ConnectionResetError, old.rest)
        self.finish()

    def test_nothing_carries_over(self):
        self.simulate("--single", "off")
        old = self.ready()
        self.assertEqual(old.beat()[2], 0)
        half = text(5, "half")
        old.send(half[:9])
        self.sim.wait("bytes_in", 10 + 6 + 9)
        new = self.client()
        new.send(half[9:])
        self.assertEqual(old.rest(), b"")
        new.download()
        self.assertEqual(self.sim.stats()["packets_in"], 0)
        rest = half[9:]
        self.finish(f"connection 2: {len(rest)} bytes outside frames: {rest[:16].hex(' ')}")

    def test_mute_until_asked(self):
        self.simulate()
        client = self.client()
        client.send(32 * b"\xc3")
        self.sim.command("text BOB hello")
        self.assertEqual(client.beat(), (0, 16, 0))
        self.assertTrue(client.quiet())
        client.download()
        self.assertEqual(client.packet()["decoded"]["payload"], b"hello")
        self.finish()

    def test_disconnect(self):
        self.simulate("--expect-disconnect")
        client = self.ready()
        client.send(GOODBYE)
        self.assertEqual(client.rest(), b"")
        stats = self.sim.stats()
        self.assertEqual((stats["in_disconnect"], stats["closed_by_reason"]),
                         (1, {"disconnect": 1}))
        self.finish()

    def test_ipv6(self):
        self.simulate("--bind", "::1")
        self.client("::1").download()
        self.finish()

    def test_one_after_the_other(self):
        """Closing and connecting at once is not two connections."""
        self.simulate()
        for _ in range(5):
            client = self.client()
            client.download()
            client.close()
        self.assertEqual(self.sim.stats()["connections_total"], 5)
        self.finish()


class Heartbeat(MeshCase):
    def test_answered(self):
        self.simulate()
        client = self.ready()
        self.assertEqual(client.beat(), (0, 16, 0))
        self.assertEqual(self.sim.stats()["in_heartbeat"], 1)
        self.finish()

    def test_by_firmware(self):
        for firmware, mute, ready in (("2.7.3", False, False), ("2.7.4", False, True),
                                      ("2.7.6", True, True)):
            with self.subTest(firmware):
                self.simulate("--firmware", firmware)
                client = self.client()
                client.send(HEARTBEAT)
                self.sim.wait("in_heartbeat", 1)
                self.assertNotEqual(client.quiet(), mute)
                if mute:
                    client.status()
                client.download()
                client.send(HEARTBEAT)
                self.sim.wait("in_heartbeat", 2)
                self.assertNotEqual(client.quiet(), ready)
                self.finish()

    def test_switched(self):
        self.simulate("--heartbeat-answer", "off")
        client = self.ready()
        client.send(HEARTBEAT)
        self.sim.wait("in_heartbeat", 1)
        self.assertTrue(client.quiet())
        self.sim.command("heartbeat-answer on")
        client.beat()
        self.finish()

    def test_nonce_one(self):
        self.simulate()
        client = self.ready()
        client.send(to_radio(heartbeat={"nonce": 1}))
        self.silent(client)
        self.assertEqual(self.sim.stats()["nodeinfo_broadcasts"], 1)
        self.sim.command("firmware 2.7.22")
        client.send(to_radio(heartbeat={"nonce": 1}))
        self.assertEqual(client.status()[2], 0)
        self.finish()


class FromTheMesh(MeshCase):
    def test_text(self):
        self.simulate("--time", "1770000000")
        client = self.ready()
        self.sim.command("text BOB hi%20all%21")
        found = client.packet()
        self.assertAlmostEqual(found["rx_time"], 1770000000, delta=60)
        self.assertEqual(found, {
            "from": BOB, "to": BROADCAST, "id": found["id"], "rx_time": found["rx_time"],
            "rx_snr": 6.5, "rx_rssi": -43, "hop_limit": 3, "hop_start": 3, "relay_node": 0x10,
            "transport_mechanism": 1,
            "decoded": {"portnum": 1, "payload": b"hi all!", "bitfield": 1}})
        self.sim.command("text CRL pst ^local")
        found = client.packet()
        self.assertEqual((found["from"], found["to"], found["pki_encrypted"],
                          found["public_key"], found["hop_start"] - found["hop_limit"]),
                         (CAROL, OWN, True, bytes(range(1, 33)), 2))
        self.sim.command("text !0badcafe %ff%00 ^all 1")
        found = client.packet()
        self.assertEqual((found["from"], found["channel"], found["decoded"]["payload"]),
                         (0x0BADCAFE, 1, b"\xff\0"))
        self.sim.command("reply BOB 0x1badb002 agreed")
        self.assertEqual(client.packet()["decoded"]["reply_id"], 0x1BADB002)
        self.sim.command("react BOB 7 %F0%9F%91%8D")
        data = client.packet()["decoded"]
        self.assertEqual((data["reply_id"], data["emoji"], data["payload"].decode()),
                         (7, 1, "\N{THUMBS UP SIGN}"))
        self.finish()

    def test_other_packets(self):
        self.simulate()
        client = self.ready()
        self.sim.command("packet BOB 300 78797a")
        data = client.packet()["decoded"]
        self.assertEqual((data["portnum"], data["payload"]), (300, b"xyz"))
        self.sim.command("packet BOB 5 -")
        self.assertNotIn("payload", client.packet()["decoded"])
        self.sim.command("answer BOB 70 - 0x55")
        self.assertEqual(client.packet()["decoded"]["request_id"], 0x55)
        self.sim.command("encrypted CRL 95 a1b2")
        found = client.packet()
        self.assertEqual((found["channel"], found["encrypted"]), (95, b"\xa1\xb2"))
        self.sim.command("routing BOB 150 9")
        self.assertEqual(client.ack(), (BOB, 150, 9))
        self.sim.command("position BOB -33.8688 151.2093 -3")
        self.assertEqual(client.reply("Position")[2]["latitude_i"], -338688000)
        self.sim.command("position BOB 1.5 2.5 10 ^local")
        found = client.packet()
        self.assertEqual((found["to"], found.get("pki_encrypted")), (OWN, None))
        self.sim.command("telemetry BOB environment temperature=-1.5 lux=0 iaq=3")
        found = client.reply("Telemetry")[2]["environment_metrics"]
        self.assertEqual((found["temperature"], found["lux"], found["iaq"]), (-1.5, 0, 3))
        self.sim.command("telemetry ^local local num_packets_rx=7")
        sender, _, found = client.reply("Telemetry")
        self.assertEqual((sender, found["local_stats"]["num_packets_rx"]), (OWN, 7))
        self.sim.command("userinfo CRL")
        self.assertEqual(client.reply("User")[2]["id"], "!da5ae2a0")
        self.sim.command("duplicate")
        self.sim.command("text BOB twice")
        self.assertEqual(client.packet(), client.packet())
        # What was heard is known at the next download.
        nodes = {one["node_info"]["num"]: one["node_info"] for one in client.download(69421)}
        self.assertEqual(nodes[BOB]["position"]["longitude_i"], 25000000)
        self.finish()

    def test_old_packets_do_not_make_a_node_unheard(self):
        self.simulate("--time", "1770000000")
        client = self.ready()
        for age in (60, 6000):
            self.sim.command(f"rx-age {age}")
            self.sim.command("text BOB hello")
            client.packet()
        heard = client.download(69421)[1]["node_info"]["last_heard"]
        self.assertAlmostEqual(heard, 1770000000 - 60, delta=30)
        self.finish()

    def test_other_records(self):
        self.simulate()
        client = self.ready()
        self.sim.command("notify Too%20fast 0x22")
        found = client.hear_kind("clientNotification")
        self.assertEqual((found["message"], found["reply_id"], found["level"]),
                         ("Too fast", 0x22, 30))
        self.sim.command("notify plain")
        self.assertNotIn("reply_id", client.hear_kind("clientNotification"))
        self.sim.command("log hello%20log 40 Router")
        found = client.hear_kind("log_record")
        self.assertEqual((found["message"], found["level"], found["source"]),
                         ("hello log", 40, "Router"))
        self.sim.command("rebooted")
        self.assertEqual(client.hear(), {"rebooted": True})
        self.sim.command("status -1 5 3")
        self.assertEqual(client.status(), (-1, 3, 5))
        self.sim.command("frame 38 07")
        self.assertEqual(client.hear(), {"config_complete_id": 7})
        self.sim.command("frame -")
        self.assertEqual(client.payload(), b"")
        self.sim.command("raw 94c300023801")
        self.assertEqual(client.payload(), b"\x38\1")
        self.finish()

    def test_flood(self):
        self.simulate()
        client = self.ready()
        self.sim.command("flood 5000 1 20 CRL")
        found = [client.packet() for _ in range(5000)]
        self.assertEqual([int(one["decoded"]["payload"][:8]) for one in found], list(range(5000)))
        self.assertEqual({len(one["decoded"]["payload"]) for one in found}, {20})
        self.assertEqual(len({one["id"] for one in found}), 5000)
        self.sim.command("flood 3 256 4")
        self.assertEqual([client.packet()["decoded"]["payload"] for _ in range(3)], 3 * [b"xxxx"])
        self.assertEqual(self.sim.stats()["out_packet"], 5003)
        self.silent(client)
        self.finish()


if __name__ == "__main__":
    unittest.main()
