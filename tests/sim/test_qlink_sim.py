#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Q-Link simulator, over real sockets on the loopback interface."""

import contextlib
import errno
import os
import select
import socket
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import vectors  # noqa: E402
from simcase import Case  # noqa: E402
from simulator import Simulator, SimulatorError  # noqa: E402
from test_qlink_protocol import Commands, Events, Spelling  # noqa: E402, F401
from test_qlink_violations import Violations  # noqa: E402, F401

VECTORS = os.path.join(os.path.dirname(HERE), "vectors", "qlink")
SCRIPT = "qlink_sim.py"


class Vectors(Case):
    script = SCRIPT

    def play(self, conversation):
        """The model answers every `>` with exactly the `<` that follow."""
        self.simulate()
        client = self.connected()
        for step in conversation.steps:
            if step.kind == "!":
                self.sim.command(step.text)
            elif step.kind == ">":
                client.send(step.data)
            elif step.kind == "<":
                self.assertEqual(client.take(len(step.data)), step.data)
        self.sim.command("drop")
        self.assertEqual(client.rest(), b"")
        self.finish()

    def replay(self, conversation):
        """The scripted peer says the `<` bytes when it has had the `>` bytes."""
        self.simulate("--replay", conversation.path)
        client = self.connected()
        client.send(conversation.sent())
        self.assertEqual(client.take(len(conversation.received())), conversation.received())
        client.close()
        self.sim.wait("conversations", 1)
        self.finish()

    def test_model(self):
        for conversation in vectors.read_all(VECTORS):
            with self.subTest(conversation.name):
                self.play(conversation)

    def test_replay(self):
        for conversation in vectors.read_all(VECTORS)[::12]:
            with self.subTest(conversation.name):
                self.replay(conversation)

    def test_every_row_is_there(self):
        rows = {int(conversation.name[:2]) for conversation in vectors.read_all(VECTORS)}
        self.assertEqual(rows, set(range(1, 56)))

    def test_results_belong_to_requests(self):
        for conversation in vectors.read_all(VECTORS):
            with self.subTest(conversation.name):
                results = [text.split() for text in conversation.texts("=")]
                verbs = [words[1] for words in results if words[0] == "result"]
                asked = [text.split()[0] for text in conversation.texts(":")]
                self.assertEqual(verbs, asked)
                self.assertTrue(all(words[0] in ("result", "row", "event") for words in results))


class Scripted(Case):
    script = SCRIPT
    TWO = "# two connections\n> 41 0d\n>2 42 0d\n<2 43 0d\n< 44 0d\n"

    def play(self, text):
        file = self.cleanup.enter_context(tempfile.NamedTemporaryFile("w", suffix=".txt"))
        file.write(text)
        file.flush()
        return self.simulate("--replay", file.name)

    def test_two_connections_and_again(self):
        self.play(self.TWO)
        for count in (1, 2):
            first, second = self.connected(), self.connected("query-port")
            second.send(b"B\r")
            first.send(b"A\r")
            self.assertEqual((second.line(), first.line()), ("C", "D"))
            first.close()
            second.close()
            self.sim.wait("connections_now", 0, "=")
            self.assertEqual(self.sim.stats()["conversations"], count)
        self.finish()

    def test_deviation(self):
        self.play("> 41 42 0d\n< 43 0d\n")
        client = self.connected()
        client.send(b"AX")
        self.assertEqual(client.rest(), b"")
        self.finish("connection 1, step 1: b'AX' instead of b'AB\\r'")

    def test_too_much(self):
        self.play("> 41 0d\n< 43 0d\n")
        client = self.connected()
        client.send(b"A\rB")
        self.assertEqual(client.rest(), b"C\r")
        self.finish("connection 1, step 3: bytes after the end: b'B'")

    def test_early_end(self):
        self.play("> 41 0d\n< 43 0d\n")
        self.connected().close()
        self.sim.wait("connections_now", 0, "=")
        self.finish("connection 1, step 1: closed before the end of the conversation")

    def test_end_in_the_middle(self):
        self.play("< 43 0d\n> 41 0d\n")
        self.assertEqual(self.connected().line(), "C")
        self.finish("the end at step 2 of 2")


class Doors(Case):
    script = SCRIPT

    def test_limit_refuses_and_frees(self):
        self.simulate("--limit", "1")
        first = self.connected()
        self.refused()
        self.connected("query-port")
        first.close()
        self.sim.wait("connections_now", 1, "=")
        self.assertEqual(self.connected().ask("VEC@ 1"), "1")
        self.sim.command("limit 2")
        self.connected()
        self.refused()
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 3)

    def test_query_limit(self):
        self.simulate("--query-limit", "2")
        self.connected("query-port")
        self.connected("query-port")
        self.refused("query-port")
        self.assertEqual(self.connected().ask("VEC@ 1"), "1")

    def test_total_limit(self):
        self.simulate("--total-limit", "1")
        client = self.connected("query-port")
        self.refused()
        self.refused("query-port")
        client.close()
        self.sim.wait("connections_now", 0, "=")
        self.connected()
        self.refused("query-port")

    def test_connects_at_once_are_refused_too(self):
        self.simulate("--limit", "1")
        socks = [socket.socket() for _ in range(3)]
        for sock in socks:
            self.cleanup.callback(sock.close)
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", self.sim.ports["port"]))
        self.sim.wait("connections_now", 1)
        outcomes = []
        for sock in socks:
            select.select([], [sock], [], 10)
            outcomes.append(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        self.assertEqual(sorted(outcomes), [0, errno.ECONNREFUSED, errno.ECONNREFUSED])
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_full_accepts_and_closes(self):
        self.simulate("--limit", "1", "--full", "accept-close")
        self.connected()
        self.assertEqual(self.connect().rest(), b"")
        self.assertEqual(self.sim.stats()["turned_away"], 1)

    def test_listen(self):
        self.simulate()
        client = self.connected()
        self.sim.command("listen off")
        self.refused()
        self.assertEqual(client.ask("VEC@ 7"), "7")
        self.sim.command("listen on")
        self.assertEqual(self.connected().ask("VEC@ 8"), "8")

    def test_drop(self):
        self.simulate()
        client, other = self.connected(), self.connected("query-port")
        self.sim.command("drop")
        self.assertEqual((client.rest(), other.rest()), (b"", b""))
        self.assertEqual(self.sim.stats()["connections_now"], 0)

    def test_reset(self):
        self.simulate()
        client = self.connected()
        self.sim.command("reset")
        with self.assertRaises(ConnectionResetError):
            client.sock.recv(1)

    def test_half_close(self):
        self.simulate()
        client = self.connected()
        self.sim.command("half-close")
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.sim.stats()["connections_now"], 1)

    def test_vanish(self):
        self.simulate()
        client = self.connected()
        self.sim.command("vanish on")
        client.send(b"VEC@ 1\r")
        self.assertEqual(self.sim.stats()["connections_now"], 0)
        self.assertTrue(client.quiet())
        self.refused()
        self.sim.command("vanish off")
        self.assertEqual(self.connected().ask("VEC@ 2"), "2")
        self.assertTrue(client.quiet())

    def test_vanish_and_accept(self):
        self.simulate()
        client = self.connected()
        self.sim.command("vanish on accept")
        self.assertEqual(self.connected().ask("VEC@ 2"), "2")
        self.assertTrue(client.quiet())

    def test_ipv6(self):
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("no IPv6 here")
        self.simulate("--bind", "::1")
        self.assertEqual(self.connect(host="::1").ask("VEC@ 3"), "3")

    def test_port_in_use(self):
        self.simulate()
        with self.assertRaisesRegex(SimulatorError, "exit status 2"):
            Simulator(SCRIPT, ["--port", self.sim.ports["port"]])


class Stream(Case):
    script = SCRIPT

    def test_dribble_and_split(self):
        for mode in ("dribble", "split"):
            with self.subTest(mode):
                self.simulate(f"--{mode}")
                client = self.connected()
                client.send(b"VQM@\r")
                self.assertEqual(client.take(4), b"1 1\r")
                client.send(b"VEC@ 12345\r")
                self.assertEqual(client.take(6), b"12345\r")
                self.assertGreater(client.segments(), 2)
                self.sim.command("crlf on")
                # An answer ends with its CR, though the LF is still to come.
                answers = [client.ask(f"VEC@ {number}").strip() for number in range(20)]
                self.assertEqual(answers, [str(number) for number in range(20)])
                self.finish()

    def test_merge(self):
        self.simulate("--merge")
        client = self.connected()
        self.sim.command("reporting 0 1 0 0")
        client.send(b"VSW@ 1 2 3 6\r")
        self.assertEqual(client.take(24), b"SW 1 2 3 1\rSW 1 2 3 0\r6\r")
        self.assertEqual(client.segments(), 1)

    def test_delay_and_late(self):
        self.simulate()
        client = self.connected()
        self.sim.command("delay 50")
        begin = time.monotonic()
        self.assertEqual(client.ask("VEC@ 1"), "1")
        self.assertGreaterEqual(time.monotonic() - begin, 0.05)
        self.sim.command("delay 0")
        self.sim.command("late 60000")
        client.send(b"VEC@ 2\r")
        self.assertEqual(self.sim.stats()["commands"], 2)
        self.assertTrue(client.quiet())

    def test_late_answer_stands_before_the_next(self):
        self.simulate("--patience", "0")
        client = self.connected()
        self.sim.command("late 50")
        client.send(b"VGL# 101\r")
        self.sim.wait("commands", 1)
        client.send(b"VEC# 4711\r")
        self.assertEqual([client.line(), client.line()], ["RGL 101 0", "REC 4711"])
        self.finish()

    def test_silent(self):
        self.simulate("--patience", "0")
        client = self.connected()
        self.sim.command("reporting 1 1 1 3")
        self.sim.command("silent on")
        self.sim.command("load 102 9")
        client.send(b"VLO@ 101 50\r")
        self.assertEqual(self.sim.command("get 101"), "0")
        self.assertTrue(client.quiet())
        self.sim.command("silent off")
        self.assertEqual(client.ask("VEC@ 5"), "5")
        self.assertEqual(client.ask("VGL@ 102"), "9")
        self.finish()

    def test_half_dead(self):
        self.simulate()
        client = self.connected()
        self.sim.command("reporting 1 1 1 3")
        self.sim.command("half-dead on")
        self.sim.command("load 102 9")
        self.assertEqual(client.ask("VGL@ 102"), "9")
        self.sim.command("half-dead off")
        self.sim.command("load 102 8")
        self.assertEqual(client.line(), "LO 1 1 1 2 8")

    def test_injected_bytes(self):
        self.simulate()
        client = self.connected()
        for name in ("before", "between", "after"):
            self.sim.command(f"{name} {name.encode().hex()}0d")
        self.sim.command("module 1 1 1 5 1.0")
        lines = [client.ask("VQP@ 1")] + [client.line() for _ in range(4)]
        self.assertEqual(lines, ["before", "1", "between", "1 1 1 5 1.0", "after"])
        self.assertEqual(client.ask("VEC@ 6"), "6")
        self.sim.command("send 414c4c0d")
        self.assertEqual(client.line(), "ALL")

    def test_garbage_is_seeded(self):
        found = []
        for _ in range(2):
            self.simulate("--seed", "42")
            client = self.connected()
            self.sim.command("garbage 3")
            found.append([client.line() for _ in range(3)])
            self.finish()
        self.assertEqual(found[0], found[1])
        self.assertTrue(all(found[0]))

    def test_garble(self):
        self.simulate()
        client = self.connected()
        self.sim.command("garble 1")
        client.send(b"VEC@ 12345\rx")
        self.assertNotEqual(client.take(6), b"12345\r")
        self.sim.stop()

    def test_errors_on_demand(self):
        self.simulate()
        client = self.connected()
        self.sim.command("error 258 2")
        self.assertEqual([client.ask("VLO@ 101 5") for _ in range(3)], ["258", "258", "5"])
        self.sim.command("error 256")
        self.assertEqual([client.ask("VGL# 101") for _ in range(2)], ["256", "RGL 101 5"])

    def test_answer_on_demand(self):
        self.simulate("--patience", "0")
        client = self.connected()
        self.sim.command("answer RGL 102 5 | 7")
        self.assertEqual([client.ask("VGL# 101"), client.line()], ["RGL 102 5", "7"])
        self.sim.command("answer")
        client.send(b"VGL# 101\r")
        self.assertEqual(self.sim.stats()["commands"], 2)
        self.assertEqual(client.ask("VEC# 3"), "REC 3")
        self.finish()


if __name__ == "__main__":
    unittest.main()
