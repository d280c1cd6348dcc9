# SPDX-License-Identifier: MIT
"""A relay: gives out ports and keys, joins two sides that show the same key, and forwards."""

import socket

from . import wire
from .node import Node, Port

ASSIGNED_MAX = 1500
# So long does a port outlive the CLOSE that went through it.
LINGER_SECONDS = 1.0
CLIENT, DEVICE = wire.CLIENT_SIDE, wire.DEVICE_SIDE


class Assigned:
    """A port that was given out. `sides` are addresses by side; `ready` when both are joined."""

    def __init__(self, relay, key):
        self.key = key
        self.sides = {}
        self.did = None
        self.ready = False
        self.closing = False
        self.port = Port(relay, relay.network.host)
        self.port.owner = self


class Relay(Node):
    role = "relay"

    def __init__(self, network, name):
        super().__init__(network, name)
        self.port = Port(self, network.host)
        self.given = {}
        self.ports = self.pairs = self.forwarded = self.stray = 0
        # What the console changes.
        self.hello_delay = 0.0
        self.full = "off"
        self.liar = "off"
        self.reflect = False
        self.alone = False
        self.direct = False

    @property
    def pairs_now(self):
        return sum(1 for assigned in self.given.values()
                   if assigned.ready and not assigned.closing)

    def handle(self, port, kind, plain, data, address):
        if port.owner:
            self.handle_assigned(port.owner, kind, plain, data, address)
        elif kind == wire.RLY_HELLO:
            answer = wire.build(wire.RLY_HELLO_ACK)
            if self.hello_delay:
                self.loop.call_later(self.hello_delay, lambda: self.send(port, answer, address))
            else:
                self.send(port, answer, address)
        elif kind == wire.RLY_PORT:
            self.assign(address)

    def assign(self, address):
        if self.full == "silent":
            return
        key = self.random.randrange(1, 1 << 32)
        if self.full == "port0":
            number = 0
        elif self.liar == "port":
            number = nobodys_port(self.network.host)
            self.network.assigned[self.port.address[0], number] = key
        else:
            number = self.open_port(key)
        self.ports += 1
        self.send(self.port, wire.build_port_ack(key, number), address)

    def open_port(self, key):
        if len(self.given) >= ASSIGNED_MAX:
            idle = [assigned for assigned in self.given.values() if not assigned.ready]
            self.close_port((idle or list(self.given.values()))[0])
        assigned = Assigned(self, key)
        self.given[assigned.port.number] = assigned
        self.network.assigned[assigned.port.address] = key
        return assigned.port.number

    def close_port(self, assigned):
        if self.given.pop(assigned.port.number, None):
            self.network.assigned.pop(assigned.port.address, None)
            assigned.port.close()

    # The port that was given out.

    def handle_assigned(self, assigned, kind, plain, data, address):
        if kind == wire.RLY_PKT:
            try:
                self.show(assigned, wire.payload_of(plain), address)
            except wire.Malformed:
                self.stray += 1
            return
        sides = assigned.sides
        if not assigned.ready or address not in sides.values():
            self.stray += 1
            return
        if kind == wire.CLOSE and not assigned.closing:
            assigned.closing = True
            self.loop.call_later(LINGER_SECONDS, lambda: self.close_port(assigned))
        client = sides.get(CLIENT)
        if self.reflect and address == client:
            self.send_raw(assigned.port, data, address, plain)
            return
        # From one address for both sides everything comes back.
        other = sides.get(DEVICE) if address == client else client
        if other:
            self.forwarded += 1
            self.send_raw(assigned.port, data, other, plain)

    def show(self, assigned, payload, address):
        """Somebody has sent RLY_PKT."""
        key, did, side = wire.parse_relay_packet(payload)
        known = side in (CLIENT, DEVICE) and assigned.did in (None, did)
        if key != assigned.key or not known:
            self.refuse(assigned, key, did, address)
            return
        assigned.did = did
        assigned.sides[side] = address
        self.check_ready(assigned, address)

    def refuse(self, assigned, key, did, address):
        self.stray += 1
        if not self.network.is_own(address) and not self.network.garbling():
            what = f"with key {key:08x}" if key != assigned.key else f"for {did}"
            self.network.rules.complain(address, self.name, f"RLY_PKT {what}, not its own")

    def check_ready(self, assigned, address):
        sides, camera = assigned.sides, self.network.camera
        if self.direct and DEVICE not in sides and camera and assigned.did == camera.did:
            camera.join(assigned.port.address, assigned.key)
        if not assigned.ready:
            if CLIENT not in sides or (DEVICE not in sides and not self.alone):
                return
            assigned.ready = True
            self.pairs += 1
            told = set(sides.values())
        else:
            told = {address}
        did = assigned.did
        if self.liar == "did":
            did = wire.Did(did.prefix, did.serial ^ 1, did.check)
        for side in sorted(told):
            self.send(assigned.port, wire.build_did(wire.RLY_RDY, did), side)


def nobodys_port(host):
    """A port on which nobody listens, at least for now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return sock.getsockname()[1]
