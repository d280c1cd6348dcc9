# SPDX-License-Identifier: MIT
"""The module itself: its door, its session keys, and everything that can go wrong.

What a connection does is in connection.py.
"""

import collections

from simlib import say
from simtcp import Pace, Server

from . import cipher
from .connection import Connection

LOG_MAX = 10000
KEYS = {"p": cipher.KEY_P, "q": cipher.KEY_Q}


class Fragments(Pace):
    """Also cuts what is sent into pieces of `size` bytes; simtcp asks `faults` for a piece."""

    def __init__(self, faults):
        super().__init__(self)
        self.real = faults
        self.size = 0

    def piece(self, length):
        return min(self.size, length) if self.size else self.real.piece(length)


class Next:
    """Faults that the next answers meet, each used up by them."""

    def __init__(self):
        self.counts = collections.Counter()
        self.late = 0.0
        self.before = []
        self.after = []
        self.answer = None

    def hits(self, kind):
        if not self.counts[kind]:
            return False
        self.counts[kind] -= 1
        return True

    def take(self, name, empty):
        value = getattr(self, name)
        setattr(self, name, empty)
        return value


class Device:
    def __init__(self, loop, model, violations, faults):
        self.loop = loop
        self.model = model
        self.violations = violations
        self.faults = faults
        self.pace = Fragments(faults)
        self.tcp = Server(loop, self.accept)
        self.next = Next()
        self.user = "demo"
        self.password = "secret"
        self.firmware = "3.10"
        self.key = "p"
        self.login = "normal"
        self.refuse = "close"
        self.hang_up = True
        self.write_answer = "ack"
        self.ack_bus = False
        self.disconnect_answer = False
        self.unknown_policy = "ignore"
        self.upstream = False
        self.silent = False
        self.delay = 0.0
        self.drop_after = 0
        self.patience = 0.5
        self.write_gap = 0.18
        self.echo = False
        self.numbers = 0
        self.sessions = 0
        self.bytes_in = 0
        self.counts = collections.Counter()
        self.by_name = collections.Counter()
        self.start = loop.now()
        self.records = collections.deque(maxlen=LOG_MAX)

    def accept(self, door, sock):
        self.numbers += 1
        return Connection(self, door, sock, self.numbers)

    def session_key(self):
        """The key for a new session."""
        self.sessions += 1
        if self.key == "random":
            return self.faults.random.randbytes(128)
        if self.key == "alternate":
            return KEYS["p" if self.sessions % 2 else "q"]
        return KEYS.get(self.key) or bytes.fromhex(self.key)

    def record(self, number, arrow, text):
        """One decoded message, with the seconds since the start."""
        entry = [round(self.loop.now() - self.start, 6), number, arrow, text]
        self.records.append(entry)
        if self.echo:
            say(f"# {entry[0]:.6f} {number} {arrow} {text}")

    def send(self, plain):
        """A message that nobody asked for, to all sessions."""
        for connection in list(self.tcp.owners):
            if connection.state == "session":
                connection.send(plain)

    def send_raw(self, data):
        """Bytes as they are, to all connections."""
        for connection in list(self.tcp.owners):
            connection.channel.write(data)

    def new_key(self, key):
        """Sessions that are open go over to another key without a word."""
        for connection in list(self.tcp.owners):
            if connection.state == "session":
                connection.begin(key)

    def finish(self):
        """At the end: what open connections began and did not end counts too."""
        for connection in self.tcp.owners:
            connection.check_end("end")

    def stats(self):
        tcp = self.tcp
        counted = ("logins", "refused", "requests", "answers", "polls", "writes", "keepalives",
                   "disconnects", "swallowed", "unknown", "overwritten", "lost_sessions")
        return {
            "connections_total": tcp.accepted, "connections_max_at_once": tcp.most,
            "connections_now": len(tcp.owners), "turned_away": tcp.turned_away,
            "bytes_in": self.bytes_in, **{name: self.counts[name] for name in counted},
            "requests_by_name": dict(self.by_name), "values": self.model.values,
            "violations": list(self.violations.found),
        }
