# SPDX-License-Identifier: MIT
"""What the self-tests of the PPCS simulator share: a bare UDP client and the paths to a session.

The client knows how messages are laid out and nothing else: no timers, nothing repeated.
"""

import socket

from ppcs import wire
from ppcs.cipher import Cipher
from simcase import TIMEOUT, Case

UID = "TEST-012345-ABCDE"
DID = wire.Did.parse(UID)
OTHER = wire.Did.parse("TEST-012346-ABCDE")
PUNCH, READY = (wire.build_did(kind, DID) for kind in (wire.PUNCH_PKT, wire.P2P_RDY))
RELAY_READY = wire.build_did(wire.RLY_RDY, DID)
SEARCH, ALIVE, ALIVE_ACK, CLOSE, HELLO = (wire.build(kind) for kind in (
    wire.LAN_SEARCH, wire.ALIVE, wire.ALIVE_ACK, wire.CLOSE, wire.HELLO))
RELAY_HELLO, RELAY_PORT = wire.build(wire.RLY_HELLO), wire.build(wire.RLY_PORT)
FIRST = wire.build_data(0, 0, b"ACK")
HOST = "127.0.0.1"


def request(did=DID, local=(HOST, 1)):
    return wire.build(wire.P2P_REQ, did.wire + wire.pack_address(local))


def relay_request(relay, key, did=DID):
    payload = did.wire + wire.pack_address(relay) + key.to_bytes(4, "big")
    return wire.build(wire.RLY_REQ, payload)


class PpcsClient:
    """One UDP socket. `peer` is where `say` sends when no port is given."""

    def __init__(self, key=""):
        self.cipher = Cipher(key.encode())
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((HOST, 0))
        self.sock.settimeout(TIMEOUT)
        self.address = self.sock.getsockname()
        self.name = f"{HOST}:{self.address[1]}"
        self.peer = None
        self.source = None

    def say(self, message, port=None):
        target = (HOST, port) if port else self.peer
        self.sock.sendto(self.cipher.encode(message), target)

    def hear(self):
        """The next message; `source` is the port it came from."""
        data, (_, self.source) = self.sock.recvfrom(65536)
        return self.cipher.decode(data)

    def hear_kind(self, *kinds):
        """The next message of these types; others are passed over."""
        while True:
            message = self.hear()
            if message[1] in kinds:
                return message

    def ask(self, message, port=None):
        self.say(message, port)
        return self.hear()

    def count(self, message):
        """How often the message is among those that have come; the others are lost."""
        found = 0
        self.sock.setblocking(False)
        try:
            while True:
                found += self.hear() == message
        except BlockingIOError:
            return found
        finally:
            self.sock.settimeout(TIMEOUT)

    def quiet(self):
        """True when nothing has come; the caller has made sure that it would be there."""
        self.sock.setblocking(False)
        try:
            return not self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.sock.settimeout(TIMEOUT)

    def acknowledge(self, *indexes, channel=0):
        self.say(wire.build_acks(channel, indexes))

    def close(self):
        self.sock.close()


class PpcsCase(Case):
    script = "ppcs_sim.py"
    key = ""

    def simulate(self, *arguments):
        if self.key:
            arguments = (*arguments, "--key", self.key)
        return super().simulate(*arguments)

    def client(self):
        client = PpcsClient(self.key)
        self.cleanup.callback(client.close)
        return client

    def found(self):
        """A client that the camera has answered."""
        client = self.client()
        self.assertEqual(client.ask(SEARCH, self.sim.ports["search"]), PUNCH)
        return client

    def lan(self):
        """A path through the LAN search; the next message is a repeated P2P_RDY or FIRST."""
        client = self.found()
        client.peer = (HOST, client.source)
        self.assertEqual(client.ask(PUNCH), READY)
        return client

    def direct(self):
        client = self.client()
        client.peer = (HOST, self.sim.ports["main"])
        self.assertEqual(client.ask(PUNCH), READY)
        return client

    def session(self):
        """A session that has had its first data; nothing is on its way."""
        client = self.direct()
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        self.assertEqual(client.hear_kind(wire.DRW), FIRST)
        client.acknowledge(0)
        return client

    def assigned(self, relay="relay1"):
        """A client with a port and a key of a relay."""
        client = self.client()
        port = self.sim.ports[relay]
        self.assertEqual(client.ask(RELAY_HELLO, port), wire.build(wire.RLY_HELLO_ACK))
        answer = client.ask(RELAY_PORT, port)
        client.key = int.from_bytes(answer[4:8], "big")
        client.peer = (HOST, int.from_bytes(answer[8:10], "big"))
        return client

    def relayed(self):
        """A path through relay 1, which has the camera behind it."""
        client = self.assigned()
        packet = wire.build_relay_packet(client.key, DID, wire.CLIENT_SIDE)
        self.assertEqual(client.ask(packet), RELAY_READY)
        return client
