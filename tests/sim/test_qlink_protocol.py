#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Q-Link simulator: commands, spellings and events."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from simcase import Case  # noqa: E402

SCRIPT = "qlink_sim.py"

# Command without modifier, regular answer, detailed answer; lines separated by " | ".
EXCHANGES = (
    ("VLO%s 101 50", "50", "RLO 101 50"),
    ("VLO%s 10021 30", "30", "RLO 10021 30"),
    ("VLO%s 9998 50", "257", "257"),
    ("VLA%s 1 1 2 60 2", "60", "RLA 1 1 2 60 2"),
    ("VLB%s 1 1 1 3 70", "70", "RLB 1 1 1 3 70"),
    ("VLB%s 2 1 1 3 70", "257", "257"),
    ("VLC%s 2 33 8 80", "80", "RLC 2 33 8 80"),
    ("VLC%s 2 33 7 80", "257", "257"),
    ("VGL%s 101", "50", "RGL 101 50"),
    ("VGL%s 10021", "30", "RGL 10021 30"),
    ("VGA%s 1 1 2", "60", "RGA 1 1 2 60"),
    ("VGA%s 2 17 1", "30", "RGA 2 17 1 30"),
    ("VGB%s 1 1 1 3", "70", "RGB 1 1 1 3 70"),
    ("VGC%s 2 33 8", "80", "RGC 2 33 8 80"),
    ("VGD%s 1 1 1", "50 60 70 0 0 0 0 0", "RGD 1 1 1 50 60 70 0 0 0 0 0"),
    ("VGD%s 9 1 1", "257", "257"),
    ("VSW%s 1 2 3 1", "1", "RSW 1 2 3 1"),
    ("VGS%s 1 2 3", "1", "RGS 1 2 3 1"),
    ("VGT%s 1 2", "0 0 1 0 0 0 0 0 0 0", "RGT 1 2 0 0 1 0 0 0 0 0 0 0"),
    ("VST%s 1 4 1 6 30 0 1 1 1 1 1 0 24 12 2027", "1 6 30 0 1 1 1 1 1 0 24 12 2027",
     "RST 1 4 1 6 30 0 1 1 1 1 1 0 24 12 2027"),
    ("VST%s 1 4 2 24 -15", "2 24 -15 0 1 1 1 1 1 0 24 12 2027",
     "RST 1 4 2 24 -15 0 1 1 1 1 1 0 24 12 2027"),
    ("VET%s 1 4 1", "1", "RET 1 4 1"),
    ("VQT%s 1 4", "1 24 -15 0 1 1 1 1 1 0 24 12 2027",
     "RQT 1 4 1 24 -15 0 1 1 1 1 1 0 24 12 2027"),
    ("VLD%s 1 5 10 1", "1", "RLD 1 5 10 1"),
    ("VLD%s 1 5 2 2", "2", "RLD 1 5 2 2"),
    ("VLS%s 1 5 10", "1", "RLS 1 5 10 1"),
    ("VLS%s 1 5 1", "0", "RLS 1 5 1 0"),
    ("VLT%s 1 5", "200 02", "RLT 1 5 200 02"),
    ("VOS%s 1 1", "1", "ROS 1 1"),
    ("VOL%s 1", "1", "ROL 1"),
    ("VOD%s 2", "2", "ROD 2"),
    ("VCL%s 0 0", "0 0", "RCL 0 0"),
    ("VCL%s 0", "0", "RCL 0"),
    ("VEC%s 256", "256", "REC 256"),
    ("VGV%s 1", "VER 7.89 3/14/2007", "RGV 1 VER 7.89 3/14/2007"),
    ("VGN%s 1 5 255", "Hall|Ground|House|0", "RGN 1 5 255 Hall|Ground|House|0"),
    ("VGN%s 1 6 255", "257", "257"),
    ("VQA%s", "1 1", "RQA 1 1"),
    ("VQM%s", "2 1 2", "RQM 2 1 2"),
    ("VQP%s 1", "1 | 1 2 1 5 1.0", "RQP 1 1 | RQP 1 2 1 5 1.0"),
    ("VQP%s 3", "0", "RQP 3 0"),
    ("VQS%s 3", "1 | 3 6 0 15 1.0 1 10123", "RQS 3 1 | RQS 3 6 0 15 1.0 1 10123"),
    ("VSC%s 3 6 777", "0", "RSC 3 6 777 0"),
    ("VQS%s 3", "1 | 3 6 0 15 1.0 1 777", "RQS 3 1 | RQS 3 6 0 15 1.0 1 777"),
    ("V?V%s 1", "0", "0"),
    ("V?D%s 1 3 10", "0", "0"),
    ("V?S%s 1 C12 97 1F 3", "0", "R?S 1 C12 97 1F 3 0"),
    ("VLP%s 1 2 3 4 22", "22", "RLP 1 2 3 4 22"),
    ("VSP%s 1 2 4 2", "2", "RSP 1 2 4 2"),
    ("VPG%s Load: a, b", "0", "RPG Load: a, b 0"),
    ("VGH%s 1 7 5", "257", "257"),
    ("VSH%s 1 7 5 40 11 3", "7", "RSH 1 7 5 40 11 3"),
    ("VGH%s 1 7 11 5", "3 40", "RGH 1 7 11 5 3 40"),
    ("VSH%s 1 7 4 40", "257", "257"),
    ("VIR%s 1 255 0 4", "0", "RIR 1 255 0 4"),
    ("VIC%s 1 0 255 1 4", "1", "RIC 1 0 255 1 4"),
    ("VIC%s 1 1 32 1 4", "257", "257"),
    ("VXX%s", "256", "256"),
)


class Commands(Case):
    script = SCRIPT

    def test_every_command_in_both_styles(self):
        self.assertEqual(len({command[:3] for command, _, _ in EXCHANGES}), 41)
        for place, modifier in enumerate("@#"):
            self.simulate()
            for text in ("load 2/33/8 0", "name 1 5 255 Hall|Ground|House|0",
                         "module 1 2 1 5 1.0", "station 3 6 0 15 1.0 1 10123"):
                self.sim.command(text)
            client = self.connected()
            for exchange in EXCHANGES:
                with self.subTest(exchange[0] % modifier):
                    lines = exchange[1 + place].split(" | ")
                    client.send((exchange[0] % modifier).encode() + b"\r")
                    self.assertEqual([client.line() for _ in lines], lines)
            self.sim.command("drop")
            self.assertEqual(client.rest(), b"")
            self.finish()

    def test_suppressed(self):
        self.simulate()
        client = self.connected()
        client.send(b"VLO! 101 50\r")
        client.send(b"VLO! 9998 50\r")
        self.assertEqual(client.ask("VGL@ 101"), "50")
        self.sim.command("suppress-errors off")
        self.assertEqual(client.ask("VLO! 9998 50"), "257")
        self.finish()

    def test_fade(self):
        self.simulate()
        client = self.connected()
        self.assertEqual(client.ask("VLO@ 101 80 600"), "80")
        self.assertEqual(client.ask("VGL@ 101"), "80")
        self.assertRegex(self.sim.command("get 101"), "^80 now [0-9]+$")
        self.sim.command("reporting 0 0 1 0")
        self.sim.command("fade 102 30 0.05")
        self.assertEqual(client.line(), "LO 1 1 1 2 30")
        self.assertEqual(self.sim.command("get 102"), "30")

    def test_loads_and_map(self):
        self.simulate("--loads", "101-140,201")
        for text in ("load 201 7", "load 133 8", "map 300 2.1.1.1", "load 2.1.1.1 9"):
            self.sim.command(text)
        client = self.connected()
        self.assertEqual(client.ask("VGD@ 1 2 2"), "7 0 0 0 0 0 0 0")
        self.assertEqual(client.ask("VGB@ 1 2 1 1"), "8")
        self.assertEqual(client.ask("VGL@ 300"), "9")
        self.assertEqual(self.sim.stats()["levels"]["300"], 9)

    def test_scene(self):
        self.simulate()
        client = self.connected()
        self.sim.command("reporting 1 1 1 0")
        self.sim.command("scene 1 2 3 101 40 102 60")
        self.assertEqual(
            [client.ask("VSW@ 1 2 3 6")] + [client.line() for _ in range(4)],
            ["SW 1 2 3 1 0", "LO 1 1 1 1 40", "LO 1 1 1 2 60", "SW 1 2 3 0 0", "6"])
        self.sim.command("load 101 99 quiet")
        self.assertEqual(client.ask("VSW@ 1 2 3 2"), "2")
        self.assertEqual(client.ask("VSW@ 1 2 3 0"), "LO 1 1 1 1 0")
        self.assertEqual([client.line(), client.line()], ["LO 1 1 1 2 0", "0"])
        self.assertEqual(client.ask("VSW@ 1 2 3 1"), "LO 1 1 1 1 99")

    def test_station_that_does_not_exist(self):
        self.simulate()
        client = self.connected()
        self.sim.command("station 1 2")
        self.sim.command("reporting 1 1 0 0")
        self.assertEqual(client.ask("VSW@ 1 3 1 6"), "6")
        self.assertEqual(client.ask("VGS@ 1 3 1"), "2")
        self.assertEqual(client.ask("VSW@ 1 2 1 4"), "SW 1 2 1 1 0")


class Spelling(Case):
    script = SCRIPT

    def asked(self, command, *settings):
        self.simulate()
        for text in settings:
            self.sim.command(text)
        client = self.connected()
        answer = client.ask(command)
        self.finish()
        return answer

    def test_spellings(self):
        for command, settings, answer in (
                ("VGL# 101", ["hash on"], "RGL# 101 0"),
                ("VGL# 101", ["prefix command"], "VGL 101 0"),
                ("VGL# 101", ["ignore-modifier on"], "0"),
                ("VGL 101", [], "0"),
                ("VGL 101", ["style detailed"], "RGL 101 0"),
                ("VGL# 9998", ["error-form field"], "RGL 9998 257"),
                ("VGL@ 9998", ["error-form field"], "257"),
                ("VGH# 1 7 5", ["misprints on", "thermostat 1 7 5 4"], "RGD 1 7 5 4"),
                ("VIC# 1 0 1 1 4", ["misprints on"], "RIR 1 0 1 1 4"),
                ("VSP# 1 2 3 4", ["misprints on"], "RLP 1 2 3 4"),
                ("VGC# 1 2 3", ["misprints on", "load 1/2/3 4"], "VGC# 1 2 3 4"),
                ("VGL# 101", ["blanks trailing"], "RGL 101 0 "),
                ("VGL# 101", ["blanks double"], "RGL  101 0")):
            with self.subTest(command, settings=settings):
                self.assertEqual(self.asked(command, *settings), answer)

    def test_default_style_follows_vcl(self):
        self.simulate()
        client = self.connected()
        self.assertEqual(client.ask("VCL# 1 1"), "RCL 1 1")
        self.assertEqual(client.ask("VEC 5"), "\nREC 5")
        self.assertEqual(client.ask("VCL# 0"), "\nRCL 0")
        self.assertEqual(client.ask("VEC 5"), "5")

    def test_client_with_linefeeds(self):
        self.simulate()
        client = self.connected()
        client.send(b"VEC@ 1\r\n")
        self.assertEqual(client.line(), "1")
        client.send(b"VEC@ 2\r")
        self.assertEqual(client.line(), "2")
        client.send(b"\n")
        self.assertEqual(client.ask("VEC@ 3"), "3")
        self.finish()


class Events(Case):
    script = SCRIPT

    def test_every_kind(self):
        self.simulate()
        first, second = self.connected(), self.connected("query-port")
        self.sim.command("reporting 1 1 1 3")
        expected = []
        for text, line in (
                ("press 2 14 8 182003", "SW 2 14 8 1 182003"),
                ("release 2 14 8", "SW 2 14 8 0 102014"),
                ("button 1 2 3 1", "SW 1 2 3 1 101002"), ("ir 4 3 231 1", "IR 4 3 231 1 0"),
                ("load 101 5", "LO 1 1 1 1 5"), ("load 2/33/8 6", "LS 2 33 8 6"),
                ("variable 2 1 7", "LV 2 1 7"), ("load 101 8 quiet", None),
                ("leds 1 3 4C 20", "LE 1 3 4C 20"), ("led 1 3 1 2", "LE 1 3 4C 21"),
                ("lcd 1 7 34 1", "LC 1 7 34 1"), ("external 1 2 3 1", "ST 1 2 3 1"),
                ("allon 3", "AON 3"), ("alloff 0", "AOFF 0"), ("text Good night", "Good night")):
            self.sim.command(text)
            expected += [line] if line else []
        self.sim.command("drop")
        everything = "".join(line + "\r" for line in expected).encode()
        self.assertEqual(first.rest(), everything)
        self.assertEqual(second.rest(), everything)

    def test_all_on_and_off(self):
        self.simulate("--loads", "101-103")
        self.sim.command("variable 1 1 50")
        self.sim.command("allon 1")
        levels = [self.sim.command(f"get {load}") for load in (101, 102, 103, 10011)]
        self.assertEqual(levels, ["0", "100", "100", "50"])
        self.sim.command("alloff 0")
        levels = [self.sim.command(f"get {load}") for load in (101, 102, 103, 10011)]
        self.assertEqual(levels, ["0", "0", "0", "0"])

    def test_reporting_belongs_to_the_port(self):
        self.simulate()
        client = self.connected()
        self.assertEqual([client.ask("VOS@ 0 1"), client.ask("VOL@ 1"), client.ask("VOD@ 1")],
                         ["1", "1", "1"])
        client.close()
        self.sim.wait("connections_now", 0, "=")
        client = self.connected("query-port")
        for text in ("button 1 2 3 1", "lcd 1 7 34 1", "leds 1 3 1 0", "load 101 1"):
            self.sim.command(text)
        self.assertEqual([client.line() for _ in range(3)],
                         ["SW 1 2 3 1", "LE 1 3 01 00", "LO 1 1 1 1 1"])
        self.assertEqual(self.sim.command("reporting"), "0 1 1 1")
        client = self.connected()
        self.assertEqual([client.ask("VOS@ 0 0"), client.ask("VOL@ 0"), client.ask("VOD@ 0")],
                         ["0", "0", "0"])
        self.sim.command("load 101 2")
        self.assertEqual(client.ask("VEC@ 1"), "1")

    def test_only_to_those_who_enabled(self):
        self.simulate("--events-to", "enabled")
        first, second = self.connected(), self.connected()
        self.assertEqual((first.ask("VOL@ 1"), second.ask("VOS@ 1 1")), ("1", "1"))
        self.sim.command("load 101 5")
        self.sim.command("press 1 2 3 77")
        self.assertEqual((first.line(), second.line()), ("LO 1 1 1 1 5", "SW 1 2 3 1 77"))
        self.assertEqual((first.ask("VEC@ 1"), second.ask("VEC@ 2")), ("1", "2"))

    def test_own_changes(self):
        for option, lines in ((), ["50"]), (("--own-lo",), ["LO 1 1 1 1 50", "50"]):
            with self.subTest(option):
                self.simulate(*option)
                client = self.connected()
                self.sim.command("reporting 0 0 1 0")
                self.assertEqual([client.ask("VLO@ 101 50")] + [client.line() for _ in lines[1:]],
                                 lines)
                self.finish()

    def test_virtual_press_before_its_answer(self):
        self.simulate()
        client = self.connected()
        self.assertEqual(client.ask("VSW@ 2 55 1 4"), "4")
        self.sim.command("reporting 1 1 0 0")
        self.assertEqual([client.ask("VSW@ 2 55 1 5"), client.line()], ["SW 2 55 1 0 0", "5"])

    def test_answers_to_all(self):
        self.simulate("--replies-to", "all")
        first, second = self.connected(), self.connected("query-port")
        self.assertEqual(first.ask("VGL# 101"), "RGL 101 0")
        self.assertEqual(second.line(), "RGL 101 0")


if __name__ == "__main__":
    unittest.main()
