#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: what it says about a client that errs."""

import os
import random
import sys
import time
import unittest
from types import SimpleNamespace

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import wire  # noqa: E402
from ppcs.rules import Pulse, Rules, Track  # noqa: E402
from ppcs_case import (ALIVE, ALIVE_ACK, CLOSE, DID, HELLO, PUNCH, READY, SEARCH,  # noqa: E402
                       PpcsCase, relay_request, request)

LONG = wire.build(wire.PUNCH_PKT, bytes(1277))
REPORT = wire.build(wire.REPORT_SESSION_READY, bytes(84))

# A datagram to the camera, and what is said about it.
FORMS = (
    ("", "a datagram of 0 bytes"),
    ("f1e0", "a datagram of 2 bytes"),
    ("f2e00000", "magic f2"),
    ("33333844423930304535393242333200", "magic 33"),
    ("f1e00004", "0 bytes instead of 4"),
    ("f1e0000000", "ALIVE with 1 bytes behind it"),
    (LONG.hex(), "PUNCH_PKT of 1281 bytes"),
    ("f1ee0000", "unknown type ee, which no client sends here"),
    ("f1310000", "LAN_NOTIFY, which no client sends here"),
    (REPORT.hex(), "REPORT_SESSION_READY, which no client sends here"),
    ("f1f40000", "F4, which no client sends here"),
    ("f1f80000", "F8, which no client sends here"),
    (READY.hex(), "P2P_RDY, which no client sends here"),
    (HELLO.hex(), "HELLO, which no client sends here"),
    ("f1300001ff", "LAN_SEARCH with 1 bytes instead of 0"),
    ("f1410000", "PUNCH_PKT with 0 bytes instead of 20"),
    ("f1e0000400000000", "ALIVE with 4 bytes instead of 0"),
    ("f1e1000400000000", "ALIVE_ACK with 4 bytes instead of 0"),
    ("f1d00003d10000", "DRW with 3 bytes"),
    ("f1d00004d1000000", "DRW with 0 bytes of data"),
    (wire.build_data(0, 0, bytes(1025)).hex(), "DRW with 1025 bytes of data"),
    ("f1d00005d108000000", "DRW on channel 8"),
    ("f1d00005d200000000", "DRW with mark d2"),
    ("f1d10004d1000000", "DRW_ACK with 0 indexes"),
    ("f1d10006d10800010000", "DRW_ACK on channel 8"),
    (wire.build_acks(0, range(82)).hex(), "DRW_ACK with 82 indexes"),
    ("f1d10006d10000020000", "DRW_ACK with 2 bytes for 2 indexes"),
    ("f1d10008d100000100000000", "DRW_ACK with 4 bytes for 1 indexes"),
)


class Forms(PpcsCase):
    def test_to_the_camera(self):
        self.simulate()
        expected = []
        for number, (data, text) in enumerate(FORMS, 1):
            client = self.client()
            client.say(bytes.fromhex(data), self.sim.ports["main"])
            self.sim.wait("client_in", number)
            expected.append(f"{client.name} to camera: {text}")
        self.finish(*expected)

    def test_to_others(self):
        self.simulate("--servers", "1", "--relays", "1")
        client = self.client()
        for name in ("server1", "relay1"):
            for message in (ALIVE, PUNCH, REPORT):
                client.say(message, self.sim.ports[name])
        client.say(HELLO, self.sim.ports["relay1"])
        client.say(wire.build(wire.P2P_REQ, DID.wire), self.sim.ports["server1"])
        self.sim.wait("client_in", 8)
        names = [wire.name_of(message[1]) for message in (ALIVE, PUNCH, REPORT)]
        expected = [f"{client.name} to {place}: {name}, which no client sends here"
                    for place in ("server1", "relay1") for name in names]
        expected.append(f"{client.name} to relay1: HELLO, which no client sends here")
        expected.append(f"{client.name} to server1: P2P_REQ with 20 bytes instead of 36")
        # Sockets are served in any order.
        self.assertEqual(sorted(self.sim.stop()), sorted(expected))

    def test_through_a_relay(self):
        self.simulate("--relays", "1", "--relay", "1 direct on")
        client = self.relayed()
        client.say(PUNCH)
        client.say(wire.build_data(8, 0, b"x"))
        client.say(CLOSE)
        client.say(ALIVE)
        self.sim.wait("alive_in", 1)
        name = f"{client.name} to relay1: "
        self.finish(name + "PUNCH_PKT, which no client sends here", name + "DRW on channel 8",
                    name + "ALIVE after its CLOSE")

    def test_not_said_without_end(self):
        self.simulate()
        client = self.client()
        for _ in range(30):
            client.say(b"\0", self.sim.ports["main"])
        self.sim.wait("malformed_in", 30)
        self.assertEqual(self.sim.stats()["violations_total"], 30)
        self.assertEqual(len(self.sim.stop()), 20)

    def test_noise_hurts_nobody(self):
        self.simulate("--servers", "1", "--relays", "1", "--echo", "--relay", "1 alone on")
        chance, session, relayed = random.Random(1), self.session(), self.relayed()
        ports = list(self.sim.ports.values()) + [relayed.peer[1]]
        kinds = sorted(wire.NAMES)
        for number in range(1500):
            client = chance.choice((session, relayed))
            data = chance.randbytes(chance.choice((0, 3, 4, 8, 20, 28, 40, 60)))
            kind = chance.choice(kinds)
            if kind != wire.CLOSE:
                client.say(wire.build(kind, data), chance.choice(ports))
            if number % 100 == 0:
                self.sim.command("stats")
        self.lan()
        self.assertGreaterEqual(self.sim.stats()["sessions"], 2)
        self.sim.stop()

    def test_what_faults_do_is_not_the_client(self):
        self.simulate("--garble", "100")
        client = self.client()
        for _ in range(20):
            client.say(SEARCH, self.sim.ports["search"])
        self.sim.wait("lan_search_in", 20)
        self.finish()


class Closing(PpcsCase):
    def test_too_many(self):
        self.simulate()
        client = self.session()
        for _ in range(4):
            client.say(CLOSE)
        self.sim.wait("close_in", 4)
        self.assertEqual(self.sim.stats()["last_close_count"], 4)
        self.finish(f"{client.name} to camera: CLOSE number 4")

    def test_after_the_end(self):
        self.simulate()
        client = self.session()
        client.say(CLOSE)
        for message in (PUNCH, wire.build_data(0, 0, b"x"), ALIVE_ACK):
            client.say(message)
        self.sim.wait("alive_ack_in", 1)
        self.finish(*(f"{client.name} to camera: {name} after its CLOSE"
                      for name in ("PUNCH_PKT", "DRW", "ALIVE_ACK")))

    def test_left_without_a_word(self):
        self.simulate("--expect-close", "--alive", "off", "--alive-period", "5",
                      "--alive-limit", "1")
        gone = self.session()
        self.sim.command("alive on")
        self.sim.wait("timeouts", 1)
        self.sim.command("alive off")
        left, closed, ended = self.session(), self.session(), self.session()
        closed.say(CLOSE)
        self.sim.wait("close_in", 1)
        # Not up for the client: it has said nothing since P2P_RDY.
        self.direct()
        ended.say(CLOSE)
        self.sim.wait("close_in", 2)
        self.finish(*(f"{client.name} to camera: left without CLOSE" for client in (gone, left)))


class Pace(PpcsCase):
    def test_echoes(self):
        self.simulate("--p2p-rdy", "off")
        client = self.found()
        for _ in range(10):
            client.say(PUNCH, client.source)
        self.sim.wait("punch_pkt_in", 10)
        found = [f"{client.name} to camera: {number} PUNCH_PKT in 180 ms" for number in (9, 10)]
        # Who punches of its own accord does so every 100 ms beside that.
        client = self.client()
        for _ in range(12):
            client.say(PUNCH, self.sim.ports["main"])
        self.sim.wait("punch_pkt_in", 22)
        self.finish(*found, f"{client.name} to camera: 12 PUNCH_PKT in 180 ms")

    def test_requests(self):
        self.simulate("--servers", "2")
        client = self.client()
        for message in (HELLO, request()):
            for name in ("server1", "server2", "server1"):
                client.say(message, self.sim.ports[name])
        self.sim.wait("client_in", 6)
        found = self.sim.stop()
        self.assertEqual(len(found), 2)
        for line, name in zip(found, ("HELLO", "P2P_REQ")):
            self.assertRegex(line, f"^{client.name} to server1: {name} again after [0-9]+ ms$")

    def test_relay_request(self):
        self.simulate("--servers", "1", "--relays", "1")
        client = self.assigned()
        for peer, key in ((client.peer, client.key), (client.peer, client.key ^ 1),
                          (("127.0.0.9", 9), client.key)):
            client.say(relay_request(peer, key), self.sim.ports["server1"])
        self.sim.wait("rly_req_in", 3)
        name = f"{client.name} to server1: RLY_REQ for "
        self.finish(f"{name}127.0.0.1:{client.peer[1]} with key {client.key ^ 1:08x}, "
                    "which no relay gave",
                    f"{name}127.0.0.9:9 with key {client.key:08x}, which no relay gave")

    def test_resent_too_fast(self):
        self.simulate("--acks", "never")
        client = self.session()
        for _ in range(2):
            client.say(wire.build_data(1, 0, b"x"))
        self.sim.wait("drw_in", 2)
        found = self.sim.stop()
        self.assertEqual(len(found), 1)
        self.assertRegex(found[0], r"camera: index 0 resent after [0-9.]+ ms on channel 1$")

    def test_resent_because_of_a_gap(self):
        self.simulate()
        client = self.session()
        client.say(wire.build_data(1, 0, b"x"))
        self.sim.command("loss camera 0")
        client.hear_kind(wire.DRW_ACK)
        for index in (1, 3):
            client.say(wire.build_data(1, index, b"x"))
        client.hear_kind(wire.DRW_ACK)
        for index in (2, 4):
            client.say(wire.build_data(1, index, b"x"))
        self.sim.wait("drw_bytes", 5)
        self.finish()

    def test_too_far_ahead(self):
        self.simulate()
        client = self.session()
        client.say(wire.build_data(1, 120, b"x"))
        client.say(wire.build_data(2, 121, b"x"))
        self.sim.wait("drw_in", 2)
        self.finish(f"{client.name} to camera: index 121, 121 ahead of the oldest without "
                    "acknowledgement on channel 2")

    def test_acknowledged_but_never_sent(self):
        self.simulate()
        client = self.session()
        client.acknowledge(0, 1, 2)
        client.say(ALIVE)
        self.sim.wait("alive_in", 2)
        client.acknowledge(0, channel=5)
        client.say(ALIVE_ACK)
        self.sim.wait("alive_ack_in", 1)
        name = f"{client.name} to camera: "
        self.finish(f"{name}DRW_ACK for 2 indexes never sent on channel 0",
                    f"{name}DRW_ACK for 1 indexes never sent on channel 5",
                    f"{name}ALIVE_ACK without ALIVE")


class Times(unittest.TestCase):
    """Rules for the end of a session, in time that is a number."""

    ADDRESS = ("127.0.0.1", 5)

    def setUp(self):
        self.found = []
        self.rules = Rules(SimpleNamespace(add=self.found.append, count=0))
        self.node = SimpleNamespace(role="camera", name="camera", faulty=False)
        self.port = SimpleNamespace(owner=None, number=1)

    def check(self, message, stamp):
        """What is said about a message at this time."""
        self.found.clear()
        self.rules.check(self.node, self.port, message[1], message, self.ADDRESS, stamp)
        return [text.partition(": ")[2] for text in self.found]

    def test_new_attempt_from_a_port_used_before(self):
        self.check(ALIVE, 10.0)
        self.check(CLOSE, 10.0)
        self.assertEqual(self.check(PUNCH, 10.02), ["PUNCH_PKT after its CLOSE"])
        self.assertEqual(self.check(ALIVE, 10.04), ["ALIVE after its CLOSE"])
        for start in (PUNCH, SEARCH):
            self.assertEqual(self.check(start, 10.04), [])
            self.assertEqual(self.check(ALIVE, 10.05), [])
            self.check(CLOSE, 10.0)

    def test_after_the_end_by_the_device(self):
        self.check(ALIVE, time.time())
        self.rules.sent(self.node, self.port, wire.CLOSE, CLOSE, self.ADDRESS)
        end = time.time()
        # On its way when the camera closed.
        self.assertEqual(self.check(ALIVE, end + 0.2), [])
        self.assertEqual(self.check(ALIVE, end + 0.26), ["ALIVE after CLOSE by the device"])
        self.assertEqual(self.check(CLOSE, end + 0.27), [])

    def test_echoes_and_pauses(self):
        self.check(SEARCH, 10.0)
        self.rules.sent(self.node, self.port, wire.PUNCH_PKT, PUNCH, self.ADDRESS)
        for start in (10.0, 10.2):
            self.assertEqual([self.check(PUNCH, start) for _ in range(8)], 8 * [[]])
        self.assertEqual(self.check(PUNCH, 10.37), ["9 PUNCH_PKT in 180 ms"])

    def test_punches_that_servers_asked_for(self):
        # Three of its own accord, and one for each time that a server said so.
        start = time.time()
        for _ in range(3):
            self.rules.punch_to(self.ADDRESS)
        self.assertEqual([self.check(PUNCH, start) for _ in range(14)], 14 * [[]])
        self.assertEqual(self.check(PUNCH, start), ["15 PUNCH_PKT in 180 ms"])

    def test_requests(self):
        self.node.role = "server"
        self.assertEqual(self.check(HELLO, 10.0), [])
        self.assertEqual(self.check(request(), 10.1), [])
        self.assertEqual(self.check(HELLO, 10.5), [])
        self.assertEqual(self.check(HELLO, 10.99), ["HELLO again after 490 ms"])


class Pulses(unittest.TestCase):
    """Rules for ALIVE and ALIVE_ACK, in time that is a number."""

    def setUp(self):
        self.pulse = Pulse()
        self.pulse.check(wire.ALIVE, 10.0, 1)

    def test_pace(self):
        # 50 ms apart is right, and one more for each P2P_RDY.
        for number in range(1, 100):
            self.assertIsNone(self.pulse.check(wire.ALIVE, 10 + number * 0.05, 1))
        pulse = Pulse()
        pulse.told(wire.P2P_RDY, 1, True)
        found = [pulse.check(wire.ALIVE, 10 + number * 0.01, 1) for number in range(27)]
        self.assertEqual(found, 26 * [None] + ["27 ALIVE in 1 s"])

    def test_answers(self):
        self.pulse.told(wire.ALIVE, 1, False)
        self.assertIsNone(self.pulse.check(wire.ALIVE_ACK, 10.1, 1))
        self.assertEqual(self.pulse.check(wire.ALIVE_ACK, 10.1, 1), "ALIVE_ACK without ALIVE")
        self.pulse.told(wire.ALIVE, 1, True)
        self.assertIsNone(self.pulse.check(wire.ALIVE_ACK, 10.2, 1))

    def test_no_answer(self):
        for sure, number, expected in ((True, 1, "no ALIVE_ACK to 4 ALIVE"), (False, 1, None),
                                       (True, 2, None)):
            pulse = Pulse()
            pulse.check(wire.ALIVE, 10.0, 1)
            for _ in range(4):
                pulse.told(wire.ALIVE, number, sure)
            now = time.time()
            pulse.heard_at = now
            self.assertIsNone(pulse.check(wire.DRW, now + 0.9, 1))
            self.assertEqual(pulse.check(wire.DRW, now + 1.1, 1), expected)
            self.assertIsNone(pulse.check(wire.DRW, now + 1.2, 1))

    def test_silence(self):
        self.assertIsNone(self.pulse.check(wire.DRW, 13.9, 1))
        self.assertEqual(self.pulse.check(wire.DRW, 18.0, 1), "silent for 4.1 s")


class Indexes(unittest.TestCase):
    """Rules for indexes, in time that is a number."""

    def test_hurry_needs_news(self):
        track = Track()
        for index in range(4):
            self.assertIsNone(track.data(index, 10.0))
        self.assertIsNone(track.data(0, 10.015))
        self.assertEqual(track.data(0, 10.016), "index 0 resent after 1.0 ms")
        track.acknowledge([2])
        track.acknowledge([2, 2])
        self.assertIsNone(track.data(1, 10.001))
        self.assertEqual(track.data(1, 10.003), "index 1 resent after 2.0 ms")

    def test_base_follows_acknowledgements(self):
        track = Track()
        for index in range(120):
            self.assertIsNone(track.data(index, 10.0))
        track.acknowledge([1, 2, 3, 500])
        self.assertIsNone(track.data(120, 10.0))
        self.assertRegex(track.data(121, 10.0), "^index 121, 121 ahead")
        track.acknowledge([0])
        self.assertEqual(track.base, 4)
        self.assertIsNone(track.data(124, 10.0))
        # Old ones may come again at any time.
        self.assertIsNone(track.data(0, 10.0))
        self.assertIsNone(track.data(2, 10.0))

    def test_wrap(self):
        track = Track()
        track.base = 65530
        for index in (65530, 65535, 0, 114):
            self.assertIsNone(track.data(index, 10.0))
        self.assertRegex(track.data(115, 10.0), "121 ahead")
        track.acknowledge([65530])
        self.assertEqual(track.base, 65531)


if __name__ == "__main__":
    unittest.main()
