#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the IPCom simulator over real sockets on the loopback interface."""

import json
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ipcom import cipher, messages  # noqa: E402
from ipcom.model import Model  # noqa: E402
from ipcom_case import (DISCONNECT, KEEPALIVE, POLL, IpcomCase, ack, snapshot,  # noqa: E402
                        spell, write)
from simulator import SimulatorError  # noqa: E402


class Login(IpcomCase):
    def test_accepted(self):
        self.simulate("--firmware", "9.9")
        client = self.client()
        self.assertEqual(client.login(), spell("01 02 39 2e 39 20 00") + cipher.KEY_P)
        self.assertEqual(client.ask(POLL), snapshot())
        self.assertEqual(self.sim.stats()["logins"], 1)
        self.finish()

    def test_ipv6(self):
        self.simulate("--bind", "::1")
        client = self.client("::1")
        client.login()
        self.assertEqual(client.ask(POLL), snapshot())
        self.finish()

    def test_who_is_refused(self):
        self.simulate("--user", "anna", "--password", "x_y")
        for user, password in (("demo", "x_y"), ("anna", "secret"), (" anna", "x_y")):
            client = self.client()
            client.send(cipher.encode(cipher.LOGIN, messages.build_login(user, password, 1)))
            self.assertEqual(client.rest(), b"")
        self.client().login("anna", "x_y")
        self.assertEqual(self.sim.stats()["refused"], 3)
        self.finish()

    def test_how_it_is_refused(self):
        for option, wire in (("login", "0e ea"), ("session", "7e e3"), ("close", ""),
                             ("short", "0c 92 6f")):
            for hang_up in ("on", "off"):
                with self.subTest(option, hang_up=hang_up):
                    self.simulate("--refuse", option, "--login", "refuse", "--hang-up", hang_up)
                    client = self.client()
                    client.send_login()
                    self.sim.wait("refused", 1)
                    self.assertEqual(client.take(len(spell(wire))), spell(wire))
                    if hang_up == "off" and option != "close":
                        self.assertEqual(self.sim.stats()["connections_now"], 1)
                        self.sim.command("drop")
                    self.assertEqual(client.rest(), b"")
                    self.finish()

    def test_refused_otherwise(self):
        self.simulate("--refuse", "long", "--login", "refuse")
        client = self.client()
        client.send_login()
        plain = cipher.decode(cipher.LOGIN, client.rest())
        self.assertEqual(plain, spell("00 02 33 2e 31 30") + bytes(129))
        self.sim.command("refuse reset")
        client = self.client()
        client.send_login()
        with self.assertRaises(ConnectionResetError):
            client.rest()
        self.sim.command("refuse silent")
        client = self.connected()
        client.send(cipher.encode(cipher.LOGIN, messages.build_login("demo", "secret", 1)))
        self.sim.wait("refused", 3)
        self.assertTrue(client.quiet())
        self.assertEqual(self.sim.stats()["connections_now"], 1)
        self.finish()

    def test_device_that_does_not_encrypt(self):
        self.simulate("--login", "unencrypted")
        client = self.client()
        client.send_login()
        self.assertEqual(client.rest(), spell("02 01"))
        client = self.client()
        client.send(messages.build_login("demo", "secret", 1))
        self.assertEqual(client.take(135), spell("01 02 33 2e 31 30 00") + cipher.KEY_P)
        client.mode = cipher.CLEAR
        client.send(POLL)
        self.assertEqual(client.take(130), spell("05 01") + bytes(128))
        self.finish()

    def test_short_acceptance(self):
        self.simulate("--login", "short")
        client = self.client()
        client.send_login()
        self.assertEqual(client.take(3), spell("0d a7 87"))
        client.send(POLL)
        self.assertEqual(client.take(130), spell("05 01") + bytes(128))
        self.finish()

    def test_keys(self):
        self.simulate("--key", "alternate")
        keys = [self.logged_in().key for _ in range(3)]
        self.assertEqual(keys, [cipher.KEY_P, cipher.KEY_Q, cipher.KEY_P])
        self.sim.command("key random")
        keys = [self.logged_in() for _ in range(3)]
        self.assertEqual(len({client.key for client in keys}), 3)
        self.assertEqual([client.ask(POLL) for client in keys], 3 * [snapshot()])
        self.sim.command("key " + bytes(range(128)).hex())
        self.assertEqual(self.logged_in().key, bytes(range(128)))
        for bad in ("key 00", "key r", "key p later"):
            self.assertRaises(SimulatorError, self.sim.command, bad)
        self.finish()

    def test_same_seed_same_keys(self):
        keys = []
        for seed in (1, 1, 2):
            self.simulate("--key", "random", "--seed", seed)
            keys.append(self.logged_in().key)
            self.finish()
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[1], keys[2])

    def test_key_changes_in_the_session(self):
        self.simulate()
        client = self.logged_in()
        self.sim.command("key q now")
        client.send(spell("f3 14"))
        self.assertEqual(client.take(2), spell("f3 14"))
        self.finish()


class Requests(IpcomCase):
    def test_poll_and_keepalive(self):
        self.simulate()
        client = self.logged_in()
        self.sim.command("wall 6.2 100")
        self.assertEqual(client.ask(POLL), snapshot("6.2=100"))
        self.assertEqual(client.ask(KEEPALIVE), KEEPALIVE)
        self.assertEqual(client.ask(POLL), snapshot("6.2=100"))
        stats = self.sim.stats()
        self.assertEqual((stats["polls"], stats["keepalives"], stats["answers"]), (2, 1, 4))
        self.assertEqual(stats["requests_by_name"], {"login": 1, "poll": 2, "keepalive": 1})
        self.assertEqual((stats["requests"], stats["bytes_in"]), (4, 56 + 6))
        self.finish()

    def test_disconnect(self):
        self.simulate()
        client = self.logged_in()
        client.say(DISCONNECT)
        self.assertEqual(client.rest(), b"")
        self.sim.command("disconnect-answer on")
        client = self.logged_in()
        client.say(DISCONNECT)
        self.assertEqual(client.rest(), spell("7e e3"))
        self.logged_in().close()
        self.sim.wait("connections_now", 0, "=")
        stats = self.sim.stats()
        self.assertEqual((stats["disconnects"], stats["lost_sessions"]), (2, 1))
        self.finish()

    def test_write_and_its_answers(self):
        for option, answer in (("ack", ack(0x40)), ("snapshot", snapshot("5.1=255"))):
            with self.subTest(option):
                self.simulate("--write-answer", option)
                client = self.ready()
                self.assertEqual(client.ask(write(5, 255)), answer)
                self.assertEqual(client.ask(POLL), snapshot("5.1=255"))
                self.finish()
        self.simulate("--write-answer", "none", "--patience", "0")
        client = self.ready()
        client.say(write(5, 255))
        self.assertEqual(client.ask(POLL), snapshot("5.1=255"))
        self.finish()

    def test_addresses(self):
        for bus_type, bus, to, byte in (
                ("minido", 1, 0x3C, 2), ("minido", 2, 0x3C, 2), ("bibus", 1, 0x1E, 1),
                ("bibus", 2, 0x1E, 2), ("other", 1, 0x3C, 1), ("other", 2, 0x3C, 2)):
            with self.subTest(bus_type, bus=bus):
                self.simulate("--bus-type", bus_type, "--ack-bus", "--write-gap", "0")
                client = self.ready(bus=bus)
                for module in (1, 16):
                    place = to + module - 1
                    frame = messages.Frame(byte, place, 0, [1, 9, 0, 0, 0, 0, 0, 0, 0])
                    self.assertEqual(client.ask(frame.message()), ack(place, byte))
                self.assertEqual(self.sim.command("get"), "1.1=9 16.1=9")
                self.finish()

    def test_other_addresses(self):
        self.simulate()
        self.sim.command("addresses 100 0")
        client = self.ready()
        frame = messages.Frame(0, 115, 0, [1, 9, 0, 0, 0, 0, 0, 0, 0])
        self.assertEqual(client.ask(frame.message()), ack(115))
        self.assertEqual(self.sim.command("get"), "16.1=9")
        self.finish()

    def test_log(self):
        self.simulate()
        client = self.ready()
        client.ask(write(3, 255))
        client.ask(KEEPALIVE)
        client.say(DISCONNECT)
        self.assertEqual(client.rest(), b"")
        log = json.loads(self.sim.command("log"))
        self.assertEqual([entry[1:] for entry in log], [[1, *words] for words in (
            (">", "login demo bus 1"), ("<", "accepted"), (">", "poll"), ("<", "snapshot -"),
            (">", "write 3: 255 0 0 0 0 0 0 0"), ("<", "raw 04 01 23 00 3e 02 01 01"),
            (">", "keepalive"), ("<", "keepalive"), (">", "disconnect"))])
        times = [entry[0] for entry in log]
        self.assertEqual(times, sorted(times))
        self.assertGreater(times[0], 0)


class Clock:
    """A loop that makes its calls when told to."""

    def __init__(self):
        self.calls = []

    @staticmethod
    def now():
        return 0

    def call_later(self, _seconds, function):
        self.calls.append(function)


class House(IpcomCase):
    def test_wall_switch(self):
        self.simulate()
        client = self.ready()
        self.sim.command("wall-next 3.4 255")
        self.assertEqual(client.ask(POLL), snapshot())
        self.assertEqual(client.ask(POLL), snapshot("3.4=255"))
        self.sim.command("wall-next 3.4 0")
        client.ask(POLL)
        # Without another look the client puts the old value back.
        self.assertEqual(client.ask(write(3, 0, 0, 0, 255)), ack(0x3E))
        self.assertEqual(self.sim.stats()["overwritten"], 1)
        self.finish()

    def test_wall_switch_by_itself(self):
        self.simulate("--wall-every", "1")
        self.sim.wait_for(lambda: self.sim.command("get 1.1") == "255")
        self.sim.wait_for(lambda: self.sim.command("get 1.1") == "0")
        self.sim.command("wall-every 0")
        client = self.logged_in()
        self.assertEqual(client.ask(POLL), client.ask(POLL))

    def test_second_client(self):
        self.simulate()
        client = self.ready()
        self.sim.command("other 3 1 2 3 4 5 6 7 8")
        shown = "3.1=1 3.2=2 3.3=3 3.4=4 3.5=5 3.6=6 3.7=7 3.8=8"
        self.assertEqual(client.ask(POLL), snapshot(shown))
        second = self.ready()
        second.ask(write(4, 7))
        self.assertEqual(client.ask(POLL), snapshot(shown + " 4.1=7"))
        self.finish()

    def test_apply_delay(self):
        self.simulate("--apply-delay", "20", "--write-answer", "snapshot")
        client = self.ready()
        self.assertEqual(client.ask(write(3, 255)), snapshot())
        self.sim.wait_for(lambda: self.sim.command("get 3.1") == "255")
        self.assertEqual(client.ask(POLL), snapshot("3.1=255"))
        self.finish()

    def test_apply_delay_and_wall_switch(self):
        """Without a clock: what happens between a write and its effect."""
        loop = Clock()
        model = Model(loop)
        model.apply_delay = 1
        model.write(3, [255, 0, 9, 0, 0, 0, 0, 0])
        model.switch((3, 2), 7)
        model.write(3, [255, 7, 8, 0, 0, 0, 0, 0])
        model.switch((3, 8), 1)
        self.assertEqual(model.values[2], [0, 7, 0, 0, 0, 0, 0, 1])
        loop.calls.pop(0)()
        self.assertEqual(model.values[2], [255, 0, 9, 0, 0, 0, 0, 0])
        self.assertEqual(model.targets[2], [255, 7, 8, 0, 0, 0, 0, 1])
        loop.calls.pop(0)()
        self.assertEqual(model.values[2], [255, 7, 8, 0, 0, 0, 0, 0])
        self.assertEqual(model.targets[2], model.values[2])

    def test_dimmers_round(self):
        self.simulate("--dimmers", "6,7", "--rounding", "--write-gap", "0")
        client = self.ready()
        for module in (6, 8):
            client.ask(write(module, 41, 40, 1, 0, 99, 100, 251, 255))
        self.assertEqual(self.sim.command("get"),
                         "6.1=40 6.2=40 6.5=98 6.6=100 6.7=251 6.8=255 "
                         "8.1=41 8.2=40 8.3=1 8.5=99 8.6=100 8.7=251 8.8=255")
        self.finish()


class Replays(IpcomCase):
    def play(self, text):
        file = self.cleanup.enter_context(tempfile.NamedTemporaryFile("w", suffix=".txt"))
        file.write(text)
        file.flush()
        return self.simulate("--replay", file.name)

    def test_second_connection_behind_the_first(self):
        self.play("> 41\n< 42\n>2 43\n<2 44\n")
        for count in (1, 2):
            client = self.connected()
            client.send(b"A")
            self.assertEqual(client.take(1), b"B")
            client.close()
            self.sim.wait("connections_now", 0, "=")
            client = self.connected()
            client.send(b"C")
            self.assertEqual(client.take(1), b"D")
            client.close()
            self.sim.wait("connections_now", 0, "=")
            self.assertEqual(self.sim.stats()["conversations"], count)
        self.finish()

    def test_early_end(self):
        self.play("> 41\n< 42\n> 43\n")
        client = self.connected()
        client.send(b"A")
        self.assertEqual(client.take(1), b"B")
        client.close()
        self.sim.wait("connections_now", 0, "=")
        self.finish("connection 1, step 3: closed before the end of the conversation")


if __name__ == "__main__":
    unittest.main()
