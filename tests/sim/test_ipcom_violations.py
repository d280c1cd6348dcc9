#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the IPCom simulator: what it says about a client that errs."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ipcom import cipher, messages  # noqa: E402
from ipcom_case import (DISCONNECT, KEEPALIVE, POLL, IpcomCase, ack, snapshot,  # noqa: E402
                        spell, write)

GOOD_LOGIN = messages.build_login("demo", "secret", 1)

# A changed login: place and byte, and what is said about it.
LOGINS = (
    (0, 5, "no login: 09 56 3a 21 c7 d7 3e 16"),
    (1, 1, "a login that begins 01 01"),
    (2, 0x75, "a login without USER: and PWD:"),
    (31, 0x3B, "a login without USER: and PWD:"),
    (54, 0, "a login for bus 0 with lock 0"),
    (54, 3, "a login for bus 3 with lock 0"),
    (55, 1, "a login for bus 1 with lock 1"),
)

# Frames that set nothing, without the 04 01 in front.
FRAMES = (
    ("02 23 40 00 0a 01 00 00 00 00 00 00 00 ff 00", "a frame with checksum 00 instead of fe"),
    ("02 23 40 01 0a 01 00 00 00 00 00 00 00 00 01", "a frame from 01"),
    ("01 23 40 00 0a 01 00 00 00 00 00 00 00 00 01", "a frame with bus byte 1 instead of 2"),
    ("23 40 00 0a 01 00 00 00 00 00 00 00 00 01", "a frame with bus byte 0 instead of 2"),
    ("02 23 3b 00 0a 01 00 00 00 00 00 00 00 00 01", "a frame to 3b, outside 3c-4b"),
    ("02 23 4c 00 0a 01 00 00 00 00 00 00 00 00 01", "a frame to 4c, outside 3c-4b"),
    ("02 23 40 00 09 01 00 00 00 00 00 00 00 01",
     "a frame that sets no outputs: 01 00 00 00 00 00 00 00"),
    ("02 23 40 00 0a 02 00 00 00 00 00 00 00 00 02",
     "a frame that sets no outputs: 02 00 00 00 00 00 00 00 00"),
    ("02 23 40 00 01 00", "a frame without data: 23 40 00 01 00"),
    ("02 23 40 00 00", "a frame without data: 23 40 00 00"),
)


class Order(IpcomCase):
    def test_two_requests_in_flight(self):
        self.simulate("--patience", "60000")
        client = self.ready()
        self.sim.command("delay 60000")
        client.say(POLL)
        client.say(KEEPALIVE)
        self.sim.wait("requests", 4)
        self.finish("connection 1: keepalive before the answer to poll")

    def test_two_requests_at_once(self):
        self.simulate("--write-answer", "snapshot")
        client = self.ready()
        client.send(b"".join(cipher.encode(client.mode, plain) for plain in (write(5), POLL)))
        self.assertEqual((client.message(), client.message()), (snapshot(), snapshot()))
        self.finish("connection 1: poll before the answer to write")

    def test_request_before_the_login_is_answered(self):
        self.simulate("--delay", "60000", "--patience", "60000")
        client = self.client()
        client.send_login()
        client.mode = cipher.session(cipher.KEY_P)
        client.say(POLL)
        self.sim.wait("requests", 2)
        self.finish("connection 1: poll before the answer to login")

    def test_too_little_patience(self):
        self.simulate("--write-answer", "none", "--patience", "60000")
        client = self.ready()
        client.say(write(5, 255))
        self.assertEqual(client.ask(POLL), snapshot("5.1=255"))
        self.assertEqual(client.ask(POLL), snapshot("5.1=255"))
        self.finish("connection 1: poll before the answer to write")

    def test_disconnect_needs_no_patience(self):
        self.simulate("--silent")
        client = self.client()
        client.send_login()
        client.mode = cipher.session(cipher.KEY_P)
        client.say(DISCONNECT)
        self.assertEqual(client.rest(), b"")
        self.finish()

    def test_write_before_the_first_snapshot(self):
        self.simulate("--write-gap", "0")
        client = self.logged_in()
        self.assertEqual(client.ask(write(5, 255)), ack(0x40))
        client.ask(POLL)
        client.ask(write(5, 255))
        # A snapshot belongs to its connection.
        self.logged_in().ask(write(5, 255))
        self.finish(*(f"connection {number}: a write before the first snapshot"
                      for number in (1, 2)))

    def test_writes_too_close(self):
        self.simulate("--write-gap", "60000")
        client = self.ready()
        client.ask(write(5, 255))
        client.ask(write(6, 255))
        self.ready().ask(write(6, 255))
        found = self.sim.stop()
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], "^connection 1: a write [0-9]+ ms after the one before$")

    def test_flood(self):
        self.simulate("--patience", "0", "--delay", "60000")
        client = self.client()
        client.send_login()
        client.mode = cipher.session(cipher.KEY_P)
        client.send(64 * cipher.encode(client.mode, KEEPALIVE))
        self.assertEqual(client.rest(), b"")
        self.finish("connection 1: more than 64 requests without waiting for an answer")


class Bytes(IpcomCase):
    def test_message_in_segments(self):
        self.simulate()
        client = self.ready()
        wire = cipher.encode(client.mode, write(5, 255))
        for place in (1, 3, 5, 12):
            seen = self.sim.stats()["bytes_in"]
            client.send(wire[:place])
            self.sim.wait("bytes_in", seen + place)
            self.assertEqual(self.sim.violations.pop(),
                             f"connection 1: {place} bytes of a message in a segment of their own")
            client.send(wire[place:])
            self.assertEqual(client.message(), ack(0x40))
            self.sim.command("write-gap 0")
        self.sim.violations.append("those above")
        self.finish("those above")

    def test_login_in_segments(self):
        self.simulate()
        client = self.client()
        wire = cipher.encode(cipher.LOGIN, GOOD_LOGIN)
        client.send(wire[:20])
        self.sim.wait("bytes_in", 20)
        client.send(wire[20:])
        self.assertEqual(len(client.take(135)), 135)
        self.finish("connection 1: 20 bytes of a message in a segment of their own")

    def test_unfinished(self):
        self.simulate()
        client = self.ready()
        client.send(cipher.encode(client.mode, write(5, 255))[:-1])
        client.close()
        self.sim.wait("connections_now", 0, "=")
        other = self.connected()
        other.send(b"\x0d")
        self.sim.wait("bytes_in", 56 + 2 + 16 + 1)
        self.finish("connection 1: 16 bytes of a message in a segment of their own",
                    "connection 1: unfinished message of 16 bytes (closed)",
                    "connection 2: 1 bytes of a message in a segment of their own",
                    "connection 2: unfinished message of 1 bytes (end)")

    def test_unknown_and_its_answers(self):
        self.simulate()
        client = self.ready()
        for number, (plain, text) in enumerate((
                ("07 01", "no message: 07 01"), ("04 01 00", "no bus frame: 04 01 00"),
                ("04 01 02 24", "no bus frame: 04 01 02 24")), 1):
            client.say(spell(plain))
            # What comes together with unknown bytes would be passed over with them.
            self.sim.wait("unknown", number)
            self.assertEqual(client.ask(POLL), snapshot())
            self.assertEqual(self.sim.stats()["violations"][-1], "connection 1: " + text)
        self.sim.command("unknown disconnect")
        client.say(spell("07 01"))
        self.assertEqual(client.rest(), spell("7e e3"))
        self.sim.command("unknown close")
        client = self.ready()
        client.say(spell("07 01"))
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.sim.stats()["unknown"], 5)
        self.assertEqual(len(self.sim.stop()), 5)

    def test_versions(self):
        self.simulate()
        client = self.ready()
        client.ask(spell("03 02"))
        client.ask(spell("05 00"))
        client.say(spell("02 03"))
        self.assertEqual(client.rest(), b"")
        self.finish("connection 1: keepalive with version 2", "connection 1: poll with version 0",
                    "connection 1: disconnect with version 3")

    def test_after_the_end(self):
        self.simulate("--disconnect-answer", "--hang-up", "off")
        client = self.ready()
        client.say(DISCONNECT)
        self.assertEqual(client.take(2), spell("7e e3"))
        client.send(spell("79 db"))
        self.sim.wait("bytes_in", 56 + 2 + 2 + 2)
        other = self.ready()
        other.send(spell("7e e3 79 db"))
        self.assertEqual(other.take(2), spell("7e e3"))
        self.finish("connection 1: bytes after the end: 79 db",
                    "connection 2: bytes after the end: 79 db")


class Contents(IpcomCase):
    def test_logins(self):
        self.simulate("--limit", "20")
        for place, value, _ in LOGINS:
            plain = bytearray(GOOD_LOGIN)
            plain[place] = value
            client = self.client()
            client.say(plain)
            self.assertEqual(client.rest(), b"")
        self.finish(*(f"connection {number}: {text}"
                      for number, (_, _, text) in enumerate(LOGINS, 1)))

    def test_empty_name(self):
        self.simulate()
        client = self.client()
        client.send_login(user="")
        self.assertEqual(client.rest(), b"")
        self.finish("connection 1: a login with an empty user name or password")

    def test_login_with_the_old_key(self):
        self.simulate()
        client = self.ready()
        other = self.client()
        other.send(cipher.encode(client.mode, GOOD_LOGIN))
        self.assertEqual(other.rest(), b"")
        wire = messages.spelled(cipher.encode(client.mode, GOOD_LOGIN)[:8])
        self.finish(f"connection 2: no login: {wire}")

    def test_login_in_a_session(self):
        self.simulate()
        client = self.ready()
        client.say(GOOD_LOGIN)
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish("connection 1: a login inside a session")

    def test_frames(self):
        self.simulate()
        client = self.ready()
        for number, (frame, text) in enumerate(FRAMES, 1):
            with self.subTest(frame):
                client.say(spell("04 01" + frame))
                self.sim.wait("unknown", number)
                self.assertEqual(client.ask(POLL), snapshot())
                self.assertEqual(self.sim.stats()["violations"][-1], "connection 1: " + text)
        self.assertEqual(len(self.sim.stop()), len(FRAMES))


class Shutters(IpcomCase):
    def prepare(self, pairs, dead_time="0"):
        self.simulate("--pairs", pairs, "--write-gap", "0", "--dead-time", dead_time)
        return self.ready()

    def test_both_relays(self):
        client = self.prepare("5.7-5.8,5.1-5.2")
        client.ask(write(5, 255, 0, 0, 0, 0, 0, 0, 255))
        client.ask(write(5, 255, 255, 255, 255, 0, 0, 1, 0))
        client.ask(write(4, 255, 255, 0, 0, 0, 0, 255, 255))
        self.finish("connection 1: both relays on: 5.1 and 5.2")

    def test_relays_on_two_modules(self):
        client = self.prepare("5.7-6.1")
        client.ask(write(5, 0, 0, 0, 0, 0, 0, 255))
        client.ask(write(6, 0, 255))
        self.assertEqual(self.sim.stats()["violations"], [])
        client.ask(write(6, 255))
        self.finish("connection 1: both relays on: 6.1 and 5.7")

    def test_wall_switch_is_not_the_client(self):
        client = self.prepare("5.7-5.8")
        self.sim.command("wall 5.7 255")
        self.sim.command("wall 5.8 255")
        self.sim.command("other 5 0 0 0 0 0 0 255 255")
        client.ask(write(5))
        self.finish()

    def test_dead_time(self):
        client = self.prepare("5.7-5.8", "60000")
        down, up, stop = (0, 0, 0, 0, 0, 0, 255), (0, 0, 0, 0, 0, 0, 0, 255), ()
        for values in (down, stop, down):
            client.ask(write(5, *values))
        self.assertEqual(self.sim.stats()["violations"], [])
        client.ask(write(5, *up))
        client.ask(write(5, *stop))
        client.ask(write(5, *down))
        self.sim.command("dead-time 0")
        client.ask(write(5, *up))
        self.finish("connection 1: 5.8 on too soon after 5.7 went off",
                    "connection 1: 5.7 on too soon after 5.8 went off")


if __name__ == "__main__":
    unittest.main()
