#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated PPCS network: a camera, directory servers and relays on the loopback interface.

The ready line names the ports. Commands on standard input send data, change how everybody
behaves and cause faults; "help" lists them. Every command is an option as well, such as
--offers "51 6", --loss "camera 30" or --relay "1 direct on"; without a value it means "on".
Exit status 1: the client broke a rule of the protocol.
"""

import argparse
import os
import resource
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import simlib  # noqa: E402
from ppcs.console import CameraCommands, DataCommands, LineCommands  # noqa: E402
from ppcs.directory import DirectoryCommands  # noqa: E402
from ppcs.network import Network  # noqa: E402

UID = "TEST-012345-ABCDE"
# Options that are console commands given at the start; those of the camera need one.
LINE = ("loss", "duplicate", "reorder", "garble", "delay", "expect-close", "server", "relay",
        "result", "relay-result", "shuffle", "register", "unregister", "offline", "dsk", "list")
CAMERA = ("silent", "search", "main-search", "punch", "answer-delay", "answer-from", "wrong-uid",
          "extra", "p2p-rdy", "echoes", "offers", "first", "alive", "alive-ack", "alive-period",
          "alive-limit", "close-after", "limit", "nonsense", "reflect", "stranger", "acks",
          "echo", "sink")


def parse_arguments():
    lines = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(description=lines[0], epilog=lines[1], allow_abbrev=False)
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--seed", type=int, default=1, help="of everything left to chance")
    parser.add_argument("--no-console", action="store_true", help="run until a signal")
    parser.add_argument("--uid", default=UID, help=f"of the camera ({UID})")
    parser.add_argument("--key", default="", metavar="TEXT", help="obfuscation of this network")
    parser.add_argument("--no-camera", dest="camera", action="store_false")
    for name in ("search-port", "main-port"):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="PORT", help="0: any")
    for name in ("servers", "relays"):
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N")
    parser.add_argument("--tcp", action="store_true", help="servers and relays over TCP as well")
    for name in LINE + CAMERA:
        parser.add_argument(f"--{name}", nargs="?", const="on", action="append", default=[],
                            metavar="WORDS", help=f"as the console's {name}")
    parser.add_argument("--do", action="append", default=[], metavar="COMMAND",
                        help="any command of the console, done at the start")
    return parser.parse_args()


def configure(console, arguments):
    """Options that are console commands are run as such."""
    for name in LINE + CAMERA:
        for words in getattr(arguments, name.replace("-", "_")):
            console.execute([name, *words.split()])
    for command in filter(str.strip, arguments.do):
        console.execute(command.split())


def raise_limits():
    """Every assigned port of a relay is a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main():
    arguments = parse_arguments()
    loop = simlib.Loop()
    violations = simlib.Violations()
    raise_limits()
    try:
        network = Network(loop, violations, arguments)
        commands = LineCommands(network).table() | DirectoryCommands(network).table()
        if network.tcp:
            commands |= network.tcp.commands()
        if network.camera:
            commands |= CameraCommands(network.camera).table()
            commands |= DataCommands(network.camera).table()
        console = simlib.Console(loop, commands, network.stats, network.number)
        configure(console, arguments)
    except (OSError, ValueError, simlib.ConsoleError) as error:
        print(f"ppcs_sim: {error}", file=sys.stderr)
        return 2
    return simlib.run(loop, console, violations, network.ports(), network.rules.finish,
                      not arguments.no_console)


if __name__ == "__main__":
    sys.exit(main())
