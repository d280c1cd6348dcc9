# SPDX-License-Identifier: MIT
"""What nodes answer to requests: traceroute, telemetry, position, user record, neighbours, admin.

An answer is (port, payload), or a routing error number.
"""

from simlib import ConsoleError

from .admin import Admin
from .tables import (ADMIN, BROADCAST, NEIGHBORS, NODEINFO, POSITION, REPLY, ROUTING, TELEMETRY,
                     TRACEROUTE, decode, encode, member)

NO_RESPONSE, BAD_REQUEST = 8, 32
UNKNOWN_SNR = -128
NEIGHBORS_MAX = 10
NEIGHBOR_SECONDS = 180
# Ports that are answered without want_response.
ALWAYS = (ADMIN, REPLY)


class Answers:
    def __init__(self, device):
        self.device = device
        self.admin = Admin(device)
        self.modes = {}
        self.default = ("on", 0)
        self.routes = {}
        self.neighbors_at = {}

    def set_mode(self, words, target=None):
        """`on`, `off`, `late MS`, `nak N`, for one node or all."""
        mode = words[0]
        if mode not in ("on", "off", "late", "nak"):
            raise ConsoleError(f"'{mode}' is none of on off late nak")
        value = int(words[1]) if len(words) > 1 else NO_RESPONSE if mode == "nak" else 0
        if target is None:
            self.default = (mode, value)
            self.modes.clear()
        else:
            self.modes[target] = (mode, value)

    def local(self, packet, data):
        """A packet to the own node, which goes nowhere else."""
        own = self.device.mesh.own
        asked = data.get("want_response") or data.get("portnum") in ALWAYS
        self.say(own, packet, self.reply(own, packet, data, remote=False) if asked else None)

    def prepare(self, packet, data):
        """A call that makes another node answer, None when there is nothing to answer."""
        target = packet.get("to", 0)
        station = self.device.mesh.find(target)
        mode, value = self.modes.get(target, self.default)
        asked = data.get("want_response") or data.get("portnum") in ALWAYS
        if station is None or mode == "off" or not asked:
            return None

        def answer():
            self.device.clock.after(value / 1000 if mode == "late" else 0, act)

        def act():
            reply = self.reply(station, packet, data) if mode != "nak" else value
            self.say(station, packet, reply)

        return answer

    def say(self, station, packet, reply):
        """An answer, a nak, or an ack if one is wanted."""
        radio = self.device.radio
        if isinstance(reply, tuple):
            self.device.counts["answers_sent"] += 1
            radio.hear(station.number, *reply, self.device.mesh.own.number,
                       request_id=packet["id"], channel=packet.get("channel", 0))
        elif reply or (reply is None and packet.get("want_ack")):
            radio.routing(reply or 0, packet["id"], station.number)

    def reply(self, station, packet, data, remote=True):
        """(port, payload); an error number; None: an ack will do; False: not even that."""
        port, payload = data.get("portnum", 0), data.get("payload", b"")
        try:
            if port == ADMIN:
                return self.admin.answer(station, packet, payload, remote)
            if port == TELEMETRY:
                return self.telemetry(station, payload)
        except ValueError:
            return BAD_REQUEST
        if port == POSITION and station.position:
            return port, encode("Position", station.position)
        if port == NODEINFO and station.user is not None:
            return port, encode("User", station.user_message())
        if port == TRACEROUTE:
            return port, encode("Route", self.route(station))
        if port == NEIGHBORS:
            return self.neighbors(station)
        if port == REPLY:
            return port, b"got " + payload[:200]
        return None if port == ROUTING else NO_RESPONSE

    def telemetry(self, station, payload):
        wanted = member("Telemetry", decode("Telemetry", payload))
        found = station.measured(wanted.name if wanted else "device_metrics")
        if not found:
            return NO_RESPONSE
        name = wanted.name if wanted else "device_metrics"
        message = {"time": self.device.clock.epoch() or 0, name: found}
        return TELEMETRY, encode("Telemetry", message)

    def relays(self, station):
        """The nodes between us and a station, as many as it is hops away."""
        if station.number in self.routes:
            return self.routes[station.number]
        hops = station.hops or 0
        near = [one.number for one in self.device.mesh.others.values()
                if one is not station and one.hops < hops][:hops]
        return near + [BROADCAST] * (hops - len(near))

    def route(self, station):
        relays = self.relays(station)
        path = [self.device.mesh.find(number) for number in relays] + [station]
        snr = [round(one.snr * 4) if one else UNKNOWN_SNR for one in path]
        if station is self.device.mesh.own:
            return {}
        return {"route": relays, "snr_towards": snr, "route_back": relays[::-1],
                "snr_back": snr[::-1]}

    def neighbors(self, station):
        now = self.device.clock.now()
        if now - self.neighbors_at.get(station.number, -NEIGHBOR_SECONDS) < NEIGHBOR_SECONDS:
            return None
        self.neighbors_at[station.number] = now
        mesh = self.device.mesh
        near = [one for one in (mesh.own, *mesh.others.values())
                if one is not station and one.hops == 0][:NEIGHBORS_MAX]
        return NEIGHBORS, encode("Neighbors", {
            "node_id": station.number, "last_sent_by_id": station.number,
            "node_broadcast_interval_secs": 14400,
            "neighbors": [{"node_id": one.number, "snr": one.snr} for one in near]})
