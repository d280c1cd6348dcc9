#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A simulated PPCS network: a camera, directory servers and relays on the loopback interface.

The ready line names the ports. Commands on standard input send data, change how everybody
behaves and cause faults; "help" lists them. Most are options as well, such as
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
from ppcs import helptext  # noqa: E402
from ppcs.console import CameraCommands, LineCommands  # noqa: E402
from ppcs.directory import DirectoryCommands  # noqa: E402
from ppcs.network import Network  # noqa: E402
from ppcs.streams import DataCommands, StyleCommands  # noqa: E402

UID = "TEST-012345-ABCDE"
NO_OPTIONS = ("tcp",)


class Commands:
    """All tables of the console; those of the camera need one. Made without participants, as
    for `--help`, they can only be looked at."""

    def __init__(self, network=None):
        camera = network and network.camera
        self.directory = DirectoryCommands(network).table()
        self.style, self.once = StyleCommands(camera), DataCommands(camera)
        self.line = LineCommands(network).table()
        self.camera = CameraCommands(camera).table() | self.style.table()
        self.data = self.once.table()

    def options(self):
        """Options are console commands given at the start."""
        return {name: entry for name, entry in (self.line | self.directory | self.camera).items()
                if name not in NO_OPTIONS}


def parse_arguments(commands):
    lines = __doc__.split("\n\n")
    options = commands.options()
    rest = commands.data | {name: commands.directory[name] for name in NO_OPTIONS}
    parser = argparse.ArgumentParser(
        description=lines[0], allow_abbrev=False, epilog=helptext.epilog(lines[1:], rest),
        formatter_class=argparse.RawDescriptionHelpFormatter)
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
    for name, (usage, _) in options.items():
        parser.add_argument(f"--{name}", nargs="?", const="on", action="append", default=[],
                            metavar="WORDS", help=helptext.of_option(usage, helptext.TEXTS[name]))
    parser.add_argument("--do", action="append", default=[], metavar="COMMAND",
                        help="any command of the console, done at the start")
    return parser.parse_args()


def configure(console, commands, arguments):
    """Options that are console commands are run as such."""
    for name in commands.options():
        for words in getattr(arguments, name.replace("-", "_")):
            console.execute([name, *words.split()])
    for command in filter(str.strip, arguments.do):
        console.execute(command.split())


def raise_limits():
    """Every assigned port of a relay is a descriptor."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main():
    arguments = parse_arguments(Commands())
    loop = simlib.Loop()
    violations = simlib.Violations()
    raise_limits()
    try:
        network = Network(loop, violations, arguments)
        commands = Commands(network)
        known = commands.line | commands.directory
        if network.tcp:
            known |= network.tcp.commands()
        if network.camera:
            known |= commands.camera | commands.data
        console = simlib.Console(loop, known, network.stats, network.number)
        commands.style.console = console
        if network.camera:
            network.camera.perform = commands.once.perform(console)
        configure(console, commands, arguments)
    except (OSError, ValueError, simlib.ConsoleError) as error:
        print(f"ppcs_sim: {error}", file=sys.stderr)
        return 2
    return simlib.run(loop, console, violations, network.ports(), network.rules.finish,
                      not arguments.no_console)


if __name__ == "__main__":
    sys.exit(main())
