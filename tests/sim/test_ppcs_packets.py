#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The packets of the PPCS protocol sheet, section 14, as the simulator builds and reads them."""

import os
import struct
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import frames, wire  # noqa: E402
from ppcs.cipher import TABLE, Cipher, key_bytes  # noqa: E402

TEST = wire.Did.parse("TEST-012345-ABCDE")
LBCS = wire.Did.parse("LBCS-000000-CCCJJ")
TEST_HEX = "5445535400000000000030394142434445000000"
LBCS_HEX = "4c42435300000000000000004343434a4a000000"
RELAY = ("127.0.0.11", 41234)
KEY = 0x1A2B3C4D
LOCAL = ("192.168.1.20", 50000)
LOCAL_HEX = "000250c31401a8c00000000000000000"
RELAY_HEX = "000212a10b00007f0000000000000000"

# Built from their fields, and as they are on the wire.
PACKETS = (
    (wire.build(wire.HELLO), "f1000000"),
    (wire.build_address(wire.HELLO_ACK, ("203.0.113.7", 50000)),
     "f1010010000250c3077100cb0000000000000000"),
    (wire.build(wire.P2P_REQ, TEST.wire + wire.pack_address(LOCAL)),
     "f1200024" + TEST_HEX + LOCAL_HEX),
    (wire.build_result(wire.P2P_REQ_ACK, 0), "f121000400000000"),
    (wire.build_result(wire.P2P_REQ_ACK, -2), "f1210004fe000000"),
    (wire.build_result(wire.P2P_REQ_ACK, -1), "f1210004ff000000"),
    (wire.build_result(wire.P2P_REQ_ACK, -3), "f1210004fd000000"),
    (wire.build(wire.LAN_SEARCH), "f1300000"),
    (wire.build_address(wire.PUNCH_TO, ("198.51.100.9", 40611)),
     "f14000100002a39e096433c60000000000000000"),
    (wire.build_did(wire.PUNCH_PKT, TEST), "f1410014" + TEST_HEX),
    (wire.build_did(wire.PUNCH_PKT, LBCS), "f1410014" + LBCS_HEX),
    (wire.build_did(wire.P2P_RDY, TEST), "f1420014" + TEST_HEX),
    (wire.build_did(wire.P2P_RDY, LBCS), "f1420014" + LBCS_HEX),
    (wire.build_offer(LBCS, ("192.168.43.1", 40611)),
     "f143002c" + LBCS_HEX + "0002a39e012ba8c0" + 32 * "0"),
    (wire.build_did(wire.LIST_REQ1, TEST), "f1670014" + TEST_HEX),
    (wire.build_list([("127.0.0.11", 32100), ("127.0.0.12", 32100)]),
     "f1690024020000000002647d0b00007f00000000000000000002647d0c00007f0000000000000000"),
    (wire.build(wire.RLY_HELLO), "f1700000"),
    (wire.build(wire.RLY_HELLO_ACK), "f1710000"),
    (wire.build(wire.RLY_PORT), "f1720000"),
    (wire.build_port_ack(KEY, 41234), "f17300081a2b3c4da1120000"),
    (wire.build(wire.RLY_REQ, TEST.wire + wire.pack_address(RELAY) + struct.pack(">I", KEY)),
     "f1800028" + TEST_HEX + RELAY_HEX + "1a2b3c4d"),
    (wire.build_result(wire.RLY_REQ_ACK, 0), "f181000400000000"),
    (wire.build_relay_to(RELAY, KEY), "f1820014" + RELAY_HEX + "1a2b3c4d"),
    (wire.build_relay_packet(KEY, TEST, 0), "f183001c1a2b3c4d" + TEST_HEX + "00000000"),
    (wire.build_relay_packet(KEY, TEST, 1), "f183001c1a2b3c4d" + TEST_HEX + "01000000"),
    (wire.build_did(wire.RLY_RDY, TEST), "f1840014" + TEST_HEX),
    (wire.build_data(0, 0, b"ACK"), "f1d00007d100000041434b"),
    (wire.build_data(3, 65535, b"hi"), "f1d00006d103ffff6869"),
    (wire.build_acks(3, [65534, 65535, 0]), "f1d1000ad1030003fffeffff0000"),
    (wire.build_acks(0, [0, 0, 0]), "f1d1000ad1000003000000000000"),
    (wire.build_acks(0, [2, 3, 4, 5]), "f1d1000cd10000040002000300040005"),
    (wire.build(wire.ALIVE), "f1e00000"),
    (wire.build(wire.ALIVE_ACK), "f1e10000"),
    (wire.build(wire.CLOSE), "f1f00000"),
)

# Key, its four bytes, and LAN_SEARCH under it (section 9.2).
KEYS = (
    ("camera", "6997cc19", "2cba5f5d"), ("SHIX", "3cc4680a", "9fa1eeb9"),
    ("SSD@cs2-network.", "9769d65b", "b1a6bb9a"), ("VMSV", "4cb46c1e", "d19e23ab"),
    ("vstarcam2018", "2cd46006", "49b573d5"), ("FERRY@88", "38c8ba1a", "a92a6297"),
    ("mycamera", "4fb1180d", "aa66af5c"), ("@@@@....", "b8489000", "5d782818"),
)

FRAMES = (
    ("", "1234", "f1e00000", "0004680012344ebba0ad41a9"),
    ("camera", "1234", "f1e00000", "00046800123431097d0fd68c"),
    ("", "ab09", "f1d00007d100000041434b", "000b6800ab094a85906ba4156ba4120e06e421"),
)


def body(packet):
    return wire.payload_of(bytes.fromhex(packet))


class Packets(unittest.TestCase):
    def test_built(self):
        for message, expected in PACKETS:
            with self.subTest(expected[:8]):
                self.assertEqual(message.hex(), expected)

    def test_lengths(self):
        for message, _ in PACKETS:
            size = wire.SIZES.get(message[1])
            if size is not None:
                self.assertEqual(len(wire.payload_of(message)), size)

    def test_identity(self):
        self.assertEqual(str(wire.Did.unpack(bytes.fromhex(TEST_HEX))), "TEST-012345-ABCDE")
        noisy = bytearray.fromhex(TEST_HEX)
        noisy[6:8] = noisy[18:20] = b"xy"
        self.assertEqual(wire.Did.unpack(noisy), TEST)
        self.assertEqual(str(wire.Did.parse("A-4294967295-Z")), "A-4294967295-Z")
        self.assertNotEqual(TEST, LBCS)
        for bad in ("TEST-12345-ABCDE", "test-012345-ABCDE", "1EST-012345-ABCDE", "TEST-012345-",
                    "TESTTEST-012345-ABCDE", "TEST-012345-ABCDEFGH", "TEST-4294967296-A", ""):
            self.assertRaises(ValueError, wire.Did.parse, bad)

    def test_addresses(self):
        self.assertEqual(wire.unpack_address(bytes.fromhex(LOCAL_HEX)), LOCAL)
        self.assertEqual(wire.unpack_address(wire.pack_address(RELAY, 24)), RELAY)
        self.assertEqual(len(wire.pack_address(RELAY, 24)), 24)
        with self.assertRaisesRegex(wire.Malformed, "family 10"):
            wire.unpack_address(b"\0\x0a" + bytes(14))

    def test_fields(self):
        self.assertEqual(wire.parse_relay_packet(body("f183001c1a2b3c4d" + TEST_HEX + "01000000")),
                         (KEY, TEST, 1))
        self.assertEqual(wire.parse_relay_to(body("f1820014" + RELAY_HEX + "1a2b3c4d")),
                         (RELAY, KEY))
        self.assertEqual(wire.parse_data(body("f1d00006d103ffff6869")), (3, 65535, b"hi"))
        self.assertEqual(wire.parse_acks(body("f1d1000ad1030003fffeffff0000")),
                         (3, (65534, 65535, 0)))

    def test_lengths_that_do_not_fit(self):
        # One family of cameras sends eight bytes more than it says.
        longer = "f14200144241544500000000000a8f61495552514d0000000000000000000000"
        self.assertEqual(str(wire.Did.unpack(body(longer))), "BATE-692065-IURQM")
        # Acknowledgements that are fewer than they say, and that are padded.
        self.assertEqual(wire.parse_acks(bytes.fromhex("d100000500010002")), (0, (1, 2)))
        self.assertEqual(wire.parse_acks(bytes.fromhex("d10000010007000000000000")), (0, (7,)))
        for bad in ("", "f1e000", "f2e00000", "f1e00001"):
            self.assertRaises(wire.Malformed, body, bad)
        self.assertRaises(wire.Malformed, wire.parse_data, b"\xd1\0\0")
        self.assertRaises(wire.Malformed, wire.parse_acks, b"\xd1\0\0")


class Obfuscation(unittest.TestCase):
    def test_keys(self):
        self.assertEqual(len(TABLE), 256)
        for key, hashed, search in KEYS:
            with self.subTest(key):
                self.assertEqual(key_bytes(key.encode()).hex(), hashed)
                cipher = Cipher(key.encode())
                self.assertEqual(cipher.encode(bytes.fromhex("f1300000")).hex(), search)
                self.assertEqual(cipher.decode(bytes.fromhex(search)).hex(), "f1300000")

    def test_packets(self):
        punch = wire.build_did(wire.PUNCH_PKT, TEST)
        for key, expected in (("camera", "2ccb6293afc44673697ccf321e6707263c0a9400989cde2b"),
                              ("SHIX", "9fd030f80ef809cb10204798bf5336cdf2be9aac77d83c5d")):
            self.assertEqual(Cipher(key.encode()).encode(punch).hex(), expected)

    def test_there_and_back(self):
        for key in (b"", b"camera", b"12345678901234567890"):
            cipher = Cipher(key)
            for plain in (b"", b"\0", bytes(range(256)) * 5):
                self.assertEqual(cipher.decode(cipher.encode(plain)), plain)
        self.assertEqual(Cipher(b"").encode(b"abc"), b"abc")

    def test_twenty_bytes_count(self):
        self.assertEqual(key_bytes(b"12345678901234567890x"), key_bytes(b"12345678901234567890"))


class Frames(unittest.TestCase):
    def test_built(self):
        for key, random, message, expected in FRAMES:
            frame = frames.encode(bytes.fromhex(message), Cipher(key.encode()),
                                  bytes.fromhex(random))
            self.assertEqual(frame.hex(), expected)

    def test_read_in_any_pieces(self):
        for key, _, message, frame in FRAMES:
            wire_bytes = 2 * bytes.fromhex(frame)
            for size in (1, 5, 9, len(wire_bytes)):
                reader = frames.Reader(Cipher(key.encode()))
                found = []
                for place in range(0, len(wire_bytes), size):
                    found += reader.feed(wire_bytes[place:place + size])
                self.assertEqual([item.hex() for item in found], 2 * [message])

    def test_wrong_frames(self):
        for place, value, text in ((2, 0x69, "mark 69"), (0, 0x05, "frame of 1284 bytes"),
                                   (6, 0x4F, "check"), (11, 0, "check")):
            frame = bytearray.fromhex(FRAMES[0][3])
            frame[place] = value
            with self.assertRaisesRegex(frames.FrameError, text):
                list(frames.Reader(Cipher(b"")).feed(bytes(frame)))

    def test_empty_body(self):
        frame = frames.encode(b"", Cipher(b""), b"\1\2")
        self.assertEqual(frame.hex(), "0000680001024353")
        self.assertEqual(list(frames.Reader(Cipher(b"")).feed(frame)), [b""])


if __name__ == "__main__":
    unittest.main()
