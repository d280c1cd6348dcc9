#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp send and raw: what goes out, and what is told of it."""

import os
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from meshtcp_common import (ALL, BOB, CONFIG, NOTHING, OWN, TEXT, WHOLE,  # noqa: E402
                            MeshtcpCase)

WARNING = r"\Ameshtcp: [^\n]*201 bytes[^\n]*\n\Z"


class Plain(MeshtcpCase):
    """Without --ack: the id, in no time and without a download."""

    def setUp(self):
        super().setUp()
        self.simulate_lenient()

    def test_text(self):
        begin = time.monotonic()
        status, stdout, stderr = self.run_tool("send", "Hello \u00fc")
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual((status, stderr), (0, ""))
        packet, data = self.packet()
        self.assertEqual(stdout, f"{packet['id']}\n")
        self.assertEqual((packet["to"], packet.get("channel", 0), packet.get("want_ack", False)),
                         (ALL, 0, False))
        self.assertEqual(data, {"portnum": TEXT, "payload": "48656c6c6f20c3bc",
                                "text": "Hello \u00fc"})

    def test_json(self):
        found = self.assert_json_line(["send", "x"])
        self.assertEqual(found, {"id": self.packet()[0]["id"], "state": "queued", "error": None})

    def test_nothing_is_asked_for(self):
        for to in ("^all", "!433b2f10", "0x433B2F10", str(BOB), "0xffffffff"):
            with self.subTest(to):
                self.assert_asked(["send", "x", "--to", to], NOTHING)
                self.assertEqual(self.packet()[0]["to"],
                                 ALL if to in ("^all", "0xffffffff") else BOB)
        self.assert_asked(["raw", "256", "00", "--to", "!433b2f10"], NOTHING)
        self.assert_gone()

    def test_many_at_once(self):
        """Each is done in milliseconds."""
        begin = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.run_tool("send", "x")[0], 0)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(len(self.packets()), 20)

    def test_names(self):
        for name in ("BOB", "bob", "Bob \N{BICYCLE} K\u00fcche", "bOB \N{BICYCLE} k\u00fcche"):
            with self.subTest(name):
                self.assert_asked(["send", "x", "--to", name], WHOLE)
                self.assertEqual(self.packet()[0]["to"], BOB)

    def test_hex_that_is_a_name(self):
        """Eight hex digits are a number, unless somebody is called so."""
        self.tell("add-node 0x01020304 long=433b2f10 short=NNNN key=random")
        self.assert_asked(["send", "x", "--to", "433b2f10"], WHOLE)
        self.assertEqual(self.packet()[0]["to"], 0x01020304)
        self.assert_asked(["send", "x", "--to", "da5ae2a0"], WHOLE)
        self.assertEqual(self.packet()[0]["to"], 0xDA5AE2A0)

    def test_the_node_itself(self):
        self.assert_asked(["send", "x", "--to", "^local"], CONFIG)
        self.assertEqual(self.packet()[0]["to"], OWN)

    def test_unknown_and_ambiguous(self):
        self.assertIn("nobody", self.assert_fails(["send", "x", "--to", "nobody"], 1))
        self.tell("add-node 0x11111111 long=bob short=B2")
        self.assertIn("bob", self.assert_fails(["--json", "send", "x", "--to", "bob"], 2))
        self.assertEqual(self.packets(), [])

    def test_options(self):
        self.run_tool("send", "x", "--channel", "1", "--reply-to", "4294967295")
        packet, data = self.packet()
        self.assertEqual((packet["channel"], data["reply_id"]), (1, 0xFFFFFFFF))

    def test_lengths(self):
        self.assertEqual(self.run_tool("send", "x" * 200)[2], "")
        for text in ("x" * 201, "x" + "\u00fc" * 100):
            status, stdout, stderr = self.run_tool("send", text)
            self.assertEqual((status, stdout), (0, f"{self.packet()[0]['id']}\n"))
            self.assertRegex(stderr, WARNING)
            self.assertEqual(self.packet()[1]["text"], text)
        self.assertEqual(self.run_tool("send", "x" * 233)[0], 0)

    def test_too_long(self):
        for text in ("x" * 234, "\u00fc" * 117, "x" * 100000):
            self.assertIn("233", self.assert_fails(["send", text], 2))
        self.assertIn("233", self.assert_fails(["raw", "256", "00" * 234], 2))
        self.assert_untouched()

    def test_no_text(self):
        done = subprocess.run([self.program, *self.peer, "send", b"\xff\xfe"], env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"UTF-8", done.stderr)
        self.assert_untouched()

    def test_dash(self):
        self.run_tool("send", "--", "--ack")
        self.assertEqual(self.packet()[1]["text"], "--ack")

    def test_old_firmware(self):
        """It confirms nothing to who asks for nothing."""
        self.tell("firmware 2.7.0.aaaaaaa")
        self.assert_fails(["send", "x", "--timeout", "0.5"], 4)
        found = self.assert_json_line(["send", "x", "--timeout", "0.5"], 4)
        self.assertEqual((found["state"], type(found["error"])), ("unknown", str))

    def test_lost(self):
        """Gone before it has said that it has read it."""
        self.tell("heartbeat-answer off")
        tool = self.start_tool("--json", "send", "x", "--timeout", "3")
        self.sim.wait("packets_in", 1)
        self.tell("listen off", "reset")
        status, stdout, stderr = tool.finish()
        self.assertEqual(status, 3)
        self.assertEqual(self.object(stdout.rstrip("\n"))["state"], "unknown")
        self.assertEqual(stderr.count("\n"), 1)

    def test_raw(self):
        for port, payload, number in (("256", "0102ff", 256), ("511", "", 511), ("1", "78", 1),
                                      ("position", "0DFF", 3), ("PRIVATE_APP", "00", 256)):
            with self.subTest(port):
                stdout = self.run_tool("raw", port, payload)[1]
                packet, data = self.packet()
                self.assertEqual(stdout, f"{packet['id']}\n")
                self.assertEqual((data["portnum"], data.get("payload", "")),
                                 (number, payload.lower()))
        self.assertEqual(self.assert_json_line(["raw", "256", "00"])["state"], "queued")


class Acknowledged(MeshtcpCase):
    """With --ack: what became of it."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_delivered(self):
        self.assert_output(["send", "x", "--to", "!433b2f10", "--ack"], "delivered\n")
        self.assertIs(self.packet()[0]["want_ack"], True)
        found = self.assert_json_line(["send", "x", "--to", "BOB", "--ack"])
        self.assertEqual(found, {"id": self.packet()[0]["id"], "state": "delivered", "error": None})

    def test_everybody(self):
        """Done as soon as somebody passes it on."""
        self.assert_output(["send", "x", "--ack"], "relayed\n")
        self.assertEqual(self.assert_json_line(["send", "x", "--ack"])["state"], "relayed")

    def test_relayed_then_delivered(self):
        self.tell("ack implicit,wait:100,real")
        self.assert_output(["send", "x", "--to", "BOB", "--ack"], "delivered\n")

    def test_only_relayed(self):
        """What is known when the time is up."""
        self.tell("ack implicit")
        begin = time.monotonic()
        self.assert_output(["send", "x", "--to", "BOB", "--ack", "--timeout", "0.8"], "relayed\n")
        self.assertGreater(time.monotonic() - begin, 0.79)

    def test_refused(self):
        for policy, name in (("nak 5", "MAX_RETRANSMIT"), ("nak 99", "99"),
                             ("implicit,own-nak:9", "DUTY_CYCLE_LIMIT")):
            self.tell("ack " + policy)
            with self.subTest(policy):
                self.assertIn(name, self.assert_fails(["send", "x", "--to", "BOB", "--ack"], 1))
        found = self.assert_json_line(["send", "x", "--to", "BOB", "--ack"], 1)
        self.assertEqual((found["id"], found["state"]), (self.packet()[0]["id"], "failed"))
        self.assertEqual(found["error"], "DUTY_CYCLE_LIMIT")

    def test_refused_by_the_node(self):
        self.assertIn("NO_CHANNEL", self.assert_fails(["send", "x", "--ack", "--channel", "5"], 1))
        self.tell("config lora region=0")
        self.assertEqual(self.assert_json_line(["send", "x", "--ack"], 1)["error"],
                         "SENDING_DISABLED")

    def test_what_the_node_says(self):
        """Its words stand in the one line."""
        self.tell("ack wait:60000,nak:9")
        tool = self.start_tool("send", "x", "--to", "BOB", "--ack")
        self.sim.wait("packets_in", 1)
        number = self.sim.stats()["last_id"]
        self.tell(f"notify wait%20a%20while {number}", f"routing ^local 9 {number}")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout), (1, ""))
        self.assertRegex(
            stderr, r"\Ameshtcp: send: [^\n]*DUTY_CYCLE_LIMIT[^\n]*wait a while[^\n]*\n\Z")

    def test_nothing_known(self):
        self.tell("ack none")
        self.assert_fails(["send", "x", "--to", "BOB", "--ack", "--timeout", "0.6"], 4)
        found = self.assert_json_line(["send", "x", "--ack", "--timeout", "0.6"], 4)
        self.assertEqual((found["id"], found["state"]), (self.packet()[0]["id"], "unknown"))
        self.assertIsInstance(found["error"], str)

    def test_lost_and_back(self):
        """The node that has taken it acknowledges it over the next connection."""
        self.tell("ack none")
        tool = self.start_tool("send", "x", "--to", "BOB", "--ack")
        self.sim.wait("accepted", 1)
        number = self.sim.stats()["last_id"]
        self.tell("reset")
        self.sim.wait("downloads", 2)
        self.tell(f"routing BOB 0 {number}")
        self.assertEqual(tool.finish(), (0, "delivered\n", ""))
        self.assertEqual(len(self.packets()), 1)

    def test_downloads(self):
        self.assert_asked(["send", "x", "--ack"], CONFIG)
        self.assert_asked(["send", "x", "--ack", "--to", "!433b2f10"], CONFIG)
        self.assert_asked(["send", "x", "--ack", "--to", "BOB"], WHOLE)
        self.assert_gone()

    def test_trace(self):
        path = os.path.join(self.dir, "trace")
        self.run_tool("send", "Hello", "--ack", "--trace", path)
        with open(path, encoding="utf-8") as file:
            trace = file.read()
        self.assertIn("48 65 6c 6c 6f".replace(" ", ""), trace.replace(" ", "").lower())


if __name__ == "__main__":
    unittest.main()
