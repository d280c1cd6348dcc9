# SPDX-License-Identifier: MIT
"""What every simulator shares: an event loop, the console, violations and seeded faults.

A simulator is one thread. It reads console commands from standard input, one a line, and
answers each with exactly one line that begins with "ok" or "error". Lines of help begin
with "#", violations by the client with "violation". Whatever has already arrived from the
network is handled before a console command, so that its answer describes the present.
"""

import heapq
import itertools
import json
import os
import random
import selectors
import signal
import sys
import time

LINE_MAX = 65536
VIOLATIONS_MAX = 1000
# How long a datagram that others are to overtake waits for them.
HOLD_SECONDS = 0.02


class Timer:
    """A call that the loop makes once; `cancel` makes it forget."""

    def __init__(self, function):
        self.function = function

    def cancel(self):
        self.function = None


class Loop:
    """Files and timers of one thread. Poll, since epoll refuses a regular file as stdin."""

    def __init__(self):
        self.selector = selectors.PollSelector()
        self.files = {}
        self.timers = []
        self.order = itertools.count()
        self.running = True
        self.after_turn = None

    @staticmethod
    def now():
        return time.monotonic()

    def watch(self, fileobj, callback, write=False, read=True):
        """Calls `callback(readable, writable)`; a second call for the same file changes it."""
        events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
        if not events:
            self.unwatch(fileobj)
            return
        change = self.selector.modify if fileobj in self.files else self.selector.register
        change(fileobj, events)
        self.files[fileobj] = callback

    def unwatch(self, fileobj):
        """To be called before the file is closed."""
        if self.files.pop(fileobj, None):
            self.selector.unregister(fileobj)

    def call_later(self, seconds, function):
        timer = Timer(function)
        heapq.heappush(self.timers, (self.now() + seconds, next(self.order), timer))
        return timer

    def turn(self, wait=True, skip=None):
        """One round; returns how many files were served (`skip` is left alone)."""
        timeout = 0
        if wait:
            timeout = max(0, self.timers[0][0] - self.now()) if self.timers else None
        served = 0
        for key, events in self.selector.select(timeout):
            callback = self.files.get(key.fileobj)
            if key.fileobj == skip or not callback:
                continue
            callback(bool(events & selectors.EVENT_READ), bool(events & selectors.EVENT_WRITE))
            served += 1
        while self.timers and self.timers[0][0] <= self.now():
            function = heapq.heappop(self.timers)[2].function
            if function:
                function()
        return served

    def drain(self, skip=None):
        """Serves what is ready now; bounded, since a peer may never stop sending."""
        for _ in range(1000):
            if not self.turn(wait=False, skip=skip):
                return

    def run(self):
        # Not set here: a signal may have come before.
        while self.running:
            self.turn()
            if self.after_turn:
                self.after_turn()

    def stop(self):
        self.running = False


def say(line):
    """One line on standard output, at once. A reader that went away is no error."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Violations:
    """What the client did wrong: said at once and kept for the exit status."""

    def __init__(self):
        self.found = []
        self.count = 0

    def add(self, text):
        self.count += 1
        if len(self.found) < VIOLATIONS_MAX:
            self.found.append(text)
        say("violation " + text)


class Faults:
    """Seeded disorder. A simulator asks it for every decision that is left to chance.

    With a `loop` datagrams can be late, by `delay` (least and most seconds).
    """

    def __init__(self, seed=1, loop=None):
        self.random = random.Random(seed)
        self.rates = {"drop": 0, "duplicate": 0, "reorder": 0, "garble": 0}
        self.delay = (0.0, 0.0)
        self.loop = loop
        self.held = None
        self.dropped = 0

    def hits(self, kind):
        """True in `rates[kind]` of 100 cases."""
        return self.rates[kind] > 0 and self.random.randrange(100) < self.rates[kind]

    def garble(self, data):
        """Changes one byte of `data`, never its length."""
        if not data:
            return data
        changed = bytearray(data)
        changed[self.random.randrange(len(data))] ^= self.random.randrange(1, 256)
        return bytes(changed)

    def garbage(self, most=40, avoid=b""):
        """Some random bytes, at least one, without those in `avoid`."""
        wanted = [value for value in range(256) if value not in avoid]
        return bytes(self.random.choices(wanted, k=self.random.randint(1, most)))

    def piece(self, length):
        """How many of `length` bytes go into the next piece of a stream."""
        return self.random.randint(1, min(length, 7))

    def datagram(self, packet, send):
        """Hands a datagram to `send` as often and in the order that the rates say."""
        if self.hits("drop"):
            self.dropped += 1
            return
        if self.hits("garble"):
            packet = self.garble(packet)
        if self.held is None and self.hits("reorder"):
            held = self.held = (packet, send)
            if self.loop:
                self.loop.call_later(HOLD_SECONDS, lambda: self.release(held))
            return
        self.pass_on(packet, send)
        if self.hits("duplicate"):
            self.pass_on(packet, send)
        self.release(self.held)

    def pass_on(self, packet, send):
        least, most = self.delay
        if most > 0:
            seconds = self.random.uniform(least, most) if least < most else most
            self.loop.call_later(seconds, lambda: send(packet))
        else:
            send(packet)

    def release(self, held):
        """Sends what was held back, unless that has happened already."""
        if held and held is self.held:
            self.held = None
            self.pass_on(*held)


class ConsoleError(Exception):
    """A console command that cannot be done; the text is the answer."""


def on_off(word):
    if word not in ("on", "off"):
        raise ConsoleError(f"'{word}' is neither on nor off")
    return word == "on"


class Console:
    """Commands from standard input.

    `commands` maps a name to (usage, function). The usage names the words, those in brackets
    may be missing, and "..." at the end permits any number; the function gets the words and
    returns the rest of the answer or None. `number` looks up a single field of `stats`, for
    simulators with so many that making all of them for each look would be slow.
    """

    def __init__(self, loop, commands, stats, number=None):
        self.loop = loop
        self.number = number or (lambda field: stats().get(field))
        self.commands = dict(commands)
        self.commands["help"] = ("", self.help)
        self.commands["quit"] = ("", self.quit)
        self.commands["stats"] = ("", lambda: json.dumps(stats()))
        self.commands["wait"] = ("FIELD =|>= NUMBER [MS]", self.wait)
        self.buffer = bytearray()
        self.waiting = None
        self.ended = False
        loop.after_turn = self.after_turn

    def open(self):
        self.loop.watch(0, self.readable)

    def help(self):
        for name in sorted(self.commands):
            say(f"#   {name} {self.commands[name][0]}".rstrip())

    def quit(self):
        self.loop.stop()

    def readable(self, _readable, _writable):
        data = os.read(0, 4096)
        self.buffer += data
        if not data or len(self.buffer) > LINE_MAX:
            self.loop.unwatch(0)
            self.ended = True
        self.work()

    def work(self):
        while self.loop.running and not self.waiting and b"\n" in self.buffer:
            line, _, rest = bytes(self.buffer).partition(b"\n")
            self.buffer[:] = rest
            words = line.decode("utf-8", "replace").split()
            if words:
                self.loop.drain(skip=0)
                self.answer(words)
        if self.ended and not self.waiting:
            self.loop.stop()

    def answer(self, words):
        try:
            rest = self.execute(words)
        except (ConsoleError, ValueError) as error:
            say(f"error {error}")
            return
        if self.waiting is None:
            say("ok" if rest is None else f"ok {rest}")

    def execute(self, words):
        """Runs one command; also used for commands that do not come from standard input."""
        if words[0] not in self.commands:
            raise ConsoleError(f"no command '{words[0]}', try help")
        usage, function = self.commands[words[0]]
        expected = usage.split()
        least = len([word for word in expected if word[0] != "[" and word != "..."])
        most = len(expected) if "..." not in expected else sys.maxsize
        if not least <= len(words) - 1 <= most:
            raise ConsoleError(f"usage: {words[0]} {usage}".rstrip())
        return function(*words[1:])

    def wait(self, field, operator, number, limit="5000"):
        """Answers when a number of `stats` is as wished, or with an error after MS."""
        wanted = int(number)
        if operator not in ("=", ">=") or not isinstance(self.number(field), int):
            raise ConsoleError(f"usage: wait {self.commands['wait'][0]}")

        def reached():
            value = self.number(field)
            return value == wanted if operator == "=" else value >= wanted

        def expired():
            self.waiting = None
            say(f"error {field} is {self.number(field)} after {limit} ms")
            self.work()

        if not reached():
            self.waiting = (reached, self.loop.call_later(int(limit) / 1000, expired))

    def after_turn(self):
        if self.waiting and self.waiting[0]():
            self.waiting[1].cancel()
            self.waiting = None
            say("ok")
            self.work()


def run(loop, console, violations, ports, finish, use_console=True):
    """Says the ready line, runs until `quit`, end of input or a signal; the exit status.

    `finish` may add the violations that only the end shows.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.stop())
    # A signal between two turns must not wait for the next byte.
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    loop.watch(wake_read, lambda *_: os.read(wake_read, 64))
    if use_console:
        console.open()
    say("ready " + " ".join(f"{name}={port}" for name, port in ports.items()))
    loop.run()
    loop.drain(skip=0)
    finish()
    return 1 if violations.count else 0
