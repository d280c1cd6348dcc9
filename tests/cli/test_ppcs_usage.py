#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How ppcs-connect is called: what is refused before anything is sent (status 2), where the
options come from, help and version, and names instead of addresses.
"""

import json
import re
import sys
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, OTHER, UID, PpcsCase  # noqa: E402

ONE_LINE = r"\Appcs-connect: [^\n]+\n\Z"
# All that the contract names.
OPTIONS = """--ports --walk --no-p2p --no-lan --relay --server --init-string --uid --dsk --key
    --until --max-time --port-timeout --weights --broadcast --search --wait --hold --pipe
    --quit-after --dump --history --no-history --timeout --json --verbose --trace --help
    --version""".split()

UIDS = ["", "TEST", "TEST-012345", "TEST-012345-", "-012345-ABCDE", "TEST--ABCDE",
        "TEST-01234x-ABCDE", "TESTTEST-012345-ABCDE", "TEST-012345-ABCDEFGH", "1EST-012345-ABCDE",
        "TEST-99999999999-ABCDE", "TEST-012345-ABC-DE", "TEST-012345-ABCDE ", "T\u00c9ST-012345-A",
        "TEST_012345_ABCDE", "-"]
PLACES = ["", ":", ":32100", f"{HOST}:0", f"{HOST}:65536", f"{HOST}:x", f"{HOST}:", f"{HOST}:-1",
          "[::1", "[::1]x", "a b"]
# An option, and arguments that it must not have.
VALUES = [
    ("--ports", ["", "0", "65536", "x", "1,", ",1", "1,,2", "1;2", "-1", "1.5", "80,80",
                 "40611,80,40611", ",".join(map(str, range(1, 18))), "4294967297"]),
    ("--walk", ["", "random", "FAN-OUT", "fan"]), ("--until", ["", "answer", "Path", "none"]),
    ("--max-time", ["", "0", "-1", "x", "1s", "nan", "inf"]),
    ("--port-timeout", ["", "0", "-1", "x", "0.001"]), ("--timeout", ["0", "-1", "x"]),
    ("--weights", ["x", "p2p", "p2p=", "p2p=2", "p2p=-1", "p2p=x", "tcp=1", "p2p=1,", ",p2p=1",
                   "p2p=1;lan=1", "=1", "lan=1.5", "P2P=1"]),
    ("--wait", ["", "0", "-1", "x"]), ("--hold", ["", "-1", "x"]), ("--uid", UIDS),
    ("--pipe", ["", "8", "-1", "x", "0.5"]), ("--quit-after", ["", "-1", "x"]),
    ("--key", ["k" * 21]), ("--dsk", ["d" * 25]),
]
FAR = ["--uid", UID]
# Whole lines, behind an address and its ports.
LINES = [
    ["--count", "1"], ["--duration", "1"], ["--nope"], ["-x"], ["--json=yes"], ["--no-p2p=1"],
    ["--uid"], ["--ports"], ["192.0.2.7"], ["--trace", "/nonexistent/x"],
    ["--no-p2p", "--no-lan"], ["--no-p2p", "--no-lan", *FAR], ["--search", "--hold", "1"],
    ["--search", "--pipe", "1"], ["--pipe", "1", "--json"], ["--quit-after", "1"],
    ["--dump", "/nonexistent/x"],
    ["--server", HOST], ["--relay", HOST], ["--relay", "auto"], ["--relay", "auto", *FAR],
    ["--init-string", "EBGDEOBOKGICGAIAFFGN"],
    *([*FAR, "--init-string", text] for text in (
        "", "x", "EBG", "!!!!", "EBGDEOBOKGICGAIAFFGN:" + "k" * 21, ":camera")),
    *([*FAR, option, place] for option in ("--server", "--relay") for place in PLACES),
    *([*FAR, *[word for number in range(9) for word in (option, f"127.0.0.1:{number + 1}")]]
      for option in ("--server", "--relay")),
]
# Whole lines without an address.
BARE = [[], ["--json"], ["--uid", UID], ["--no-p2p"], [""], [" "], [f"{HOST}:40611"], ["a/b"],
        ["[::1"], [HOST, HOST], [HOST, "--help", "--nope"], ["--hold", "1"]]


class Usage(PpcsCase):
    def setUp(self):
        super().setUp()
        self.simulate("--servers", "1", "--relays", "1")

    def refused(self, *arguments):
        """In text form and as JSON; the line."""
        line = ""
        for form in ([], ["--json"]):
            with self.subTest(arguments, form=form):
                line = self.assert_fails([*form, *arguments], 2, ONE_LINE)
        return line

    def test_values(self):
        for option, words in VALUES:
            for word in words:
                self.refused(f"{option}={word}")
        self.assert_untouched()

    def test_lines(self):
        for words in LINES:
            self.refused(*words)
        self.assert_untouched()

    def test_without_an_address(self):
        self.peer = []
        for words in BARE:
            self.refused(*words)

    def test_the_bad_word_is_named(self):
        for words, word in ((["--uid", "nobody"], "nobody"), (["--ports", "70000"], "70000"),
                            (["--server", "x:y", *FAR], "x:y"), (["--walk", "zigzag"], "zigzag"),
                            (["--weights", "p2p=7"], "weights"), (["--count", "1"], "count")):
            self.assertIn(word, self.refused(*words))

    def test_secrets_are_not_named(self):
        self.assertNotIn("dddd", self.refused("--dsk", "d" * 25))


class Sources(PpcsCase):
    """Built-in, file, environment, command line: the later the stronger."""

    def setUp(self):
        super().setUp()
        self.simulate("--search", "off")
        self.peer = [HOST, "--max-time", "0.4"]
        self.ways = f"ports = {self.sim.ports['main']}\nsearch-port = {self.closed_port()}\n"

    def test_precedence(self):
        self.write_config(f"[ppcs-connect]\n{self.ways}uid = {OTHER}\n")
        self.assertEqual(self.report(status=3)["success"], False)
        self.env["PPCS_CONNECT_UID"] = UID
        self.assertEqual(self.report()["uid"], UID)
        self.report("--uid", OTHER, status=3)
        self.env["PPCS_CONNECT_UID"] = OTHER
        self.assertEqual(self.connect("--uid", UID)["uid"], UID)

    def test_each_source_alone(self):
        self.write_config(f"[ppcs-connect]\n{self.ways}uid = {UID}\nno-lan = yes\njson = yes\n"
                          f"[qlink]\nhost = 192.0.2.1\n")
        status, stdout, _ = self.run_tool()
        self.assertEqual(status, 0)
        self.assertEqual(self.check_json(stdout)["racers"]["lan"]["state"], "not_started")
        self.env["PPCS_CONNECT_NO_LAN"] = "no"
        status, stdout, _ = self.run_tool()
        self.assertNotEqual(self.check_json(stdout)["racers"]["lan"]["state"], "not_started")

    def test_lists(self):
        """Servers from the file count until the command line names some."""
        self.simulate("--servers", "1", "--punch", "off")
        server = f"{HOST}:{self.sim.ports['server1']}"
        self.write_config(f"[ppcs-connect]\nserver = {server}\nuid = {UID}\n")
        self.peer = ["--max-time", "0.5"]
        self.assertEqual(self.connect()["mode"], "p2p")
        self.report("--server", f"{HOST}:{self.closed_port()}", status=3)
        del self.env["XDG_CONFIG_HOME"]
        self.env["PPCS_CONNECT_SERVER"] = server
        self.env["PPCS_CONNECT_UID"] = UID
        self.assertEqual(self.connect()["mode"], "p2p")

    def test_device_key(self):
        """Better there than on the command line."""
        self.simulate("--servers", "1", "--dsk", "TheDeviceKey", "--punch", "off")
        self.peer = ["--uid", UID, *self.servers(), "--max-time", "0.5"]
        self.report(status=1)
        self.env["PPCS_CONNECT_DSK"] = "TheDeviceKey"
        self.assertEqual(self.report()["mode"], "p2p")

    def test_bad_file(self):
        for text, line in (("[ppcs-connect]\nuidd = x\n", 2), ("[ppcs-connect]\n\nuid = x\n", None),
                           ("[ppcs-connect]\nno-lan = 1\n", 2), ("[ppcs-connect]\nwalk = x\n", 2),
                           ("[ppcs-connect]\nmax-time = soon\n", 2),
                           ("[ppcs-connect]\nsearch = yes\n", 2)):
            with self.subTest(text):
                path = self.write_config(text)
                error = self.assert_fails([], 2, ONE_LINE)
                if line:
                    self.assertIn(f"{path}:{line}:", error)
        self.assert_untouched()

    def test_bad_variable(self):
        for name, value in (("PPCS_CONNECT_WALK", "x"), ("PPCS_CONNECT_MAX_TIME", "x"),
                            ("PPCS_CONNECT_NO_P2P", "maybe"), ("PPCS_CONNECT_PORTS", "1,1,x")):
            with self.subTest(name):
                self.env[name] = value
                self.assertIn(name, self.assert_fails([], 2, ONE_LINE))
                del self.env[name]
        self.assert_untouched()


class Words(PpcsCase):
    def test_help(self):
        for words in (["--help"], ["-h"], [HOST, "--help"], ["--help", "--uid", "x"]):
            status, stdout, stderr = self.run_tool(*words)
            self.assertEqual((status, stderr), (0, ""))
            for option in OPTIONS:
                self.assertRegex(stdout, rf"(?m)^ .*{re.escape(option)}\b")
            self.assertLessEqual(max(map(len, stdout.splitlines())), 100)

    def test_version(self):
        for words in (["--version"], ["-V"]):
            status, stdout, stderr = self.run_tool(*words)
            self.assertEqual((status, stderr), (0, ""))
            self.assertRegex(stdout, r"\Appcs-connect [0-9]+\.[0-9]+\.[0-9]+\n\Z")


class Addresses(PpcsCase):
    def test_by_name(self):
        self.simulate()
        self.peer[0] = "localhost"
        match = self.connect()
        self.assertEqual(match["address"], HOST)
        self.check_failure(self.run_tool("--key", "SHIX", "--max-time", "0.3"), 3, "localhost")

    def test_servers_by_name(self):
        self.simulate("--servers", "1", "--relays", "1", "--relay", "1 direct on")
        ports = self.sim.ports
        self.peer = ["--uid", UID]
        self.assertEqual(self.connect("--server", f"localhost:{ports['server1']}")["mode"], "p2p")
        self.assertEqual(self.connect("--relay", f"localhost:{ports['relay1']}")["mode"], "relay")

    def test_name_that_does_not_resolve(self):
        """A name that cannot be one: nobody has to be asked for it."""
        self.peer = []
        name = "x" * 64 + ".invalid"
        for words in ([name], [name, "--json"], ["--uid", UID, "--server", name],
                      ["--uid", UID, "--relay", f"{name}:1"], [name, "--search"]):
            status, stdout, stderr = self.run_tool(*words)
            self.assertEqual(status, 3, words)
            if "--json" in words:
                report = json.loads(stdout)
                self.assertIs(report["success"], False)
                self.assertIn("does not resolve", report["verdict"])
            else:
                self.assertEqual(stdout, "", words)
            # Which of the names it is, or what it was for.
            self.assertRegex(stderr, rf"\Appcs-connect: ({name}(:1)?|search): "
                                     r"[^\n]*resolve[^\n]*\n\Z")

    def test_ipv6(self):
        """Refused cleanly: the protocol has no place for such an address."""
        self.peer = []
        for words in (["::1"], ["[::1]"], ["2001:db8::7"], ["fe80::1%lo"],
                      [HOST, "--uid", UID, "--server", "[::1]:32100"],
                      [HOST, "--uid", UID, "--relay", "::1"]):
            status, stdout, stderr = self.run_tool(*words)
            self.assertIn(status, (2, 3), words)
            self.assertEqual(stdout, "")
            self.assertRegex(stderr, r"\Appcs-connect: [^\n]*:[:a-f0-9]+[^\n]*: "
                                     r"[^\n]*IPv4[^\n]*\n\Z")


if __name__ == "__main__":
    unittest.main()
