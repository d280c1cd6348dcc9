# SPDX-License-Identifier: MIT
"""The TCP side of servers and relays, for clients that cannot get through with UDP.

A server answers a request with the key and the address of a relay. To the relay a client says
28 bytes and hears 48; from then on both send frames, and the camera is at the other end.
"""

import collections

from simtcp import Channel, Pace, Server, tcp_commands

from . import wire
from .frames import FrameError, Reader, encode
from .node import kind_of
from .session import Session

GREETING_SIZE = 28
# In TCP_RLY_REQ: behind the identity, the local address, the kind of NAT and the version.
FLAG_AT = 20 + 24 + 1 + 3
LINGER_SECONDS = 1.0


class Tcp:
    """All doors: `tcpserver1`, `tcprelay1` and so on."""

    def __init__(self, network, faults):
        self.network = network
        self.loop = network.loop
        self.faults = faults
        self.pace = Pace(faults)
        self.server = Server(network.loop, self.accept)
        self.counts = collections.Counter()
        self.keys = {}
        self.nodes = {}
        # What the console changes.
        self.silent = False
        self.result = None
        self.start = True
        self.bad_check = False
        self.bad_mark = False
        self.early = False
        for node in network.servers + network.relays:
            name = f"tcp{node.name}"
            self.nodes[name] = node
            self.server.add_door(name, network.host, 0, 0)

    def ports(self):
        return {name: door.port for name, door in self.server.doors.items()}

    def accept(self, door, sock):
        link = ServerLink if self.nodes[door.name].role == "server" else RelayLink
        return link(self, door, sock, self.nodes[door.name])

    def relay_address(self):
        """The relay that clients are sent to, None without any."""
        for name, door in self.server.doors.items():
            if self.nodes[name].role == "relay":
                return self.network.advertised(self.network.host), door.port
        return None

    def new_key(self, did):
        key = self.network.random.randrange(1, 1 << 32)
        self.keys[key] = did
        return key

    def numbers(self):
        found = {"tcp_connections": lambda: len(self.server.owners),
                 "tcp_connections_total": lambda: self.server.accepted}
        for name in ("tcp_frames_in", "tcp_frames_out", "tcp_greetings", "tcp_bytes_in"):
            found[name] = lambda name=name: self.counts[name]
        return found

    def commands(self):
        """Those of simtcp, with "tcp-" before them."""
        known = tcp_commands(self.server, self.pace)
        return {f"tcp-{name}": entry for name, entry in known.items()
                if "tcp" not in name and name not in ("full", "total-limit")}


class Link:
    """One connection with frames in both directions."""

    place = None

    def __init__(self, tcp, door, sock, node):
        self.tcp = tcp
        self.door = door
        self.node = node
        self.address = sock.getpeername()
        self.reader = Reader(tcp.network.cipher)
        self.channel = Channel(tcp.loop, sock, tcp.pace, self)

    def complain(self, text):
        self.tcp.network.rules.complain(self.address, self.door.name, text)

    def on_data(self, data):
        self.tcp.counts["tcp_bytes_in"] += len(data)
        if self.tcp.silent:
            return
        try:
            for message in self.reader.feed(data):
                self.arrived(message)
                if not self.channel.open:
                    return
        except FrameError as error:
            self.complain(str(error))
            self.channel.close("no frame")

    def arrived(self, message):
        network, kind = self.tcp.network, kind_of(message)
        self.tcp.counts["tcp_frames_in"] += 1
        network.client_in[kind] += 1
        problem = network.rules.form(self.place, message)
        if problem:
            self.complain(problem)
        else:
            self.message(kind, message)

    def message(self, kind, message):
        raise NotImplementedError

    def say(self, message):
        tcp = self.tcp
        if tcp.silent or not self.channel.open:
            return
        tcp.counts["tcp_frames_out"] += 1
        tcp.network.client_out[kind_of(message)] += 1
        frame = bytearray(encode(message, tcp.network.cipher, tcp.faults.random.randbytes(2)))
        if tcp.bad_check:
            frame[6] ^= 1
        if tcp.bad_mark:
            frame[2] ^= 1
        self.channel.write(bytes(frame))

    def on_close(self, _reason):
        self.tcp.server.gone(self.door, self)


class ServerLink(Link):
    place = "tcpserver"

    def message(self, kind, message):
        tcp, payload = self.tcp, wire.payload_of(message)
        did = wire.Did.unpack(payload)
        flag = payload[FLAG_AT]
        result = tcp.result
        if result is None:
            result = self.node.judge_request(kind, payload, did)
        self.say(wire.build(wire.TCP_RLY_REQ_ACK, wire.pack_result(result, flag)))
        relay = tcp.relay_address()
        if result == 0 and relay and tcp.start and (flag or tcp.early):
            start = did.wire + tcp.new_key(did).to_bytes(4, "big") + wire.pack_address(relay, 24)
            self.say(wire.build(wire.TCP_RS_START, start))


class RelayLink(Link):
    """Frames begin behind the greetings."""

    place = "tcprelay"

    def __init__(self, *arguments):
        self.greeting = b""
        self.session = None
        self.over = False
        super().__init__(*arguments)

    def on_data(self, data):
        if self.tcp.silent:
            return
        if self.session is None and not self.over:
            self.greeting += data
            if len(self.greeting) < GREETING_SIZE:
                return
            data = self.greeting[GREETING_SIZE:]
            if not self.greet(self.greeting[:GREETING_SIZE]):
                return
        super().on_data(data)

    def greet(self, greeting):
        tcp, camera = self.tcp, self.tcp.network.camera
        did, side = wire.Did.unpack(greeting), greeting[24]
        key = int.from_bytes(greeting[20:24], "big")
        if tcp.keys.get(key) != did or side != wire.CLIENT_SIDE or any(greeting[25:]):
            self.complain(f"a greeting for {did} with key {key:08x} and side {side}")
            self.channel.close("wrong greeting")
            return False
        tcp.counts["tcp_greetings"] += 1
        other = camera.main.address if camera else ("0.0.0.0", 0)
        self.channel.write(wire.pack_address(self.address, 24) + wire.pack_address(other, 24))
        if not camera or camera.full():
            self.over = True
            return True
        host, port = self.address
        self.session = Session(camera, (f"tcp:{host}", port), lambda _, data: self.say(data))
        self.session.on_end = self.ended
        camera.add(self.session.peer, self.session)
        return True

    def message(self, kind, message):
        if self.session and self.session.open:
            self.session.handle(kind, message)
        elif self.session and kind != wire.CLOSE:
            self.complain(f"{wire.name_of(kind)} after CLOSE")

    def ended(self):
        """Lets the last words out; the client closes, or we do after a while."""
        self.channel.half_close()
        self.tcp.loop.call_later(LINGER_SECONDS, self.hang_up)

    def hang_up(self):
        if self.channel.open:
            self.channel.close("session over")

    def on_close(self, reason):
        super().on_close(reason)
        if self.session and self.session.open:
            self.session.on_end = None
            self.tcp.network.camera.end(self.session)
