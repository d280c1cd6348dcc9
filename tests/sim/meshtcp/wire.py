# SPDX-License-Identifier: MIT
"""Reading and writing messages by table (protocol sheet, section 4).

A table comes from text such as `Heartbeat: 1 u32 nonce`, a message as a dict. Writing leaves
out plain fields at their default; fields marked `opt` or `1of` are written whenever they are
in the dict. Reading keeps what was there: unknown fields are skipped, a field of a known
number with the wrong wire type is an error, as the node has it.
"""

import struct

VARINT, FIX64, LENGTH, FIX32 = 0, 1, 2, 5
MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1
VARINT_MAX = 10
SHORT = [bytes([value]) for value in range(128)]
BINARY32 = {"fix32": struct.Struct("<I"), "sfix32": struct.Struct("<i"),
            "float": struct.Struct("<f")}


class Malformed(ValueError):
    """Bytes that are no message; the text says why."""


def varint(value):
    if value < 128:
        return SHORT[value]
    found = bytearray()
    while value >= 128:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def read_varint(data, place):
    """The value and the place behind it."""
    value = shift = 0
    for index in range(place, min(place + VARINT_MAX, len(data))):
        byte = data[index]
        value |= (byte & 127) << shift
        if byte < 128:
            return value & MASK64, index + 1
        shift += 7
    if len(data) - place < VARINT_MAX:
        raise Malformed("a number that is cut off")
    raise Malformed("a number of more than ten bytes")


def scan(data):
    """All fields of a message as (number, wire type, value)."""
    place, end = 0, len(data)
    while place < end:
        key, place = read_varint(data, place)
        number, kind = key >> 3, key & 7
        if not number or key > MASK32:
            raise Malformed(f"field number {number}")
        if kind == VARINT:
            value, place = read_varint(data, place)
        elif kind in (LENGTH, FIX32, FIX64):
            size = 4 if kind == FIX32 else 8
            if kind == LENGTH:
                size, place = read_varint(data, place)
            if place + size > end:
                raise Malformed(f"field {number} goes {place + size - end} bytes beyond the end")
            value = data[place:place + size]
            place += size
        else:
            raise Malformed(f"field {number} with wire type {kind}")
        yield number, kind, value


def signed(value):
    """The low 32 bits with their sign."""
    return ((value & MASK32) ^ 0x80000000) - 0x80000000


# Type: how a number becomes the unsigned value of a varint, and back.
NUMBERS = {
    "u32": (lambda value: value & MASK32, lambda value: value & MASK32),
    "u64": (lambda value: value & MASK64, lambda value: value),
    "i32": (lambda value: value & MASK64, signed),
    "enum": (lambda value: value & MASK64, signed),
    "s32": (lambda value: (value << 1) ^ (value >> 31),
            lambda value: (value & MASK32) >> 1 ^ -(value & 1)),
    "bool": (int, bool),
}
EMPTY = {"bool": False, "str": "", "bytes": b"", "float": 0.0}


class Field:
    """One row of a table; `presence` is "", "opt", "1of" or "[]"."""

    def __init__(self, number, kind, name, presence):
        self.number = number
        self.kind = kind
        self.name = name
        self.presence = presence
        self.message = None if kind in NUMBERS or kind in BINARY32 or kind in EMPTY else kind
        self.wire = VARINT if kind in NUMBERS else FIX32 if kind in BINARY32 else LENGTH
        self.empty = EMPTY.get(kind, 0)
        self.key = varint(number << 3 | self.wire)
        self.list_key = varint(number << 3 | LENGTH)
        self.rivals = ()

    def write_one(self, schema, value):
        """The value without its key."""
        if self.wire == VARINT:
            return varint(NUMBERS[self.kind][0](value))
        if self.wire == FIX32:
            try:
                return BINARY32[self.kind].pack(value)
            except (struct.error, OverflowError):
                raise Malformed(f"{self.name} cannot be {value}") from None
        if self.message:
            # Bytes stand for a message that was written before.
            data = value if isinstance(value, bytes) else schema.encode(self.message, value)
        else:
            data = value.encode("utf-8", "surrogateescape") if self.kind == "str" else value
        return varint(len(data)) + data

    def write(self, schema, value):
        if self.presence != "[]":
            if not self.presence and not self.message and value == self.empty:
                return b""
            return self.key + self.write_one(schema, value)
        if self.wire == LENGTH:
            return b"".join(self.key + self.write_one(schema, item) for item in value)
        packed = b"".join(self.write_one(schema, item) for item in value)
        return self.list_key + varint(len(packed)) + packed if packed else b""

    def read_one(self, kind, value):
        if kind != self.wire:
            raise Malformed(f"field {self.number} with wire type {kind}")
        if kind == VARINT:
            return NUMBERS[self.kind][1](value)
        if kind == FIX32:
            return BINARY32[self.kind].unpack(value)[0]
        if self.kind == "str":
            return value.decode("utf-8", "surrogateescape")
        return bytes(value)

    def read(self, schema, kind, value, found):
        """Adds a value to the message `found`."""
        if self.presence == "[]":
            self.read_item(schema, kind, value, found.setdefault(self.name, []))
            return
        for rival in self.rivals:
            found.pop(rival, None)
        if not self.message:
            found[self.name] = self.read_one(kind, value)
        elif kind == LENGTH:
            schema.decode(self.message, value, found.setdefault(self.name, {}))
        else:
            raise Malformed(f"field {self.number} with wire type {kind}")

    def read_item(self, schema, kind, value, items):
        if self.message and kind == LENGTH:
            items.append(schema.decode(self.message, value))
        elif kind == LENGTH != self.wire:
            place = 0
            while place < len(value):
                if self.wire == VARINT:
                    one, place = read_varint(value, place)
                else:
                    one, place = value[place:place + 4], place + 4
                    if len(one) < 4:
                        raise Malformed(f"field {self.number} with a number that is cut off")
                items.append(self.read_one(self.wire, one))
        else:
            items.append(self.read_one(kind, value))


class Schema:
    """All tables. A line of `text` that is indented continues the one before."""

    def __init__(self, *texts):
        self.tables = {}
        lines = "".join(texts).replace("\n  ", " ").splitlines()
        for name, _, rows in (line.partition(": ") for line in lines if line):
            fields = [self.row(row.split()) for row in rows.split(", ") if row.strip()]
            fields.sort(key=lambda field: field.number)
            members = [field.name for field in fields if field.presence == "1of"]
            for field in fields:
                if field.presence == "1of":
                    field.rivals = tuple(one for one in members if one != field.name)
            self.tables[name] = {field.number: field for field in fields}

    @staticmethod
    def row(words):
        return Field(int(words[0]), words[1], words[2], words[3] if len(words) > 3 else "")

    def encode(self, name, message):
        found = []
        for field in self.tables[name].values():
            value = message.get(field.name)
            if value is not None:
                found.append(field.write(self, value))
        return b"".join(found)

    def decode(self, name, data, found=None):
        """The message in `data`, merged into `found` if there is one; Malformed."""
        found = {} if found is None else found
        table = self.tables[name]
        for number, kind, value in scan(data):
            field = table.get(number)
            if field:
                field.read(self, kind, value, found)
        return found

    def member(self, name, message):
        """The field of the oneof that is set, or None."""
        for field in self.tables[name].values():
            if field.presence == "1of" and field.name in message:
                return field
        return None

    @staticmethod
    def inner(data, number):
        """The bytes of a length-delimited field in a sound message, b"" without one."""
        found = b""
        for one, kind, value in scan(data):
            if one == number and kind == LENGTH:
                found = bytes(value)
        return found

    def fields(self, name):
        """Name -> row."""
        return {field.name: field for field in self.tables[name].values()}
