# SPDX-License-Identifier: MIT
"""Starts a simulator as a child and talks to its console.

    with Simulator("qlink_sim.py", ["--loads", "101-120"]) as sim:
        sim.command("load 101 50")
        run_something(sim.ports["port"])
        sim.wait_for(lambda: sim.stats()["commands"] == 1)

The end of the block stops the child and raises Violation if the client broke a rule; a test
that expects violations calls `stop()` itself and looks at what it returns.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time

DIRECTORY = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sim")
TIMEOUT = 10.0


class SimulatorError(Exception):
    """The simulator did not start, died, or answered "error"."""


class Violation(AssertionError):
    """The client broke a rule of the protocol."""


class Simulator:
    """`script` is a file name below tests/sim or a path.

    `ports` holds the key=value words of the ready line, numbers as numbers; `violations`
    the violations so far; `status` the exit status after `stop`.
    """

    def __init__(self, script, arguments=(), timeout=TIMEOUT):
        path = os.path.join(DIRECTORY, script)
        self.timeout = timeout
        self.violations = []
        self.status = None
        self.buffer = b""
        # Started with -u -B: lines at once, and no files left in the source tree.
        self.child = subprocess.Popen(
            [sys.executable or "/usr/bin/python3", "-u", "-B", path, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.child.stdout, selectors.EVENT_READ)
        try:
            self.ports = self._ready()
        except BaseException:
            self._end(0)
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _traceback):
        try:
            violations = self.stop()
        except SimulatorError:
            # The failure inside the block says more.
            if kind is None:
                raise
            return
        if kind is None and violations:
            raise Violation("; ".join(violations))

    def _ready(self):
        line = self._answer(time.monotonic() + self.timeout, ("ready",))
        words = [word.partition("=") for word in line.split()[1:]]
        return {key: int(value) if value.isdecimal() else value for key, _, value in words}

    def _read(self, deadline):
        """More output of the child; False at its end or when the time is over."""
        if not self.selector.select(max(0, deadline - time.monotonic())):
            return False
        data = os.read(self.child.stdout.fileno(), 65536)
        self.buffer += data
        return bool(data)

    def _line(self, deadline):
        """The next line; violations are put aside, lines of help passed over."""
        while True:
            while b"\n" not in self.buffer:
                if not self._read(deadline):
                    return None
            line, _, self.buffer = self.buffer.partition(b"\n")
            text = line.decode("utf-8", "replace")
            if text.startswith("violation "):
                self.violations.append(text.partition(" ")[2])
            elif not text.startswith("#"):
                return text

    def _answer(self, deadline, words):
        line = self._line(deadline)
        if line is None:
            try:
                why = f"exit status {self.child.wait(0.2)}"
            except subprocess.TimeoutExpired:
                why = "no answer in time"
            raise SimulatorError(f"{os.path.basename(self.child.args[3])}: {why}")
        if line.split(" ")[0] not in words:
            raise SimulatorError(f"unexpected line '{line}'")
        return line

    def command(self, text, timeout=None):
        """Sends a console command; what stands behind "ok". "error" raises."""
        if "\n" in text:
            raise ValueError("one command, one line")
        deadline = time.monotonic() + (timeout or self.timeout)
        try:
            self.child.stdin.write(text.encode() + b"\n")
        except BrokenPipeError:
            pass
        line = self._answer(deadline, ("ok", "error"))
        if line.startswith("error"):
            raise SimulatorError(f"{text}: {line}")
        return line[3:]

    def stats(self):
        return json.loads(self.command("stats"))

    def wait(self, field, number, operator=">=", timeout=None):
        """Until a number in the statistics is reached; the simulator tells, nobody polls."""
        limit = timeout or self.timeout
        self.command(f"wait {field} {operator} {number} {int(limit * 1000)}", limit + self.timeout)

    def wait_for(self, predicate, timeout=None):
        """Until `predicate()` is true; its value. For what `wait` cannot express."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while True:
            value = predicate()
            if value:
                return value
            now = time.monotonic()
            if now >= deadline:
                raise SimulatorError("what was waited for did not come")
            # A short look at the child: a violation or its death ends the pause at once.
            if b"\n" not in self.buffer:
                self._pause(min(now + 0.005, deadline))

    def _pause(self, deadline):
        self._read(deadline)
        if self.child.poll() is not None:
            raise SimulatorError(f"exit status {self.child.returncode}")
        while self.buffer.startswith(b"violation ") and b"\n" in self.buffer:
            line, _, self.buffer = self.buffer.partition(b"\n")
            self.violations.append(line.decode("utf-8", "replace").partition(" ")[2])

    def stop(self):
        """Ends the child and returns all violations; may be called again."""
        if self.status is None:
            try:
                self.child.stdin.write(b"quit\n")
            except BrokenPipeError:
                pass
            deadline = time.monotonic() + self.timeout
            while self._line(deadline) is not None:
                pass
            self._end(max(0.1, deadline - time.monotonic()))
            if self.status != (1 if self.violations else 0):
                raise SimulatorError(f"exit status {self.status}")
        return self.violations

    def _end(self, timeout):
        try:
            self.status = self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.send_signal(signal.SIGKILL)
            self.status = self.child.wait()
        self.selector.close()
        self.child.stdout.close()
        self.child.stdin.close()
