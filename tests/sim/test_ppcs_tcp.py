#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: servers and relays over TCP."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import frames, wire  # noqa: E402
from ppcs.cipher import Cipher  # noqa: E402
from ppcs_case import ALIVE, ALIVE_ACK, CLOSE, DID, FIRST, HOST, OTHER, PpcsCase  # noqa: E402
from simcase import Client  # noqa: E402
from simulator import SimulatorError  # noqa: E402


def tcp_request(flag=1, did=DID, key=None):
    payload = did.wire + wire.pack_address((HOST, 1), 24) + bytes([5, 2, 0, 1, flag, 0, 0, 0])
    if key is None:
        return wire.build(wire.TCP_RLY_REQ, payload)
    return wire.build(wire.TCP_RLY_REQ_DSK, payload + key.ljust(24, b"\0"))


def result(code, flag=1):
    return wire.build(wire.TCP_RLY_REQ_ACK, wire.pack_result(code, flag))


class FramedClient(Client):
    """Says and hears messages in frames."""

    def __init__(self, port, key=""):
        super().__init__(port)
        self.cipher = Cipher(key.encode())
        self.name = "%s:%u" % self.sock.getsockname()

    def say(self, message):
        self.send(frames.encode(message, self.cipher, b"\x12\x34"))

    def hear(self):
        header = self.take(frames.HEADER_SIZE)
        if len(header) < frames.HEADER_SIZE:
            raise EOFError(header)
        frame = header + self.take(header[0] << 8 | header[1])
        return next(frames.Reader(self.cipher).feed(frame))

    def hear_kind(self, kind):
        while True:
            message = self.hear()
            if message[1] == kind:
                return message


class Tcp(PpcsCase):
    def simulate(self, *arguments):
        return super().simulate("--servers", "1", "--relays", "1", "--tcp", *arguments)

    def framed(self, name="tcpserver1"):
        client = FramedClient(self.sim.ports[name], self.key)
        self.cleanup.callback(client.close)
        return client

    def started(self):
        """The key and the address of the relay, from a server."""
        server = self.framed()
        server.say(tcp_request())
        self.assertEqual(server.hear(), result(0))
        start = wire.payload_of(server.hear())
        self.assertEqual(wire.Did.unpack(start), DID)
        relay = wire.unpack_address(start[24:])
        self.assertEqual(relay, (HOST, self.sim.ports["tcprelay1"]))
        return start[20:24]

    def greeted(self):
        """A client that the relay has greeted."""
        key = self.started()
        client = self.framed("tcprelay1")
        client.send(DID.wire + key + bytes(4))
        answer = client.take(48)
        self.assertEqual(wire.unpack_address(answer), client.sock.getsockname())
        self.assertEqual(wire.unpack_address(answer[24:]), (HOST, self.sim.ports["main"]))
        return client


class Path(Tcp):
    def test_session(self):
        self.simulate("--echo")
        client = self.greeted()
        client.say(ALIVE)
        self.assertEqual((client.hear(), client.hear()), (ALIVE_ACK, FIRST))
        client.say(wire.build_acks(0, [0]))
        client.say(wire.build_data(5, 0, b"hello"))
        self.assertEqual(client.hear_kind(wire.DRW), wire.build_data(5, 0, b"hello"))
        client.say(CLOSE)
        self.sim.wait("sessions", 0, "=")
        stats = self.sim.stats()
        self.assertEqual((stats["close_in"], stats["tcp_greetings"], stats["closed_by_client"]),
                         (1, 1, 1))
        self.finish()

    def test_keepalive_and_time_out(self):
        self.simulate("--alive-period", "10", "--alive-limit", "3", "--first", "none")
        client = self.greeted()
        self.assertEqual([client.hear() for _ in range(4)], [ALIVE, ALIVE, ALIVE, CLOSE])
        self.assertEqual(client.rest(), b"")
        self.finish()

    def test_session_ends_with_the_connection(self):
        self.simulate()
        client = self.greeted()
        self.assertEqual(self.sim.stats()["sessions"], 1)
        client.close()
        self.sim.wait("sessions", 0, "=")
        self.finish()

    def test_pieces(self):
        self.simulate()
        self.sim.command("tcp-split on")
        client = self.greeted()
        frame = frames.encode(ALIVE, client.cipher, b"\1\2")
        for value in frame + frame:
            client.send(bytes([value]))
        self.assertEqual([client.hear_kind(wire.ALIVE_ACK) for _ in range(2)], 2 * [ALIVE_ACK])
        self.finish()

    def test_greeting_and_frame_at_once(self):
        self.simulate("--first", "none")
        key = self.started()
        client = self.framed("tcprelay1")
        client.send(DID.wire + key + bytes(4) + frames.encode(ALIVE, client.cipher, b"ab"))
        client.take(48)
        self.assertEqual(client.hear(), ALIVE_ACK)
        self.finish()

    def test_big_data(self):
        self.simulate()
        client = self.greeted()
        client.say(ALIVE)
        self.assertEqual((client.hear(), client.hear()), (ALIVE_ACK, FIRST))
        self.sim.command("blast 1 50000")
        found = b""
        while len(found) < 50000:
            _, index, data = wire.parse_data(client.hear_kind(wire.DRW)[4:])
            client.say(wire.build_acks(1, [index]))
            found += data if index * 1024 == len(found) else b""
        self.finish()


class WithKey(Tcp):
    key = "camera"

    def test_session(self):
        self.simulate()
        client = self.greeted()
        client.say(ALIVE)
        self.assertEqual(client.hear(), ALIVE_ACK)
        self.finish()


class Answers(Tcp):
    def test_results(self):
        self.simulate("--dsk", "SECRET")
        client = self.framed()
        for request, expected in ((tcp_request(), -4), (tcp_request(key=b"WRONG"), -4),
                                  (tcp_request(did=OTHER, key=b"SECRET"), -2)):
            client.say(request)
            self.assertEqual(client.hear(), result(expected))
        client.say(tcp_request(key=b"SECRET"))
        self.assertEqual((client.hear(), client.hear()[1]), (result(0), wire.TCP_RS_START))
        for code in (-6, -5):
            self.sim.command(f"tcp result {code}")
            client.say(tcp_request(key=b"SECRET"))
            self.assertEqual(client.hear(), result(code))
        self.finish()

    def test_early_request(self):
        self.simulate()
        client = self.framed()
        client.say(tcp_request(flag=0))
        client.say(tcp_request())
        self.assertEqual((client.hear(), client.hear()), (result(0, 0), result(0)))
        self.assertEqual(client.hear()[1], wire.TCP_RS_START)
        self.sim.command("tcp early on")
        client.say(tcp_request(flag=0))
        self.assertEqual((client.hear(), client.hear()[1]), (result(0, 0), wire.TCP_RS_START))
        self.sim.command("tcp start off")
        client.say(tcp_request())
        client.say(tcp_request())
        self.assertEqual((client.hear(), client.hear()), (result(0), result(0)))
        self.finish()

    def test_silent(self):
        self.simulate()
        client = self.framed()
        self.sim.command("tcp silent on")
        client.say(tcp_request())
        self.sim.wait("tcp_bytes_in", 60)
        self.assertTrue(client.quiet())
        self.finish()

    def test_broken_frames(self):
        for name, text in (("bad-check", "check"), ("bad-mark", "mark")):
            self.simulate()
            self.sim.command(f"tcp {name} on")
            client = self.framed()
            client.say(tcp_request())
            with self.assertRaisesRegex(frames.FrameError, text):
                client.hear()
            self.finish()

    def test_connections(self):
        self.simulate()
        client = self.greeted()
        self.sim.command("tcp-listen off")
        self.assertRaises(ConnectionRefusedError, self.framed)
        self.sim.command("tcp-reset")
        self.assertRaises(ConnectionResetError, client.rest)
        self.sim.wait("sessions", 0, "=")
        self.assertEqual(self.sim.stats()["tcp_connections_total"], 2)
        self.finish()

    def test_limit(self):
        self.simulate("--limit", "1")
        self.session()
        client = self.greeted()
        client.say(ALIVE)
        self.sim.wait("alive_in", 2)
        self.assertTrue(client.quiet())
        self.assertEqual(self.sim.stats()["refused"], 1)
        self.finish()

    def test_without_tcp(self):
        PpcsCase.simulate(self)
        self.assertRaises(SimulatorError, self.sim.command, "tcp silent on")
        self.finish()


class Violations(Tcp):
    def complaint(self, name, data):
        """What is said about bytes that a client sends."""
        client = self.framed(name)
        client.send(data)
        self.assertEqual(client.rest(), b"")
        return f"{client.name} to {name}: "

    def test_frames(self):
        self.simulate()
        good = frames.encode(tcp_request(), Cipher(b""), b"\1\2")
        bad = bytearray(good)
        bad[7] ^= 1
        expected = [
            self.complaint("tcpserver1", b"GET / HT") + "a frame with mark 54",
            self.complaint("tcpserver1", b"\5\1\x68\0\0\0\0\0") + "a frame of 1281 bytes",
            self.complaint("tcpserver1", bytes(bad)) + "a frame with wrong check bytes"]
        self.finish(*expected)

    def test_messages(self):
        self.simulate()
        client = self.framed()
        client.say(ALIVE)
        client.say(tcp_request()[:-1])
        client.say(tcp_request())
        client.hear()
        name = f"{client.name} to tcpserver1: "
        self.finish(name + "ALIVE, which no client sends here",
                    name + "51 bytes instead of 52")

    def test_greeting(self):
        self.simulate()
        key = self.started()
        number = key.hex()
        name = "tcprelay1"
        expected = [
            self.complaint(name, OTHER.wire + key + bytes(4))
            + f"a greeting for {OTHER} with key {number} and side 0",
            self.complaint(name, DID.wire + bytes(8))
            + f"a greeting for {DID} with key 00000000 and side 0",
            self.complaint(name, DID.wire + key + bytes([1, 0, 0, 0]))
            + f"a greeting for {DID} with key {number} and side 1"]
        self.finish(*expected)

    def test_after_close(self):
        self.simulate()
        client = self.greeted()
        for message in (CLOSE, CLOSE, ALIVE):
            client.say(message)
        self.sim.wait("alive_in", 1)
        self.finish(f"{client.name} to tcprelay1: ALIVE after CLOSE")


if __name__ == "__main__":
    unittest.main()
