# SPDX-License-Identifier: MIT
"""What the end-to-end tests of the tools share: a tool run against a simulator as a shell would.

The environment is the test's own: no configuration, nothing of the user who runs the tests.
Every wait is for something that can be seen, and has an end.
"""

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from simulator import Simulator  # noqa: E402

QLINK = os.environ.get("QLINK_TOOL", "qlink")
LIMIT = 20.0

# A shell starts what it puts into the background with SIGINT ignored, and a tool keeps it so.
signal.signal(signal.SIGINT, signal.default_int_handler)


def failure(tool):
    """What a failure looks like: one line, the tool, what failed, why."""
    return rf"\A{tool}: [^\n]*[^\n:]: [^\n]+\n\Z"


FAILURE = failure("qlink")
TIME = r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z"
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def refusals():
    """How many connects of this machine have failed so far: who waits for the tool to be
    refused has nothing else to see, since nobody listens."""
    with open("/proc/net/snmp", encoding="ascii") as file:
        names, values = [line.split() for line in file if line.startswith("Tcp:")]
    return int(values[names.index("AttemptFails")])


class Running:
    """A tool at work: its lines one by one, then how it ended."""

    def __init__(self, process, errors):
        self.process = process
        self.errors = errors
        self.buffer = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(process.stdout, selectors.EVENT_READ)

    def read(self, deadline):
        """More output; False at its end."""
        if not self.selector.select(max(0, deadline - time.monotonic())):
            raise AssertionError(f"no line in time; {self.buffer!r}, stderr {self.stderr()!r}")
        data = os.read(self.process.stdout.fileno(), 65536)
        self.buffer += data
        return bool(data)

    def line(self, timeout=LIMIT):
        """The next line of standard output without its end."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self.buffer:
            if not self.read(deadline):
                raise AssertionError(f"ended; {self.buffer!r}, stderr {self.stderr()!r}")
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode("utf-8")

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def until(self, wanted):
        """The lines up to and with the first that begins with `wanted`."""
        found = [self.line()]
        while not found[-1].startswith(wanted):
            found.append(self.line())
        return found

    def tell(self, line):
        """A line, or several, to its standard input."""
        self.process.stdin.write(line.encode("utf-8") + b"\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def stderr(self):
        # The tool writes at the same offset: it must not be moved by looking.
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size, 0).decode("utf-8")

    def finish(self, timeout=LIMIT):
        """(status, the rest of standard output, standard error); a signal is negative."""
        deadline = time.monotonic() + timeout
        while self.read(deadline):
            pass
        self.process.wait(max(0.1, deadline - time.monotonic()))
        return self.process.returncode, self.buffer.decode("utf-8"), self.stderr()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.selector.close()
        self.process.stdout.close()
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self.errors.close()


class ToolCase(unittest.TestCase):
    """`run_tool` and `start_tool` name the simulator that `simulate` has started last.

    `program` is the tool as it is run, `script` its simulator.
    """

    maxDiff = None
    tool = "qlink"
    program = QLINK
    script = "qlink_sim.py"

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix=f"linekeeper-{self.tool}-")
        self.addCleanup(shutil.rmtree, self.dir)
        self.env = {"XDG_CONFIG_HOME": self.dir, "HOME": self.dir, "TERM": "dumb", "TZ": "UTC-3"}
        # What the sanitizers and the coverage of a build are told goes on to the tool.
        kept = ("_OPTIONS", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")
        self.env.update({k: v for k, v in os.environ.items() if k.endswith(kept)})
        self.sim = None
        self.peer = []

    def simulate(self, *arguments):
        """A simulator; at the end the test fails if the tool broke a rule of the protocol."""
        sim = Simulator(self.script, arguments)
        self.addCleanup(lambda: self.assertEqual(sim.stop(), []))
        self.sim = sim
        self.peer = ["--host", "127.0.0.1", *map(str, self.options(sim.ports))]
        return sim

    def options(self, ports):
        """What leads to a simulator with these ports."""
        return ["--port", ports["port"], "--query-port", ports["query-port"]]

    def start_tool(self, *arguments, **kwargs):
        errors = tempfile.TemporaryFile()
        kwargs = {"stdout": subprocess.PIPE, "stdin": subprocess.DEVNULL, **kwargs}
        process = subprocess.Popen(
            [self.program, *self.peer, *map(str, arguments)],
            env=self.env, cwd=self.dir, stderr=errors, **kwargs)
        running = Running(process, errors)
        self.addCleanup(running.close)
        return running

    def run_tool(self, *arguments):
        """(status, standard output, standard error)."""
        done = subprocess.run(
            [self.program, *self.peer, *map(str, arguments)],
            env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=LIMIT, check=False)
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")

    def assert_output(self, arguments, stdout):
        self.assertEqual(self.run_tool(*arguments), (0, stdout, ""), arguments)

    def assert_json(self, arguments, expected):
        """Exactly these objects, one a line, compact."""
        status, stdout, stderr = self.run_tool("--json", *arguments)
        self.assertEqual((status, stderr), (0, ""), arguments)
        self.assertEqual(self.objects(stdout), expected, arguments)

    def objects(self, text):
        return [self.object(line) for line in text.splitlines()]

    def object(self, line):
        found = json.loads(line)
        self.assertIsInstance(found, dict)
        self.assertNotRegex(STRING.sub("", line), r"\s", "not compact")
        return found

    def assert_fails(self, arguments, status, stderr=None):
        """Ends with `status`, no data, and one line for people; that line."""
        stderr = stderr or failure(self.tool)
        found, stdout, errors = self.run_tool(*arguments)
        self.assertEqual((found, stdout), (status, ""), f"{arguments}: {errors}")
        self.assertRegex(errors, stderr, arguments)
        return errors

    def assert_untouched(self):
        """Nobody has connected to the simulator and no byte has come."""
        stats = self.sim.stats()
        seen = (stats["connections_total"], stats["turned_away"], stats["bytes_in"])
        self.assertEqual(seen, (0, 0, 0))

    def log(self):
        """[door, number of the connection, command] of all commands so far."""
        return json.loads(self.sim.command("log"))

    def sent(self):
        return [text for _, _, text in self.log()]

    def write_config(self, text):
        path = os.path.join(self.dir, "linekeeper", "config")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
