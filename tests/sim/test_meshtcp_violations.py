#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator: what it says about a client that errs."""

import os
import signal
import socket
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp.framing import frame  # noqa: E402
from meshtcp_case import (GOODBYE, HEARTBEAT, WAKE, MeshCase, packet, text, to_radio,  # noqa: E402
                          want)


def first(*texts):
    return [f"connection 1: {text}" for text in texts]


class Download(MeshCase):
    def test_bytes_between_request_and_end(self):
        self.simulate("--record-delay", "1")
        client = self.client()
        client.send(want())
        client.hear()
        client.send(HEARTBEAT)
        client.records()
        client.status()
        self.finish(*first("6 bytes during the download: 94 c3 00 02 3a 00"))

    def test_right_behind_the_request(self):
        self.simulate()
        client = self.client()
        client.send(want() + HEARTBEAT)
        client.records()
        client.status()
        self.finish(*first("6 bytes right behind want_config_id"))

    def test_goodbye_is_allowed(self):
        self.simulate("--record-delay", "60000")
        client = self.client()
        client.send(want())
        client.hear()
        client.send(GOODBYE)
        self.assertEqual(client.rest(), b"")
        self.finish()

    def test_asking_again_after_a_silence(self):
        for patience, violations in (
                ("0", []), ("60000", first("6 bytes during the download: " + want(2).hex(" ")))):
            self.simulate("--patience", patience, "--do", "download-fault silent 3")
            client = self.client()
            client.send(want(1))
            for _ in range(3):
                client.hear()
            client.download(2)
            self.finish(*violations)

    def test_tolerated(self):
        self.simulate("--record-delay", "1", "--strict-download", "off")
        client = self.client()
        client.send(want())
        client.hear()
        client.send(HEARTBEAT)
        client.records()
        self.finish()

    def test_nonce_zero(self):
        self.simulate()
        self.client().download(0)
        self.finish(*first("want_config_id 0"))

    def test_packet_first(self):
        self.simulate()
        client = self.client()
        client.send(text(5, "too early"))
        self.sim.wait("packets_in", 1)
        self.assertTrue(client.quiet())
        client.download()
        self.assertEqual(client.status()[2], 5)
        self.finish(*first("a packet before want_config_id"))

    def test_packet_alone(self):
        """Who only sends need not ask; that the node has read it, a heartbeat's answer tells."""
        self.simulate("--ask-first", "off")
        client = self.client()
        client.send(text(5, "no question"))
        self.assertEqual(client.beat()[2], 0)
        self.assertEqual(self.sim.stats()["texts"], 1)
        self.finish()


class Bytes(MeshCase):
    def test_outside_frames(self):
        self.simulate()
        client = self.client()
        client.send(WAKE + b"\x94")
        client.send(want())
        self.sim.wait("noise_bytes", 1)
        client.download()
        client.send(b"\0\xff" + HEARTBEAT)
        client.status()
        rest = want()[1:].hex(" ")
        # The stray 94 took the start of the frame with it.
        self.finish(*first("2 bytes outside frames: 94 94", f"9 bytes outside frames: {rest}",
                           "2 bytes outside frames: 00 ff"))

    def test_long_frames(self):
        self.simulate()
        client = self.ready()
        client.send(b"\x94\xc3\x02\x01")
        client.beat()
        client.send(frame(505 * b"\0"))
        client.beat()
        client.send(frame(to_radio(mqttClientProxyMessage={"data": 496 * b"x"})[4:]))
        client.beat()
        self.assertEqual(self.sim.stats()["in_mqttClientProxyMessage"], 1)
        self.finish(*first("a frame of 513 bytes", "undecodable ToRadio: 505 bytes"))

    def test_undecodable(self):
        self.simulate()
        client = self.ready()
        found = []
        for payload, why in (
                ("3880", "a number that is cut off"), ("0a7f08", "field 1 goes 126 bytes beyond "
                                                       "the end"),
                ("18ffffffffffffffffffff01", "a number of more than ten bytes"),
                ("0001", "field number 0"), ("3e00", "field 7 with wire type 6"),
                ("1a00", "field 3 with wire type 2")):
            client.send(frame(bytes.fromhex(payload)))
            self.silent(client)
            found.append(f"undecodable ToRadio: {why}")
        self.assertEqual(self.sim.stats()["undecodable"], 6)
        self.finish(*first(*found))

    def test_segments(self):
        self.simulate("--one-send")
        client = self.ready()
        wire = text(5, "in pieces")
        for piece in (wire[:3], wire[3:20], wire[20:]):
            client.send(piece)
            self.sim.stats()
        client.status()
        client.send(HEARTBEAT + GOODBYE)
        client.status()
        self.assertEqual(client.rest(), b"")
        self.finish(*first("a frame in more than one segment"))

    def test_segments_are_no_matter_otherwise(self):
        self.simulate()
        client = self.ready()
        for byte in HEARTBEAT:
            client.send(bytes([byte]))
        client.status()
        self.finish()

    def test_unfinished(self):
        self.simulate()
        for number in range(2):
            client = self.ready()
            client.send(HEARTBEAT[:5])
            if number == 0:
                client.close()
                self.left()
        self.finish("connection 1: unfinished frame of 5 bytes (closed)",
                    "connection 2: unfinished frame of 5 bytes (end)")

    def test_after_goodbye(self):
        self.simulate()
        client = self.ready()
        client.send(GOODBYE + HEARTBEAT)
        self.assertEqual(client.rest(), b"")
        self.finish(*first("6 bytes after disconnect"))


class Packets(MeshCase):
    def test_fields(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        for number, hops in ((0, 3), (5, 8), (6, 7)):
            client.send(text(number, "x", hop_limit=hops))
            found = client.status()[2]
            self.assertTrue(found == number or (number == 0 and found > 0))
        client.send(to_radio(packet={"to": 5, "id": 7}))
        client.status()
        self.finish(*first("a packet with id 0", "a packet with hop_limit 8",
                           "a packet without content"))

    def test_payload(self):
        self.simulate()
        client = self.ready()
        client.send(packet(5, 256, 234 * b"x"))
        client.status()
        self.finish(*first("a payload of 234 bytes"))

    def test_same_id_other_bytes(self):
        self.simulate("--throttle", "off")
        client = self.ready()
        client.send(text(5, "a") + text(5, "a"))
        client.status()
        self.silent(client)
        client.send(text(5, "b"))
        self.silent(client)
        client.close()
        self.left()
        # Sent again after a reconnect is the same packet.
        client = self.ready()
        client.send(text(5, "b"))
        client.status()
        client.send(text(5, "c"))
        self.silent(client)
        self.finish("connection 1: id 00000005 again with different bytes",
                    "connection 2: id 00000005 again with different bytes")

    def test_no_room(self):
        self.simulate("--throttle", "off", "--free-grace", "0")
        client = self.ready()
        self.sim.command("free 0")
        client.send(text(5, "x"))
        self.assertEqual(client.status(), (32, 0, 5))
        client.send(text(6, "x"))
        self.assertEqual(client.status(), (32, 0, 6))
        self.sim.command("free 4")
        client.status()
        client.send(text(7, "x"))
        client.status()
        self.finish(*first("a packet while the node had no room"))

    def test_no_room_told_a_moment_ago(self):
        self.simulate("--throttle", "off", "--free-grace", "60000", "--do", "free 0")
        client = self.ready()
        client.send(text(5, "x") + text(6, "x"))
        self.assertEqual([client.status()[0], client.status()[0]], [32, 32])
        self.finish()

    def test_pacing(self):
        for throttle in ("on", "off"):
            self.simulate("--strict-pacing", "--throttle", throttle, "--clock-scale", "0")
            client = self.ready()
            client.send(text(5, "x"))
            client.status()
            self.sim.command("clock-advance 2")
            client.send(text(6, "x"))
            client.status()
            self.sim.command("clock-advance 1.5")
            client.send(text(7, "x"))
            client.status()
            self.finish(*first("port 1 again after 1.500 s"))


class Connections(MeshCase):
    def test_two_at_once(self):
        self.simulate()
        old = self.ready()
        new = self.ready()
        self.assertEqual(old.rest(), b"")
        new.beat()
        self.finish("connection 2: open while connection 1 is")

    def test_goodbye_counts_before_a_newcomer(self):
        self.simulate("--expect-disconnect")
        client = self.ready()
        self.sim.child.send_signal(signal.SIGSTOP)
        client.send(GOODBYE)
        newcomer = self.client()
        self.sim.child.send_signal(signal.SIGCONT)
        newcomer.download()
        self.assertEqual(client.rest(), b"")
        self.finish()

    def test_two_of_which_one_leaves(self):
        self.simulate()
        client = self.ready()
        client.sock.shutdown(socket.SHUT_WR)
        self.ready()
        client = self.ready()
        self.finish("connection 3: open while connection 2 is")

    def test_without_goodbye(self):
        self.simulate("--expect-disconnect")
        self.ready().close()
        self.left()
        client = self.ready()
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        self.left()
        client = self.ready()
        self.sim.command("close")
        client.rest()
        self.finish("connection 1: closed without disconnect",
                    "connection 2: reset without disconnect")


if __name__ == "__main__":
    unittest.main()
