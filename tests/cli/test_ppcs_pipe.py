#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ppcs-connect --pipe: a channel of the session as standard input and output. Bytes both ways, with
loss and with slow ends, how it ends from either side, and what is said of it.
"""

import contextlib
import fcntl
import hashlib
import os
import pty
import re
import selectors
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

sys.dont_write_bytecode = True

from ppcs_common import CONNECTED, HOST, UID, PpcsCase  # noqa: E402

from simulator import SimulatorError  # noqa: E402 (common has put the harness on the path)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sim"))

from ppcs.data import pattern  # noqa: E402

PREFIX = "ppcs-connect: "
UNACKNOWLEDGED = re.compile(r"\b([0-9]+) bytes were not acknowledged")
# Of a loaded machine with sanitizers; nothing waits for it to pass.
LONG = 60.0
MANY = 2000000
# More than a camera that does not read, the channel, the tool and two pipes hold together.
ENOUGH = 1 << 20
CAMERA_HOLDS = 128 << 10


def writable(pipe):
    return bool(select.select([], [pipe], [], 0)[1])


def unread(pipe):
    """Bytes in a pipe that nobody has taken out yet."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


class PipeCase(PpcsCase):
    def begin(self, channel, *arguments, network=(), stdin=subprocess.PIPE):
        self.simulate(*network)
        return self.start_tool("--no-p2p", "--pipe", channel, *arguments, stdin=stdin)

    def pipe(self, *arguments, **kwargs):
        """A tool that has won its session and told the camera what it had of it."""
        tool = self.begin(*arguments, **kwargs)
        self.sim.wait("drw_ack_in", 1)
        return tool

    def write(self, tool, data, close=False):
        """From a thread of its own, so that the test can read meanwhile."""
        def run():
            with contextlib.suppress(BrokenPipeError):
                tool.process.stdin.write(data)
                tool.process.stdin.flush()
                if close:
                    tool.process.stdin.close()

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(tool.process.kill)
        return thread

    def read(self, tool, count):
        """So many bytes of standard output, and no more."""
        deadline = time.monotonic() + LONG
        while len(tool.buffer) < count:
            self.assertTrue(tool.read(deadline), f"ended after {len(tool.buffer)} bytes")
        self.assertEqual(len(tool.buffer), count)
        data, tool.buffer = tool.buffer, b""
        return data

    def finish(self, tool, status):
        """(what is left on standard output, the lines on standard error without the report)."""
        deadline = time.monotonic() + LONG
        while tool.read(deadline):
            pass
        self.assertEqual(tool.process.wait(LONG), status, tool.stderr())
        return tool.buffer, self.check_messages(tool.stderr())

    def check_messages(self, stderr):
        """The report stands there in full; what stands there besides."""
        lines = stderr.splitlines()
        for line in lines:
            self.assertTrue(line.startswith(PREFIX), line)
        lines = [line[len(PREFIX):] for line in lines]
        self.assertRegex(lines[0], CONNECTED)
        self.assertEqual([line.split()[0] for line in lines[1:4]], ["p2p", "lan", "relay"])
        held = [number for number, line in enumerate(lines) if line.startswith("held ")]
        self.assertEqual(len(held), 1, stderr)
        return [line for number, line in enumerate(lines) if not (
            number < 4 or number == held[0] or line.startswith("  "))]

    def interrupt(self, tool, number=signal.SIGINT):
        tool.signal(number)
        return self.finish(tool, -number)

    def lost(self, tool, why):
        """Ends with status 3; how many bytes it says were not acknowledged, and its output."""
        data, lines = self.finish(tool, 3)
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], rf"\A{HOST}: session lost: [^\n]*{why}")
        return int(UNACKNOWLEDGED.search(lines[0])[1]), data

    def sink(self, channel):
        """The digest of what the camera has of the only client."""
        found, = self.sim.stats()["sinks"].values()
        return found[str(channel)]["sha256"]

    def fill(self, tool):
        """Writes until nobody takes any more for good; how many bytes that were."""
        stdin = tool.process.stdin.fileno()
        os.set_blocking(stdin, False)
        total, stuck = 0, 0
        while stuck < 2:
            self.assertLess(total, ENOUGH, "nothing holds the input up")
            try:
                total += os.write(stdin, bytes(4096))
                stuck = 0
            except BlockingIOError:
                stuck += self.stays_full(stdin)
        return total

    def stays_full(self, pipe):
        """Whether nothing is taken out of a pipe to a camera that is full, though the tool goes on
        to send again what was not acknowledged."""
        count = self.sim.stats()["drw_in"] + 3

        def seen():
            stats = self.sim.stats()
            return writable(pipe) or (
                stats["drw_unread"] >= CAMERA_HOLDS and stats["drw_in"] >= count)
        self.sim.wait_for(seen, LONG)
        return not writable(pipe)


class Data(PipeCase):
    def both_ways(self, count, *network):
        data = os.urandom(count)
        network = ("--sink", "5", "--source", f"5 {count} 4711", *network)
        tool = self.pipe(5, "--quit-after", "0", network=network)
        self.write(tool, data)
        self.assertEqual(self.read(tool, count), pattern(4711, count))
        self.sim.wait("drw_bytes_5", count, timeout=LONG)
        tool.process.stdin.close()
        self.assertEqual(self.finish(tool, 0), (b"", []))
        self.assertEqual(self.sink(5), hashlib.sha256(data).hexdigest())
        self.assert_closed()

    def test_both_ways(self):
        self.both_ways(2 * MANY)

    def test_with_loss(self):
        self.both_ways(MANY // 2, "--loss", "camera 20")

    def test_obfuscated_and_out_of_order(self):
        self.both_ways(MANY // 4, "--key", "camera", "--reorder", "camera 20", "--duplicate",
                       "camera 20")

    def test_files(self):
        """As a shell has them: a file as input, and as output one that is gone on with."""
        path = os.path.join(self.dir, "in")
        data = bytes(range(256)) * 1000
        with open(path, "wb") as file:
            file.write(data)
        self.simulate("--echo", "1")
        with open(path, "rb") as source, open(path + "out", "wb") as target:
            target.write(b"before")
            target.flush()
            done = subprocess.run(
                [self.program, *map(str, self.peer), "--pipe", "1", "--quit-after", "2"],
                env=self.env, stdin=source, stdout=target, stderr=subprocess.DEVNULL,
                timeout=LONG, check=False)
        self.assertEqual(done.returncode, 0)
        with open(path + "out", "rb") as file:
            self.assertEqual(file.read(), b"before" + data)

    def test_while_losers_are_closed(self):
        """What the camera says before the race is quite over belongs to the channel."""
        for _ in range(3):
            self.simulate()
            tool = self.start_tool("--pipe", "0", "--hold", "30")
            self.assertEqual(self.read(tool, 3), b"ACK")
            self.interrupt(tool)

    def test_first_bytes(self):
        tool = self.pipe(0)
        self.assertEqual(self.read(tool, 3), b"ACK")
        self.sim.command("send 0 00ff0a0d1b")
        self.assertEqual(self.read(tool, 5), b"\x00\xff\n\r\x1b")
        self.interrupt(tool)

    def test_other_channels(self):
        """They are counted and go nowhere."""
        tool = self.pipe(1)
        self.sim.command("send 3 " + "33" * 5000)
        self.sim.command("send 1 3131")
        self.assertEqual(self.read(tool, 2), b"11")
        self.sim.wait("blast_pending", 0, "=")
        self.assertEqual(self.interrupt(tool), (b"", []))
        self.assertRegex(tool.stderr(), r"held [^\n]*\b5005 bytes\b")

    def test_descriptors_stay_as_they_are(self):
        """Others may have them too: nobody makes them non-blocking."""
        ends = [os.pipe(), os.pipe()]
        for end in (*ends[0], *ends[1]):
            self.addCleanup(os.close, end)
        self.simulate("--echo", "1")
        with subprocess.Popen(
                [self.program, *map(str, self.peer), "--no-p2p", "--pipe", "1"], env=self.env,
                stdin=ends[0][0], stdout=ends[1][1], stderr=subprocess.DEVNULL) as process:
            os.write(ends[0][1], b"echo")
            self.assertEqual(os.read(ends[1][0], 100), b"echo")
            flags = [fcntl.fcntl(end, fcntl.F_GETFL) for end in (ends[0][0], ends[1][1])]
            process.send_signal(signal.SIGINT)
        self.assertEqual([flag & os.O_NONBLOCK for flag in flags], [0, 0])
        self.assertEqual(process.returncode, -signal.SIGINT)


class Pressure(PipeCase):
    def test_slow_reader(self):
        """Nothing is taken of the camera that has no place; nothing is lost of it either."""
        tool = self.pipe(1, "--quit-after", "0", network=("--source", f"1 {2 * MANY} 1"))
        self.sim.wait("resends", 500, timeout=LONG)
        stats = self.sim.stats()
        self.assertLess(stats["drw_sent_1"], ENOUGH)
        self.assertEqual(stats["sessions"], 1)
        self.assertEqual(self.read(tool, 2 * MANY), pattern(1, 2 * MANY))
        tool.process.stdin.close()
        self.finish(tool, 0)

    def test_slow_reader_holds_nobody_else_up(self):
        """What goes to the camera goes on."""
        tool = self.pipe(1, network=("--source", f"1 {2 * MANY} 1", "--sink", "1"))
        self.sim.wait("resends", 100, timeout=LONG)
        self.write(tool, bytes(MANY))
        self.sim.wait("drw_bytes_1", MANY, timeout=LONG)
        self.interrupt(tool)
        self.assert_closed()

    def test_terminal(self):
        """One that nobody reads any more says that it is ready, and takes a byte."""
        self.simulate("--source", f"1 {MANY} 1", "--sink", "1")
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        with subprocess.Popen([self.program, *map(str, self.peer), "--no-p2p", "--pipe", "1"],
                              env=self.env, stdin=subprocess.PIPE, stdout=slave,
                              stderr=subprocess.DEVNULL) as process:
            os.close(slave)
            self.sim.wait("resends", 100, timeout=LONG)
            process.stdin.write(b"hello")
            process.stdin.flush()
            self.sim.wait("drw_bytes_1", 5, timeout=LONG)
            process.send_signal(signal.SIGINT)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assert_closed()

    def test_slow_camera(self):
        """Standard input is not read ahead of it."""
        tool = self.pipe(1, "--quit-after", "0", network=("--read", "off 1", "--sink", "1"))
        total = self.fill(tool)
        self.assertGreater(total, CAMERA_HOLDS)
        self.sim.command("read on")
        self.sim.wait("drw_bytes_1", total, timeout=LONG)
        tool.process.stdin.close()
        self.finish(tool, 0)
        self.assertEqual(self.sink(1), hashlib.sha256(bytes(total)).hexdigest())


class End(PipeCase):
    def test_of_input(self):
        """The session goes on until the camera ends it; what was said is acknowledged."""
        tool = self.pipe(2, network=("--sink", "2"))
        self.write(tool, b"request" * 1000, close=True)
        self.sim.wait("drw_bytes_2", 7000)
        self.sim.command("send-text 2 answer")
        self.assertEqual(self.read(tool, 6), b"answer")
        self.sim.command("close")
        self.assertEqual(self.lost(tool, "closed"), (0, b""))

    def test_no_input(self):
        for words in (["--quit-after", "0"], ["--quit-after", "0.2"], ["--hold", "0.5"],
                      ["--hold", "30", "--quit-after", "0"]):
            tool = self.begin(2, *words, stdin=subprocess.DEVNULL)
            self.assertEqual(self.finish(tool, 0), (b"", []))
            self.assert_closed()

    def test_quit_after_silence(self):
        """The time counts from the last byte of the camera, so that no answer is cut short."""
        tool = self.pipe(2, "--quit-after", "3", stdin=subprocess.DEVNULL)
        # A part of the time: nothing happens in it.
        with self.assertRaises(SimulatorError):
            self.sim.wait("close_in", 1, timeout=1)
        self.sim.command("send 2 2e")
        self.read(tool, 1)
        start = time.monotonic()
        self.finish(tool, 0)
        self.assertGreater(time.monotonic() - start, 2.8)

    def test_camera_closes(self):
        """In the middle of it: what came before is all there, what did not go is counted."""
        tool = self.pipe(1, network=("--read", "off 1"))
        total = self.fill(tool) - unread(tool.process.stdin)
        self.sim.command("blast 1 100000")
        self.sim.wait("blast_pending", 0, "=", timeout=LONG)
        self.sim.command("close")
        count, data = self.lost(tool, "closed")
        self.assertEqual(len(data), 100000)
        channel, = self.sim.stats()["channels"].values()
        self.assertEqual(count, total - channel["1"]["bytes_in"])
        self.assertGreater(count, 0)

    def test_camera_falls_silent(self):
        tool = self.pipe(1, network=("--expect-close", "off"))
        self.sim.command("mute on")
        self.write(tool, b"x" * 5000)
        self.assertEqual(self.lost(tool, "silent"), (5000, b""))

    def test_time(self):
        """With bytes on the way status 4, one way and the other."""
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * 5000)
            file.seek(0)
            tool = self.pipe(1, "--hold", "1", network=("--acks", "never"), stdin=file)
        _, (line,) = self.finish(tool, 4)
        self.assertEqual(UNACKNOWLEDGED.search(line)[1], "5000")
        tool = self.pipe(1, "--hold", "3", network=("--source", f"1 {MANY} 1"))
        self.assertEqual(tool.process.wait(LONG), 4)
        _, (line,) = self.finish(tool, 4)
        self.assertRegex(line, r"time is up: 0 bytes [^\n]* [1-9][0-9]+ that came were not")

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            tool = self.pipe(1, network=("--echo", "1"))
            self.write(tool, bytes(MANY))
            tool.read(time.monotonic() + LONG)
            self.interrupt(tool, number)
            self.assert_closed()

    def test_signal_while_nobody_reads(self):
        tool = self.pipe(1, network=("--source", f"1 {MANY} 1"))
        self.sim.wait("resends", 100, timeout=LONG)
        tool.signal(signal.SIGINT)
        self.assertEqual(tool.process.wait(LONG), -signal.SIGINT)
        self.assert_closed()

    def test_reader_goes(self):
        tool = self.pipe(1)
        tool.selector.unregister(tool.process.stdout)
        tool.process.stdout.close()
        self.assert_closed()
        self.assertEqual(tool.process.wait(LONG), -signal.SIGPIPE)
        tool.selector = selectors.DefaultSelector()

    def test_output_that_fails(self):
        """A full disk, and none at all."""
        self.simulate()
        for code in ('exec "$@" >/dev/full', 'exec "$@" >&-'):
            done = subprocess.run(
                ["/bin/sh", "-c", code, "sh", self.program, *map(str, self.peer), "--pipe", "0"],
                env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=LONG,
                check=False)
            lines = done.stderr.decode().splitlines()
            self.assertEqual(done.returncode, 1, lines)
            self.assertRegex(lines[-1], r"\Appcs-connect: standard output: ")
            self.assert_closed()

    def test_input_that_fails(self):
        """A directory is told of, and the end of the input."""
        directory = os.open(self.dir, os.O_RDONLY)
        self.addCleanup(os.close, directory)
        tool = self.begin(1, "--quit-after", "0", stdin=directory)
        _, (line,) = self.finish(tool, 1)
        self.assertRegex(line, r"\Astandard input: ")


class Start(PipeCase):
    def test_from_the_configuration(self):
        """What a file says for other calls does not stand in the way."""
        self.write_config("[ppcs-connect]\njson = yes\nquit-after = 0\n")
        tool = self.begin(1, stdin=subprocess.DEVNULL)
        self.assertEqual(self.finish(tool, 0), (b"", []))
        status, stdout, _ = self.run_tool()
        self.assertEqual((status, self.check_json(stdout)["uid"]), (0, UID))


if __name__ == "__main__":
    unittest.main()
