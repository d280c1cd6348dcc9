# SPDX-License-Identifier: MIT
"""Seeds of the fuzz target of libmeshtcp's share; seeds.py writes them."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "sim"))

from meshtcp.framing import frame  # noqa: E402
from meshtcp.stations import OWN  # noqa: E402
from meshtcp.tables import BROADCAST, encode  # noqa: E402

BOB, WIRE = 0x433B2F10, 0x01020304
TEXT, NODEINFO, ADMIN, PRIVATE = 1, 4, 6, 256
WAKE = 32 * b"\xc3"
ALLOWED = 1  # of the first byte
# Members of the admin message: reads, writes, both, answers, and what is none.
ADMIN_PAYLOADS = {
    "get-owner": "1801",
    "get-config": "2807aa06080102030405060708",
    "get-channel": "0801",
    "reboot": "880605",
    "set-time": "dd0204030201",
    "remove-node": "b002908ddd9a04",
    "read-and-reboot": "1801880605",
    "answer": "220102",
    "torn": "1801ff",
}
# Packets that could be read in two ways.
TWO_WAYS = {
    "two-contents": "15ffffffff2202080122050806120100",
    "cipher-and-clear": "15ffffffff2a0101220208062a0102",
    "two-ports": "15c4f1a29e2208080612038806050801",
    "port-as-bytes": "15c4f1a29e22090a0008061203880605",
    "two-destinations": "15ffffffff15c4f1a29e220708061203880605",
    "long-port": "220908868080808001120100",
    "long-ids": "15ffffffff22100801120168388480888880013584808888",
}


def to_radio(**message):
    return frame(encode("ToRadio", message))


def packet(port, payload, to=BROADCAST, **data):
    return to_radio(packet={"from": OWN, "to": to, "id": 7, "hop_limit": 3, "want_ack": True,
                            "decoded": {"portnum": port, "payload": payload, **data}})


def raw_packet(content):
    return frame(b"\x0a" + bytes([len(content)]) + content)


def seed(stream, settings=0, cuts=()):
    return bytes([settings, len(cuts), *cuts]) + stream


def share_seeds():
    begin = WAKE + to_radio(want_config_id=69420)
    yield "begin", seed(begin + frame(b"\x3a\x00") + frame(b"\x20\x01"), cuts=(1, 5, 40))
    yield "text", seed(begin + packet(TEXT, b"hello"), cuts=(3,))
    yield "reply", seed(packet(TEXT, b"yes", reply_id=77) + packet(TEXT, b"", request_id=78))
    yield "reply-wire", seed(packet(TEXT, b"x", reply_id=WIRE, request_id=WIRE))
    yield "node-info", seed(packet(NODEINFO, b"", to=BROADCAST) + packet(NODEINFO, b"", to=BOB))
    for size in (232, 233, 234):
        yield f"long-{size}", seed(packet(PRIVATE, size * b"x"), cuts=(255,))
    for name, payload in ADMIN_PAYLOADS.items():
        for to in (OWN, BOB):
            stream = packet(ADMIN, bytes.fromhex(payload), to=to, want_response=True)
            yield f"admin-{name}-{to:x}", seed(stream)
            yield f"admin-{name}-{to:x}-allowed", seed(stream, ALLOWED)
    for name, content in TWO_WAYS.items():
        yield name, seed(raw_packet(bytes.fromhex(content)))
    yield "cipher", seed(raw_packet(bytes.fromhex("15ffffffff2a03010203")), ALLOWED)
    yield "no-frame", seed(bytes.fromhex("94c3020194c3ffff9494c30002") + b"\x3a\x00", cuts=(1, 2))
    yield "other-members", seed(frame(bytes.fromhex("2a020806")) + frame(bytes.fromhex("3200")))
