# SPDX-License-Identifier: MIT
"""Seeds of libppcs's fuzz targets; seeds.py writes them."""

import collections
import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "sim"))

from ppcs.cipher import Cipher  # noqa: E402

STREAM = 9  # the connection whose lines are frames
MOST_OF_A_TYPE = 3
# The order of ppcs_cipher_known().
KEYS = "camera SHIX SSD@cs2-network. VMSV vstarcam2018 FERRY@88 mycamera @@@@....".split()
UID = "5445535400000000000030394142434445000000"
ADDRESS = "000250c31401a8c00000000000000000"
DSK = "5345435245540000" + 32 * "0"
# Messages that no conversation has.
OTHERS = {
    "p2p_req_dsk": "f1260040" + UID + ADDRESS + "05050201" + DSK,
    "tcp_rs_start": "f1520030" + UID + "1a2b3c4d" + ADDRESS + 16 * "0",
    "tcp_rly_req": "f1530034" + UID + ADDRESS + 16 * "0" + "0305020101000000",
    "tcp_rly_req_dsk": "f154004c" + UID + ADDRESS + 16 * "0" + "0305020101000000" + DSK,
    "tcp_rly_req_ack": "f1550004fa010000",
    "list_req_dsk": "f16a002c" + UID + DSK,
    "p2p_rdy_ack": "f1430014" + UID,
    "ack_other_mark": "f1d10006d2000001000a",
    "ack_padded": "f1d10020d100000200020003" + 48 * "0",
    "ack_short": "f1d10008d100000500020003",
    "ack_most": "f1d100a6d1000051" + "".join(f"{n:04x}" for n in range(81)),
    "drw_empty": "f1d00004d1000000",
    "drw_channel": "f1d00005d108000041",
    "list_short": "f1690018030000000002647d0b00007f000000000000000000020000",
    "other_family": "f140001000170203040506070000000000000000",
    "management": "f1f40000",
    "unknown": "f1ff0000",
    "too_short": "f1300001",
    "no_magic": "f0300000",
}


def datagrams(conversation):
    """(words, bytes on the wire) of what is no frame."""
    packets = [step for step in conversation.steps if step.kind in "<>="]
    for step, report in zip(packets[::2], packets[1::2]):
        if step.connection != STREAM:
            yield report.text, bytes(step.data)


def key_of(conversation):
    return (conversation.key or "").encode()


def packet_seeds(conversations):
    """A datagram, not obfuscated."""
    done = set()
    count = collections.Counter()
    for conversation in conversations:
        cipher = Cipher(key_of(conversation))
        for text, data in datagrams(conversation):
            plain, name = cipher.decode(data), text.split(" ")[0]
            if plain in done or count[name] == MOST_OF_A_TYPE:
                continue
            done.add(plain)
            yield f"{name.lower()}-{count[name]}", plain
            count[name] += 1
    for name, text in OTHERS.items():
        yield name, bytes.fromhex(text)


def keys_seeds(conversations):
    """Settings, the length of a key, that key, and a datagram as it is on the wire."""
    done = set()
    for conversation in conversations:
        key = key_of(conversation)
        for text, data in datagrams(conversation):
            name = text.split(" ")[0]
            if (key, name) in done:
                continue
            done.add((key, name))
            yield f"{conversation.name.split('-')[0]}-{name.lower()}", b"\0\0" + data
    punch = bytes.fromhex("f1410014" + UID)
    for number, text in enumerate((*KEYS, "SECRETKEY", "XfRrur")):
        key = text.encode()
        head = bytes([number, len(key)]) + key
        yield f"servers-{number}", head + Cipher(key).encode(punch)
        if number % 4 > 0:
            continue
        yield f"longer-{number}", head + Cipher(key).encode(punch + bytes(8))
        yield f"shorter-{number}", head + Cipher(key).encode(punch[:-1])
    # Two keys make sense of it, the second one of its whole length.
    yield "two", b"\0\6XfRrur" + Cipher(b"camera").encode(punch)
    yield "head", b"\0\0\xf1\x30\0"


def message(data, noise=b"\x12\x34"):
    """A step of ppcs_frame.c that puts a message into a frame."""
    return b"\0" + noise + len(data).to_bytes(2, "big") + data


def wrong(bit, data):
    """Likewise, with a bit turned round."""
    return b"\1" + bit.to_bytes(2, "big") + message(data)[1:]


def raw(data):
    return b"\2" + len(data).to_bytes(2, "big") + data


def frame_seeds(conversations):
    """Settings, a number of cut sizes, these sizes, and steps."""
    plain = len(KEYS)
    frames = b""
    for conversation in conversations:
        key = KEYS.index(conversation.key) if conversation.key else plain
        for step in conversation.steps:
            if step.kind in "<>" and step.connection == STREAM:
                name = conversation.name.split("-")[0]
                yield f"frame-{name}", bytes([key, 2, 1, 3]) + raw(bytes(step.data))
                frames += bytes(step.data) if key == plain else b""
    alive, data = bytes.fromhex("f1e00000"), bytes.fromhex("f1d00007d100000041434b")
    yield "glued", bytes([plain, 1, 5]) + raw(2 * frames)
    yield "tail", bytes([plain, 1, 5]) + raw(frames + b"\0\4\x68")
    yield "nonsense", bytes([plain, 1, 1]) + message(alive) + raw(b"HTTP/1.1 400\r\n")
    yield "too-long", bytes([plain, 1, 7]) + message(alive) + raw(bytes.fromhex("0501680012340000"))
    yield "empty", bytes([plain, 0]) + raw(bytes.fromhex("0000680012344353")) + message(b"")
    for bit in (0, 12, 17, 24, 33, 48, 63, 64, 95):
        yield f"bit-{bit}", bytes([plain, 3, 1, 2, 9]) + wrong(bit, alive) + message(data)
    for key in range(plain + 1):
        noise = bytes([17 * key, 255 - key])
        steps = message(alive, noise) + message(data, noise[::-1]) + message(alive)
        yield f"key-{key}", bytes([key, 4, 1, 8, 30, 0]) + steps
    yield "most", bytes([0, 2, 255, 3]) + message(bytes(range(256)) * 5) + message(alive)
