#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every command of qlink from end to end: what goes over the wire, what is printed."""

import sys
import unittest

sys.dont_write_bytecode = True

from common import ToolCase  # noqa: E402

DEVICE = [
    "load 101 50 quiet", "load 102 7 quiet", "load 2.3.4.5 45 quiet", "load 2/33/8 100 quiet",
    "variable 2 2 100 quiet", "switch 1 9 23 1", "switch 1 2 5 1", "switch 1 2 6 1",
    "switch 1 2 10 2", "leds 2 3 4C 20", "leds 2 4 00 200", "leds 2 5 3FF 3FF",
    "where 4 1", "firmware 2 VER 5.37 10/14/1997",
    "name 1 5 255 Station Name|Room Name|Floor Name|0", "name 1 6 255 K\u00fcche \"A\"|||",
    "timer 1 4 0 25 150 1 1 1 1 1 1 1 0 4 0", "timer 1 5 1 -1 -1 0 1 1 1 1 1 0 31 12 2027",
    "thermostat 1 7 13 46", "thermostat 1 7 5 39", "thermostat 1 7 11 2",
    "thermostat 1 7 12 -3",
]

# Arguments, what goes over the wire without modifiers, text, objects.
QUERIES = [
    ("get 101", ["VGL 101"], "50\n", [{"load": "101", "level": 50}]),
    ("get 2.3.4.5", ["VGB 2 3 4 5"], "45\n", [{"load": "2.3.4.5", "level": 45}]),
    ("get 2/33/8", ["VGC 2 33 8"], "100\n", [{"load": "2/33/8", "level": 100}]),
    ("get 10022", ["VGA 2 17 2"], "100\n", [{"load": "10022", "level": 100}]),
    ("state 1 9 23", ["VGS 1 9 23"], "1\n",
     [{"master": 1, "station": 9, "switch": 23, "state": 1}]),
    ("state 1 2", ["VGT 1 2"], "0 0 0 0 1 1 0 0 0 2\n",
     [{"master": 1, "station": 2, "states": [0, 0, 0, 0, 1, 1, 0, 0, 0, 2]}]),
    ("leds 2 3", ["VLT 2 3"], "on 3 4 7\nblink 6\n",
     [{"master": 2, "station": 3, "on": [3, 4, 7], "blink": [6]}]),
    ("leds 2 4", ["VLT 2 4"], "blink 10\n", [{"master": 2, "station": 4, "on": [], "blink": [10]}]),
    ("leds 2 5", ["VLT 2 5"], "blink 1 2 3 4 5 6 7 8 9 10\n",
     [{"master": 2, "station": 5, "on": [], "blink": list(range(1, 11))}]),
    ("leds 2 6", ["VLT 2 6"], "", [{"master": 2, "station": 6, "on": [], "blink": []}]),
    ("masters", ["VQM"], "1\n2\n", [{"master": 1}, {"master": 2}]),
    ("raw VEC@@1234", ["VEC@ 1234"], "1234\n", [{"line": "1234"}]),
    ("raw VEC#@1234", ["VEC# 1234"], "REC 1234\n", [{"line": "REC 1234"}]),
    ("raw VEC@@257", ["VEC@ 257"], "257\n", [{"line": "257"}]),
    ("raw VGT@@1@2", ["VGT@ 1 2"], "0 0 0 0 1 1 0 0 0 2\n", [{"line": "0 0 0 0 1 1 0 0 0 2"}]),
]

# The same with a text that is for people: the contract fixes the objects, this fixes the rest.
RECORDS = [
    ("where", ["VQA"], "4 1\n", [{"master": 4, "port": 1}]),
    ("firmware 2", ["VGV 2"], "5.37 10/14/1997\n",
     [{"master": 2, "version": "5.37", "date": "10/14/1997"}]),
    ("name 1 5 255", ["VGN 1 5 255"], "Station Name|Room Name|Floor Name|0\n",
     [{"master": 1, "address": 5, "position": 255, "name": "Station Name", "room": "Room Name",
       "floor": "Floor Name", "type": "0"}]),
    ("timer get 1 4", ["VQT 1 4"], "0 25 150 1111111 0 4 0\n",
     [{"master": 1, "function": 4, "state": 0, "hour": 25, "minute": 150,
       "days": [1, 1, 1, 1, 1, 1, 1], "day": 0, "month": 4, "year": 0}]),
    ("timer get 1 5", ["VQT 1 5"], "1 -1 -1 0111110 31 12 2027\n",
     [{"master": 1, "function": 5, "state": 1, "hour": -1, "minute": -1,
       "days": [0, 1, 1, 1, 1, 1, 0], "day": 31, "month": 12, "year": 2027}]),
    ("thermostat get 1 7 indoor heat-day", ["VGH 1 7 13 5"], "indoor 23.0\nheat-day 19.5\n",
     [{"master": 1, "station": 7, "indoor": 23, "heat_day": 19.5}]),
    ("thermostat get 1 7 11 12", ["VGH 1 7 11 12"], "mode 2\noutdoor -1.5\n",
     [{"master": 1, "station": 7, "mode": 2, "outdoor": -1.5}]),
]

# Commands that print nothing.
ACTIONS = [
    ("press 2 14 8", ["VSW 2 14 8 6"]),
    ("led 2 7 4 on", ["VLD 2 7 4 1"]),
    ("led 2 7 10 off", ["VLD 2 7 10 0"]),
    ("led 2 7 1 blink", ["VLD 2 7 1 2"]),
    ("timer run 1 4 on", ["VET 1 4 1"]),
    ("timer run 1 4 off", ["VET 1 4 0"]),
    ("thermostat set 1 7 heat-day 20", ["VSH 1 7 5 40"]),
    ("thermostat set 1 7 heat-day 20.5 cool-day 25", ["VSH 1 7 5 41 7 50"]),
    ("thermostat set 1 7 11 3", ["VSH 1 7 11 3"]),
    ("ir send 1 0 on 4", ["VIR 1 0 1 4"]),
    ("ir send 1 31 off 4 --set 2", ["VIC 1 2 31 0 4"]),
    ("raw VLO!@103@20", ["VLO! 103 20"]),
    *((f"switch 2 10 4 {word}", [f"VSW 2 10 4 {state}"]) for state, word in
      ((0, "0"), (1, "1"), (3, "3"), (4, "4"), (5, "5"), (6, "6"), (0, "off"), (1, "on"),
       (3, "dim"), (4, "press"), (5, "release"), (6, "tap"))),
    ("switch 2 10 4 2 --program", ["VSW 2 10 4 2"]),
    ("switch 2 10 4 learn --program", ["VSW 2 10 4 2"]),
    ("timer set 1 4 2 --program", ["VST 1 4 2"]),
    ("timer set 1 4 1 6 30 --program", ["VST 1 4 1 6 30"]),
    ("timer set 1 4 1 6 30 0111110 --program", ["VST 1 4 1 6 30 0 1 1 1 1 1 0"]),
    ("timer set 1 4 1 24 0 0111110 31 12 2027 --program",
     ["VST 1 4 1 24 0 0 1 1 1 1 1 0 31 12 2027"]),
]

# LOAD LEVEL [--fade]: wire and the level that is then known.
SETTINGS = [
    ("101 0", "VLO 101 0", "101", 0),
    ("101 100", "VLO 101 100", "101", 100),
    ("101 50 --fade 2.3", "VLO 101 50 2.3", "101", 50),
    ("101 50 --fade 3", "VLO 101 50 3", "101", 50),
    ("101 50 --fade 3.0", "VLO 101 50 3", "101", 50),
    ("101 50 --fade 0", "VLO 101 50", "101", 50),
    ("101 50 --fade 0.1", "VLO 101 50 0.1", "101", 50),
    ("101 50 --fade 2.34", "VLO 101 50 2.3", "101", 50),
    ("101 50 --fade 6553.5", "VLO 101 50 6553.5", "101", 50),
    ("9999 30", "VLO 9999 30", "9999", 30),
    ("2.3.4.5 46", "VLB 2 3 4 5 46", "2.3.4.5", 46),
    ("2.3.4.5 46 --fade 3.5", "VLB 2 3 4 5 46 3.5", "2.3.4.5", 46),
    ("2/33/8 99", "VLC 2 33 8 99", "2/33/8", 99),
    ("10022 12", "VLA 2 17 2 12", "10022", 12),
    ("10158 12", "VLA 15 17 8 12", "10158", 12),
]


def split(arguments):
    """Words; `@` behind a raw command's modifier or words stands for a blank."""
    words = arguments.split()
    if words[0] != "raw":
        return words
    return [words[0], words[1][:4] + words[1][4:].replace("@", " "), *words[2:]]


def styled(wire, modifier):
    """The wire form: commands without modifier get the one of the style."""
    return [line if line[3:4] in ("@", "#", "!") else line[:3] + modifier + line[3:]
            for line in wire]


class Commands(ToolCase):
    def setUp(self):
        super().setUp()
        self.simulate("--loads", "101-120,9999")
        for command in DEVICE:
            self.sim.command(command)

    def check(self, arguments, wire, modifier, run):
        before = len(self.sent())
        with self.subTest(arguments, style=modifier):
            run(arguments)
            self.assertEqual(self.sent()[before:], styled(wire, modifier))

    def in_both_styles(self, arguments, wire, run):
        self.check(arguments, wire, "@", run)
        self.check(["--style", "regular", *arguments], wire, "@", run)
        self.check(["--style", "detailed", *arguments], wire, "#", run)
        self.check(["--mode", "shared", *arguments], wire, "#", run)

    def test_queries(self):
        for arguments, wire, text, objects in QUERIES:
            words = split(arguments)
            self.in_both_styles(words, wire, lambda a, t=text: self.assert_output(a, t))
            self.in_both_styles(words, wire, lambda a, o=objects: self.assert_json(a, o))

    def test_records(self):
        for arguments, wire, text, objects in RECORDS:
            words = split(arguments)
            if words[0] == "name":  # a regular name line could begin with anything
                self.check(words, wire, "#", lambda a, t=text: self.assert_output(a, t))
                self.check(words, wire, "#", lambda a, o=objects: self.assert_json(a, o))
                continue
            self.in_both_styles(words, wire, lambda a, t=text: self.assert_output(a, t))
            self.in_both_styles(words, wire, lambda a, o=objects: self.assert_json(a, o))

    def test_actions(self):
        for arguments, wire in ACTIONS:
            words = split(arguments)
            self.in_both_styles(words, wire, lambda a: self.assert_output(a, ""))
            self.check(["--json", *words], wire, "@", lambda a: self.assert_output(a, ""))

    def test_settings(self):
        for arguments, wire, load, level in SETTINGS:
            words = ["set", *arguments.split()]
            expected = [{"load": load, "level": level}]
            self.in_both_styles(words, [wire], lambda a: self.assert_output(a, ""))
            self.in_both_styles(words, [wire], lambda a, e=expected: self.assert_json(a, e))
            if "--fade" not in words:
                self.assertEqual(self.sim.command(f"get {load}"), str(level))

    def test_one_connect_one_command(self):
        self.assert_output(["set", "101", "33"], "")
        stats = self.sim.stats()
        self.assertEqual((stats["connections_total"], stats["commands"]), (1, 1))
        self.assertEqual(stats["bytes_in"], len("VLO@ 101 33\r"))
        self.assertEqual(self.log()[0][0], "port")

    def test_level_as_confirmed(self):
        self.sim.command("answer 40")
        self.assert_json(["set", "101", "50"], [{"load": "101", "level": 40}])
        self.sim.command("answer RLO 101 41")
        self.assert_json(["set", "101", "50", "--style", "detailed"],
                         [{"load": "101", "level": 41}])

    def test_get_several(self):
        words = ["get", "102", "2.3.4.5", "101", "102", "103"]
        expected = [("102", 7), ("2.3.4.5", 45), ("101", 50), ("102", 7), ("103", 0)]
        text = "".join(f"{load} {level}\n" for load, level in expected)
        objects = [{"load": load, "level": level} for load, level in expected]
        self.assert_output(words, text)
        self.assertLessEqual(self.sim.stats()["connections_total"], 2)
        for style in ("regular", "detailed"):
            self.assert_output([*words, "--style", style], text)
            self.assert_json([*words, "--style", style], objects)

    def test_order_is_not_that_of_the_answers(self):
        self.sim.command("late 300")
        self.assert_output(["get", "101", "102"], "101 50\n102 7\n")

    def test_tables(self):
        self.sim.command("module 1 1 1 5 1.0")
        self.sim.command("module 1 2 3 2 2.1")
        self.sim.command("station 1 3 1 0 1.0 3 10125")
        self.sim.command("station 1 65 0 15 1.2 2 182003")
        modules = [(1, 1, 5, "1.0"), (2, 3, 2, "2.1")]
        stations = [(3, 1, 0, "1.0", 3, 10125), (65, 0, 0x15, "1.2", 2, 182003)]
        for style in ("regular", "detailed"):
            rows = self.rows("modules", "1", "--style", style)
            keys = ("enclosure", "module", "type", "version")
            self.assertEqual([tuple(row[key] for key in keys) for row in rows], modules)
            self.assertEqual(set(rows[0]), {"master", "type_name", *keys})
            rows = self.rows("stations", "1", "--style", style)
            keys = ("station", "type", "config", "version", "sixbit", "serial")
            self.assertEqual([tuple(row[key] for key in keys) for row in rows], stations)
            self.assertEqual(set(rows[0]), {"master", "type_name", *keys})
        self.assert_output(["modules", "1"], "1.1.1 5 1.0 dimmer\n1.2.3 2 2.1 relay\n")
        self.assert_output(["stations", "1"], "1/3 1 0x00 1.0 3 10125 contact input\n"
                                              "1/65 0 0x15 1.2 2 182003 keypad\n")

    def rows(self, *words):
        status, stdout, stderr = self.run_tool("-j", *words)
        self.assertEqual((status, stderr), (0, ""))
        rows = self.objects(stdout)
        for row in rows:
            self.assertEqual(row["master"], 1)
            self.assertRegex(row["type_name"], "[a-z]")
        return rows

    def test_empty_tables(self):
        for style in ("regular", "detailed"):
            for command in ("modules", "stations"):
                self.assert_output([command, "2", "--style", style], "")
                self.assert_output([command, "2", "--style", style, "--json"], "")

    def test_names_are_any_bytes(self):
        # A quote, a letter that is no ASCII, empty fields: the object is valid all the same.
        status, stdout, stderr = self.run_tool("--json", "name", "1", "6", "255")
        self.assertEqual((status, stderr), (0, ""))
        found = self.object(stdout.rstrip("\n"))
        self.assertEqual((found["name"], found["room"]), ("K\ufffdche \"A\"", ""))

    def test_monitoring(self):
        self.assert_output(["monitoring", "on"], "")
        self.assertEqual(self.sim.command("reporting"), "1 1 1 3")
        self.assert_output(["monitoring", "off"], "")
        self.assertEqual(self.sim.command("reporting"), "0 0 0 0")
        self.assertEqual(sorted(line[:3] for line in self.sent()),
                         sorted(["VOS", "VOL", "VOD"] * 2))

    def test_raw_passes_events_over(self):
        self.sim.command("before 4c45203120332034432032300d")
        self.assert_output(["raw", "VGL@ 101"], "50\n")
        self.sim.command("before 4c4f2032203120332033203130300d")
        self.assert_json(["raw", "VGT@ 1 2"], [{"line": "0 0 0 0 1 1 0 0 0 2"}])

    def test_raw_lines(self):
        rows = ["1 1 1 5 1.0", "1 1 2 2 1.0", "1 1 3 5 1.0"]
        for row in rows:
            self.sim.command(f"module {row}")
        self.assert_output(["raw", "--lines", "VQP@ 1"], "\n".join(["3", *rows]) + "\n")
        self.assert_output(["raw", "VQP@ 1"], "3\n")
        self.assert_json(["raw", "--lines", "VQP@ 1"], [{"line": line} for line in ["3", *rows]])

    def test_press_with_hold(self):
        # Longer than the time limit, which the hold does not count against.
        self.assert_output(["press", "2", "14", "8", "--hold", "1200", "--timeout", "1"], "")
        self.assertEqual(self.sent(), ["VSW@ 2 14 8 4", "VSW@ 2 14 8 5"])

    def test_programming(self):
        for words in (["raw", "VLP@ 1 1 1 1 5"], ["raw", "VSC@ 1 4 10878"], ["raw", "VPG@ x"]):
            with self.subTest(words[1]):
                status, stdout, stderr = self.run_tool("--program", *words)
                self.assertEqual((status, stderr), (0, ""))
                self.assertRegex(stdout, r"\A[05]\n\Z")


if __name__ == "__main__":
    unittest.main()
