# SPDX-License-Identifier: MIT
"""The console's commands: wall switches, a second client, keys, and faults."""

import json

from simlib import ConsoleError, on_off

from .messages import BASES, MODULES, OUTPUTS, nonzero
from .model import parse_output
from .server import KEYS

PAYLOAD_MAX = 4096


def whole(word, low=0, high=1 << 31):
    value = int(word)
    if not low <= value <= high:
        raise ConsoleError(f"{word} is not within {low}-{high}")
    return value


def payload(words):
    data = bytes.fromhex("".join(words))
    if len(data) > PAYLOAD_MAX:
        raise ConsoleError("too many bytes")
    return data


class HouseCommands:
    """What happens in the house, and how it is wired."""

    def __init__(self, model):
        self.model = model

    def wall(self, output, value):
        self.model.switch(parse_output(output), whole(value, 0, 255))

    def wall_next(self, output, value):
        change = parse_output(output), whole(value, 0, 255)
        self.model.after_snapshot.append(change)

    def wall_every(self, milliseconds, output="1.1"):
        self.model.switch_every(whole(milliseconds) / 1000, parse_output(output))

    def other(self, module, *values):
        """A second client writes; what it does wrong is not our client's fault."""
        if len(values) != OUTPUTS:
            raise ConsoleError(f"{OUTPUTS} values expected")
        wanted = [whole(value, 0, 255) for value in values]
        self.model.write(whole(module, 1, MODULES), wanted)

    def get(self, output=None):
        if output is None:
            return nonzero(self.model.values)
        return str(self.model.get(parse_output(output)))

    def pairs(self, text):
        """`5.7-5.8,5.1-5.2`, or `none`."""
        found = []
        for pair in text.split(",") if text != "none" else []:
            places = [parse_output(word) for word in pair.split("-")]
            if len(set(places)) != 2:
                raise ConsoleError(f"'{pair}' is no pair of relays")
            found.append(places)
        self.model.pairs = found

    def dimmers(self, text):
        words = text.split(",") if text != "none" else []
        self.model.dimmers = {whole(word, 1, MODULES) for word in words}

    def rounding(self, word):
        self.model.rounding = on_off(word)

    def apply_delay(self, milliseconds):
        self.model.apply_delay = whole(milliseconds) / 1000

    def dead_time(self, milliseconds):
        self.model.dead_time = whole(milliseconds) / 1000

    def bus_type(self, word):
        if word not in BASES:
            raise ConsoleError(f"'{word}' is none of {' '.join(BASES)}")
        self.model.bus_type = word

    def addresses(self, base, bus_byte):
        place = whole(base, 0, 256 - MODULES), whole(bus_byte, 0, 2)
        self.model.base, self.model.bus_byte = place

    def table(self):
        return {
            "wall": ("OUTPUT VALUE", self.wall),
            "wall-next": ("OUTPUT VALUE", self.wall_next),
            "wall-every": ("MS [OUTPUT]", self.wall_every),
            "other": ("MODULE VALUE ...", self.other),
            "get": ("[OUTPUT]", self.get),
            "pairs": ("LIST|none", self.pairs),
            "dimmers": ("LIST|none", self.dimmers),
            "rounding": ("on|off", self.rounding),
            "apply-delay": ("MS", self.apply_delay),
            "dead-time": ("MS", self.dead_time),
            "bus-type": ("minido|bibus|other", self.bus_type),
            "addresses": ("BASE BUS-BYTE", self.addresses),
        }


class LineCommands:
    """How the device treats its clients, and what goes wrong on the line."""

    def __init__(self, device):
        self.device = device

    def key(self, word, when=None):
        if when not in (None, "now"):
            raise ConsoleError("usage: key p|q|random|alternate|HEX [now]")
        if word not in (*KEYS, "random", "alternate") and len(payload([word])) != 128:
            raise ConsoleError("a key has 128 bytes")
        self.device.key = word
        if when:
            self.device.new_key(self.device.session_key())

    def firmware(self, text):
        if not 1 <= len(text.encode()) <= 4:
            raise ConsoleError("1 to 4 bytes expected")
        self.device.firmware = text

    def upstream(self, word):
        if on_off(word) and self.device.key != "p":
            raise ConsoleError("that client works with key p only")
        self.device.upstream = on_off(word)

    def fragment(self, size):
        pace = self.device.pace
        pace.size = whole(size)
        pace.mode = "split" if pace.size else "normal"

    def late(self, milliseconds):
        self.device.next.late = whole(milliseconds) / 1000

    def answer(self, *data):
        self.device.next.answer = payload(data)

    def before(self, *data):
        self.device.next.before.append(payload(data))

    def after(self, *data):
        self.device.next.after.append(payload(data))

    def send(self, *data):
        if not payload(data):
            raise ConsoleError("bytes expected")
        self.device.send(payload(data))

    def send_raw(self, *data):
        self.device.send_raw(payload(data))

    def log(self):
        return json.dumps(list(self.device.records))

    def word(self, name, *known):
        def change(word):
            if known and word not in known:
                raise ConsoleError(f"'{word}' is none of {' '.join(known)}")
            setattr(self.device, name, word)
        return "|".join(known) or "TEXT", change

    def switch(self, name):
        def change(word):
            setattr(self.device, name, on_off(word))
        return "on|off", change

    def time(self, name):
        def change(milliseconds):
            setattr(self.device, name, whole(milliseconds) / 1000)
        return "MS", change

    def drop_after(self, count):
        self.device.drop_after = whole(count)

    def counted(self, kind):
        def change(count="1"):
            self.device.next.counts[kind] = whole(count)
        return "[COUNT]", change

    def table(self):
        found = {
            "key": ("p|q|random|alternate|HEX [now]", self.key),
            "user": self.word("user"),
            "password": self.word("password"),
            "firmware": ("TEXT", self.firmware),
            "login": self.word("login", "normal", "short", "unencrypted", "refuse"),
            "refuse": self.word("refuse", "close", "reset", "login", "session", "short", "long",
                                "silent"),
            "write-answer": self.word("write_answer", "ack", "snapshot", "none"),
            "unknown": self.word("unknown_policy", "ignore", "disconnect", "close"),
            "upstream": ("on|off", self.upstream),
            "fragment": ("BYTES", self.fragment),
            "late": ("MS", self.late),
            "answer": ("...", self.answer),
            "before": ("HEX ...", self.before),
            "after": ("HEX ...", self.after),
            "send": ("HEX ...", self.send),
            "send-raw": ("HEX ...", self.send_raw),
            "drop-after": ("MESSAGES", self.drop_after),
            "log": ("", self.log),
        }
        for name in ("ack-bus", "hang-up", "disconnect-answer", "silent", "echo"):
            found[name] = self.switch(name.replace("-", "_"))
        for name in ("delay", "patience", "write-gap"):
            found[name] = self.time(name.replace("-", "_"))
        for kind in ("lose", "duplicate", "garble", "glue", "bad-checksum"):
            found[kind] = self.counted(kind)
        return found
