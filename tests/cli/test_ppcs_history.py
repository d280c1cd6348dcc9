#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ppcs-connect remembers of a peer: it orders the next race, is private, and never comes to
harm, whoever writes at the same time and whatever somebody else has put into the file.
"""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True

from common import LIMIT  # noqa: E402
from ppcs_common import HOST, UID, PpcsCase  # noqa: E402

# Nothing but the camera of the test has an address like this.
ALONE = "127.77.66.55"
WRITERS, RACES = 20, 4
STOPPED_SECONDS = 0.3


class HistoryCase(PpcsCase):
    def mode_of(self, path):
        return stat.S_IMODE(os.stat(path).st_mode)

    def write(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        with open(path, "wb") as file:
            file.write(data)
        return data

    def bytes_of(self, path):
        with open(path, "rb") as file:
            return file.read()


class Learnt(HistoryCase):
    def test_id(self):
        """Found by search once, the camera is let in by its id when it answers no search."""
        sim = self.simulate()
        self.connect("--no-p2p")
        sim.command("search off")
        report = self.report("--max-time", "5")
        self.assertEqual((report["mode"], report["uid"]), ("p2p", UID))
        self.report("--max-time", "0.4", "--no-history", status=3)
        other = os.path.join(self.dir, "other")
        self.report("--max-time", "0.4", "--history", other, status=3)
        # Punched by the id that was learnt from the first packet on.
        self.assertEqual(self.report("--no-lan")["racers"]["p2p"]["retries"], 0)

    def test_id_of_another_peer(self):
        """What is known of one address says nothing about another one."""
        sim = self.simulate()
        self.connect("--no-p2p")
        sim.command("search off")
        self.peer[0] = "127.0.1"  # another spelling, and another entry
        self.report("--max-time", "0.4", status=3)

    def test_port(self):
        """The port that won goes first, also when nobody has named it."""
        sim = self.simulate("--bind", ALONE, "--search", "off")
        main = sim.ports["main"]
        report = self.report("--uid", UID, address=main)
        self.assertEqual(report["destination_port"], main)
        self.peer = [ALONE]
        report = self.report("--uid", UID, "--max-time", "5")
        self.assertEqual((report["mode"], report["destination_port"]), ("p2p", main))
        self.assertEqual(self.asked(report, "p2p")[0], main)
        self.assertLess(report["elapsed_ms"], 100)
        self.report("--uid", UID, "--no-history", "--max-time", "0.5", status=3)

    def report(self, *arguments, address=None, **kwargs):
        if address:
            self.peer = [ALONE, *self.ports(self.closed_port(), address)]
        return super().report(*arguments, **kwargs)

    def test_order_of_the_ports_stays_with_whoever_names_them(self):
        self.simulate()
        ports = [self.closed_port(), self.sim.ports["main"]]
        self.peer = [HOST, *self.ports(*ports, search=self.sim.ports["search"]), "--uid", UID]
        for _ in range(2):
            report = self.report("--no-lan")
            self.assertEqual(self.asked(report, "p2p"), ports)

    def test_a_mode_that_lost_waits(self):
        """Weights are learnt: what never wins starts later than what does."""
        self.simulate("--search", "off")
        closed = self.closed_port()
        self.peer = [HOST, *self.ports(self.sim.ports["main"], search=closed), "--uid", UID]
        self.sim.command("silent on")
        for _ in range(2):
            self.report("--no-p2p", "--max-time", "0.4", status=3)
        self.sim.command("silent off")
        self.report("--no-lan")
        self.sim.command("answer-delay 50")
        self.assertEqual(self.report()["racers"]["lan"]["attempts"], [])
        self.assertNotEqual(self.report("--no-history")["racers"]["lan"]["attempts"], [])
        # What is said is stronger than what is learnt.
        report = self.report("--weights", "p2p=1,lan=1")
        self.assertNotEqual(report["racers"]["lan"]["attempts"], [])


class File(HistoryCase):
    def test_made(self):
        """With its directory, for nobody else to read."""
        self.simulate()
        self.addCleanup(os.umask, os.umask(0o022))
        self.env["XDG_STATE_HOME"] = os.path.join(self.dir, "state", "of", "mine")
        self.connect("--no-p2p")
        directory = os.path.join(self.env["XDG_STATE_HOME"], "linekeeper")
        path = os.path.join(directory, "ppcs-history")
        self.assertEqual(self.mode_of(path) & 0o077, 0)
        self.assertEqual(self.mode_of(directory) & 0o077, 0)
        text = self.read(path)
        self.assertIn(HOST, text)
        self.assertIn(UID, text)
        self.assertEqual(os.listdir(directory), ["ppcs-history"])

    def test_without_a_state_directory(self):
        self.simulate()
        del self.env["XDG_STATE_HOME"]
        self.connect("--no-p2p")
        self.assertIn(UID, self.read(os.path.join(self.dir, ".local", "state", "linekeeper",
                                                  "ppcs-history")))
        self.env["XDG_STATE_HOME"] = "not/absolute"
        self.connect("--no-p2p")
        self.assertFalse(os.path.exists(os.path.join(self.dir, "not")))

    def test_no_history(self):
        self.simulate()
        self.connect("--no-p2p", "--no-history")
        self.assertEqual(os.listdir(self.dir), [])
        self.connect("--no-p2p")
        before = self.bytes_of(self.history())
        self.peer[0] = "localhost"
        self.connect("--no-p2p", "--no-history")
        self.assertEqual(self.bytes_of(self.history()), before)

    def test_history_file(self):
        """Where it is said to be, and nowhere else."""
        self.simulate()
        path = os.path.join(self.dir, "mine")
        self.connect("--no-p2p", "--history", path)
        self.assertIn(UID, self.read(path))
        self.assertEqual(self.mode_of(path) & 0o077, 0)
        self.assertEqual(os.listdir(self.dir), ["mine"])
        self.env["PPCS_CONNECT_HISTORY"] = os.path.join(self.dir, "other")
        self.connect("--no-p2p")
        self.assertIn(UID, self.read(os.path.join(self.dir, "other")))

    def test_cannot_be_written(self):
        """A place that was named and is none is worth a line; the race counts all the same."""
        self.simulate()
        path = os.path.join(self.dir, "missing", "mine")
        status, stdout, stderr = self.run_tool("--no-p2p", "--history", path)
        self.assertEqual(status, 0)
        self.check_text(stdout)
        self.assertRegex(stderr, rf"\Appcs-connect: [^\n]*{path}[^\n]*\n\Z")

    def test_damaged(self):
        """Told of once, and left as it is."""
        self.simulate()
        self.connect("--no-p2p")
        path = self.history()
        good = self.bytes_of(path)
        for text in ("", "\n", "something else\n", b"\0" * 100, os.urandom(5000), good[:-1],
                     good[:len(good) // 2], good + b"more\n", good + good, good + b"x" * 100000,
                     good.replace(UID.encode(), b"not-an-id"), good.replace(b"\t", b" "),
                     good.replace(b"lan", b"wan"), good[good.index(b"\n") + 1:]):
            with self.subTest(text[:200]):
                data = self.write(path, text)
                status, stdout, stderr = self.run_tool("--no-p2p")
                self.assertEqual(status, 0)
                self.check_text(stdout)
                self.assertRegex(stderr, rf"\Appcs-connect: [^\n]*{path}: [^\n]+\n\Z")
                self.assertEqual(self.bytes_of(path), data)
                self.assertEqual(os.listdir(os.path.dirname(path)), ["ppcs-history"])
        self.write(path, good)
        self.connect("--no-p2p")
        # Once, also where the file was named.
        self.write(path, good[:-1])
        stderr = self.run_tool("--no-p2p", "--history", path)[2]
        self.assertEqual(stderr.count("\n"), 1, stderr)

    def check_left_alone(self, why):
        """Told of once; the race goes as without, also one that is lost."""
        path = self.history()
        before = os.lstat(path)
        mine = self.peer
        for status, peer in ((0, mine), (3, [HOST, *self.ports(self.closed_port())])):
            self.peer = peer
            found, stdout, stderr = self.run_tool("--no-p2p", "--json", "--max-time",
                                                  "0.2" if status else "20")
            self.assertEqual(found, status, stderr)
            self.assertEqual(self.check_json(stdout)["success"], status == 0)
            self.assertEqual(stderr.count("\n"), 1 if status == 0 else 2, stderr)
            self.assertTrue(stderr.startswith(f"ppcs-connect: history {path}: {why}; "), stderr)
        self.peer = mine
        after = os.lstat(path)
        self.assertEqual((after.st_ino, after.st_mtime_ns, after.st_size),
                         (before.st_ino, before.st_mtime_ns, before.st_size))
        self.assertEqual(os.listdir(os.path.dirname(path)), ["ppcs-history"])

    def test_no_file(self):
        """A directory in its place, or a pipe that nobody writes to."""
        self.simulate()
        path = self.history()
        os.makedirs(path)
        self.check_left_alone("Is a directory")
        os.rmdir(path)
        os.mkfifo(path)
        self.check_left_alone("damaged")

    def test_unreadable(self):
        self.simulate()
        self.connect("--no-p2p")
        path = self.history()
        os.rename(path, os.path.join(self.dir, "elsewhere"))
        os.symlink(path, path)
        self.check_left_alone("Too many levels of symbolic links")
        os.unlink(path)
        os.rename(os.path.join(self.dir, "elsewhere"), path)
        os.chmod(path, 0)
        if not os.access(path, os.R_OK):  # root may do anything
            self.check_left_alone("Permission denied")

    def test_of_another_release(self):
        self.simulate()
        self.connect("--no-p2p")
        path = self.history()
        text = self.read(path)
        self.write(path, text.replace("ppcs-history 1\n", "ppcs-history 2\n"))
        self.check_left_alone("written by another release")

    def test_huge(self):
        """Not even looked into; one that is as big as may be has its bounds."""
        self.simulate()
        self.connect("--no-p2p")
        path, text = self.history(), self.read(self.history())
        os.truncate(path, 1 << 31)
        self.check_left_alone("File too large")
        peers = "".join(f"peer\t{number}\t-\t{number}\t-\t0\n" for number in range(4000))
        self.write(path, text + peers)
        self.connect("--no-p2p")
        self.assertLess(len(self.read(path)), 20000)
        self.assertIn(UID, self.read(path))

    def test_failures_are_remembered_too(self):
        self.peer = [HOST, *self.ports(self.closed_port())]
        self.check_failure(self.run_tool("--max-time", "0.4"), 3)
        self.assertIn(HOST, self.read(self.history()))


class Writers(HistoryCase):
    def fill(self, count):
        """A file of so many peers, made of the entry of one."""
        self.peer = [HOST, *self.ports(self.closed_port())]
        self.run_tool("--max-time", "0.05")
        lines = self.read(self.history()).splitlines()
        first = [place for place, line in enumerate(lines) if HOST in line.split()][0]
        more = [line.replace(HOST, f"192.0.2.{number}") for number in range(count)
                for line in lines[first:]]
        self.write(self.history(), "\n".join([*lines[:first], *more]) + "\n")

    def test_at_once(self):
        """Twenty runs that end at the same moment, each with a peer of its own: none gets lost,
        and whoever looks in between sees a whole file."""
        self.fill(100)
        path, title = self.history(), self.bytes_of(self.history()).partition(b"\n")[0]
        broken, ended = [], threading.Event()

        def look():
            while not ended.is_set():
                data = self.bytes_of(path)
                if not data.startswith(title + b"\n") or not data.endswith(b"\n"):
                    broken.append(data)

        # So many spellings of one address.
        peers = [f"127.{'0' * count}.1" for count in range(1, WRITERS + 1)]
        tools = [self.stopped(peer) for peer in peers]
        time.sleep(STOPPED_SECONDS)  # until the time of all of them is over
        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            for tool in tools:
                tool.signal(signal.SIGCONT)
            for peer, tool in zip(peers, tools):
                self.check_failure(tool.finish(), 3, peer)
        finally:
            ended.set()
            watcher.join()
        self.assertEqual(broken, [])
        lines = self.read(path).splitlines()
        for peer in peers:
            found = [line for line in lines if peer in line.split()]
            self.assertEqual(len(found), 1, peer)
        self.assertEqual(os.listdir(os.path.dirname(path)), ["ppcs-history"])
        # And it is still one that is read without a word.
        self.simulate()
        self.connect("--no-p2p")

    def stopped(self, peer):
        """A race for a peer that says nothing, stopped in the midst of it."""
        sock = self.silent_port()
        self.peer = [peer, *self.ports(self.port_of(sock))]
        tool = self.start_tool("--max-time", STOPPED_SECONDS)
        sock.recv(2048)
        tool.signal(signal.SIGSTOP)
        return tool

    def test_at_one_peer(self):
        """Eight at a time, several races each, at other ports of the same peer: what one learns
        the others do not undo."""
        def run(number):
            sock = self.silent_port()
            ports[number] = self.port_of(sock)
            for _ in range(RACES):
                found[number].append(self.run_at(ports[number]))

        ports, found = {}, [[] for _ in range(8)]
        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for done in found:
            self.assertEqual([(status, stderr.count("\n")) for status, _, stderr in done],
                             [(3, 1)] * RACES, done)
        lines = [line.split("\t") for line in self.read(self.history()).splitlines()]
        for mode in ("p2p", "lan"):
            for port in ports.values():
                failures = [line[3] for line in lines if line[1:3] == [mode, str(port)]]
                self.assertEqual(failures, [str(RACES)], (mode, port))
        self.assertEqual(os.listdir(os.path.dirname(self.history())), ["ppcs-history"])

    def run_at(self, port):
        """A race at a port of nobody, from a thread."""
        done = subprocess.run(
            [self.program, HOST, *self.ports(port), "--uid", UID, "--weights", "p2p=1,lan=1",
             "--max-time", "0.05"],
            env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=LIMIT, check=False)
        return done.returncode, done.stdout, done.stderr.decode("utf-8")

    def test_many_peers(self):
        """The file does not grow for ever, and the one that was used last is in it."""
        self.fill(250)
        self.run_tool("--max-time", "0.05")
        text = self.read(self.history())
        self.assertIn(HOST, text.split())
        self.assertLessEqual(sum(line.startswith("peer") for line in text.splitlines()), 250)


if __name__ == "__main__":
    unittest.main()
