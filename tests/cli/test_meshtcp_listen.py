#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp listen: a line a packet, as text and as JSON, and its ends."""

import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import LIMIT, TIME  # noqa: E402
from meshtcp_common import (ADMIN, ALL, BOB, BOB_KEY, BOB_NAME, CAROL, CONFIG_NONCE,  # noqa: E402
                            OWN, POSITION, ROUTING, TELEMETRY, TEXT, MeshtcpCase)

DAY = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
KEYS = ["time", "id", "from", "to", "channel", "port", "port_name", "snr", "rssi", "hops"]


def varint(number):
    """As protobuf writes it, in hexadecimal."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return (found + bytes([number])).hex()


def neighbor(number, snr):
    return f"220b08{varint(number)}15{snr}"


# Two neighbours of CAROL, heard with 6.5 and -9 dB.
NEIGHBORS = (f"08{varint(CAROL)}10{varint(CAROL)}{neighbor(OWN, '0000d040')}"
             f"{neighbor(BOB, '000010c1')}")
# A configuration that passes by, with a PIN of 100 and a passkey.
PASSING = "32063a0410011864aa0604deadbeef"


class Listen(MeshtcpCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def heard(self, command, *arguments):
        """Starts a tool, lets the mesh talk; its one line."""
        tool = self.start_ready("listen", *arguments, "--count", "1")
        self.tell(command)
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stderr, stdout.count("\n")), (0, "", 1), f"{command} {stdout}")
        return stdout.rstrip("\n")

    def follow(self, *arguments):
        """A tool whose JSON lines next() reads."""
        return self.start_ready("--json", "listen", *arguments)

    def next(self, tool, command):
        self.tell(command)
        return self.object(tool.line())


class Json(Listen):
    def test_text(self):
        tool = self.follow()
        found = self.next(tool, "text BOB hello%20%f0%9f%9a%b2 ^local 1")
        self.assertEqual(list(found), [*KEYS, "text", "payload"])
        self.assertRegex(found["time"], TIME)
        del found["time"], found["id"]
        self.assertEqual(found, {
            "from": BOB, "to": OWN, "channel": 0, "port": TEXT, "port_name": "TEXT_MESSAGE_APP",
            "snr": 6.5, "rssi": -43, "hops": 0, "text": "hello \N{BICYCLE}",
            "payload": "68656c6c6f20f09f9ab2"})
        found = self.next(tool, "reply CRL 77 x ^all 1")
        self.assertEqual((found["from"], found["to"], found["channel"], found["reply_id"],
                          found["hops"], found["snr"]), (CAROL, ALL, 1, 77, 2, -8.75))
        self.assertEqual(self.next(tool, "react BOB 78 %f0%9f%91%8d")["emoji"], 1)
        self.assertEqual(self.next(tool, "text BOB a%ffb%00c")["text"], "a\ufffdb\0c")
        self.assert_ends(tool)

    def test_fields(self):
        """Known ports as nested objects."""
        tool = self.follow()
        found = self.next(tool, "position CRL 52.5 -13.25 40")["payload"]
        self.assertRegex(found.pop("time"), TIME)
        self.assertEqual(found, {"latitude": 52.5, "longitude": -13.25, "altitude": 40,
                                 "location_source": 3, "precision_bits": 16})
        found = self.next(tool, "telemetry BOB device battery_level=88")["payload"]
        self.assertEqual(found["device_metrics"], {
            "battery_level": 88, "voltage": 3.5, "channel_utilization": 12.25,
            "air_util_tx": 1.5, "uptime_seconds": 4000000000})
        self.assertEqual(self.next(tool, "userinfo BOB")["payload"], {
            "id": "!433b2f10", "long_name": BOB_NAME, "short_name": "BOB", "hw_model": "RAK4631",
            "role": "ROUTER", "public_key": BOB_KEY, "is_unmessagable": False})
        self.assertEqual(self.next(tool, f"packet CRL 71 {NEIGHBORS}")["payload"], {
            "node_id": CAROL, "last_sent_by_id": CAROL,
            "neighbors": [{"node_id": OWN, "snr": 6.5}, {"node_id": BOB, "snr": -9}]})
        found = self.next(tool, "routing BOB 5 99")
        self.assertEqual((found["port"], found["request_id"], found["payload"]),
                         (ROUTING, 99, {"error_reason": "MAX_RETRANSMIT"}))
        # Packed and unpacked, twice the same, and fields that nobody knows.
        found = self.next(tool, "packet BOB 70 0a0801000000020000000d03000000120205060a00")
        self.assertEqual(found["payload"], {"route": [1, 2, 3], "snr_towards": [5, 6]})
        found = self.next(tool, "packet BOB 36 0a01610a0162c23e0178")["payload"]
        self.assertEqual(found, {"status": "b"})
        self.assertEqual(self.next(tool, "packet BOB 71 -")["payload"], {})

    def test_bytes(self):
        """Unknown ports, what is torn, and what is encrypted, in hexadecimal."""
        tool = self.follow()
        found = self.next(tool, "packet BOB 256 00ff7b")
        self.assertEqual((found["port"], found["port_name"], found["payload"]),
                         (256, "PRIVATE_APP", "00ff7b"))
        found = self.next(tool, "packet BOB 300 -")
        self.assertEqual((found["port"], found["port_name"], found["payload"]), (300, None, ""))
        self.assertEqual(self.next(tool, "packet BOB 3 0d0102")["payload"], "0d0102")
        found = self.next(tool, "encrypted CRL 200 c0ffee")
        self.assertEqual(list(found), [*KEYS, "encrypted", "via_mqtt", "payload"])
        self.assertEqual((found["port"], found["port_name"], found["channel"], found["payload"]),
                         (None, None, 200, "c0ffee"))

    def test_secrets(self):
        """Administration that passes by shows neither keys nor passwords, whole or torn."""
        for shown in (False, True):
            tool = self.follow(*["--show-keys"] * shown)
            found = self.next(tool, f"packet BOB 6 {PASSING}")
            self.assertEqual((found["port"], found["payload"]), (ADMIN, {
                "get_config_response": {
                    "bluetooth": {"mode": 1, "fixed_pin": 100 if shown else "***"}},
                "session_passkey": "deadbeef" if shown else "***"}))
            torn = self.next(tool, f"packet BOB 6 {PASSING}aa06ff01")["payload"]
            self.assertEqual("deadbeef" in str(torn), shown)
            self.assert_ends(tool)

    def test_own(self):
        """What comes from the node itself was measured by nobody; without a clock no time."""
        self.tell("time none")
        tool = self.follow("--from", "^local")
        self.tell("text BOB x")
        found = self.next(tool, "telemetry ^local device")
        self.assertEqual(list(found), [key for key in KEYS if key != "time"] + ["payload"])
        self.assertEqual((found["from"], found["snr"], found["rssi"], found["hops"]),
                         (OWN, None, None, None))
        self.assertNotIn("time", found["payload"])

    def test_all_are_objects(self):
        tool = self.follow("--count", "60")
        for port in range(1, 31):
            self.tell(f"packet BOB {port} 0a0361626310ff", f"packet CRL {port} ffffffff")
        status, stdout, _ = tool.finish()
        self.assertEqual((status, len(self.objects(stdout))), (0, 60))


class Text(Listen):
    def test_text(self):
        tool = self.start_ready("listen", "--count", "3")
        self.tell("text BOB hello%0a%1b[2Jthere", "reply CRL 77 ok ^local 1",
                  "add-node 0x12345678", "text !12345678 who ^all")
        status, stdout, _ = tool.finish()
        first, second, third = stdout.splitlines()
        self.assertEqual(status, 0)
        self.assertRegex(first, rf"\A{DAY} BOB > all #0 6.5 dB 0 hops text \d+: "
                                r"hello\\n\\x1b\[2Jthere\Z")
        self.assertRegex(second, rf"\A{DAY} CRL > BASE #0 -8.75 dB 2 hops text \d+ to 77: ok\Z")
        self.assertRegex(third, rf"\A{DAY} !12345678 > all #0 .*: who\Z")

    def test_fields(self):
        self.assertRegex(self.heard("position BOB 1.5 -2.25 -3"), (
            rf"\A{DAY} BOB > all #0 6.5 dB 0 hops position: latitude=1.5000000 "
            rf"longitude=-2.2500000 altitude=-3 time={DAY} location_source=2 precision_bits=32\Z"))
        self.assertRegex(self.heard(f"packet CRL 71 {NEIGHBORS}"), (
            r" neighbors: node_id=!da5ae2a0 last_sent_by_id=!da5ae2a0 "
            r"neighbors.0.node_id=!9ea2f1c4 neighbors.0.snr=6.5 "
            r"neighbors.1.node_id=!433b2f10 neighbors.1.snr=-9\Z"))
        self.assertRegex(self.heard("packet BOB 256 00ff"), r" private: 00ff\Z")
        self.assertRegex(self.heard("packet BOB 300 -"), r" 300:\Z")
        self.assertRegex(self.heard("encrypted CRL 8 c0ffee"), r" encrypted: c0ffee\Z")

    def test_new_names(self):
        """A name that is heard is used from then on."""
        tool = self.start_ready("listen", "--kind", "text")
        self.tell("add-node 0x12345678 short=NEW", "text !12345678 x")
        self.assertIn(" !12345678 > ", tool.line())
        self.tell("userinfo !12345678", "text !12345678 x")
        self.assertIn(" NEW > ", tool.line())

    def test_another_key(self):
        """A warning sign."""
        tool = self.start_ready("listen", "--kind", "text")
        self.tell("node BOB key=random", "userinfo BOB", "text BOB x")
        tool.line()
        self.assertRegex(tool.stderr(), r"\Ameshtcp: warning: BOB [^\n]*key[^\n]*\n\Z")

    def test_notification(self):
        tool = self.start_ready("listen")
        self.tell("notify too%20hot", "text BOB x")
        tool.line()
        self.assertRegex(tool.stderr(), r"\Ameshtcp: [^\n]*too hot\n\Z")


class Selection(Listen):
    def numbers(self, *arguments):
        """The ports of what comes through, of a packet of each kind."""
        tool = self.start_ready("--json", "listen", *arguments)
        self.tell("text BOB x", "position CRL 1 2", "telemetry BOB device", "userinfo CRL",
                  "routing BOB 5 1", "encrypted BOB 8 00", "packet BOB 300 00", "packet CRL 71 -",
                  "text ^local end")
        found = []
        while not found or found[-1][1] != OWN:
            line = self.object(tool.line())
            found.append((line["port"], line["from"]))
        self.assert_ends(tool)
        return found[:-1]

    def test_kinds(self):
        for words, ports in ((["text", "position"], [TEXT, POSITION]),
                             (["text", "telemetry", "neighbors"], [TEXT, TELEMETRY, 71]),
                             (["text", "300", "encrypted"], [TEXT, None, 300]),
                             (["TEXT_MESSAGE_APP", "nodeinfo", "routing"], [TEXT, 4, ROUTING])):
            with self.subTest(words):
                options = [word for kind in words for word in ("--kind", kind)]
                self.assertEqual([port for port, _ in self.numbers(*options)], ports)

    def test_from(self):
        tool = self.start_ready("--json", "listen", "--from", "CRL", "--count", "2")
        self.tell("text BOB x", "text CRL y", "text ^local z", "position CRL 1 2", "text CRL z")
        status, stdout, _ = tool.finish()
        self.assertEqual((status, [line["port"] for line in self.objects(stdout)]), (0, [1, 3]))
        self.assertIn("nobody", self.assert_fails(["listen", "--from", "nobody"], 1))


class Life(Listen):
    def test_downloads(self):
        """Text shows names; JSON has numbers, and needs names only to find one."""
        for words, wanted in ((["listen"], False), (["--json", "listen"], True),
                              (["--json", "listen", "--from", str(BOB)], True),
                              (["--json", "listen", "--from", "BOB"], False)):
            with self.subTest(words):
                self.assert_ends(self.start_ready(*words))
                self.assertEqual(self.sim.stats()["last_nonce"] == CONFIG_NONCE, wanted)

    def test_what_has_waited(self):
        """Packets that came while nobody was connected come first, with their time."""
        self.tell("rx-age 3600", "text BOB early", "rx-age 0")
        tool = self.start_tool("--json", "listen", "--count", "1")
        status, stdout, _ = tool.finish()
        self.assertEqual(status, 0)
        self.assertEqual(self.object(stdout.rstrip("\n"))["text"], "early")

    def test_lines_come_at_once(self):
        tool = self.start_ready("listen")
        for text in ("one", "two"):
            self.tell(f"text BOB {text}")
            self.assertTrue(tool.line().endswith(text))
        self.assert_ends(tool)

    def test_duration(self):
        begin = time.monotonic()
        self.assertEqual(self.run_tool("listen", "--duration", "0.5"), (0, "", ""))
        self.assertTrue(0.49 < time.monotonic() - begin < 5)
        self.assert_gone()

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.assertEqual(self.assert_ends(self.start_ready("listen"), number), "")

    def test_lost_and_back(self):
        """Mended without help, and told of once."""
        tool = self.start_ready("listen")
        self.tell("text BOB before")
        tool.line()
        self.tell("reset")
        self.sim.wait("downloads", 2)
        self.tell("text BOB again")
        self.assertTrue(tool.line().endswith("again"))
        lost, again = tool.stderr().splitlines()
        self.assertIn("lost", lost)
        self.assertIn("again", again)

    def test_reader_gone(self):
        """Left properly, then killed as a filter is."""
        tool = self.start_ready("listen")
        tool.selector.unregister(tool.process.stdout)
        tool.process.stdout.close()
        self.assertEqual(tool.process.wait(LIMIT), -signal.SIGPIPE)
        self.assert_gone()


if __name__ == "__main__":
    unittest.main()
