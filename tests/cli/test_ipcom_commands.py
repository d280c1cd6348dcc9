#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The one-shot commands of ipcom from end to end: what is written, what is printed.

Where the settings come from is here too: file, environment, command line, password file.
"""

import os
import sys
import unittest

sys.dont_write_bytecode = True

from common import TIME  # noqa: E402
from ipcom_common import DEVICES, PAIRS, IpcomCase, module  # noqa: E402

COMMANDS = ("status get set on off toggle dim watch cover_open cover_close cover_stop open close"
            " stop dump probe").split()
OPTIONS = ("--host --port --timeout --json --verbose --trace --help --version --username"
           " --password --password-file --debug --devices-file --bus --bus-type --dimmer-modules"
           " --travel-time --dead-time --allow-clear --force").split()


def device(key, category, output, kind="switch", name=None, value=0, **more):
    """What `status --json` says of a device."""
    place = [int(part) for part in output.split(".")]
    return {"device_key": key, "display_name": name or key.upper(), "category": category,
            "type": kind, "module": place[0], "output": place[1],
            "supports_brightness": kind == "dimmer", "value": value,
            "state": "on" if value else "off", **more}


def house(hall=0, porch=0, dining=0, percent=0, patio_up=0):
    """All devices, by their keys."""
    found = [
        device("hall", "lights", "1.1", name="Hall", value=hall),
        device("porch", "lights", "3.4", "light", value=porch),
        device("dining", "lights", "6.1", "dimmer", "Dining", dining, brightness=percent),
        device("pump", "switches", "2.8", name="Pump in the garden"),
        device("patio_down", "shutters", "5.7", name="Patio down", relay_role="down",
               paired_device="patio_up"),
        device("patio_up", "shutters", "5.8", name="Patio up", value=patio_up, relay_role="up",
               paired_device="patio_down"),
        device("attic_down", "shutters", "9.1", relay_role="down", paired_device="attic_up"),
        device("attic_up", "shutters", "10.2", relay_role="up", paired_device="attic_down"),
    ]
    return {row["device_key"]: row for row in found}


class House(IpcomCase):
    def setUp(self):
        super().setUp()
        self.simulate("--pairs", PAIRS)
        self.furnish()


class Reading(House):
    def status(self, *names):
        status, stdout, stderr = self.run_tool("--json", "status", *names)
        self.assertEqual((status, stderr, stdout.count("\n")), (0, "", 1))
        found = self.object(stdout.rstrip("\n"))
        self.assertEqual(set(found), {"timestamp", "host", "devices"})
        self.assertRegex(found["timestamp"], TIME)
        self.assertEqual(found["host"], "127.0.0.1")
        rows = {row["device_key"]: row for row in found["devices"]}
        self.assertEqual(len(rows), len(found["devices"]))
        return rows

    def test_get(self):
        self.walls(m3_4=255, m6_1=40)
        for words, text in ((["3.4"], "255\n"), (["3.3"], "0\n"), (["porch"], "255\n"),
                            (["6.1", "3.4", "16.8"], "6.1 40\n3.4 255\n16.8 0\n"),
                            (["dining", "hall", "3.4"], "dining 40\nhall 0\n3.4 255\n")):
            self.assert_output(["get", *words], text)
        self.assert_json(["get", "3.4"], [{"output": "3.4", "value": 255}])
        self.assert_json(["get", "6.1", "1.1"],
                         [{"output": "6.1", "value": 40}, {"output": "1.1", "value": 0}])
        self.assertEqual(self.writes(), [])

    def test_get_is_one_poll(self):
        self.assert_output(["get", "1.1"], "0\n")
        self.assert_gone()
        self.assertEqual(self.requests(), ["login demo bus 1", "poll", "disconnect"])

    def test_names_in_capitals(self):
        self.walls(m3_4=255)
        for name in ("PORCH", "Porch"):
            self.assert_output(["get", name], "255\n")

    def test_dump(self):
        self.walls(m1_1=255, m6_2=99, m16_8=1)
        rows = [module() for _ in range(16)]
        rows[0][0], rows[5][1], rows[15][7] = 255, 99, 1
        text = "".join(f"{number} {' '.join(map(str, row))}\n"
                       for number, row in enumerate(rows, 1))
        self.assert_output(["dump"], text)
        self.assert_json(["dump"], [{"modules": rows}])

    def test_status_json(self):
        self.assertEqual(self.status(), house())
        self.walls(m1_1=255, m3_4=1, m6_1=40, m5_8=255, m7_7=255)
        rows = house(hall=255, porch=1, dining=40, percent=40, patio_up=255)
        self.assertEqual(self.status(), rows)
        self.assertEqual(self.status("hall", "pump"), {key: rows[key] for key in ("hall", "pump")})
        self.walls(m6_1=255)  # what a dimmer reports when it is fully on
        self.assertEqual(self.status("dining")["dining"]["brightness"], 100)

    def test_status_without_devices(self):
        os.unlink(os.path.join(self.dir, "devices.yaml"))
        self.walls(m1_1=255)
        self.assertEqual(self.status(), {})

    def test_status_table(self):
        """Active outputs alone, a line each; also those without a name."""
        self.assertEqual(self.run_tool("status")[0], 0)
        self.walls(m1_1=255, m6_1=40, m7_7=255)
        status, stdout, stderr = self.run_tool("status")
        self.assertEqual((status, stderr), (0, ""))
        lines = stdout.splitlines()
        for word in ("1.1", "6.1", "7.7", "Hall", "Dining", "40"):
            found = [line for line in lines if word.lower() in line.lower()]
            self.assertEqual(len(found), 1, f"{word} in {stdout}")
        for word in ("3.4", "porch", "patio", "2.8"):
            self.assertNotIn(word, stdout.lower())

    def test_probe(self):
        for limit in (1, 3):
            for full in ("refuse", "accept-close"):
                with self.subTest(limit=limit, full=full):
                    self.simulate("--limit", limit, "--full", full, "--firmware", "2.07")
                    status, stdout, stderr = self.run_tool("--json", "probe")
                    self.assertEqual((status, stderr), (0, ""))
                    found = self.object(stdout.rstrip("\n"))
                    for key in ("login_ms", "poll_ms"):
                        self.assertIn(type(found[key]), (int, float))
                        self.assertTrue(0 <= found.pop(key) < 10000)
                    self.assertEqual(found, {"firmware": "2.07", "encrypted": True,
                                             "connections": limit})
                    self.assertEqual(self.writes(), [])
        status, stdout, stderr = self.run_tool("probe")
        self.assertEqual((status, stderr), (0, ""))
        self.assertIn("2.07", stdout)


class Writing(House):
    def test_set(self):
        self.assert_wrote(["set", "3.4", "255"], (3, module(0, 0, 0, 255)))
        self.assert_wrote(["set", "porch", "0"], (3, module()))
        self.assert_wrote(["set", "dining", "41"], (6, module(41)))
        self.assert_wrote(["--json", "set", "16.8", "255"], (16, module(0, 0, 0, 0, 0, 0, 0, 255)))
        self.assert_gone()

    def test_each_module_once(self):
        words = ["set", "3.4", "255", "6.1", "40", "3.1", "255", "hall", "255", "3.8", "255"]
        self.assert_output(words, "")
        third = module(255, 0, 0, 255, 0, 0, 0, 255)
        self.assertEqual(sorted(self.writes()),
                         [(1, module(255)), (3, third), (6, module(40))])
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_neighbours_are_left_alone(self):
        self.walls(m3_1=255, m3_2=7, m3_8=255)
        self.assert_wrote(["on", "porch"], (3, module(255, 7, 0, 255, 0, 0, 0, 255)))
        self.walls(m3_1=0)
        self.assert_wrote(["off", "3.2", "porch"], (3, module(0, 0, 0, 0, 0, 0, 0, 255)))

    def test_confirmed_before_the_return(self):
        """A snapshot shows the value before the tool ends, however late it is."""
        for answer in ("ack", "snapshot", "none"):
            with self.subTest(answer):
                self.sim.command(f"write-answer {answer}")
                self.sim.command("apply-delay 300")
                self.assert_output(["toggle", "hall"], "")
                wanted = "1.1=255" if self.sim.command("get 1.1") == "255" else "-"
                self.assert_gone()
                shown = [text for _, _, arrow, text in self.log()
                         if arrow == "<" and text.startswith("snapshot ")]
                self.assertEqual(shown[-1], f"snapshot {wanted}")
        self.assertEqual([values for _, values in self.writes()],
                         [module(255), module(), module(255)])

    def test_switching(self):
        self.assert_wrote(["on", "hall"], (1, module(255)))
        self.assert_wrote(["off", "hall"], (1, module()))
        self.assert_wrote(["toggle", "hall"], (1, module(255)))
        self.assert_wrote(["toggle", "1.1"], (1, module()))
        self.walls(m1_1=1)  # whatever is not 0 is on
        self.assert_wrote(["toggle", "hall"], (1, module()))
        self.assert_wrote(["on", "1.1", "1.3"], (1, module(255, 0, 255)))
        self.assert_wrote(["toggle", "1.1", "1.2", "1.3"], (1, module(0, 255)))

    def test_dimmers(self):
        self.assert_wrote(["on", "dining"], (6, module(100)))
        self.assert_wrote(["toggle", "dining"], (6, module()))
        self.assert_wrote(["toggle", "dining"], (6, module(100)))
        self.assert_wrote(["dim", "dining", "40"], (6, module(40)))
        self.assert_wrote(["dim", "DINING", "1"], (6, module(1)))
        self.assert_wrote(["dim", "dining", "0"], (6, module()))
        self.assert_wrote(["on", "6.1"], (6, module(100)))

    def test_rounding_dimmer(self):
        """Some dimmers know even percentages only: 40 is 41 as well."""
        self.sim.command("dimmers 6")
        self.sim.command("rounding on")
        self.assert_wrote(["dim", "dining", "41"], (6, module(41)))
        self.assert_output(["get", "dining"], "40\n")

    def test_dimmer_modules(self):
        os.unlink(os.path.join(self.dir, "devices.yaml"))
        self.assert_wrote(["on", "6.2", "7.1"], (6, module(0, 255)), (7, module(255)))
        self.assert_wrote(["off", "6.2", "7.1"], (6, module()), (7, module()))
        words = ["--dimmer-modules", "6,7"]
        self.assert_wrote([*words, "on", "6.2", "7.1"], (6, module(0, 100)), (7, module(100)))
        self.assert_wrote([*words, "toggle", "6.2"], (6, module()))
        self.assert_wrote([*words, "dim", "7.1", "30"], (7, module(30)))
        self.assert_wrote([*words, "on", "8.1"], (8, module(255)))
        self.furnish("lights:\n  hall:\n    module: 1\n    output: 1\n")
        self.assert_wrote([*words, "on", "6.2"], (6, module(0, 100)))

    def test_buses(self):
        for bus in ("1", "2"):
            for kind in ("minido", "bibus", "other"):
                with self.subTest(bus=bus, kind=kind):
                    self.simulate("--bus-type", kind)
                    words = ["--bus", bus, "--bus-type", kind, "on", "3.4"]
                    self.assert_wrote(words, (3, module(0, 0, 0, 255)))
                    self.assertEqual(self.requests()[0], f"login demo bus {bus}")

    def test_devices_of_any_key(self):
        """Keys and line conditions of a device: the same outcome."""
        for words in (["--key", "q"], ["--key", "random"], ["--fragment", "1"], ["--dribble"],
                      ["--merge"], ["--write-answer", "none"], ["--write-answer", "snapshot"],
                      ["--ack-bus"], ["--disconnect-answer"]):
            with self.subTest(words):
                self.simulate(*words)
                self.walls(m3_1=255)
                self.assert_wrote(["on", "3.4"], (3, module(255, 0, 0, 255)))
                self.assert_output(["get", "3.4"], "255\n")


class Covers(House):
    def test_commands(self):
        """Either relay names the shutter. Nobody remembers the dead time between two runs."""
        self.sim.command("dead-time 0")
        for prefix in ("cover_", ""):
            for name in ("patio_up", "patio_down", "PATIO_UP"):
                for command, values in (("open", module(0, 0, 0, 0, 0, 0, 0, 255)),
                                        ("stop", module()),
                                        ("close", module(0, 0, 0, 0, 0, 0, 255)),
                                        ("stop", module())):
                    self.assert_wrote([prefix + command, name], (5, values))

    def test_reversal(self):
        """Both off, the dead time, then the other way; the neighbour keeps its value."""
        for words, least in ((["close", "patio_up"], 0.5),
                             (["cover_close", "patio_up", "--dead-time", "0.8"], 0.8)):
            with self.subTest(words):
                self.simulate("--pairs", PAIRS, "--dead-time", int(least * 1000) - 20)
                self.walls(m5_8=255, m5_1=255)
                self.assert_wrote(words, (5, module(255)), (5, module(255, 0, 0, 0, 0, 0, 255)))
                off, on = self.timed_writes()
                self.assertTrue(least - 0.01 <= on[0] - off[0] < least + 4, on[0] - off[0])

    def test_dead_time_of_the_devices_file(self):
        self.furnish(DEVICES.replace("relay_role: up\n", "relay_role: up\n    dead_time: 0.9\n"))
        self.walls(m5_8=255)
        self.assert_output(["close", "patio_up", "--dead-time", "0.3"], "")
        off, on = self.timed_writes()
        self.assertGreaterEqual(on[0] - off[0], 0.89)

    def test_relays_on_two_modules(self):
        """What is on goes off first; the dead time is kept (the simulator looks after both)."""
        self.sim.command("dead-time 480")
        self.walls(m9_1=255, m9_3=255, m10_1=255)
        self.assert_output(["open", "attic_down"], "")
        writes = self.writes()
        self.assertEqual(writes[0], (9, module(0, 0, 255)))
        self.assertEqual(writes[-1], (10, module(255, 255)))
        self.assertEqual(self.sim.command("get"), "9.3=255 10.1=255 10.2=255")
        self.assert_output(["stop", "attic_down"], "")
        self.assertEqual(self.writes()[len(writes)], (10, module(255)))
        self.assertEqual(self.sim.command("get"), "9.3=255 10.1=255")

    def test_left_moving(self):
        """The travel time belongs to watch, even when it is over before the snapshot comes."""
        self.sim.command("apply-delay 600")
        self.assert_wrote(["open", "patio_up", "--travel-time", "0.2"],
                          (5, module(0, 0, 0, 0, 0, 0, 0, 255)))
        self.assert_gone()
        self.assertEqual(self.sim.command("get 5.8"), "255")


class Settings(House):
    def setUp(self):
        super().setUp()
        self.port = self.sim.ports["port"]

    def test_integration(self):
        """The command lines of the integration, word by word; the file is named."""
        os.mkdir(os.path.join(self.dir, "config"))
        path = self.furnish(name="config/house.yaml")
        os.unlink(os.path.join(self.dir, "devices.yaml"))
        access = ["--host", "127.0.0.1", "--port", self.port, "--username", "demo",
                  "--password", "secret"]
        self.peer = []
        self.assert_output([*access, "--devices-file", path, "on", "hall"], "")
        self.assert_output(["off", "hall", *access, "--devices-file", path], "")
        self.assert_output(["dim", "dining", "40", *access, "--devices-file", path], "")
        for command in ("cover_open", "cover_stop"):
            self.assert_output([command, "patio_up", *access, "--devices-file", path], "")
        status, stdout, _ = self.run_tool(*access, "--debug", "--json", "--devices-file", path,
                                          "status")
        self.assertEqual(status, 0)
        rows = {row["device_key"]: row for row in self.object(stdout.rstrip("\n"))["devices"]}
        self.assertEqual(rows, house(dining=40, percent=40))
        tool = self.start_tool("watch", "--json", *access, "--devices-file", path, "--debug")
        self.assertEqual(self.object(tool.line())["changes"], [])

    def test_debug_is_on_stderr(self):
        status, stdout, stderr = self.run_tool("--debug", "get", "1.1")
        self.assertEqual((status, stdout), (0, "0\n"))
        self.assertNotEqual(stderr, "")

    def test_named_file_that_is_missing(self):
        """A warning and no names; the default file is not taken instead."""
        words = ["--devices-file", os.path.join(self.dir, "none.yaml")]
        status, stdout, stderr = self.run_tool(*words, "get", "1.1")
        self.assertEqual((status, stdout), (0, "0\n"))
        self.assertRegex(stderr, r"\Aipcom: [^\n]*none\.yaml[^\n]*\n\Z")
        status, stdout, stderr = self.run_tool(*words, "get", "hall")
        self.assertEqual((status, stdout), (2, ""))

    def test_default_file_that_is_missing(self):
        os.unlink(os.path.join(self.dir, "devices.yaml"))
        self.assert_output(["get", "1.1"], "0\n")

    def login(self, *words):
        """The status: 0, or 5 when the password that counts is the wrong one."""
        return self.run_tool("get", "1.1", *words)[0]

    def test_precedence(self):
        self.peer = []
        config = f"[ipcom]\nhost = 127.0.0.1\nport = {self.port}\nusername = demo\n"
        self.write_config(config + "password = secret\nbus = 2\n")
        self.assert_output(["get", "1.1"], "0\n")
        self.assertEqual(self.requests()[0], "login demo bus 2")
        self.env["IPCOM_PASSWORD"] = "wrong"
        self.assertEqual(self.login(), 5)
        self.assertEqual(self.login("--password", "secret"), 0)
        self.write_config(config + "password = wrong\n")
        self.env["IPCOM_PASSWORD"] = "secret"
        self.assertEqual(self.login(), 0)
        self.assertEqual(self.login("--password", "wrong"), 5)

    def test_environment_alone(self):
        self.peer = []
        os.rename(os.path.join(self.dir, "devices.yaml"), os.path.join(self.dir, "house.yaml"))
        self.env.update(IPCOM_HOST="127.0.0.1", IPCOM_PORT=str(self.port), IPCOM_USERNAME="demo",
                        IPCOM_PASSWORD="secret", IPCOM_JSON="yes", IPCOM_DEVICES_FILE="house.yaml")
        self.assert_output(["get", "hall"], '{"output":"hall","value":0}\n')

    def test_password_file(self):
        """Its first line; a file beats the password of a weaker source, and is beaten."""
        self.peer = self.peer[:-2]
        good, bad = (self.furnish(text, name) for text, name in
                     (("secret\nanother line\n", "good"), ("wrong\n", "bad")))
        self.furnish("secret", "bare")
        self.assert_output(["get", "1.1", "--password-file", good], "0\n")
        self.assert_output(["get", "1.1", "--password-file", "bare"], "0\n")
        self.assertEqual(self.login("--password-file", bad), 5)
        self.env["IPCOM_PASSWORD"] = "wrong"
        self.assert_output(["get", "1.1", "--password-file", good], "0\n")
        self.env = {**self.env, "IPCOM_PASSWORD_FILE": bad}
        del self.env["IPCOM_PASSWORD"]
        self.assertEqual(self.login(), 5)
        self.assert_output(["get", "1.1", "--password", "secret"], "0\n")
        self.env["IPCOM_PASSWORD_FILE"] = good
        self.write_config("[ipcom]\npassword = wrong\n")
        self.assert_output(["get", "1.1"], "0\n")

    def test_longest_credentials(self):
        for user, password in (("u" * 21, "p" * 22), ("\u00fc" * 10, "\u00df" * 11)):
            self.sim.command(f"user {user}")
            self.sim.command(f"password {password}")
            self.peer[-3:] = [user, "--password", password]
            self.assert_output(["get", "1.1"], "0\n")

    def test_help(self):
        self.peer = []
        status, text, stderr = self.run_tool("--help")
        self.assertEqual((status, stderr), (0, ""))
        for word in COMMANDS:
            self.assertRegex(text, rf"(?m)^ +{word}\b")
        for word in OPTIONS:
            self.assertRegex(text, rf"(?m)[ ,]{word}\b")
        for word in COMMANDS:
            status, stdout, stderr = self.run_tool(word, "--help")
            self.assertEqual((status, stderr), (0, ""))
            self.assertIn(word, stdout)
        status, stdout, _ = self.run_tool("--version")
        self.assertEqual(status, 0)
        self.assertRegex(stdout, r"\Aipcom \d+\.\d+\.\d+\n\Z")


if __name__ == "__main__":
    unittest.main()
