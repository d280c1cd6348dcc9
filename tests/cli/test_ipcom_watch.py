#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ipcom watch: changes, commands on standard input, moving shutters, loss, and its ends."""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import TIME, refusals  # noqa: E402
from ipcom_common import DEVICES, PAIRS, IpcomCase, module  # noqa: E402

HALL = {"device_key": "hall", "display_name": "Hall", "category": "lights"}

# Command lines that are wrong, as a line of words and as an object.
WRONG = [
    "fly hall", "on", "on nobody", "on 9.9", "on 1.1 nobody", "set hall", "set hall 256",
    "set hall x", "dim dining", "dim dining 101", "dim dining 40 50", "dim hall 40", "open hall",
    "open", "cover_stop nobody", "status", "get hall", "dump", "watch", "probe", "ON hall",
    "on patio_up patio_down", "on \x1b[2J\x07", "on \u00fc",
    "{", "{}", "[]", '{"command":"fly"}', '{"command":1}', '{"command":"on"}',
    '{"command":"on","output":"nobody"}', '{"command":"on","output":5}', '{"output":"hall"}',
    '{"command":"on","output":"hall"} x', '{"command":"dim","output":"dining"}',
    '{"command":"dim","output":"dining","value":101}',
    '{"command":"dim","output":"dining","value":"x"}',
    '{"command":"set","output":"hall","value":-1}', '{"command":"open","output":"hall"}',
    '{"command":"set","output":"hall","value":4294967297}',
    '{"command":"set","output":"hall","value":1e99}', '{"command":"get","output":"hall"}',
    "[" * 3000, '{"command":' * 1000,
]

# What standard input says, the line that comes of it, and the write.
COMMANDS = [
    ("on hall", "hall 0 255", (1, module(255))),
    ("off 1.1", "hall 255 0", (1, module())),
    ("toggle hall", "hall 0 255", (1, module(255))),
    ("  set   porch  255 ", "porch 0 255", (3, module(0, 0, 0, 255))),
    ("set 7.2 255", "7.2 0 255", (7, module(0, 255))),
    ("dim dining 40", "dining 0 40", (6, module(40))),
    ('{"command":"dim","output":"dining","value":60}', "dining 40 60", (6, module(60))),
    ('{"command":"off","output":"hall"}', "hall 255 0", (1, module())),
    ('{"command":"toggle","output":"3.4"}', "porch 255 0", (3, module())),
    ('{ "output": "7.2", "value": 0, "command": "set" }', "7.2 255 0", (7, module())),
    ("open patio_up", "patio_up 0 255", (5, module(0, 0, 0, 0, 0, 0, 0, 255))),
    ("cover_stop patio_down", "patio_up 255 0", (5, module())),
    ('{"command":"cover_open","output":"patio_down"}', "patio_up 0 255",
     (5, module(0, 0, 0, 0, 0, 0, 0, 255))),
    ('{"command":"stop","output":"patio_up"}', "patio_up 255 0", (5, module())),
]


class Watch(IpcomCase):
    def setUp(self):
        super().setUp()
        self.simulate("--pairs", PAIRS)
        self.furnish()

    def changes(self, line):
        """The changes in a line of JSON, whose frame is checked."""
        found = self.object(line)
        self.assertEqual(set(found), {"timestamp", "changes"})
        self.assertRegex(found["timestamp"], TIME)
        return found["changes"]

    def next_changes(self, tool):
        """Those of the next line that has some."""
        while True:
            found = self.changes(tool.line())
            if found:
                return found

    def assert_works(self, tool, output="16.1"):
        """It still sees what happens."""
        old = self.sim.command(f"get {output}")
        new = "0" if old != "0" else "255"
        self.sim.command(f"wall {output} {new}")
        self.assertEqual(tool.line(), f"{output} {old} {new}")

    def assert_ends(self, tool, number=signal.SIGTERM):
        tool.signal(number)
        self.assertEqual(tool.finish()[:2], (-number, ""))
        self.assert_gone()


class Lines(Watch):
    def test_text(self):
        self.walls(m6_1=7)
        tool = self.watch()
        for change, line in (({"m1_1": 255}, "hall 0 255"), ({"m6_1": 40}, "dining 7 40"),
                             ({"m7_7": 1}, "7.7 0 1"), ({"m1_1": 0}, "hall 255 0"),
                             ({"m9_1": 255}, "attic_down 0 255")):
            self.walls(**change)
            self.assertEqual(tool.line(), line)
        self.sim.command("other 3 255 0 0 255 0 0 0 0")
        self.assertEqual(sorted(tool.lines(2)), ["3.1 0 255", "porch 0 255"])
        self.assert_ends(tool)
        self.assertEqual((self.writes(), self.sim.stats()["connections_total"]), ([], 1))

    def test_json(self):
        self.walls(m1_1=255)
        tool = self.start_tool("--json", "watch")
        self.assertEqual([self.changes(line) for line in tool.lines(3)], [[], [], []])
        self.walls(m1_1=0)
        self.assertEqual(self.next_changes(tool), [{"module": 1, "output": 1, "old": 255, "new": 0,
                                                    **HALL}])
        self.assertEqual(self.changes(tool.line()), [])
        self.sim.command("other 3 9 0 0 0 0 0 0 0")
        self.assertEqual(self.next_changes(tool), [{"module": 3, "output": 1, "old": 0, "new": 9}])
        self.sim.command("other 1 255 255 0 0 0 0 0 0")
        self.assertEqual(len(self.next_changes(tool)), 2)
        self.assert_ends_json(tool)

    def assert_ends_json(self, tool):
        tool.signal(signal.SIGINT)
        status, stdout, _ = tool.finish()
        self.assertEqual(status, -signal.SIGINT)
        for line in stdout.splitlines():
            self.changes(line)
        self.assert_gone()

    def test_changes_alone(self):
        tool = self.watch("--json", "--changes")
        self.walls(m1_1=255)
        self.assertEqual(self.changes(tool.line()), [{"module": 1, "output": 1, "old": 0,
                                                      "new": 255, **HALL}])
        self.sim.wait("polls", self.sim.stats()["polls"] + 2)
        self.walls(m1_1=0)
        self.assertEqual([row["new"] for row in self.changes(tool.line())], [0])

    def test_count(self):
        tool = self.start_tool("--json", "watch", "--count", "2")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stderr), (0, ""))
        self.assertEqual([self.changes(line) for line in stdout.splitlines()], [[], []])
        self.assert_gone()
        tool = self.watch("--count", "3")
        self.sim.command("other 3 255 0 0 255 0 0 0 0")
        tool.lines(2)
        self.sim.command("other 1 255 255 0 0 0 0 0 0")  # two changes, one of them too many
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout.count("\n"), stderr), (0, 1, ""))
        self.assert_gone()

    def test_duration(self):
        """Longer than the time limit, which is one for getting connected."""
        begin = time.monotonic()
        tool = self.start_tool("watch", "--duration", "0.9", "--timeout", "0.5")
        self.assertEqual(tool.finish(), (0, "", ""))
        self.assertGreaterEqual(time.monotonic() - begin, 0.9)
        self.assert_gone()

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in ([], ["--json", "--changes"]):
                self.assert_ends(self.watch(*words), number)


class Commands(Watch):
    def test_commands(self):
        tool = self.watch()
        self.sim.command("dead-time 0")
        for command, line, write in COMMANDS:
            with self.subTest(command):
                tool.tell(command)
                self.assertEqual(tool.line(), line)
                self.assertEqual(self.writes()[-1], write)
        self.assertEqual(len(self.writes()), len(COMMANDS))
        self.assertEqual(tool.stderr(), "")
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_several(self):
        """Lines that come together, a line in pieces, one command for several outputs."""
        tool = self.watch()
        tool.tell("on hall\non 2.1 2.2\n" + '{"command":"on","output":"porch"}')
        self.assertEqual(sorted(tool.lines(4)), ["2.1 0 255", "2.2 0 255", "hall 0 255",
                                                 "porch 0 255"])
        self.assertEqual(len(self.writes()), 3)
        for piece in (b"off ", b"ha", b"ll\n"):
            tool.process.stdin.write(piece)
            tool.process.stdin.flush()
            self.sim.wait("polls", self.sim.stats()["polls"] + 1)
        self.assertEqual(tool.line(), "hall 255 0")
        self.assertEqual(tool.stderr(), "")

    def test_before_the_first_snapshot(self):
        """They wait; the neighbours are known when they are sent."""
        self.sim.command("delay 300")
        self.walls(m1_2=255)
        tool = self.start_tool("watch", stdin=subprocess.PIPE)
        tool.tell("on hall")
        self.assertEqual(tool.line(), "hall 0 255")
        self.assertEqual(self.writes(), [(1, module(255, 255))])

    def test_wrong(self):
        """A line on stderr each, nothing else: no write, no data, no end."""
        tool = self.watch("--dead-time", "0.5")
        for number, command in enumerate(WRONG, 1):
            with self.subTest(command[:60]):
                tool.tell(command)
                self.sim.wait_for(lambda n=number: tool.stderr().count("\n") >= n)
                self.assertRegex(tool.stderr().splitlines()[-1], r"\Aipcom: [^\x00-\x1f\x7f]+\Z")
        self.assertEqual(tool.stderr().count("\n"), len(WRONG))
        self.assertEqual(self.writes(), [])
        self.assert_works(tool)

    def test_endless_line(self):
        tool = self.watch("--json", "--changes")
        tool.tell("on hall " + "x" * 300000)
        tool.tell("on porch")
        self.assertEqual([row["output"] for row in self.changes(tool.line())], [4])
        self.assertEqual(self.writes(), [(3, module(0, 0, 0, 255))])
        self.assertRegex(tool.stderr(), r"\A(ipcom: [^\n]{1,1000}\n)+\Z")
        self.assertEqual(tool.stderr().count("\n"), 1)

    def test_bytes_that_are_no_text(self):
        tool = self.watch()
        tool.process.stdin.write(b"on hall\0off\n\xff\xfe\n")
        tool.tell("on porch")
        self.assertEqual(tool.line(), "porch 0 255")
        self.assertEqual(tool.stderr().count("\n"), 2)
        tool.stderr().encode("utf-8")

    def test_failed(self):
        """No snapshot shows it: a line on stderr, and the watch goes on."""
        self.sim.command("apply-delay 60000")
        tool = self.watch()
        tool.tell("open patio_up")
        self.sim.wait_for(lambda: tool.stderr().endswith("\n"))
        self.assertRegex(tool.stderr(), r"\Aipcom: [^\n]+\n\Z")
        self.assert_works(tool)

    def test_unsafe(self):
        """The other relay is on: refused, nothing sent."""
        self.walls(m5_8=255)
        tool = self.watch()
        tool.tell("on patio_down")
        self.sim.wait_for(lambda: tool.stderr().endswith("\n"))
        self.assert_works(tool)
        self.assertEqual((self.writes(), tool.stderr().count("\n")), ([], 1))

    def test_end_of_input(self):
        """Neither an end nor a reason to be busy."""
        tool = self.watch()
        tool.tell("on hall")
        tool.process.stdin.close()
        self.assertEqual(tool.line(), "hall 0 255")
        self.sim.wait("polls", self.sim.stats()["polls"] + 2)
        self.assert_works(tool)
        with open(f"/proc/{tool.process.pid}/stat", encoding="ascii") as file:
            used = file.read().rpartition(")")[2].split()[11:13]
        self.assertLess(sum(map(int, used)) / os.sysconf("SC_CLK_TCK"), 0.25)
        self.assert_ends(tool)


class Shutters(Watch):
    UP, DOWN, NONE = (module(0, 0, 0, 0, 0, 0, 0, 255), module(0, 0, 0, 0, 0, 0, 255), module())

    def vectors(self):
        return [values for number, values in self.writes() if number == 5]

    def test_reversal(self):
        """Both off, the dead time, the other way; the simulator watches the relays as well."""
        self.sim.command("dead-time 480")
        tool = self.watch()
        tool.tell("open patio_up")
        self.assertEqual(tool.line(), "patio_up 0 255")
        tool.tell("close patio_up")
        self.assertEqual(tool.lines(2), ["patio_up 255 0", "patio_down 0 255"])
        tool.tell("open patio_down")
        self.assertEqual(tool.lines(2), ["patio_down 255 0", "patio_up 0 255"])
        self.assertEqual(self.vectors(), [self.UP, self.NONE, self.DOWN, self.NONE, self.UP])
        times = [when for when, _, _ in self.timed_writes()]
        self.assertGreaterEqual(times[2] - times[1], 0.49)
        self.assertGreaterEqual(times[4] - times[3], 0.49)

    def test_stop_is_remembered(self):
        """Stopped by one command, set moving by the next: the dead time lies between them."""
        self.sim.command("dead-time 480")
        tool = self.watch()
        tool.tell("open patio_up")
        tool.line()
        tool.tell("stop patio_up")
        self.assertEqual(tool.line(), "patio_up 255 0")
        tool.tell("close patio_up")
        self.assertEqual(tool.line(), "patio_down 0 255")
        times = [when for when, number, values in self.timed_writes()]
        self.assertGreaterEqual(times[-1] - times[1], 0.49)

    def check_travel(self, tool, least):
        tool.tell("open patio_up")
        self.assertEqual(tool.lines(2), ["patio_up 0 255", "patio_up 255 0"])
        self.assertEqual(self.vectors(), [self.UP, self.NONE])
        (begin, _, _), (end, _, _) = self.timed_writes()
        self.assertTrue(least - 0.01 <= end - begin < least + 4, end - begin)

    def test_travel_time(self):
        self.check_travel(self.watch("--travel-time", "0.6"), 0.6)

    def test_travel_time_of_the_devices_file(self):
        self.furnish(DEVICES.replace("relay_role: up\n", "relay_role: up\n    travel_time: 0.7\n"))
        self.check_travel(self.watch("--travel-time", "60"), 0.7)

    def test_stopped_at_the_end(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            before = len(self.vectors())
            tool = self.watch()
            tool.tell("open patio_up")
            self.assertEqual(tool.line(), "patio_up 0 255")
            self.assert_ends(tool, number)
            self.assertEqual(self.vectors()[before:], [self.UP, self.NONE])
            self.assertEqual(self.sim.command("get"), "-")

    def test_stopped_at_the_end_of_count(self):
        tool = self.watch("--count", "1")
        tool.tell("open patio_up")
        self.assertEqual(tool.finish(), (0, "patio_up 0 255\n", ""))
        self.assert_gone()
        self.assertEqual(self.vectors(), [self.UP, self.NONE])

    def test_others_are_not_stopped(self):
        """A shutter that somebody else moves is not ours to stop."""
        self.walls(m5_8=255)
        tool = self.watch("--travel-time", "0.4")
        tool.tell("on hall")
        self.assertEqual(tool.line(), "hall 0 255")
        self.sim.wait("polls", self.sim.stats()["polls"] + 3)
        self.assert_ends(tool)
        self.assertEqual(self.sim.command("get"), "1.1=255 5.8=255")

    def test_both_relays_on(self):
        """Found in a snapshot: both are switched off, unless --force."""
        tool = self.watch()
        self.sim.command("other 5 255 0 0 0 0 0 255 255")
        self.sim.wait("writes", 1)
        self.assertEqual(self.vectors(), [module(255)])
        self.assert_ends_after(tool, ["5.1 0 255", "patio_down 0 255", "patio_up 0 255",
                                      "patio_down 255 0", "patio_up 255 0"])
        tool = self.watch("--force")
        self.sim.command("other 5 255 0 0 0 0 0 255 255")
        self.assertEqual(sorted(tool.lines(2)), ["patio_down 0 255", "patio_up 0 255"])
        self.sim.wait("polls", self.sim.stats()["polls"] + 2)
        self.assertEqual(len(self.vectors()), 1)

    def assert_ends_after(self, tool, lines):
        self.assertEqual(sorted(tool.lines(len(lines))), sorted(lines))
        self.assert_ends(tool)


class Loss(Watch):
    def away(self, tool, *faults):
        """Gone, and something happens meanwhile; back when the tool has noticed."""
        before = refusals()
        for command in (*faults, "listen off", "drop"):
            self.sim.command(command)
        self.walls(m1_1=0, m3_4=255)
        self.sim.wait_for(lambda: refusals() > before)
        self.assertIsNone(tool.process.poll())
        self.sim.command("listen on")

    def test_back_with_a_new_key(self):
        """Longer away than the limit for getting connected."""
        self.walls(m1_1=255)
        tool = self.watch("--timeout", "0.5")
        self.away(tool, "key q")
        self.assertEqual(sorted(tool.lines(2)), ["hall 255 0", "porch 0 255"])
        tool.tell("on pump")
        self.assertEqual(tool.line(), "pump 0 255")
        self.assertEqual(self.sim.stats()["connections_total"], 2)
        self.assert_ends(tool)

    def test_json(self):
        self.walls(m1_1=255)
        tool = self.watch("--json")
        for command in ("key random", "drop", "wall 1.1 0", "wall 3.4 255"):
            self.sim.command(command)
        rows = []
        while len(rows) < 2:
            rows += [(row["module"], row["output"], row["old"], row["new"])
                     for row in self.next_changes(tool)]
        self.assertEqual(sorted(rows), [(1, 1, 255, 0), (3, 4, 0, 255)])
        self.assertEqual(self.sim.stats()["connections_total"], 2)

    def test_signal_while_away(self):
        tool = self.watch()
        before = refusals()
        self.sim.command("listen off")
        self.sim.command("reset")
        self.sim.wait_for(lambda: refusals() > before)
        tool.signal(signal.SIGTERM)
        self.assertEqual(tool.finish(5)[:2], (-signal.SIGTERM, ""))

    def test_shutter_is_not_set_moving_again(self):
        """Lost while it moves: nothing of the kind is replayed on the next connection."""
        tool = self.watch()
        tool.tell("open patio_up")
        self.assertEqual(tool.line(), "patio_up 0 255")
        self.sim.command("wall 5.8 0")
        self.sim.command("drop")
        self.assertEqual(tool.line(), "patio_up 255 0")
        self.assert_works(tool)
        self.assertEqual([values for _, values in self.writes() if any(values)],
                         [Shutters.UP])


if __name__ == "__main__":
    unittest.main()
