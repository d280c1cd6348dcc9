#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ppcs-connect --dump: a pcap file of the race and the session, taken apart here byte by byte,
against --trace, the simulator's counts, and tshark with the dissector of docs/wireshark/.
"""

import json
import os
import pathlib
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True

from ppcs_common import HOST, UID, PpcsCase  # noqa: E402

import vectors  # noqa: E402 (common has put the harness on the path)

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "sim"))

from ppcs import wire  # noqa: E402
from ppcs.cipher import KNOWN, Cipher  # noqa: E402

SECRET = "TheDeviceKey4711"
LUA = ROOT / "docs" / "wireshark" / "ppcs.lua"
RAW, UDP = 101, 17
TSHARK = shutil.which("tshark")
# What tshark may say of no packet.
COMPLAINTS = ("_ws.malformed", "_ws.expert", "_ws.lua.error")


def checksum(data):
    """0 for what has its own checksum in it."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def plain(data):
    """A datagram in whatever known key it is."""
    for key in KNOWN:
        found = Cipher(key).decode(data)
        if found[0] == wire.MAGIC and len(found) >= 4 + int.from_bytes(found[2:4], "big"):
            return found
    raise AssertionError(f"no datagram: {data.hex()}")


class Packet:
    def __init__(self, test, at, data):
        self.time = at
        head, rest = data[:20], data[20:]
        test.assertEqual(head[0], 0x45)
        length, self.id, fragment, ttl, protocol = struct.unpack(">HHHBB", head[2:10])
        test.assertEqual((length, fragment, protocol), (len(data), 0, UDP))
        test.assertGreater(ttl, 0)
        test.assertEqual(checksum(head), 0)
        source, target, size, check = struct.unpack(">HHHH", rest[:8])
        test.assertEqual(size, len(rest))
        test.assertNotEqual(check, 0)
        test.assertEqual(checksum(head[12:20] + struct.pack(">HH", UDP, size) + rest), 0)
        self.source = ".".join(map(str, head[12:16])), source
        self.target = ".".join(map(str, head[16:20])), target
        self.data = rest[8:]

    @property
    def kind(self):
        return plain(self.data)[1]


class DumpCase(PpcsCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.dir, "dump.pcap")
        self.began = time.time()

    def packets(self):
        """Of the whole file; every byte of it has to make sense."""
        with open(self.path, "rb") as file:
            data = file.read()
        self.assertEqual(struct.unpack("<IHHiIII", data[:24]),
                         (0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW))
        found, place = [], 24
        while place < len(data):
            seconds, micro, kept, size = struct.unpack_from("<IIII", data, place)
            self.assertEqual(kept, size)
            self.assertLess(micro, 1000000)
            place += 16
            self.assertLessEqual(place + size, len(data))
            found.append(Packet(self, seconds + micro / 1e6, data[place:place + size]))
            place += size
        times = [packet.time for packet in found]
        self.assertEqual([packet.id for packet in found], list(range(len(found))))
        if found:
            # The clock of the wall may be set, but hardly by much while this runs.
            self.assertGreater(times[0], self.began - 1)
            self.assertLess(times[-1], time.time() + 1)
        return found

    def dumped(self, *arguments, **kwargs):
        report = self.report("--dump", self.path, *arguments, **kwargs)
        return self.packets(), report

    def own(self, packets, report):
        """(outgoing, packet) of all; the ports are those of the report."""
        ports = {(HOST, port) for port in self.local_ports(report)}
        for packet in packets:
            self.assertNotEqual(packet.source in ports, packet.target in ports)
        return [(packet.source in ports, packet) for packet in packets]

    def kinds(self, packets):
        return [packet.kind for packet in packets]


class Dump(DumpCase):
    def test_as_the_trace(self):
        """The same datagrams in the same order as --trace, which goes along."""
        sim = self.simulate()
        trace = os.path.join(self.dir, "trace")
        packets, report = self.dumped("--trace", trace, "--key", "none", "--hold", "0.3")
        steps = [step for step in vectors.read(trace).steps if step.kind in "<>"]
        self.assertEqual([(step.kind == ">", step.data) for step in steps],
                         [(ours, packet.data) for ours, packet in self.own(packets, report)])
        ends = {packet.target for ours, packet in self.own(packets, report) if ours}
        self.assertEqual(ends, {(HOST, sim.ports["search"]), (HOST, sim.ports["main"])})
        winner = [packet for packet in packets if (HOST, report["local_port"]) in
                  (packet.source, packet.target)]
        self.assertEqual(self.kinds(winner).count(wire.CLOSE), 3)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    def test_as_the_camera_counts(self):
        sim = self.simulate()
        tool = self.start_tool("--dump", self.path, "--no-p2p", "--key", "none", "--hold", "30")
        tool.lines(4)
        sim.wait("drw_ack_in", 1)
        data = bytes(range(256)) * 4
        sim.command(f"send 3 {data.hex()}")
        sim.wait("blast_pending", 0, "=")
        self.stop(tool)
        self.assert_closed()
        packets, stats = self.packets(), sim.stats()
        sent = [packet for packet in packets if packet.target[1] in sim.ports.values()]
        got = [packet for packet in packets if packet not in sent]
        self.assertEqual(len(sent), stats["camera_in"])
        for name, kind in (("lan_search", wire.LAN_SEARCH), ("drw_ack", wire.DRW_ACK),
                           ("alive", wire.ALIVE), ("close", wire.CLOSE)):
            self.assertEqual(self.kinds(sent).count(kind), stats[f"camera_{name}_in"], name)
        self.assertIn(wire.build_data(3, 0, data), [packet.data for packet in got])
        self.assertEqual({packet.source for packet in got}, {(HOST, sim.ports["main"])})

    def test_all_ways(self):
        """Obfuscated as on the wire; the far ends are those of the simulator."""
        sim = self.simulate("--key", "camera", "--servers", "2", "--relays", "3")
        packets, report = self.dumped("--uid", UID, "--relay", "auto", *self.servers(),
                                      "--no-p2p", "--no-lan")
        sent = [packet for ours, packet in self.own(packets, report) if ours]
        for kind, name in ((wire.P2P_REQ, "server"), (wire.LIST_REQ1, "server"),
                           (wire.RLY_HELLO, "relay"), (wire.RLY_PORT, "relay")):
            ports = {packet.target[1] for packet in sent if packet.kind == kind}
            self.assertTrue(ports <= {port for key, port in sim.ports.items()
                                      if key.startswith(name)}, f"{kind} {ports}")
        self.assertIn((HOST, report["peer_port"]), {packet.target for packet in sent})
        self.assertIn(wire.RLY_RDY, self.kinds(packets))

    def test_device_key(self):
        for key in ("", "camera"):
            self.simulate("--servers", "1", "--dsk", SECRET, "--key", key)
            self.peer = ["--uid", UID, *self.servers(), "--dsk", SECRET]
            packets, _ = self.dumped("--until", "path")
            for packet in packets:
                self.assertNotIn(SECRET[:6].encode(), plain(packet.data))
            self.assertIn(wire.P2P_REQ_DSK, self.kinds(packets))
            self.assertGreater(self.sim.stats()["p2p_req_dsk_in"], 0)

    def test_tcp_is_left_out(self):
        sim = self.simulate("--servers", "1", "--relays", "1", "--tcp")
        self.peer = ["--uid", UID, *self.servers(), "--tcp-relay", str(sim.ports["tcpserver1"]),
                     "--no-p2p", "--no-lan", "--hold", "0.3"]
        packets, report = self.dumped()
        self.assertEqual(report["mode"], "relay")
        streams = {port for name, port in sim.ports.items() if name.startswith("tcp")}
        for packet in packets:
            self.assertNotIn(packet.source[1], streams)
            self.assertNotIn(packet.target[1], streams)

    def test_search(self):
        self.simulate()
        self.assertEqual(self.run_tool("--search", "--wait", "0.5", "--dump", self.path)[0], 0)
        kinds = self.kinds(self.packets())
        self.assertIn(wire.LAN_SEARCH, kinds)
        self.assertIn(wire.PUNCH_PKT, kinds)

    def test_failure(self):
        port = self.port_of(self.silent_port())
        self.peer = [HOST, *self.ports(port)]
        packets, _ = self.dumped("--max-time", "0.2", status=3)
        self.assertEqual({packet.target for packet in packets}, {(HOST, port)})
        self.assertEqual(set(self.kinds(packets)), {wire.LAN_SEARCH, wire.PUNCH_PKT})

    def test_crash(self):
        """Whatever becomes of the tool, what it has sent so far can be read."""
        self.simulate("--expect-close", "off")
        tool = self.start_tool("--dump", self.path, "--hold", "30")
        tool.lines(4)
        self.sim.wait("drw_ack_in", 1)
        tool.signal(signal.SIGKILL)
        tool.finish()
        self.assertIn(wire.DRW_ACK, self.kinds(self.packets()))

    def test_written_anew(self):
        self.simulate()
        with open(self.path, "wb") as file:
            file.write(bytes(1 << 20))
        self.assertLess(len(self.dumped()[0]), 1000)

    def test_verbose_goes_along(self):
        self.simulate()
        status, _, stderr = self.run_tool("--dump", self.path, "-vv")
        self.assertEqual(status, 0)
        self.assertEqual(len(self.packets()), sum(
            line.split()[1][0] in "<>" for line in stderr.splitlines()))
        self.assertEqual(self.run_tool("--dump", self.path)[2], "")

    def test_not_there(self):
        """Refused before anything is sent."""
        self.simulate()
        for path in ("/nonexistent/x", self.dir):
            self.assertIn(path, self.assert_fails(["--dump", path], 2))
        self.assert_untouched()

    def test_full(self):
        """A dump that cannot be written is told of; the race goes on."""
        self.simulate()
        status, stdout, stderr = self.run_tool("--dump", "/dev/full")
        self.assertEqual(status, 0)
        self.check_text(stdout)
        self.assertRegex(stderr, r"\Appcs-connect: --dump: /dev/full: [^\n]+\n\Z")


@unittest.skipUnless(TSHARK, "no tshark")
class Tshark(DumpCase):
    """A reader that is not ours."""

    def dissect(self, *fields):
        command = [TSHARK, "-n", "-r", self.path, "-X", f"lua_script:{LUA}", "-T", "json",
                   "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
        for field in (*fields, *COMPLAINTS):
            command += ["-e", field]
        environment = {**self.env, "WIRESHARK_CONFIG_DIR": self.dir, "PATH": os.environ["PATH"]}
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False,
                              env=environment)
        self.assertEqual((done.returncode, [line for line in done.stderr.splitlines() if not
                                            line.startswith("Running as user")]), (0, []))
        layers = [packet["_source"]["layers"] for packet in json.loads(done.stdout)]
        for layer in layers:
            for complaint in COMPLAINTS:
                self.assertNotIn(complaint, layer)
        return [[layer[field][0] for field in fields] for layer in layers]

    def check(self, packets):
        ends = [[str(word) for word in (*packet.source, *packet.target)] for packet in packets]
        found = self.dissect("ip.src", "udp.srcport", "ip.dst", "udp.dstport", "ppcs.name",
                             "ip.checksum.status", "udp.checksum.status")
        self.assertEqual([row[:4] for row in found], ends)
        self.assertEqual({tuple(row[5:]) for row in found}, {("1", "1")})
        self.assertEqual([row[4] for row in found],
                         [wire.NAMES[packet.kind].upper() for packet in packets])

    def test_session(self):
        self.simulate()
        tool = self.start_tool("--dump", self.path, "--key", "none", "--hold", "30")
        tool.lines(4)
        self.sim.wait("drw_ack_in", 1)
        self.sim.command("blast 1 200000")
        self.sim.wait("blast_pending", 0, "=")
        self.stop(tool)
        packets = self.packets()
        self.assertGreater(len(packets), 200)
        self.check(packets)

    def test_far(self):
        self.simulate("--key", "camera", "--servers", "1", "--relays", "1")
        self.check(self.dumped("--uid", UID, "--relay", "auto", *self.servers(), "--key",
                               "camera")[0])


if __name__ == "__main__":
    unittest.main()
