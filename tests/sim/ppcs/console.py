# SPDX-License-Identifier: MIT
"""The console's commands: the line, and how the camera treats clients."""

from simlib import ConsoleError, on_off

from . import wire
from .acks import AckStyle

KINDS = {"loss": "drop", "duplicate": "duplicate", "reorder": "reorder", "garble": "garble"}


def whole(word, low=0, high=1 << 31):
    value = int(word)
    if not low <= value <= high:
        raise ConsoleError(f"{word} is not within {low}-{high}")
    return value


def choice(word, *known):
    if word not in known:
        raise ConsoleError(f"'{word}' is none of {' '.join(known)}")
    return word


def address_in(word):
    host, _, port = word.rpartition(":")
    try:
        wire.pack_address((host, whole(port, 0, 65535)))
    except OSError:
        raise ConsoleError(f"'{word}' is no ADDRESS:PORT") from None
    return host, int(port)


class LineCommands:
    """Disorder on the line of all participants, of a role, or of one."""

    def __init__(self, network):
        self.network = network

    def split(self, words):
        """The participants and the numbers that follow."""
        role = None if words[0].isdecimal() else words[0]
        nodes = self.network.chosen(role)
        if not nodes:
            raise ConsoleError(f"no {role or 'participants'} here")
        numbers = [whole(word) for word in words[0 if role is None else 1:]]
        if not 1 <= len(numbers) <= 2:
            raise ConsoleError("a number expected")
        return nodes, numbers

    def fault(self, kind):
        def change(*words):
            nodes, numbers = self.split(words)
            rate = whole(numbers[0], 0, 100)
            if len(numbers) > 1:
                raise ConsoleError("one number expected")
            for node in nodes:
                node.fault(kind, rate)
        return change

    def delay(self, *words):
        nodes, numbers = self.split(words)
        if numbers[0] > numbers[-1]:
            raise ConsoleError("the smaller number comes first")
        for node in nodes:
            node.delay(numbers[0] / 1000, numbers[-1] / 1000)

    def expect_close(self, word):
        self.network.rules.expect_close = on_off(word)

    def table(self):
        found = {name: ("[ROLE] PERCENT", self.fault(kind)) for name, kind in KINDS.items()}
        return found | {"delay": ("[ROLE] MS [MS]", self.delay),
                        "expect-close": ("on|off", self.expect_close)}


class CameraCommands:
    """How the camera behaves before and in a session."""

    def __init__(self, camera):
        self.camera = camera

    def switch(self, name):
        def change(word):
            setattr(self.camera, name, on_off(word))
        return "on|off", change

    def count(self, name, most=1 << 20):
        def change(number):
            setattr(self.camera, name, whole(number, 0, most))
        return "N", change

    def time(self, name):
        def change(milliseconds):
            setattr(self.camera, name, whole(milliseconds) / 1000)
        return "MS", change

    def wrong_uid(self, text):
        camera = self.camera
        camera.claimed = camera.did if text == "none" else wire.Did.parse(text)

    def answer_from(self, word):
        self.camera.answer_from = choice(word, "search", "main", "other", "elsewhere")

    def offers(self, number, milliseconds="5"):
        self.camera.offers = whole(number, 0, 1000)
        self.camera.offer_seconds = whole(milliseconds) / 1000

    def first(self, word):
        known = {"ack": b"ACK", "none": b""}
        self.camera.first = known[word] if word in known else bytes.fromhex(word)

    def limit(self, number, what="close"):
        self.camera.limit = whole(number)
        self.camera.limit_close = choice(what, "close", "silent") == "close"

    def stranger(self, word):
        self.camera.stranger = choice(word, "on", "off", "also")

    def acks(self, mode, shape="exact", mark="d1"):
        style = self.camera.acks
        choice(mark, "d1", "d2")
        style.mode = choice(mode, *AckStyle.MODES)
        style.shape = choice(shape, *AckStyle.SHAPES)
        style.mark = int(mark, 16)

    def ack_storm(self, times):
        self.camera.acks.storm = whole(times, 1, 1000)

    def table(self):
        return {
            "silent": self.switch("silent"),
            "search": self.switch("searchable"),
            "main-search": self.switch("main_searchable"),
            "punch": self.switch("punchable"),
            "answer-delay": self.time("answer_delay"),
            "answer-from": ("search|main|other|elsewhere", self.answer_from),
            "wrong-uid": ("UID|none", self.wrong_uid),
            "extra": self.count("extra", 1000),
            "p2p-rdy": self.switch("p2p_rdy"),
            "echoes": self.count("echoes"),
            "offers": ("N [MS]", self.offers),
            "first": ("ack|none|HEX", self.first),
            "alive": self.switch("alive"),
            "alive-ack": self.switch("alive_ack"),
            "alive-period": self.time("alive_period"),
            "alive-limit": self.count("alive_limit"),
            "close-after": self.count("close_after"),
            "limit": ("N [close|silent]", self.limit),
            "nonsense": self.switch("nonsensical"),
            "reflect": self.switch("reflect"),
            "stranger": ("on|off|also", self.stranger),
            "acks": (f"{'|'.join(AckStyle.MODES)} [{'|'.join(AckStyle.SHAPES)}] [d1|d2]",
                     self.acks),
            "ack-storm": ("TIMES", self.ack_storm),
        }
