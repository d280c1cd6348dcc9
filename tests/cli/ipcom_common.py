# SPDX-License-Identifier: MIT
"""What the end-to-end tests of ipcom share: a house with names, and what the device was told."""

import os
import subprocess

from common import ToolCase

DEVICES = """\
# A house.
lights:
    # in the hall
    hall:
        module: 1
        output: 1
        type: switch
        display_name: "Hall"
        description: 'by the door'
    porch:
        module: 3
        output: 4
        type: light
    dining:
        module: 6
        output: 1
        type: dimmer
        display_name: "Dining"
        icon: mdi:lamp

switches:
  pump:
    module: 2
    output: 8
    display_name: Pump in the garden
shutters:
  patio_down:
    module: 5
    output: 7
    type: switch
    display_name: "Patio down"
    relay_role: down
    paired_device: patio_up
  patio_up:
    module: 5
    output: 8
    type: switch
    display_name: "Patio up"
    relay_role: up
    paired_device: patio_down
  attic_down:
    module: 9
    output: 1
    relay_role: down
    paired_device: attic_up
  attic_up:
    module: 10
    output: 2
    relay_role: up
    paired_device: attic_down
scenes:
  evening:
    colour: red
"""
PAIRS = "5.7-5.8,9.1-10.2"


def module(*values):
    """Eight values, the rest 0."""
    return [*values, *[0] * (8 - len(values))]


class IpcomCase(ToolCase):
    tool = "ipcom"
    program = os.environ.get("IPCOM_TOOL", "ipcom")
    script = "ipcom_sim.py"

    def options(self, ports):
        return ["--port", ports["port"], "--username", "demo", "--password", "secret"]

    def furnish(self, text=DEVICES, name="devices.yaml"):
        """A devices file, by default the one that is found without being named."""
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def walls(self, **values):
        """Wall switches: `m3_4=255` is output 3.4."""
        for place, value in values.items():
            self.sim.command(f"wall {place[1:].replace('_', '.')} {value}")

    def requests(self):
        """What the client has said so far, in the words of the simulator's log."""
        return [text for _, _, arrow, text in self.log() if arrow == ">"]

    def timed_writes(self):
        """(seconds, module, eight values) of each write."""
        found = []
        for when, _, arrow, text in self.log():
            if arrow == ">" and text.startswith("write "):
                number, _, values = text[6:].partition(": ")
                found.append((when, int(number), [int(value) for value in values.split()]))
        return found

    def writes(self):
        return [(number, values) for _, number, values in self.timed_writes()]

    def assert_wrote(self, arguments, *expected):
        """Prints nothing, and these are all the writes that came of it."""
        before = len(self.writes())
        self.assert_output(arguments, "")
        self.assertEqual(self.writes()[before:], list(expected), arguments)

    def assert_gone(self):
        """The device was told of the end, and nobody is connected."""
        self.sim.wait("connections_now", 0, "=")
        self.assertEqual(self.requests()[-1], "disconnect")

    def watch(self, *arguments):
        """A watch that has been sent its first snapshot; its standard input is a pipe."""
        before = self.sim.stats()["answers"]
        tool = self.start_tool("watch", *arguments, stdin=subprocess.PIPE)
        self.sim.wait("answers", before + 2)  # to the login and to the first poll
        return tool
