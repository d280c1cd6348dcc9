#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The conversation files of ppcs through the dissector in docs/wireshark/, and what no file holds.

    tshark_test.py

Skipped (exit status 77) without tshark.
"""

import json
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))

import vectors  # noqa: E402

SCRIPT = HERE.parents[1] / "docs" / "wireshark" / "ppcs.lua"
UDP, TCP = 17, 6
STREAM = 9
# Ports that the dissector knows, and ports where it has to see what a packet is.
KNOWN = {1: 40611, 2: 32108, 3: 32100, 4: 32100, STREAM: 62443}
ANY = {1: 62001, 2: 62002, 3: 62003, 4: 62004, STREAM: 62443}
CLIENT_PORT = 61000

# Words of a `=` line and the fields that hold the same.
LISTS = {
    "uid": "ppcs.uid", "address": "ppcs.sockaddr", "addresses": "ppcs.sockaddr",
    "local": "ppcs.sockaddr", "relay": "ppcs.sockaddr", "result": "ppcs.result",
    "key": "ppcs.relay.key", "port": "ppcs.relay.port", "side": "ppcs.relay.side",
    "channel": "ppcs.drw.channel", "index": "ppcs.drw.index", "data": "ppcs.drw.data",
    "indexes": "ppcs.ack.index", "nat": "ppcs.nat", "version": "ppcs.version", "dsk": "ppcs.dsk",
}
REPORT = (
    "ppcs.report.result", "ppcs.report.most_sessions", "ppcs.report.sessions",
    "ppcs.report.elapsed", "ppcs.report.side", "ppcs.report.mode", "ppcs.report.lan_search",
)
ARTEMIS = (
    "ppcs.artemis.type", "ppcs.artemis.sequence", "ppcs.artemis.length", "ppcs.artemis.text",
)
FIELDS = (
    "ppcs.name", "ppcs.type", "ppcs.length", "ppcs.obfuscation", "ppcs.extra", "ppcs.rest",
    "ppcs.drw.greeting", "ppcs.sockaddr.ip", "ppcs.sockaddr.port", "ppcs_tcp.length", "_ws.expert",
    "_ws.expert.message", "_ws.malformed", "_ws.lua.error",
    *sorted(set(LISTS.values())), *REPORT, *ARTEMIS,
)
# A message whose words are fields; another one has its size in words.
WORDED = re.compile("HELLO|P2P|LAN_S|PUNCH|TRY|LIST|RLY|DRW|ALIVE|CLOSE")

REQUEST = re.compile(r"^(lan|punch|p2p|relay) [A-Z]{1,7}-[0-9]{6,}-[A-Z]{1,7}$")

ADDRESS = "0002" "a39e" "012ba8c0" + 16 * "0"
UID = "5445535400000000" "00003039" "4142434445000000"


class Tree:
    """What tshark says of one packet: a list of texts for a field."""

    def __init__(self, layers):
        self.layers = layers

    def __getitem__(self, name):
        return self.layers.get(name, [])

    def one(self, name):
        values = self[name]
        return values[0] if len(values) == 1 else values


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(number, host):
    return bytes([10, number >> 8, number & 0xFF, host])


class Capture:
    """A pcap file in the making: raw IPv4. Every conversation has addresses of its own."""

    def __init__(self, most=65535):
        self.packets = []
        self.most = most
        self.conversations = 0
        self.sequence = {}

    def conversation(self):
        self.conversations += 1
        self.sequence = {False: 1000, True: 2000}

    def add(self, payload, port, from_device=False, protocol=UDP):
        client, device = (address(self.conversations, host) for host in (1, 2))
        ends = [(client, CLIENT_PORT), (device, port)]
        (source, source_port), (target, target_port) = reversed(ends) if from_device else ends
        ports = struct.pack(">HH", source_port, target_port)
        if protocol == UDP:
            transport = ports + struct.pack(">HH", 8 + len(payload), 0)
        else:
            numbers = self.sequence[from_device], self.sequence[not from_device]
            transport = ports + struct.pack(">IIBBHHH", *numbers, 0x50, 0x18, 8192, 0, 0)
            self.sequence[from_device] += len(payload)
        size = 20 + len(transport) + len(payload)
        head = struct.pack(">BBHHHBB", 0x45, 0, size, 0, 0, 64, protocol)
        total = checksum(head + b"\0\0" + source + target)
        head += struct.pack(">H", total) + source + target
        self.packets.append(head + transport + payload)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, self.most, 101))
            for number, packet in enumerate(self.packets):
                kept = packet[: self.most]
                file.write(struct.pack("<IIII", number, 0, len(kept), len(packet)) + kept)

    def run(self, *options):
        """What tshark prints; it may not complain."""
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "packets.pcap")
            self.write(path)
            command = ["tshark", "-n", "-r", path, "-X", f"lua_script:{SCRIPT}", *options]
            environment = {**os.environ, "HOME": directory, "XDG_CONFIG_HOME": directory,
                           "WIRESHARK_CONFIG_DIR": directory}
            child = subprocess.run(command, capture_output=True, text=True, timeout=100,
                                   env=environment, check=False)
        complaints = [line for line in child.stderr.splitlines()
                      if line and not line.startswith("Running as user")]
        if child.returncode or complaints:
            raise AssertionError(f"tshark: {child.returncode} {complaints}")
        return child.stdout

    def dissect(self, *preferences):
        """A Tree for each packet. Default preferences: those of the dissector."""
        options = ["-T", "json"]
        for name in FIELDS:
            options += ["-e", name]
        for preference in preferences:
            options += ["-o", preference]
        packets = json.loads(self.run(*options))
        trees = [Tree(packet["_source"].get("layers", {})) for packet in packets]
        if len(trees) != len(self.packets):
            raise AssertionError(f"{len(self.packets)} packets, {len(trees)} dissected")
        return trees

    def summary(self):
        """The column Info of each packet; all have to be ours."""
        return re.findall(r"(?m) PPCS \d+ (.*)$", self.run())


def packets_of(conversation):
    """(step, words) of each packet of a file."""
    found = []
    steps = [step for step in conversation.steps if step.kind in "<>="]
    for step, report in zip(steps[::2], steps[1::2]):
        if step.kind == "=" or report.kind != "=":
            raise AssertionError(f"{conversation.path}:{step.number}: no packet and its message")
        found.append((step, report.text))
    if len(steps) % 2:
        raise AssertionError(f"{conversation.path}: a packet without message")
    return found


def wanted_fields(words):
    """What the fields of LISTS have to hold, and the words that are something else."""
    wanted, others = {}, {}
    for word in words:
        key, _, value = word.partition("=")
        if key not in LISTS:
            others[key] = int(value)
            continue
        values = [] if value == "-" else value.split(",")
        if key == "key":
            values = ["0x" + value]
        wanted.setdefault(LISTS[key], []).extend(values)
    return wanted, others


class Case(unittest.TestCase):
    maxDiff = None

    def assert_not_ours(self, tree):
        self.assertEqual((tree["ppcs.name"], tree["ppcs.type"]), ([], []))
        self.assertEqual(tree["_ws.lua.error"], [])

    def assert_words(self, tree, step, text, key):
        name, *words = text.split(" ")
        wanted, others = wanted_fields(words)
        broken = "size" in others and WORDED.match(name)
        self.assertEqual(tree.one("ppcs.name"), name)
        self.assertEqual(tree.one("ppcs.obfuscation"), key or "none")
        self.assertEqual(tree["_ws.malformed"] + tree["_ws.lua.error"], [])
        self.assertEqual(len(tree["_ws.expert.message"]), ("extra" in others) + bool(broken))
        if step.connection == STREAM:
            self.assertEqual(tree.one("ppcs_tcp.length"), str(len(step.data) - 8))
        else:
            size = int(tree.one("ppcs.length")) + 4 + others.get("extra", 0)
            self.assertEqual(size, len(step.data))
        if "extra" in others:
            self.assertEqual(len(tree.one("ppcs.extra")), 2 * others["extra"])
        if "size" in others:
            self.assertEqual(tree.one("ppcs.length"), str(others["size"]))
            return
        self.assertEqual({name: tree[name] for name in LISTS.values() if tree[name]},
                         {name: value for name, value in wanted.items() if value})
        self.assertEqual([f"{ip}:{port}" for ip, port in
                          zip(tree["ppcs.sockaddr.ip"], tree["ppcs.sockaddr.port"])],
                         wanted.get("ppcs.sockaddr", []))
        self.assertEqual(tree["ppcs.rest"], [])


class Files(Case):
    def capture_of(self, conversations, ports):
        capture = Capture()
        packets = []
        for conversation in conversations:
            capture.conversation()
            for step, text in packets_of(conversation):
                protocol = TCP if step.connection == STREAM else UDP
                capture.add(step.data, ports[step.connection], step.kind == "<", protocol)
                packets.append((conversation, step, text))
        return capture, packets

    def run_files(self, conversations, ports, *preferences):
        capture, packets = self.capture_of(conversations, ports)
        trees = capture.dissect(*preferences)
        return [(*packet, tree) for packet, tree in zip(packets, trees)]

    def check(self, conversations, ports, *preferences):
        found = self.run_files(conversations, ports, *preferences)
        self.assertTrue(found)
        for conversation, step, text, tree in found:
            with self.subTest(f"{conversation.name}:{step.number}"):
                if ports is ANY and re.match("ALIVE.* size", text):
                    self.assert_not_ours(tree)
                else:
                    self.assert_words(tree, step, text, conversation.key)

    @classmethod
    def setUpClass(cls):
        cls.all = vectors.read_all(HERE / "ppcs")
        cls.keys = sorted({c.key for c in cls.all if c.key})

    def of_key(self, key):
        return [c for c in self.all if c.key == key]

    def test_plain(self):
        self.check(self.of_key(None), KNOWN, "ppcs.key:")

    def test_keys(self):
        self.assertGreaterEqual(len(self.keys), 8)
        for key in self.keys:
            self.check(self.of_key(key), KNOWN, f"ppcs.key:{key}")

    def test_any_port(self):
        self.check(self.of_key(None), ANY, "ppcs.key:")
        self.check(self.of_key("camera"), ANY, "ppcs.key:camera")

    def test_unknown_key(self):
        self.check(self.all, KNOWN)
        self.check(self.all, ANY, "ppcs.key:auto")

    def test_plain_beside_key(self):
        self.check(self.of_key(None), KNOWN, "ppcs.key:SHIX")

    def test_wrong_key(self):
        keyed = [c for c in self.all if c.key]
        for preference in ("ppcs.key:", "ppcs.key:Camera"):
            for *_, tree in self.run_files(keyed, KNOWN, preference):
                self.assert_not_ours(tree)

    def test_form(self):
        for conversation in self.all:
            with self.subTest(conversation.name):
                for step, _ in packets_of(conversation):
                    self.assertIn(step.connection, KNOWN)
                requests = conversation.texts(":")
                self.assertLessEqual(len(requests), 0 if conversation.telemetry else 1)
                for request in requests:
                    self.assertRegex(request, REQUEST)

    def test_type_names(self):
        capture, packets = self.capture_of(self.all, KNOWN)
        found = re.findall(r"(?m)^    Type: (\w+) \(0x", capture.run("-O", "ppcs"))
        self.assertEqual(found, [text.split(" ")[0] for *_, text in packets])

    def test_summary(self):
        capture, packets = self.capture_of(self.all, KNOWN)
        lines = capture.summary()
        self.assertEqual(len(lines), len(packets))
        for (conversation, step, text), line in zip(packets, lines):
            with self.subTest(f"{conversation.name}:{step.number}"):
                # Of the words the line repeats all but the data and the size in them.
                words = re.sub(r" (?:data|size)=\S*", "", text).replace("addresses=", "address=")
                if "REPORT" not in text and "LIST_REQ_ACK" not in text:
                    self.assertEqual(re.sub(r" (?:size=\d+|greeting|ARTEMIS .*)", "", line), words)
                self.assertTrue((line + " ").startswith(text.split(" ")[0] + " "))

    def test_reports(self):
        found = {}
        chosen = [c for c in self.all if "reports" in c.name]
        for *_, tree in self.run_files(chosen, KNOWN):
            found[tree.one("ppcs.report.elapsed")] = tree
        # Elapsed times and results that the protocol notes give.
        self.assertLessEqual({"1456", "1457", "440", "445", "448"}, set(found))
        first = found["1456"]
        self.assertEqual([first.one(name) for name in REPORT],
                         ["-3", "256", "1", "1456", "0", "0", "0x3f"])
        self.assertEqual(first.one("ppcs.uid"), "LBCS-000000-CCCJJ")
        self.assertEqual(first["ppcs.sockaddr"], ["0.0.0.0:20745", "0.0.0.0:20745", "0.0.0.0:0"])
        # No error, and not 0 either: it may be the handle of the session.
        self.assertEqual(found["440"].one("ppcs.report.result"), "1")
        self.assertIn("192.168.43.1:40611", found["440"]["ppcs.sockaddr"])

    def test_application(self):
        texts, greetings = [], 0
        chosen = [c for c in self.all if c.name.startswith("65-")]
        for *_, tree in self.run_files(chosen, KNOWN):
            texts.append([tree.one(name) for name in ARTEMIS])
            greetings += tree["ppcs.drw.greeting"] == ["ACK"]
        self.assertEqual(greetings, 3)
        self.assertEqual(texts.count(["2", "65537", "25", "MzlB36X/IVo8ZzI5rG9j1w=="]), 2)
        self.assertEqual([text[:2] for text in texts].count(["3", "1"]), 2)


class Others(Case):
    """Packets that stand in no file: layouts without an example, and broken ones."""

    def dissect(self, packets, ports, *preferences):
        capture = Capture()
        for packet in packets:
            capture.conversation()
            capture.add(bytes.fromhex(packet), ports[1])
        return capture.dissect(*preferences)

    def test_more_layouts(self):
        dsk = b"SECRET".ljust(24, b"\0").hex()
        wide = ADDRESS + 16 * "0"
        cases = (
            ("f1260040" + UID + ADDRESS + "05050201" + dsk, "P2P_REQ_DSK", {
                "ppcs.sockaddr": ["192.168.43.1:40611"], "ppcs.nat": ["5"],
                "ppcs.version": ["050201"], "ppcs.dsk": ["SECRET"]}),
            ("f1100028" + UID + "05050201" + ADDRESS, "DEV_LGN", {
                "ppcs.nat": ["5"], "ppcs.sockaddr": ["192.168.43.1:40611"]}),
            ("f1520030" + UID + "1a2b3c4d" + wide, "TCP_RS_START", {
                "ppcs.relay.key": ["0x1a2b3c4d"], "ppcs.sockaddr": ["192.168.43.1:40611"]}),
            ("f1520030" + UID + "1a2b3c4d" + "0002a39e00000000" + 30 * "0" + "01", "TCP_RS_START",
             {"ppcs.sockaddr": ["[::1]:40611"]}),
            ("f16a002c" + UID + dsk, "LIST_REQ_DSK", {"ppcs.dsk": ["SECRET"]}),
            ("f1430014" + UID, "P2P_RDY_ACK", {"ppcs.uid": ["TEST-012345-ABCDE"]}),
            ("f169000400000000", "LIST_REQ_ACK", {"ppcs.sockaddr": []}),
            ("f1d1000ed2000003000100020003" "00000000", "DRW_ACK",
             {"ppcs.ack.index": ["1", "2", "3"], "ppcs.drw.channel": ["0"]}),
            ("f1d80006d102000a6869", "PSR", {"ppcs.drw.data": ["6869"]}),
            ("f1780004000004d2", "BYTE_COUNT", {"ppcs.uid": []}),
        )
        trees = self.dissect([case[0] for case in cases], ANY)
        for (packet, name, wanted), tree in zip(cases, trees):
            with self.subTest(packet):
                self.assertEqual(tree.one("ppcs.name"), name)
                self.assertEqual({field: tree[field] for field in wanted}, wanted)
                self.assertEqual(tree["_ws.lua.error"], [])
                strange = name == "DRW_ACK"
                self.assertEqual(len(tree["_ws.expert.message"]), int(strange))

    def test_broken(self):
        length, short = "Wrong payload length", "shorter than its header"
        cases = (
            ("f1300001", "LAN_SEARCH", short),
            ("f1410014" + UID[:-2], "PUNCH_PKT", short),
            ("f1410013" + UID[:-2], "PUNCH_PKT", length),
            ("f1410015" + UID + "00", "PUNCH_PKT", length),
            ("f1e00000" "00", "ALIVE", "longer than its header"),
            ("f1e00000" "01", "ALIVE", "longer than its header"),
            ("f1ee0000", "UNKNOWN_EE", "Unknown message type"),
            ("f1ee0002" "0102", "UNKNOWN_EE", "Unknown message type"),
            ("f1d00003" "d10000", "DRW", length),
            ("f1d00004" "d1000000", "DRW", "No data"),
            ("f1d00405" "d1000000" + 1025 * "00", "DRW", "more than 1024"),
            ("f1d00005" "d108000041", "DRW", "Channel"),
            ("f1d00005" "d000000041", "DRW", "Marker"),
            ("f1d10006" "d10000020000", "DRW_ACK", "Number of indexes"),
            ("f1d100a8" "d1000052" + 164 * "00", "DRW_ACK", "Number of indexes"),
            ("f1690004" "01000000", "LIST_REQ_ACK", length),
            ("f1690014" "02000000" + ADDRESS, "LIST_REQ_ACK", length),
            ("f1690014" "00000000" + ADDRESS, "LIST_REQ_ACK", length),
            ("f1400010" "0a00" + ADDRESS[4:], "PUNCH_TO", "family"),
            ("f1410014" + 40 * "0", "PUNCH_PKT", "No device ID"),
        )
        packets = [case[0] for case in cases]
        for (packet, name, message), tree in zip(cases, self.dissect(packets, KNOWN)):
            with self.subTest(packet[:60]):
                self.assertEqual(tree.one("ppcs.name"), name)
                self.assertIn(message, tree.one("_ws.expert.message"))
                self.assertEqual(len(tree["_ws.malformed"]), int(message == short))
                self.assertEqual(tree["_ws.lua.error"], [])

    def test_every_type(self):
        """No Lua error, whatever the payload; messages that are too short among them."""
        chance = random.Random(1)
        packets = [bytes([0xF1, number, 0, size, *chance.randbytes(size)]).hex()
                   for number in range(256) for size in (0, 3, 4, 5, 20, 36, 52, 84, 91)]
        for packet, tree in zip(packets, self.dissect(packets, KNOWN)):
            self.assertEqual(tree["_ws.malformed"] + tree["_ws.lua.error"], [], packet)
            self.assertEqual(tree.one("ppcs.type"), "0x" + packet[2:4])

    def test_any_port_is_strict(self):
        packets = (
            "f13000", "f0300000", "f1300001", "f1e0000400000000", "f1ee0000", "f1e0000001",
            "f1410013" + UID[:-2], "f1410015" + UID + "00", "f1d0000400000000" "00", "00300000",
            "333338444239303045353539324233320a",
        )
        for packet, tree in zip(packets, self.dissect(packets, ANY)):
            with self.subTest(packet):
                self.assert_not_ours(tree)
        found = self.dissect(["f1e0000000000000"], ANY)[0]
        self.assertEqual((found.one("ppcs.name"), found.one("ppcs.extra")), ("ALIVE", "00000000"))

    def test_more_ports(self):
        packets = ["f1ee0000", "f1300000"]
        for ports in ("62001", "5,62000-62001"):
            trees = self.dissect(packets, ANY, f"ppcs.ports:{ports}")
            self.assertEqual([t.one("ppcs.name") for t in trees], ["UNKNOWN_EE", "LAN_SEARCH"])
        trees = self.dissect(packets, KNOWN, "ppcs.ports:62001")
        self.assertEqual([t.one("ppcs.name") for t in trees], ["UNKNOWN_EE", "LAN_SEARCH"])

    def test_conversation(self):
        capture = Capture()
        capture.conversation()
        capture.add(bytes.fromhex("f1300000"), ANY[1])
        capture.add(bytes.fromhex("f1e0000400000000"), ANY[1])
        names = [tree.one("ppcs.name") for tree in capture.dissect()]
        self.assertEqual(names, ["LAN_SEARCH", "ALIVE"])

    def test_cut_capture(self):
        whole = bytes.fromhex("f1d00007d100000041434b")
        for most in range(28, 28 + len(whole)):
            capture = Capture(most)
            capture.conversation()
            capture.add(whole, KNOWN[1])
            if most % 4 == 0 or most == 27 + len(whole):
                tree = capture.dissect()[0]
                self.assertEqual(tree["_ws.lua.error"] + tree["_ws.expert.message"], [])
                self.assertEqual(tree["ppcs.name"], ["DRW"] if most >= 32 else [])


class Streams(Case):
    def frames(self):
        plain = [c for c in vectors.read_all(HERE / "ppcs") if "-tcp-" in c.name and not c.key]
        return [packets_of(c)[0] for c in plain if packets_of(c)[0][0].connection == STREAM]

    def capture_of(self, *segments):
        capture = Capture()
        capture.conversation()
        for segment in segments:
            capture.add(segment, ANY[STREAM], protocol=TCP)
        return capture

    def run_stream(self, *segments):
        return self.capture_of(*segments).dissect()

    def test_glued_and_cut(self):
        (first, _), (second, _) = self.frames()
        trees = self.run_stream(first.data + second.data, first.data[:5], first.data[5:])
        self.assertEqual([tree["ppcs.name"] for tree in trees], [["ALIVE", "DRW"], [], ["ALIVE"]])
        self.assertEqual(sum((tree["_ws.expert.message"] for tree in trees), []), [])
        capture = self.capture_of(first.data + second.data)
        self.assertRegex(capture.summary()[0], "^ALIVE; DRW channel=0")

    def test_broken(self):
        (first, _), _ = self.frames()
        wrong = first.data[:-1] + bytes([first.data[-1] ^ 1])
        trees = self.run_stream(first.data, wrong, b"\0\4\x69" + first.data[3:])
        self.assertEqual([tree["ppcs.name"] for tree in trees], [["ALIVE"], [], []])
        self.assertIn("Check bytes", trees[1].one("_ws.expert.message"))
        self.assertIn("No frame header", trees[2].one("_ws.expert.message"))
        self.assertEqual(self.run_stream(wrong)[0]["ppcs_tcp.length"], [])

    def test_lan(self):
        trees = self.run_stream(bytes.fromhex("0004680000000000" "f1e00000"))
        self.assertEqual(trees[0].one("ppcs.name"), "ALIVE")
        trees = self.run_stream(bytes.fromhex("0004680000000000" "f2e00000"))
        self.assertEqual(trees[0]["ppcs_tcp.length"], [])


if __name__ == "__main__":
    if not shutil.which("tshark"):
        print("tshark is not installed")
        sys.exit(77)
    unittest.main()
