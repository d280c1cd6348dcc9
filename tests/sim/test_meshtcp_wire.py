#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the Meshtastic simulator's wire format against the test vectors.

A selection of the vectors stands below; all of them are used when their file is in the tree.
"""

import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from meshtcp import wire  # noqa: E402
from meshtcp.framing import Reader, frame  # noqa: E402
from meshtcp.tables import PAYLOADS, SCHEMA, decode, encode, member  # noqa: E402

VECTORS = os.path.join(os.path.dirname(HERE), "vectors")
# Names of payloads in the facts -> name of the table.
ROOTS = {"position": "Position", "user": "User", "admin": "Admin", "waypoint": "Waypoint",
         "sf": "StoreForward", "routing": "Routing", "route": "Route", "telemetry": "Telemetry",
         "neighborinfo": "Neighbors", "paxcount": "Paxcount"}

SELECTED = """
[to_want_config_max]
kind: toradio
hex: 94c3000618ffffffff0f
expect: want_config_id=4294967295

[to_heartbeat]
kind: toradio
hex: 94c300023a00
expect: heartbeat.nonce=0

[to_disconnect]
kind: toradio
hex: 94c300022001
expect: disconnect=1

[to_text_from_set]
kind: toradio
hex: 94c300250a230dc4f1a29e15ffffffff220e0801120a48656c6c6f206d65736835141c6d2a48035001
expect: packet.from=0x9ea2f1c4
expect: packet.to=0xffffffff
expect: packet.id=0x2a6d1c14
expect: packet.want_ack=1

[to_tapback]
kind: toradio
hex: 94c300220a2015ffffffff221208011204f09f918d3d02b0ad1b450100000035051c6d2a4803
expect: packet.decoded.emoji=1
expect: packet.decoded.payload=f09f918d

[to_traceroute]
kind: toradio
hex: 94c300140a1215a0e25ada22040846180135081c6d2a4803
expect: packet.decoded.portnum=70
expect: packet.decoded.want_response=1
expect: packet.decoded.payload.len=0

[to_position]
kind: toradio
hex: 94c300250a2315ffffffff2215080312110d7ced1e1d15abeb66011823250078e76835091c6d2a4803
expect: position.latitude_i=488566140
expect: position.altitude=35
expect: position.time=1760000000

[to_admin_reboot_session]
kind: toradio
hex: 94c300270a2515102f3b4322120806120e88060aaa0608010203040506070835111c6d2a48035001880101
expect: admin.reboot_seconds=10
expect: admin.session_passkey=0102030405060708

[to_waypoint]
kind: toradio
hex: 94c300450a4315ffffffff22330808122f08c9d9041540331f1d1de81c5e01208093a3c70632044d6565743a0e
 556e64657220746865206172636845cdf4010035121c6d2a48035001
expect: waypoint.id=77001
expect: waypoint.icon=128205
expect: waypoint.name=Meet

[fr_node_info_self]
kind: fromradio
hex: 94c3008922860108c4e38bf50912480a092139656132663163341209426173652043616d701a04424153452206
 f4129ea2f1c4282b4220202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f1a160d7ced
 1e1d15abeb66011823250078e7682801b801202d6478e7683215086515000088401d00006040250000003e2880a305
 5001
expect: node_info.num=0x9ea2f1c4
expect: node_info.user.short_name=BASE
expect: node_info.device_metrics.voltage=4.25
expect: node_info.has_hops_away=0
expect: node_info.is_favorite=1

[fr_node_info_thin]
kind: fromradio
hex: 94c30011220f08a0c5ebd20d2df050e76840014802
expect: node_info.num=0xda5ae2a0
expect: node_info.has_user=0
expect: node_info.hops_away=2
expect: node_info.via_mqtt=1

[fr_channel_secondary]
kind: fromradio
hex: 94c300285226080112201210a0a1a2a3a4a5a6a7a8a9aaabacadaeaf1a05547261696c254433221128011802
expect: channel.index=1
expect: channel.role=2
expect: channel.settings.name=Trail
expect: channel.settings.id=0x11223344

[fr_config_lora]
kind: fromradio
hex: 94c3001d2a1b32190801380340034801501b6801ba060a91a2c48801a2c4889102
expect: config.variant=6
expect: config.lora.region=3
expect: config.lora.tx_power=27
expect: config.lora.ignore_incoming=286331153,572662306

[fr_queue_negative]
kind: fromradio
hex: 94c300135a1108ffffffffffffffffff01100318102001
expect: queueStatus.res=-1

[fr_text_broadcast]
kind: fromradio
hex: 94c3003e123c0d102f3b4315ffffffff220c08011206686920616c6c480135eeffc0513dc878e768450000d040
 480260d5ffffffffffffffff017803980110a80101
expect: packet.from=0x433b2f10
expect: packet.rx_rssi=-43
expect: packet.rx_snr=6.5
expect: packet.hop_start=3
expect: packet.decoded.bitfield=1

[fr_position]
kind: fromradio
hex: 94c3006a12680d102f3b4315ffffffff2238080312340d0008d0eb1548b5205a18fdffffffffffffffff01252c
 79e76828023d2b79e768481758b60178008001c0a8a504980109b8012035f2ffc0513dc878e768450000d040480260
 d5ffffffffffffffff017803980110a80101
expect: position.latitude_i=-338688000
expect: position.altitude_hae=-12
expect: position.has_ground_speed=1
expect: position.ground_speed=0

[fr_traceroute_reply]
kind: fromradio
hex: 94c3006f126d0da0e25ada15c4f1a29e223d084612340a08102f3b43ffffffff12151a80ffffffffffffffff01
 f2ffffffffffffffff011a04102f3b43220bfdffffffffffffffff011435081c6d2a350900006a3dc878e768450000
 d040480260d5ffffffffffffffff017803980110a80101
expect: route.route=0x433b2f10,0xffffffff
expect: route.snr_towards=26,-128,-14
expect: route.snr_back=-3,20

[fr_traceroute_unpacked]
kind: fromradio
hex: 94c3005212500da0e25ada15c4f1a29e2220084612170d102f3b430da0e25ada101a1080ffffffffffffffff01
 35081c6d2a350a00006a3dc878e768450000d040480260d5ffffffffffffffff017803980110a80101
expect: route.route=0x433b2f10,0xda5ae2a0
expect: route.snr_towards=26,-128

[fr_unknown_fields]
kind: fromradio
hex: 94c3001b9a06036162639806059d0601020304910601020304050607083807
expect: config_complete_id=7

[fr_oneof_last_wins]
kind: fromradio
hex: 94c3000438014001
expect: variant=rebooted
expect: rebooted=1

[fr_empty]
kind: fromradio
hex: 94c30000
expect: variant=none

[bad_truncated_varint]
kind: fromradio-bad
hex: 94c300023880

[bad_length_overrun]
kind: fromradio-bad
hex: 94c300035a7f08

[bad_varint_too_long]
kind: fromradio-bad
hex: 94c3000c38ffffffffffffffffffff01

[bad_field_zero]
kind: fromradio-bad
hex: 94c300020001

[bad_wire_type_6]
kind: fromradio-bad
hex: 94c300023e00

[bad_end_group]
kind: fromradio-bad
hex: 94c300013c

[bad_fixed32_short]
kind: fromradio-bad
hex: 94c30005120d0d1122
"""


class Block:
    def __init__(self, name):
        self.name = name
        self.kind = None
        self.wire = b""
        self.facts = []


def blocks(text):
    """The vectors in a text; a line that begins with a blank continues the one before."""
    found = []
    for line in text.replace("\n ", "").splitlines():
        key, _, value = line.partition(": ")
        if line.startswith("["):
            found.append(Block(line[1:-1]))
        elif key == "kind":
            found[-1].kind = value.strip()
        elif key == "hex":
            found[-1].wire = bytes.fromhex(value)
        elif key == "expect":
            found[-1].facts.append(value.partition("=")[::2])
    return found


def file_of(name):
    path = os.path.join(VECTORS, name)
    return path if os.path.exists(path) else None


class Facts:
    """Looks up `packet.decoded.payload.len` and the like in a decoded frame."""

    def __init__(self, table, payload):
        self.table = table
        self.payload = payload
        self.top = decode(table, payload)

    def start(self, word):
        """The message a path begins in, its table and whether the word is used up."""
        if word in ROOTS:
            data = self.top["packet"]["decoded"]
            assert PAYLOADS[data["portnum"]] == ROOTS[word], word
            return decode(ROOTS[word], data.get("payload", b"")), ROOTS[word], True
        return self.top, self.table, False

    def find(self, path):
        words = path.split(".")
        if words == ["frame", "payload", "len"]:
            return len(self.payload)
        value, table, used = self.start(words[0])
        for word in words[1:] if used else words:
            word, _, index = word.rstrip("]").partition("[")
            if word in ("len", "count"):
                value = len(value or b"")
            elif word == "variant":
                value = member(table, value)
            elif word.startswith("has_") and word not in SCHEMA.fields(table):
                value = word[4:] in value
            else:
                field = SCHEMA.fields(table)[word]
                value, table = value.get(word), field.message
                value = value[int(index)] if index else value
        return value

    def holds(self, path, wanted):
        found = self.find(path)
        if isinstance(found, wire.Field):
            return wanted in (found.name, str(found.number))
        if found is None:
            return wanted in ("0", "", "none")
        if isinstance(found, bytes):
            return found.hex() == wanted
        if isinstance(found, list):
            return found == [int(one, 0) for one in wanted.split(",")]
        if isinstance(found, float):
            return found == float(wanted)
        return found == wanted if isinstance(found, str) else found == int(wanted, 0)


class Vectors(unittest.TestCase):
    def check(self, found):
        for block in found:
            with self.subTest(block.name):
                if block.kind in ("toradio", "fromradio"):
                    self.check_sound(block)
                elif block.kind == "fromradio-bad":
                    (kind, payload), = Reader().feed(block.wire)
                    self.assertEqual(kind, "frame")
                    self.assertRaises(wire.Malformed, decode, "FromRadio", payload)

    def check_sound(self, block):
        table = {"toradio": "ToRadio", "fromradio": "FromRadio"}[block.kind]
        (kind, payload), = Reader().feed(block.wire)
        self.assertEqual((kind, frame(payload)), ("frame", block.wire))
        facts = Facts(table, payload)
        for path, wanted in block.facts:
            self.assertTrue(facts.holds(path, wanted), f"{path} is {facts.find(path)}")
        again = encode(table, facts.top)
        if block.kind == "toradio":
            self.assertEqual(again, payload)
        else:
            self.assertEqual(decode(table, again), facts.top)

    def test_selected(self):
        found = blocks(SELECTED)
        self.assertEqual(len(found), 28)
        self.check(found)

    @unittest.skipUnless(file_of("meshtcp-vectors.txt"), "no file of vectors in the tree")
    def test_all(self):
        with open(file_of("meshtcp-vectors.txt"), encoding="utf-8") as file:
            found = blocks(file.read())
        self.assertGreater(len(found), 100)
        self.check(found)

    @unittest.skipUnless(file_of("meshtasticd-handshake.bin"), "no recording in the tree")
    def test_recording(self):
        """What a real node sent comes out of the tables byte by byte the same."""
        with open(file_of("meshtasticd-handshake.bin"), "rb") as file:
            found = list(Reader().feed(file.read()))
        self.assertEqual(len(found), 49)
        for kind, payload in found:
            self.assertEqual(kind, "frame")
            self.assertEqual(encode("FromRadio", decode("FromRadio", payload)), payload)


class Numbers(unittest.TestCase):
    def test_round_trips(self):
        for kind, values in (
                ("u32", (1, 127, 128, 0xFFFFFFFF)), ("u64", (1 << 63, (1 << 64) - 1)),
                ("i32", (-1, -128, 0x7FFFFFFF, -0x80000000)), ("enum", (-1, 255)),
                ("s32", (-1, 1, 2, 0x7FFFFFFF, -0x80000000)), ("bool", (True,)),
                ("fix32", (1, 0xFFFFFFFF)), ("sfix32", (-1, 5)), ("float", (-12.5, 1e30)),
                ("str", ("K\u00fcche", "x" * 200)), ("bytes", (b"\0\x94\xc3",))):
            schema = wire.Schema(f"M: 15 {kind} a, 16 {kind} b opt, 17 {kind} c []\n")
            for value in values:
                with self.subTest(kind, value=value):
                    message = {"a": value, "b": value, "c": [value, value]}
                    found = schema.decode("M", schema.encode("M", message))
                    if kind == "float":
                        self.assertAlmostEqual(found["a"] / value, 1)
                    else:
                        self.assertEqual(found, message)

    def test_zigzag(self):
        schema = wire.Schema("M: 1 s32 a opt\n")
        for value, byte in ((0, 0), (-1, 1), (1, 2), (-2, 3)):
            self.assertEqual(schema.encode("M", {"a": value}), bytes([8, byte]))

    def test_presence(self):
        schema = wire.Schema("M: 1 u32 a, 2 u32 b opt, 3 u32 c 1of, 4 M d 1of, 5 M e, 6 str f\n")
        empty = {"a": 0, "b": 0, "c": 0, "e": {}, "f": ""}
        self.assertEqual(schema.encode("M", empty), bytes.fromhex("1000 1800 2a00"))
        self.assertEqual(schema.decode("M", bytes.fromhex("1801 2200")), {"d": {}})

    def test_merge(self):
        schema = wire.Schema("M: 1 M a, 2 u32 b, 3 u32 c []\n")
        data = bytes.fromhex("0a02 1005 0a02 1807 0a04 1a02 0809")
        self.assertEqual(schema.decode("M", data), {"a": {"b": 5, "c": [7, 8, 9]}})

    def test_wrong_wire_type(self):
        for data in ("0d00000000", "10", "1801 1a", "808080808001 00"):
            self.assertRaises(wire.Malformed, decode, "Heartbeat", bytes.fromhex(data))


class NodesReader(unittest.TestCase):
    """The node's own reader, which is simpler than a client's has to be."""

    def frames(self, *pieces):
        reader = Reader()
        return [payload.hex() for piece in pieces for kind, payload in
                reader.feed(bytes.fromhex(piece)) if kind == "frame"]

    def test_what_is_lost(self):
        good = "94c3 0002 3801"
        for before, frames in (("", 1), ("c3c3c3", 1), ("94c3 0201", 1), ("94c3 ffff", 1),
                               ("94", 0), ("94c3", 0), ("9400", 1), ("00ff", 1)):
            with self.subTest(before):
                self.assertEqual(self.frames(before + good), frames * ["3801"])
                self.assertEqual(self.frames(*(f"{byte:02x}" for byte in
                                               bytes.fromhex(before + good))), frames * ["3801"])

    def test_length_rules(self):
        self.assertEqual(self.frames("94c3 0006 94c3 0002 3801 94c3 0002 3802"),
                         ["94c300023801", "3802"])
        self.assertEqual(self.frames("94c3 0000 94c3 0002 3801"), ["", "3801"])
        self.assertEqual(self.frames("94c3 0200" + 512 * "00"), [512 * "00"])


if __name__ == "__main__":
    unittest.main()
