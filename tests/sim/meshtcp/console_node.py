# SPDX-License-Identifier: MIT
"""The console's commands for the node itself, its neighbours, its radio and its clock."""

import json

from simlib import ConsoleError, on_off

from .console_mesh import assigned, hexed, text_of, whole
from .policy import parse
from .stations import FLAGS, RESERVED, Station
from .tables import decode, encode, node_id, plain

DAY = 86400
# Modes with a number behind them.
NUMBERED = ("nak", "own-nak", "late")
# Refusals that a routing packet repeats.
NAK_NUMBERS = (6, 7, 9, 34, 38, 39)


class NodeCommands:
    def __init__(self, device):
        self.device = device
        self.mesh = device.mesh
        self.radio = device.radio

    # Stations.

    def station(self, word):
        found = self.mesh.find(self.mesh.parse(word))
        if found is None:
            raise ConsoleError(f"no node '{word}'")
        return found

    def nodes(self, count=None):
        """With a number: that many other nodes, all new; without one: who there is."""
        if count is not None:
            self.mesh.populate(whole(count, 0, 100000))
            return None
        return json.dumps([{"num": one.number, "id": node_id(one.number), **plain(one.user or {}),
                            "hops": one.hops}
                           for one in (self.mesh.own, *self.mesh.others.values())])

    def change(self, station, words):
        """`long=Name short=N key=HEX|none|random lat=1.5 lon=2 alt=3 snr=5 ... battery=80`."""
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                raise ConsoleError(f"'{word}' is no FIELD=VALUE")
            self.change_one(station, name, value)

    def change_one(self, station, name, value):
        user = {"long": "long_name", "short": "short_name"}.get(name)
        if user:
            station.set_user({user: text_of(value)})
        elif name == "key":
            made = {"none": b"", "random": self.device.faults.random.randbytes(32)}.get(value)
            station.set_user({"public_key": hexed(value) if made is None else made})
        elif name in ("hw_model", "role", "is_licensed", "is_unmessagable", "macaddr"):
            station.set_user(assigned("User", [f"{name}={value}"]))
        elif name in ("lat", "lon"):
            key = "latitude_i" if name == "lat" else "longitude_i"
            station.position = station.position | {key: round(float(value) * 1e7)}
        elif name == "alt":
            station.position = station.position | {"altitude": int(value)}
        elif name in ("battery", "voltage"):
            key = "battery_level" if name == "battery" else name
            metrics = station.telemetry.setdefault("device_metrics", {})
            metrics |= assigned("DeviceMetrics", [f"{key}={value}"])
        elif name == "snr":
            station.snr = float(value)
        elif name in ("rssi", "channel", "heard_ago"):
            setattr(station, name, int(value))
            station.last_heard = None
        elif name == "hops":
            station.hops = None if value == "none" else whole(value, 0, 7)
        elif name == "status":
            station.status = text_of(value)
        elif name in FLAGS:
            station.flags[name] = on_off(value)
        elif name == "user" and value == "none":
            station.user = None
        elif name == "position" and value == "none":
            station.position = {}
        else:
            raise ConsoleError(f"no field '{name}'")

    def add_node(self, number, *words):
        number = self.mesh.parse(number)
        if self.mesh.find(number):
            raise ConsoleError(f"{node_id(number)} is there already")
        station = Station(number)
        self.change(station, words)
        self.mesh.add(station)

    def node(self, word, *words):
        self.change(self.station(word), words)

    def own(self, *words):
        self.change(self.mesh.own, words)

    def remove_node(self, word):
        if self.mesh.others.pop(self.mesh.parse(word), None) is None:
            raise ConsoleError(f"no node '{word}'")

    def num(self, word):
        """From now on another device answers at this address."""
        number = self.mesh.parse(word)
        if number in RESERVED or number in self.mesh.others:
            raise ConsoleError(f"{node_id(number)} cannot be the own node")
        self.mesh.own.number = number

    # Configuration.

    def sections(self, table, words):
        name, values = words[0], words[1:]
        sections = getattr(self.device.own_admin(), table)
        if name not in sections.fields:
            raise ConsoleError(f"'{name}' is none of {' '.join(sections.fields)}")
        field = sections.fields[name]
        if len(values) == 1 and "=" not in values[0]:
            sections.raw[field.number] = hexed(values[0])
        elif values and not field.message:
            raise ConsoleError("this section is given in hex")
        elif values:
            sections.change(name, assigned(field.message, values))
        else:
            raw = sections.raw[field.number]
            return json.dumps(plain(sections.read(name) if field.message else raw))
        return None

    def config(self, *words):
        return self.sections("config", words)

    def module(self, *words):
        return self.sections("modules", words)

    def channel(self, index, role=None, name=None, psk=None):
        channels = self.device.own_admin().channels
        index = whole(index, 0, len(channels) - 1)
        if role is None:
            return json.dumps(plain(decode("Channel", channels[index])))
        settings = {"name": text_of(name) if name not in (None, "-") else "",
                    "psk": hexed(psk) if psk else b"\1"}
        channels[index] = encode("Channel", {"index": index, "settings": settings,
                                             "role": whole(role, 0, 2)})
        return None

    def firmware(self, text):
        self.device.set_firmware(text)

    def files(self, count):
        self.device.files = whole(count, 0, 1000)

    def download_file(self, path):
        """Plays the frames of a recording instead of the own download; `off` ends that."""
        try:
            self.device.play_recording(None if path == "off" else path)
        except OSError as error:
            raise ConsoleError(str(error)) from None

    # Radio.

    def of_nodes(self, words):
        """The words of a mode with their number, and the node that may stand behind them."""
        own = 2 if words[0] in NUMBERED and len(words) > 1 else 1
        if len(words) > own + 1:
            raise ConsoleError(f"'{words[own + 1]}' is one word too many")
        target = self.mesh.parse(words[own]) if len(words) > own else None
        if target in RESERVED and not self.mesh.everybody(target):
            raise ConsoleError(f"{node_id(target)} cannot be a node")
        return words[:own], target

    def ack(self, *words):
        words, target = self.of_nodes(words)
        policies = self.radio.policies
        if target is None:
            policies.default = parse(words)
            policies.special.clear()
        else:
            policies.special[target] = parse(words)

    def answers(self, *words):
        words, target = self.of_nodes(words)
        self.device.answers.set_mode(words, target)

    def route(self, target, *relays):
        """The nodes between us and a node, `?` for one that does not say who it is."""
        hops = [0xFFFFFFFF if word == "?" else self.mesh.parse(word) for word in relays]
        self.device.answers.routes[self.mesh.parse(target)] = hops

    def authorize(self, node, word):
        self.mesh.admin(self.station(node)).trusts = on_off(word)

    def passkey(self, node, word=None):
        """What a node takes at the moment; `new` makes it forget that."""
        state = self.mesh.admin(self.station(node))
        if word == "new":
            state.passkey = None
        return (state.passkey or b"").hex() or "-"

    def admin_log(self):
        return json.dumps(plain(self.device.answers.admin.actions))

    def free(self, word):
        self.radio.free_override = None if word == "auto" else whole(word, 0, 16)
        self.radio.tell_room()

    def full(self, word):
        self.radio.full = on_off(word)
        self.radio.tell_room()

    def airtime(self, milliseconds):
        self.radio.airtime = whole(milliseconds) / 1000

    def radio_mode(self, word):
        self.radio.present = on_off(word)

    def refuse_packets(self, res, count="1"):
        res = whole(res, 0, 65535)
        self.radio.refusals.extend([(res, res in NAK_NUMBERS)] * whole(count, 1, 1000))

    def throttle(self, word):
        self.radio.throttle = on_off(word)

    def strict_pacing(self, word):
        self.radio.strict_pacing = on_off(word)

    def duplicate(self, count="1"):
        self.radio.duplicate = whole(count)

    def rx_age(self, seconds):
        self.radio.rx_age = whole(seconds, 0, 10000 * DAY)

    def telemetry_every(self, seconds):
        self.device.telemetry_every(float(seconds))

    # Time and power.

    def clock_scale(self, factor):
        value = float(factor)
        if not 0 <= value <= 1e6:
            raise ConsoleError(f"{factor} is not within 0-1000000")
        self.device.clock.set_scale(value)

    def clock_advance(self, seconds):
        if not 0 <= float(seconds) <= 1000 * DAY:
            raise ConsoleError(f"{seconds} is not within 0-{1000 * DAY}")
        self.device.clock.advance(float(seconds))

    def time(self, word=None):
        if word is None:
            epoch = self.device.clock.epoch()
            return "none" if epoch is None else str(epoch)
        self.device.clock.set_epoch(None if word == "none" else whole(word))
        return None

    def power(self, word):
        if on_off(word):
            self.device.power_on()
        else:
            self.device.power_off()

    def reboot(self, seconds="0"):
        self.device.reboot_in(float(seconds))

    def boot_time(self, milliseconds):
        self.device.boot_time = whole(milliseconds) / 1000

    def reboot_after_write(self, word):
        self.device.reboot_delay = None if word == "off" else whole(word) / 1000

    def table(self):
        return {
            "nodes": ("[COUNT]", self.nodes),
            "add-node": ("NUM [FIELD=VALUE] ...", self.add_node),
            "node": ("NODE FIELD=VALUE ...", self.node),
            "own": ("FIELD=VALUE ...", self.own),
            "remove-node": ("NODE", self.remove_node),
            "num": ("NUM", self.num),
            "config": ("SECTION [FIELD=VALUE|HEX] ...", self.config),
            "module": ("SECTION [FIELD=VALUE|HEX] ...", self.module),
            "channel": ("INDEX [ROLE] [NAME|-] [PSK_HEX]", self.channel),
            "firmware": ("VERSION", self.firmware),
            "files": ("COUNT", self.files),
            "download-file": ("PATH|off", self.download_file),
            "ack": ("real|implicit|both|none|absent|nak|own-nak|late|STEPS [N|MS] [NODE]",
                    self.ack),
            "answers": ("on|off|late|nak [MS|N] [NODE]", self.answers),
            "route": ("NODE [RELAY|?] ...", self.route),
            "authorize": ("NODE on|off", self.authorize),
            "passkey": ("NODE [new]", self.passkey),
            "admin-log": ("", self.admin_log),
            "free": ("COUNT|auto", self.free),
            "full": ("on|off", self.full),
            "airtime": ("MS", self.airtime),
            "radio": ("on|off", self.radio_mode),
            "refuse-packets": ("RES [COUNT]", self.refuse_packets),
            "throttle": ("on|off", self.throttle),
            "strict-pacing": ("on|off", self.strict_pacing),
            "duplicate": ("[COUNT]", self.duplicate),
            "rx-age": ("SECONDS", self.rx_age),
            "telemetry-every": ("SECONDS", self.telemetry_every),
            "clock-scale": ("FACTOR", self.clock_scale),
            "clock-advance": ("SECONDS", self.clock_advance),
            "time": ("[EPOCH|none]", self.time),
            "power": ("on|off", self.power),
            "reboot": ("[SECONDS]", self.reboot),
            "boot-time": ("MS", self.boot_time),
            "reboot-after-write": ("MS|off", self.reboot_after_write),
        }
