# SPDX-License-Identifier: MIT
"""Packets: what becomes of those that a client sends, and those that the mesh sends.

The order of the checks is the node's: throttles first, which look like acceptance, then
refusals with a number, then the transmit queue.
"""

import collections

from .policy import Policies
from .tables import (ALERT, BROADCAST, NODEINFO, POSITION, ROUTING, TELEMETRY, TEXT,
                     TRACEROUTE, WAYPOINT, decode, encode, from_radio)

SLOTS = 16
AIR_MAX, AIR_MAX_PKI = 239, 227
TEXTS_MAX = 100000
# Least seconds between two packets of a port.
THROTTLES = {TEXT: 2, POSITION: 10, WAYPOINT: 10, ALERT: 10, TELEMETRY: 10, TRACEROUTE: 30}
# Ports that are never encrypted with public keys.
WITHOUT_KEYS = (TRACEROUTE, NODEINFO, ROUTING, POSITION)
NO_CHANNEL, TOO_LARGE, PKI_FAILED, RATE_LIMIT, NO_KEY = 6, 7, 34, 38, 39
QUEUE_FULL, NO_RADIO, SENDING_DISABLED = 32, 33, 34
PRIORITY_ACK = 120
HOP_START = 3


class Radio:
    def __init__(self, device):
        self.device = device
        self.policies = Policies(device)
        self.slots = SLOTS
        self.busy = 0
        self.free_override = None
        self.full = False
        self.airtime = 0.0
        self.present = True
        self.throttle = True
        self.strict_pacing = False
        self.refusals = collections.deque()
        self.rx_age = 0
        self.duplicate = 0
        self.texts = []

    def free(self):
        if self.full:
            return 0
        return max(0, self.slots - self.busy) if self.free_override is None else self.free_override

    # From the client.

    def from_client(self, session, packet):
        device = self.device
        own = device.mesh.own
        sender = packet.get("from", 0)
        packet = packet | {"from": own.number, "id": packet.get("id", 0) or device.new_id()}
        number, target = packet["id"], packet.get("to", 0)
        data = packet.get("decoded", {})
        if self.held_back(session, packet, sender):
            device.counts["throttled"] += 1
            return
        if target == own.number:
            session.status(0, number, self.free())
            device.counts["accepted"] += 1
            device.answers.local(packet, data)
            return
        res, nak = self.refusal(packet, data)
        if res:
            self.refuse(session, number, res, nak)
            return
        self.accept(session, number)
        self.send(packet, data)

    def held_back(self, session, packet, sender):
        """Whether a throttle takes the packet, having said so as the node does."""
        device = self.device
        number, port = packet["id"], packet.get("decoded", {}).get("portnum", 0)
        everybody = device.mesh.everybody(packet.get("to", 0))
        if port == TRACEROUTE and everybody and packet.get("hop_limit", 0) > 0:
            session.status(0, number, self.free())
            device.notify("Traceroute to everybody over several hops is not possible", number)
            return True
        limit = THROTTLES.get(port)
        now = device.clock.now()
        before = session.port_times.get(port)
        if limit is None or before is None or now - before >= limit:
            session.port_times[port] = now
            return False
        if self.strict_pacing:
            session.complain(f"port {port} again after {now - before:.3f} s")
        if not self.throttle or (port == TEXT and device.version < (2, 7, 0)):
            session.port_times[port] = now
            return False
        session.status(0, number, self.free())
        if port == TRACEROUTE:
            device.notify(f"TraceRoute can only be sent once every {limit} seconds", number)
        elif port == TEXT and sender == device.mesh.own.number and device.version >= (2, 7, 4):
            self.routing(RATE_LIMIT, number)
        return True

    def refusal(self, packet, data):
        """A queue status number, 0 when the packet is good, and whether a nak follows."""
        device = self.device
        if self.refusals:
            return self.refusals.popleft()
        if not self.present:
            return NO_RADIO, False
        admin = device.own_admin()
        lora = admin.config.read("lora")
        if not lora.get("tx_enabled") or not lora.get("region"):
            return SENDING_DISABLED, False
        pki, error = self.keys(packet, data)
        if error:
            return error, True
        index = packet.get("channel", 0)
        if not pki and not (index < len(admin.channels)
                            and decode("Channel", admin.channels[index]).get("role")):
            return NO_CHANNEL, True
        if "encrypted" not in packet:
            size = len(encode("Data", data | {"bitfield": data.get("bitfield", 0)}))
            if size > (AIR_MAX_PKI if pki else AIR_MAX):
                return TOO_LARGE, True
        if self.free() == 0:
            return QUEUE_FULL, False
        return 0, False

    def keys(self, packet, data):
        """Whether the packet goes out with public keys, or the error when it cannot."""
        device = self.device
        own, target = device.mesh.own, packet.get("to", 0)
        insists = packet.get("pki_encrypted", False)
        possible = (device.version >= (2, 5, 0) and own.key and not own.user.get("is_licensed")
                    and not device.mesh.everybody(target)
                    and data.get("portnum", 0) not in WITHOUT_KEYS and "encrypted" not in packet)
        if not possible:
            return False, PKI_FAILED if insists else 0
        station = device.mesh.find(target)
        key = station.key if station else b""
        wanted = packet.get("public_key", b"")
        if wanted and key and wanted != key:
            return False, PKI_FAILED
        if key or wanted:
            return True, 0
        if insists:
            return False, PKI_FAILED
        return False, NO_KEY if device.version >= (2, 7, 19) else 0

    def refuse(self, session, number, res, nak):
        device = self.device
        device.counts["refused"] += 1
        if device.version >= (2, 5, 4):
            session.status(res, number, self.free())
        if nak:
            self.routing(res, number)

    def accept(self, session, number):
        """Takes a slot of the transmit queue for the time on the air."""
        device = self.device
        device.counts["accepted"] += 1
        self.busy += 1
        session.status(0, number, self.free())
        if self.airtime:
            # One after the other.
            device.clock.call_later(self.airtime * self.busy, self.sent)
        else:
            self.busy -= 1

    def sent(self):
        was_full = self.free() == 0
        self.busy = max(0, self.busy - 1)
        if was_full:
            self.tell_room()

    def tell_room(self):
        """The queue was full and is not any more."""
        session = self.device.current
        if session and self.free():
            session.status(0, 0, self.free())

    def send(self, packet, data):
        """The packet is on the air."""
        device = self.device
        port = data.get("portnum", 0)
        if port == TEXT:
            self.keep_text(packet, data)
        elif port == POSITION and device.mesh.everybody(packet.get("to", 0)):
            device.own_position(data.get("payload", b""))
        self.policies.acknowledge(packet, data)

    def keep_text(self, packet, data):
        if len(self.texts) < TEXTS_MAX:
            self.texts.append({
                "id": packet["id"], "to": packet.get("to", 0), "channel": packet.get("channel", 0),
                "text": data.get("payload", b"").decode("utf-8", "replace"),
                "reply_id": data.get("reply_id", 0), "emoji": data.get("emoji", 0),
                "want_ack": packet.get("want_ack", False)})
        self.device.counts["texts"] += 1

    # To the client.

    def routing(self, error, request, sender=None):
        """An ack (0) or a nak, from the own node or from another."""
        device = self.device
        own = device.mesh.own.number
        device.counts["naks_sent" if error else "acks_sent"] += 1
        payload = encode("Routing", {"error_reason": error})
        self.hear(own if sender is None else sender, ROUTING, payload, own,
                  request_id=request, priority=PRIORITY_ACK)

    def hear(self, sender, port, payload, to=BROADCAST, channel=0, priority=0, **data):
        """A packet for the client, from the mesh or from the own node."""
        data = {"portnum": port, "payload": payload, **data}
        own = self.device.mesh.own
        packet = {"from": sender, "to": to, "channel": channel, "decoded": data,
                  "priority": priority}
        station = self.device.mesh.heard(sender)
        if station is not own:
            data["bitfield"] = 1 if to == BROADCAST else 0
            self.over_the_air(packet, station)
            if to == own.number and station.key and port not in WITHOUT_KEYS:
                packet |= {"pki_encrypted": True, "public_key": station.key, "channel": 0}
        self.deliver(packet, port)

    def hear_encrypted(self, sender, channel_hash, data, to):
        packet = {"from": sender, "to": to, "channel": channel_hash, "encrypted": data}
        self.over_the_air(packet, self.device.mesh.heard(sender))
        self.deliver(packet, 0)

    def over_the_air(self, packet, station):
        hops = min(station.hops or 0, 7)
        start = max(HOP_START, hops)
        packet |= {"rx_snr": station.snr, "rx_rssi": station.rssi, "hop_start": start,
                   "hop_limit": start - hops, "relay_node": station.number & 0xFF,
                   "via_mqtt": station.flags["via_mqtt"], "transport_mechanism": 1}

    def deliver(self, packet, port):
        device = self.device
        packet["id"] = device.new_id()
        epoch = device.clock.epoch()
        if epoch is not None:
            packet["rx_time"] = max(0, epoch - self.rx_age)
            station = device.mesh.find(packet["from"])
            station.last_heard = max(station.last_heard or 0, packet["rx_time"])
        payload = from_radio(packet=packet)
        device.to_client(payload, port)
        if self.duplicate:
            self.duplicate -= 1
            device.to_client(payload, port)
