# SPDX-License-Identifier: MIT
"""The masters' state: loads, buttons, LEDs, time functions, thermostats, names, lists.

It knows neither lines nor sockets. What happens in the house is told to `report(word,
fields, serial)`; whether and how that becomes an event line is the serial port's affair.
Masters and stations that nobody listed all exist, so that a test need not build a house;
once one is listed, only listed ones do.
"""

import re

LOADS_PER_MODULE = 8
MODULES_PER_ENCLOSURE = 4
ENCLOSURES = 4
TIMER_VALUES = 13
REGISTERS = frozenset((5, 6, 7, 8, 9, 10, 11, 12, 13, 48, 49, 50, 51, 52, 53))
VARIABLE_MODULE = 17


def integer(word):
    """A short decimal number; ValueError names the word."""
    if not re.fullmatch(r"-?[0-9]{1,10}", word):
        raise ValueError(f"'{word}' is no number")
    return int(word)


def numbers(words, ranges):
    """Decimal words as integers, each within its (low, high), else ValueError."""
    if len(words) != len(ranges):
        raise ValueError(f"{len(ranges)} numbers expected, not {len(words)}")
    values = []
    for word, (low, high) in zip(words, ranges):
        value = integer(word)
        if not low <= value <= high:
            raise ValueError(f"{value} is not within {low}-{high}")
        values.append(value)
    return values


def parse_numbers(text):
    """`101-120,201` as a list, at most 2000 long (15 masters have 1920 loads)."""
    found = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        first, last = numbers([low, high or low], ((1, 9999), (1, 9999)))
        found += range(first, last + 1)
    if not found or len(found) > 2000:
        raise ValueError(f"bad list of loads '{text}'")
    return found


def variable_of(contractor):
    """The variable behind a contractor number 10011-10158, or None."""
    master, number = divmod(contractor - 10000, 10)
    if 1 <= master <= 15 and 1 <= number <= 8:
        return ("LV", master, number)
    return None


def module_load(master, module, load):
    """The load of a module counted over the enclosures; module 17 holds the variables."""
    if module == VARIABLE_MODULE:
        return ("LV", master, load)
    enclosure, place = divmod(module - 1, MODULES_PER_ENCLOSURE)
    return ("LO", master, enclosure + 1, place + 1, load)


class Level:
    """A level on its way from `start` to `target`."""

    def __init__(self, target):
        self.set(target, target, 0.0, 0.0)

    def set(self, start, target, now, seconds):
        self.start, self.target, self.since, self.seconds = start, target, now, seconds

    def present(self, now):
        passed = now - self.since
        if passed >= self.seconds:
            return self.target
        return round(self.start + (self.target - self.start) * passed / self.seconds)


class Model:
    def __init__(self, loop, report):
        self.loop = loop
        self.report = report
        self.contractors = {}
        self.levels = {}
        self.switches = {}
        self.scenes = {}
        self.leds = {}
        self.masters = []
        self.stations = {}
        self.modules = {}
        self.names = {}
        self.timers = {}
        self.registers = {}
        self.firmware = {}
        self.profiles = {}
        self.vacation = []
        self.where = (1, 1)

    # Loads. A key is the word of the load's event and its address: ("LO", 1, 1, 1, 1).

    def map_loads(self, text):
        """Contractor numbers to physical addresses in order, eight to a module."""
        for place, contractor in enumerate(parse_numbers(text)):
            module, load = divmod(place, LOADS_PER_MODULE)
            enclosure, module = divmod(module, MODULES_PER_ENCLOSURE)
            master, enclosure = divmod(enclosure, ENCLOSURES)
            self.map(contractor, ("LO", master + 1, enclosure + 1, module + 1, load + 1))

    def map(self, contractor, key):
        self.contractors[contractor] = key
        self.levels.setdefault(key, Level(0))

    def parse_load(self, text):
        """The key for `101`, `1.2.3.4` or `2/33/8`."""
        if "." in text:
            fields = numbers(text.split("."), ((1, 15), (1, 4), (1, 4), (1, 8)))
            return ("LO", *fields)
        if "/" in text:
            return ("LS", *numbers(text.split("/"), ((1, 15), (1, 189), (1, 8))))
        key = self.by_contractor(integer(text))
        if key is None:
            raise ValueError(f"no load {text}")
        return key

    def by_contractor(self, contractor):
        return self.contractors.get(contractor) or variable_of(contractor)

    def level(self, key):
        """The level to answer with, which is the target of a fade; None: no such load."""
        if key is not None and key[0] == "LV":
            return self.levels.setdefault(key, Level(0)).target
        return self.levels[key].target if key in self.levels else None

    def set_level(self, key, target, seconds=0.0, report=True):
        """Starts towards `target`; reports when it is reached."""
        item = self.levels.setdefault(key, Level(0))
        now = self.loop.now()
        item.set(item.present(now), target, now, seconds)
        if not report:
            return
        if not seconds:
            self.report(key[0], [*key[1:], target])
            return

        def reached():
            if item.since == now:
                self.report(key[0], [*key[1:], target])

        self.loop.call_later(seconds, reached)

    def module_levels(self, master, enclosure, module):
        """Eight levels, or None when the module has no load."""
        keys = [("LO", master, enclosure, module, load) for load in range(1, 9)]
        if not any(key in self.levels for key in keys):
            return None
        return [self.level(key) or 0 for key in keys]

    def all_loads(self, target, excepted):
        """All On, All Off: no report for the single loads; the first ones are the exceptions."""
        loads = sorted(key for key in self.levels if key[0] != "LV")
        variables = [key for key in self.levels if key[0] == "LV" and target == 0]
        for key in loads[excepted:] + variables:
            self.set_level(key, target, report=False)
        self.report("AON" if target else "AOFF", [excepted])

    # Buttons.

    def station_exists(self, master, station):
        if self.masters and master not in self.masters:
            return False
        listed = self.stations.get(master)
        return not listed or station in listed

    def switch_state(self, address):
        if not self.station_exists(*address[:2]):
            return 2
        return self.switches.get(address, 0)

    def serial_of(self, address):
        """A real key press carries the serial number of its station."""
        listed = self.stations.get(address[0], {})
        if address[1] in listed:
            return int(listed[address[1]][-1])
        return 100000 + 1000 * address[0] + address[1]

    def key(self, address, state, serial):
        """A key goes down or up; the function runs when it comes up."""
        if not state:
            self.run_switch(address, 1 - self.switches.get(address, 0))
        self.report("SW", [*address, state], serial)

    def run_switch(self, address, state):
        """Executes the button's function: its scene, or just a change of its own state."""
        if self.switches.get(address) == 2:
            return
        self.switches[address] = state
        for key, level in self.scenes.get(address, {}).items():
            self.set_level(key, level if state else 0)

    def virtual_key(self, address, state):
        """What a VSW command does; a station that does not exist does nothing."""
        if not self.station_exists(*address[:2]):
            return
        if state in (0, 1):
            self.run_switch(address, state)
        elif state == 2 and address in self.scenes:
            self.scenes[address] = {key: self.level(key) for key in self.scenes[address]}
        if state in (4, 6):
            self.key(address, 1, 0)
        if state in (5, 6):
            self.key(address, 0, 0)

    # LEDs: two masks for each station, bit 0 = LED 1.

    def set_leds(self, master, station, on, blink, report=True):
        self.leds[(master, station)] = (on, blink)
        if report:
            self.report("LE", [master, station, f"{on:02X}", f"{blink:02X}"])

    def set_led(self, master, station, led, state, report=True):
        on, blink = self.leds.get((master, station), (0, 0))
        bit = 1 << (led - 1)
        on, blink = on & ~bit, blink & ~bit
        if state == 1:
            on |= bit
        elif state == 2:
            blink |= bit
        self.set_leds(master, station, on, blink, report)

    # Time functions, masters.

    def timer(self, master, function):
        return self.timers.setdefault((master, function), [0] * TIMER_VALUES)

    def master_list(self):
        if self.masters:
            return self.masters
        return sorted({key[1] for key in self.levels}) or [1]
