# SPDX-License-Identifier: MIT
"""The console's commands for what is sent to the client, and for what it has sent.

A text is one word; %20 stands for a space and %XX for any byte.
"""

import json
import re

from simlib import ConsoleError

from .flood import Flood
from .framing import frame
from .stations import BOB, VARIANTS
from .tables import (BROADCAST, FRAME_MAX, NODEINFO, PAYLOAD_MAX, POSITION, SCHEMA, TELEMETRY,
                     TEXT, encode, from_radio)

FLOOD_MAX = 100000000


def whole(word, low=0, high=(1 << 32) - 1):
    value = int(word, 0)
    if not low <= value <= high:
        raise ConsoleError(f"{word} is not within {low}-{high}")
    return value


def unescaped(word):
    """The bytes of a word with %XX in it."""
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()),
                  word.encode())


def text_of(word):
    return unescaped(word).decode("utf-8", "replace")


def hexed(word):
    return b"" if word == "-" else bytes.fromhex(word)


def assigned(message, words):
    """`lat=1.5 name=x` -> values for the fields of a message."""
    fields = SCHEMA.fields(message)
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in fields or not equals:
            raise ConsoleError(f"'{word}' is no FIELD=VALUE of {' '.join(fields)}")
        found[name] = value_of(fields[name].kind, value)
    return found


def value_of(kind, word):
    if kind == "str":
        return text_of(word)
    if kind == "bytes":
        return hexed(word)
    if kind == "float":
        return float(word)
    if kind == "bool":
        if word not in ("0", "1", "on", "off", "true", "false"):
            raise ConsoleError(f"'{word}' is neither on nor off")
        return word in ("1", "on", "true")
    return int(word, 0)


class MeshCommands:
    """What other nodes and the own node send."""

    def __init__(self, device):
        self.device = device
        self.radio = device.radio

    def node(self, word):
        return self.device.mesh.parse(word)

    def target(self, word):
        return BROADCAST if word is None else self.node(word)

    def hear(self, sender, port, payload, to=None, channel="0", **more):
        self.radio.hear(self.node(sender), port, payload, self.target(to),
                        whole(channel, 0, 255), **more)

    def text(self, sender, text, to=None, channel="0"):
        self.hear(sender, TEXT, unescaped(text), to, channel)

    def reply(self, sender, reply_id, text, to=None, channel="0"):
        self.hear(sender, TEXT, unescaped(text), to, channel, reply_id=whole(reply_id))

    def react(self, sender, reply_id, text, to=None, channel="0"):
        self.hear(sender, TEXT, unescaped(text), to, channel, reply_id=whole(reply_id), emoji=1)

    def packet(self, sender, port, data, to=None, channel="0"):
        self.hear(sender, whole(port, 0, 511), hexed(data), to, channel)

    def answer(self, sender, port, data, request_id):
        self.hear(sender, whole(port, 0, 511), hexed(data), "^local", request_id=whole(request_id))

    def encrypted(self, sender, channel_hash, data, to=None):
        self.radio.hear_encrypted(self.node(sender), whole(channel_hash, 0, 255), hexed(data),
                                  self.target(to))

    def routing(self, sender, error, request_id):
        self.radio.routing(whole(error, 0, 65535), whole(request_id), self.node(sender))

    def position(self, sender, latitude, longitude, altitude="0", to=None):
        station = self.device.mesh.heard(self.node(sender))
        station.position = station.position | {
            "latitude_i": round(float(latitude) * 1e7),
            "longitude_i": round(float(longitude) * 1e7),
            "altitude": whole(altitude, -20000, 100000), "time": self.device.clock.epoch() or 0}
        self.hear(sender, POSITION, encode("Position", station.position), to)

    def telemetry(self, sender, variant, *words):
        if variant not in VARIANTS:
            raise ConsoleError(f"'{variant}' is none of {' '.join(VARIANTS)}")
        name = VARIANTS[variant]
        station = self.device.mesh.heard(self.node(sender))
        table = SCHEMA.fields("Telemetry")[name].message
        values = station.telemetry.setdefault(name, {})
        values |= assigned(table, words)
        message = {"time": self.device.clock.epoch() or 0, name: values}
        self.hear(sender, TELEMETRY, encode("Telemetry", message))

    def userinfo(self, sender, to=None):
        station = self.device.mesh.heard(self.node(sender))
        self.hear(sender, NODEINFO, encode("User", station.user_message()), to)

    def notify(self, text, reply_id=None, level="30"):
        reply = None if reply_id in (None, "-") else whole(reply_id)
        self.device.notify(text_of(text), reply, whole(level))

    def log(self, text=None, level="20", source="Simulator"):
        """With a text a record for the client; without one all that came from it."""
        if text is None:
            return json.dumps(self.device.journal.log())
        self.device.to_session(from_radio(log_record={
            "message": text_of(text), "time": self.device.clock.epoch() or 0, "source": source,
            "level": whole(level)}))
        return None

    def status(self, res, number="0", free=None):
        """A queue status that no packet of the client asked for."""
        session = self.session_line().owner
        session.status(int(res), whole(number), self.radio.free() if free is None else whole(free))

    def rebooted(self):
        self.device.to_session(from_radio(rebooted=True))

    def session_line(self):
        session = self.device.current
        if session is None:
            raise ConsoleError("nobody is connected")
        return session.line

    def raw(self, *words):
        self.session_line().write(bytes.fromhex("".join(words)))

    def frame(self, *words):
        payload = bytes.fromhex("".join(word for word in words if word != "-"))
        if len(payload) > FRAME_MAX:
            raise ConsoleError(f"more than {FRAME_MAX} bytes")
        self.session_line()
        self.device.to_session(payload)

    def garbage(self, word):
        """A decimal number: so many random bytes, none of them 94; anything else is hex."""
        chance = self.device.faults
        if word.isdecimal():
            most = whole(word, 1, 65536)
            data = bytes(chance.random.choices([one for one in range(256) if one != 0x94], k=most))
        else:
            data = hexed(word.removeprefix("0x"))
        self.session_line().write(data)

    def debug_text(self, text):
        self.session_line().write(unescaped(text) + b"\r\n")

    def half_frame(self, size):
        """The beginning of a text packet's frame."""
        wire = frame(from_radio(packet={
            "from": 0x0BADF00D, "to": BROADCAST, "id": self.device.new_id(),
            "decoded": {"portnum": TEXT, "payload": b"never to be seen in full"}}))
        return wire[:whole(size, 1, len(wire) - 1) if size else len(wire) // 2]

    def cut(self, size=None):
        line = self.session_line()
        line.write(self.half_frame(size))
        line.close("cut")

    def torn(self, size=None):
        self.session_line().write(self.half_frame(size))

    def flood(self, count, port="1", size="32", sender=None):
        sender = BOB if sender is None else self.node(sender)
        self.device.flood = Flood(self.device, whole(count, 1, FLOOD_MAX), whole(port, 0, 511),
                                  whole(size, 0, PAYLOAD_MAX), sender)
        self.device.pump()

    def texts(self):
        return json.dumps(self.radio.texts)

    def forget(self):
        """Empties what `log`, `texts` and `admin-log` show."""
        self.device.journal.records.clear()
        self.radio.texts.clear()
        self.device.answers.admin.actions.clear()

    def table(self):
        return {
            "text": ("FROM TEXT [TO] [CHANNEL]", self.text),
            "reply": ("FROM REPLY_ID TEXT [TO] [CHANNEL]", self.reply),
            "react": ("FROM REPLY_ID EMOJI [TO] [CHANNEL]", self.react),
            "packet": ("FROM PORT HEX|- [TO] [CHANNEL]", self.packet),
            "answer": ("FROM PORT HEX|- REQUEST_ID", self.answer),
            "encrypted": ("FROM HASH HEX [TO]", self.encrypted),
            "routing": ("FROM ERROR REQUEST_ID", self.routing),
            "position": ("FROM LAT LON [ALT] [TO]", self.position),
            "telemetry": ("FROM VARIANT [FIELD=VALUE] ...", self.telemetry),
            "userinfo": ("FROM [TO]", self.userinfo),
            "notify": ("TEXT [REPLY_ID|-] [LEVEL]", self.notify),
            "log": ("[TEXT] [LEVEL] [SOURCE]", self.log),
            "status": ("RES [ID] [FREE]", self.status),
            "rebooted": ("", self.rebooted),
            "raw": ("HEX ...", self.raw),
            "frame": ("HEX|- ...", self.frame),
            "garbage": ("HEX|COUNT", self.garbage),
            "debug-text": ("TEXT", self.debug_text),
            "cut": ("[BYTES]", self.cut),
            "torn": ("[BYTES]", self.torn),
            "flood": ("COUNT [PORT] [SIZE] [FROM]", self.flood),
            "texts": ("", self.texts),
            "forget": ("", self.forget),
        }
