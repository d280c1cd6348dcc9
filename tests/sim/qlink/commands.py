# SPDX-License-Identifier: MIT
"""The commands: grammar, parameters with their ranges, and what each one answers.

A handler gets the port and the checked values. It returns nothing when the answer is a
parameter as it was sent (the table says which), else a list of values, which the detailed
style puts behind the parameters, or a `Lines`. A parameter that the client should have
refused itself (protocol sheet, section 9) is a violation as well as error 257.
"""

import re

from .model import REGISTERS, module_load

GRAMMAR = re.compile(r"(V(?:[A-Z]{2}|\?[A-Z]))([!@#]?)((?: [!-~]+)*)")
COMMAND_MAX = 200
BAD_COMMAND, BAD_PARAMETER, SYSTEM_ERROR = 256, 257, 258

# Kinds of parameters with their range; the first group is the client's to check.
CHECKED = {
    "m": (1, 15), "enc": (1, 4), "mod": (1, 4), "mod17": (1, 17), "load": (1, 8),
    "lvl": (0, 100), "st": (1, 189), "sw": (1, 255), "led": (1, 10), "vsw": (0, 6),
    "vld": (0, 2), "vod": (0, 3), "flag": (0, 1), "echo": (0, 65535),
}
UNCHECKED = {
    "onoff": (0, 1), "function": (1, 255), "tstate": (0, 2), "hour": (-1, 25),
    "minute": (-1439, 1439), "day": (0, 31), "month": (0, 12), "year": (0, 9999),
    "day15": (0, 14), "count": (1, 9999), "code": (0, 255), "set": (0, 8), "profile": (2, 22),
    "load4": (1, 4), "st50": (1, 50), "value": (-999, 9999), "serial": (0, 9999999),
    "address": (0, 255), "pos": (1, 255), "adjust": (97, 97),
}


class DeviceError(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Lines:
    """An answer line by line: words of the regular and of the detailed style."""

    def __init__(self, *pairs):
        self.pairs = pairs


class Command:
    def __init__(self, kind, parameters, handler, echo=None, counts=None):
        self.kind = kind
        self.parameters = parameters.split()
        self.handler = handler
        self.echo = echo
        self.counts = counts or (len(self.parameters),)


def contractor(word):
    value = int(word)
    return 1 <= value <= 9999 or (10011 <= value <= 10158 and 1 <= value % 10 <= 8)


def fade(word):
    """Seconds, or None. The firmware misreads a fraction of zero as a very long fade."""
    if not re.fullmatch(r"\d{1,4}(\.\d)?", word) or float(word) > 6553.5:
        return None
    return float(word) * (100 if word.endswith(".0") else 1)


def check(kind, word, complain):
    """The value of one parameter; `complain(text)` names what the client should not send."""
    if kind == "text":
        return word
    if kind in ("hex", "sixbit"):
        pattern = "[0-9A-Fa-f]{1,4}" if kind == "hex" else r"C\d{1,2}"
        if not re.fullmatch(pattern, word):
            raise DeviceError(BAD_PARAMETER)
        return word
    if kind == "fade":
        seconds = fade(word)
        if seconds is None or word.endswith(".0"):
            complain(f"fade spelled '{word}'")
        if seconds is None:
            raise DeviceError(BAD_PARAMETER)
        return seconds
    if not re.fullmatch(r"-?\d{1,7}", word):
        complain(f"parameter '{word}' is no number")
        raise DeviceError(BAD_PARAMETER)
    if kind == "con":
        good = contractor(word)
    else:
        low, high = CHECKED.get(kind) or UNCHECKED[kind]
        good = low <= int(word) <= high
    if not good:
        if kind not in UNCHECKED:
            complain(f"parameter {word} is out of range")
        raise DeviceError(BAD_PARAMETER)
    return int(word)


def execute(port, verb, words, complain):
    """Runs a command; returns the lines as (regular, detailed) words behind the prefix."""
    command = COMMANDS.get(verb)
    if command is None:
        raise DeviceError(BAD_COMMAND)
    kinds = command.parameters
    if kinds == ["text"]:
        values = [" ".join(words)]
    elif len(words) not in command.counts:
        complain(f"{verb} with {len(words)} parameters")
        raise DeviceError(BAD_PARAMETER)
    else:
        values = [check(kind, word, complain) for kind, word in zip(kinds, words)]
    found = command.handler(port, *values)
    if isinstance(found, Lines):
        return found.pairs
    if command.echo is not None:
        return [([words[command.echo]], words)]
    if found is None:
        return [(words, words)]
    found = [str(value) for value in found]
    return [(found, words + found)]


# Loads

def set_load(port, key, level, seconds=0.0):
    if port.model.level(key) is None:
        raise DeviceError(BAD_PARAMETER)
    port.model.set_level(key, level, seconds, report=port.own_lo)


def get_load(port, key):
    level = port.model.level(key)
    if level is None:
        raise DeviceError(BAD_PARAMETER)
    return [level]


def get_module(port, *address):
    levels = port.model.module_levels(*address)
    if levels is None:
        raise DeviceError(BAD_PARAMETER)
    return levels


# Buttons, time functions and LEDs

def virtual_key(port, master, station, switch, state):
    port.model.virtual_key((master, station, switch), state)


def switch_states(port, master, station):
    return [port.model.switch_state((master, station, switch)) for switch in range(1, 11)]


def run_timer(port, master, function, state):
    port.model.timer(master, function)[0] = state


def timer_lines(port, master, function):
    values = [str(value) for value in port.model.timer(master, function)]
    address = [str(master), str(function)] if port.timer_master else [str(function)]
    return Lines((values, address + values))


def set_timer(port, master, function, *values):
    port.model.timer(master, function)[:len(values)] = values
    return timer_lines(port, master, function)


def set_led(port, master, station, led, state):
    port.model.set_led(master, station, led, state, report=False)


def get_led(port, master, station, led):
    on, blink = port.model.leds.get((master, station), (0, 0))
    bit = 1 << (led - 1)
    return [2 if blink & bit else 1 if on & bit else 0]


def get_leds(port, *address):
    return [f"{mask:02X}" for mask in port.model.leds.get(address, (0, 0))]


# The port's reporting and format

def report_buttons(port, with_serial, enable):
    port.vos = (with_serial, enable)
    port.enables("SW", enable)


def report_loads(port, enable):
    port.vol = enable
    port.enables("LO", enable)


def report_leds(port, enable):
    port.vod = enable
    port.enables("LE", enable & 1)
    port.enables("LC", enable & 2)


def delimiter(port, linefeed, detailed=0):
    port.crlf = bool(linefeed)
    port.style = "#" if detailed else "@"


# System

def nothing(*_):
    """Accepted; there is nothing in the model that it would change."""


def firmware(port, master):
    return port.model.firmware.get(master, "VER 7.89 3/14/2007").split()


def name(port, *address):
    if address not in port.model.names:
        raise DeviceError(BAD_PARAMETER)
    return [port.model.names[address]]


def masters(port):
    found = port.model.master_list()
    return [len(found), *found]


def table(rows, *head):
    """A count and then a line for each row; the detailed form names the master first."""
    head = [str(word) for word in head]
    lines = [([str(len(rows))], [*head, str(len(rows))])]
    for row in rows:
        words = [str(word) for word in row]
        lines.append((words, words))
    return Lines(*lines)


def modules(port, master):
    found = sorted((key, row) for key, row in port.model.modules.items() if key[0] == master)
    return table([(*key, *row) for key, row in found], master)


def stations(port, master):
    listed = sorted(port.model.stations.get(master, {}).items())
    return table([(master, station, *row) for station, row in listed], master)


def vacation(port, *_):
    return Lines(*[([text], [text]) for text in port.model.vacation or ["0"]])


def profile(port, *values):
    port.model.profiles[values[:-1]] = values[-1]


def assign_station(port, master, station, serial):
    row = port.model.stations.get(master, {}).get(station)
    if row:
        row[-1] = str(serial)
    return [0]


# Thermostats and infrared

def read_registers(port, master, station, *registers):
    try:
        return [port.model.registers[(master, station, register)] for register in registers]
    except KeyError:
        raise DeviceError(BAD_PARAMETER) from None


def write_registers(port, master, station, *pairs):
    if not REGISTERS.issuperset(pairs[0::2]):
        raise DeviceError(BAD_PARAMETER)
    for register, value in zip(pairs[0::2], pairs[1::2]):
        port.model.registers[(master, station, register)] = value


def send_code_set(_port, _master, code_set, code, _state, _emitter):
    if code_set and code > 31:
        raise DeviceError(BAD_PARAMETER)


def by_number(function):
    """Handler for a load given by contractor number."""
    return lambda p, con, *rest: function(p, p.model.by_contractor(con), *rest)


def by_module(function):
    return lambda p, m, mod, load, *rest: function(p, module_load(m, mod, load), *rest)


def by_place(function):
    return lambda p, m, enc, mod, load, *rest: function(p, ("LO", m, enc, mod, load), *rest)


def by_station(function):
    return lambda p, m, st, load, *rest: function(p, ("LS", m, st, load), *rest)


COMMANDS = {
    "VLO": Command("W", "con lvl fade", by_number(set_load), echo=1, counts=(2, 3)),
    "VLA": Command("W", "m mod17 load lvl fade", by_module(set_load), echo=3, counts=(4, 5)),
    "VLB": Command("W", "m enc mod load lvl fade", by_place(set_load), echo=4, counts=(5, 6)),
    "VLC": Command("W", "m st load lvl fade", by_station(set_load), echo=3, counts=(4, 5)),
    "VGL": Command("R", "con", by_number(get_load)),
    "VGA": Command("R", "m mod17 load", by_module(get_load)),
    "VGB": Command("R", "m enc mod load", by_place(get_load)),
    "VGC": Command("R", "m st load", by_station(get_load)),
    "VGD": Command("R", "m enc mod", get_module),
    "VSW": Command("W", "m st sw vsw", virtual_key, echo=3),
    "VGS": Command("R", "m st sw", lambda p, *address: [p.model.switch_state(address)]),
    "VGT": Command("R", "m st", switch_states),
    "VET": Command("W", "m function onoff", run_timer, echo=2),
    "VQT": Command("R", "m function", timer_lines),
    "VST": Command("P", "m function tstate hour minute" + 7 * " onoff" + " day month year",
                   set_timer, counts=(3, 5, 12, 15)),
    "VLD": Command("W", "m st led vld", set_led, echo=3),
    "VLS": Command("R", "m st led", get_led),
    "VLT": Command("R", "m st", get_leds),
    "VOS": Command("M", "flag flag", report_buttons, echo=1),
    "VOL": Command("M", "flag", report_loads, echo=0),
    "VOD": Command("M", "vod", report_leds, echo=0),
    "VCL": Command("M", "flag flag", delimiter, counts=(1, 2)),
    "VEC": Command("R", "echo", nothing, echo=0),
    "VGV": Command("R", "m", firmware),
    "VGN": Command("R", "m address pos", name),
    "VQA": Command("R", "", lambda port: port.model.where),
    "VQM": Command("R", "", masters),
    "VQP": Command("R", "m", modules),
    "VQS": Command("R", "m", stations),
    "V?V": Command("R", "m", vacation),
    "V?D": Command("R", "m day15 count", vacation, counts=(2, 3)),
    "V?S": Command("P", "m sixbit adjust hex count", lambda *_: [0]),
    "VLP": Command("P", "m enc mod load profile", profile, echo=4),
    "VSP": Command("P", "m st load4 profile", profile, echo=3),
    "VSC": Command("P", "m st serial", assign_station),
    "VPG": Command("P", "text", lambda *_: [0]),
    "VGH": Command("R", "m st50 value value value value", read_registers, counts=(3, 4, 5, 6)),
    "VSH": Command("W", "m st50" + 3 * " value value", write_registers, echo=1,
                   counts=(4, 6, 8)),
    "VIR": Command("W", "m code onoff st", nothing, echo=2),
    "VIC": Command("W", "m set code onoff st", send_code_set, echo=3),
}
