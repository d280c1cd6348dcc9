# SPDX-License-Identifier: MIT
"""Seeds of libmeshtcp's fuzz targets, from vectors and handshake; seeds.py writes them."""

import pathlib

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"

# The order of schemas[] in meshtcp_message.c, and the port whose payload a schema is for.
SCHEMAS = (
    "user position routing route admin waypoint telemetry neighbors store_forward status paxcounter"
    " key_verification hardware channel metadata simulator config module"
).split()
PORTS = {
    2: "hardware", 3: "position", 4: "user", 5: "routing", 6: "admin", 8: "waypoint",
    12: "key_verification", 34: "paxcounter", 36: "status", 65: "store_forward",
    67: "telemetry", 69: "simulator", 70: "route", 71: "neighbors",
}
# Members of FromRadio that are a schema's message.
MEMBERS = {5: "config", 9: "module", 10: "channel", 13: "metadata"}
# The order of steps[] in meshtcp_session.c.
STEPS = (
    "deadline time accept fail bytes message download answer work send packet admin cancel want"
    " events flood values running"
).split()
# Settings: the order of times[].
T10, T100, T1000, T5000, T25000, T30000, T60000, T300000 = range(8)


def blocks():
    """(name, kind, bytes) of the vector file."""
    name = kind = None
    for line in (VECTORS / "meshtcp-vectors.txt").read_text().splitlines():
        if line.startswith("["):
            name = line[1:-1]
        elif line.startswith("kind: "):
            kind = line[6:]
        elif line.startswith("hex: "):
            yield name, kind, bytes.fromhex(line[5:])


def handshake():
    return (VECTORS / "meshtasticd-handshake.bin").read_bytes()


def frames(stream):
    while stream:
        size = int.from_bytes(stream[2:4], "big")
        yield stream[4 : 4 + size]
        stream = stream[4 + size :]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a sound message; bytes as they are."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at : at + size], at + size
        yield tag >> 3, value


def frame_seeds():
    streams = [(name, data) for name, kind, data in blocks() if kind.startswith("stream")]
    for name, data in streams:
        yield name.replace("_", "-"), bytes([3, 1, 7, 64]) + data
    yield "handshake", bytes([4, 1, 0, 100, 5]) + handshake()
    yield "given-up", bytes([2, 4, 0]) + bytes.fromhex("94c3004094c3000238019494c300023802")
    text = "caf\u00e9 \u2713".encode() + b"\r\n\xff\x00\n" + b"x" * 900 + b"\n"
    yield "text", bytes([1, 3]) + text


def message(name, data):
    return bytes([SCHEMAS.index(name)]) + data


def message_seeds():
    done = set()
    for name, kind, frame in blocks():
        if kind not in ("fromradio", "fromradio-bad", "toradio"):
            continue
        label, data = name.replace("_", "-"), frame[4:]
        yield label, message("user", data)
        if kind == "fromradio-bad":
            continue
        for member, inner in fields(data):
            if kind == "fromradio" and member in MEMBERS:
                yield f"{label}-inner", message(MEMBERS[member], inner)
            if member != (1 if kind == "toradio" else 2):
                continue
            yield f"{label}-packet", message("user", inner)
            content = dict(fields(dict(fields(inner)).get(4, b"")))
            port = content.get(1, 0)
            if port in PORTS and content.get(2, b"") not in done:
                done.add(content.get(2, b""))
                yield f"{label}-payload", message(PORTS[port], content.get(2, b""))
    for number, data in enumerate(frames(handshake())):
        for member, inner in fields(data):
            if member in MEMBERS and inner not in done:
                done.add(inner)
                yield f"handshake-{number}", message(MEMBERS[member], inner)


def step(name, *arguments):
    """One step; numbers are a byte each."""
    return bytes([STEPS.index(name), *arguments])


def say(data):
    return b"".join(
        step("bytes", len(data[i : i + 200])) + data[i : i + 200] for i in range(0, len(data), 200)
    )


def settings(download=0, check=T30000, silent=T60000, beat=T25000, timeout=T300000):
    """The four bytes before the steps; see configure() in meshtcp_session.c."""
    return bytes([download, check + 8 * silent, beat, timeout])


READY = step("work", 5)
# A text with and without an acknowledgement, a question, a private packet.
ACK = step("packet", 8, 0)
TEXT = step("packet", 0, 33) + b"x"
ASK = step("packet", 16 + 5, 0)
PRIVATE = step("packet", 6, 32 + 1) + b"x"
STATUS, RELAYED, DELIVERED, NAK, ANSWER = 4, 33, 1, 9, 2


def session_seeds():
    for download in range(3):
        yield f"life-{download}", settings(download) + READY + TEXT + 4 * step("work", 15)
    for number, answers in enumerate(
        ((STATUS, DELIVERED), (STATUS, RELAYED, DELIVERED), (STATUS, RELAYED, NAK), (NAK,),
         (16, NAK), (20,), (28,))
    ):
        said = b"".join(step("answer", way) for way in answers)
        yield f"ack-{number}", settings() + READY + ACK + said + step("work", 3) + step("events", 0)
    answer = step("answer", ANSWER, 3) + b"\x0a\x01\x02"
    yield "question", settings() + READY + ASK + step("answer", STATUS) + answer
    repeats = 6 * (step("send", 255) + step("deadline"))
    yield "repeats", settings() + READY + ACK + PRIVATE + repeats
    lost = step("fail", 1) + step("deadline") + READY
    yield "lost", settings() + READY + ACK + step("send", 255) + lost + step("answer", DELIVERED)
    yield "evicted", settings() + 4 * (READY + step("fail", 0) + step("deadline")) + READY
    yield "given", settings(192) + READY + ACK + step("fail", 1) + step("running", 1) + READY
    local = step("admin", 0) + b"\x28\x00" + step("answer", DELIVERED)
    read = step("admin", 1 + 8) + b"\x28\x05" + step("answer", ANSWER, 5) + b"\x32\x03\x32\x01\x08"
    yield "admin", settings() + READY + local + read
    write = step("admin", 2) + b"\x88\x06" + step("send", 255) + step("answer", 3)
    yield "passkey", settings() + READY + write + step("answer", DELIVERED)
    yield "passkey-old", settings() + READY + write + step("answer", 13) + 2 * step("answer", 3)
    long = step("admin", 2 + 48) + bytes(225)
    yield "passkey-long", settings() + READY + long + step("send", 9) + step("answer", 3)
    rebooted = step("message", 7, 2) + b"\0\1"
    yield "rebooted", settings() + READY + ACK + rebooted + READY + step("running", 128) + rebooted
    yield "closing", settings() + READY + step("running", 129) + PRIVATE + 3 * step("deadline")
    yield "wanted", settings(1) + READY + step("want", 0) + step("send", 9) + READY
    late = step("accept") + step("deadline") + step("send", 9) + step("download", 224)
    yield "late", settings() + late + 8 * step("deadline") + READY
    other = step("accept") + step("deadline") + step("send", 9) + step("download", 96 + 8)
    yield "other", settings() + READY + step("fail", 0) + step("deadline") + other
    quick = settings(0, T100, T1000, T100, T5000)
    yield "silent", quick + READY + PRIVATE + 30 * step("deadline")
    half = say(bytes.fromhex("94c3004094c300025a0094c3"))
    yield "half", settings() + READY + half + 4 * step("deadline")
    yield "flood", settings() + READY + 50 * (step("flood", 6) + b"line!\n") + step("events", 0)
    yield "many", settings(2) + 70 * PRIVATE + step("accept") + 5 * step("work", 15)
    yield "cancel", settings() + READY + ACK + TEXT + step("cancel", 0) + step("cancel", 255)
    packets = [data for name, kind, data in blocks() if kind.startswith("fromradio")]
    for number in range(0, len(packets), 16):
        said = b"".join(say(data) for data in packets[number : number + 16])
        yield f"said-{number // 16}", settings() + READY + ACK + said + step("values", 12)
    yield "handshake", settings() + step("accept") + say(handshake()) + step("values", 13)
