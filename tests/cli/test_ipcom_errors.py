#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every exit status of ipcom but 2; on failure no data, one line that says what and why.

The words by which the integration tells failures apart are looked for, and the password is
looked for where it must not be.
"""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import HERE, failure, refusals  # noqa: E402
from ipcom_common import PAIRS, IpcomCase, module  # noqa: E402

import vectors  # noqa: E402 (common has put the harness on the path)

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "sim"))

from ipcom import cipher, messages  # noqa: E402

ONE_LINE = r"\Aipcom: [^\n]+\n\Z"
CONNECTION = r"\Aipcom: [^\n]*Connection failed[^\n]*\n\Z"
TIMED_OUT = r"\Aipcom: [^\n]*timed out[^\n]*\n\Z"
AUTHENTICATION = r"\Aipcom: [^\n]*Authentication failed[^\n]*\n\Z"


class Unreachable(IpcomCase):
    """Status 3: cannot reach the device, or lost it."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_closed_port(self):
        self.sim.command("listen off")
        for words in (["--json", "status"], ["on", "1.1"], ["watch"], ["probe"]):
            with self.subTest(words):
                begin = time.monotonic()
                self.assert_fails([*words, "--timeout", "0.4"], 3, CONNECTION)
                self.assertLess(time.monotonic() - begin, 3)
        self.assert_untouched()

    def test_name(self):
        self.peer[1] = "x" * 64 + ".invalid"  # a label too long to be asked for
        self.assert_fails(["get", "1.1", "--timeout", "5"], 3, CONNECTION)

    def lose(self, *words):
        """The tool, and a device that drops it before the first snapshot."""
        self.sim.command("delay 300")
        tool = self.start_tool(*words)
        self.sim.wait("answers", 1)
        self.sim.command("drop")
        self.sim.command("delay 0")
        return tool

    def test_lost_and_gone(self):
        tool = self.lose("get", "1.1", "--timeout", "1.2")
        self.sim.command("listen off")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout), (3, ""))
        self.assertRegex(stderr, CONNECTION)

    def test_lost_and_back(self):
        """Reconnects within the time."""
        self.sim.command("wall 1.2 255")
        tool = self.lose("on", "1.1")
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assertEqual(self.writes(), [(1, module(255, 255))])

    def test_back_in_time(self):
        self.sim.command("listen off")
        before = refusals()
        tool = self.start_tool("get", "1.1")
        self.sim.wait_for(lambda: refusals() > before)
        self.sim.command("listen on")
        self.assertEqual(tool.finish(), (0, "0\n", ""))


class NoAnswer(IpcomCase):
    """Status 4: nothing in time, or nothing that shows the value."""

    def test_silent(self):
        self.simulate("--silent")
        for words in (["--json", "get", "1.1"], ["on", "1.1"], ["watch"], ["probe"]):
            with self.subTest(words):
                begin = time.monotonic()
                self.assert_fails([*words, "--timeout", "0.4"], 4, TIMED_OUT)
                self.assertTrue(0.39 < time.monotonic() - begin < 3)

    def test_silent_after_the_login(self):
        self.simulate("--delay", "300")
        tool = self.start_tool("get", "1.1", "--timeout", "1")
        self.sim.wait("logins", 1)
        self.sim.command("lose")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout), (4, ""))
        self.assertRegex(stderr, TIMED_OUT)

    def test_unconfirmed(self):
        """Written once more, then given up; a shutter is not written again."""
        self.simulate("--apply-delay", "60000")
        self.furnish()
        self.assert_fails(["on", "hall"], 4, TIMED_OUT)
        self.assertEqual(self.writes(), [(1, module(255))] * 2)
        self.assert_fails(["open", "patio_up"], 4, TIMED_OUT)
        writes = [write for write in self.writes() if write[0] == 5]
        self.assertEqual(writes[:1], [(5, module(0, 0, 0, 0, 0, 0, 0, 255))])
        self.assertNotIn(writes[0], writes[1:])

    def test_unconfirmed_by_the_limit(self):
        self.simulate("--apply-delay", "60000")
        begin = time.monotonic()
        self.assert_fails(["--json", "on", "1.1", "--timeout", "0.7"], 4, TIMED_OUT)
        self.assertLess(time.monotonic() - begin, 3)
        self.assertEqual(self.writes(), [(1, module(255))])


class Refused(IpcomCase):
    """Status 5, and not tried again."""

    def test_answers(self):
        self.simulate("--password", "another")
        answers = ("login", "session", "short", "long")
        cases = [(how, "on") for how in ("close", "reset", *answers)]
        for number, (how, hang_up) in enumerate(cases + [(how, "off") for how in answers], 1):
            with self.subTest(how, hang_up=hang_up):
                self.sim.command(f"refuse {how}")
                self.sim.command(f"hang-up {hang_up}")
                self.assert_fails(["on", "1.1"], 5, AUTHENTICATION)
                self.assertEqual(self.sim.stats()["connections_total"], number)

    def test_commands(self):
        self.simulate("--user", "another")
        for words in (["get", "1.1"], ["--json", "status"], ["dump"], ["probe"],
                      ["watch", "--timeout", "2"], ["--json", "watch", "--timeout", "2"]):
            with self.subTest(words):
                self.assert_fails(words, 5, AUTHENTICATION)


class Unreadable(IpcomCase):
    """Status 6: two answers that cannot be read; one is forgiven."""

    def spoil(self, tool, count):
        """The answer to the poll of the next login, not that to the login, is nonsense."""
        self.sim.wait("logins", count)
        self.sim.command("answer 09 01 aa bb cc")

    def test_one(self):
        self.simulate("--delay", "300")
        tool = self.start_tool("get", "1.1")
        self.spoil(tool, 1)
        self.assertEqual(tool.finish(), (0, "0\n", ""))

    def test_two(self):
        self.simulate("--delay", "300")
        tool = self.start_tool("--json", "get", "1.1")
        self.spoil(tool, 1)
        self.spoil(tool, 2)
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout), (6, ""))
        self.assertRegex(stderr, failure("ipcom"))


class Protected(IpcomCase):
    """Status 7, nothing sent."""

    def setUp(self):
        super().setUp()
        self.furnish()

    def test_both_relays_asked_for(self):
        self.simulate("--pairs", PAIRS)
        for words in (["on", "patio_up", "patio_down"], ["on", "5.7", "5.8"],
                      ["set", "5.7", "255", "1.1", "255", "patio_up", "1"],
                      ["on", "attic_up", "hall", "attic_down"], ["toggle", "5.7", "5.8"]):
            with self.subTest(words):
                self.assert_fails(words, 7, ONE_LINE)
        self.assertEqual(self.writes(), [])

    def test_other_relay_on(self):
        self.simulate("--pairs", PAIRS)
        self.walls(m5_8=255, m9_1=255)
        for words in (["on", "patio_down"], ["set", "5.7", "255"], ["toggle", "patio_down"],
                      ["on", "10.2"], ["set", "5.1", "255", "5.7", "1"]):
            with self.subTest(words):
                self.assert_fails(words, 7, ONE_LINE)
                self.assertEqual(self.sim.command("get"), "5.8=255 9.1=255")
        self.assertEqual(self.writes(), [])

    def test_forced(self):
        self.simulate()
        self.assert_wrote(["on", "patio_up", "5.7", "--force"],
                          (5, module(0, 0, 0, 0, 0, 0, 255, 255)))
        self.assert_output(["get", "patio_up", "--force"], "255\n")
        self.assertEqual(len(self.writes()), 1)

    def test_clear_text(self):
        for kind, commands in (("unencrypted", (["get", "1.1"], ["--json", "status"], ["probe"])),
                               ("short", (["on", "1.1"],))):
            self.simulate("--login", kind, "--limit", "2")
            for words in commands:
                with self.subTest(words, kind=kind):
                    before = self.sim.stats()["bytes_in"]
                    self.assert_fails(words, 7, ONE_LINE)
                    self.sim.wait("connections_now", 0, "=")
                    self.assertEqual(self.sim.stats()["bytes_in"] - before, 56)
            self.assert_wrote(["on", "1.1", "--allow-clear"], (1, module(255)))
            status, stdout, _ = self.run_tool("--json", "probe", "--allow-clear")
            self.assertEqual((status, self.object(stdout.rstrip())["encrypted"]), (0, False))


class Signals(IpcomCase):
    def test_one_shot(self):
        self.simulate()
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in (["get", "1.1"], ["--json", "on", "1.1"]):
                with self.subTest(words, number=number):
                    self.sim.command("delay 5000")
                    before = self.sim.stats()["logins"]
                    tool = self.start_tool(*words)
                    self.sim.wait("logins", before + 1)
                    tool.signal(number)
                    status, stdout, _ = tool.finish(4)
                    self.assertEqual((status, stdout), (-number, ""))
                    self.sim.wait("connections_now", 0, "=")


class Secrets(IpcomCase):
    PASSWORD = "tr0ub4dor-and-3"

    def check(self, text):
        """Neither as text nor in hexadecimal, plain or as it goes over the wire."""
        login = messages.build_login("demo", self.PASSWORD, 1)
        place = login.index(self.PASSWORD.encode())
        packed = text.replace(" ", "").lower()
        for mode in (cipher.LOGIN, cipher.CLEAR):
            wire = cipher.encode(mode, login)[place:place + len(self.PASSWORD)]
            self.assertNotIn(wire.hex(), packed)
        self.assertNotIn(self.PASSWORD, text)

    def test_process_title(self):
        self.simulate("--password", self.PASSWORD)
        for words in (["--password", self.PASSWORD], [f"--password={self.PASSWORD}"]):
            self.peer = [*self.peer[:6], *words]
            tool = self.start_tool("--json", "watch", stdin=subprocess.PIPE)
            tool.line()
            with open(f"/proc/{tool.process.pid}/cmdline", encoding="utf-8") as file:
                title = file.read()
            self.assertIn("demo", title)
            for part in (self.PASSWORD, self.PASSWORD[:4], self.PASSWORD[-4:]):
                self.assertNotIn(part, title)

    def test_log_and_trace(self):
        for login in ("normal", "unencrypted", "short", "refuse"):
            with self.subTest(login):
                self.simulate("--password", self.PASSWORD, "--login", login)
                path = os.path.join(self.dir, f"trace-{login}")
                self.peer[-1] = self.PASSWORD
                status, _, stderr = self.run_tool("get", "1.1", "-vv", "--debug", "--trace", path,
                                                  "--allow-clear")
                self.assertEqual(status, 5 if login == "refuse" else 0)
                self.check(stderr)
                with open(path, encoding="utf-8") as file:
                    self.check(file.read())
                recorded = vectors.read(path) if login == "normal" else None
                if recorded:
                    self.assertEqual(len(recorded.received()), 135 + 130)
                    self.assertIn("79db", stderr.replace(" ", ""))

    def test_errors(self):
        self.simulate()
        for words in (["--password", self.PASSWORD * 2], ["--password", self.PASSWORD]):
            _, stdout, stderr = self.run_tool("get", "1.1", *words)
            self.check(stdout + stderr)
        self.write_config(f"[ipcom]\npassword = {self.PASSWORD * 2}\n")
        self.peer = self.peer[:6]
        self.check(self.run_tool("get", "1.1")[2])


if __name__ == "__main__":
    unittest.main()
