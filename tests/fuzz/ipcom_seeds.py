# SPDX-License-Identifier: MIT
"""Seeds of libipcom's fuzz targets; seeds.py writes them."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "sim"))

from ipcom import cipher  # noqa: E402

# The order of steps[] in ipcom_session.c.
STEPS = (
    "deadline time accept fail bytes plain answer work send set toggle move refresh cancel"
    " events result flood running"
).split()
CLEAR, SESSION, POLLED = 0, 1, 2  # settings of ipcom_message.c
SNAPSHOT = bytes([5, 1, 255, 0, 40]) + bytes(125)
FRAME = bytes.fromhex("0401233c00020101")
FRAMES = (
    FRAME,
    bytes.fromhex("040102233c00020101"),  # with a bus byte
    bytes.fromhex("0401233c000201ff"),  # a wrong check byte
    bytes.fromhex("0401233c0000"),  # without content
    bytes.fromhex("0401233c00ff") + bytes(255),
    bytes.fromhex("040100"),  # of unknown layout
    bytes.fromhex("04010224"),
)


def plain_messages(conversation):
    """What the device says after the login, decoded."""
    key = cipher.KEY_Q if "key q" in conversation.texts("!") else cipher.KEY_P
    answers = [step.data for step in conversation.steps if step.kind == "<"][1:]
    return [cipher.decode(cipher.session(key), data) for data in answers]


def encoded(settings, messages):
    if settings % 2 == 0:
        return b"".join(messages)
    mode = cipher.session(bytes([settings]) * 128)
    return b"".join(cipher.encode(mode, message) for message in messages)


def message_seeds(conversations):
    """Settings, a number of cut sizes, these sizes, and a stream."""
    said = sorted({message for c in conversations for message in plain_messages(c)})
    for settings in (CLEAR, SESSION, CLEAR + POLLED, SESSION + POLLED):
        head = bytes([settings, 3, 1, 7, 64])
        for number, messages in enumerate((said[::2], said[1::2])):
            yield f"said-{settings}-{number}", head + encoded(settings, messages)
        yield f"frames-{settings}", head + encoded(settings, FRAMES)
        for number, frame in enumerate(FRAMES):
            yield f"frame-{settings}-{number}", head + encoded(settings, [frame, b"\3\1"])
        glued = encoded(settings, [b"\3\1", SNAPSHOT, FRAME, SNAPSHOT])
        yield f"glued-{settings}", head + glued
        yield f"half-{settings}", head + glued[:100]
        yield f"long-{settings}", bytes([settings, 0]) + encoded(settings, [b"\3\1"]) + b"\t" * 700


def step(name, *arguments):
    """One step; numbers are a byte each."""
    return bytes([STEPS.index(name), *arguments])


def say(name, data):
    return step(name, len(data)) + data


def settings(way=0, poll=2, keepalive=7, reply=5, timeout=6, history=3):
    """The four bytes before the steps; see configure() in ipcom_session.c."""
    return bytes([way, poll + 8 * keepalive, reply + 8 * timeout, history])


def output(module, number):
    return 8 * (module - 1) + number - 1


STOP, OPEN, CLOSE = 0, 2, 4  # and the number of the shutter, 0 or 1
READY = step("work", 6)


def session_seeds(conversations):
    yield "poll", settings() + READY + 3 * step("work", 31) + step("events", 0)
    light = step("set", 1, output(1, 1), 41, output(4, 4), 255) + step("toggle", output(1, 2))
    yield "set", settings() + READY + light + step("work", 31) + step("events", 9)
    yield "set-early", settings() + light + step("refresh", 9) + READY + step("work", 31)
    lost = step("fail", 1) + step("deadline") + READY
    yield "lost", settings() + READY + light + step("send", 255) + lost + step("work", 31)
    for way in range(1, 6):
        answers = step("accept") + step("send", 255) + step("answer", way) + 3 * step("deadline")
        yield f"login-{way}", settings(way=1) + answers + READY
        yield f"login-{way}-closed", settings(way=1) + answers[:-3] + step("fail", 0) + READY
    for shutter in (0, 1):
        there = step("move", OPEN + shutter) + step("work", 31)
        back = step("move", CLOSE + shutter) + step("work", 31)
        ended = step("move", STOP + shutter) + step("running", 128)
        way = there + back + there[:2] + step("work", 3)
        yield f"shutter-{shutter}", settings() + READY + way + ended + step("work", 31)
        yield f"shutter-{shutter}-lost", settings() + READY + way + lost + step("work", 31)
        both = step("answer", 64 + 7) + step("answer", 64 + 6) + step("work", 31)
        yield f"shutter-{shutter}-both", settings() + READY + back + both
    yield "given-up", settings() + READY + light + 12 * (step("send", 255) + step("deadline"))
    yield "farewell", settings() + READY + step("move", OPEN) + step("running", 255)
    yield "adopted", settings(way=128) + READY + light + step("fail", 1) + step("running", 1)
    yield "flood", settings() + READY + 50 * say("flood", SNAPSHOT) + step("events", 0)
    yield "cancel", settings() + READY + light + step("cancel", 0) + step("cancel", 1) + READY
    for conversation in conversations:
        said = b"".join(say("plain", m[:255]) for m in plain_messages(conversation))
        if said:
            name = conversation.name.split("-")[0]
            yield f"said-{name}", settings() + READY + light + said + step("time", 40) + READY
