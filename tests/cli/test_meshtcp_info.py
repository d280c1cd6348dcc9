#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What meshtcp tells of nodes: info, channels, nodes, and what they answer when they are asked."""

import sys
import unittest

sys.dont_write_bytecode = True

from common import TIME  # noqa: E402
from meshtcp_common import (BOB, BOB_KEY, BOB_NAME, CAROL, CONFIG, OWN, WHOLE,  # noqa: E402
                            MeshtcpCase)

NODE_KEYS = ["num", "id", "long_name", "short_name", "hw_model", "role", "snr", "last_heard",
             "hops_away", "battery_level", "voltage", "latitude", "longitude", "altitude",
             "channel", "via_mqtt"]
TRAIL_KEY = bytes(range(0xA0, 0xB0)).hex()


class Info(MeshtcpCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def test_json(self):
        self.assert_json(["info"], [{
            "num": OWN, "id": OWN, "long_name": "Base Camp", "short_name": "BASE",
            "hw_model": "HELTEC_V3", "role": "CLIENT", "firmware": "2.7.26.54e0d8d",
            "region": "EU_868", "modem_preset": "LONG_FAST", "nodes": 3,
            "channels": [{"index": 0, "role": "primary", "name": ""},
                         {"index": 1, "role": "secondary", "name": "Trail"}]}])

    def test_text(self):
        self.assert_output(["info"], (
            "node !9ea2f1c4 BASE Base Camp\nhardware HELTEC_V3\nrole CLIENT\n"
            "firmware 2.7.26.54e0d8d\nregion EU_868\nmodem LONG_FAST\nnodes 3\n"
            "channel 0 primary LONG_FAST\nchannel 1 secondary Trail\n"))

    def test_unknown(self):
        """Numbers without a name stay numbers, what is missing is null."""
        self.tell("own hw_model=999 role=77", "config lora region=99 use_preset=0")
        found = self.assert_json_line(["info"])
        self.assertEqual((found["hw_model"], found["role"], found["region"]), (999, 77, 99))
        self.assertIsNone(found["modem_preset"])
        self.assertIn("modem custom\n", self.run_tool("info")[1])

    def test_channels(self):
        self.assert_output(["channels"], "0 primary LONG_FAST\n1 secondary Trail\n")
        self.assert_json(["channels"], [{"index": 0, "role": "primary", "name": ""},
                                        {"index": 1, "role": "secondary", "name": "Trail"}])

    def test_keys_only_when_asked_for(self):
        for words in (["channels"], ["info"], ["--json", "channels"], ["--json", "info"]):
            with self.subTest(words):
                self.assertNotIn(TRAIL_KEY, self.run_tool(*words)[1])
                self.assertIn(TRAIL_KEY, self.run_tool(*words, "--show-keys")[1])
        self.tell("channel 2 2 Open")
        self.tell("channel 3 2 Wide 00")
        self.assertEqual(self.run_tool("channels", "--show-keys")[1].splitlines()[2:],
                         ["2 secondary Open 01", "3 secondary Wide 00"])

    def test_downloads(self):
        self.assert_asked(["info"], WHOLE)
        self.assert_asked(["channels"], CONFIG)
        self.assert_asked(["nodes"], WHOLE)

    def test_defaults(self):
        """The node of the configuration file, the environment, the command line."""
        port = self.sim.ports["port"]
        self.peer = []
        path = self.write_config(f"[meshtcp]\nhost = 127.0.0.1\nport = {port}\n")
        self.assertEqual(self.run_tool("channels")[0], 0)
        with open(path, "a", encoding="utf-8") as file:
            file.write("[qlink]\nport = 1\n")
        self.env["MESHTCP_PORT"] = "1"
        self.assert_fails(["channels", "--timeout", "0.3"], 3)
        self.assertEqual(self.run_tool("channels", "--port", port)[0], 0)


class Nodes(MeshtcpCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def names(self, *words):
        stdout = self.run_tool("--json", "nodes", *words)[1]
        return [node["short_name"] for node in self.objects(stdout)]

    def test_json(self):
        found = {node["num"]: node for node in self.objects(self.run_tool("--json", "nodes")[1])}
        self.assertEqual(set(found), {OWN, BOB, CAROL})
        for node in found.values():
            self.assertEqual(list(node), NODE_KEYS)
            self.assertRegex(node["last_heard"], TIME)
        bob = {**found[BOB]}
        del bob["last_heard"]
        self.assertEqual(bob, {
            "num": BOB, "id": BOB, "long_name": BOB_NAME, "short_name": "BOB",
            "hw_model": "RAK4631", "role": "ROUTER", "snr": 6.5, "hops_away": 0,
            "battery_level": 0, "voltage": 3.5, "latitude": -33.8688, "longitude": 151.2093,
            "altitude": -3, "channel": 0, "via_mqtt": False})
        self.assertIs(found[CAROL]["via_mqtt"], True)
        self.assertEqual((found[OWN]["snr"], found[OWN]["hops_away"]), (None, None))

    def test_hardly_known(self):
        """What is not known is null, and the time is left out."""
        self.tell("time none", "add-node 0x12345678 hops=none")
        found = [node for node in self.objects(self.run_tool("--json", "nodes")[1])
                 if node["num"] == 0x12345678]
        self.assertEqual(len(found), 1)
        self.assertEqual(list(found[0]), [key for key in NODE_KEYS if key != "last_heard"])
        found[0].pop("snr")
        self.assertEqual({key: value for key, value in found[0].items() if value is not None},
                         {"num": 0x12345678, "id": 0x12345678, "channel": 0, "via_mqtt": False})
        self.assertRegex(self.run_tool("nodes")[1],
                         r"!12345678  5678 +- +6.5 +- +-  Meshtastic 5678\n")

    def test_order(self):
        self.tell("node BOB heard_ago=5000", "node CRL heard_ago=50")
        self.assertEqual(self.names(), ["BASE", "CRL", "BOB"])
        self.assertEqual(self.names("--sort", "heard"), ["BASE", "CRL", "BOB"])
        self.assertEqual(self.names("--sort", "name"), ["BASE", "BOB", "CRL"])
        self.assertEqual(self.names("--sort", "snr"), ["BOB", "CRL", "BASE"])
        self.assertEqual(self.names("--sort", "hops"), ["BOB", "CRL", "BASE"])

    def test_text(self):
        status, stdout, stderr = self.run_tool("nodes", "--sort", "name")
        self.assertEqual((status, stderr), (0, ""))
        base, bob, carol = stdout.splitlines()
        day = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
        self.assertRegex(base, rf"\A!9ea2f1c4  BASE  {day}  +-  +-  +ext  Base Camp\Z")
        self.assertRegex(bob, rf"\A!433b2f10  BOB   {day}  +6.5  +0  +0%  {BOB_NAME}\Z")
        self.assertRegex(carol, rf"\A!da5ae2a0  CRL   {day}  +-8.75  +2  +64%  Carol\Z")

    def test_many(self):
        self.tell("nodes 250")
        self.assertEqual(len(self.run_tool("--json", "nodes")[1].splitlines()), 251)

    def test_strange_names(self):
        """Names from the air neither steer a terminal nor break JSON."""
        self.tell("node BOB long=a%1b[2J%0ab%ff", "own short=%07%22")
        status, stdout, _ = self.run_tool("nodes", "--sort", "name")
        self.assertEqual(status, 0)
        self.assertEqual(len(stdout.splitlines()), 3)
        self.assertNotRegex(stdout, r"[\x00-\x09\x0b-\x1f]")
        names = [node["long_name"] for node in self.objects(self.run_tool("-j", "nodes")[1])]
        self.assertIn("a\x1b[2J\nb\ufffd", names)

    def test_new_firmware(self):
        """2.8 tells positions only after the download, and the list is there without them."""
        self.tell("firmware 2.8.0.aaaaaaa")
        self.assertEqual(sorted(self.names()), ["BASE", "BOB", "CRL"])


class Answers(MeshtcpCase):
    """traceroute, telemetry, position, userinfo."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_telemetry(self):
        found = self.assert_json_line(["telemetry", "!433b2f10"])
        self.assertRegex(found.pop("time"), TIME)
        self.assertEqual(found, {"from": BOB, "device_metrics": {
            "battery_level": 0, "voltage": 3.5, "channel_utilization": 12.25, "air_util_tx": 1.5,
            "uptime_seconds": 4000000000}})

    def test_kinds_of_telemetry(self):
        for kind, name in (("environment", "environment_metrics"), ("air", "air_quality_metrics"),
                           ("power", "power_metrics"), ("local", "local_stats")):
            with self.subTest(kind):
                found = self.assert_json_line(["telemetry", str(BOB), "--kind", kind])
                self.assertEqual(set(found), {"from", "time", name})

    def test_telemetry_as_text(self):
        stdout = self.run_tool("telemetry", "^local", "--kind", "device")[1]
        self.assertEqual(stdout.splitlines()[1:], [
            "device_metrics.battery_level=101", "device_metrics.voltage=4.25",
            "device_metrics.channel_utilization=3.5", "device_metrics.air_util_tx=0.125",
            "device_metrics.uptime_seconds=86400"])

    def test_position(self):
        self.assert_json(["position", "0xda5ae2a0"], [{
            "from": CAROL, "latitude": 52.520008, "longitude": 13.404954, "altitude": 40,
            "time": "2025-10-09T08:56:40.000Z", "location_source": 3, "precision_bits": 16}])
        self.assert_output(["position", "CRL"], (
            "latitude=52.5200080\nlongitude=13.4049540\naltitude=40\ntime=2025-10-09 11:56:40\n"
            "location_source=3\nprecision_bits=16\n"))

    def test_userinfo(self):
        self.assert_json(["userinfo", "bob"], [{
            "from": BOB, "id": "!433b2f10", "long_name": BOB_NAME, "short_name": "BOB",
            "hw_model": "RAK4631", "role": "ROUTER", "public_key": BOB_KEY,
            "is_unmessagable": False}])
        self.assertIn("long_name=Carol\n", self.run_tool("userinfo", "Carol")[1])

    def test_traceroute(self):
        self.tell("route CRL BOB ?")
        self.assert_json(["traceroute", "CRL"], [{
            "from": CAROL,
            "towards": [{"num": BOB, "snr": 6.5}, {"num": None, "snr": None},
                        {"num": CAROL, "snr": -8.75}],
            "back": [{"num": None, "snr": -8.75}, {"num": BOB, "snr": None},
                     {"num": OWN, "snr": 6.5}]}])
        self.assert_output(["traceroute", "CRL"], (
            "BASE -> BOB (6.5 dB) -> ? (? dB) -> CRL (-8.75 dB)\n"
            "CRL -> ? (-8.75 dB) -> BOB (? dB) -> BASE (6.5 dB)\n"))

    def test_one_way(self):
        """Without all measurements of the way back it is not told."""
        self.tell("answers off")
        tool = self.start_tool("--json", "traceroute", str(BOB))
        self.sim.wait("packets_in", 1)
        number = self.sim.stats()["last_id"]
        self.tell(f"answer BOB 70 1201051a0410000000 {number}")
        status, stdout, _ = tool.finish()
        self.assertEqual(status, 0)
        self.assertEqual(self.objects(stdout), [
            {"from": BOB, "towards": [{"num": BOB, "snr": 1.25}], "back": None}])

    def test_downloads(self):
        self.assert_asked(["position", "!433b2f10"], CONFIG)
        self.assert_asked(["position", "BOB"], WHOLE)
        self.assert_asked(["--json", "traceroute", "!433b2f10"], CONFIG)
        self.assert_asked(["traceroute", "!433b2f10"], WHOLE)

    def test_refused(self):
        self.tell("answers nak 8")
        for words in (["--json", "position", "BOB"], ["traceroute", "BOB"]):
            with self.subTest(words):
                self.assertIn("NO_RESPONSE", self.assert_fails(words, 1))

    def test_no_answer(self):
        self.tell("answers off")
        for words in (["--json", "telemetry", str(BOB)], ["traceroute", "BOB"]):
            with self.subTest(words):
                self.assert_fails([*words, "--timeout", "0.6"], 4)


if __name__ == "__main__":
    unittest.main()
