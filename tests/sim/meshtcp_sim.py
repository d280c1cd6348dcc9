#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated Meshtastic node with its single TCP client, and the mesh around it.

Commands on standard input make other nodes talk, change the node and cause faults; "help"
lists them. Exit status 1: the client broke a rule of the protocol.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import simlib  # noqa: E402
import simtcp  # noqa: E402
from meshtcp.console_line import LineCommands  # noqa: E402
from meshtcp.console_mesh import MeshCommands  # noqa: E402
from meshtcp.console_node import NodeCommands  # noqa: E402
from meshtcp.device import Device  # noqa: E402

# Options that are console commands given at the start, with their words or "on".
VALUES = ("nodes", "num", "firmware", "files", "download-file", "ack", "answers", "free", "airtime",
          "clock-scale", "time", "telemetry-every", "boot-time", "reboot-after-write",
          "queue-limit", "heartbeat-answer", "idle", "evict-delay", "evict-how", "accept-delay",
          "patience", "free-grace", "status-late", "status-copies", "record-delay",
          "download-delay", "output-limit", "trickle", "single", "strict-download", "ask-first",
          "throttle", "queue-status")
SWITCHES = ("full", "strict-pacing", "one-send", "expect-disconnect", "discard-input", "noise",
            "echo", "ignore-eof", "dribble", "split", "merge")
# What is taken from simtcp's commands.
GENERIC = ("reset", "half-close", "dribble", "split", "merge")


EPILOG = """\
Says "ready port=N" when it listens, then takes a command a line and answers each with one line
that begins with "ok" or "error". For example:
  text BOB hello%20there           a text from !433b2f10 (BOB) to everybody
  text CRL psst ^local             one for the client alone; ^all, !hex, numbers and names work
  telemetry BOB environment temperature=21.5
  ack implicit,wait:2000,nak:5     how direct messages fare: relayed, after 2 s given up
  ack none CRL                     the same for one node
  clock-advance 900                the node's clock, which throttles and time-outs go by
  stats, log, texts, admin-log     what has happened, in JSON
  wait downloads >= 1              answers when a number of stats is reached
"""


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port", type=int, default=0, help="0: any")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance")
    parser.add_argument("--no-console", action="store_true", help="run until a signal")
    parser.add_argument("--do", action="append", default=[], metavar="COMMAND",
                        help="a console command to begin with; may be given again")
    for name in VALUES:
        default = "2" if name == "nodes" else None
        parser.add_argument(f"--{name}", default=default, metavar="WORDS",
                            help=f"as the console's {name}")
    for name in SWITCHES:
        parser.add_argument(f"--{name}", action="store_true", help=f"as the console's {name} on")
    return parser.parse_args()


def configure(console, arguments):
    """Options that are console commands are run as such."""
    for name in VALUES + SWITCHES:
        value = getattr(arguments, name.replace("-", "_"))
        if value:
            console.execute([name, *("on" if value is True else value).split()])
    for command in arguments.do:
        console.execute(command.split())


def main():
    arguments = parse_arguments()
    loop = simlib.Loop()
    violations = simlib.Violations()
    faults = simlib.Faults(arguments.seed)
    try:
        device = Device(loop, violations, faults, arguments.seed)
        device.tcp.add_door("port", arguments.bind, arguments.port, 0)
        generic = simtcp.tcp_commands(device.tcp, device.pace)
        commands = {name: generic[name] for name in GENERIC}
        for group in (MeshCommands, NodeCommands, LineCommands):
            commands |= group(device).table()
        console = simlib.Console(loop, commands, device.stats)
        configure(console, arguments)
    except (OSError, OverflowError, ValueError, simlib.ConsoleError) as error:
        print(f"meshtcp_sim: {error}", file=sys.stderr)
        return 2
    ports = {name: door.port for name, door in device.tcp.doors.items()}
    return simlib.run(loop, console, violations, ports, device.finish, not arguments.no_console)


if __name__ == "__main__":
    sys.exit(main())
