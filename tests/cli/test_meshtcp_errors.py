#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every exit status of meshtcp but 2; on failure no data, one line that says what and why.

Keys and passwords are looked for where they must not be.
"""

import os
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from common import refusals  # noqa: E402
from meshtcp_common import MeshtcpCase  # noqa: E402

# A command of each way to work: nothing asked for, the configuration, all nodes, a stream.
ALL_WAYS = (["send", "x"], ["--json", "config"], ["nodes"], ["listen"], ["telemetry", "BOB"])


class Unreachable(MeshtcpCase):
    """Status 3: cannot reach the node, or lost it."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_closed_port(self):
        self.tell("listen off")
        for words in ALL_WAYS:
            with self.subTest(words):
                begin = time.monotonic()
                error = self.assert_fails([*words, "--timeout", "0.3"], 3)
                self.assertIn("refused", error)
                self.assertIn(str(self.sim.ports["port"]), error)
                self.assertTrue(0.29 < time.monotonic() - begin < 3)
        self.assert_untouched()

    def test_no_answer_at_all(self):
        self.tell("blackhole on")
        for words in ALL_WAYS[:2]:
            with self.subTest(words):
                self.assert_fails([*words, "--timeout", "0.3"], 3)

    def test_name(self):
        self.peer[1] = "x" * 64 + ".invalid"  # a label too long to be asked for
        self.assertIn("resolve", self.assert_fails(["info"], 3))

    def test_lost_and_gone(self):
        self.tell("record-delay 5")
        tool = self.start_tool("info", "--timeout", "1.2")
        self.sim.wait("in_want_config_id", 1)
        self.tell("listen off", "close")
        status, stdout, stderr = tool.finish()
        self.assertEqual((status, stdout, stderr.count("\n")), (3, "", 1))

    def test_lost_and_back(self):
        self.tell("download-fault cut 20")
        self.assertEqual(self.run_tool("channels")[::2], (0, ""))
        self.tell("download-fault reset 3")
        self.assertEqual(self.run_tool("nodes")[::2], (0, ""))

    def test_back_in_time(self):
        self.tell("listen off")
        before = refusals()
        tool = self.start_tool("channels")
        self.sim.wait_for(lambda: refusals() > before)
        self.tell("listen on")
        self.assertEqual(tool.finish()[::2], (0, ""))


class NoAnswer(MeshtcpCase):
    """Status 4: connected, but nothing in time."""

    def setUp(self):
        super().setUp()
        self.simulate_lenient()

    def test_no_download(self):
        self.tell("download-delay 5000")
        for words in ALL_WAYS[1:]:
            with self.subTest(words):
                begin = time.monotonic()
                self.assert_fails([*words, "--timeout", "0.4"], 4)
                self.assertTrue(0.39 < time.monotonic() - begin < 3)

    def test_stalled(self):
        self.tell("heartbeat-answer off", "queue-status off", "ack none")
        self.assert_fails(["send", "x", "--timeout", "0.3"], 4)
        self.assert_fails(["send", "x", "--ack", "--timeout", "0.6"], 4)


class Nonsense(MeshtcpCase):
    """Status 6: the answer is there, and cannot be."""

    def test_undecodable(self):
        self.simulate()
        self.tell("answers off")
        for words, port in ((["telemetry", "!433b2f10"], 67), (["position", "!433b2f10"], 3),
                            (["--json", "traceroute", "!433b2f10"], 70)):
            with self.subTest(words):
                before = self.sim.stats()["packets_in"]
                tool = self.start_tool(*words)
                self.sim.wait("packets_in", before + 1)
                self.tell(f"answer BOB {port} 0d01 {self.sim.stats()['last_id']}")
                status, stdout, stderr = tool.finish()
                self.assertEqual((status, stdout, stderr.count("\n")), (6, "", 1))

    def test_passed_over(self):
        """What cannot be the answer: another request's, another node's, another port's."""
        self.simulate()
        self.tell("answers off")
        tool = self.start_tool("telemetry", "!433b2f10")
        self.sim.wait("packets_in", 1)
        number = self.sim.stats()["last_id"]
        self.tell(f"answer BOB 67 0d01 {number ^ 1}", f"answer CRL 67 0d01 {number}",
                  f"answer BOB 3 0d01 {number}", "raw ffffffff", f"answer BOB 67 1200 {number}")
        self.assertEqual(tool.finish(), (0, "", ""))


class InUse(MeshtcpCase):
    """Status 7: another process holds the node."""

    def setUp(self):
        super().setUp()
        self.simulate_lenient()
        self.holder = self.start_ready("listen")

    def test_refused(self):
        for words in (*ALL_WAYS, ["diag"], ["diag", "--raw"], ["reboot"]):
            with self.subTest(words):
                error = self.assert_fails(words, 7)
                self.assertIn(f"process {self.holder.process.pid} ", error)
                self.assertIn("--force", error)
        self.assertEqual(self.sim.stats()["connections_total"], 1)
        self.tell("text BOB x")
        self.assertTrue(self.holder.line().endswith("x"))

    def test_by_another_name(self):
        """The same node, whatever it is called."""
        self.peer[1] = "localhost"
        self.assertIn(self.run_tool("channels")[0], (3, 7))
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_forced(self):
        """One of the two is thrown out, and comes back."""
        self.tell("single off")
        self.assertEqual(self.run_tool("channels", "--force")[0], 0)
        self.sim.wait("downloads", 3)
        self.assertEqual(self.sim.stats()["evictions"], 1)

    def test_free_again(self):
        self.assert_ends(self.holder)
        self.assertEqual(self.run_tool("channels")[0], 0)
        holder = self.start_ready("listen")
        self.tell("expect-disconnect off")
        holder.process.kill()
        holder.process.wait()
        self.assertEqual(self.run_tool("channels")[0], 0)


class Signals(MeshtcpCase):
    def test_one_shot(self):
        """Closed cleanly, then dead of the signal."""
        self.simulate()
        self.tell("ack none", "answers off")
        for number in (signal.SIGINT, signal.SIGTERM):
            for words in (["send", "x", "--ack"], ["--json", "telemetry", "BOB"]):
                with self.subTest(words, number=number):
                    before = self.sim.stats()["packets_in"]
                    tool = self.start_tool(*words)
                    self.sim.wait("packets_in", before + 1)
                    tool.signal(number)
                    self.assertEqual(tool.finish(4), (-number, "", ""))
                    self.assert_gone()

    def test_while_connecting(self):
        self.simulate()
        self.tell("listen off")
        before = refusals()
        tool = self.start_tool("info")
        self.sim.wait_for(lambda: refusals() > before)
        tool.signal(signal.SIGTERM)
        self.assertEqual(tool.finish(4), (-signal.SIGTERM, "", ""))


class Secrets(MeshtcpCase):
    def test_log_and_trace(self):
        """Neither as text nor in hexadecimal; a failure shows none either."""
        self.simulate()
        self.tell("module mqtt password=s3cret-word", "config network wifi_psk=hunter-22")
        path = os.path.join(self.dir, "trace")
        for words in (["config", "-vv"], ["config", "network.wifi_psk=sesame-99", "-vv"],
                      ["config", "mqtt", "--node", "BOB", "-vv"], ["info", "-v"]):
            _, stdout, stderr = self.run_tool(*words, "--trace", path)
            with open(path, encoding="utf-8") as file:
                text = stdout + stderr + file.read()
            packed = text.replace(" ", "").lower()
            for secret in ("s3cret-word", "hunter-22", "sesame-99"):
                with self.subTest(words, secret=secret):
                    self.assertNotIn(secret, text)
                    self.assertNotIn(secret.encode().hex(), packed)
        self.assertIn("94c3", packed)


if __name__ == "__main__":
    unittest.main()
