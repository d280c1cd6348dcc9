#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: administration of its own node and of others."""

import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp import tables  # noqa: E402
from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import decode, encode  # noqa: E402
from meshtcp_case import MeshCase, packet, request  # noqa: E402
from simulator import SimulatorError  # noqa: E402

LORA, SESSION_KEY = 5, 8
SET_LORA = encode("Config", {"lora": {"use_preset": True, "region": 1, "tx_enabled": True}})
# A section with a field that no table knows.
SET_DEVICE = bytes.fromhex("0a06 0802 f83f 9601")


class AdminCase(MeshCase):
    number = 100

    def simulate(self, *arguments):
        return super().simulate("--clock-scale", "0", *arguments)

    def ask(self, client, to=OWN, **message):
        """A request; its answer."""
        self.number += 1
        client.send(request(self.number, tables.ADMIN, to, encode("Admin", message),
                            pki_encrypted=to != OWN))
        self.assertEqual(client.status()[::2], (0, self.number))
        sender, number, found = client.reply("Admin")
        self.assertEqual((sender, number), (to, self.number))
        return found

    def tell(self, client, to=OWN, **message):
        """A write; the error number that comes back."""
        self.number += 1
        client.send(packet(self.number, tables.ADMIN, encode("Admin", message), to,
                           want_ack=True, pki_encrypted=to != OWN))
        self.assertEqual(client.status()[::2], (0, self.number))
        sender, error, number = client.ack()
        self.assertEqual((sender, number), (to, self.number))
        return error

    def actions(self):
        return [(one["node"], one["action"]) for one in json.loads(self.sim.command("admin-log"))]


class Reading(AdminCase):
    def test_everything(self):
        self.simulate()
        client = self.ready()
        found = self.ask(client, get_config_request=LORA)
        self.assertEqual(decode("Config", found["get_config_response"])["lora"]["region"], 3)
        self.assertEqual(len(found["session_passkey"]), 8)
        found = self.ask(client, get_config_request=0)
        self.assertIn("tzdef", decode("Config", found["get_config_response"])["device"])
        found = self.ask(client, get_config_request=SESSION_KEY)
        self.assertEqual(found["get_config_response"], b"\x4a\x00")
        found = self.ask(client, get_module_config_request=5)
        self.assertIn("telemetry", decode("ModuleConfig", found["get_module_config_response"]))
        found = self.ask(client, get_channel_request=2)
        self.assertEqual(decode("Channel", found["get_channel_response"])["settings"]["name"],
                         "Trail")
        found = self.ask(client, get_owner_request=True)["get_owner_response"]
        self.assertEqual((found["id"], found["long_name"]), ("!9ea2f1c4", "Base Camp"))
        found = self.ask(client, get_device_metadata_request=True)
        self.assertEqual(found["get_device_metadata_response"]["firmware_version"],
                         "2.7.26.54e0d8d")
        self.assertIn("|", self.ask(client, get_canned_messages_request=True)
                      ["get_canned_messages_response"])
        for name in ("ringtone", "connection_status", "remote_hardware_pins", "ui_config"):
            found = self.ask(client, **{f"get_{name}_request": True})
            self.assertIn(f"get_{name}_response", found)
        self.assertEqual(self.sim.stats()["admin_reads"], 12)
        self.finish()

    def test_what_is_not_there(self):
        self.simulate()
        client = self.ready()
        for message in ({"get_channel_request": 0}, {"get_channel_request": 9},
                        {"get_config_request": 20}, {"get_module_config_request": 17}, {}):
            self.assertEqual(self.tell(client, **message), 32)
        client.send(packet(5, tables.ADMIN, b"\x08", OWN, want_ack=True))
        self.assertEqual((client.status()[2], client.ack()), (5, (OWN, 32, 5)))
        self.finish()

    def test_managed_node(self):
        self.simulate("--do", "config security is_managed=on")
        client = self.ready()
        client.send(request(5, tables.ADMIN, OWN, encode("Admin", {"get_owner_request": True})))
        self.assertEqual(client.status()[2], 5)
        self.silent(client)
        self.finish()


class Writing(AdminCase):
    def test_read_back(self):
        self.simulate("--reboot-after-write", "off")
        client = self.ready()
        self.assertEqual(self.tell(client, set_config=SET_LORA), 0)
        self.assertEqual(self.tell(client, set_config=SET_DEVICE), 0)
        module = encode("ModuleConfig", {"telemetry": {"device_update_interval": 77}})
        self.assertEqual(self.tell(client, set_module_config=module), 0)
        channel = encode("Channel", {"index": 3, "role": 2, "settings": {"name": "New"}})
        self.assertEqual(self.tell(client, set_channel=channel), 0)
        owner = {"long_name": "Other Name", "short_name": "ON", "id": "!00000000"}
        self.assertEqual(self.tell(client, set_owner=owner), 0)
        self.assertEqual(self.tell(client, set_canned_messages="x|y"), 0)
        self.assertEqual(self.tell(client, set_ringtone="beep"), 0)
        self.assertEqual(self.tell(client, store_ui_config=b"\x08\x02"), 0)
        for question, answer, expected in (
                ({"get_config_request": LORA}, "get_config_response", SET_LORA),
                ({"get_config_request": 0}, "get_config_response", SET_DEVICE),
                ({"get_module_config_request": 5}, "get_module_config_response", module),
                ({"get_channel_request": 4}, "get_channel_response", channel),
                ({"get_canned_messages_request": True}, "get_canned_messages_response", "x|y"),
                ({"get_ringtone_request": True}, "get_ringtone_response", "beep"),
                ({"get_ui_config_request": True}, "get_ui_config_response", b"\x08\x02")):
            self.assertEqual(self.ask(client, **question)[answer], expected)
        found = self.ask(client, get_owner_request=True)["get_owner_response"]
        self.assertEqual((found["long_name"], found["id"]), ("Other Name", "!9ea2f1c4"))
        self.assertEqual(len(found["public_key"]), 32)
        records = client.download()
        self.assertIn({"channel": decode("Channel", channel)}, records)
        self.assertEqual(json.loads(self.sim.command("config lora"))["region"], 1)
        self.assertEqual(self.sim.stats()["admin_writes"], 8)
        self.finish()

    def test_bad_writes(self):
        self.simulate()
        client = self.ready()
        for message in ({"set_config": b""}, {"set_config": b"\x0a\x09"},
                        {"set_channel": b"\x08\x08"}, {"set_favorite_node": 5}):
            self.assertEqual(self.tell(client, **message), 32)
        self.sim.command("clock-advance 60")
        self.silent(client)
        self.finish()

    def test_nodes(self):
        self.simulate()
        client = self.ready()
        self.assertEqual(self.tell(client, set_favorite_node=BOB), 0)
        self.assertEqual(self.tell(client, set_ignored_node=CAROL), 0)
        self.assertEqual(self.tell(client, toggle_muted_node=CAROL), 0)
        bob, carol = [one["node_info"] for one in client.download(69421)[1:]]
        self.assertEqual([one.get(flag, False) for one in (bob, carol)
                          for flag in ("is_favorite", "is_ignored", "is_muted")],
                         [True, False, False, False, True, True])
        self.assertEqual(self.tell(client, remove_favorite_node=BOB), 0)
        self.assertEqual(self.tell(client, remove_by_nodenum=CAROL), 0)
        contact = {"node_num": 0xABC, "user": {"long_name": "Dave"}, "manually_verified": True}
        self.assertEqual(self.tell(client, add_contact=contact), 0)
        bob, dave = [one["node_info"] for one in client.download(69421)[1:]]
        self.assertEqual((bob["num"], bob.get("is_favorite")), (BOB, None))
        self.assertEqual((dave["user"]["long_name"], dave["is_key_manually_verified"]),
                         ("Dave", True))
        self.finish()

    def test_time_and_position(self):
        self.simulate("--time", "none")
        client = self.ready()
        self.assertEqual(self.tell(client, set_time_only=1780000000), 0)
        self.assertEqual(self.sim.command("time"), "1780000000")
        self.assertEqual(self.tell(client, set_fixed_position={"latitude_i": 5}), 0)
        own = client.download(69421)[0]["node_info"]
        self.assertEqual(own["position"], {"latitude_i": 5, "location_source": 1})
        self.assertEqual(self.tell(client, remove_fixed_position=True), 0)
        self.assertNotIn("position", client.download(69421)[0]["node_info"])
        self.finish()


class Rebooting(AdminCase):
    def expect_reboot(self, client, seconds):
        """The end comes after so many seconds; connections are refused until it is up again."""
        self.sim.command(f"clock-advance {seconds - 1}")
        self.silent(client)
        self.sim.command("clock-advance 1")
        self.assertEqual(client.rest(), b"")
        self.refused()
        self.sim.command("clock-advance 4")
        self.refused()
        self.sim.command("clock-advance 1")
        client = self.client()
        return client, client.download()[0]["my_info"]["reboot_count"]

    def test_after_a_write(self):
        self.simulate()
        client = self.ready()
        self.tell(client, set_config=SET_LORA)
        client, count = self.expect_reboot(client, 7)
        self.assertEqual(count, 18)
        self.tell(client, set_owner={"short_name": "X"})
        self.expect_reboot(client, 7)
        self.assertEqual(self.sim.stats()["reboots"], 2)
        self.finish()

    def test_wrapped_writes(self):
        self.simulate("--reboot-after-write", "2000", "--boot-time", "5000")
        client = self.ready()
        self.tell(client, begin_edit_settings=True)
        self.tell(client, set_config=SET_LORA)
        self.sim.command("clock-advance 60")
        self.silent(client)
        self.tell(client, commit_edit_settings=True)
        client, _ = self.expect_reboot(client, 2)
        # Nothing changed, no reboot.
        self.tell(client, begin_edit_settings=True)
        self.tell(client, commit_edit_settings=True)
        self.sim.command("clock-advance 60")
        self.silent(client)
        self.finish()

    def test_on_request(self):
        self.simulate()
        client = self.ready()
        self.tell(client, reboot_seconds=5)
        self.tell(client, reboot_seconds=-1)
        self.sim.command("clock-advance 60")
        self.tell(client, reboot_seconds=10)
        self.sim.command("text BOB kept")
        client.packet()
        client, _ = self.expect_reboot(client, 10)
        self.silent(client)
        self.finish()

    def test_shutdown(self):
        self.simulate()
        client = self.ready()
        self.tell(client, shutdown_seconds=3)
        self.sim.command("clock-advance 3")
        self.assertEqual(client.rest(), b"")
        self.sim.command("clock-advance 600")
        self.refused()
        # A node that is off hears nothing, and what it had in its queue is gone.
        self.sim.command("text BOB unheard")
        self.sim.command("power on")
        client = self.ready()
        self.silent(client)
        client.close()
        self.left()
        self.sim.command("text BOB unheard")
        self.sim.command("power off")
        self.sim.command("power on")
        self.silent(self.ready())
        self.finish()

    def test_resets(self):
        self.simulate()
        client = self.ready()
        self.tell(client, set_config=SET_LORA)
        self.tell(client, factory_reset_device=1)
        client, _ = self.expect_reboot(client, 7)
        found = self.ask(client, get_config_request=LORA)
        self.assertEqual(decode("Config", found["get_config_response"])["lora"]["region"], 3)
        self.assertEqual(len(client.download(69421)), 1)
        self.finish()

    def test_by_console(self):
        self.simulate()
        client = self.ready()
        self.sim.command("reboot 1")
        self.expect_reboot(client, 1)
        self.finish()


class Remote(AdminCase):
    def passkey(self, client, to=BOB):
        return self.ask(client, to, get_config_request=SESSION_KEY)["session_passkey"]

    def test_reading(self):
        self.simulate()
        client = self.ready()
        found = self.ask(client, BOB, get_owner_request=True)
        self.assertEqual(found["get_owner_response"]["short_name"], "BOB")
        found = self.ask(client, CAROL, get_device_metadata_request=True)
        self.assertEqual(found["get_device_metadata_response"]["hw_model"], 255)
        self.assertNotEqual(self.passkey(client), self.passkey(client, CAROL))
        self.finish()

    def test_writing_takes_the_passkey(self):
        self.simulate()
        client = self.ready()
        owner = {"short_name": "NEW"}
        self.assertEqual(self.tell(client, BOB, set_owner=owner), 36)
        key = self.passkey(client)
        self.assertEqual(self.sim.command("passkey BOB"), key.hex())
        self.assertEqual(self.tell(client, BOB, set_owner=owner, session_passkey=8 * b"x"), 36)
        self.assertEqual(self.tell(client, BOB, set_owner=owner, session_passkey=key), 0)
        self.assertEqual(self.tell(client, CAROL, set_owner=owner, session_passkey=key), 36)
        found = self.ask(client, BOB, get_owner_request=True)
        self.assertEqual(found["get_owner_response"]["short_name"], "NEW")
        self.assertEqual(self.tell(client, BOB, reboot_seconds=5, session_passkey=key), 0)
        # A remote node that reboots is no business of this one.
        self.sim.command("clock-advance 60")
        self.silent(client)
        self.assertEqual(self.actions(), [(BOB, "set_owner"), (BOB, "reboot_seconds")])
        self.finish()

    def test_passkey_ages(self):
        self.simulate()
        client = self.ready()
        key = self.passkey(client)
        self.sim.command("clock-advance 149")
        self.assertEqual(self.passkey(client), key)
        self.sim.command("clock-advance 150")
        self.assertEqual(self.tell(client, BOB, set_ringtone="a", session_passkey=key), 0)
        self.sim.command("clock-advance 2")
        self.assertEqual(self.tell(client, BOB, set_ringtone="a", session_passkey=key), 36)
        renewed = self.passkey(client)
        self.assertNotEqual(renewed, key)
        self.assertEqual(self.tell(client, BOB, set_ringtone="a", session_passkey=renewed), 0)
        self.sim.command("clock-advance 151")
        self.assertNotEqual(self.passkey(client), renewed)
        renewed = self.passkey(client)
        self.sim.command("passkey BOB new")
        self.assertEqual(self.tell(client, BOB, set_ringtone="a", session_passkey=renewed), 36)
        self.finish()

    def test_who_may(self):
        self.simulate("--do", "authorize BOB off", "--do", "node CRL key=none",
                      "--firmware", "2.7.18")
        client = self.ready()
        self.assertEqual(self.tell(client, BOB, get_owner_request=True), 37)
        client.send(request(5, tables.ADMIN, CAROL, encode("Admin", {"get_owner_request": True})))
        self.assertEqual((client.status()[2], client.ack()), (5, (CAROL, 33, 5)))
        # The old way: a channel of this name.
        self.sim.command("channel 1 2 admin 01")
        client.send(request(6, tables.ADMIN, CAROL, encode("Admin", {"get_owner_request": True}),
                            channel=1))
        self.assertEqual((client.status()[2], client.packet()["from"]), (6, CAROL))
        self.assertRaises(SimulatorError, self.sim.command, "authorize DAVE on")
        self.finish()


if __name__ == "__main__":
    unittest.main()
