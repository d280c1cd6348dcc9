#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Administration with meshtcp: the configuration, the owner, time, restarts, the node list; of the
node that is connected and of others over the air.
"""

import sys
import time
import unittest
from unittest.mock import ANY

sys.dont_write_bytecode = True

from meshtcp_common import (ADMIN, BOB, CAROL, CONFIG, OWN, WHOLE, MeshtcpCase)  # noqa: E402

STARS = "***"


class Admin(MeshtcpCase):
    def setUp(self):
        super().setUp()
        self.simulate("--reboot-after-write", "off")

    def assert_did(self, arguments, *expected):
        """Prints nothing, and these are all the changes that came of it."""
        self.tell("forget")
        self.assert_output(arguments, "")
        self.assertEqual(self.actions(), list(expected), arguments)

    def section(self, name, kind="config"):
        return self.json_of(f"{kind} {name}")


class Reading(Admin):
    def test_all(self):
        """A line a field, also of those that the node leaves out for being 0."""
        status, stdout, stderr = self.run_tool("config")
        self.assertEqual((status, stderr), (0, ""))
        lines = stdout.splitlines()
        for line in ("lora.region=EU_868", "lora.hop_limit=3", "lora.override_frequency=0",
                     "device.role=CLIENT", "device.tzdef=CET-1CEST,M3.5.0,M10.5.0/3",
                     "network.wifi_enabled=true", "network.ipv4_config.gateway=0",
                     "bluetooth.enabled=false", "lora.ignore_incoming=", "mqtt.root=msh/EU_868",
                     "telemetry.device_update_interval=1800", "ambient_lighting.red=52"):
            self.assertIn(line, lines)
        self.assertEqual(len(set(line.partition("=")[0] for line in lines)), len(lines))

    def test_all_as_json(self):
        found = {each["section"]: each["fields"]
                 for each in self.objects(self.run_tool("--json", "config")[1])}
        self.assertEqual(list(found)[:8], ["device", "position", "power", "network", "display",
                                           "lora", "bluetooth", "security"])
        self.assertIn("mqtt", found)
        self.assertNotIn("sessionkey", found)
        self.assertIs(found["bluetooth"]["enabled"], False)
        self.assertEqual(found["lora"]["modem_preset"], "LONG_FAST")

    def test_section(self):
        self.tell("config lora 080010037d0000803fba06020506c03e01")
        self.assert_json(["config", "lora"], [{"section": "lora", "fields": {
            "use_preset": False, "modem_preset": "MEDIUM_SLOW", "bandwidth": 0,
            "spread_factor": 0, "coding_rate": 0, "frequency_offset": 0, "region": "UNSET",
            "hop_limit": 0, "tx_enabled": False, "tx_power": 0, "channel_num": 0,
            "override_duty_cycle": False, "sx126x_rx_boosted_gain": False,
            "override_frequency": 0, "pa_fan_disabled": False, "ignore_incoming": [5, 6],
            "ignore_mqtt": False, "config_ok_to_mqtt": False, "fem_lna_mode": 0,
            "serial_hal_only": False}}])
        self.assertIn("lora.ignore_incoming=5,6\n", self.run_tool("config", "lora")[1])

    def test_field(self):
        self.tell("config power adc_multiplier_override=2.5")
        for field, text, value in (
                ("lora.region", "EU_868", "EU_868"), ("lora.tx_enabled", "true", True),
                ("lora.override_duty_cycle", "false", False), ("lora.tx_power", "27", 27),
                ("power.adc_multiplier_override", "2.5", 2.5),
                ("network.wifi_ssid", "barn", "barn"),
                ("network.rsyslog_server", "", ""), ("power.sds_secs", "4294967295", 4294967295),
                ("device.rebroadcast_mode", "0", 0), ("lora.ignore_incoming", "", []),
                ("module.mqtt.root", "msh/EU_868", "msh/EU_868"),
                ("network.ipv4_config.dns", "0", 0)):
            with self.subTest(field):
                self.assert_output(["config", field], f"{text}\n")
                section, _, name = field.removeprefix("module.").partition(".")
                self.assert_json(["config", field],
                                 [{"section": section, "field": name, "value": value}])

    def test_message_as_a_field(self):
        self.tell("config network 42050d01000000")
        self.assert_output(["config", "network.ipv4_config"], "ip=1\ngateway=0\nsubnet=0\ndns=0\n")
        self.assert_json(["config", "network.ipv4_config"], [{
            "section": "network", "field": "ipv4_config",
            "value": {"ip": 1, "gateway": 0, "subnet": 0, "dns": 0}}])

    def test_secrets(self):
        self.tell("module mqtt password=s3cret")
        for field, secret in (("network.wifi_psk", "hunter22"), ("bluetooth.fixed_pin", "123456"),
                              ("security.private_key", "00" * 32), ("mqtt.password", "s3cret")):
            with self.subTest(field):
                self.assert_output(["config", field], f"{STARS}\n")
                self.assert_output(["config", field, "--show-keys"], f"{secret}\n")
                section = field.partition(".")[0]
                for words in (["config", section], ["--json", "config"]):
                    self.assertNotIn(secret, self.run_tool(*words)[1])
        self.assertEqual(self.assert_json_line(["config", "bluetooth.fixed_pin", "--show-keys"])
                         ["value"], 123456)

    def test_no_such_section_there(self):
        """An old node does not have all of them."""
        self.assert_fails(["config", "tak.role"], 1)
        self.assertNotIn("tak.", self.run_tool("config")[1])

    def test_downloads(self):
        self.assert_asked(["config", "lora"], CONFIG)
        self.assert_asked(["owner"], CONFIG)
        self.assert_asked(["config", "device.role", "--node", "!433b2f10"], CONFIG)
        self.assert_asked(["favorite", "!433b2f10"], CONFIG)
        self.assert_asked(["favorite", "BOB"], WHOLE)
        self.assert_asked(["set-time"], CONFIG)
        self.assert_gone()

    def test_owner(self):
        self.assert_output(["owner"], "Base Camp (BASE)\n")
        self.assert_json(["owner"], [{"long_name": "Base Camp", "short_name": "BASE"}])


class Writing(Admin):
    def test_kinds(self):
        for words, section, field, value in (
                ("lora.hop_limit=5", "lora", "hop_limit", 5),
                ("lora.region=us", "lora", "region", 1),
                ("lora.tx_power=-3", "lora", "tx_power", -3),
                ("bluetooth.enabled=true", "bluetooth", "enabled", True),
                ("power.adc_multiplier_override=1.25", "power", "adc_multiplier_override", 1.25),
                ("device.tzdef=UTC0=x", "device", "tzdef", "UTC0=x"),
                ("device.tzdef=", "device", "tzdef", ""),
                ("network.ipv4_config.ip=16885952", "network", "ipv4_config", {"ip": 16885952}),
                ("security.private_key=" + "ab" * 32, "security", "private_key", "ab" * 32)):
            with self.subTest(words):
                self.assert_output(["config", words], "")
                self.assertEqual(self.section(section).get(field, False), value)

    def test_modules(self):
        self.assert_output(["config", "telemetry.device_update_interval=60"], "")
        self.assertEqual(self.section("telemetry", "module")["device_update_interval"], 60)
        self.assert_output(["config", "module.mqtt.username=joe"], "")
        self.assertEqual(self.section("mqtt", "module")["username"], "joe")

    def test_json(self):
        self.assert_json(["config", "lora.hop_limit=6"],
                         [{"section": "lora", "field": "hop_limit", "value": 6}])
        self.assert_json(["config", "network.wifi_psk=sesame"],
                         [{"section": "network", "field": "wifi_psk", "value": STARS}])

    def test_the_rest_stays(self):
        """All else goes back as it came, known or not."""
        before = "08014004" "f80777" "e20803616263" "4801"
        self.tell(f"config lora {before}")
        self.assert_did(["config", "lora.hop_limit=5"],
                        (OWN, "set_config", "320f" + before.replace("4004", "4005")))

    def test_owner(self):
        self.assert_did(["owner", "K\u00fcche", "\N{BICYCLE}"],
                        (OWN, "set_owner", {"long_name": "K\u00fcche",
                                            "short_name": "\N{BICYCLE}"}))
        self.assert_did(["owner", "x" * 39, "1234"],
                        (OWN, "set_owner", {"long_name": "x" * 39, "short_name": "1234"}))

    def test_time(self):
        self.tell("time none")
        before = int(time.time())
        self.assert_output(["set-time"], "")
        self.assertTrue(before <= self.actions()[0][2] <= time.time() + 1)

    def test_node_list(self):
        self.assert_did(["favorite", "bob"], (OWN, "set_favorite_node", BOB))
        self.assert_did(["favorite", "0x433b2f10", "off"], (OWN, "remove_favorite_node", BOB))
        self.assert_did(["remove-node", "CRL"], (OWN, "remove_by_nodenum", CAROL))
        self.assertNotIn("Carol", self.run_tool("nodes")[1])
        self.assertIn("BAD_REQUEST", self.assert_fails(["favorite", "0x12345678"], 1))
        self.assertIn("nobody", self.assert_fails(["remove-node", "nobody"], 1))

    def test_restarts(self):
        for words, action in ((["reboot"], ("reboot_seconds", 5)),
                              (["reboot", "3600"], ("reboot_seconds", 3600)),
                              (["reboot", "--", "-1"], ("reboot_seconds", -1)),
                              (["shutdown", "--", "-1"], ("shutdown_seconds", -1))):
            with self.subTest(words):
                self.assert_did(words, (OWN, *action))
        self.assert_did(["reboot", "0"], (OWN, "reboot_seconds", 0))
        self.sim.wait("down", 1)

    def test_itself_by_its_number(self):
        """No remote administration of the node that is connected."""
        self.assert_did(["config", "lora.hop_limit=4", "--node", "!9ea2f1c4"],
                        (OWN, "set_config", ANY))
        self.assert_output(["owner", "--node", "BASE"], "Base Camp (BASE)\n")
        self.assertNotIn(True, [packet.get("pki_encrypted", False) for packet in self.packets()])

    def test_managed(self):
        """It passes over changes without a word, so there is no use in waiting."""
        self.tell("config security is_managed=1")
        begin = time.monotonic()
        for words in (["set-time"], ["config", "lora.hop_limit=5"], ["reboot"],
                      ["favorite", "BOB"]):
            with self.subTest(words):
                self.assertIn("managed", self.assert_fails(words, 1))
        self.assertLess(time.monotonic() - begin, 5)
        self.assert_output(["config", "lora.hop_limit"], "3\n")
        self.assertEqual(self.actions(), [])


class Remote(Admin):
    def test_reading(self):
        self.assertIn("device.node_info_broadcast_secs=10800\n",
                      self.run_tool("config", "device", "--node", "BOB")[1])
        self.assert_output(["config", "lora.region", "--node", "!433b2f10"], "EU_868\n")
        self.assert_json(["owner", "--node", "Carol"],
                         [{"long_name": "Carol", "short_name": "CRL"}])
        packet, data = self.packet()
        self.assertEqual((packet["to"], data["portnum"], packet["pki_encrypted"]),
                         (CAROL, ADMIN, True))

    def test_writing(self):
        """With the passkey of the node, which is asked for before."""
        self.assert_did(["owner", "Robert", "BOBO", "--node", "BOB"],
                        (BOB, "set_owner", {"long_name": "Robert", "short_name": "BOBO"}))
        self.assert_output(["config", "device.role=ROUTER", "--node", "BOBO"], "")
        self.assert_output(["config", "device.role", "--node", "BOBO"], "ROUTER\n")
        self.assert_did(["set-time", "--node", "BOBO"], (BOB, "set_time_only", ANY))

    def test_other_commands(self):
        self.assert_did(["reboot", "7", "--node", "BOB"], (BOB, "reboot_seconds", 7))
        self.assert_did(["shutdown", "--node", "BOB"], (BOB, "shutdown_seconds", 5))
        self.assert_did(["favorite", "CRL", "--node", "BOB"], (BOB, "set_favorite_node", CAROL))
        self.assert_did(["remove-node", "0x12345678", "--node", "!433b2f10"],
                        (BOB, "remove_by_nodenum", 0x12345678))

    def test_all_sections(self):
        sections = [each["section"] for each in
                    self.objects(self.run_tool("--json", "config", "--node", "BOB")[1])]
        self.assertEqual((sections[0], sections[8]), ("device", "mqtt"))

    def test_refused(self):
        self.tell("authorize BOB off")
        for words in (["config", "lora"], ["owner", "x", "y"], ["config"]):
            with self.subTest(words):
                self.assertIn("ADMIN_PUBLIC_KEY_UNAUTHORIZED",
                              self.assert_fails([*words, "--node", "BOB"], 1))
        self.tell("node CRL key=none")
        self.assertIn("PKI_FAILED", self.assert_fails(["config", "lora", "--node", "CRL"], 1))

    def test_no_answer(self):
        self.tell("answers off")
        self.assert_fails(["config", "lora", "--node", "BOB", "--timeout", "0.6"], 4)

    def test_too_long_for_a_packet(self):
        words = ["config", "mqtt.root=" + "x" * 200]
        self.assertIn("longer", self.assert_fails([*words, "--node", "BOB"], 2))
        self.assertEqual(self.actions(), [])


class Restart(MeshtcpCase):
    def test_after_a_change(self):
        """The node restarts after a change; the next command finds it again."""
        self.simulate("--reboot-after-write", "0", "--boot-time", "300")
        self.assert_output(["config", "lora.hop_limit=5"], "")
        self.assert_output(["config", "lora.hop_limit"], "5\n")
        self.assertEqual(self.sim.stats()["reboots"], 1)


if __name__ == "__main__":
    unittest.main()
