# SPDX-License-Identifier: MIT
"""The house behind the module: 16 modules of 8 outputs, wall switches and shutters.

`targets` is what was last asked for, `values` what a snapshot shows: after a write the two
differ for `apply_delay`. Wall switches change both at once.
"""

from . import messages
from .messages import MODULES, OUTPUTS


def parse_output(word):
    """Module and output of "3.4"."""
    module, dot, output = word.partition(".")
    if not dot or not module.isdecimal() or not output.isdecimal():
        raise ValueError(f"'{word}' is no MODULE.OUTPUT")
    place = int(module), int(output)
    if not 1 <= place[0] <= MODULES or not 1 <= place[1] <= OUTPUTS:
        raise ValueError(f"no output {word}")
    return place


class Model:
    def __init__(self, loop):
        self.loop = loop
        self.values = [[0] * OUTPUTS for _ in range(MODULES)]
        self.targets = [[0] * OUTPUTS for _ in range(MODULES)]
        self.apply_delay = 0.0
        self.dimmers = set()
        self.rounding = False
        self.pairs = []
        self.dead_time = 0.3
        self.off_at = {}
        self.after_snapshot = []
        self.switching = None
        self.bus_type = "minido"
        self.base = None
        self.bus_byte = None

    def get(self, place):
        return self.values[place[0] - 1][place[1] - 1]

    def target(self, place):
        return self.targets[place[0] - 1][place[1] - 1]

    def switch(self, place, value):
        """A wall switch."""
        module, output = place[0] - 1, place[1] - 1
        self.values[module][output] = self.targets[module][output] = value

    def switch_every(self, seconds, place):
        """A wall switch that somebody presses again and again; 0 seconds: never."""
        if self.switching:
            self.switching.cancel()
            self.switching = None
        if not seconds:
            return

        def press():
            self.switch(place, 0 if self.get(place) else 255)
            self.switching = self.loop.call_later(seconds, press)

        self.switching = self.loop.call_later(seconds, press)

    def snapshot_sent(self):
        """Wall switches that are pressed in the gap behind a snapshot."""
        pressed, self.after_snapshot = self.after_snapshot, []
        for place, value in pressed:
            self.switch(place, value)

    def module_of(self, frame, bus):
        """The module that a frame is for; Malformed when there is none."""
        base, bus_byte = messages.place_of(1, bus, self.bus_type)
        base = base if self.base is None else self.base
        bus_byte = bus_byte if self.bus_byte is None else self.bus_byte
        if frame.bus != bus_byte:
            raise messages.Malformed(f"a frame with bus byte {frame.bus} instead of {bus_byte}")
        if not base <= frame.to < base + MODULES:
            raise messages.Malformed(
                f"a frame to {frame.to:02x}, outside {base:02x}-{base + MODULES - 1:02x}")
        return frame.to - base + 1

    def write(self, module, wanted):
        """Sets eight outputs and returns what is wrong with doing so."""
        now = self.loop.now()
        found = self.check_pairs(module, wanted, now)
        present = self.targets[module - 1]
        for output in range(1, OUTPUTS + 1):
            if present[output - 1] and not wanted[output - 1]:
                self.off_at[module, output] = now
        wanted = list(wanted)
        self.targets[module - 1] = wanted
        if self.apply_delay:
            copy = list(wanted)
            self.loop.call_later(self.apply_delay, lambda: self.apply(module, wanted, copy))
        else:
            self.apply(module, wanted, wanted)
        return found

    def held(self, module, value):
        """What the output makes of a value: some dimmers know even percentages only."""
        if self.rounding and module in self.dimmers and value <= 100:
            return value & ~1
        return value

    def apply(self, module, target, wanted):
        """The bus has done it, also to an output that a wall switch has changed since."""
        self.values[module - 1] = [self.held(module, value) for value in wanted]
        target[:] = wanted

    def check_pairs(self, module, wanted, now):
        """Complaints about the two relays of a shutter."""
        found = []
        for pair in self.pairs:
            for place, other in (pair, pair[::-1]):
                if place[0] != module or not wanted[place[1] - 1]:
                    continue
                opposite = wanted[other[1] - 1] if other[0] == module else self.target(other)
                names = f"{place[0]}.{place[1]}", f"{other[0]}.{other[1]}"
                both = f"both relays on: {names[0]} and {names[1]}"
                mirrored = f"both relays on: {names[1]} and {names[0]}"
                if opposite:
                    found += [both] if mirrored not in found else []
                elif not self.target(place) and now - self.went_off(other, now) < self.dead_time:
                    found.append(f"{names[0]} on too soon after {names[1]} went off")
        return found

    def went_off(self, place, now):
        """When the relay was last switched off; in this very write if it is on."""
        return now if self.target(place) else self.off_at.get(place, float("-inf"))
