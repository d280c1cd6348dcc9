#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: what it does wrong on purpose in a session."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs.acks import AckStyle, parse_indexes  # noqa: E402
from ppcs.data import pattern, spoiled  # noqa: E402
from ppcs_peer import ALIVE, ALIVE_ACK, CLOSE, PeerCase  # noqa: E402
from simulator import SimulatorError  # noqa: E402


class Acknowledging(unittest.TestCase):
    def messages(self, indexes, **style):
        found = AckStyle()
        for name, value in style.items():
            setattr(found, name, value)
        return [message[4:].hex() for message in found.messages(7, indexes)]

    def test_many(self):
        self.assertEqual(self.messages([1, 2], mode="many"), ["d1070064" + 50 * "00010002"])
        self.assertEqual(self.messages(list(range(120)), mode="many")[0][:8], "d1070078")

    def test_other(self):
        self.assertEqual(self.messages([1], mode="other"), ["d10700010001", "d10000010001"])

    def test_storm(self):
        self.assertEqual(self.messages([1, 2], storm=3), 3 * ["d107000200010002"])

    def test_indexes(self):
        self.assertEqual(parse_indexes("0,65535,7-9"), [0, 65535, 7, 8, 9])
        for bad in ("", "-1", "65536", "3-2", "x"):
            self.assertRaises(ValueError, parse_indexes, bad)


class Spoiling(unittest.TestCase):
    def test_forms(self):
        message = bytes.fromhex("f1d00007d101000261626b")
        self.assertEqual([spoiled(how, message).hex() for how in (
            "empty", "short", "long", "channel")], [
                "f1d00004d1010002", "f1d00007d101000261626b626568696e64",
                "f1d0000dd10100029e9d94", "f1d00007d10a00029e9d94"])


class Acks(PeerCase):
    def answers(self, *options):
        """What the camera says to three packets on channel 1."""
        self.simulate(*options)
        peer = self.peer()
        peer.write(1, b"abc", 1)
        self.run_until(peer, lambda: not peer.pending() and ALIVE_ACK in peer.seen)
        return peer

    def packets(self, peer, count):
        self.run_until(peer, lambda: len(peer.acks) >= count)
        return [packet[4:].hex() for packet in peer.acks]

    def test_storm(self):
        peer = self.answers("--ack-storm", "5", "--acks", "single")
        self.assertEqual(self.packets(peer, 15), [
            f"d1010001{index:04x}" for index in range(3) for _ in range(5)])
        self.assertRaises(SimulatorError, self.sim.command, "ack-storm 0")
        self.end(peer)

    def test_many(self):
        peer = self.answers("--acks", "many")
        self.assertEqual(self.packets(peer, 1)[0][:8], "d1010064")
        self.end(peer)

    def test_other_channel(self):
        peer = self.answers("--acks", "other")
        found = self.packets(peer, 2)
        self.assertEqual(found[1], f"d102{found[0][4:]}")
        self.end(peer)

    def test_by_hand(self):
        self.simulate()
        peer = self.peer()
        self.sim.command("send-acks 3 0-90")
        self.sim.command("send-acks 0 5,7")
        found = self.packets(peer, 3)
        self.assertEqual([packet[:8] for packet in found], ["d1030051", "d103000a", "d1000002"])
        self.assertEqual(found[2][8:], "00050007")
        self.end(peer)


class Packets(PeerCase):
    def spoil(self, how, every="1"):
        """A source whose packets are spoilt."""
        self.simulate("--spoil", f"{how} {every}", "--source", "1 3000", "--first", "none")
        peer = self.peer()
        self.run_until(peer, lambda: len(peer.ins[1].found) == 3000)
        self.assertEqual(peer.ins[1].found, pattern(1, 3000))
        wrong, peer.wrong = [packet[:8].hex() for packet in peer.wrong], []
        return peer, wrong

    def test_empty(self):
        peer, wrong = self.spoil("empty")
        self.assertEqual((wrong, peer.ins[1].empty), ([], 3))
        self.end(peer)

    def test_longer_than_they_are(self):
        peer, wrong = self.spoil("long")
        self.assertEqual(wrong, ["f1d0040ad1010000", "f1d0040ad1010001", "f1d003c2d1010002"])
        self.end(peer)

    def test_shorter_than_they_are(self):
        peer, wrong = self.spoil("short", "2")
        self.assertEqual((wrong, peer.ins[1].duplicates), (["f1d00404d1010001"], 1))
        self.end(peer)

    def test_no_channel(self):
        peer, wrong = self.spoil("channel", "3")
        self.assertEqual(wrong, ["f1d003bcd10a0002"])
        self.end(peer)

    def test_one_by_hand(self):
        self.simulate()
        peer = self.peer()
        for command in ("empty 2", "long 2", "channel 2", "channel 200"):
            self.sim.command(f"bad-data {command}")
        self.sim.command("send 2 6f6b")
        self.run_until(peer, lambda: peer.ins[2].found == b"ok")
        self.assertEqual(peer.ins[2].empty, 1)
        found = [packet[:8].hex() for packet in peer.wrong]
        self.assertEqual(found, ["f1d0006ed1020000", "f1d00068d1080000", "f1d00068d1c80000"])
        peer.wrong = []
        self.end(peer)

    def test_renumbered(self):
        self.simulate("--renumber", "2", "--packet-size", "10", "--source", "1 40")
        peer = self.peer()
        self.run_until(peer, lambda: len(peer.ins[1].found) == 60)
        data = pattern(1, 40)
        self.assertEqual(peer.ins[1].found, data[:20] + data[10:] + data[30:])
        self.assertEqual(peer.ins[1].next, 6)
        self.end(peer)

    def test_resends_renumbered(self):
        self.simulate("--renumber", "resends")
        peer = self.peer()
        self.run_until(peer, lambda: len(peer.ins[0].found) == 3)
        peer.acknowledging = False
        self.sim.command("send-text 1 again")
        self.run_until(peer, lambda: len(peer.ins[1].found) >= 15)
        self.assertEqual((peer.ins[1].found[:15], peer.ins[1].duplicates), (b"again" * 3, 0))
        self.assertGreaterEqual(peer.ins[1].next, 3)
        peer.acknowledging = True
        self.run_until(peer, lambda: self.sim.stats()["blast_pending"] == 0)
        self.end(peer)

    def test_jump(self):
        self.simulate()
        peer = self.peer()
        self.sim.command("send-text 1 before")
        self.sim.command("jump 1 100")
        self.sim.command("source 1 300000")
        self.run_until(peer, lambda: peer.ins[1].early_bytes > 128 << 10)
        self.assertEqual((peer.ins[1].found, peer.ins[1].next), (b"before", 1))
        self.assertEqual(min(peer.ins[1].early), 101)
        self.assertRaises(SimulatorError, self.sim.command, "jump 8 1")
        self.end(peer)


class Middle(PeerCase):
    """Something happens while a lot of data is on its way."""

    def transfer(self, *at):
        self.simulate("--sink", "--source", "1 10000000", "--at", " ".join(("300000", *at)))
        peer = self.peer()
        peer.write(2, bytes(10000000))
        return peer

    def total(self):
        stats = self.sim.stats()
        return stats["drw_bytes"] + stats["drw_sent"]

    def test_close(self):
        peer = self.transfer("close")
        self.run_until(peer, lambda: peer.closed)
        self.assertEqual(self.sim.stats()["closed_by_camera"], 1)
        self.assertTrue(300000 <= self.total() < 600000)
        self.finish()

    def test_dead(self):
        peer = self.transfer("mute", "on")
        peer.run(lambda: self.total() >= 300000)
        said = self.sim.stats()["camera_out"]
        peer.send(ALIVE)
        self.sim.wait("alive_in", 2)
        self.assertEqual(self.sim.stats()["camera_out"], said)
        self.assertTrue(300000 <= self.total() < 600000)
        self.sim.command("mute off")
        peer.send(ALIVE)
        self.run_until(peer, lambda: peer.seen.count(ALIVE_ACK) == 2)
        peer.close()
        self.sim.wait("sessions", 0, "=")
        self.finish()

    def test_other_port(self):
        peer = self.transfer("move")
        self.run_until(peer, lambda: peer.strangers)
        (source,) = peer.strangers
        self.assertEqual(source[0], peer.address[0])
        self.assertNotEqual(source[1], peer.address[1])
        # Who goes along has everything.
        peer.address = source
        self.run_until(peer, lambda: len(peer.ins[1].found) == 10000000 and not peer.pending())
        self.assertEqual(peer.ins[1].found, pattern(1, 10000000))
        self.end(peer)

    def test_ready_of_another(self):
        peer = self.transfer("ready")
        other = bytes.fromhex("f14200144f54484552000000000000014141414141000000")
        self.run_until(peer, lambda: other in peer.seen)
        self.assertGreaterEqual(self.total(), 300000)
        for uid, expected in (("own", "544553540000000000003039"),
                              ("LBCS-000000-CCCJJ", "4c4243530000000000000000")):
            peer.seen.clear()
            self.sim.command(f"ready {uid}")
            self.run_until(peer, lambda: any(packet[1] == 0x42 for packet in peer.seen))
            (found,) = [packet for packet in peer.seen if packet[1] == 0x42]
            self.assertEqual(found[4:16].hex(), expected)
        self.end(peer)

    def test_reads_no_more(self):
        peer = self.transfer("read", "off", "2")
        self.run_until(peer, lambda: len(peer.ins[1].found) == 10000000)
        self.sim.wait("drw_refused", 1)
        self.assertTrue(peer.outs[2].pending())
        self.end(peer)


class At(PeerCase):
    def test_each_session_once(self):
        self.simulate("--at", "3 send-text 5 three", "--at", "0 send-text 5 zero")
        for _ in range(2):
            peer = self.peer()
            self.run_until(peer, lambda peer=peer: len(peer.ins[5].found) == 9)
            self.assertEqual(peer.ins[5].found, b"zerothree")
        self.sim.command("at off")
        peer = self.peer()
        self.sim.command("send-text 5 all")
        self.run_until(peer, lambda: peer.ins[5].found == b"all")
        for bad in ("at 3", "at 3 gibberish x", "at x close"):
            self.assertRaises(SimulatorError, self.sim.command, bad)
        self.finish()

    def test_close_of_one(self):
        self.simulate()
        first, second = self.peer(), self.peer()
        self.sim.command(f"close {first.name}")
        self.run_until(first, lambda: first.closed)
        second.send(ALIVE)
        self.run_until(second, lambda: second.seen.count(ALIVE_ACK) == 2)
        self.assertNotIn(CLOSE, second.seen)
        self.end(second)


if __name__ == "__main__":
    unittest.main()
