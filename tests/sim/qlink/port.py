# SPDX-License-Identifier: MIT
"""The serial port of a master: reporting, delimiter and the spelling of answers.

All of it belongs to the port and not to a connection, so it survives disconnects and is the
same for every client. The switches that no real port has choose among the spellings that
the protocol sheet (sections 2.1 and 2.2) reports from different installations.
"""

from . import commands

MISPRINTS = {"VQA": "RQM", "VGH": "RGD", "VIC": "RIR", "VSP": "RLP", "VGC": "VGC#"}
GROUPS = {"SW": "SW", "IR": "SW", "LO": "LO", "LS": "LO", "LV": "LO", "AON": "LO", "AOFF": "LO",
          "LE": "LE", "LC": "LC"}


class Port:
    def __init__(self):
        self.model = None
        self.vos = (0, 0)
        self.vol = 0
        self.vod = 0
        self.crlf = False
        self.style = "@"
        self.prefix = "plain"
        self.ignore_modifier = False
        self.misprints = False
        self.blanks = "single"
        self.error_form = "bare"
        self.suppress_errors = True
        self.timer_master = True
        self.own_lo = False
        self.enabling = None

    def enables(self, group, on):
        """Remembers which connection asked for a group of events."""
        if self.enabling is not None:
            (self.enabling.add if on else self.enabling.discard)(group)

    def ends(self):
        return b"\r\n" if self.crlf else b"\r"

    def reports(self, word):
        """Whether the port passes on an event; text and External functions always."""
        group = GROUPS.get(word)
        on = {"SW": self.vos[1], "LO": self.vol, "LE": self.vod & 1, "LC": self.vod & 2}
        return group is None or bool(on[group])

    def event(self, word, fields, serial=None):
        """The line of an event, or None when it is not reported."""
        if not self.reports(word):
            return None
        words = [word, *(str(field) for field in fields)]
        if word in ("SW", "IR") and self.vos[0] and serial is not None:
            words.append(str(serial))
        return " ".join(words)

    def parse(self, line):
        """(verb, modifier, words) of a command line, or None when it is none."""
        match = commands.GRAMMAR.fullmatch(line)
        if not match:
            return None
        modifier = match[2]
        if self.ignore_modifier and modifier != "!":
            modifier = "@"
        return match[1], modifier or self.style, match[3].split()

    def head(self, verb):
        if self.misprints and verb in MISPRINTS:
            return MISPRINTS[verb]
        if self.prefix == "command":
            return verb
        return "R" + verb[1:] + ("#" if self.prefix == "hash" else "")

    def line(self, verb, modifier, regular, detailed):
        if modifier == "@":
            words = regular
        else:
            words = [self.head(verb), *detailed]
        if self.blanks == "double" and len(words) > 1:
            words = [words[0] + " ", *words[1:]]
        return " ".join(words) + (" " if self.blanks == "trailing" else "")

    def error(self, code, verb, modifier, words):
        if modifier == "!" and self.suppress_errors:
            return []
        if modifier == "#" and self.error_form == "field":
            return [self.line(verb, "#", [], [*words, str(code)])]
        return [str(code)]

    def execute(self, line, complain, forced_error=0):
        """Runs a command line; returns the lines of the answer, none when suppressed."""
        parsed = self.parse(line)
        if parsed is None:
            return [str(commands.BAD_COMMAND)]
        verb, modifier, words = parsed
        try:
            if forced_error:
                raise commands.DeviceError(forced_error)
            pairs = commands.execute(self, verb, words, complain)
        except commands.DeviceError as error:
            return self.error(error.code, verb, modifier, words)
        if modifier == "!":
            return []
        if verb in ("V?V", "V?D"):
            modifier = "@"
        return [self.line(verb, modifier, *pair) for pair in pairs]
