#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated Q-Link installation: masters with loads and buttons behind an IP-Enabler.

Two ports lead to one serial port. Commands on standard input press buttons, change loads
and cause faults; "help" lists them. Exit status 1: the client broke a rule of the protocol.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import simlib  # noqa: E402
import simtcp  # noqa: E402
import vectors  # noqa: E402
from qlink.console import HouseCommands, LineCommands  # noqa: E402
from qlink.model import Model  # noqa: E402
from qlink.port import Port  # noqa: E402
from qlink.replay import Replay  # noqa: E402
from qlink.server import Site  # noqa: E402

# Options that are console commands given at the start, with their argument or "on".
VALUES = ("limit", "query-limit", "total-limit", "full", "style", "delay", "events-to",
          "replies-to", "readonly-policy", "patience", "gap", "loads")
SWITCHES = ("crlf", "hash", "ignore-modifier", "dribble", "split", "merge", "silent", "half-dead",
            "own-lo", "misprints")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0], allow_abbrev=False)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=0, help="read/write port, 0: any")
    parser.add_argument("--query-port", type=int, default=0, help="read-only port, 0: any")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance")
    parser.add_argument("--replay", metavar="FILE", help="play a conversation file instead")
    parser.add_argument("--no-console", action="store_true", help="run until a signal")
    for name in VALUES:
        default = {"limit": "8", "query-limit": "8", "loads": "101-120"}.get(name)
        parser.add_argument(f"--{name}", default=default, help=f"as the console's {name}")
    for name in SWITCHES:
        parser.add_argument(f"--{name}", action="store_true", help=f"as the console's {name} on")
    return parser.parse_args()


def build(loop, violations, faults, arguments):
    """The simulated installation or the scripted peer, and its console commands."""
    if arguments.replay:
        conversation = vectors.read(arguments.replay)
        return Replay(loop, conversation.steps, violations, faults), {}
    port = Port()
    site = Site(loop, port, violations, faults)
    port.model = Model(loop, site.report)
    house = HouseCommands(loop, port.model, port)
    return site, house.table() | LineCommands(site).table()


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
        site, commands = build(loop, violations, faults, arguments)
        for name in ("port", "query-port"):
            number = getattr(arguments, name.replace("-", "_"))
            site.tcp.add_door(name, arguments.bind, number, 0)
        commands |= simtcp.tcp_commands(site.tcp, site.pace)
        console = simlib.Console(loop, commands, site.stats)
        configure(console, arguments)
    except (OSError, ValueError, simlib.ConsoleError) as error:
        print(f"qlink_sim: {error}", file=sys.stderr)
        return 2
    ports = {name: door.port for name, door in site.tcp.doors.items()}
    return simlib.run(loop, console, violations, ports, site.finish, not arguments.no_console)


if __name__ == "__main__":
    sys.exit(main())
