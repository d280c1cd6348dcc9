#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated IPCom: 16 modules of 8 outputs behind an obfuscated TCP connection.

Commands on standard input press wall switches, change keys and cause faults; "help" lists
them. Exit status 1: the client broke a rule of the protocol.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import simlib  # noqa: E402
import simtcp  # noqa: E402
import vectors  # noqa: E402
from ipcom.console import HouseCommands, LineCommands  # noqa: E402
from ipcom.model import Model  # noqa: E402
from ipcom.replay import Script  # noqa: E402
from ipcom.server import Device  # noqa: E402

# Options that are console commands given at the start, with their argument or "on".
VALUES = ("limit", "full", "user", "password", "key", "firmware", "login", "refuse", "hang-up",
          "write-answer", "unknown", "delay", "fragment", "drop-after", "patience", "write-gap",
          "apply-delay", "dead-time", "dimmers", "pairs", "bus-type", "wall-every")
SWITCHES = ("upstream", "ack-bus", "disconnect-answer", "rounding", "dribble", "split", "merge",
            "silent", "echo")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=0, help="0: any")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance")
    parser.add_argument("--replay", metavar="FILE", help="play a conversation file instead")
    parser.add_argument("--no-console", action="store_true", help="run until a signal")
    for name in VALUES:
        default = "8" if name == "limit" else None
        parser.add_argument(f"--{name}", default=default, help=f"as the console's {name}")
    for name in SWITCHES:
        parser.add_argument(f"--{name}", action="store_true", help=f"as the console's {name} on")
    return parser.parse_args()


def build(loop, violations, faults, arguments):
    """The simulated device or the scripted peer, and its console commands."""
    if arguments.replay:
        conversation = vectors.read(arguments.replay)
        return Script(loop, conversation.steps, violations, faults), {}
    model = Model(loop)
    device = Device(loop, model, violations, faults)
    return device, HouseCommands(model).table() | LineCommands(device).table()


def configure(console, arguments):
    """Options that are console commands are run as such."""
    for name in VALUES + SWITCHES:
        value = getattr(arguments, name.replace("-", "_"))
        if value and name in console.commands:
            console.execute([name, "on" if value is True else value])


def main():
    arguments = parse_arguments()
    loop = simlib.Loop()
    violations = simlib.Violations()
    faults = simlib.Faults(arguments.seed)
    try:
        device, commands = build(loop, violations, faults, arguments)
        device.tcp.add_door("port", arguments.bind, arguments.port, 0)
        commands |= simtcp.tcp_commands(device.tcp, device.pace)
        console = simlib.Console(loop, commands, device.stats)
        configure(console, arguments)
    except (OSError, ValueError, simlib.ConsoleError) as error:
        print(f"ipcom_sim: {error}", file=sys.stderr)
        return 2
    ports = {name: door.port for name, door in device.tcp.doors.items()}
    return simlib.run(loop, console, violations, ports, device.finish, not arguments.no_console)


if __name__ == "__main__":
    sys.exit(main())
