#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp share: how it is started and ended, what it says, and how others find it."""

import os
import re
import shutil
import signal
import socket
import stat
import struct
import sys
import unittest

sys.dont_write_bytecode = True

from common import failure  # noqa: E402
from meshtcp_common import BOB, OWN  # noqa: E402
from meshtcp_share_common import GOODBYE, ShareCase  # noqa: E402

DAY = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d "
NO_HOST = r"\Ameshtcp: no host: [^\n]*\n\Z"


class Start(ShareCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def test_wrong_usage(self):
        for words in (["--listen", "nowhere:1"], ["--listen", "127.0.0.1:x"], ["--listen", ""],
                      ["--listen", "127.0.0.1:65536"], ["--max-clients", "0"],
                      ["--max-clients", "65"], ["more"]):
            with self.subTest(words):
                self.assert_fails(["share", *words], 2, r"\Ameshtcp: [^\n]+\n\Z")
        self.peer = []
        self.assert_fails(["share"], 2, NO_HOST)
        self.assert_untouched()

    def test_taken_port(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.assert_fails(["share", "--listen", f"127.0.0.1:{port}"], 2)
        self.assert_fails(["share", "--listen", "192.0.2.1:0"], 2)
        self.assert_untouched()

    def test_lines(self):
        tool = self.start_tool("share", "--listen", "127.0.0.1:0", "--count", "7")
        address, path = [re.fullmatch(DAY + "listening (.*)", line)[1] for line in tool.lines(2)]
        self.assertEqual(os.path.dirname(path), self.runtime)
        self.assertRegex(tool.line(), rf"\A{DAY}node_ready\Z")
        client = self.client(int(address.rpartition(":")[2]))
        mine = "127.0.0.1:%d" % client.sock.getsockname()[1]
        self.assertRegex(tool.line(), rf"\A{DAY}client 1 {mine}\Z")
        client.send(GOODBYE)
        self.assertRegex(tool.line(), rf"\A{DAY}gone 1 {mine} goodbye\Z")
        self.tell("close")
        self.assertRegex(tool.line(), rf"\A{DAY}node_lost closed\Z")
        self.assertRegex(tool.line(), rf"\A{DAY}node_ready\Z")
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assert_gone()

    def test_duration(self):
        tool = self.share("--duration", "0.8")
        self.assertEqual(tool.finish(), (0, "", ""))

    def test_ends(self):
        """A signal closes everything, and clients see the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.peer = self.peer or self.node
                tool = self.share()
                clients = [self.ready(), self.ready(self.path)]
                self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
                self.assert_ends(tool, number)
                for client in clients:
                    self.assertEqual(client.rest(), b"")
                self.assertEqual(os.listdir(self.runtime), [])

    def test_notify(self):
        """The manager of services is told, by either kind of name."""
        path = os.path.join(self.dir, "notify")
        for name in (path, "@" + path):
            with self.subTest(name), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
                manager.bind(name.replace("@", "\0"))
                manager.settimeout(10)
                self.env["NOTIFY_SOCKET"] = name
                self.peer = self.peer or self.node
                tool = self.share()
                self.assertEqual(manager.recv(99), b"READY=1\nSTATUS=waiting for the node")
                self.assertEqual(manager.recv(99), b"STATUS=the node serves")
                self.assert_ends(tool)
                self.assertEqual(manager.recv(99), b"STOPPING=1")

    def test_nobody_to_tell(self):
        for name in ("", "x", "relative", "/" + 200 * "x", self.dir + "/nobody"):
            with self.subTest(name):
                self.env["NOTIFY_SOCKET"] = name
                self.peer = self.peer or self.node
                self.assert_ends(self.share())

    def test_no_directory(self):
        """Without a place for it there is no socket, and TCP is served all the same."""
        self.env["XDG_RUNTIME_DIR"] = self.dir + "/nowhere"
        tool = self.start_tool("share", "--listen", "127.0.0.1:0", "--count", "2")
        self.assertRegex(tool.line(), "listening 127")
        self.assertRegex(tool.line(), "node_ready")
        status, _, stderr = tool.finish()
        self.assertEqual(status, 0)
        self.assertRegex(stderr, r"\Ameshtcp: warning: cannot listen on [^\n]+\n\Z")
        del self.env["XDG_RUNTIME_DIR"]
        tool = self.start_tool("share", "--listen", "127.0.0.1:0", "--count", "2")
        self.assertEqual(tool.finish()[::2], (0, ""))

    def test_never_ready(self):
        self.tell("refuse on")
        stdout, stderr = self.start_and_fail(3)
        self.assertRegex(stdout, rf"\n{DAY}node_lost refused\n\Z")
        self.assertIn(" port ", stderr)
        self.tell("refuse off", "download-fault silent 3")
        self.start_and_fail(4)

    def start_and_fail(self, expected):
        tool = self.start_tool("share", "--listen", "127.0.0.1:0", "--timeout", "0.5")
        status, stdout, stderr = tool.finish()
        self.assertEqual(status, expected, stderr)
        self.assertRegex(stderr, failure("meshtcp"))
        return stdout, stderr

    def test_warning(self):
        """Where everybody can come there is one; in a network in which nobody can."""
        program, self.program = self.program, shutil.which("unshare") or "false"
        words = ["-rn", program, *self.peer, "share", "--timeout", "0.3", "--listen"]
        self.peer = []
        if self.run_tool("-rn", "true")[0] != 0:
            self.skipTest("no network namespace")
        status, _, stderr = self.run_tool(*words, "0.0.0.0:0")
        self.assertEqual(status, 3)
        warning = r"\Ameshtcp: warning: there is no login: [^\n]* 0\.0\.0\.0:\d+ [^\n]*\n"
        self.assertRegex(stderr, warning)
        self.assertNotIn("warning", self.run_tool(*words, "127.0.0.1:0")[2])


class Finding(ShareCase):
    """Other commands go through the share, whatever they are told."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def tearDown(self):
        self.assertLessEqual(self.sim.stats()["connections_max_at_once"], 1)

    def test_without_host(self):
        tool = self.share()
        self.assertIn(f'"num":{OWN},', self.run_tool("--json", "info")[1])
        self.event(tool, "client", client=1, address="unix")
        self.event(tool, "gone", client=1, address="unix", reason="goodbye")
        self.assertEqual(len(self.run_tool("nodes")[1].splitlines()), 3)
        self.assertEqual(self.run_tool("send", "x")[0], 0)
        self.assertEqual(self.run_tool("telemetry", "BOB")[0], 0)
        self.assertEqual(self.sim.stats()["connections_total"], 1)
        self.assert_ends(tool)
        self.assert_fails(["info"], 2, NO_HOST)

    def test_with_host(self):
        """By the name of the share's own, by another, and by the port of the share."""
        self.share()
        port = self.sim.ports["port"]
        for words in (["--host", "127.0.0.1", "--port", port],
                      ["--host", "localhost", "--port", port],
                      ["--host", "127.0.0.1", "--port", self.port]):
            with self.subTest(words):
                self.assertEqual(self.run_tool("channels", *words)[0], 0)
        self.env |= {"MESHTCP_HOST": "127.0.0.1", "MESHTCP_PORT": str(port)}
        self.assertEqual(self.run_tool("channels")[0], 0)
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_second_share(self):
        tool = self.share()
        self.peer = self.node
        for directory in (self.runtime, self.dir):
            self.env["XDG_RUNTIME_DIR"] = directory
            stderr = self.assert_fails(["share", "--listen", "127.0.0.1:0"], 7)
            self.assertIn(f"process {tool.process.pid} (meshtcp)", stderr)

    def test_held_without_a_share(self):
        tool = self.start_ready("listen")
        stderr = self.assert_fails(["share", "--listen", "127.0.0.1:0"], 7)
        self.assertIn(f"process {tool.process.pid} (meshtcp)", stderr)
        self.assertEqual(os.listdir(self.runtime), [])

    def test_several(self):
        """The right one for a host, none without."""
        self.share()
        first, other = self.sim, self.simulate("--num", "0x11223344")
        self.share()
        self.assert_fails(["info"], 2, r"\Ameshtcp: several [^\n]*\n\Z")
        for sim, number in ((first, OWN), (other, 0x11223344)):
            found = self.run_tool("--json", "info", "--host", "localhost", "--port",
                                  sim.ports["port"])
            self.assertIn(f'"num":{number},', found[1], found[2])

    def test_left_behind(self):
        """The socket of a share that was killed leads nowhere, and is replaced."""
        tool = self.share()
        self.tell("expect-disconnect off")
        tool.signal(signal.SIGKILL)
        tool.finish()
        self.assertEqual(len(os.listdir(self.runtime)), 1)
        self.assert_fails(["info"], 2, NO_HOST)
        self.peer = self.node
        self.share()
        self.assertEqual(self.run_tool("channels")[0], 0)

    def test_share_that_ends(self):
        """Who listens through it waits for the next one."""
        first = self.share()
        listener = self.start_tool("listen", "--json", "-v")
        self.until_said(listener, "info: ready\n", self.ready())
        self.tell("text BOB one")
        self.assertIn('"text":"one"', listener.line())
        self.assert_ends(first)
        self.peer = self.node
        self.share()
        self.until_said(listener, "connected again\n", self.ready())
        self.tell("text BOB two")
        self.assertIn('"text":"two"', listener.line())
        self.assertIn("connection lost: closed", listener.stderr())

    def until_said(self, tool, words, client):
        """What another client is answered meanwhile gives the pace."""
        self.sim.wait_for(lambda: client.beat() and words in tool.stderr())

    def test_watching_a_share_that_ends(self):
        first = self.share()
        watcher = self.start_tool("diag", "--json")
        self.event(watcher, "connected")
        self.event(watcher, "ready")
        self.assert_ends(first)
        self.event(watcher, "disconnected", reason="closed")
        self.peer = self.node
        self.share()
        self.until(watcher, "ready")
        watcher.signal(signal.SIGINT)
        self.assertGreaterEqual(self.until(watcher, "summary")["reconnects"]["closed"], 1)

    def test_node_away(self):
        """The share is there, the node is not."""
        self.tell("refuse on")
        self.begin_share()
        self.assert_fails(["info", "--timeout", "0.5"], 4)

    def test_full(self):
        self.share("--max-clients", "1")
        self.ready()
        stderr = self.assert_fails(["info"], 3)
        self.assertIn(f"share at {self.path}: ", stderr)


class Clients(ShareCase):
    """Who comes, who goes and why."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_reasons(self):
        tool = self.share()
        for number, reason in enumerate(("goodbye", "closed", "reset"), 1):
            client = self.client()
            address = "127.0.0.1:%d" % client.sock.getsockname()[1]
            self.event(tool, "client", client=number, address=address)
            if reason == "goodbye":
                client.send(GOODBYE)
            if reason == "reset":
                client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            client.close()
            self.event(tool, "gone", client=number, address=address, reason=reason)

    def test_limit(self):
        tool = self.share("--max-clients", "2")
        first, second = self.ready(), self.ready(self.path)
        self.event(tool, "client", client=1)
        self.event(tool, "client", client=2, address="unix")
        third = self.client()
        self.assertEqual(third.rest(), b"")
        self.assertNotIn("client", self.event(tool, "gone", reason="full"))
        second.send(GOODBYE)
        self.event(tool, "gone", client=2, reason="goodbye")
        self.ready(self.path)
        self.event(tool, "client", client=3)
        self.tell("text BOB still%20here")
        self.assertEqual(first.hear_text(), (BOB, "still here"))

    def test_node_lost(self):
        tool = self.share()
        client = self.ready()
        self.event(tool, "client")
        for command, reason in (("close", "closed"), ("reset", "reset")):
            self.tell(command)
            self.event(tool, "node_lost", reason=reason)
            self.event(tool, "node_ready")
        self.tell("text BOB back")
        self.assertEqual(client.hear_text(), (BOB, "back"))
        self.assert_ends(tool)


if __name__ == "__main__":
    unittest.main()
