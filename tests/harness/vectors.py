# SPDX-License-Identifier: MIT
"""Reader of conversation files, the format of tests/vectors/README.md.

It forgives nothing: a line of an unknown kind, upper case hex or a setting out of place is
an error that names file and line.
"""

import os
import re

HEX = re.compile(r"[0-9a-f]{2}(?: *[0-9a-f]{2})*")
STYLES = ("regular", "detailed")
KEY = re.compile(r"[!-~]{1,20}")


class VectorError(ValueError):
    """What is wrong, with file and line."""


class Step:
    """One line: `kind` is one of `: > < = !`.

    Bytes (`>`, `<`) have `data` and `connection`; the others have `text`, which for `!` is
    a console command of the simulator.
    """

    def __init__(self, kind, number, text="", data=b"", connection=1):
        self.kind = kind
        self.number = number
        self.text = text
        self.data = data
        self.connection = connection


class Conversation:
    """A file: `comments`, settings and the `steps` in their order.

    The settings are `style`, `key` (None without one), `telemetry` and `simulated`.
    """

    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.comments = []
        self.style = None
        self.key = None
        self.telemetry = False
        self.simulated = True
        self.steps = []

    def texts(self, kind):
        return [step.text for step in self.steps if step.kind == kind]

    def sent(self, connection=1):
        """All bytes of the client on one connection."""
        return self.joined(">", connection)

    def received(self, connection=1):
        return self.joined("<", connection)

    def joined(self, kind, connection):
        steps = [step for step in self.steps if step.kind == kind]
        return b"".join(step.data for step in steps if step.connection == connection)


def parse_setting(conversation, number, text):
    key, _, value = text.partition(" ")
    if key == "style":
        if value not in STYLES or conversation.style is not None or conversation.steps:
            raise ValueError("style must be regular or detailed, once and before all else")
        conversation.style = value
    elif key == "key":
        if not KEY.fullmatch(value) or conversation.key is not None or conversation.steps:
            raise ValueError("key must be 1 to 20 visible characters, once and before all else")
        conversation.key = value
    elif text == "telemetry":
        if conversation.telemetry or conversation.steps:
            raise ValueError("telemetry must stand once and before all else")
        conversation.telemetry = True
    elif key == "sim" and value == "none":
        if not conversation.simulated:
            raise ValueError("sim none twice")
        conversation.simulated = False
    elif key == "sim" and value.strip() == value and value:
        conversation.steps.append(Step("!", number, text=value))
    else:
        raise ValueError(f"unknown setting '{text}'")


def parse_line(conversation, number, line):
    """Adds one line to the conversation; ValueError says what is wrong."""
    if line.startswith("#"):
        conversation.comments.append(line[1:].strip())
        return
    match = re.fullmatch(r"(?:([:=!])|([<>])([1-9][0-9]?)?) (\S.*)", line)
    if not match or line != line.rstrip():
        raise ValueError(f"unknown line '{line}'")
    word, arrow, connection, rest = match.groups()
    if word == "!":
        parse_setting(conversation, number, rest)
    elif word:
        conversation.steps.append(Step(word, number, text=rest))
    else:
        if not HEX.fullmatch(rest):
            raise ValueError("bytes must be pairs of lower case hexadecimal digits")
        data = bytes.fromhex(rest)
        conversation.steps.append(Step(arrow, number, data=data, connection=int(connection or 1)))


def read(path):
    """The conversation in a file; VectorError or OSError."""
    conversation = Conversation(path)
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):
                raise VectorError(f"{path}:{number}: the last line has no end")
            if line == "\n":
                continue
            try:
                parse_line(conversation, number, line[:-1])
            except ValueError as error:
                raise VectorError(f"{path}:{number}: {error}") from None
    if not any(step.kind in "<>" for step in conversation.steps):
        raise VectorError(f"{path}: a conversation without bytes")
    if not conversation.simulated and conversation.texts("!"):
        raise VectorError(f"{path}: sim none and sim commands exclude each other")
    return conversation


def read_all(directory):
    """All conversations of a directory in the order of their names."""
    names = sorted(name for name in os.listdir(directory) if name.endswith(".txt"))
    if not names:
        raise VectorError(f"{directory}: no conversation file")
    return [read(os.path.join(directory, name)) for name in names]
