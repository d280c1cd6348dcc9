#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The commands of qlink that go on: monitor and poll, their ends, and what loss does to them."""

import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import TIME, ToolCase, refusals  # noqa: E402

# What happens in the house, the line for it, and the object without its time.
EVENTS = [
    ("press 2 14 8 182003", "button 2/14/8 pressed",
     {"event": "button", "master": 2, "station": 14, "button": 8, "state": "pressed",
      "serial": 182003}),
    ("release 2 14 8 182003", "button 2/14/8 released",
     {"event": "button", "master": 2, "station": 14, "button": 8, "state": "released",
      "serial": 182003}),
    ("ir 4 3 231 1", "ir 4/3 231 1",
     {"event": "ir", "master": 4, "zone": 3, "code": 231, "state": 1}),
    ("external 2 3 4 1", "external 2/3/4 1",
     {"event": "external", "master": 2, "station": 3, "switch": 4, "state": 1}),
    ("load 2.1.3.3 100", "load 2.1.3.3 100",
     {"event": "load", "master": 2, "enclosure": 1, "module": 3, "load": 3, "level": 100}),
    ("load 2/33/8 40", "station_load 2/33/8 40",
     {"event": "station_load", "master": 2, "station": 33, "load": 8, "level": 40}),
    ("variable 1 2 40", "variable 1.2 40",
     {"event": "variable", "master": 1, "variable": 2, "level": 40}),
    ("leds 1 23 4C 20", "leds 1/23 on 3 4 7 blink 6",
     {"event": "leds", "master": 1, "station": 23, "on": [3, 4, 7], "blink": [6]}),
    ("leds 1 23 00 00", "leds 1/23",
     {"event": "leds", "master": 1, "station": 23, "on": [], "blink": []}),
    ("lcd 1 7 34 1", "lcd_led 1/7/34 on",
     {"event": "lcd_led", "master": 1, "station": 7, "button": 34, "on": True}),
    ("text Hello, house", "text Hello, house", {"event": "text", "line": "Hello, house"}),
    ("allon 3", "all_on 3", {"event": "all_on", "unaffected": 3}),
    ("alloff 0", "all_off 0", {"event": "all_off", "unaffected": 0}),
]

GROUPS = {
    "--buttons": {"button", "ir", "external"},
    "--loads": {"load", "station_load", "variable", "all_on", "all_off"},
    "--leds": {"leds", "lcd_led"},
}
ALWAYS = {"text", "connected", "synchronised", "disconnected"}


class Stream(ToolCase):
    def monitor(self, *arguments):
        """A monitor that is up: connected, reporting on, synchronised."""
        tool = self.start_tool("monitor", *arguments)
        self.assertEqual(tool.lines(2), ["connected", "synchronised"])
        return tool

    def kinds(self, lines):
        return [line.split()[0] for line in lines]


class Monitor(Stream):
    def test_text(self):
        self.simulate()
        tool = self.monitor()
        for command, expected, _ in EVENTS:
            self.sim.command(command)
            # The levels that all_on has left open may have been asked for meanwhile.
            line = tool.until("all_off")[-1] if expected == "all_off 0" else tool.line()
            self.assertEqual(line, expected)
        self.assertEqual(self.sim.command("reporting"), "1 1 1 3")

    def test_json(self):
        self.simulate()
        tool = self.start_tool("--json", "monitor")
        for expected in ("connected", "synchronised"):
            found = self.object(tool.line())
            self.assertRegex(found.pop("time"), TIME)
            self.assertEqual(found, {"event": expected})
        for command, _, expected in EVENTS:
            self.sim.command(command)
            found = self.object(tool.line())
            while expected["event"] == "all_off" and found["event"] != "all_off":
                found = self.object(tool.line())
            self.assertRegex(found.pop("time"), TIME)
            self.assertEqual(found, expected)
        self.sim.command("drop")
        while found["event"] != "disconnected":
            found = self.object(tool.line())
        self.assertEqual(set(found), {"time", "event", "reason"})
        self.assertRegex(found["reason"], r"\w")

    def test_without_serial(self):
        """No serial in the line, none in the object, whoever switched reporting on."""
        self.simulate()
        tool = self.start_tool("--json", "monitor", "--buttons")
        tool.lines(2)
        self.sim.command("reporting 0 1 0 0")
        self.sim.command("press 2 14 8")
        found = self.object(tool.line())
        del found["time"]
        self.assertEqual(found, {"event": "button", "master": 2, "station": 14, "button": 8,
                                 "state": "pressed"})

    def test_filters(self):
        for chosen in (["--buttons"], ["--loads"], ["--leds"], ["--leds", "--buttons"],
                       ["--buttons", "--loads", "--leds"]):
            with self.subTest(chosen):
                self.simulate()
                tool = self.monitor(*chosen)
                # Others have switched on what this monitor does not want.
                self.sim.command("reporting 1 1 1 3")
                for command, _, _ in EVENTS:
                    self.sim.command(command)
                self.sim.command("text the end")
                lines = tool.until("text the end")
                wanted = set().union(*(GROUPS[name] for name in chosen))
                self.assertEqual(set(self.kinds(lines)), wanted | {"text"})
                tool.signal(signal.SIGINT)
                tool.finish()

    def test_hostile_text(self):
        """No byte of the device reaches a terminal as a control; JSON stays valid UTF-8."""
        self.simulate()
        tool = self.monitor()
        self.sim.command("send 1b5b324a07ff9b410d")
        line = tool.line()
        self.assertRegex(line, r"\Atext [^\x00-\x1f\x7f-\x9f]*A\Z")
        tool = self.start_tool("--json", "monitor")
        tool.lines(2)
        self.sim.command("send 1b5b324aff22410d")
        self.assertEqual(self.object(tool.line())["line"], "\x1b[2J\ufffd\"A")

    def test_endless_line(self):
        """More than a line may hold: thrown away, and what follows is heard."""
        self.simulate()
        tool = self.monitor("--loads")
        self.sim.command("send " + "41" * 5000 + "0d")
        self.sim.command("garbage 50")
        self.sim.command("load 2.1.3.3 100")
        for line in tool.until("load"):
            self.assertRegex(line, r"\A(text [^\x00-\x1f\x7f-\x9f]{0,4096}|load 2.1.3.3 100)\Z")

    def test_count(self):
        self.simulate()
        tool = self.start_tool("monitor", "--count", "4")
        self.assertEqual(tool.lines(2), ["connected", "synchronised"])
        for level in (1, 2, 3):
            self.sim.command(f"load 1.1.1.1 {level}")
        self.assertEqual(tool.finish(), (0, "load 1.1.1.1 1\nload 1.1.1.1 2\n", ""))
        self.sim.wait("connections_now", 0, "=")

    def test_count_is_of_lines_printed(self):
        self.simulate()
        tool = self.start_tool("monitor", "--leds", "--count", "3")
        tool.lines(2)
        self.sim.command("reporting 1 1 1 3")
        self.sim.command("load 1.1.1.1 1")
        self.sim.command("leds 1 1 01 00")
        self.assertEqual(tool.finish(), (0, "leds 1/1 on 1\n", ""))

    def test_duration(self):
        self.simulate()
        begin = time.monotonic()
        tool = self.start_tool("monitor", "--duration", "0.5")
        self.assertEqual(tool.finish(), (0, "connected\nsynchronised\n", ""))
        self.assertGreaterEqual(time.monotonic() - begin, 0.5)

    def test_signals(self):
        self.simulate()
        for number in (signal.SIGINT, signal.SIGTERM):
            tool = self.monitor()
            tool.signal(number)
            self.assertEqual(tool.finish(), (-number, "", ""))
            self.sim.wait("connections_now", 0, "=")

    def test_read_only(self):
        self.simulate()
        self.sim.command("reporting 1 1 1 3")
        tool = self.monitor("--mode", "read-only")
        self.sim.command("load 2.1.3.3 100")
        self.assertEqual(tool.line(), "load 2.1.3.3 100")
        self.assertRegex(tool.stderr(), r"\Aqlink: [^\n]+\n\Z")
        self.assertEqual(self.sim.command("reporting"), "1 1 1 3")
        self.assertEqual({door for door, _, _ in self.log()} - {"query-port"}, set())
        self.assertEqual(self.sim.stats()["connections_by_port"]["port"], 0)
        self.assertEqual([line for line in self.sent() if line.startswith("VO")], [])

    def test_enabling_refused(self):
        self.simulate()
        for code in (256, 257):
            self.sim.command(f"error {code}")
            self.assert_fails(["monitor"], 1)
        self.assertTrue(self.sent()[0].startswith("VO"))

    def test_enabling_with_another_value(self):
        """Not what was asked for: no success, even if it looks like an answer."""
        self.simulate()
        self.sim.command("answer ROS 1 0")
        status, stdout, _ = self.run_tool("monitor", "--timeout", "2", "--style", "detailed")
        self.assertIn(status, (1, 6))
        self.assertEqual(stdout, "")


class Loss(Stream):
    def assert_back(self, tool):
        """Reporting has been switched on again, and the events come."""
        self.assertEqual(self.sim.command("reporting"), "1 1 1 3")
        self.sim.command("press 2 14 8")
        self.assertEqual(tool.line(), "button 2/14/8 pressed")

    def lose(self, tool, *faults):
        """Reporting is switched off and levels change unseen; then the line is lost."""
        for command in ("load 1.1.1.1 50", "load 1.1.1.2 20", "load 2/33/8 30", "variable 1 2 40"):
            self.sim.command(command)
        seen = ["load 1.1.1.1 50", "load 1.1.1.2 20", "station_load 2/33/8 30", "variable 1.2 40"]
        self.assertEqual(tool.lines(4), seen)
        self.sim.command("reporting 0 0 0 0")
        self.sim.command("load 1.1.1.1 77 quiet")
        self.sim.command("variable 1 2 41 quiet")
        for fault in faults:
            self.sim.command(fault)
        line = tool.line()
        self.assertRegex(line, r"\Adisconnected \S")

    def assert_told_once(self, tool):
        """What changed meanwhile, nothing else, between `connected` and `synchronised`."""
        lines = tool.lines(4)
        self.assertEqual((lines[0], lines[3]), ("connected", "synchronised"))
        self.assertEqual(sorted(lines[1:3]), ["load 1.1.1.1 77", "variable 1.2 41"])

    def check(self, *faults, arguments=()):
        self.simulate()
        tool = self.monitor(*arguments)
        self.lose(tool, *faults)
        self.assert_told_once(tool)
        self.assert_back(tool)
        tool.signal(signal.SIGTERM)
        self.assertEqual(tool.finish(), (-signal.SIGTERM, "", ""))

    def test_reset(self):
        self.check("reset")

    def test_closed(self):
        self.check("drop")

    def test_half_closed(self):
        self.check("half-close")

    def test_vanished(self):
        """No FIN, no RST: only the probe finds out."""
        self.check("vanish on accept", arguments=("--probe", "0.3"))

    def test_silent(self):
        """The box is there, the master behind it is not."""
        self.simulate()
        tool = self.monitor("--probe", "0.3")
        self.sim.command("silent on")
        self.assertTrue(tool.line().startswith("disconnected"))
        self.sim.command("silent off")
        # What the silent time has asked may be lost once more.
        self.assertEqual(set(self.kinds(tool.until("connected"))) - {"disconnected"}, {"connected"})
        self.assertEqual(tool.line(), "synchronised")
        self.assert_back(tool)

    def test_quiet_is_no_loss(self):
        self.simulate()
        tool = self.monitor("--probe", "0.2")
        self.sim.wait_for(lambda: sum(line.startswith("VEC") for line in self.sent()) >= 3)
        self.sim.command("load 1.1.1.1 50")
        self.assertEqual(tool.line(), "load 1.1.1.1 50")
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_away_and_back(self):
        self.simulate()
        tool = self.monitor()
        before = refusals()
        self.lose(tool, "listen off", "drop")
        self.sim.wait_for(lambda: refusals() > before)
        self.sim.command("listen on")
        self.assert_told_once(tool)
        self.assert_back(tool)

    def test_enabling_refused_later(self):
        self.simulate()
        tool = self.monitor()
        self.sim.command("error 257")
        self.sim.command("reset")
        self.assertEqual(self.kinds(tool.lines(4)),
                         ["disconnected", "disconnected", "connected", "synchronised"])
        self.assert_back(tool)

    def test_signal_while_away(self):
        self.simulate()
        tool = self.monitor()
        self.sim.command("listen off")
        self.sim.command("reset")
        self.assertTrue(tool.line().startswith("disconnected"))
        tool.signal(signal.SIGINT)
        self.assertEqual(tool.finish()[:2], (-signal.SIGINT, ""))

    def test_count_while_away(self):
        self.simulate()
        tool = self.start_tool("monitor", "--count", "3")
        tool.lines(2)
        self.sim.command("listen off")
        self.sim.command("reset")
        status, stdout, _ = tool.finish()
        self.assertEqual((status, self.kinds(stdout.splitlines())), (0, ["disconnected"]))


class Poll(Stream):
    def test_levels_then_changes(self):
        self.simulate()
        self.sim.command("load 102 7 quiet")
        tool = self.start_tool("poll", "101", "102", "--interval", "0.1")
        self.assertEqual(tool.lines(2), ["101 0", "102 7"])
        self.sim.command("load 101 33")
        self.assertEqual(tool.line(), "101 33")
        self.sim.command("load 102 8 quiet")
        self.assertEqual(tool.line(), "102 8")
        self.sim.wait("commands", self.sim.stats()["commands"] + 6)
        tool.signal(signal.SIGINT)
        self.assertEqual(tool.finish(), (-signal.SIGINT, "", ""))
        self.assertEqual({door for door, _, _ in self.log()}, {"query-port"})
        self.assertEqual({line[:3] for line in self.sent()}, {"VGL"})
        self.assertLessEqual(self.sim.stats()["connections_total"], 2)

    def test_json(self):
        self.simulate()
        self.sim.command("load 2.3.4.5 9 quiet")
        tool = self.start_tool("-j", "poll", "101", "2.3.4.5", "--interval", "0.1", "--count", "3")
        found = [self.object(line) for line in tool.lines(2)]
        self.sim.command("load 2.3.4.5 10")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stderr), (0, ""))
        found += self.objects(stdout)
        for row in found:
            self.assertRegex(row.pop("time"), TIME)
        self.assertEqual(found, [{"load": "101", "level": 0}, {"load": "2.3.4.5", "level": 9},
                                 {"load": "2.3.4.5", "level": 10}])

    def test_interval_and_duration(self):
        self.simulate()
        tool = self.start_tool("poll", "101", "--interval", "60", "--duration", "0.3")
        self.assertEqual(tool.finish(), (0, "101 0\n", ""))
        self.assertEqual(len(self.sent()), 1)

    def test_goes_on_after_a_fault(self):
        for fault in ("error 258", "reset", "drop", "answer HELLO"):
            with self.subTest(fault):
                self.simulate()
                words = ["poll", "101", "--interval", "0.1", "--timeout", "1", "--count", "2"]
                tool = self.start_tool(*words)
                self.assertEqual(tool.line(), "101 0")
                self.sim.command(fault)
                before = self.sim.stats()["commands"]
                self.sim.wait("commands", before + 2)
                self.sim.command("load 101 40")
                self.assertEqual(tool.finish()[:2], (0, "101 40\n"))


if __name__ == "__main__":
    unittest.main()
