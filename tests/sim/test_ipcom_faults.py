#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the IPCom simulator: what goes wrong on the line when it is told to."""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ipcom import cipher, messages  # noqa: E402
from ipcom_case import (KEEPALIVE, POLL, IpcomCase, ack, snapshot, spell,  # noqa: E402
                        write)
from simulator import SimulatorError  # noqa: E402

# What the client of an older tool sends in the clear: its keepalive and its disconnect.
UPSTREAM_KEEPALIVE = spell("23 01 00 02 7f 7f")
UPSTREAM_DISCONNECT = spell("23 01 00 02 02 02")
POLL_P = spell("79 db")


class Stream(IpcomCase):
    def test_pieces(self):
        for option, least in (("--dribble", 30), ("--split", 5), ("--fragment=16", 3)):
            with self.subTest(option):
                self.simulate(option)
                client = self.logged_in()
                before = client.segments()
                self.assertEqual(client.ask(POLL), snapshot())
                self.assertGreaterEqual(client.segments() - before, least)
                self.sim.command("fragment 0")
                before = client.segments()
                self.assertEqual(client.ask(POLL), snapshot())
                self.assertEqual(client.segments() - before, 1)
                self.finish()

    def test_glue(self):
        self.simulate("--patience", "0")
        client = self.ready()
        self.sim.command("glue 2")
        client.say(write(3, 255))
        client.say(KEEPALIVE)
        self.sim.wait("requests", 4)
        self.assertTrue(client.quiet())
        before = client.segments()
        self.assertEqual(client.ask(POLL), ack(0x3E))
        self.assertEqual((client.message(), client.message()), (KEEPALIVE, snapshot("3.1=255")))
        self.assertEqual(client.segments() - before, 1)
        self.finish()

    def test_before_and_after(self):
        self.simulate()
        client = self.ready()
        self.sim.command("before 03 01")
        self.sim.command("before 09")
        self.sim.command("after 0401")
        client.say(POLL)
        mode = client.mode
        parts = [cipher.encode(mode, part) for part in (KEEPALIVE, b"\x09", snapshot(), b"\4\1")]
        self.assertEqual(client.take(135), b"".join(parts))
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish()

    def test_uninvited(self):
        self.simulate()
        client, other = self.ready(), self.connected()
        self.sim.command("send 02 01")
        self.assertEqual(client.take(2), spell("7e e3"))
        self.sim.command("send-raw 79db")
        self.assertEqual((client.take(2), other.take(2)), (POLL_P, POLL_P))
        self.assertTrue(other.quiet())
        self.finish()

    def test_another_answer(self):
        self.simulate("--patience", "0")
        client = self.ready()
        self.sim.command("answer 07 01 02")
        client.say(POLL)
        self.assertEqual(cipher.decode(client.mode, client.take(3)), spell("07 01 02"))
        self.sim.command("answer")
        client.say(KEEPALIVE)
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish()

    def test_lose_duplicate_garble(self):
        self.simulate("--patience", "0")
        client = self.ready()
        self.sim.command("lose 2")
        client.say(KEEPALIVE)
        client.say(KEEPALIVE)
        self.assertEqual(client.ask(POLL), snapshot())
        self.sim.command("duplicate")
        self.assertEqual((client.ask(KEEPALIVE), client.message()), (KEEPALIVE, KEEPALIVE))
        self.sim.command("garble")
        client.say(KEEPALIVE)
        changed = client.take(2)
        differing = [1 for is_, was in zip(changed, spell("7f 3a")) if is_ != was]
        self.assertEqual(len(differing), 1)
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish()

    def test_bad_checksum(self):
        self.simulate("--write-gap", "0")
        client = self.ready()
        self.sim.command("bad-checksum")
        client.ask(KEEPALIVE)
        self.assertEqual(client.ask(write(3, 255)), spell("04 01 23 00 3e 02 01 fe"))
        self.assertEqual(client.ask(write(3, 255)), ack(0x3E))
        self.finish()


class Time(IpcomCase):
    def test_delay(self):
        self.simulate("--delay", "20")
        client = self.logged_in()
        start = time.monotonic()
        self.assertEqual(client.ask(POLL), snapshot())
        self.assertGreaterEqual(time.monotonic() - start, 0.02)
        self.sim.command("late 60000")
        client.say(POLL)
        self.sim.wait("polls", 2)
        self.assertEqual(self.sim.stats()["answers"], 2)
        self.finish()

    def test_late_answers_stay_in_order(self):
        self.simulate("--patience", "0")
        client = self.ready()
        self.sim.command("late 50")
        client.say(KEEPALIVE)
        client.say(POLL)
        self.assertEqual((client.message(), client.message()), (KEEPALIVE, snapshot()))
        self.finish()

    def test_silent(self):
        self.simulate("--patience", "0")
        client = self.ready()
        self.sim.command("silent on")
        client.say(POLL)
        self.sim.wait("polls", 2)
        self.assertTrue(client.quiet())
        self.sim.command("silent off")
        self.assertEqual(client.ask(KEEPALIVE), KEEPALIVE)
        self.finish()


class Ends(IpcomCase):
    def test_drop_after(self):
        self.simulate("--drop-after", "2")
        client = self.logged_in()
        client.ask(POLL)
        self.assertEqual(client.ask(KEEPALIVE), KEEPALIVE)
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.sim.stats()["lost_sessions"], 1)
        self.finish()

    def test_drop_reset_half_close(self):
        self.simulate()
        client = self.ready()
        self.sim.command("drop")
        self.assertEqual(client.rest(), b"")
        client = self.ready()
        self.sim.command("reset")
        self.assertRaises(ConnectionResetError, client.rest)
        client = self.ready()
        self.sim.command("half-close")
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.sim.stats()["connections_now"], 1)
        self.finish()

    def test_limit(self):
        self.simulate("--limit", "1")
        client = self.ready()
        self.refused()
        self.sim.command("full accept-close")
        self.assertEqual(self.connect().rest(), b"")
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish()

    def test_listen(self):
        self.simulate()
        self.sim.command("listen off")
        self.refused()
        self.sim.command("listen on")
        self.ready()
        self.finish()


class Upstream(IpcomCase):
    def test_swallowed(self):
        self.simulate("--upstream", "--patience", "0")
        client = self.client()
        client.send(UPSTREAM_DISCONNECT)
        client.login()
        # Its poll is no computed one, and follows a write without a pause.
        client.send(UPSTREAM_KEEPALIVE + POLL_P)
        self.assertEqual(client.message(), snapshot())
        client.send(cipher.encode(client.mode, write(3, 255)) + POLL_P)
        self.assertEqual((client.message(), client.message()), (ack(0x3E), snapshot("3.1=255")))
        client.send(UPSTREAM_DISCONNECT)
        client.close()
        self.sim.wait("connections_now", 0, "=")
        self.assertEqual(self.sim.stats()["swallowed"], 3)
        self.finish()

    def test_refused_login(self):
        self.simulate("--upstream", "--login", "refuse", "--refuse", "silent")
        client = self.client()
        client.send_login()
        client.send(UPSTREAM_DISCONNECT)
        self.sim.wait("swallowed", 1)
        self.finish()

    def test_key_p_only(self):
        self.simulate()
        self.sim.command("key q")
        self.assertRaises(SimulatorError, self.sim.command, "upstream on")
        self.sim.command("key p")
        self.sim.command("upstream on")
        self.sim.command("key q")
        client = self.logged_in()
        client.send(UPSTREAM_KEEPALIVE)
        self.sim.wait("unknown", 1)
        plain = messages.spelled(cipher.decode(client.mode, UPSTREAM_KEEPALIVE))
        self.finish(f"connection 1: no message: {plain}")

    def test_otherwise_unknown(self):
        self.simulate()
        client = self.logged_in()
        client.send(UPSTREAM_KEEPALIVE)
        self.sim.wait("unknown", 1)
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish("connection 1: no message: 5f 52 76 74 bc 8e")


if __name__ == "__main__":
    unittest.main()
