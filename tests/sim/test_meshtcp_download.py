#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: the download, and what waits until it is over."""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp.framing import frame  # noqa: E402
from meshtcp.stations import BOB, CAROL, OWN  # noqa: E402
from meshtcp.tables import BROADCAST, decode, encode, from_radio, member  # noqa: E402
from meshtcp_case import NONCE, WAKE, MeshCase, text, want  # noqa: E402

RECORDING = os.path.join(os.path.dirname(HERE), "vectors", "meshtasticd-handshake.bin")
CONFIG_ONLY, NODES_ONLY = 69420, 69421


def kinds(records):
    """The names of the records, each repetition counted: [("channel", 8), ...]."""
    found = []
    for record in records:
        name = member("FromRadio", record).name
        if found and found[-1][0] == name:
            found[-1] = name, found[-1][1] + 1
        else:
            found.append((name, 1))
    return found


def of_kind(records, kind):
    return [record[kind] for record in records if kind in record]


SETTINGS = [("metadata", 1), ("channel", 8), ("config", 10), ("moduleConfig", 16)]
START = [("my_info", 1), ("deviceuiConfig", 1), ("node_info", 1)]


class Order(MeshCase):
    def test_everything(self):
        self.simulate("--nodes", "2")
        client = self.client()
        client.send(WAKE)
        records = client.download(0xFFFFFFFF)
        self.assertEqual(kinds(records), START + SETTINGS + [("node_info", 2), ("fileInfo", 6)])
        info = records[0]["my_info"]
        self.assertEqual((info["my_node_num"], info["nodedb_count"], info["min_app_version"]),
                         (OWN, 3, 30200))
        own, bob, carol = of_kind(records, "node_info")
        self.assertEqual((own["num"], bob["num"], carol["num"]), (OWN, BOB, CAROL))
        self.assertTrue(own["is_favorite"])
        self.assertNotIn("hops_away", own)
        self.assertEqual((bob["hops_away"], carol["hops_away"], carol["via_mqtt"]), (0, 2, True))
        self.assertEqual(bob["user"]["id"], "!433b2f10")
        self.assertEqual(records[3]["metadata"]["firmware_version"], "2.7.26.54e0d8d")
        sections = [member("Config", record).number for record in of_kind(records, "config")]
        self.assertEqual(sections, list(range(1, 11)))
        self.assertEqual(of_kind(records, "config")[8:], [{"sessionkey": b""}, {"device_ui": b""}])
        modules = of_kind(records, "moduleConfig")
        self.assertEqual([member("ModuleConfig", one).number for one in modules[:13]],
                         list(range(1, 14)))
        self.assertEqual(modules[13:], [{}, {}, {}])
        channels = of_kind(records, "channel")
        self.assertEqual([one.get("role", 0) for one in channels], [1, 2, 0, 0, 0, 0, 0, 0])
        self.assertEqual([one.get("index", 0) for one in channels], list(range(8)))
        stats = self.sim.stats()
        self.assertEqual((stats["downloads"], stats["last_nonce"], stats["wake_bytes"],
                          stats["ready"]), (1, 0xFFFFFFFF, 32, 1))
        self.finish()

    def test_special_nonces(self):
        self.simulate("--nodes", "3")
        client = self.client()
        self.assertEqual(kinds(client.download(CONFIG_ONLY)), START + SETTINGS + [("fileInfo", 6)])
        self.assertEqual(kinds(client.download(NODES_ONLY)), [("node_info", 4)])
        self.sim.command("firmware 2.6.7.abc")
        records = client.download(NODES_ONLY)
        self.assertEqual(kinds(records)[:3], START)
        self.assertNotIn("nodedb_count", records[0]["my_info"])
        self.assertEqual(self.sim.stats()["downloads"], 3)
        self.finish()

    def test_again(self):
        self.simulate("--clock-scale", "0")
        client = self.client()
        self.assertEqual(client.download(1), client.download(2))
        self.finish()

    def test_restart(self):
        self.simulate("--record-delay", "2", "--strict-download", "off", "--clock-scale", "0")
        client = self.client()
        client.send(want(1))
        first = [client.hear() for _ in range(5)]
        client.send(want(2))
        found = []
        while not found or "config_complete_id" not in found[-1]:
            found.append(client.hear())
        self.assertEqual(found[-1], {"config_complete_id": 2})
        starts = [place for place, record in enumerate(found) if "my_info" in record]
        self.assertEqual(len(starts), 1)
        self.assertEqual(found[starts[0]:][:5], first)
        self.silent(client)
        self.assertEqual(self.sim.stats()["downloads"], 1)
        self.finish()

    def test_restart_on_a_slow_line(self):
        """The end mark of a request that was overtaken makes nobody ready."""
        self.simulate("--trickle", "200 1", "--strict-download", "off")
        client = self.client()
        client.send(want(1))
        client.hear()
        client.send(want(2))
        client.records(2)
        self.sim.wait("ready", 1)
        self.assertEqual(self.sim.stats()["downloads"], 1)
        self.finish()

    def test_module_sections_by_firmware(self):
        self.simulate()
        client = self.client()
        for firmware, count in (("2.7.15.567b8ea", 13), ("2.7.26", 16), ("2.8.0", 17)):
            self.sim.command(f"firmware {firmware}")
            self.assertEqual(len(of_kind(client.download(CONFIG_ONLY), "moduleConfig")), count)
        self.finish()

    def test_recording(self):
        payloads = [from_radio(my_info={"my_node_num": 77}), from_radio(config_complete_id=1)]
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"".join(frame(payload) for payload in payloads))
            file.flush()
            self.simulate("--download-file", file.name)
            client = self.client()
            self.assertEqual(client.download(), [{"my_info": {"my_node_num": 77}}])
            self.sim.command("download-file off")
            self.assertEqual(kinds(client.download())[:3], START)
        self.finish()

    @unittest.skipUnless(os.path.exists(RECORDING), "no recording in the tree")
    def test_real_recording(self):
        self.simulate("--download-file", RECORDING)
        records = self.client().download()
        self.assertEqual((len(records), records[0]["my_info"]["my_node_num"]), (48, 0x12345678))
        self.finish()


class Model(MeshCase):
    def test_own_settings(self):
        self.simulate("--num", "!0a0b0c0d", "--firmware", "2.5.1.beef", "--files", "64",
                      "--do", "own long=My%20Node short=MY hw_model=50 battery=7",
                      "--do", "config lora region=1 hop_limit=5", "--do", "config device 0802",
                      "--do", "channel 2 2 Third 0102", "--do", "module mqtt enabled=1")
        records = self.client().download()
        own = of_kind(records, "node_info")[0]
        self.assertEqual(own["num"], 0x0A0B0C0D)
        user = own["user"]
        self.assertEqual((user["id"], user["long_name"], user["short_name"], user["hw_model"]),
                         ("!0a0b0c0d", "My Node", "MY", 50))
        self.assertEqual(own["device_metrics"]["battery_level"], 7)
        self.assertEqual(len(of_kind(records, "fileInfo")), 64)
        config = of_kind(records, "config")
        self.assertEqual(config[0], {"device": {"role": 2}})
        self.assertEqual((config[5]["lora"]["region"], config[5]["lora"]["hop_limit"],
                          config[5]["lora"]["tx_power"]), (1, 5, 27))
        self.assertEqual(of_kind(records, "channel")[2], {
            "index": 2, "role": 2, "settings": {"name": "Third", "psk": b"\1\2"}})
        self.assertTrue(of_kind(records, "moduleConfig")[0]["mqtt"]["enabled"])
        self.finish()

    def test_other_nodes(self):
        self.simulate("--nodes", "0")
        client = self.client()
        self.assertEqual(len(client.download(NODES_ONLY)), 1)
        self.sim.command("add-node !00000abc long=New%20One short=NEW key=random lat=1.5 lon=-2 "
                         "battery=50 snr=-3.5 hops=1 is_favorite=on")
        found = client.download(NODES_ONLY)[1]["node_info"]
        self.assertEqual((found["num"], found["user"]["long_name"], found["snr"]),
                         (0xABC, "New One", -3.5))
        self.assertEqual((found["position"]["latitude_i"], found["position"]["longitude_i"]),
                         (15000000, -20000000))
        self.assertEqual(len(found["user"]["public_key"]), 32)
        self.assertTrue(found["is_favorite"])
        self.sim.command("node NEW key=none hops=none user=none position=none")
        found = client.download(NODES_ONLY)[1]["node_info"]
        self.assertFalse({"user", "position", "hops_away"} & set(found))
        self.sim.command("remove-node 0xabc")
        self.assertEqual(len(client.download(NODES_ONLY)), 1)
        self.finish()

    def test_generated_nodes(self):
        found = []
        for seed in (1, 1, 2):
            self.simulate("--nodes", "250", "--seed", seed, "--time", "1760000000",
                          "--clock-scale", "0")
            found.append(of_kind(self.client().download(NODES_ONLY), "node_info"))
            self.finish()
        self.assertEqual(*found[:2])
        self.assertNotEqual(*found[1:])
        nodes = found[0]
        self.assertEqual(len({node["num"] for node in nodes}), 251)
        for part in ("user", "position"):
            self.assertTrue(0 < len([1 for node in nodes if part not in node]) < 50)

    def test_another_device(self):
        self.simulate()
        client = self.client()
        client.download()
        self.sim.command("num 0x0badcafe")
        self.assertEqual(client.download()[0]["my_info"]["my_node_num"], 0x0BADCAFE)
        self.finish()


class History(MeshCase):
    """Firmware 2.8 sends what it knows of others after the end mark."""

    def history(self, client, count):
        return [client.packet() for _ in range(count)]

    def test_packets(self):
        self.simulate("--firmware", "2.8.0", "--time", "1770000000", "--nodes", "2")
        client = self.client()
        records = client.download()
        self.assertEqual(kinds(records)[3:5], [("metadata", 1), ("region_presets", 1)])
        for node in of_kind(records, "node_info")[1:]:
            self.assertFalse({"position", "device_metrics"} & set(node))
        found = self.history(client, 5)
        self.silent(client)
        for packet in found:
            self.assertEqual((packet["to"], packet["priority"], packet["transport_mechanism"]),
                             (BROADCAST, 10, 1))
            self.assertLess(packet["rx_time"], 1770000000)
        self.assertEqual([(packet["from"], packet["decoded"]["portnum"]) for packet in found],
                         [(BOB, 3), (BOB, 67), (BOB, 36), (CAROL, 3), (CAROL, 67)])
        position = decode("Position", found[0]["decoded"]["payload"])
        self.assertEqual(position["latitude_i"], -338688000)
        client.close()
        self.left()
        # The same after a reconnect, ids included, and not after a request without nodes.
        client = self.client()
        client.download(NODES_ONLY)
        self.assertEqual(self.history(client, 5), found)
        client.download(CONFIG_ONLY)
        self.silent(client)
        self.finish()

    def test_not_before(self):
        self.simulate("--firmware", "2.7.26")
        self.silent(self.ready())
        self.finish()

    def test_short_names(self):
        self.simulate("--firmware", "2.8.1", "--do", "node BOB long=" + 30 * "x")
        records = self.client().download()
        self.assertEqual(of_kind(records, "node_info")[1]["user"]["long_name"], 24 * "x")
        self.finish()


class Queue(MeshCase):
    """Packets that come while nobody is ready."""

    def delivered(self, client, count):
        return [client.packet()["decoded"]["payload"].decode() for _ in range(count)]

    def test_nobody_there(self):
        self.simulate()
        for word in ("one", "two"):
            self.sim.command(f"text BOB {word}")
        self.assertEqual(self.sim.stats()["queue"], 2)
        client = self.ready()
        self.assertEqual(self.delivered(client, 2), ["one", "two"])
        self.assertEqual(self.sim.stats()["queue"], 0)
        self.finish()

    def test_full(self):
        self.simulate("--queue-limit", "3")
        for command in ("packet BOB 256 01", "text BOB one", "packet BOB 256 02"):
            self.sim.command(command)
        # Whatever is no text is dropped; a text pushes out the oldest.
        self.sim.command("packet BOB 256 03")
        self.sim.command("text BOB two")
        self.sim.command("packet BOB 66 746872656533")
        self.assertEqual(self.sim.stats()["queue_dropped"], 3)
        client = self.ready()
        self.assertEqual(self.delivered(client, 3), ["\x02", "two", "three3"])
        self.silent(client)
        self.finish()

    def test_during_the_download(self):
        self.simulate("--record-delay", "1")
        client = self.client()
        client.send(want())
        client.hear_kind("my_info")
        self.sim.command("text BOB later")
        client.records()
        self.assertEqual(self.delivered(client, 1), ["later"])
        self.finish()

    def test_connected_but_mute(self):
        self.simulate()
        client = self.connected()
        self.sim.command("text BOB hello")
        self.assertTrue(client.quiet())
        self.assertEqual(self.sim.stats()["queue"], 1)
        self.finish()

    def test_notifications_and_statuses(self):
        self.simulate("--strict-download", "off", "--record-delay", "1", "--throttle", "off")
        for word in ("one", "two", "three"):
            self.sim.command(f"notify {word}")
        client = self.client()
        client.send(want())
        client.hear_kind("my_info")
        client.send(b"".join(text(number, "x") for number in (5, 6, 7)))
        client.records()
        # Two of each are kept.
        self.assertEqual([client.status()[2] for _ in range(2)], [6, 7])
        self.assertEqual([client.hear_kind("clientNotification")["message"] for _ in range(2)],
                         ["two", "three"])
        client.download(2)
        self.silent(client)
        self.finish()

    def test_old_packets(self):
        self.simulate("--time", "1770000000")
        self.sim.command("rx-age 3600")
        self.sim.command("text BOB old")
        self.sim.command("time none")
        self.sim.command("text BOB timeless")
        client = self.ready()
        self.assertAlmostEqual(client.packet()["rx_time"], 1770000000 - 3600, delta=60)
        self.assertNotIn("rx_time", client.packet())
        self.finish()


class Encoded(unittest.TestCase):
    def test_end_mark(self):
        """The session knows the end mark by its first byte."""
        self.assertEqual(encode("FromRadio", {"config_complete_id": NONCE})[:1], b"\x38")


if __name__ == "__main__":
    unittest.main()
