#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Frames of our encoders against `protoc --decode_raw`, which knows nothing of us.

    test_protoc.py ENCODER
"""

import random
import shutil
import subprocess
import sys

SEED = 20
PACKETS = 60
UTF8 = "Salut \u00e0 tous \u2713".encode()
TEXTS = (b"", b"Hello mesh", UTF8, b"\x28\x05", b"\xdd\x02\x00\x78\xe7\x68")
PARTS = (
    "from_ to id channel priority port hops ack response pki request reply emoji payload"
).split()


def decode_raw(data):
    """What protoc makes of a message: a list of (number, value), a message within being a list."""
    out = subprocess.run(
        ["protoc", "--decode_raw"], input=data, capture_output=True, check=True
    ).stdout.decode()
    stack = [[]]
    for line in out.splitlines():
        line = line.strip()
        if line.endswith("{"):
            stack.append([int(line[:-1])])
        elif line == "}":
            number, *inner = stack.pop()
            stack[-1].append((number, inner))
        else:
            number, value = line.split(": ", 1)
            stack[-1].append((int(number), value))
    return stack[0]


def number(field, value):
    return [(field, str(value))] if value else []


def fixed(field, value):
    return [(field, f"0x{value:08x}")] if value else []


def expected_packet(p):
    data = number(1, p["port"])
    if p["payload"]:
        data += [(2, None)]  # protoc guesses what bytes are: compared apart
    data += number(3, p["response"]) + fixed(6, p["request"]) + fixed(7, p["reply"])
    data += fixed(8, p["emoji"])
    packet = fixed(1, p["from_"]) + fixed(2, p["to"]) + number(3, p["channel"]) + [(4, data)]
    packet += fixed(6, p["id"]) + number(9, p["hops"]) + number(10, p["ack"])
    packet += number(11, p["priority"]) + number(17, p["pki"])
    return [(1, packet)]


def same(got, expected):
    if len(got) != len(expected):
        return False
    for (number_a, a), (number_b, b) in zip(got, expected):
        if number_a != number_b:
            return False
        if isinstance(b, list):
            if not isinstance(a, list) or not same(a, b):
                return False
        elif b is not None and a != b:
            return False
    return True


def random_packet(chance, payload):
    def some(value):
        return value if chance.random() < 0.7 else 0

    word = 2**32 - 1
    return {
        "from_": some(chance.randint(1, word)),
        "to": chance.choice((word, chance.randint(1, word))),
        "id": chance.randint(1, word),
        "channel": chance.randint(0, 7),
        "priority": some(70),
        "port": chance.choice((1, 3, 6, 67, 70, 127, 128, 256, 511)),
        "hops": chance.randint(0, 7),
        "ack": chance.randint(0, 1),
        "response": chance.randint(0, 1),
        "pki": chance.randint(0, 1),
        "request": some(chance.randint(1, word)),
        "reply": some(chance.randint(1, word)),
        "emoji": some(1),
        "payload": payload,
    }


def packets():
    chance = random.Random(SEED)
    payloads = list(TEXTS) + [bytes([0x61]) * n for n in (1, 127, 128, 232, 233)]
    while len(payloads) < PACKETS:
        payloads.append(chance.randbytes(chance.randint(0, 233)))
    return [random_packet(chance, payload) for payload in payloads]


def cases():
    """(line for the encoder, what protoc has to say, bytes that have to be in it)"""
    for nonce in (1, 127, 128, 69420, 0x12345678, 2**32 - 1):
        yield f"want {nonce}", [(3, str(nonce))], b""
    yield "heartbeat", [(7, '""')], b""
    yield "disconnect", [(4, "1")], b""
    for p in packets():
        words = [p[name] if name != "payload" else p[name].hex() or "-" for name in PARTS]
        yield "packet " + " ".join(map(str, words)), expected_packet(p), p["payload"]


def main():
    if not shutil.which("protoc"):
        print("protoc is not installed")
        return 77
    asked = list(cases())
    text = "".join(line + "\n" for line, _, _ in asked)
    out = subprocess.run([sys.argv[1]], input=text, capture_output=True, text=True, check=True)
    answers = out.stdout.split("\n")[:-1]
    assert len(answers) == len(asked), len(answers)
    for (line, expected, payload), answer in zip(asked, answers):
        frame = bytes.fromhex(answer)
        assert frame[:2] == b"\x94\xc3" and int.from_bytes(frame[2:4], "big") == len(frame) - 4
        got = decode_raw(frame[4:])
        assert same(got, expected), f"{line}: {got} instead of {expected}"
        assert payload in frame, line
    print(f"{len(asked)} frames")
    return 0


if __name__ == "__main__":
    sys.exit(main())
