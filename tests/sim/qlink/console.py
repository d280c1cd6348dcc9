# SPDX-License-Identifier: MIT
"""The console's commands: press buttons, change loads, prepare the model, cause faults."""

import json

from simlib import ConsoleError, on_off

from .model import REGISTERS, Level, numbers

MASTER, STATION, SWITCH, PERCENT = (1, 15), (1, 189), (1, 255), (0, 100)
BUTTON = (MASTER, STATION, SWITCH)
PAYLOAD_MAX = 65536


def whole(word, low=0, high=1 << 31):
    return numbers([word], ((low, high),))[0]


def choice(word, *known):
    if word not in known:
        raise ConsoleError(f"'{word}' is none of {' '.join(known)}")
    return word


def mask(word):
    return numbers([str(int(word, 16))], ((0, 0x3FF),))[0]


def payload(word):
    data = bytes.fromhex(word)
    if len(data) > PAYLOAD_MAX:
        raise ConsoleError("too many bytes")
    return data


class HouseCommands:
    """What happens in the house, and what the model holds."""

    def __init__(self, loop, model, port):
        self.loop = loop
        self.model = model
        self.port = port

    def button(self, master, station, switch, state, serial=None):
        *address, state = numbers([master, station, switch, state], (*BUTTON, (0, 1)))
        address = tuple(address)
        serial = whole(serial) if serial else self.model.serial_of(address)
        self.model.key(address, state, serial)

    def press(self, master, station, switch, serial=None):
        self.button(master, station, switch, "1", serial)

    def release(self, master, station, switch, serial=None):
        self.button(master, station, switch, "0", serial)

    def infrared(self, master, zone, code, state, serial="0"):
        fields = numbers([master, zone, code, state], (MASTER, (1, 50), (0, 255), (0, 1)))
        self.model.report("IR", fields, whole(serial))

    def load(self, name, level, quiet=None):
        self.fade(name, level, "0", quiet)

    def fade(self, name, level, seconds, quiet=None):
        if quiet is not None:
            choice(quiet, "quiet")
        length = float(seconds)
        if not 0 <= length <= 6553.5:
            raise ConsoleError(f"{seconds} is not within 0-6553.5")
        # A physical address comes into being by naming it.
        key = self.model.parse_load(name)
        self.model.set_level(key, whole(level, *PERCENT), length, report=not quiet)

    def variable(self, master, number, level, quiet=None):
        whole(number, 1, 8)
        self.load(str(10000 + 10 * whole(master, *MASTER) + int(number)), level, quiet)

    def get(self, name):
        key = self.model.parse_load(name)
        target = self.model.level(key)
        if target is None:
            raise ConsoleError(f"no load {name}")
        present = self.model.levels[key].present(self.loop.now())
        return str(target) if present == target else f"{target} now {present}"

    def map(self, contractor, place):
        self.model.map(whole(contractor, 1, 9999), self.model.parse_load(place))

    def loads(self, text):
        self.model.map_loads(text)

    def scene(self, master, station, switch, *levels):
        if not levels or len(levels) % 2:
            raise ConsoleError("LOAD LEVEL pairs expected")
        pairs = zip(levels[0::2], levels[1::2])
        found = {self.model.parse_load(load): whole(level, *PERCENT) for load, level in pairs}
        for key in found:
            self.model.levels.setdefault(key, Level(0))
        self.model.scenes[tuple(numbers([master, station, switch], BUTTON))] = found

    def switch(self, master, station, switch, state):
        *address, state = numbers([master, station, switch, state], (*BUTTON, (0, 2)))
        self.model.switches[tuple(address)] = state

    def leds(self, master, station, on, blink):
        address = numbers([master, station], (MASTER, STATION))
        self.model.set_leds(*address, mask(on), mask(blink))

    def led(self, master, station, led, state):
        fields = numbers([master, station, led, state], (MASTER, STATION, (1, 10), (0, 2)))
        self.model.set_led(*fields)

    def lcd(self, master, station, button, state):
        words = [master, station, button, state]
        self.model.report("LC", numbers(words, (*BUTTON, (0, 1))))

    def external(self, master, station, switch, state):
        words = [master, station, switch, state]
        self.model.report("ST", numbers(words, (*BUTTON, (0, 1))))

    def all_on(self, excepted):
        self.model.all_loads(100, whole(excepted))

    def all_off(self, excepted):
        self.model.all_loads(0, whole(excepted))

    def master(self, number):
        if whole(number, *MASTER) not in self.model.masters:
            self.model.masters.append(int(number))

    def station(self, master, station, *row):
        defaults = ["0", "15", "1.0", "1", "10000"]
        if len(row) > len(defaults):
            raise ConsoleError("at most five fields behind the station")
        master, station = numbers([master, station], (MASTER, STATION))
        listed = self.model.stations.setdefault(master, {})
        listed[station] = [*row, *defaults[len(row):]]
        whole(listed[station][-1])

    def module(self, master, enclosure, module, kind, version):
        key = numbers([master, enclosure, module], (MASTER, (1, 4), (1, 4)))
        self.model.modules[tuple(key)] = [whole(kind), version]

    def name(self, master, address, position, *text):
        key = numbers([master, address, position], (MASTER, (0, 255), (1, 255)))
        self.model.names[tuple(key)] = " ".join(text)

    def timer(self, master, function, *values):
        key = tuple(numbers([master, function], (MASTER, (1, 255))))
        self.model.timers[key] = numbers(values, 13 * ((-1439, 9999),))

    def thermostat(self, master, station, register, value):
        words = [master, station, register, value]
        *key, value = numbers(words, (MASTER, (1, 50), (1, 99), (-999, 9999)))
        if key[2] not in REGISTERS:
            raise ConsoleError(f"no register {register}")
        self.model.registers[tuple(key)] = value

    def firmware(self, master, *text):
        self.model.firmware[whole(master, *MASTER)] = " ".join(text)

    def vacation(self, *text):
        self.model.vacation.append(" ".join(text))

    def where(self, master, port):
        self.model.where = tuple(numbers([master, port], (MASTER, (0, 4))))

    def reporting(self, *words):
        port = self.port
        if words:
            values = numbers(words, ((0, 1), (0, 1), (0, 1), (0, 3)))
            port.vos, port.vol, port.vod = tuple(values[:2]), values[2], values[3]
        return f"{port.vos[0]} {port.vos[1]} {port.vol} {port.vod}"

    def table(self):
        return {
            "press": ("MASTER STATION SWITCH [SERIAL]", self.press),
            "release": ("MASTER STATION SWITCH [SERIAL]", self.release),
            "button": ("MASTER STATION SWITCH STATE [SERIAL]", self.button),
            "ir": ("MASTER ZONE CODE STATE [SERIAL]", self.infrared),
            "load": ("LOAD LEVEL [quiet]", self.load),
            "fade": ("LOAD LEVEL SECONDS [quiet]", self.fade),
            "variable": ("MASTER NUMBER LEVEL [quiet]", self.variable),
            "get": ("LOAD", self.get),
            "map": ("CONTRACTOR LOAD", self.map),
            "loads": ("LIST", self.loads),
            "scene": ("MASTER STATION SWITCH LOAD LEVEL ...", self.scene),
            "switch": ("MASTER STATION SWITCH STATE", self.switch),
            "leds": ("MASTER STATION ON BLINK", self.leds),
            "led": ("MASTER STATION LED STATE", self.led),
            "lcd": ("MASTER STATION BUTTON STATE", self.lcd),
            "external": ("MASTER STATION SWITCH STATE", self.external),
            "allon": ("EXCEPTED", self.all_on),
            "alloff": ("EXCEPTED", self.all_off),
            "master": ("MASTER", self.master),
            "station": ("MASTER STATION [TYPE] [CFG] [VERSION] [SIXBIT] [SERIAL]", self.station),
            "module": ("MASTER ENCLOSURE MODULE TYPE VERSION", self.module),
            "name": ("MASTER ADDRESS POSITION TEXT ...", self.name),
            "timer": ("MASTER FUNCTION VALUE ...", self.timer),
            "thermostat": ("MASTER STATION REGISTER VALUE", self.thermostat),
            "firmware": ("MASTER TEXT ...", self.firmware),
            "vacation": ("TEXT ...", self.vacation),
            "where": ("MASTER PORT", self.where),
            "reporting": ("[FORMAT] [BUTTONS] [LOADS] [LEDS]", self.reporting),
        }


class LineCommands:
    """What goes wrong, and how the port spells."""

    def __init__(self, site):
        self.site = site

    def text(self, *words):
        self.site.report_text(" ".join(words))

    def error(self, code, count="1"):
        self.site.next.error = (int(choice(code, "256", "257", "258")), whole(count, 1))

    def answer(self, *words):
        """`|` separates lines; without words the next command stays without answer."""
        self.site.next.answer = " ".join(words).split(" | ") if words else []

    def late(self, milliseconds):
        self.site.next.late = whole(milliseconds) / 1000

    def before(self, data):
        self.site.next.before = payload(data)

    def between(self, data):
        self.site.next.between = payload(data)

    def after(self, data):
        self.site.next.after = payload(data)

    def send(self, data):
        self.site.send(payload(data))

    def garbage(self, count):
        for _ in range(whole(count, 1, 1000)):
            self.site.send(self.site.faults.garbage(avoid=b"\r\n") + self.site.port.ends())

    def garble(self, count):
        self.site.garble = whole(count)

    def silent(self, word):
        self.site.silent = on_off(word)

    def half_dead(self, word):
        self.site.half_dead = on_off(word)

    def delay(self, milliseconds):
        self.site.delay = whole(milliseconds) / 1000

    def patience(self, milliseconds):
        self.site.patience = whole(milliseconds) / 1000

    def gap(self, milliseconds):
        self.site.gap = whole(milliseconds) / 1000

    def events_to(self, word):
        self.site.events_to = choice(word, "all", "enabled")

    def replies_to(self, word):
        self.site.replies_to = choice(word, "all", "own")

    def readonly_policy(self, word):
        self.site.readonly_policy = choice(word, "257", "silent", "close", "accept")

    def spelling(self, name):
        def switch(word):
            setattr(self.site.port, name, on_off(word))
        return switch

    def hash(self, word):
        self.site.port.prefix = "hash" if on_off(word) else "plain"

    def prefix(self, word):
        self.site.port.prefix = choice(word, "plain", "hash", "command")

    def style(self, word):
        self.site.port.style = "@" if choice(word, "regular", "detailed") == "regular" else "#"

    def blanks(self, word):
        self.site.port.blanks = choice(word, "single", "double", "trailing")

    def error_form(self, word):
        self.site.port.error_form = choice(word, "bare", "field")

    def log(self):
        return json.dumps(list(self.site.log))

    def table(self):
        return {
            "text": ("TEXT ...", self.text),
            "error": ("CODE [COUNT]", self.error),
            "answer": ("...", self.answer),
            "late": ("MS", self.late),
            "before": ("HEX", self.before),
            "between": ("HEX", self.between),
            "after": ("HEX", self.after),
            "send": ("HEX", self.send),
            "garbage": ("LINES", self.garbage),
            "garble": ("LINES", self.garble),
            "silent": ("on|off", self.silent),
            "half-dead": ("on|off", self.half_dead),
            "delay": ("MS", self.delay),
            "patience": ("MS", self.patience),
            "gap": ("MS", self.gap),
            "events-to": ("all|enabled", self.events_to),
            "replies-to": ("all|own", self.replies_to),
            "readonly-policy": ("257|silent|close|accept", self.readonly_policy),
            "crlf": ("on|off", self.spelling("crlf")),
            "ignore-modifier": ("on|off", self.spelling("ignore_modifier")),
            "misprints": ("on|off", self.spelling("misprints")),
            "suppress-errors": ("on|off", self.spelling("suppress_errors")),
            "timer-master": ("on|off", self.spelling("timer_master")),
            "own-lo": ("on|off", self.spelling("own_lo")),
            "hash": ("on|off", self.hash),
            "prefix": ("plain|hash|command", self.prefix),
            "style": ("regular|detailed", self.style),
            "blanks": ("single|double|trailing", self.blanks),
            "error-form": ("bare|field", self.error_form),
            "log": ("", self.log),
        }
