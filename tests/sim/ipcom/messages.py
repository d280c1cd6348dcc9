# SPDX-License-Identifier: MIT
"""Plain messages: their boundaries, the login, and the bus frame that a write carries."""

MODULES, OUTPUTS = 16, 8

CONNECT, DISCONNECT, KEEPALIVE, FRAME, OUTPUTS_ID, KEYPAD = 1, 2, 3, 4, 5, 6
NAMES = {CONNECT: "login", DISCONNECT: "disconnect", KEEPALIVE: "keepalive", FRAME: "write",
         OUTPUTS_ID: "poll", KEYPAD: "keypad"}

LOGIN_SIZE = 56
RESPONSE_SIZE = 135
SNAPSHOT_SIZE = 2 + MODULES * OUTPUTS
REQUEST_SIZES = {CONNECT: LOGIN_SIZE, DISCONNECT: 2, KEEPALIVE: 2, OUTPUTS_ID: 2, KEYPAD: 2}
ANSWER_SIZES = {CONNECT: RESPONSE_SIZE, DISCONNECT: 2, KEEPALIVE: 2, OUTPUTS_ID: SNAPSHOT_SIZE}
# Longer than any message: an ID-4 message with a bus byte and the largest length byte.
MESSAGE_MAX = 2 + 1 + 4 + 255

FRAME_START = 0x23
SET_VALUES = 0x01
USER, PASSWORD = b"USER:", b"PWD:"
FIELD_SIZE = 26
BASES = {"minido": 60, "bibus": 30, "other": 60}


class Malformed(ValueError):
    """Bytes that are no message; the text says why."""


def spelled(data):
    return data.hex(" ")


def size(plain, sizes):
    """How long the message is that begins here, None when too little of it is there."""
    if plain[0] in sizes:
        return sizes[plain[0]]
    if plain[0] != FRAME:
        raise Malformed(f"no message: {spelled(plain[:8])}")
    start = 2 if plain[2:3] in (b"", bytes([FRAME_START])) else 3
    if start == 3 and (plain[2] not in (1, 2) or plain[3:4] not in (b"", bytes([FRAME_START]))):
        raise Malformed(f"no bus frame: {spelled(plain[:8])}")
    return start + 4 + plain[start + 3] if len(plain) > start + 3 else None


def build_login(user, password, bus, lock=0):
    fields = USER + user.encode(), PASSWORD + password.encode()
    padded = b"".join(field.ljust(FIELD_SIZE) for field in fields)
    return bytes([CONNECT, 2]) + padded + bytes([bus, lock])


def parse_login(plain):
    """User, password and bus."""
    user, password = plain[2:2 + FIELD_SIZE], plain[2 + FIELD_SIZE:2 + 2 * FIELD_SIZE]
    if plain[:2] != bytes([CONNECT, 2]):
        raise Malformed(f"a login that begins {spelled(plain[:2])}")
    if not user.startswith(USER) or not password.startswith(PASSWORD):
        raise Malformed("a login without USER: and PWD:")
    bus, lock = plain[-2:]
    if bus not in (1, 2) or lock != 0:
        raise Malformed(f"a login for bus {bus} with lock {lock}")
    texts = [field.partition(b":")[2].rstrip(b" ").decode("utf-8", "replace")
             for field in (user, password)]
    if not all(texts):
        raise Malformed("a login with an empty user name or password")
    return texts[0], texts[1], bus


def build_response(status, firmware, key):
    """The long answer to a login; without a key its place is filled with zeros."""
    text = firmware.encode()[:4].ljust(4)
    return bytes([status, 2]) + text + b"\0" + (key or bytes(128))


def build_snapshot(values):
    """`values` is 16 lists of 8."""
    return bytes([OUTPUTS_ID, 1]) + b"".join(bytes(module) for module in values)


def checksum(data):
    total = 0
    for value in data:
        total ^= value
    return total


class Frame:
    """A bus frame; `bus` is 0 when it has no bus byte."""

    def __init__(self, bus, to, source, data):
        self.bus = bus
        self.to = to
        self.source = source
        self.data = bytes(data)

    def message(self):
        """The ID-4 message that carries it."""
        prefix = bytes([FRAME, 1]) + (bytes([self.bus]) if self.bus else b"")
        header = bytes([FRAME_START, self.to, self.source, len(self.data) + 1])
        return prefix + header + self.data + bytes([checksum(self.data)])


def parse_frame(plain):
    """The frame in a complete ID-4 message."""
    bus = 0 if plain[2] == FRAME_START else plain[2]
    frame = plain[3 if bus else 2:]
    data = frame[4:-1]
    if not data:
        raise Malformed(f"a frame without data: {spelled(frame)}")
    if frame[-1] != checksum(data):
        raise Malformed(f"a frame with checksum {frame[-1]:02x} instead of {checksum(data):02x}")
    return Frame(bus, frame[1], frame[2], data)


def place_of(module, bus, bus_type):
    """Bus address and bus byte for a write to a module (protocol sheet, section 7.2)."""
    bus_byte = 2 if bus == 2 or bus_type == "minido" else 1
    return BASES[bus_type] + module - 1, bus_byte


def nonzero(values):
    """`3.2=255 6.1=40`, or "-" when all outputs are off."""
    found = [f"{module}.{output}={value}" for module, row in enumerate(values, 1)
             for output, value in enumerate(row, 1) if value]
    return " ".join(found) or "-"


def rows(plain):
    """The 16 lists of 8 in a snapshot."""
    return [list(plain[place:place + OUTPUTS]) for place in range(2, SNAPSHOT_SIZE, OUTPUTS)]
