# SPDX-License-Identifier: MIT
"""All that is simulated at once: one camera, some servers and relays, and what they count."""

import random

from simlib import Faults

from . import tally, wire
from .camera import Camera
from .cipher import KNOWN, Cipher
from .node import FOREIGN, MALFORMED, UNKNOWN, counts
from .relay import Relay
from .rules import Rules
from .server import Server
from .tcp import Tcp

LISTED_MAX = 2000


class Network:
    def __init__(self, loop, violations, options):
        """`options` has bind, seed, key, uid, camera, search_port, main_port, servers, relays,
        tcp."""
        self.loop = loop
        self.seed = options.seed
        self.host = options.bind
        self.cipher = Cipher(options.key.encode())
        self.foreign = [Cipher(key) for key in KNOWN if key != options.key.encode()]
        self.violations = violations
        self.rules = Rules(violations)
        self.client_in, self.client_out = counts(), counts()
        self.random = random.Random(f"{options.seed} network")
        self.own = set()
        self.registered = {}
        self.offline = False
        self.relay_list = None
        self.assigned = {}
        self.tcp = None
        self.camera = None
        if options.camera:
            self.camera = Camera(self, wire.Did.parse(options.uid), options.search_port,
                                 options.main_port)
            self.registered[self.camera.did] = self.camera.main.address
        self.servers = [Server(self, f"server{number}") for number in
                        range(1, options.servers + 1)]
        self.relays = [Relay(self, f"relay{number}") for number in range(1, options.relays + 1)]
        if options.tcp:
            self.tcp = Tcp(self, Faults(f"{options.seed} tcp"))
        self.fields = self.numbers()

    def advertised(self, host):
        """The address under which clients on this machine find a socket."""
        return "127.0.0.1" if host == "0.0.0.0" else host

    def is_own(self, address):
        return address in self.own

    def is_foreign(self, data):
        """The probe of a client that is looking for the key: right under another one."""
        heads = (cipher.decode(data[:wire.HEADER_SIZE]) for cipher in self.foreign)
        first = (wire.LAN_SEARCH, wire.PUNCH_PKT, wire.HELLO, wire.P2P_REQ, wire.P2P_REQ_DSK,
                 wire.LIST_REQ1, wire.LIST_REQ_DSK, wire.RLY_HELLO)
        probes = [bytes([wire.MAGIC, kind, 0, wire.SIZES[kind]]) for kind in first]
        return any(head in probes and len(data) == wire.HEADER_SIZE + head[3] for head in heads)

    @property
    def nodes(self):
        return ([self.camera] if self.camera else []) + self.servers + self.relays

    def chosen(self, role):
        """The participants that a role or a name stands for."""
        return [node for node in self.nodes if role in (None, "all", node.role, node.name)]

    def garbling(self):
        """Whether a client can be wrong because of what became of a message on its way."""
        return any(node.garbling() for node in self.nodes)

    def address_of(self, did):
        """Where a registered device is, None when it is not."""
        return None if self.offline else self.registered.get(did)

    def relays_offered(self):
        if self.relay_list is not None:
            return self.relay_list
        return [relay.port.address for relay in self.relays]

    def ports(self):
        """Words of the ready line."""
        found = {}
        if self.camera:
            found |= {"search": self.camera.search.number, "main": self.camera.main.number}
        found |= {node.name: node.port.number for node in self.servers + self.relays}
        return found | (self.tcp.ports() if self.tcp else {})

    # Statistics.

    def numbers(self):
        """Name -> function for everything that `wait` can wait for."""
        found = {}
        kinds = {**wire.NAMES, UNKNOWN: "unknown", MALFORMED: "malformed",
                 FOREIGN: "foreign"}

        def one(table, kind):
            return lambda: table[kind]

        def total(role, direction, kind=None):
            def add():
                tables = [getattr(node, direction) for node in self.chosen(role)]
                return sum(sum(table) if kind is None else table[kind] for table in tables)
            return add

        for direction in ("in", "out"):
            table = getattr(self, f"client_{direction}")
            found[f"client_{direction}"] = lambda table=table: sum(table)
            for kind, name in kinds.items():
                found[f"{name}_{direction}"] = one(table, kind)
                for role in ("camera", "server", "relay"):
                    found[f"{role}_{name}_{direction}"] = total(role, f"count_{direction}", kind)
            for role in ("camera", "server", "relay", *(node.name for node in self.nodes)):
                found[f"{role}_{direction}"] = total(role, f"count_{direction}")
            found[f"lost_{direction}"] = lambda name=f"faults_{direction}": sum(
                getattr(node, name).dropped for node in self.nodes)
        found["send_failed"] = lambda: sum(node.failed for node in self.nodes)
        found["violations_total"] = lambda: self.violations.count
        found["clients_total"] = lambda: len(self.rules.addresses)
        found["last_close_count"] = lambda: getattr(self.rules.last_closed, "closes", 0)
        for name in ("ports", "pairs", "pairs_now", "forwarded", "stray"):
            found[f"relay_{name}"] = lambda name=name: sum(
                getattr(relay, name) for relay in self.relays)
        if self.camera:
            found |= tally.numbers(self.camera)
        if self.tcp:
            found |= self.tcp.numbers()
        return found

    def number(self, field):
        function = self.fields.get(field)
        return function() if function else None

    def stats(self):
        found = {name: function() for name, function in self.fields.items()}
        listed = list(self.rules.addresses)[-LISTED_MAX:]
        found["clients"] = [f"{host}:{port}" for host, port in listed]
        if self.camera:
            found |= tally.details(self.camera)
        found["violations"] = list(self.violations.found)
        return found
