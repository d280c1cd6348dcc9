# SPDX-License-Identifier: MIT
"""Seeds of the fuzz target ppcs_channel; seeds.py writes them."""

# The order of steps[] in ppcs_channel.c.
STEPS = (
    "write send send_all ack ack_all told time deadline say say_far lie acks events fill_events"
    " win"
).split()


def step(name, *arguments):
    """One step; numbers are a byte each."""
    return bytes([STEPS.index(name), *arguments])


def write(channel, size):
    """One byte more than SIZE."""
    return step("write", channel, size >> 8, size & 255, 0)


def ack(channel, *ahead):
    """Indexes so far from the oldest that is under way."""
    return step("ack", channel, len(ahead), *(n + 8 for n in ahead))


ALL = step("send_all")
DUE = step("deadline")


def channel_seeds():
    won, early = b"\0", b"\1"
    full = step("write", 2, 255, 255, 3)
    yield "write", won + b"".join(write(n % 8, 50 * n) + ALL for n in range(40))
    yield "small", won + 99 * write(5, 0) + ALL + 20 * (write(5, 10) + step("send", 0))
    yield "full", won + 3 * full + ALL + step("ack_all", 2) + step("told", 2) + 2 * full + ALL
    yield "lost", won + full + ALL + ack(2, *range(5, 40)) + ALL + ack(2, 0, 2, 4) + ALL
    yield "silent", won + full + ALL + 12 * (DUE + ALL) + step("ack_all", 2) + ALL + 3 * DUE
    yield "long-way", won + 9 * (write(1, 3000) + ALL + DUE + DUE + ALL + step("ack_all", 1))
    measure = write(0, 100) + step("send", 0) + step("time", 30) + ack(0, 0)
    yield "round-trip", won + 30 * measure + write(0, 9) + ALL + 4 * DUE
    wild = step("ack", 128, 3, 0, 0, 255, 255, 128, 0)
    yield "wild", won + wild + full + ALL + wild + step("ack", 130, 2, 0, 127, 0, 3) + ALL
    around = write(3, 1023) + step("send", 255) + step("ack_all", 3)
    yield "around", won + 1000 * around
    in_order = step("say", 0, 2) + step("acks")
    yield "say", won + 40 * in_order + step("events", 0)
    yield "say-16", won + b"".join(step("say", 1, n * 7 % 16) for n in range(99)) + step("acks")
    yield "ahead", won + b"".join(step("say_far", 4, 255 - n) for n in range(256)) + step("acks")
    yield "room", won + 900 * (step("say_far", 6, 0) + step("acks")) + step("events", 0) + (
        20 * (step("say_far", 6, 1) + step("say_far", 6, 0)) + step("acks")
    )
    lies = b"".join(step("lie", 128 * (n % 2) + 1, n, 99, 1, 0) for n in range(60))
    yield "lies", won + 9 * (step("say_far", 1, 0) + lies) + step("acks") + step("events", 0)
    greeting = 9 * (step("say_far", 0, 0) + step("say_far", 1, 0) + step("acks"))
    yield "early", early + greeting + step("win") + greeting + step("events", 0)
    crowd = step("fill_events", 255)
    yield "crowd", early + greeting + crowd + step("win") + greeting + step("events", 0) + (
        step("time", 9) + greeting + step("events", 0)
    )
    both = write(7, 700) + ALL + step("say_far", 7, 3) + step("say", 7, 2) + step("acks")
    yield "both", won + 50 * (both + step("time", 5) + ack(7, 1, 3) + step("events", 2))
