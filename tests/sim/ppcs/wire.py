# SPDX-License-Identifier: MIT
"""Messages of the PPCS protocol: names, identities, addresses, and how they are laid out.

A message is `F1 type length payload`. Numbers are big endian, but the address and the port
inside a socket address are little endian; only the port in RLY_PORT_ACK is not part of one.
"""

import re
import socket
import struct

MAGIC = 0xF1
HEADER_SIZE = 4
DATAGRAM_MAX = 1280
DATA_MAX = 1024
ACKS_MAX = 81
CHANNELS = 8

HELLO, HELLO_ACK = 0x00, 0x01
P2P_REQ, P2P_REQ_ACK, P2P_REQ_WI, P2P_REQ_DSK, P2P_REQ_DSK_WI = 0x20, 0x21, 0x23, 0x26, 0x27
LAN_SEARCH, LAN_NOTIFY = 0x30, 0x31
PUNCH_TO, PUNCH_PKT, P2P_RDY, TRY_LAN_TCP = 0x40, 0x41, 0x42, 0x43
TCP_RS_START, TCP_RLY_REQ, TCP_RLY_REQ_DSK, TCP_RLY_REQ_ACK = 0x52, 0x53, 0x54, 0x55
LIST_REQ1_WI, LIST_REQ1, LIST_REQ, LIST_REQ_ACK = 0x66, 0x67, 0x68, 0x69
LIST_REQ_DSK, LIST_REQ_DSK_WI = 0x6A, 0x6B
RLY_HELLO, RLY_HELLO_ACK, RLY_PORT, RLY_PORT_ACK = 0x70, 0x71, 0x72, 0x73
RLY_REQ, RLY_REQ_ACK, RLY_TO, RLY_PKT, RLY_RDY = 0x80, 0x81, 0x82, 0x83, 0x84
DRW, DRW_ACK, ALIVE, ALIVE_ACK, CLOSE = 0xD0, 0xD1, 0xE0, 0xE1, 0xF0
REPORT_SESSION_READY = 0xF9
DRW_MARK, DRW_MARK_OTHER = 0xD1, 0xD2
CLIENT_SIDE, DEVICE_SIDE = 0, 1

# Names as the statistics spell them. What is not here is unknown.
NAMES = {
    HELLO: "hello", HELLO_ACK: "hello_ack", P2P_REQ: "p2p_req", P2P_REQ_ACK: "p2p_req_ack",
    P2P_REQ_WI: "p2p_req_wi", P2P_REQ_DSK: "p2p_req_dsk", P2P_REQ_DSK_WI: "p2p_req_dsk_wi",
    LAN_SEARCH: "lan_search", LAN_NOTIFY: "lan_notify", PUNCH_TO: "punch_to",
    PUNCH_PKT: "punch_pkt", P2P_RDY: "p2p_rdy", TRY_LAN_TCP: "try_lan_tcp",
    TCP_RS_START: "tcp_rs_start", TCP_RLY_REQ: "tcp_rly_req",
    TCP_RLY_REQ_DSK: "tcp_rly_req_dsk", TCP_RLY_REQ_ACK: "tcp_rly_req_ack",
    LIST_REQ1_WI: "list_req1_wi", LIST_REQ1: "list_req1", LIST_REQ: "list_req",
    LIST_REQ_ACK: "list_req_ack", LIST_REQ_DSK: "list_req_dsk",
    LIST_REQ_DSK_WI: "list_req_dsk_wi", RLY_HELLO: "rly_hello", RLY_HELLO_ACK: "rly_hello_ack",
    RLY_PORT: "rly_port", RLY_PORT_ACK: "rly_port_ack", RLY_REQ: "rly_req",
    RLY_REQ_ACK: "rly_req_ack", RLY_TO: "rly_to", RLY_PKT: "rly_pkt", RLY_RDY: "rly_rdy",
    DRW: "drw", DRW_ACK: "drw_ack", ALIVE: "alive", ALIVE_ACK: "alive_ack", CLOSE: "close",
    REPORT_SESSION_READY: "report_session_ready", 0xF4: "f4", 0xF5: "f5", 0xF6: "f6",
    0xF7: "f7", 0xF8: "f8",
}
# Payload lengths of messages that have just one.
SIZES = {
    HELLO: 0, HELLO_ACK: 16, P2P_REQ: 36, P2P_REQ_ACK: 4, P2P_REQ_WI: 52, P2P_REQ_DSK: 64,
    P2P_REQ_DSK_WI: 80, LAN_SEARCH: 0, PUNCH_TO: 16, PUNCH_PKT: 20, P2P_RDY: 20,
    TCP_RS_START: 48, TCP_RLY_REQ: 52, TCP_RLY_REQ_DSK: 76, TCP_RLY_REQ_ACK: 4,
    LIST_REQ1_WI: 36, LIST_REQ1: 20, LIST_REQ: 0, LIST_REQ_DSK: 44, LIST_REQ_DSK_WI: 60,
    RLY_HELLO: 0, RLY_HELLO_ACK: 0, RLY_PORT: 0, RLY_PORT_ACK: 8, RLY_REQ: 40, RLY_REQ_ACK: 4,
    RLY_TO: 20, RLY_PKT: 28, RLY_RDY: 20, ALIVE: 0, ALIVE_ACK: 0, CLOSE: 0,
    REPORT_SESSION_READY: 84,
}


class Malformed(ValueError):
    """Bytes that are no message; the text says why."""


def build(kind, payload=b""):
    return struct.pack(">BBH", MAGIC, kind, len(payload)) + payload


def payload_of(message):
    """Of a message at least as long as it says; what stands behind it is left out."""
    if len(message) < HEADER_SIZE:
        raise Malformed(f"a datagram of {len(message)} bytes")
    if message[0] != MAGIC:
        raise Malformed(f"magic {message[0]:02x}")
    end = HEADER_SIZE + (message[2] << 8 | message[3])
    if len(message) < end:
        raise Malformed(f"{len(message) - HEADER_SIZE} bytes instead of {end - HEADER_SIZE}")
    return message[HEADER_SIZE:end]


def name_of(kind):
    return NAMES.get(kind, "unknown").upper() if kind in NAMES else f"unknown type {kind:02x}"


class Did:
    """The identity of a device: prefix, serial number and check code."""

    SIZE = 20
    TEXT = re.compile(r"([A-Z][A-Z0-9]{0,6})-([0-9]{6,10})-([A-Z0-9]{1,7})")

    def __init__(self, prefix, serial, check):
        self.prefix = prefix
        self.serial = serial
        self.check = check
        self.wire = struct.pack(">8sI8s", prefix.encode("latin-1"), serial,
                                check.encode("latin-1"))

    @classmethod
    def parse(cls, text):
        match = cls.TEXT.fullmatch(text)
        if not match or int(match[2]) > 0xFFFFFFFF:
            raise ValueError(f"'{text}' is no PREFIX-NNNNNN-CHECK")
        return cls(match[1], int(match[2]), match[3])

    @classmethod
    def unpack(cls, data):
        """What stands behind the first NUL of a text is noise."""
        if len(data) < cls.SIZE:
            raise Malformed(f"an identity of {len(data)} bytes")
        prefix, serial, check = struct.unpack(">8sI8s", data[:cls.SIZE])
        texts = [part.partition(b"\0")[0].decode("latin-1") for part in (prefix, check)]
        return cls(texts[0], serial, texts[1])

    def __eq__(self, other):
        return isinstance(other, Did) and self.wire == other.wire

    def __hash__(self):
        return hash(self.wire)

    def __str__(self):
        return f"{self.prefix}-{self.serial:06}-{self.check}"


def pack_address(address, size=16):
    """The socket address of UDP messages (16 bytes) or of the TCP family (24 bytes)."""
    host, port = address
    packed = struct.pack("<H", port) + socket.inet_aton(host)[::-1]
    return (b"\0\x02" + packed).ljust(size, b"\0")


def unpack_address(data):
    if len(data) < 8:
        raise Malformed(f"an address of {len(data)} bytes")
    family, port = struct.unpack(">H", data[:2])[0], struct.unpack("<H", data[2:4])[0]
    if family != socket.AF_INET:
        raise Malformed(f"an address of family {family}")
    return socket.inet_ntoa(data[7:3:-1]), port


def pack_result(result, flag=0):
    return struct.pack(">bBH", result, flag, 0)


def build_did(kind, did):
    return build(kind, did.wire)


def build_address(kind, address):
    return build(kind, pack_address(address))


def build_result(kind, result):
    return build(kind, pack_result(result))


def build_offer(did, address):
    """TRY_LAN_TCP."""
    return build(TRY_LAN_TCP, did.wire + pack_address(address, 24))


def build_list(relays):
    addresses = b"".join(pack_address(relay) for relay in relays)
    return build(LIST_REQ_ACK, struct.pack(">B3x", len(relays)) + addresses)


def build_port_ack(key, port):
    return build(RLY_PORT_ACK, struct.pack(">IH2x", key, port))


def build_relay_to(address, key):
    return build(RLY_TO, pack_address(address) + struct.pack(">I", key))


def build_relay_packet(key, did, side):
    return build(RLY_PKT, struct.pack(">I", key) + did.wire + struct.pack(">B3x", side))


def build_data(channel, index, data):
    return struct.pack(">BBHBBH", MAGIC, DRW, len(data) + 4, DRW_MARK, channel, index) + data


def build_acks(channel, indexes, mark=DRW_MARK, count=None):
    count = len(indexes) if count is None else count
    head = struct.pack(">BBH", mark, channel, count)
    return build(DRW_ACK, head + struct.pack(f">{len(indexes)}H", *indexes))


def parse_data(payload):
    """Channel, index and bytes of a DRW."""
    if len(payload) < 4:
        raise Malformed(f"DRW of {len(payload)} bytes")
    return payload[1], payload[2] << 8 | payload[3], payload[4:]


def parse_acks(payload):
    """Channel and indexes of a DRW_ACK; fewer than it says when it is shorter."""
    if len(payload) < 4:
        raise Malformed(f"DRW_ACK of {len(payload)} bytes")
    count = min(payload[2] << 8 | payload[3], (len(payload) - 4) // 2)
    return payload[1], struct.unpack_from(f">{count}H", payload, 4)


def parse_relay_packet(payload):
    """Key, identity and side of an RLY_PKT."""
    if len(payload) < SIZES[RLY_PKT]:
        raise Malformed(f"RLY_PKT of {len(payload)} bytes")
    return struct.unpack(">I", payload[:4])[0], Did.unpack(payload[4:24]), payload[24]


def parse_relay_to(payload):
    """Address and key of an RLY_TO."""
    if len(payload) < SIZES[RLY_TO]:
        raise Malformed(f"RLY_TO of {len(payload)} bytes")
    return unpack_address(payload[:16]), struct.unpack(">I", payload[16:20])[0]


def parse_text(data):
    """Text padded with NUL."""
    return data.partition(b"\0")[0].decode("latin-1")
