#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Status 2 of ipcom: wrong arguments, settings and devices files, refused before anything is sent.

The simulator has then seen no connection and no byte. A devices file that would make the
tool switch another output than the one that was meant is refused with its line.
"""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True

from ipcom_common import IpcomCase  # noqa: E402

ONE_LINE = r"\Aipcom: [^\n]+\n\Z"

OUTPUTS = "0.1 17.1 1.0 1.9 1 1. .1 1.1.1 -1.1 +1.1 1.x x.1 1,1 4294967297.1 nobody 1.1x".split()
VALUES = "256 -1 x 1.5 0x10 4294967296 50%".split()
PERCENTS = "101 255 -1 x 40.5 40%".split()

# A place `_` for each of the words behind it.
RANGES = [
    ("get _", OUTPUTS), ("get 1.1 _", OUTPUTS), ("set _ 255", OUTPUTS), ("on _", OUTPUTS),
    ("off hall _", OUTPUTS), ("toggle _", OUTPUTS), ("dim _ 40", OUTPUTS), ("status _", OUTPUTS),
    ("open _", [*OUTPUTS, "hall", "dining"]), ("cover_close _", ["nobody", "hall"]),
    ("cover_stop _", ["nobody", "hall"]),
    ("set 1.1 -- _", VALUES), ("dim dining -- _", PERCENTS),
    ("get 1.1 --port=_", "0 65536 x".split()), ("get 1.1 --timeout=_", "0 -1 x".split()),
    ("get 1.1 --bus=_", "0 3 x".split()), ("get 1.1 --bus-type=_", "knx MINIDO".split()),
    ("on 8.1 --devices-file=/dev/null --dimmer-modules=_", "0 17 x 6, 6,,7 7-6".split()),
    ("open patio_up --travel-time=_", "-1 x nan".split()),
    ("open patio_up --dead-time=_", "-1 x nan".split()),
    ("watch --count=_", "0 x".split()), ("watch --duration=_", "x -1".split()),
]

# Whole command lines, word by word.
USAGE = [
    [], ["switch"], ["get"], ["get", ""], ["set"], ["set", "1.1"], ["set", "1.1", "255", "1.2"],
    ["set", "1.1", "255", "1.1", "0"], ["set", "hall", "255", "1.1", "0"], ["on"], ["off"],
    ["toggle"], ["dim"], ["dim", "dining"], ["dim", "dining", "40", "50"], ["dim", "hall", "40"],
    ["open"], ["cover_stop"], ["open", "patio_up", "attic_up"], ["dump", "1"], ["watch", "1.1"],
    ["probe", "1"], ["get", "1.1", "--nope"], ["get", "1.1", "--count", "1"],
    ["get", "1.1", "--changes"], ["get", "1.1", "--trace", "/nonexistent/x"],
    ["get", "1.1", "--username", "u" * 22], ["get", "1.1", "--username", ""],
    ["get", "1.1", "--password", "p" * 23], ["get", "1.1", "--password", ""],
    ["get", "1.1", "--username", "\u00fc" * 11], ["on", "6.1", "--dimmer-modules", "6"],
]

LIGHT = "lights:\n  hall:\n    module: 1\n    output: 1\n"
SHUTTER = ("shutters:\n  down:\n    module: 5\n    output: 7\n    relay_role: down\n"
           "    paired_device: up\n  up:\n    module: 5\n    output: 8\n    relay_role: up\n"
           "    paired_device: down\n")

# Devices files that must be refused, and the line at fault; None where several could be named.
BROKEN = [
    (LIGHT.replace("module: 1", "module: 17"), 3), (LIGHT.replace("module: 1", "module: 0"), 3),
    (LIGHT.replace("module: 1", "module: one"), 3), (LIGHT.replace("module: 1", "module:"), None),
    (LIGHT.replace("output: 1", "output: 9"), 4), (LIGHT.replace("output: 1", "output: -1"), 4),
    (LIGHT.replace("output: 1", "output: 4294967297"), 4), (LIGHT + "    type: fan\n", 5),
    (LIGHT.replace("    output: 1\n", ""), None), (LIGHT.replace("    module: 1\n", ""), None),
    (LIGHT + "  porch:\n    module: 1\n    output: 1\n", None),
    (LIGHT + "switches:\n  pump:\n    module: 1\n    output: 1\n", None),
    (SHUTTER.replace("    relay_role: up\n", ""), None),
    (SHUTTER.replace("    paired_device: down\n", ""), None),
    (SHUTTER.replace("relay_role: up", "relay_role: down"), None),
    (SHUTTER.replace("relay_role: up", "relay_role: left"), 10),
    (SHUTTER.replace("paired_device: down", "paired_device: up"), None),
    (SHUTTER.replace("paired_device: down", "paired_device: attic"), None),
    (SHUTTER.replace("output: 8", "output: 7"), None),
    (SHUTTER + "    travel_time: -1\n", 12), (SHUTTER + "    travel_time: soon\n", 12),
    (SHUTTER + "    dead_time: 0.1\n", 12),
    ("lights:\n  hall:\n\tmodule: 1\n", None), ("lights:\n  hall: 'x\n", None), ("- hall\n", 1),
    ("lights: yes\n", 1), ("lights:\n  hall: 1\n", 2), ("lights:\n  - hall\n", 2),
    ("lights: {hall: [\n", None), ("[" * 20000, None), ("lights:\n  hall: \x00\n", None),
]


class Usage(IpcomCase):
    """Status 2, nothing sent."""

    def setUp(self):
        super().setUp()
        self.simulate()
        self.furnish()

    def test_ranges(self):
        for line, words in RANGES:
            for word in words:
                arguments = [part.replace("_", word) if "_" in (part, part[-1:]) else part
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
        for words, word in ((["on", "nobody"], "nobody"), (["get", "17.1"], "17.1"),
                            (["set", "hall", "256"], "256"), (["dim", "dining", "101"], "101"),
                            (["open", "hall"], "hall")):
            self.assertIn(word, self.assert_fails(words, 2))

    def test_credentials(self):
        """None, or two of one source."""
        access, user = self.peer[:4], self.peer[:6]
        path = self.furnish("secret\n", "password")
        both = ["--password", "secret", "--password-file", path]
        for peer, words in ((access, []), (user, []), (access + both[:2], []), (user, both),
                            (user, ["--password-file", path + "x"]),
                            (user, ["--password-file", self.furnish("", "empty")]),
                            (user, ["--password-file", self.furnish("\nsecret\n", "blank")]),
                            (user, ["--password-file", self.furnish("p" * 23, "long")]),
                            (user, ["--password-file", "/dev/zero"]),
                            (user, ["--password-file", self.dir])):
            with self.subTest(peer=peer, words=words):
                self.peer = peer
                self.assert_fails(["get", "1.1", *words], 2, ONE_LINE)
        self.peer = user
        self.env.update(IPCOM_PASSWORD="secret", IPCOM_PASSWORD_FILE=path)
        self.assert_fails(["get", "1.1"], 2, ONE_LINE)
        self.assert_untouched()

    def test_configuration(self):
        for text, line in (("[ipcom]\nhsot = x\n", 2), ("[ipcom]\n\nbus = 3\n", 3),
                           ("[ipcom]\nforce = 1\n", 2), ("[ipcom]\nbus-type = knx\n", 2),
                           ("[ipcom]\ndead-time = soon\n", 2)):
            with self.subTest(text):
                path = self.write_config(text)
                self.assertIn(f"{path}:{line}:", self.assert_fails(["get", "1.1"], 2))
        self.assert_untouched()


class DevicesFile(IpcomCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def test_broken(self):
        """FILE:LINE, also of the default file; refused whatever the command."""
        for name in ("devices.yaml", "house.yaml"):
            for text, line in BROKEN:
                path = self.furnish(text, name)
                words = ["--devices-file", path] if name != "devices.yaml" else []
                place = rf"{name}:{line or r'[1-9][0-9]*'}:"
                with self.subTest(text[:400], name=name):
                    for command in (["get", "1.1"], ["status"]):
                        error = self.assert_fails([*words, *command], 2, ONE_LINE)
                        self.assertRegex(error, place)
            os.unlink(os.path.join(self.dir, name))
        self.assert_untouched()

    def test_no_text(self):
        path = os.path.join(self.dir, "devices.yaml")
        with open(path, "wb") as file:
            file.write(b"lights:\n  hall:\n    display_name: \xff\xfe\n")
        self.assert_fails(["get", "1.1"], 2, ONE_LINE)
        for place in (self.dir, "/dev/zero"):
            self.assert_fails(["--devices-file", place, "get", "1.1"], 2, ONE_LINE)
        self.assert_untouched()

    def test_aliases_that_explode(self):
        levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
        self.furnish("a0: &a0 x\n" + levels)
        begin = time.monotonic()
        self.assertIn(self.run_tool("get", "1.1")[0], (0, 2))
        self.assertLess(time.monotonic() - begin, 5)

    def test_harmless(self):
        """Unknown properties and categories, empty files, missing values: no failure."""
        for text in ("", "# nothing\n", "---\n", "lights:\n", SHUTTER,
                     LIGHT + "    colour: {a: [1, 2]}\n", LIGHT + "notes: [1, 2]\nversion: 3\n",
                     LIGHT.replace("    ", "        ")):
            with self.subTest(text):
                self.furnish(text)
                self.assert_output(["get", "1.1"], "0\n")

    def test_equal_names_are_a_warning(self):
        self.furnish(LIGHT + "    display_name: A\n  b:\n    module: 2\n    output: 2\n"
                     "    display_name: A\n")
        status, stdout, stderr = self.run_tool("get", "b")
        self.assertEqual((status, stdout), (0, "0\n"))
        self.assertRegex(stderr, ONE_LINE)


if __name__ == "__main__":
    unittest.main()
