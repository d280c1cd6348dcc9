# SPDX-License-Identifier: MIT
"""The camera: its sockets, the handshakes that lead to a session, and the table of sessions."""

import collections

from . import tally, wire
from .acks import AckStyle
from .artemis import Artemis
from .data import DataStyle
from .node import Node, Port
from .rules import SESSION
from .session import READY_SECONDS, READY_TIMES, Session

KNOCKS_MAX = 10000
OFFER_SECONDS = 0.005
PUNCH_TIMES, PUNCH_SECONDS = 5, 0.1


class Knock:
    """A client address before it has a session: `invited` when it was sent PUNCH_PKT."""

    def __init__(self):
        self.invited = False
        self.echoes = 0
        self.busy = False


class Camera(Node):
    role = "camera"

    def __init__(self, network, did, search_port, main_port):
        super().__init__(network, "camera")
        self.did = did
        self.claimed = did
        self.search = Port(self, network.host, search_port)
        self.main = Port(self, network.host, main_port)
        self.others = {}
        self.broadcast = self.broadcast_port()
        self.sessions = {}
        self.knocks = {}
        self.joined = set()
        self.counts = collections.Counter()
        self.most = 0
        self.blasts = 0
        self.ended = collections.deque(maxlen=16)
        self.acks = AckStyle()
        self.data = DataStyle()
        self.artemis = Artemis(network.seed)
        # Runs a command of the console for one session.
        self.perform = lambda words, session: None
        # What the console changes.
        self.searchable = True
        self.main_searchable = False
        self.punchable = True
        self.answer_delay = 0.0
        self.answer_from = "main"
        self.extra = 0
        self.p2p_rdy = True
        self.echoes = 1
        self.offers = 0
        self.offer_seconds = OFFER_SECONDS
        self.first = b"ACK"
        self.alive = True
        self.alive_ack = True
        self.alive_period = 1.0
        self.alive_limit = 8
        self.close_after = 0
        self.limit = 0
        self.limit_close = True
        self.nonsensical = False
        self.reflect = False
        self.stranger = "off"

    def broadcast_port(self):
        """A broadcast on the loopback network reaches a socket of its own."""
        if not self.network.host.startswith("127."):
            return None
        try:
            return Port(self, "127.255.255.255", self.search.number)
        except OSError:
            return None

    def other_port(self, name):
        """`other` is one more socket, `elsewhere` one on the next address."""
        if name not in self.others:
            host, _, last = self.network.host.rpartition(".")
            elsewhere = f"{host}.{int(last) % 254 + 1}"
            self.others[name] = Port(self, elsewhere if name == "elsewhere" else self.network.host)
        return self.others[name]

    def answer_port(self):
        known = {"search": self.search, "main": self.main}
        return known.get(self.answer_from) or self.other_port(self.answer_from)

    # In.

    def handle(self, port, kind, plain, data, address):
        if self.reflect:
            self.send_raw(port, data, address, plain)
            return
        if self.nonsensical:
            data = self.nonsense()
            self.send_raw(port, data, address, self.network.cipher.decode(data))
            return
        if kind in SESSION:
            session = self.sessions.get(address)
            if session is None and address in self.joined and kind in (wire.DRW, wire.ALIVE):
                # RLY_RDY was lost, but here is the client.
                self.begin(address, relayed=True)
                session = self.sessions.get(address)
            if session:
                session.handle(kind, plain)
            return
        function = self.HANDLERS.get(kind)
        if function:
            try:
                function(self, port, wire.payload_of(plain), address)
            except wire.Malformed:
                self.counts["unreadable"] += 1

    def knock(self, address):
        if address not in self.knocks:
            if len(self.knocks) >= KNOCKS_MAX:
                del self.knocks[next(iter(self.knocks))]
            self.knocks[address] = Knock()
        return self.knocks[address]

    def later(self, seconds, function):
        if seconds:
            self.loop.call_later(seconds, function)
        else:
            function()

    def punch(self, port, address):
        self.send(port, wire.build_did(wire.PUNCH_PKT, self.claimed), address)

    def lan_search(self, port, _payload, address):
        if not (self.main_searchable if port is self.main else self.searchable):
            return
        if self.stranger != "off":
            self.strange(address)
        if self.stranger != "on":
            self.knock(address).invited = True
            self.later(self.answer_delay, lambda: self.punch(self.answer_port(), address))

    def strange(self, address):
        """P2P_RDY from a socket that nobody has heard of."""
        port = Port(self, self.network.host)
        self.send(port, wire.build_did(wire.P2P_RDY, self.did), address)
        self.loop.call_later(1.0, port.close)

    def punched(self, port, payload, address):
        did = wire.Did.unpack(payload)
        if did not in (self.did, self.claimed) or address in self.sessions:
            return
        if port is not self.main and port is not self.answer_port():
            return
        knock = self.knock(address)
        if knock.busy:
            return
        if not knock.invited:
            self.direct_punch(address)
            return
        knock.echoes += 1
        if knock.echoes < self.echoes:
            self.punch(self.answer_port(), address)
        else:
            knock.busy = True
            self.offer(knock, address, 1)

    def direct_punch(self, address):
        if self.stranger != "off" and self.punchable:
            self.strange(address)
        if self.stranger != "on" and self.punchable:
            self.later(self.answer_delay, lambda: self.begin(address))

    def offer(self, knock, address, number):
        """TRY_LAN_TCP as often as wanted, then the session."""
        if number > self.offers:
            knock.busy = False
            self.begin(address)
            return
        port = self.answer_port()
        self.send(port, wire.build_offer(self.claimed, self.main.address), address)
        self.later(self.offer_seconds, lambda: self.offer(knock, address, number + 1))

    # Servers and relays.

    def punch_to(self, _port, payload, address):
        if not self.network.is_own(address):
            return
        client = wire.unpack_address(payload)
        if client in self.sessions:
            # The client was faster; the camera still says its word, once.
            self.punch(self.answer_port(), client)
        elif client not in self.network.own:
            self.knock(client).invited = True
            self.punch_again(client, 1)

    def punch_again(self, client, number):
        knock = self.knocks.get(client)
        if knock is None or client in self.sessions or knock.echoes:
            return
        self.punch(self.answer_port(), client)
        if number < PUNCH_TIMES:
            self.loop.call_later(PUNCH_SECONDS, lambda: self.punch_again(client, number + 1))

    def relay_to(self, _port, payload, address):
        if self.network.is_own(address):
            self.join(*wire.parse_relay_to(payload))

    def join(self, relay, key, number=1):
        """Shows itself to a relay until that is ready."""
        if relay in self.sessions or number > READY_TIMES:
            return
        self.joined.add(relay)
        packet = wire.build_relay_packet(key, self.claimed, wire.DEVICE_SIDE)
        self.send(self.main, packet, relay)
        self.loop.call_later(READY_SECONDS, lambda: self.join(relay, key, number + 1))

    def relay_ready(self, _port, _payload, address):
        if self.network.is_own(address) and address not in self.sessions:
            self.begin(address, relayed=True)

    HANDLERS = {
        wire.LAN_SEARCH: lan_search, wire.PUNCH_PKT: punched, wire.PUNCH_TO: punch_to,
        wire.RLY_TO: relay_to, wire.RLY_RDY: relay_ready,
    }

    # Sessions.

    def begin(self, address, relayed=False):
        """A path to a client is ready, unless this camera pretends otherwise."""
        self.knocks.pop(address, None)
        if address in self.sessions or not (self.p2p_rdy or relayed):
            return
        port = self.main if relayed else self.answer_port()
        if self.full():
            if self.limit_close:
                self.send(port, wire.build(wire.CLOSE), address)
            return
        ready = None
        if not relayed:
            ready = wire.build_did(wire.P2P_RDY, self.claimed) + bytes(self.extra)
        session = Session(self, address, self.link, ready)
        session.port = port
        self.add(address, session)

    def link(self, session, message):
        """How a session over UDP sends; its port may change."""
        self.send(session.port, message, session.peer)

    def full(self):
        full = 0 < self.limit <= len(self.sessions)
        self.counts["refused"] += full
        return full

    def add(self, key, session):
        self.sessions[key] = session
        self.counts["sessions_total"] += 1
        self.most = max(self.most, len(self.sessions))
        session.start()

    def end(self, session):
        """Forgets a session; what it counted is kept."""
        session.open = False
        self.sessions.pop(session.peer, None)
        self.joined.discard(session.peer)
        self.counts.update(tally.of_session(session))
        self.ended.append(session)
        if session.on_end:
            session.on_end()

    def close_all(self):
        for session in list(self.sessions.values()):
            session.close()

    def move(self, session):
        """The session goes on from another socket."""
        if session.port:
            session.port = Port(self, self.network.host)

    def ready_again(self, session, did):
        """P2P_RDY in the middle of a session."""
        session.send(wire.build_did(wire.P2P_RDY, did))

    def unknown_acks(self, session, channel, count):
        if session.peer in self.network.own or self.network.garbling():
            return
        text = f"DRW_ACK for {count} indexes never sent on channel {channel}"
        self.network.rules.complain(session.peer, self.name, text)
