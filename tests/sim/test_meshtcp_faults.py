#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: what goes wrong on the line when it is told to."""

import fcntl
import os
import socket
import struct
import sys
import termios
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp_case import GOODBYE, HEARTBEAT, NONCE, MeshCase, text, want  # noqa: E402
from simulator import SimulatorError  # noqa: E402


class Ends(MeshCase):
    def test_cut(self):
        self.simulate()
        for size, command in ((None, "cut"), (1, "cut 1"), (3, "cut 3")):
            client = self.ready()
            self.sim.command(command)
            rest = client.rest()
            self.assertEqual(rest[:2], b"\x94\xc3"[:len(rest)])
            if size:
                self.assertEqual(len(rest), size)
            else:
                self.assertTrue(4 < len(rest) < 4 + int.from_bytes(rest[2:4], "big"))
        self.assertEqual(self.sim.stats()["closed_by_reason"], {"cut": 3})
        self.finish()

    def test_close_reset_half_close(self):
        self.simulate()
        client = self.ready()
        self.sim.command("close")
        self.assertEqual(client.rest(), b"")
        client = self.ready()
        self.sim.command("reset")
        self.assertRaises(ConnectionResetError, client.rest)
        client = self.ready()
        self.sim.command("half-close")
        self.assertEqual(client.rest(), b"")
        client.send(HEARTBEAT)
        self.sim.wait("in_heartbeat", 1)
        self.finish()

    def test_half_open(self):
        self.simulate()
        client = self.ready()
        self.sim.command("half-open")
        client.send(HEARTBEAT)
        self.assertEqual(self.sim.stats()["connections_now"], 0)
        # Not even TCP answers any more.
        client.send(100000 * b"\xc3")
        unacknowledged = fcntl.ioctl(client.sock, termios.TIOCOUTQ, bytes(4))
        self.assertGreaterEqual(struct.unpack("i", unacknowledged)[0], 100000)
        self.assertRaises(SimulatorError, self.sim.command, "raw 00")
        # The node is there for others: it knows nothing of the old connection.
        self.ready().beat()
        self.assertTrue(client.quiet())
        self.assertEqual(self.sim.stats()["in_heartbeat"], 1)
        self.finish()

    def test_during_the_download(self):
        self.simulate("--patience", "0")
        for kind in ("cut", "reset", "close"):
            self.sim.command(f"download-fault {kind} 5")
            client = self.client()
            client.send(want())
            for _ in range(5):
                client.hear()
            if kind == "reset":
                self.assertRaises(ConnectionResetError, client.rest)
            else:
                self.assertEqual(len(client.rest()), 20 if kind == "cut" else 0)
        self.sim.command("download-fault silent 5")
        client = self.client()
        client.send(want(1))
        for _ in range(5):
            client.hear()
        self.assertEqual(self.sim.stats()["downloads"], 0)
        self.assertTrue(client.quiet())
        client.download(2)
        self.finish()

    def test_end_of_stream_that_nobody_notices(self):
        self.simulate("--ignore-eof")
        client = self.ready()
        client.sock.shutdown(socket.SHUT_WR)
        self.sim.command("text BOB lost")
        client.packet()
        self.assertEqual(self.sim.stats()["connections_now"], 1)
        client.close()
        # The first write gets a reset for an answer, the next one fails.
        self.sim.command("text BOB lost")
        self.sim.command("text BOB lost")
        self.left()
        self.assertEqual(self.sim.stats()["out_packet"], 3)
        self.finish()


class Connecting(MeshCase):
    def test_refuse(self):
        self.simulate()
        for off, on in (("refuse on", "refuse off"), ("listen off", "listen on"),
                        ("power off", "power on")):
            self.sim.command(off)
            self.refused()
            self.sim.command(on)
            self.ready().close()
            self.left()
        self.finish()

    def test_accept_delay(self):
        self.simulate("--accept-delay", "30")
        start = time.monotonic()
        self.client().download()
        self.assertGreaterEqual(time.monotonic() - start, 0.03)
        self.finish()

    def test_blackhole(self):
        self.simulate()
        self.sim.command("blackhole on")
        sock = socket.socket()
        self.cleanup.callback(sock.close)
        sock.settimeout(0.05)
        self.assertRaises(TimeoutError, sock.connect, ("127.0.0.1", self.sim.ports["port"]))
        self.sim.command("blackhole off")
        self.ready()
        self.sim.command("refuse on")
        self.assertRaises(SimulatorError, self.sim.command, "blackhole on")
        self.finish()


class Stream(MeshCase):
    def test_pieces(self):
        self.simulate()
        for mode, least in (("split", 5), ("dribble", 30)):
            client = self.ready()
            self.sim.command(f"{mode} on")
            before = client.segments()
            self.sim.command("text BOB hello")
            self.assertEqual(client.packet()["decoded"]["payload"], b"hello")
            self.assertGreaterEqual(client.segments() - before, least)
            self.sim.command(f"{mode} off")
            before = client.segments()
            client.beat()
            self.assertEqual(client.segments() - before, 1)
            client.close()
            self.left()
        self.finish()

    def test_frames_have_segments_of_their_own(self):
        self.simulate()
        client = self.ready()
        before = client.segments()
        client.send(5 * HEARTBEAT)
        # Read later: TCP may join segments while somebody is reading.
        self.sim.wait("in_heartbeat", 5)
        self.assertEqual(client.segments() - before, 5)
        self.finish()

    def test_merge(self):
        self.simulate("--merge")
        client = self.client()
        records = client.download()
        self.assertGreater(len(records), 40)
        self.assertLessEqual(client.segments(), 4)
        self.finish()

    def test_trickle(self):
        self.simulate()
        client = self.ready()
        self.sim.command("trickle 8 2")
        before, start = client.segments(), time.monotonic()
        self.sim.command("packet BOB 256 " + 100 * "aa")
        self.assertEqual(len(client.packet()["decoded"]["payload"]), 100)
        self.assertGreaterEqual(client.segments() - before, 15)
        self.assertGreaterEqual(time.monotonic() - start, 0.028)
        self.sim.command("trickle 0")
        client.beat()
        self.finish()

    def test_torn(self):
        self.simulate()
        client = self.ready()
        self.sim.command("torn 9")
        client.send(HEARTBEAT)
        torn = client.take(9)
        self.assertEqual(torn[:3], b"\x94\xc3\x00")
        self.assertGreater(torn[3], 5)
        client.status()
        self.finish()

    def test_between_frames(self):
        self.simulate()
        client = self.ready()
        self.sim.command("garbage 00ffc3")
        self.assertEqual(client.take(3), b"\0\xff\xc3")
        self.sim.command("garbage 50")
        self.assertNotIn(0x94, client.take(50))
        self.sim.command("debug-text INFO%20%7c%20boot")
        self.assertEqual(client.take(13), b"INFO | boot\r\n")
        client.beat()
        self.finish()

    def test_noise(self):
        self.simulate("--noise")
        client = self.client()
        client.send(want())
        end = b"\x94\xc3\x00\x06\x38" + want()[-5:]
        stream = b""
        while end not in stream:
            stream += client.take(1)
        starts = stream.count(b"\x94\xc3\x00")
        self.assertGreater(starts, 40)
        self.assertGreater(len(stream), self.sim.stats()["bytes_out"])
        self.finish()


class Stall(MeshCase):
    def test_neither_reads_nor_writes(self):
        self.simulate()
        client = self.ready()
        self.sim.command("stall on")
        client.send(HEARTBEAT)
        self.sim.command("text BOB later")
        stats = self.sim.stats()
        self.assertEqual((stats["in_heartbeat"], stats["queue"], stats["connections_now"]),
                         (0, 1, 1))
        self.assertTrue(client.quiet())
        self.sim.command("stall off")
        self.assertEqual(client.status()[2], 0)
        self.assertEqual(client.packet()["decoded"]["payload"], b"later")
        self.finish()

    def test_newcomers_wait(self):
        self.simulate("--single", "off")
        old = self.ready()
        self.sim.command("stall on")
        new = self.client()
        new.send(want())
        self.sim.wait("connections_total", 2)
        self.assertEqual(self.sim.stats()["evictions"], 0)
        self.sim.command("stall off")
        self.assertEqual(old.rest(), b"")
        new.records()
        self.finish()

    def test_client_that_leaves_is_noticed_later(self):
        self.simulate()
        client = self.ready()
        self.sim.command("stall on")
        client.send(GOODBYE)
        client.close()
        self.assertEqual(self.sim.stats()["connections_now"], 1)
        self.sim.command("stall off")
        self.left()
        self.assertEqual(self.sim.stats()["in_disconnect"], 1)
        self.finish()


class SlowReader(MeshCase):
    def test_flood_waits(self):
        self.simulate()
        client = self.ready()
        before = self.sim.stats()["bytes_out"]
        # More than fits on the way to a client that does not read.
        self.sim.command("flood 60000 256 233")
        stats = self.sim.stats()
        self.assertGreater(stats["flood_left"], 0)
        self.assertEqual(stats["overflows"], 0)
        # The node's own queue keeps what comes meanwhile.
        self.sim.command("text BOB later")
        self.assertEqual(self.sim.stats()["queue"], 1)
        size = len(client.payload()) + 4
        left = 59999 * size - len(client.buffer)
        while left > 0:
            left -= len(client.sock.recv(1 << 20))
        self.sim.wait("queue", 0, "=")
        stats = self.sim.stats()
        self.assertEqual((stats["flood_left"], stats["out_packet"]), (0, 60001))
        self.assertEqual(60000 * size, stats["bytes_out"] - before - self.text_size(client, left))
        self.finish()

    @staticmethod
    def text_size(client, left):
        """Of the text behind the flood, some of which may have been taken with it."""
        return -left + len(client.sock.recv(4096)) if left == 0 else -left

    def test_overflow(self):
        for firmware, now in (("2.7.26", 1), ("2.8.0", 0)):
            with self.subTest(firmware):
                self.simulate("--firmware", firmware, "--nodes", "0", "--output-limit", "50000")
                client = self.ready()
                self.sim.command("flood 1000000 256 233")
                self.sim.wait("overflows", 1)
                self.assertEqual(self.sim.stats()["connections_now"], now)
                self.finish()


class Discard(MeshCase):
    def test_input_during_the_download(self):
        self.simulate("--discard-input", "--record-delay", "1", "--strict-download", "off")
        client = self.client()
        client.send(want())
        client.hear()
        client.send(text(5, "unheard"))
        client.records(NONCE)
        # Not until all is sent, or this is thrown away as well.
        stats = self.sim.stats()
        self.assertEqual((stats["packets_in"], stats["discarded_bytes"]),
                         (0, len(text(5, "unheard"))))
        client.send(text(6, "heard"))
        self.assertEqual(client.status()[2], 6)
        self.finish()

    def test_middle_of_a_frame(self):
        """What is left of a frame whose head was thrown away is garbage to the node."""
        self.simulate("--discard-input", "--record-delay", "1", "--strict-download", "off")
        client = self.client()
        client.send(want())
        client.hear()
        wire = text(5, "half")
        client.send(wire[:20])
        client.records(NONCE)
        self.sim.stats()
        client.send(wire[20:])
        self.sim.wait("noise_bytes", 1)
        client.beat()
        self.assertEqual(self.sim.stats()["packets_in"], 0)
        rest = wire[20:]
        self.finish(f"connection 1: {len(rest)} bytes outside frames: {rest[:16].hex(' ')}")


if __name__ == "__main__":
    unittest.main()
