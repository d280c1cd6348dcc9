#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Status 2 of meshtcp: wrong arguments and settings, refused before anything is sent; and help.

The simulator has then seen no connection and no byte.
"""

import sys
import unittest

sys.dont_write_bytecode = True

from meshtcp_common import MeshtcpCase  # noqa: E402

ONE_LINE = r"\Ameshtcp: [^\n]+\n\Z"
COMMANDS = ("info nodes channels send listen traceroute telemetry position userinfo config owner "
            "set-time reboot shutdown remove-node favorite diag raw").split()

# A place `_` for each of the words behind it.
RANGES = [
    ("send x --channel=_", "-1 8 x 0x1".split()),
    ("send x --reply-to=_", "0 -1 4294967296 x".split()),
    ("raw _ 00", "0 512 -1 x TEXT 1.0".split()), ("raw 256 -- _", "0 0g 000 -1 0x00 z".split()),
    ("nodes --sort=_", "age HEARD".split()), ("telemetry BOB --kind=_", "weather x".split()),
    ("listen --kind=_", "x 0 512 texts".split()), ("listen --count=_", "0 x -1".split()),
    ("listen --duration=_", "x -1 0".split()), ("listen --from=_", ["^all", "0xffffffff"]),
    ("diag --gap=_", "0 x".split()), ("traceroute _", "^all !ffffffff 4294967295".split()),
    ("telemetry _", ["^all"]), ("position _", ["^all"]), ("userinfo _", ["^all"]),
    ("remove-node _", "^all ^local 0 4294967295".split()), ("favorite _", ["^all", "^local"]),
    ("favorite BOB _", "yes ON 1".split()), ("set-time --node=_", ["^all"]),
    ("reboot -- _", "-2 86401 x 1.5".split()), ("shutdown -- _", "-2 86401 x".split()),
    ("info --timeout=_", "0 -1 x".split()), ("info --port=_", "0 65536 x".split()),
    ("config _", ["x", ".", "=", "lora.", "lora.x", "lora.x=1", "lora=1", "lora.=1", "LORA",
                  "loral", "module", "module.lora", "module.x.y", ".region", "lora.region.x",
                  "network.ipv4_config=1", "network.ipv4_config.x", "network.ipv4_config.x=1",
                  "x" * 1000, "lora." + "x" * 1000, "lora.region=" + "x" * 1000]),
    ("config lora.hop_limit=_", ["", "-1", "x", "1.5", "4294967296", " 1"]),
    ("config lora.tx_power=_", ["x", "2147483648", "--1"]),
    ("config lora.region=_", ["MARS", "-1"]),
    ("config lora.tx_enabled=_", ["2", "", "maybe"]),
    ("config power.adc_multiplier_override=_", ["x", "nan", "inf", "1,5", ""]),
    ("config lora.ignore_incoming=_", ["1", ""]),
    ("config security.private_key=_", ["0", "xy", "00" * 300]),
    ("config device.tzdef=_", ["x" * 234, "x" * 600]),
]

# Whole command lines, word by word.
USAGE = [
    [], ["fly"], ["send"], ["send", "a", "b"], ["send", ""], ["send", "x", "--nope"],
    ["send", "x", "--count", "1"], ["send", "x", "--to", ""], ["raw"], ["raw", "256"],
    ["raw", "256", "00", "01"], ["raw", "256", "00", "--ack"], ["info", "x"], ["nodes", "x"],
    ["listen", "x"], ["traceroute"], ["traceroute", "a", "b"], ["telemetry"], ["position"],
    ["userinfo"], ["config", "lora", "device"], ["owner", "Long"], ["owner", "", "S"],
    ["owner", "Long", ""], ["owner", "x" * 40, "S"], ["owner", "Long", "12345"],
    ["owner", "Long", "\N{BICYCLE}x"], ["owner", "a", "b", "c"], ["set-time", "1"],
    ["reboot", "1", "2"], ["remove-node"], ["favorite"], ["favorite", "BOB", "on", "off"],
    ["diag", "x"], ["diag", "--ack"], ["info", "--trace", "/nonexistent/x"],
    ["info", "--node", "BOB"], ["send", "x", "--show-keys"],
]


class Usage(MeshtcpCase):
    """Status 2, nothing sent."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_ranges(self):
        for line, words in RANGES:
            for word in words:
                arguments = [part[:-1] + word if part[-1:] == "_" else part
                             for part in line.split()]
                with self.subTest(arguments):
                    self.assert_fails(arguments, 2, ONE_LINE)
        self.assert_untouched()

    def test_usage(self):
        for words in USAGE:
            with self.subTest(words):
                self.assert_fails(words, 2, ONE_LINE)
                self.assert_fails(["--json", *words], 2, ONE_LINE)
        self.assert_untouched()

    def test_the_bad_word_is_named(self):
        for words, word in ((["raw", "600", "00"], "600"), (["raw", "256", "0g"], "0g"),
                            (["config", "lora.nix"], "nix"), (["config", "nix"], "nix"),
                            (["config", "lora.region=MARS"], "MARS"),
                            (["listen", "--kind", "tixt"], "tixt"),
                            (["favorite", "x", "nix"], "nix")):
            self.assertIn(word, self.assert_fails(words, 2))

    def test_no_host(self):
        self.peer = []
        for command in COMMANDS:
            words = {"send": ["x"], "raw": ["1", "00"], "traceroute": ["1"], "telemetry": ["1"],
                     "position": ["1"], "userinfo": ["1"], "remove-node": ["1"],
                     "favorite": ["1"]}.get(command, [])
            with self.subTest(command):
                self.assertIn("MESHTCP_HOST", self.assert_fails([command, *words], 2, ONE_LINE))

    def test_configuration(self):
        for text, line in (("[meshtcp]\nhsot = x\n", 2), ("[meshtcp]\n\nport = 0\n", 3),
                           ("[meshtcp]\nforce = 1\n", 2), ("[meshtcp]\ngap = soon\n", 2),
                           ("[meshtcp]\nto = BOB\n", 2), ("[meshtcp]\nnode = BOB\n", 2)):
            with self.subTest(text):
                path = self.write_config(text)
                self.assertIn(f"{path}:{line}:", self.assert_fails(["info"], 2))
        self.assert_untouched()

    def test_environment(self):
        for name, value in (("MESHTCP_PORT", "x"), ("MESHTCP_FORCE", "1"),
                            ("MESHTCP_TIMEOUT", "0")):
            self.env[name] = value
            self.assertIn(name, self.assert_fails(["info"], 2, ONE_LINE))
            del self.env[name]
        self.assert_untouched()


class Help(MeshtcpCase):
    def test_help(self):
        status, stdout, stderr = self.run_tool("--help")
        self.assertEqual((status, stderr), (0, ""))
        for command in COMMANDS:
            self.assertRegex(stdout, rf"(?m)^  {command}\b")
            status, text, stderr = self.run_tool(command, "--help")
            self.assertEqual((status, stderr), (0, ""))
            self.assertRegex(text, rf"\b{command}\b")
        self.assertIn("--show-keys", self.run_tool("config", "-h")[1])

    def test_version(self):
        self.assertRegex(self.run_tool("--version")[1], r"\Ameshtcp \d+\.\d+\.\d+\n\Z")
        self.assertEqual(self.run_tool("-V"), self.run_tool("--version"))


if __name__ == "__main__":
    unittest.main()
