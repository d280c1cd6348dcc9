#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every exit status of qlink; on failure no data, one line that says what and why.

What is wrong in the arguments or not allowed here must end before anything is sent: the
simulator has then seen no connection and no byte.
"""

import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import FAILURE, ToolCase, refusals  # noqa: E402

ONE_LINE = r"\Aqlink: [^\n]+\n\Z"

LOADS = ("0 10000 10010 10019 10020 10159 10161 20001 99999 4294967397 101.5 +5 0x65 1e2 x 1,2"
         " 0.1.1.1 16.1.1.1 1.0.1.1 1.5.1.1 1.1.0.1 1.1.5.1 1.1.1.0 1.1.1.9 1.2.3 1.2.3.4.5 1.2..4"
         " 1.2.3.4. 0/1/1 16/1/1 1/0/1 1/190/1 1/1/0 1/1/9 1/2 1/2/3/4 1//3").split()
LEVELS = "101 255 50.5 x 5% 0x10 +5 4294967296".split()
FADES = "6553.6 6554 1e3 nan inf x -1 1,5 0x1".split()
MASTERS = "0 16 x 1.5 4294967297".split()
STATIONS = "0 190 x".split()

# A place `_` for each of the words behind it.
RANGES = [
    ("get _", LOADS), ("get 101 _", LOADS), ("set _ 50", LOADS), ("poll _", LOADS),
    ("set 101 _", LEVELS), ("set 101 50 --fade=_", FADES),
    *((f"{command}", MASTERS) for command in (
        "press _ 1 1", "switch _ 1 1 1", "state _ 1", "state _ 1 1", "leds _ 1", "led _ 1 1 on",
        "modules _", "stations _", "name _ 5 255", "firmware _", "timer get _ 1",
        "timer run _ 1 on", "timer set _ 1 1 --program", "thermostat get _ 7 13",
        "thermostat set _ 7 5 20", "ir send _ 0 on 4")),
    *((f"{command}", STATIONS) for command in (
        "press 1 _ 1", "switch 1 _ 1 1", "state 1 _", "state 1 _ 1", "leds 1 _", "led 1 _ 1 on",
        "thermostat get 1 _ 13", "thermostat set 1 _ 5 20", "ir send 1 0 on _")),
    *((f"{command}", "0 256 x".split()) for command in (
        "press 1 1 _", "switch 1 1 _ 1", "state 1 1 _", "timer get 1 _", "timer run 1 _ on")),
    ("led 1 1 _ on", "0 11 x".split()), ("led 1 1 1 _", "3 maybe ON".split()),
    ("switch 1 1 1 _", "7 -1 both ON".split()), ("press 1 1 1 --hold=_", "-1 x 1.5.2".split()),
    ("timer run 1 1 _", "2 maybe".split()), ("timer set 1 1 _ --program", "3 x".split()),
    ("timer set 1 1 1 _ 0 --program", "26 x".split()), ("timer set 1 1 1 6 --program", [""]),
    ("timer set 1 1 1 6 30 _ --program", "111111 11111111 1111112 weekday".split()),
    ("timer set 1 1 1 6 30 1111111 _ 1 2027 --program", "32 x".split()),
    ("timer set 1 1 1 6 30 1111111 1 _ 2027 --program", "13 x".split()),
    ("timer set 1 1 1 6 30 1111111 1 --program", [""]),
    ("thermostat get 1 7 _", "4 14 54 warmth".split()),
    ("thermostat set 1 7 _ 20", "4 14 54 warmth".split()),
    ("thermostat set 1 7 heat-day _", "warm 1e1".split()),
    ("thermostat set 1 7 heat-day", [""]), ("thermostat get 1 7", [""]),
    ("ir send 1 _ on 4", "256 x".split()), ("ir send 1 0 _ 4", "2 press".split()),
    ("ir send 1 0 on 4 --set=_", "9 x".split()), ("ir send 1 32 on 4 --set 1", [""]),
    ("monitoring _", "maybe 1".split()),
]

# Whole command lines, word by word.
USAGE = [
    [], ["shwo"], ["set"], ["set", "101"], ["set", "101", "50", "60"], ["get"], ["press", "1", "1"],
    ["leds", "1"], ["timer"], ["timer", "stop", "1", "1"], ["thermostat"], ["ir"], ["raw"],
    ["get", "101", "--nope"], ["get", "101", "--fade", "1"], ["get", "101", "--count", "1"],
    ["get", ""], ["get", " 101"], ["get", "101 "], ["set", "101", ""], ["set", "101", "5 0"],
    ["set", "--", "101", "-1"], ["get", "--", "-101"], ["raw", "VGL@ 101", "x"],
    ["raw", ""], ["raw", "GL@ 101"], ["raw", "vgl@ 101"], ["raw", " VGL@ 101"],
    ["raw", "VGL@ 101\rVLO@ 101 0"], ["raw", "VGL@ 101\nVLO@ 101 0"], ["raw", "VGL@ 101\r"],
    ["raw", "VGL@\t101"], ["raw", "VGL@ 101\u00e9"], ["raw", "VGL@ 101\x1b"],
    ["raw", "VEC@ " + "1" * 196],
    ["get", "101", "--port", "0"], ["get", "101", "--port", "65536"], ["get", "101", "--port", "x"],
    ["get", "101", "--query-port", "0"], ["get", "101", "--timeout", "0"],
    ["get", "101", "--timeout=-1"], ["get", "101", "--timeout", "x"],
    ["get", "101", "--mode", "both"], ["get", "101", "--style", "short"],
    ["get", "101", "--gap", "x"], ["get", "101", "--gap=-1"], ["get", "101", "--connections", "0"],
    ["get", "101", "--connections", "x"], ["get", "101", "--trace", "/nonexistent/x"],
    ["monitor", "--count", "0"], ["monitor", "--count", "x"], ["monitor", "--duration", "x"],
    ["monitor", "101"], ["poll"], ["poll", "101", "--interval", "0"],
    ["poll", "101", "--interval", "x"], ["masters", "1"], ["where", "1"], ["doctor", "1"],
]

CONTROL = [
    ["set", "101", "50"], ["press", "1", "1", "1"], ["press", "1", "1", "1", "--hold", "10"],
    ["switch", "1", "1", "1", "on"], ["led", "1", "1", "1", "on"], ["timer", "run", "1", "1", "on"],
    ["timer", "set", "1", "1", "1", "--program"], ["thermostat", "set", "1", "7", "5", "20"],
    ["ir", "send", "1", "0", "on", "4"], ["monitoring", "on"], ["monitoring", "off"],
    ["raw", "VLO@ 101 50"], ["raw", "VLO! 101 50"], ["raw", "VOL@ 1"], ["raw", "VCL@ 1"],
    ["raw", "--program", "VPG@ x"],
]

PROGRAMMING = [
    ["timer", "set", "1", "1", "2"], ["switch", "1", "1", "1", "learn"],
    ["switch", "1", "1", "1", "2"], ["raw", "VST@ 1 1 2"], ["raw", "VSW@ 1 1 1 2"],
    ["raw", "VLP@ 1 1 1 1 5"], ["raw", "VSP@ 1 1 1 5"], ["raw", "VSC@ 1 4 10878"],
    ["raw", "VPG@ x"], ["raw", "V?S@ 1 C1 97 A 1"],
]

ASKING = [
    ["get", "101"], ["get", "1.1.1.1"], ["get", "2/33/8"], ["set", "101", "50"],
    ["state", "1", "1"], ["state", "1", "1", "1"], ["leds", "1", "1"], ["masters"],
    ["modules", "1"], ["stations", "1"], ["name", "1", "5", "255"], ["firmware", "1"], ["where"],
    ["timer", "get", "1", "1"], ["thermostat", "get", "1", "7", "5"], ["press", "1", "1", "1"],
    ["switch", "1", "1", "1", "on"], ["led", "1", "1", "1", "on"],
    ["thermostat", "set", "1", "7", "5", "20"], ["ir", "send", "1", "0", "on", "4"],
]


class Usage(ToolCase):
    """Status 2, nothing sent."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_ranges(self):
        for line, words in RANGES:
            for word in words:
                arguments = [part.replace("_", word) for part in line.split()]
                with self.subTest(arguments):
                    self.assert_fails(arguments, 2, ONE_LINE)
        self.assert_untouched()

    def test_usage(self):
        for words in USAGE:
            with self.subTest(words):
                self.assert_fails(words, 2, ONE_LINE)
        self.assert_untouched()

    def test_the_bad_word_is_named(self):
        for words, word in ((["set", "101", "255"], "255"), (["get", "101", "10019"], "10019"),
                            (["set", "101", "50", "--fade", "6553.6"], "6553.6"),
                            (["state", "16", "1"], "16"), (["-t", "soon", "where"], "soon")):
            self.assertIn(word, self.assert_fails(words, 2))

    def test_limits_are_good(self):
        """The other side of the limits: sent, even if this device has no such load."""
        for load in ("1", "9999", "15.4.4.8", "1.1.1.1", "15/189/8", "10011", "10158"):
            status, _, _ = self.run_tool("get", load)
            self.assertIn(status, (0, 1), load)
        for words in (["state", "15", "189", "255"], ["led", "15", "189", "10", "on"],
                      ["press", "15", "189", "255"], ["timer", "get", "15", "255"],
                      ["raw", "VEC@ 65535"], ["ir", "send", "15", "255", "on", "189"]):
            status, _, _ = self.run_tool(*words)
            self.assertEqual(status, 0, words)
        self.assertEqual(self.sim.stats()["commands"], 13)


class Refused(ToolCase):
    """Status 7, nothing sent; whether there is somebody to send it to does not matter."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_read_only(self):
        for words in CONTROL:
            with self.subTest(words):
                self.assert_fails(["--mode", "read-only", *words], 7)
        self.assert_untouched()

    def test_programming(self):
        for words in PROGRAMMING:
            with self.subTest(words):
                self.assert_fails(words, 7)
        self.assert_untouched()

    def test_nobody_there(self):
        self.sim.command("listen off")
        begin = time.monotonic()
        self.assert_fails(["--mode", "read-only", "set", "101", "50"], 7)
        self.assert_fails(["raw", "VPG@ x"], 7)
        self.assertLess(time.monotonic() - begin, 5)

    def test_wrong_words_are_wrong_here_too(self):
        self.assert_fails(["--mode", "read-only", "set", "101", "255"], 2)
        self.assert_fails(["timer", "set", "1", "1", "3"], 2)
        self.assert_untouched()


class Answers(ToolCase):
    """Status 1: the device said no. Status 6: impossible. Status 4: nothing that fits."""

    def setUp(self):
        super().setUp()
        self.simulate()
        self.sim.command("load 101 50 quiet")

    def assert_answer(self, arguments, answer, status):
        with self.subTest(arguments, answer=answer):
            self.sim.command(f"answer {answer}".rstrip())
            # Where nothing fitting comes the whole time is waited.
            limit = ["--timeout", "0.3"] if status == 4 else []
            self.assert_fails([*limit, *arguments], status)

    def test_device_errors(self):
        for code in (256, 257, 258):
            for form in ("bare", "field"):
                self.sim.command(f"error-form {form}")
                for style in ("regular", "detailed"):
                    for words in ASKING:
                        with self.subTest(words, code=code, form=form, style=style):
                            self.sim.command(f"error {code}")
                            self.assert_fails(["--style", style, *words], 1)
                self.sim.command(f"error {code}")
                self.assert_fails(["monitoring", "on"], 1)

    def test_no_such_load(self):
        self.assert_fails(["get", "500"], 1)
        self.assert_fails(["set", "500", "10"], 1)
        self.assert_fails(["get", "101", "500", "102"], 1)
        self.assert_fails(["--json", "get", "101", "500"], 1)
        self.assert_fails(["poll", "101", "500", "--count", "1"], 1)

    def test_raw(self):
        for words in (["VXX@ 1"], ["VGL@ 500"], ["--lines", "VGL@ 500"], ["VGL# 500"]):
            self.assert_fails(["raw", *words], 1)

    def test_impossible_values(self):
        regular = ["--style", "regular"]
        detailed = ["--style", "detailed"]
        for words, answers in (
                (["get", "101"], ("101", "255", "656")), (["get", "1.1.1.1"], ("101",)),
                (["state", "1", "1", "1"], ("3",)), (["set", "101", "50"], ("200",)),
                (["state", "1", "1"], ("0 0 0 0 0 0 0 0 0 3",)),
                (["masters"], ("16 1", "3 1 2", "1 16")), (["modules", "1"], ("60000",)),
                (["stations", "1"], ("60000",))):
            for answer in answers:
                self.assert_answer(regular + words, answer, 6)
        for words, answer in (
                (["get", "101"], "RGL 101 101"), (["get", "101"], "RGL# 101 656"),
                (["get", "1.1.1.1"], "RGB 1 1 1 1 101"), (["get", "2/33/8"], "RGC 2 33 8 255"),
                (["state", "1", "1", "1"], "RGS 1 1 1 7"), (["set", "101", "50"], "RLO 101 200"),
                (["masters"], "RQM 3 1 2"), (["modules", "1"], "RQP 1 60000"),
                (["stations", "1"], "RQS 1 60000")):
            self.assert_answer(detailed + words, answer, 6)

    def test_passed_over(self):
        detailed = ["--style", "detailed"]
        for answer in ("HELLO", "RGL 102 50", "RGL# 1011 50", "RGA 1 1 1 50", "50 50",
                       "LE 1 3 4C 20"):
            self.assert_answer(detailed + ["get", "101"], answer, 4)
        self.assert_answer(detailed + ["set", "101", "50"], "RLO 102 50", 4)
        for answer in ("HELLO", "50 50", "LO 1 1 1 1 50", "RGS 1 1 1 0", "50 percent"):
            self.assert_answer(["get", "101"], answer, 4)
        for answer in ("4C", "XY 20", "R:V 00 FF 00"):
            self.assert_answer(["leds", "1", "1"], answer, 4)

    def test_rows_missing(self):
        self.assert_answer(["modules", "1"], "2 | 1 1 1 5 1.0", 4)
        self.assert_answer(["stations", "1"], "2 | 1 1 0 15 1.0 1 10123", 4)

    def test_echo_that_is_none(self):
        self.assert_answer(["raw", "VEC@ 1"], "257", 1)


class Silent(ToolCase):
    """Status 4: connected, no answer in time."""

    def test_every_command(self):
        self.simulate("--silent")
        for words in (["get", "101"], ["set", "101", "50"], ["press", "1", "1", "1"], ["masters"],
                      ["raw", "VGL@ 101"], ["get", "101", "102", "103"], ["monitor"],
                      ["poll", "101"], ["monitoring", "on"]):
            with self.subTest(words):
                begin = time.monotonic()
                self.assert_fails([*words, "--timeout", "0.4"], 4)
                passed = time.monotonic() - begin
                self.assertTrue(0.39 < passed < 3, passed)

    def test_nothing_is_pressed_twice(self):
        self.simulate("--silent")
        self.assert_fails(["press", "2", "14", "8", "--timeout", "0.5"], 4)
        self.assertEqual([line for line in self.sent() if not line.startswith("VEC")],
                         ["VSW@ 2 14 8 6"])


class Unreachable(ToolCase):
    """Status 3: cannot reach the device, or lost it."""

    def test_closed_port(self):
        self.simulate()
        self.sim.command("listen off")
        for words in (["get", "101"], ["set", "101", "50", "--mode", "shared"], ["monitor"],
                      ["poll", "101"], ["masters", "--mode", "read-only"]):
            with self.subTest(words):
                begin = time.monotonic()
                self.assert_fails([*words, "--timeout", "0.4"], 3)
                self.assertLess(time.monotonic() - begin, 3)
        self.assert_fails(["doctor", "--timeout", "0.5"], 3)
        self.assert_untouched()

    def test_name(self):
        self.simulate()
        self.peer[1] = "x" * 64 + ".invalid"  # a label too long to be asked for
        for words in (["get", "101"], ["monitor"], ["poll", "101"]):
            self.assert_fails([*words, "--timeout", "5"], 3)
        self.assert_untouched()

    def test_lost_and_gone(self):
        self.simulate("--silent")
        for fault, words in (("drop", ["get", "101"]), ("reset", ["set", "101", "50"]),
                             ("reset", ["get", "101", "102", "103"]), ("drop", ["masters"])):
            with self.subTest(words, fault=fault):
                before = self.sim.stats()["commands"]
                tool = self.start_tool(*words, "--timeout", "1")
                self.sim.wait("commands", before + 1)
                self.sim.command("listen off")
                self.sim.command(fault)
                status, stdout, stderr = tool.finish()
                self.assertEqual((status, stdout), (3, ""))
                self.assertRegex(stderr, FAILURE)
                self.sim.command("listen on")

    def test_lost_press_is_not_repeated(self):
        self.simulate("--silent")
        tool = self.start_tool("press", "2", "14", "8", "--timeout", "3")
        self.sim.wait("commands", 1)
        self.sim.command("silent off")
        self.sim.command("reset")
        status, stdout, _ = tool.finish()
        self.assertEqual((status, stdout), (3, ""))
        self.assertEqual(self.sent(), ["VSW@ 2 14 8 6"])

    def test_back_in_time(self):
        """Refused is busy: the command waits for the port to open."""
        self.simulate()
        self.sim.command("listen off")
        before = refusals()
        tool = self.start_tool("set", "101", "61")
        self.sim.wait_for(lambda: refusals() > before)
        self.sim.command("listen on")
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assertEqual(self.sim.command("get 101"), "61")


class Signals(ToolCase):
    """130 and 143, after the connection has been closed."""

    def test_one_shot(self):
        self.simulate("--silent")
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in (["get", "101"], ["--json", "set", "101", "50"], ["masters"]):
                with self.subTest(words, number=number):
                    before = self.sim.stats()["commands"]
                    tool = self.start_tool(*words)
                    self.sim.wait("commands", before + 1)
                    tool.signal(number)
                    status, stdout, _ = tool.finish()
                    self.assertEqual((status, stdout), (-number, ""))
                    self.sim.wait("connections_now", 0, "=")

    def test_while_connecting(self):
        self.simulate()
        self.sim.command("listen off")
        tool = self.start_tool("get", "101", "--json")
        tool.signal(signal.SIGTERM)
        status, stdout, _ = tool.finish()
        self.assertEqual((status, stdout), (-signal.SIGTERM, ""))

    def test_held_key_is_released(self):
        self.simulate()
        for number in (signal.SIGINT, signal.SIGTERM):
            before = len(self.sent())
            tool = self.start_tool("press", "2", "14", "8", "--hold", "60000")
            self.sim.wait("commands", before + 1)
            tool.signal(number)
            status, stdout, _ = tool.finish()
            self.assertEqual((status, stdout), (-number, ""))
            self.assertEqual(self.sent()[before:], ["VSW@ 2 14 8 4", "VSW@ 2 14 8 5"])

    def test_released_whatever_comes(self):
        """After a press the release must follow, or the controller believes the key is held."""
        self.simulate()
        self.sim.command("answer")
        self.assert_fails(["press", "2", "14", "8", "--hold", "10", "--timeout", "0.5"], 4)
        self.assertEqual(self.keys(), ["2 14 8 4", "2 14 8 5"])
        tool = self.start_tool("press", "2", "14", "9", "--hold", "1000")
        self.sim.wait_for(lambda: self.keys()[-1] == "2 14 9 4")
        self.sim.command("reset")
        self.assertIn(tool.finish()[0], (0, 3))
        self.assertEqual(self.keys()[2:], ["2 14 9 4", "2 14 9 5"])

    def keys(self):
        return [line[5:] for line in self.sent() if line.startswith("VSW")]


if __name__ == "__main__":
    unittest.main()
