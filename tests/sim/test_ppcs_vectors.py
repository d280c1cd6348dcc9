#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The conversation files of libppcs: their words, and that the simulator speaks them."""

import os
import struct
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import vectors  # noqa: E402
from ppcs import frames, wire  # noqa: E402
from ppcs.cipher import Cipher  # noqa: E402
from ppcs_case import HOST, PpcsCase  # noqa: E402

DIRECTORY = os.path.join(os.path.dirname(HERE), "vectors")
VECTORS = os.path.join(DIRECTORY, "ppcs")
TYPES = {name.upper(): kind for kind, name in wire.NAMES.items()}
EMPTY = ("HELLO", "LAN_SEARCH", "RLY_HELLO", "RLY_HELLO_ACK", "RLY_PORT", "ALIVE", "ALIVE_ACK",
         "CLOSE")
WITH_UID = ("PUNCH_PKT", "P2P_RDY", "LIST_REQ1", "RLY_RDY")
TCP = 9
FIXED = Cipher(b"SSD@cs2-network.")
# The report of the first failed attempt, decrypted.
FAILED = ("4c42435300000000000000004343434a4a000000 fffffffd 0100 0001 05b0 00 00 3f 00 0000 "
          "0002095100000000 0000000000000000 0002095100000000 0000000000000000"
          + 32 * "0").replace(" ", "")


def spell(address):
    return f"{address[0]}:{address[1]}"


def unspell(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def describe(message):
    """The words for a message, in the language of the files."""
    payload = wire.payload_of(message)
    name = wire.name_of(message[1])
    extra = len(message) - wire.HEADER_SIZE - len(payload)
    return name + fields(name, payload) + (f" extra={extra}" if extra else "")


def fields(name, payload):
    size = len(payload)
    expected = wire.SIZES.get(TYPES.get(name))
    if expected is not None and size != expected:
        return f" size={size}"
    if name in EMPTY:
        return ""
    if name in WITH_UID:
        return f" uid={wire.Did.unpack(payload)}"
    if name in ("HELLO_ACK", "PUNCH_TO"):
        return f" address={spell(wire.unpack_address(payload))}"
    if name in ("P2P_REQ_ACK", "RLY_REQ_ACK"):
        return f" result={struct.unpack('>b', payload[:1])[0]}"
    if name == "P2P_REQ":
        return f" uid={wire.Did.unpack(payload)} local={spell(wire.unpack_address(payload[20:]))}"
    if name == "TRY_LAN_TCP":
        return f" uid={wire.Did.unpack(payload)} address={spell(wire.unpack_address(payload[20:]))}"
    if name == "LIST_REQ_ACK":
        places = range(4, 4 + 16 * payload[0], 16)
        found = [spell(wire.unpack_address(payload[place:])) for place in places]
        return " addresses=" + (",".join(found) or "-")
    if name == "RLY_PORT_ACK":
        return " key=%08x port=%u" % struct.unpack(">IH", payload[:6])
    if name == "RLY_REQ":
        relay, key = wire.parse_relay_to(payload[20:])
        return f" uid={wire.Did.unpack(payload)} relay={spell(relay)} key={key:08x}"
    if name == "RLY_TO":
        relay, key = wire.parse_relay_to(payload)
        return f" relay={spell(relay)} key={key:08x}"
    if name == "RLY_PKT":
        key, did, side = wire.parse_relay_packet(payload)
        return f" key={key:08x} uid={did} side={side}"
    if name == "DRW":
        channel, index, data = wire.parse_data(payload)
        return f" channel={channel} index={index} data={data.hex()}"
    if name == "DRW_ACK":
        channel, indexes = wire.parse_acks(payload)
        return f" channel={channel} indexes=" + ",".join(map(str, indexes))
    return f" size={size}"


def rebuild(words):
    """The message that words describe; None when they do not say everything."""
    name, *pairs = words.split()
    found = dict(pair.split("=", 1) for pair in pairs)
    kind = TYPES[name]
    did = wire.Did.parse(found["uid"]) if "uid" in found else None
    key = int(found.get("key", "0"), 16)
    if "size" in found:
        return None
    if name in EMPTY:
        message = wire.build(kind)
    elif name in WITH_UID:
        message = wire.build_did(kind, did)
    elif name in ("HELLO_ACK", "PUNCH_TO"):
        message = wire.build_address(kind, unspell(found["address"]))
    elif name in ("P2P_REQ_ACK", "RLY_REQ_ACK"):
        message = wire.build_result(kind, int(found["result"]))
    elif name == "P2P_REQ":
        message = wire.build(kind, did.wire + wire.pack_address(unspell(found["local"])))
    elif name == "TRY_LAN_TCP":
        message = wire.build_offer(did, unspell(found["address"]))
    elif name == "LIST_REQ_ACK":
        message = wire.build_list(map_addresses(found["addresses"]))
    elif name == "RLY_PORT_ACK":
        message = wire.build_port_ack(key, int(found["port"]))
    elif name == "RLY_REQ":
        relay = wire.build_relay_to(unspell(found["relay"]), key)
        message = wire.build(kind, did.wire + wire.payload_of(relay))
    elif name == "RLY_TO":
        message = wire.build_relay_to(unspell(found["relay"]), key)
    elif name == "RLY_PKT":
        message = wire.build_relay_packet(key, did, int(found["side"]))
    elif name == "DRW":
        data = bytes.fromhex(found["data"])
        message = wire.build_data(int(found["channel"]), int(found["index"]), data)
    else:
        indexes = [int(word) for word in found["indexes"].split(",")]
        message = wire.build_acks(int(found["channel"]), indexes)
    return message + bytes(int(found.get("extra", "0")))


def map_addresses(text):
    return [unspell(word) for word in text.split(",")] if text != "-" else []


class Words(unittest.TestCase):
    def plain(self, cipher, step):
        """The message in a datagram or a frame, and a function that wraps it again."""
        if step.connection == TCP:
            key = step.data[4:6]
            found = list(frames.Reader(cipher).feed(step.data))
            self.assertEqual(len(found), 1)
            return found[0], lambda message: frames.encode(message, cipher, key)
        return cipher.decode(step.data), cipher.encode

    def test_words_and_bytes_agree(self):
        count = 0
        for conversation in vectors.read_all(VECTORS):
            with self.subTest(conversation.name):
                cipher = Cipher((conversation.key or "").encode())
                steps = [step for step in conversation.steps if step.kind in "<>="]
                for step, report in zip(steps[::2], steps[1::2], strict=True):
                    self.assertEqual(report.kind, "=")
                    message, wrap = self.plain(cipher, step)
                    self.assertEqual(describe(message), report.text)
                    again = rebuild(report.text)
                    self.assertEqual(wrap(again or message), step.data)
                    count += 1
        self.assertGreater(count, 100)

    def test_report_of_a_failure(self):
        conversation = vectors.read(os.path.join(VECTORS, "62-captured-reports-failed.txt"))
        message = conversation.steps[0].data
        self.assertEqual(FIXED.decode(wire.payload_of(message)).hex(), FAILED)

    def test_reports_of_success(self):
        conversation = vectors.read(os.path.join(VECTORS, "66-captured-reports-connected.txt"))
        elapsed = []
        for step in conversation.steps:
            if step.kind == ">":
                body = FIXED.decode(wire.payload_of(step.data))
                self.assertEqual(str(wire.Did.unpack(body)), "LBCS-000000-CCCJJ")
                self.assertEqual(wire.unpack_address(body[68:]), ("192.168.43.1", 40611))
                result, _, _, milliseconds = struct.unpack(">iHHH", body[20:30])
                # Not negative: no error. What the 1 counts nobody has said.
                self.assertEqual(result, 1)
                elapsed.append(milliseconds)
        self.assertEqual(elapsed, [0x1B8, 0x1BD, 0x1C0])


class ServerLists(unittest.TestCase):
    """Section 9.3. The simulator has no use for them; here they are read once more."""

    MIX = bytes.fromhex("4959433db5bf6da347534f6165e371e9677f02030badb3892b2f35c16b8b"
                        "959711e5a70deff1050783fb9d3bc5c713171d1f2529d3df")

    def decode(self, text):
        found, running = bytearray(), 0x39
        for place in range(0, len(text), 2):
            value = (ord(text[place]) * 16 + ord(text[place + 1]) - 1105) & 255
            found.append(value ^ self.MIX[place // 2 % len(self.MIX)] ^ running)
            running ^= found[-1]
        return found.decode()

    def test_table(self):
        path = os.path.join(DIRECTORY, "ppcs-init-strings.txt")
        with open(path, encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if line[0] != "#"]
        self.assertGreaterEqual(len(rows), 4)
        for encoded, hosts, key in rows:
            text, _, found = encoded.partition(":")
            self.assertEqual((self.decode(text), found or "-"), (hosts + ",", key))


class Played(PpcsCase):
    # What depends on the addresses and keys of the day.
    VARIABLE = ("address", "addresses", "local", "relay", "key", "port")

    def outline(self, words):
        return " ".join(word for word in words.split() if word.split("=")[0] not in self.VARIABLE)

    def test_simulated(self):
        played = [item for item in vectors.read_all(VECTORS) if item.simulated]
        self.assertEqual([item.name[:2] for item in played], ["40", "41", "42", "43"])
        for conversation in played:
            with self.subTest(conversation.name):
                self.simulate("--servers", "1", "--relays", "1", "--expect-close")
                self.play(conversation)
                self.sim.wait("close_in", 1)
                self.finish()

    def play(self, conversation):
        client = self.client()
        client.peer = (HOST, self.sim.ports["main"])
        ports = {2: "search", 3: "server1", 4: "relay1"}
        known, waiting = {}, []
        steps = [step for step in conversation.steps if step.kind in "<>="]
        for step, report in zip(steps[::2], steps[1::2]):
            if step.kind == ">":
                port = self.sim.ports.get(ports.get(step.connection))
                client.say(rebuild(self.adapt(report.text, known)), port)
                continue
            while self.outline(report.text) not in map(self.outline, waiting):
                waiting.append(describe(client.hear()))
                self.learn(client, waiting[-1], known)
            place = list(map(self.outline, waiting)).index(self.outline(report.text))
            del waiting[place]

    @staticmethod
    def learn(client, words, known):
        """The relay's port and key."""
        if words.startswith("RLY_PORT_ACK "):
            known.update(pair.split("=") for pair in words.split()[1:])
            client.peer = (HOST, int(known["port"]))
            known["relay"] = spell(client.peer)

    @staticmethod
    def adapt(words, known):
        pairs = [word.partition("=") for word in words.split()]
        return " ".join(name + equals + known.get(name, value) for name, equals, value in pairs)


if __name__ == "__main__":
    unittest.main()
