# SPDX-License-Identifier: MIT
"""What the self-tests of the Meshtastic simulator share: a bare client and messages to send.

The client cuts the stream by the lengths in the headers and decodes with the simulator's own
tables, which test_meshtcp_wire.py holds against the test vectors.
"""

from meshtcp import tables
from meshtcp.framing import frame
from meshtcp.stations import OWN
from meshtcp.tables import BROADCAST, decode, encode
from simcase import Case, Client

NONCE = 0x12345678
WAKE = 32 * b"\xc3"
HEARTBEAT, GOODBYE = frame(b"\x3a\x00"), frame(b"\x20\x01")
spell = bytes.fromhex


def to_radio(**message):
    return frame(encode("ToRadio", message))


def want(nonce=NONCE):
    return to_radio(want_config_id=nonce)


def packet(number, port, payload=b"", to=BROADCAST, data=None, **more):
    """The frame of a packet; `data` has fields for Data."""
    decoded = {"portnum": port, "payload": payload, **(data or {})}
    return to_radio(packet={"from": OWN, "to": to, "decoded": decoded, "id": number,
                            "hop_limit": 3, **more})


def text(number, words, to=BROADCAST, **more):
    return packet(number, tables.TEXT, words.encode(), to, **more)


def request(number, port, to, payload=b"", **more):
    return packet(number, port, payload, to, {"want_response": True}, want_ack=True, **more)


class MeshClient(Client):
    def payload(self):
        """What is in the next frame; EOFError at the end of the stream."""
        head = self.take(4)
        if len(head) < 4 or head[:2] != b"\x94\xc3":
            raise EOFError(head)
        size = int.from_bytes(head[2:], "big")
        found = self.take(size)
        if len(found) < size:
            raise EOFError(head + found)
        return found

    def hear(self):
        return decode("FromRadio", self.payload())

    def hear_kind(self, kind):
        """The next record, which has to be of this kind."""
        found = self.hear()
        if kind not in found:
            raise AssertionError(f"{kind} expected, not {found}")
        return found[kind]

    def packet(self):
        return self.hear_kind("packet")

    def status(self):
        """The next queue status as (res, free, id)."""
        found = self.hear_kind("queueStatus")
        return found.get("res", 0), found.get("free", 0), found.get("mesh_packet_id", 0)

    def ack(self):
        """The next routing packet as (sender, error, id of the request)."""
        found = self.packet()
        data = found["decoded"]
        assert data["portnum"] == tables.ROUTING, found
        error = decode("Routing", data["payload"]).get("error_reason", 0)
        return found["from"], error, data["request_id"]

    def reply(self, table):
        """The next packet's sender, request and decoded payload."""
        found = self.packet()
        data = found["decoded"]
        return found["from"], data.get("request_id", 0), decode(table, data.get("payload", b""))

    def download(self, nonce=NONCE):
        """Asks, and takes all records up to the end mark, which is left out."""
        self.send(want(nonce))
        return self.records(nonce)

    def records(self, nonce=NONCE):
        found = []
        while True:
            record = self.hear()
            if record.get("config_complete_id") == nonce:
                return found
            found.append(record)

    def beat(self):
        """A heartbeat and its answer: whatever was sent before has been heard."""
        self.send(HEARTBEAT)
        return self.status()


class MeshCase(Case):
    script = "meshtcp_sim.py"

    def client(self, host="127.0.0.1"):
        client = MeshClient(self.sim.ports["port"], host)
        self.cleanup.callback(client.close)
        return client

    def ready(self, nonce=NONCE):
        """A client that has had its download."""
        client = self.client()
        client.download(nonce)
        return client

    def silent(self, client):
        """Nothing more has come: a heartbeat's answer is next."""
        self.assertEqual(client.beat()[2], 0)
        self.assertTrue(client.quiet())

    def left(self):
        """Until the node has seen all connections end."""
        self.sim.wait("connections_now", 0, "=")
