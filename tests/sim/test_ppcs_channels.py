#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: the reliable channels, alone and in a session."""

import hashlib
import os
import random
import select
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import wire  # noqa: E402
from ppcs.channel import AckStyle, Channel, Receiver, Sender  # noqa: E402
from ppcs_case import ALIVE, ALIVE_ACK, FIRST, PUNCH, PpcsCase  # noqa: E402
from simulator import SimulatorError  # noqa: E402


def indexes_of(messages):
    return [wire.parse_data(message[4:])[1] for message in messages]


class Sending(unittest.TestCase):
    def setUp(self):
        self.out = []
        self.sender = Sender(3, self.out.append)

    def taken(self):
        found, self.out[:] = list(self.out), []
        return found

    def test_packets(self):
        self.sender.write(bytes(2500), 0.0)
        sizes = [len(wire.parse_data(message[4:])[2]) for message in self.out]
        self.assertEqual((indexes_of(self.out), sizes), ([0, 1, 2], [1024, 1024, 452]))
        self.assertEqual(self.out[0][:8].hex(), "f1d00404d1030000")
        self.assertEqual(self.sender.pending, 2500)

    def test_window(self):
        self.sender.write(bytes(200 << 10), 0.0)
        self.assertEqual(indexes_of(self.taken()), list(range(121)))
        self.sender.acknowledge([0], 0.0)
        self.assertEqual(indexes_of(self.taken()), [121])
        # What is missing at the front holds everything back, and goes out again at once.
        self.sender.acknowledge([2], 0.0)
        self.assertEqual(indexes_of(self.taken()), [1])
        self.sender.acknowledge([1], 0.0)
        self.assertEqual(indexes_of(self.taken()), [122])
        self.assertEqual((self.sender.resends, self.sender.window), (1, 109))

    def test_overtaken_once(self):
        self.sender.write(bytes(5 << 10), 0.0)
        self.taken()
        self.sender.acknowledge([3], 0.001)
        self.assertEqual(indexes_of(self.taken()), [0, 1, 2])
        # 4 was sent before the repetitions: its arrival says nothing about them.
        self.sender.acknowledge([4], 0.002)
        self.assertEqual(self.taken(), [])
        self.sender.acknowledge([2], 0.003)
        self.assertEqual(indexes_of(self.taken()), [0, 1])
        # Nor does the arrival of something older.
        self.sender.write(b"x", 0.004)
        self.taken()
        self.sender.acknowledge([0], 0.005)
        self.assertEqual(self.taken(), [])

    def test_tick(self):
        self.sender.write(b"one", 0.0)
        self.sender.write(b"two", 0.020)
        self.taken()
        self.sender.tick(0.033)
        self.assertEqual(indexes_of(self.taken()), [0])
        self.sender.tick(0.053)
        self.assertEqual(indexes_of(self.taken()), [1])
        self.sender.acknowledge([0, 1, 1], 0.054)
        self.sender.tick(1.0)
        self.assertEqual((self.taken(), self.sender.pending), ([], 0))

    def test_never_sent(self):
        self.sender.write(b"one", 0.0)
        self.assertEqual(self.sender.acknowledge([0, 0, 1, 1000], 0.0), 2)
        self.assertEqual(self.sender.acknowledge([0, 65535], 0.0), 0)


class Receiving(unittest.TestCase):
    def test_order(self):
        receiver = Receiver()
        found = [receiver.take(index, b"%d" % index) for index in (1, 0, 3, 3, 0, 2)]
        self.assertEqual(found, [b"", b"01", b"", b"", b"", b"23"])
        self.assertEqual(receiver.acks, [1, 0, 3, 3, 0, 2])
        self.assertEqual((receiver.duplicates, receiver.bytes), (2, 4))

    def test_no_more_than_128_kib_wait(self):
        receiver = Receiver()
        for index in range(1, 200):
            receiver.take(index, bytes(1024))
        self.assertEqual(receiver.acks[-1], 129)
        # The next expected one is always taken.
        self.assertEqual(len(receiver.take(0, b"x")), 1 + 129 * 1024)

    def test_wrap(self):
        receiver, out = Receiver(), []
        sender = Sender(0, out.append)
        receiver.next = sender.next = 65530
        sender.write(bytes(10 << 10), 0.0)
        self.assertEqual(indexes_of(out), [65530, 65531, 65532, 65533, 65534, 65535, 0, 1, 2, 3])
        for message in reversed(out):
            receiver.take(*wire.parse_data(message[4:])[1:])
        self.assertEqual((receiver.bytes, receiver.next), (10 << 10, 4))
        self.assertEqual(receiver.take(65535, b"old"), b"")
        sender.acknowledge([3], 0.0)
        self.assertEqual(indexes_of(out[10:]), [65530, 65531, 65532, 65533, 65534, 65535, 0, 1, 2])


class Acknowledging(unittest.TestCase):
    def messages(self, mode="normal", shape="exact", indexes=(5, 6)):
        style = AckStyle()
        style.mode, style.shape = mode, shape
        return [message[4:].hex() for message in style.messages(1, list(indexes))]

    def test_modes(self):
        self.assertEqual(self.messages(), ["d101000200050006"])
        self.assertEqual(self.messages("single"), ["d10100010005", "d10100010006"])
        self.assertEqual(self.messages("repeat"), ["d1010006000500050005000600060006"])
        self.assertEqual(self.messages("reverse"), ["d101000200060005"])
        self.assertEqual(self.messages("future"), ["d10100050005000603ee03ef03f0"])
        self.assertEqual(self.messages("never"), [])

    def test_shapes(self):
        self.assertEqual(self.messages(shape="short"), ["d101000500050006"])
        padded = self.messages(shape="padded")[0]
        self.assertEqual(padded, "d101000200050006" + 48 * "0")

    def test_never_more_than_81(self):
        found = self.messages("repeat", indexes=range(100))
        self.assertEqual([len(message) // 2 for message in found], [4 + 162] * 3 + [4 + 114])

    def test_seventeen_go_out_at_once(self):
        out = []
        channel = Channel(1, out.append, AckStyle())
        for index in range(20):
            channel.take(index, b"x")
        self.assertEqual([wire.parse_acks(message[4:])[1] for message in out], [tuple(range(17))])
        channel.flush()
        self.assertEqual(wire.parse_acks(out[1][4:]), (1, (17, 18, 19)))
        # Without data: no acknowledgement.
        channel.take(20, b"")
        channel.flush()
        self.assertEqual(len(out), 2)


class BadLine(unittest.TestCase):
    """Two channels and a line that loses and shuffles, in time that is a number."""

    def run_line(self, size, loss, seed):
        chance = random.Random(seed)
        line = []

        def put(target):
            def transmit(message):
                if chance.random() >= loss:
                    line.append((now[0] + chance.uniform(0.001, 0.01), len(line), target, message))
            return transmit

        now = [0.0]
        channels = [Channel(0, put(1), AckStyle()), Channel(0, put(0), AckStyle())]
        data = [chance.randbytes(size) for _ in channels]
        for channel, content in zip(channels, data):
            channel.sender.write(content, 0.0)
        found = [bytearray(), bytearray()]
        while any(channel.sender.pending for channel in channels):
            now[0] += 0.002
            self.assertLess(now[0], 200)
            due = sorted(entry for entry in line if entry[0] <= now[0])
            line[:] = [entry for entry in line if entry[0] > now[0]]
            for _, _, target, message in due:
                if message[1] == wire.DRW:
                    found[target] += channels[target].take(*wire.parse_data(message[4:])[1:])
                else:
                    channels[target].sender.acknowledge(wire.parse_acks(message[4:])[1], now[0])
            for channel in channels:
                channel.flush()
                channel.sender.tick(now[0])
        self.assertEqual([bytes(part) for part in found], data[::-1])

    def test_all_arrives(self):
        for loss in (0, 0.2, 0.5):
            with self.subTest(loss=loss):
                self.run_line(300 << 10, loss, 1)


class InSession(PpcsCase):
    def carry(self, client, channel, size, content=b"", milliseconds=20000):
        """Takes `size` bytes from a channel and sends `content` on it; bytes received."""
        peer, found = Channel(channel, client.say, AckStyle()), bytearray()
        end = time.monotonic() + milliseconds / 1000
        peer.sender.write(content, time.monotonic())
        ticked = time.monotonic()
        client.sock.setblocking(False)
        while len(found) < size or peer.sender.pending:
            now = time.monotonic()
            self.assertLess(now, end)
            if now - ticked >= 0.032:
                ticked = now
                peer.sender.tick(now)
            try:
                message = client.hear()
            except BlockingIOError:
                peer.flush()
                select.select([client.sock], [], [], 0.032)
                continue
            if message == ALIVE:
                client.say(ALIVE_ACK)
            elif message[1] == wire.DRW and message[5] == channel:
                found += peer.take(*wire.parse_data(message[4:])[1:])
            elif message[1] == wire.DRW_ACK and message[5] == channel:
                peer.sender.acknowledge(wire.parse_acks(message[4:])[1], now)
        peer.flush()
        client.sock.settimeout(10)
        return bytes(found)

    def test_first_is_resent_until_acknowledged(self):
        self.simulate()
        client = self.direct()
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.DRW), FIRST)
        times = [time.monotonic()]
        for _ in range(3):
            self.assertEqual(client.hear(), FIRST)
            times.append(time.monotonic())
        self.assertGreaterEqual(times[3] - times[0], 0.09)
        client.acknowledge(0, 0, 0)
        self.sim.wait("blast_pending", 0, "=")
        self.finish()

    def test_blast(self):
        self.simulate()
        client = self.session()
        digest = self.sim.command("blast 4 500000")
        found = self.carry(client, 4, 500000)
        self.assertEqual("sha256=" + hashlib.sha256(found).hexdigest(), digest)
        self.sim.wait("blast_pending", 0, "=")
        self.assertEqual(self.sim.stats()["drw_sent_4"], 500000)
        self.finish()

    def test_sink(self):
        self.simulate("--sink")
        client = self.session()
        content = random.Random(1).randbytes(300001)
        self.carry(client, 2, 0, content)
        stats = self.sim.stats()
        self.assertEqual((stats["drw_bytes_2"], stats["drw_bytes"]), (300001, 300001))
        expected = {"bytes": 300001, "sha256": hashlib.sha256(content).hexdigest()}
        self.assertEqual(stats["sinks"], {client.name: {"2": expected}})
        client.say(wire.build(wire.CLOSE))
        self.sim.wait("sessions", 0, "=")
        self.assertEqual(self.sim.stats()["sinks"][client.name]["2"], expected)
        self.finish()

    def test_echo_over_a_bad_line(self):
        self.simulate("--echo")
        client = self.session()
        self.sim.command("loss 20")
        self.sim.command("reorder 20")
        content = random.Random(2).randbytes(100000)
        self.assertEqual(self.carry(client, 7, len(content), content), content)
        self.assertGreater(self.sim.stats()["resends"], 0)
        self.finish()

    def test_echo_over_slow_line(self):
        self.simulate("--echo")
        client = self.session()
        self.sim.command("delay 1 8")
        content = random.Random(3).randbytes(60000)
        self.assertEqual(self.carry(client, 1, len(content), content), content)
        self.finish()

    def test_index_wraps(self):
        self.simulate("--sink")
        client = self.session()
        peer = Channel(0, client.say, AckStyle())
        sent, digest = 0, hashlib.sha256()
        while sent < 65600:
            for _ in range(60):
                peer.sender.write(b"%d" % (sent % 10), 0.0)
                digest.update(b"%d" % (sent % 10))
                sent += 1
            while peer.sender.pending:
                _, indexes = wire.parse_acks(client.hear_kind(wire.DRW_ACK)[4:])
                peer.sender.acknowledge(indexes, 0.0)
        found = self.sim.stats()["sinks"][client.name]["0"]
        self.assertEqual((found["bytes"], found["sha256"]), (sent, digest.hexdigest()))
        self.finish()

    def test_send(self):
        self.simulate()
        first, second = self.session(), self.session()
        self.sim.command("send 3 6869")
        self.assertEqual([client.hear() for client in (first, second)],
                         2 * [wire.build_data(3, 0, b"hi")])
        first.acknowledge(0, channel=3)
        second.acknowledge(0, channel=3)
        self.sim.wait("blast_pending", 0, "=")
        self.sim.command(f"send 3 6f {second.name}")
        self.assertEqual(second.hear_kind(wire.DRW), wire.build_data(3, 1, b"o"))
        for bad in ("send 8 00", "send 1 0", "send 1 00 nobody", "blast 1 0"):
            self.assertRaises(SimulatorError, self.sim.command, bad)
        self.assertTrue(first.quiet())
        self.finish()

    def test_acknowledgements(self):
        for option, index, expected in (
                ("repeat", 0, "f1d1000ad1010003000000000000"),
                ("normal exact d2", 0, "f1d10006d20100010000"),
                ("normal padded", 3, "f1d10020d10100010003" + 52 * "0"),
                ("normal short", 0, "f1d10006d10100040000"),
                ("future", 0, "f1d1000cd1010004000003e803e903ea")):
            with self.subTest(option):
                self.simulate("--acks", option)
                client = self.session()
                client.say(wire.build_data(1, index, b"x"))
                self.assertEqual(client.hear_kind(wire.DRW_ACK).hex(), expected)
                self.finish()

    def test_no_acknowledgement(self):
        self.simulate("--acks", "never", "--sink")
        client = self.session()
        client.say(wire.build_data(1, 0, b"x"))
        self.sim.wait("drw_bytes", 1)
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK, wire.DRW_ACK), ALIVE_ACK)
        self.finish()

    def test_punch_in_a_session_is_ignored(self):
        self.simulate()
        client = self.session()
        client.say(PUNCH)
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK, wire.P2P_RDY), ALIVE_ACK)
        self.finish()


if __name__ == "__main__":
    unittest.main()
