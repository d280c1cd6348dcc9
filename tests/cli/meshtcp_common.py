# SPDX-License-Identifier: MIT
"""What the end-to-end tests of meshtcp share: a node with neighbours, and what it was told.

A node answers in a third of a second, most of which the library waits for it to settle.
"""

import json
import os
import signal

from common import LIMIT, ToolCase

OWN, BOB, CAROL = 0x9EA2F1C4, 0x433B2F10, 0xDA5AE2A0
ALL = 0xFFFFFFFF
# The download without the other nodes; any other number is the whole one.
CONFIG_NONCE = 69420
BOB_NAME = "Bob \N{BICYCLE} K\u00fcche"
BOB_KEY = bytes(range(0x80, 0xA0)).hex()
TEXT, POSITION, NODEINFO, ROUTING, ADMIN, TELEMETRY, TRACEROUTE = 1, 3, 4, 5, 6, 67, 70
NOTHING, CONFIG, WHOLE = "nothing", "config", "all"


class MeshtcpCase(ToolCase):
    tool = "meshtcp"
    program = os.environ.get("MESHTCP_TOOL", "meshtcp")
    script = "meshtcp_sim.py"

    def simulate(self, *arguments):
        """A node that minds how it is left and how frames are sent to it."""
        return super().simulate("--expect-disconnect", "--one-send", "--strict-pacing", *arguments)

    def simulate_lenient(self, *arguments):
        """One that is also sent to without having been asked for anything."""
        return self.simulate("--ask-first", "off", *arguments)

    def options(self, ports):
        return ["--port", ports["port"]]

    def tell(self, *commands):
        for command in commands:
            self.sim.command(command)

    def json_of(self, command):
        """What the console answers, which is JSON."""
        return json.loads(self.sim.command(command))

    def log(self):
        """What clients have said so far, and how their connections ended."""
        return self.json_of("log")

    def packets(self):
        """The packets that clients have sent so far."""
        return [entry["packet"] for entry in self.log() if "packet" in entry]

    def packet(self):
        """The last of them, with its Data."""
        found = self.packets()[-1]
        return found, found["decoded"]

    def actions(self):
        """What was changed by administration: (node, action, value)."""
        return [(one["node"], one["action"], one["value"]) for one in self.json_of("admin-log")]

    def assert_asked(self, arguments, wanted, status=0):
        """How much a command downloads; its standard output."""
        self.tell("forget")
        found, stdout, stderr = self.run_tool(*arguments)
        self.assertEqual(found, status, f"{arguments}: {stderr}")
        nonces = [entry["want_config_id"] for entry in self.log() if "want_config_id" in entry]
        kinds = [CONFIG if nonce == CONFIG_NONCE else WHOLE for nonce in nonces]
        self.assertEqual(kinds, [] if wanted == NOTHING else [wanted], arguments)
        return stdout

    def assert_json_line(self, arguments, status=0):
        """Runs a command; the one object that it prints."""
        found, stdout, stderr = self.run_tool("--json", *arguments)
        self.assertEqual(found, status, f"{arguments}: {stderr}")
        self.assertEqual(stdout.count("\n"), 1, arguments)
        return self.object(stdout.rstrip("\n"))

    def assert_untouched(self):
        """Nobody has connected to the simulator and no byte has come."""
        stats = self.sim.stats()
        self.assertEqual((stats["connections_total"], stats["bytes_in"]), (0, 0))

    def assert_gone(self):
        """The node was told of the end, and nobody is connected."""
        self.sim.wait("connections_now", 0, "=")
        self.assertEqual(self.log()[-1]["closed"], "disconnect")

    def start_tool(self, *arguments, **kwargs):
        """One that says goodbye at the end of the test, if it is still there."""
        tool = super().start_tool(*arguments, **kwargs)
        self.addCleanup(self.leave, tool)
        return tool

    @staticmethod
    def leave(tool):
        if tool.process.poll() is None:
            tool.signal(signal.SIGTERM)
            tool.process.wait(LIMIT)

    def start_ready(self, *arguments, **kwargs):
        """A tool at work whose download is complete."""
        before = self.sim.stats()["downloads"]
        tool = self.start_tool(*arguments, **kwargs)
        self.sim.wait("downloads", before + 1)
        return tool

    def assert_ends(self, tool, number=signal.SIGTERM, connected=True):
        """Dies of the signal, having said goodbye if it could; the rest of its output."""
        tool.signal(number)
        status, stdout, _ = tool.finish()
        self.assertEqual(status, -number)
        if connected:
            self.assert_gone()
        return stdout
