#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where the settings of qlink come from, what they change on the wire, help, and the output."""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import FAILURE, QLINK, ToolCase  # noqa: E402

COMMANDS = ("set get press switch state leds led monitor poll masters modules stations name"
            " firmware where timer thermostat ir monitoring raw doctor").split()
OPTIONS = ("--host --port --timeout --json --verbose --trace --help --version --query-port --mode"
           " --style --crlf --gap --connections --program").split()


class Help(ToolCase):
    def assert_help(self, *words):
        status, stdout, stderr = self.run_tool(*words)
        self.assertEqual((status, stderr), (0, ""), words)
        return stdout

    def test_tool(self):
        text = self.assert_help("--help")
        for word in COMMANDS:
            self.assertRegex(text, rf"(?m)^ +{word}\b")
        for word in OPTIONS:
            self.assertRegex(text, rf"(?m)[ ,]{word}\b")
        self.assertEqual(self.assert_help("-h"), text)
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 100)

    def test_commands(self):
        for word in COMMANDS:
            with self.subTest(word):
                text = self.assert_help(word, "--help")
                self.assertIn(word, text)
                self.assertEqual(self.assert_help(word, "-h"), text)
        self.assertIn("--fade SECONDS", self.assert_help("set", "--help"))
        self.assertIn("--hold MS", self.assert_help("press", "--help"))
        for option in ("--buttons", "--loads", "--leds", "--count N", "--duration SECONDS"):
            self.assertIn(option, self.assert_help("monitor", "--help"))
        for option in ("--interval SECONDS", "--count N", "--duration SECONDS"):
            self.assertIn(option, self.assert_help("poll", "--help"))
        self.assertIn("--lines", self.assert_help("raw", "--help"))
        self.assertIn("--set N", self.assert_help("ir", "send", "--help"))

    def test_version(self):
        for words in (["--version"], ["-V"], ["get", "--version"]):
            self.assertRegex(self.assert_help(*words), r"\Aqlink \d+\.\d+\.\d+\n\Z")


class Settings(ToolCase):
    def setUp(self):
        super().setUp()
        self.simulate()
        self.sim.command("load 101 50 quiet")
        self.sim.command("load 102 7 quiet")

    def last(self):
        """Door and command of the last command."""
        return self.log()[-1][0], self.log()[-1][2]

    def test_before_and_behind_the_command(self):
        json_line = '{"load":"101","level":50}\n'
        for words in (["--json", "get", "101"], ["get", "--json", "101"], ["get", "101", "-j"],
                      ["-j", "--style=detailed", "get", "--", "101"]):
            self.assert_output(words, json_line)

    def test_precedence(self):
        # Built in, file, environment, command line: each beats the one before.
        self.assert_output(["get", "101"], "50\n")
        self.assertEqual(self.last(), ("port", "VGL@ 101"))
        self.write_config("[qlink]\nstyle = detailed\n")
        self.assert_output(["get", "101"], "50\n")
        self.assertEqual(self.last(), ("port", "VGL# 101"))
        self.env["QLINK_STYLE"] = "regular"
        self.assert_output(["get", "101"], "50\n")
        self.assertEqual(self.last(), ("port", "VGL@ 101"))
        self.assert_output(["get", "101", "--style", "detailed"], "50\n")
        self.assertEqual(self.last(), ("port", "VGL# 101"))

    def test_address_from_the_file(self):
        port = self.sim.ports["port"]
        self.write_config(f"; mine\n[qlink]\nhost = 127.0.0.1\nport = {port}\njson = yes\n"
                          "[meshtcp]\nhost = node\n")
        self.peer = []
        self.assert_output(["get", "101"], '{"load":"101","level":50}\n')

    def test_file_below_home(self):
        self.write_config(f"[qlink]\nhost = 127.0.0.1\nport = {self.sim.ports['port']}\n")
        os.mkdir(os.path.join(self.dir, ".config"))
        os.rename(os.path.join(self.dir, "linekeeper"),
                  os.path.join(self.dir, ".config", "linekeeper"))
        del self.env["XDG_CONFIG_HOME"]
        self.peer = []
        self.assert_output(["set", "101", "51"], "")
        self.assertEqual(self.sim.command("get 101"), "51")

    def test_address_from_the_environment(self):
        self.write_config("[qlink]\nhost = 127.0.0.2\nport = 1\n")
        self.env["QLINK_HOST"] = "127.0.0.1"
        self.env["QLINK_PORT"] = str(self.sim.ports["port"])
        self.env["QLINK_QUERY_PORT"] = str(self.sim.ports["query-port"])
        self.peer = []
        self.assert_output(["get", "101"], "50\n")
        self.assertEqual(self.last()[0], "port")
        self.assert_output(["get", "101", "--mode", "read-only"], "50\n")
        self.assertEqual(self.last()[0], "query-port")

    def test_one_port_for_everything(self):
        port = str(self.sim.ports["port"])
        self.peer = ["-H", "127.0.0.1", "-p", port, "--query-port", port]
        self.assert_output(["get", "101", "--mode", "read-only"], "50\n")
        self.assertEqual(self.last(), ("port", "VGL@ 101"))

    def test_bad_configuration(self):
        cases = (
            ("[qlink]\nhsot = x\n", ":2:"), ("[qlink]\n\nport = 70000\n", ":3:"),
            ("[qlink]\njson = 1\n", ":2:"), ("[qlink]\nmode = both\n", ":2:"),
            ("[qlink]\nhost\n", ":2:"), ("[qlink]\ntimeout = never\n", ":2:"))
        for text, place in cases:
            with self.subTest(text):
                path = self.write_config(text)
                self.assertIn(path + place, self.assert_fails(["get", "101"], 2))
        self.assert_untouched()

    def test_bad_environment(self):
        self.env["QLINK_TIMEOUT"] = "soon"
        self.assertIn("QLINK_TIMEOUT", self.assert_fails(["get", "101"], 2))
        self.assert_untouched()

    def test_no_host(self):
        self.peer = []
        self.assert_fails(["get", "101"], 2, r"\Aqlink: [^\n]*host[^\n]*\n\Z")
        self.assert_untouched()

    def test_linefeed(self):
        self.assert_output(["get", "101", "--crlf"], "50\n")
        self.assertEqual(self.sim.stats()["bytes_in"], len("VGL@ 101\r\n"))
        self.sim.command("crlf on")
        self.assert_output(["get", "101", "102", "101", "--crlf"], "101 50\n102 7\n101 50\n")

    def test_gap(self):
        begin = time.monotonic()
        words = ["get", "101", "102", "101", "--connections", "1", "--gap", "150"]
        self.assert_output(words, "101 50\n102 7\n101 50\n")
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_gap_is_no_delay_of_the_first(self):
        begin = time.monotonic()
        self.assert_output(["get", "101", "--gap", "5000"], "50\n")
        self.assertLess(time.monotonic() - begin, 5)

    def test_connections(self):
        self.sim.command("delay 30")
        words = ["get", *["101"] * 12, "--gap", "0"]
        self.assert_output(words, "101 50\n" * 12)
        self.assertLessEqual(self.sim.stats()["connections_total"], 2)
        self.sim.wait("connections_now", 0, "=")
        self.assert_output([*words, "--connections", "4"], "101 50\n" * 12)
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 4)

    def test_shared_mode_has_one(self):
        self.assert_output(["get", *["101"] * 6, "--mode", "shared"], "101 50\n" * 6)
        stats = self.sim.stats()
        self.assertEqual((stats["connections_total"], stats["connections_max_at_once"]), (1, 1))

    def test_read_only_mode(self):
        self.assert_output(["get", "101", "102", "--mode", "read-only"], "101 50\n102 7\n")
        self.assert_output(["leds", "2", "3", "--mode", "read-only"], "")
        self.assertEqual({door for door, _, _ in self.log()}, {"query-port"})

    def test_spellings_of_the_device(self):
        """Whatever the installation answers in: delimiter, prefix, blanks, modifier ignored."""
        for command in ("hash on", "crlf on", "blanks double", "blanks trailing", "dribble on",
                        "misprints on", "prefix command", "ignore-modifier on", "merge on"):
            self.sim.command(command)
            for style in ("regular", "detailed"):
                with self.subTest(command, style=style):
                    words = ["get", "101", "102", "--style", style]
                    self.assert_output(words, "101 50\n102 7\n")


class Hosts(ToolCase):
    def test_version_6(self):
        self.simulate("--bind", "::1")
        for host in ("::1", "[::1]"):
            self.peer[1] = host
            self.assert_output(["get", "101"], "0\n")

    def test_name(self):
        self.simulate()
        self.peer[1] = "localhost"
        self.assert_output(["get", "101"], "0\n")


class Output(ToolCase):
    def run_into(self, stdout):
        self.simulate()
        return subprocess.run([QLINK, *self.peer, "get", "101"], env=self.env, stdout=stdout,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=20,
                              encoding="utf-8", check=False)

    def test_full(self):
        with open("/dev/full", "wb") as full:
            done = self.run_into(full)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, FAILURE)

    def test_reader_gone(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = self.run_into(write_end)
        os.close(write_end)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGPIPE, ""))


if __name__ == "__main__":
    unittest.main()
