#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: its console, what it keeps, and its clock."""

import json
import os
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp import tables  # noqa: E402
from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import BROADCAST, decode  # noqa: E402
from meshtcp_case import GOODBYE, MeshCase, frame, text, to_radio  # noqa: E402
from simulator import SimulatorError  # noqa: E402


class Console(MeshCase):
    def test_wrong_commands(self):
        self.simulate()
        for command in ("text DAVE hi", "text BOB", "text BOB hi ^all 300", "packet BOB 512 00",
                        "packet BOB 1 0", "position BOB x 1", "position BOB 999 1",
                        "telemetry BOB power ch1_voltage=1e99", "telemetry BOB weather",
                        "telemetry BOB air co2", "telemetry BOB air co3=1", "text ^all hi",
                        "raw 00", "cut", "garbage 5", "frame " + 513 * "00", "num BOB",
                        "add-node BOB", "add-node 5 nose=1", "node DAVE snr=1", "remove-node 9",
                        "config lora", "config shoe 00", "config sessionkey a=b", "channel 8",
                        "firmware x", "ack sometimes", "ack real BOB BOB", "ack nak x",
                        "ack real DAVE", "answers maybe", "free 17", "clock-scale -1",
                        "clock-advance -1", "idle soon", "download-fault smile",
                        "heartbeat-answer perhaps", "evict-how nicely", "download-file /nowhere"):
            if command == "config lora":
                self.assertIn("region", json.loads(self.sim.command(command)))
                continue
            with self.subTest(command):
                self.assertRaises(SimulatorError, self.sim.command, command)
        self.finish()

    def test_log_and_texts(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        client.send(text(5, "hello", want_ack=True))
        client.send(text(6, "psst", BOB, data={"reply_id": 9}, channel=1))
        self.assertEqual([client.status()[2], client.ack()[2], client.status()[2]], [5, 5, 6])
        entries = json.loads(self.sim.command("log"))
        self.assertEqual(entries[0]["want_config_id"], 0x12345678)
        self.assertEqual(entries[1]["packet"]["decoded"]["text"], "hello")
        self.assertEqual([entry["packet"]["id"] for entry in entries[1:]], [5, 6])
        texts = json.loads(self.sim.command("texts"))
        self.assertEqual(texts[1], {"id": 6, "to": BOB, "channel": 1, "text": "psst", "emoji": 0,
                                    "reply_id": 9, "want_ack": False})
        stats = self.sim.stats()
        self.assertEqual((stats["texts"], stats["packets_in"], stats["last_id"],
                          stats["packets_by_port"]), (2, 2, 6, {"1": 2}))
        client.send(GOODBYE)
        client.rest()
        self.assertEqual(json.loads(self.sim.command("log"))[-1]["closed"], "disconnect")
        self.sim.command("forget")
        self.assertEqual([self.sim.command("log"), self.sim.command("texts")], ["[]", "[]"])
        self.finish()

    def test_payloads_in_the_log(self):
        self.simulate()
        client = self.ready()
        for number, port, payload in ((5, 3, b"\x0d\1\0\0\0"), (6, 3, b"\x0d"), (7, 256, b"x")):
            client.send(to_radio(packet={"to": BROADCAST, "id": number, "decoded": {
                "portnum": port, "payload": payload}}))
            client.status()
        found = [entry["packet"]["decoded"] for entry in json.loads(self.sim.command("log"))[1:]]
        self.assertEqual([one.get("message") for one in found],
                         [{"latitude_i": 1}, "undecodable: field 1 goes 4 bytes beyond the end",
                          None])
        self.assertEqual(found[2]["payload"], "78")
        self.finish()

    def test_echo(self):
        self.simulate("--echo")
        self.ready().beat()
        self.finish()

    def test_start(self):
        for wrong in (("--do", "nonsense"), ("--nodes", "x"), ("--firmware", "new"),
                      ("--port", "65536"), ("--bind", "203.0.113.1")):
            with self.subTest(wrong):
                command = [sys.executable, "-B", os.path.join(HERE, self.script), *wrong]
                found = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                                       text=True, timeout=10)
                self.assertEqual((found.returncode, found.stdout), (2, ""))
                self.assertRegex(found.stderr, r"^meshtcp_sim: .*\n$")

    def test_nodes(self):
        self.simulate("--nodes", "5")
        found = json.loads(self.sim.command("nodes"))
        self.assertEqual([one["num"] for one in found][:3], [OWN, BOB, CAROL])
        self.assertEqual((len(found), self.sim.stats()["nodes"]), (6, 5))
        self.finish()

    def test_changed_nodes(self):
        self.simulate()
        client = self.ready()
        for command in ("node BOB long=Robert%20B short=ROB role=5 alt=77 rssi=-99 heard_ago=60",
                        "node ROB status=Out battery=101 voltage=3.5 is_licensed=on channel=1",
                        "own macaddr=010203040506", "time 1770000000"):
            self.sim.command(command)
        own, bob, _ = [one["node_info"] for one in client.download(69421)]
        self.assertEqual(own["user"]["macaddr"], bytes(range(1, 7)))
        self.assertEqual((bob["user"]["long_name"], bob["user"]["role"], bob["channel"],
                          bob["position"]["altitude"]), ("Robert B", 5, 1, 77))
        self.assertAlmostEqual(bob["last_heard"], 1770000000 - 60, delta=60)
        self.assertEqual(json.loads(self.sim.command("channel 0"))["settings"]["psk"], "01")
        self.sim.command("config device ffff")
        self.assertEqual(self.sim.command("config device"), "{}")
        self.assertEqual(self.sim.command("config sessionkey"), '""')
        self.finish()

    def test_bytes(self):
        self.simulate()
        client = self.ready()
        client.beat()
        stats = self.sim.stats()
        self.assertEqual((stats["bytes_in"], stats["frames_in"]), (10 + 6, 2))
        self.assertEqual(stats["frames_out"], stats["out_queueStatus"] + stats["out_my_info"]
                         + sum(stats[f"out_{kind}"] for kind in (
                             "deviceuiConfig", "node_info", "metadata", "channel", "config",
                             "moduleConfig", "fileInfo", "config_complete_id")))
        self.finish()


class Time(MeshCase):
    def test_idle(self):
        self.simulate("--idle", "900")
        client = self.ready()
        self.sim.command("clock-advance 899")
        # What the node sends does not count, any frame of the client does.
        self.sim.command("text BOB hello")
        client.packet()
        client.beat()
        self.sim.command("clock-advance 899")
        client.send(frame(b""))
        client.beat()
        self.sim.command("clock-advance 899")
        self.assertTrue(client.quiet())
        self.sim.command("clock-advance 2")
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.sim.stats()["idle_closed"], 1)
        self.finish()

    def test_idle_by_firmware(self):
        for firmware, closed in (("2.7.20", 0), ("2.7.21", 1)):
            self.simulate("--firmware", firmware)
            client = self.ready()
            self.sim.command("clock-advance 1000")
            self.assertEqual(self.sim.stats()["idle_closed"], closed)
            client.close()
            self.finish()

    def test_scaled(self):
        self.simulate("--idle", "900", "--clock-scale", "10000")
        self.assertEqual(self.ready().rest(), b"")
        self.finish()

    def test_stopped(self):
        self.simulate("--clock-scale", "0", "--time", "1770000000")
        self.assertEqual([self.sim.command("time") for _ in range(2)], 2 * ["1770000000"])
        self.sim.command("clock-advance 60")
        self.assertEqual(self.sim.command("time"), "1770000060")
        self.sim.command("time none")
        self.assertEqual(self.sim.command("time"), "none")
        self.finish()

    def test_own_telemetry(self):
        self.simulate("--telemetry-every", "60")
        client = self.ready()
        self.sim.command("clock-advance 150")
        for _ in range(2):
            found = client.packet()
            self.assertEqual((found["from"], found["to"], found["decoded"]["portnum"]),
                             (OWN, BROADCAST, tables.TELEMETRY))
            self.assertNotIn("rx_snr", found)
            metrics = decode("Telemetry", found["decoded"]["payload"])["device_metrics"]
            self.assertEqual(metrics["battery_level"], 101)
        self.silent(client)
        # Not while others wait.
        self.sim.command("stall on")
        self.sim.command("text BOB first")
        self.sim.command("clock-advance 60")
        self.sim.command("stall off")
        self.assertEqual(client.packet()["from"], BOB)
        self.silent(client)
        self.sim.command("telemetry-every 0")
        self.sim.command("clock-advance 150")
        self.silent(client)
        self.finish()

    def test_position_sets_the_clock(self):
        self.simulate("--time", "none")
        client = self.ready()
        payload = tables.encode("Position", {"latitude_i": 1, "longitude_i": 2,
                                             "time": 1780000000})
        client.send(to_radio(packet={"to": BROADCAST, "id": 5, "decoded": {
            "portnum": tables.POSITION, "payload": payload}}))
        client.status()
        self.assertGreaterEqual(int(self.sim.command("time")), 1780000000)
        self.assertEqual(client.download(69421)[0]["node_info"]["position"]["longitude_i"], 2)
        self.finish()


if __name__ == "__main__":
    unittest.main()
