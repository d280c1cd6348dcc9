#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ppcs-connect with a session that it keeps: --hold to its end, to the camera's end and into
silence, and signals before, in and without a session. The camera always hears of the end.
"""

import os
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, UID, PpcsCase  # noqa: E402

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ONE_LINE = r"\Appcs-connect: [^\n]+: [^\n]+\n\Z"


class Hold(PpcsCase):
    def hold(self, *arguments, network=()):
        """A race with --hold, of which the first lines are there; the camera has heard the tool."""
        self.simulate(*network)
        tool = self.start_tool("--no-p2p", "--hold", *arguments)
        if "--json" not in arguments:
            lines = tool.lines(4)
            self.check_text("\n".join(lines))
        self.sim.wait("sessions_heard", 1)
        return tool

    def object_of(self, tool, status=0):
        found, stdout, stderr = tool.finish()
        self.assertEqual(found, status, stderr)
        report = self.check_json(stdout)
        self.assertEqual(report["success"], True)
        return report["hold"], stderr

    def test_text(self):
        """Who has won stands there at once, not only when the session is over."""
        tool = self.hold("0.5")
        self.assertEqual(self.sim.stats()["sessions"], 1)
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stderr), (0, ""))
        self.assertRegex(stdout, r"\Aheld [0-9]+ ms: [^\n]+, [0-9]+ bytes, done\n"
                                 r"  received  [0-9]+ packets: [^\n]+\n\Z")
        self.assert_closed()
        self.sim.wait("sessions", 0, "=")

    def test_json(self):
        """One object, at the end. After a second of silence there is a keepalive, and an answer."""
        start = time.monotonic()
        tool = self.hold("2.3", "--json", network=("--alive", "off"))
        self.sim.wait("drw_ack_in", 1)
        self.sim.command("send 0 " + "41" * 1500)
        self.sim.command("send 3 4242")
        self.sim.wait("blast_pending", 0, "=")
        hold, stderr = self.object_of(tool)
        self.assertGreater(time.monotonic() - start, 2.2)
        self.assertEqual((stderr, hold["ended"]), ("", "done"))
        self.assertGreaterEqual(hold["elapsed_ms"], 2300)
        self.assertGreaterEqual(hold["alive_sent"], 1)
        self.assertGreaterEqual(hold["alive_received"], 1)
        self.assertEqual(hold["alive_missed"], 0)
        self.assertEqual(hold["data_bytes"], 3 + 1500 + 2)
        self.assertEqual(hold["channel_bytes"], [1503, 0, 0, 2, 0, 0, 0, 0])
        self.assertEqual((hold["data_packets"], hold["data_refused"]), (4, 0))
        self.assertEqual({hold[name] for name in (
            "data_bytes_sent", "data_packets_sent", "data_resent", "unsent_bytes")}, {0})
        self.assertEqual((hold["rtt_ms"], hold["rtt_min_ms"]), (None, None))
        self.assert_closed()

    def test_disorder(self):
        """What came twice and too early is counted, and nothing of it twice."""
        tool = self.hold("30", "--json", network=("--duplicate", "camera 40", "--reorder",
                                                  "camera 40"))
        self.sim.wait("drw_ack_in", 1)
        self.sim.command("blast 1 100000")
        self.sim.wait("blast_pending", 0, "=")
        hold = self.check_json(self.stop(tool)[0])["hold"]
        self.assertEqual(hold["data_bytes"], 3 + 100000)
        self.assertGreater(hold["data_duplicates"], 0)
        self.assertGreater(hold["data_out_of_order"], 0)

    def test_not_without(self):
        self.simulate()
        self.assertNotIn("hold", self.report())

    def test_keepalives_are_missed(self):
        """The camera goes on talking, but answers no ALIVE."""
        self.simulate("--alive-ack", "off", "--alive", "off")
        tool = self.start_tool("--hold", "2.4", "--json", "--no-p2p")
        hold, _ = self.object_of(tool)
        self.assertEqual(hold["ended"], "done")
        self.assertGreaterEqual(hold["alive_sent"], 2)
        self.assertGreaterEqual(hold["alive_missed"], 1)

    def test_closed(self):
        """At once, with a line that says so."""
        for arguments in (("30",), ("30", "--json")):
            tool = self.hold(*arguments)
            start = time.monotonic()
            self.sim.wait("drw_ack_in", 1)
            self.sim.command("close")
            status, stdout, stderr = tool.finish()
            self.assertLess(time.monotonic() - start, 10)
            self.assertEqual(status, 3)
            self.assertRegex(stderr, ONE_LINE)
            if "--json" in arguments:
                self.assertEqual(self.check_json(stdout)["hold"]["ended"], "closed")
            stats = self.sim.stats()
            self.assertEqual((stats["closed_by_camera"], stats["close_in"]), (1, 0))

    def test_silent(self):
        """One camera says nothing any more, the other one has gone altogether."""
        mute = self.hold("30", "--json")
        self.sim.command("silent on")
        gone = self.hold("30")
        # Without a word: it is no fault that the tool does not say CLOSE to nobody.
        self.sim.child.kill()
        self.sim.child.wait()
        self.sim.status, self.sim.violations = 0, []
        start = time.monotonic()
        status, _, stderr = gone.finish()
        self.assertEqual(status, 3)
        self.assertRegex(stderr, ONE_LINE)
        hold, stderr = self.object_of(mute, 3)
        self.assertRegex(stderr, ONE_LINE)
        self.assertLess(time.monotonic() - start, 9)
        self.assertEqual(hold["ended"], "silent")
        self.assertGreater(hold["elapsed_ms"], 3000)
        self.assertGreaterEqual(hold["alive_missed"], 2)

    def test_other_device(self):
        """Somebody else has taken the address over: there is nobody to say CLOSE to."""
        for arguments in (("30",), ("30", "--json")):
            tool = self.hold(*arguments, network=("--expect-close", "off"))
            self.sim.wait("drw_ack_in", 1)
            self.sim.command("ready")
            status, stdout, stderr = tool.finish()
            self.assertEqual(status, 3)
            self.assertRegex(stderr, ONE_LINE)
            self.assertIn("another device", stderr)
            if "--json" in arguments:
                self.assertEqual(self.check_json(stdout)["hold"]["ended"], "other")

    def test_relay(self):
        self.simulate("--relays", "1", "--relay", "1 direct on")
        self.peer = []
        tool = self.start_tool("--hold", "0.3", "--json", "--uid", UID, *self.relay())
        hold, _ = self.object_of(tool)
        self.assertEqual((hold["ended"], hold["data_bytes"]), ("done", 3))
        self.assert_closed(1)

    def test_signals(self):
        """Closed cleanly, then died of it."""
        for number in SIGNALS:
            tool = self.hold("30")
            start = time.monotonic()
            self.stop(tool, number)
            self.assertLess(time.monotonic() - start, 10)
            self.assert_closed()
        for number in SIGNALS:
            tool = self.hold("30", "--json")
            self.stop(tool, number)
            self.assert_closed()

    def test_nobody_reads(self):
        """The reader of standard output goes away: the session is closed all the same."""
        tool = self.hold("30")
        tool.selector.unregister(tool.process.stdout)
        tool.process.stdout.close()
        self.assert_closed()
        self.assertEqual(tool.process.wait(5), -signal.SIGPIPE)


class Race(PpcsCase):
    """Signals before anything is won."""

    def test_path_up(self):
        """A path that is up and not proven is told CLOSE as well."""
        for number in SIGNALS:
            self.simulate("--first", "none", "--alive-ack", "off", "--alive", "off")
            tool = self.start_tool("--no-p2p")
            self.sim.wait("sessions_heard", 1)
            stdout, _ = self.stop(tool, number)
            self.assertEqual(stdout, "")
            self.assert_closed()

    def test_nothing_heard(self):
        for number in SIGNALS:
            sock = self.silent_port()
            self.peer = [HOST, *self.ports(self.port_of(sock))]
            tool = self.start_tool()
            sock.recv(2048)
            start = time.monotonic()
            stdout, _ = self.stop(tool, number)
            self.assertEqual(stdout, "")
            self.assertLess(time.monotonic() - start, 10)

    def test_ignored_interrupt(self):
        """What a shell has put into the background lives on."""
        sock = self.silent_port()
        self.peer = [HOST, *self.ports(self.port_of(sock))]
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            tool = self.start_tool("--max-time", "0.5")
        finally:
            signal.signal(signal.SIGINT, previous)
        sock.recv(2048)
        tool.signal(signal.SIGINT)
        self.check_failure(tool.finish(), 3)

    def test_closed_standard_streams(self):
        """No socket gets the number of a stream that was closed."""
        self.simulate()
        code = 'exec "$@" >&- 2>&- <&-'
        done = os.spawnve(os.P_WAIT, "/bin/sh", ["sh", "-c", code, "sh", self.program,
                                                 *map(str, self.peer)], self.env)
        # Nothing could be printed, which is a failure; the race was won.
        self.assertNotEqual(done, 0)
        self.assert_closed()


if __name__ == "__main__":
    unittest.main()
