# SPDX-License-Identifier: MIT
"""One client's connection: its frames, its download, and complaints about it.

`state` is "waiting" (the node has not looked yet), "mute" (nothing asked for yet),
"download" or "ready". Nothing carries over from one session to the next.
"""

import collections
import socket
import struct

from simtcp import PEER_REASONS

from . import download
from .framing import WAKE, Reader, frame
from .stream import Line
from .tables import PAYLOAD_MAX, SCHEMA, TO_RADIO_MAX, decode, from_radio, member
from .wire import Malformed

IDS_MAX = 20
STATUSES_MAX = 2
ESTABLISHED = 1
NODEINFO_NONCE = 1


class Session:
    def __init__(self, device, door, sock, number):
        self.device = device
        self.door = door
        self.number = number
        self.state = "waiting"
        self.reader = Reader()
        self.records = None
        self.record_number = 0
        self.nonce = None
        self.asked_at = None
        self.ids = collections.deque(maxlen=IDS_MAX)
        self.port_times = {}
        self.statuses = collections.deque(maxlen=STATUSES_MAX)
        self.told_free = None
        self.told_at = 0.0
        self.goodbye = False
        self.split_seen = False
        self.heard_at = device.clock.now()
        self.line = self.channel = Line(device.loop, sock, device.pace, self, paused=True)
        self.line.ignore_end = device.ignore_eof

    def complain(self, text):
        self.device.violations.add(f"connection {self.number}: {text}")

    def begin(self):
        """The node has noticed the connection."""
        self.state = "mute"
        self.line.paused = False
        self.heard_at = self.device.clock.now()
        self.watch_idle()
        self.line.thaw()

    def connected(self):
        """Whether the client still has its end open, as TCP knows it."""
        if not self.line.open:
            return False
        info = self.line.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        return struct.unpack_from("B", info)[0] == ESTABLISHED

    # Bytes in.

    def on_data(self, data):
        device = self.device
        if device.pace.discard_input and self.sending():
            self.on_discard(data)
            return
        device.counts["bytes_in"] += len(data)
        self.check_quiet(data)
        for kind, found in self.reader.feed(data):
            if not self.line.open:
                return
            if kind == "frame":
                self.split_seen = False
                self.frame(found)
            elif kind == "noise":
                self.noise(found)
            else:
                length = int.from_bytes(found[2:], "big")
                self.complain(f"a frame of {length} bytes")
        if self.reader.buffer and device.one_send and not self.split_seen and self.line.open:
            self.split_seen = True
            self.complain("a frame in more than one segment")

    def sending(self):
        return self.state == "download" or self.line.queued > 0

    def on_discard(self, data):
        """Bytes that the node never sees."""
        if data:
            self.device.counts["bytes_in"] += len(data)
            self.device.counts["discarded_bytes"] += len(data)
            self.check_quiet(data)

    def check_quiet(self, data):
        """Between want_config_id and the end mark a client is silent, unless nothing came."""
        device = self.device
        if self.state != "download" or not device.strict_download:
            return
        last = max(self.asked_at, self.line.last_write)
        if device.loop.now() - last < device.patience and data != GOODBYE:
            self.complain(f"{len(data)} bytes during the download: {data[:16].hex(' ')}")

    def noise(self, data):
        wake = data.count(WAKE)
        self.device.counts["wake_bytes"] += wake
        if wake < len(data):
            self.device.counts["noise_bytes"] += len(data) - wake
            self.complain(f"{len(data)} bytes outside frames: {data[:16].hex(' ')}")

    def frame(self, payload):
        """A complete frame: decoded, recorded, obeyed."""
        device = self.device
        device.counts["frames_in"] += 1
        self.heard_at = device.clock.now()
        if device.lose:
            device.lose -= 1
            device.counts["lost"] += 1
            device.record(self, {"lost": payload.hex()})
            return
        try:
            message = self.decoded(payload)
        except Malformed as error:
            device.counts["undecodable"] += 1
            device.record(self, {"undecodable": payload.hex()})
            self.complain(f"undecodable ToRadio: {error}")
            return
        field = member("ToRadio", message)
        device.record(self, message)
        if field is None:
            device.counts["in_nothing"] += 1
            return
        device.counts["in_" + field.name] += 1
        if field.name == "packet":
            self.packet(message["packet"], payload)
        elif field.name == "want_config_id":
            self.want_config(message["want_config_id"])
        elif field.name == "heartbeat":
            self.heartbeat(message["heartbeat"].get("nonce", 0))
        elif field.name == "disconnect":
            self.goodbye = True
            if self.reader.buffer:
                self.complain(f"{len(self.reader.buffer)} bytes after disconnect")
            self.line.close("disconnect")

    def decoded(self, payload):
        if len(payload) > TO_RADIO_MAX:
            raise Malformed(f"{len(payload)} bytes")
        message = decode("ToRadio", payload)
        data = message.get("packet", {}).get("decoded", {}).get("payload", b"")
        if len(data) > PAYLOAD_MAX:
            self.complain(f"a payload of {len(data)} bytes")
        if len(data) > self.device.payload_max():
            raise Malformed(f"a payload of {len(data)} bytes")
        return message

    # What a frame asks for.

    def want_config(self, nonce):
        device = self.device
        if not nonce:
            self.complain("want_config_id 0")
        if self.reader.buffer:
            self.complain(f"{len(self.reader.buffer)} bytes right behind want_config_id")
        self.nonce = device.counts["last_nonce"] = nonce
        self.asked_at = device.loop.now()
        self.state = "download"
        self.record_number = 0
        self.records = records = device.records_for(nonce)
        pause = device.download_delay
        if pause:
            device.loop.call_later(pause, lambda: self.next_records(records))
        else:
            self.next_records(records)

    def next_records(self, records):
        """Sends all that is left of a download, or one record when there is a pause between."""
        device = self.device
        while records is self.records and self.line.open:
            if device.download_fault and self.record_number >= device.download_fault[1]:
                device.fail_download(self)
                return
            payload = next(records, None)
            if payload is None:
                return
            self.record_number += 1
            last = payload[0] == END_KEY
            self.write(payload, (lambda: self.complete(records)) if last else None)
            if device.record_delay and not last:
                device.loop.call_later(device.record_delay, lambda: self.next_records(records))
                return

    def complete(self, records):
        """The end mark is out: what has waited follows."""
        if records is not self.records or not self.line.open:
            return
        device = self.device
        self.records = None
        self.state = "ready"
        device.counts["downloads"] += 1
        for send in list(self.statuses):
            send()
        self.statuses.clear()
        for payload in download.history(device, self.nonce):
            self.write(payload)
        device.became_ready()

    def heartbeat(self, nonce):
        device = self.device
        if nonce == NODEINFO_NONCE and device.version >= (2, 7, 23):
            device.counts["nodeinfo_broadcasts"] += 1
        elif device.answers_heartbeats(self.state):
            self.status(0, 0, device.radio.free(), at_once=self.state == "mute")

    def packet(self, packet, payload):
        device = self.device
        number = packet.get("id", 0)
        device.counts["packets_in"] += 1
        device.counts["last_id"] = number
        device.journal.ports[packet.get("decoded", {}).get("portnum", 0)] += 1
        if self.state == "mute" and device.ask_first:
            self.complain("a packet before want_config_id")
        if not number:
            self.complain("a packet with id 0")
        if member("MeshPacket", packet) is None:
            self.complain("a packet without content")
        if packet.get("hop_limit", 0) > 7:
            self.complain(f"a packet with hop_limit {packet['hop_limit']}")
        if self.told_free == 0 and device.loop.now() - self.told_at >= device.free_grace:
            self.complain("a packet while the node had no room")
        raw = SCHEMA.inner(payload, 1)
        before = device.sent_ids.get(number)
        if before is not None and before != raw:
            self.complain(f"id {number:08x} again with different bytes")
        if number:
            device.remember(number, raw)
        if number and number in self.ids and device.version >= (2, 5, 3):
            device.counts["repeats"] += 1
            return
        if number:
            self.ids.append(number)
        device.radio.from_client(self, packet)

    # Bytes out.

    def write(self, payload, done=None):
        """One frame."""
        device = self.device
        if not self.line.open:
            return
        device.journal.sent(payload)
        if device.noise:
            self.line.write(device.faults.garbage(avoid=b"\x94"))
        self.line.write(frame(payload), done)

    def status(self, res, number, free, at_once=False):
        """A queue status, kept for later while the client is not ready for it."""
        device = self.device
        if not device.queue_status:
            return
        if device.lose_status:
            device.lose_status -= 1
            return
        payload = from_radio(queueStatus={"res": res, "free": free, "maxlen": device.radio.slots,
                                          "mesh_packet_id": number})

        def send():
            if self.state != "ready" and not at_once:
                self.statuses.append(send)
                return
            self.told_free, self.told_at = free, device.loop.now()
            for _ in range(device.status_copies):
                self.write(payload)

        device.clock.after(device.status_late, send)

    def takes_packets(self):
        return self.state == "ready" and self.line.idle()

    def on_idle(self):
        if self.state == "ready":
            self.device.pump()

    def on_overflow(self):
        """The client does not read: 2.8 gives up, older firmware drops and tears."""
        device = self.device
        device.counts["overflows"] += 1
        if device.version >= (2, 8, 0):
            self.line.close("too slow")
        else:
            self.line.tear()

    # The end.

    def watch_idle(self):
        """Closes when no frame has come for too long."""
        limit = self.device.idle_limit()
        if not limit or not self.line.open:
            return
        left = self.heard_at + limit - self.device.clock.now()
        if left > 0:
            self.device.clock.call_later(left, self.watch_idle)
        else:
            self.device.counts["idle_closed"] += 1
            self.line.close("idle")

    def on_close(self, reason):
        device = self.device
        self.check_end(reason)
        if reason in PEER_REASONS and device.expect_disconnect and not self.goodbye:
            self.complain(f"{reason} without disconnect")
        self.records = None
        device.ended(self, reason)

    def check_end(self, reason):
        if self.reader.buffer and reason in (*PEER_REASONS, "end"):
            self.complain(f"unfinished frame of {len(self.reader.buffer)} bytes ({reason})")


GOODBYE = frame(b"\x20\x01")
# The key of config_complete_id in FromRadio.
END_KEY = 7 << 3
