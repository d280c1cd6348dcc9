# SPDX-License-Identifier: MIT
"""The connections: framing, one command at a time, faults, and the common event stream.

Every rule that the client breaks becomes a violation. A command that comes before the
answer to the one before is one, with a single exception: after the client's time limit
(`patience` at the least) VEC may follow, which is how a client finds back (protocol sheet,
section 5.3).
"""

import collections

from simtcp import PEER_REASONS, Channel, Pace, Server

from . import commands
from .port import GROUPS

LINE_MAX = 1024
LOG_MAX = 10000


class Pending:
    """A command whose answer is not completely out."""

    def __init__(self, line, arrived, due):
        self.line = line
        self.awaited = line[3:4] != b"!"
        self.arrived = arrived
        self.due = due
        self.executed = False


class Next:
    """Faults that the next command meets, each used up by it."""

    def __init__(self):
        self.late = 0.0
        self.before = b""
        self.between = b""
        self.after = b""
        self.answer = None
        self.error = (0, 0)

    def take(self, name, empty):
        value = getattr(self, name)
        setattr(self, name, empty)
        return value


class Client:
    """One connection."""

    def __init__(self, site, door, sock, number):
        self.site = site
        self.door = door
        self.number = number
        self.buffer = bytearray()
        self.after_cr = False
        self.pending = collections.deque()
        self.unanswered = None
        self.suppressed_at = None
        self.outstanding_max = 0
        self.enabled = set()
        self.channel = Channel(site.loop, sock, site.pace, self)

    def complain(self, text):
        self.site.violations.add(f"connection {self.number}: {text}")

    def on_close(self, reason):
        if self.buffer and reason in PEER_REASONS:
            self.complain(f"unterminated bytes {bytes(self.buffer)!r} ({reason})")
        self.pending.clear()
        self.site.tcp.gone(self.door, self)
        self.site.finished(self)

    def on_data(self, data):
        self.site.bytes_in += len(data)
        for value in data:
            if value == 0x0A and self.after_cr:
                self.after_cr = False
                continue
            self.after_cr = value == 0x0D
            if self.after_cr:
                line = bytes(self.buffer)
                self.buffer.clear()
                self.arrived(line)
                continue
            self.buffer.append(value)
            if len(self.buffer) > LINE_MAX:
                self.complain(f"more than {LINE_MAX} bytes without an end")
                self.buffer.clear()
        self.pump()

    def check(self, line):
        """Complains about what is no command."""
        if not line:
            self.complain("a CR alone")
        elif any(value < 0x20 or value > 0x7E for value in line):
            self.complain(f"a command with bytes that are not printable: {line!r}")
        elif len(line) > commands.COMMAND_MAX:
            self.complain(f"a command of {len(line)} bytes")
        elif self.site.port.parse(line.decode("ascii")) is None:
            upper = self.site.port.parse(line.decode("ascii").upper())
            self.complain(f"{'lower case' if upper else 'no command'}: {line!r}")
        elif self.door.name == "query-port" and self.site.kind(line.decode("ascii")) in "WMP":
            self.complain(f"a control command on the query port: {line!r}")

    def check_turn(self, line, now):
        """Complains about a command sent before its turn."""
        awaited = [item for item in self.pending if item.awaited]
        before = awaited[-1] if awaited else self.unanswered
        if before:
            patient = now - before.arrived >= self.site.patience
            if not (patient and line.startswith(b"VEC")):
                self.complain(f"{line!r} before the answer to {before.line!r}")
        elif self.suppressed_at is not None and now - self.suppressed_at < self.site.gap:
            self.complain(f"{line!r} too soon after a command without answer")

    def arrived(self, line):
        now = self.site.loop.now()
        self.check(line)
        if not line:
            return
        self.check_turn(line, now)
        self.site.count(self, line)
        item = Pending(line, now, now + self.site.delay + self.site.next.take("late", 0.0))
        self.suppressed_at = None if item.awaited else now
        if self.site.silent:
            self.unanswered = item
            return
        self.pending.append(item)
        self.outstanding_max = max(self.outstanding_max, len(self.pending))
        if item.due > now:
            self.site.loop.call_later(item.due - now, self.pump)

    def pump(self):
        """Executes, in order, the commands whose time has come."""
        for item in list(self.pending):
            if item.executed:
                continue
            if item.due > self.site.loop.now() or not self.channel.open:
                return
            item.executed = True
            self.execute(item)

    def execute(self, item):
        site = self.site
        line = item.line.decode("latin-1")
        if self.door.name == "query-port" and site.kind(line) in "WMP":
            if site.readonly_policy == "close":
                self.channel.close("control command on the query port")
                return
            if site.readonly_policy == "silent":
                self.swallow(item)
                return
        lines = self.lines(line)
        if lines is None:
            self.swallow(item)
            return
        if not lines:
            self.pending.remove(item)
            return
        if item.awaited and self.buffer and not b"VEC".startswith(self.buffer[:3]):
            self.complain(f"{bytes(self.buffer)!r} before the answer to {item.line!r}")
        self.send(item, lines)

    def swallow(self, item):
        self.pending.remove(item)
        self.unanswered = item

    def lines(self, line):
        """The lines of the answer; none when suppressed, None when swallowed by a fault."""
        site = self.site
        answer = site.next.take("answer", None)
        code, count = site.next.error
        if code:
            site.next.error = (code, count - 1) if count > 1 else (0, 0)
        elif self.door.name == "query-port" and site.kind(line) in "WMP":
            code = commands.BAD_PARAMETER if site.readonly_policy == "257" else 0
        site.port.enabling = self.enabled
        lines = site.port.execute(line, self.complain, code)
        site.port.enabling = None
        if answer is not None:
            return answer or None
        return lines

    def send(self, item, lines):
        site = self.site
        ends = site.port.ends()
        between = site.next.take("between", b"")
        encoded = [site.garbled(text.encode("latin-1", "replace")) for text in lines]
        body = (ends + between).join(encoded)

        def done():
            if item in self.pending:
                self.pending.remove(item)
            if item.line.startswith(b"VEC"):
                self.unanswered = None

        # The client may go on after the CR; what comes behind is no part of the answer.
        self.channel.write(site.next.take("before", b"") + body + ends[:1], done)
        rest = ends[1:] + site.next.take("after", b"")
        if rest:
            self.channel.write(rest)
        if site.replies_to == "all":
            for other in list(site.tcp.owners):
                if other is not self:
                    other.channel.write(body + ends)


class Site:
    """The installation: both doors, its one serial port, and everything that can go wrong."""

    def __init__(self, loop, port, violations, faults):
        self.loop = loop
        self.port = port
        self.violations = violations
        self.faults = faults
        self.pace = Pace(faults)
        self.tcp = Server(loop, self.accept)
        self.next = Next()
        self.delay = 0.0
        self.patience = 0.02
        self.gap = 0.0
        self.silent = False
        self.half_dead = False
        self.events_to = "all"
        self.replies_to = "own"
        self.readonly_policy = "257"
        self.garble = 0
        self.numbers = 0
        self.bytes_in = 0
        self.commands = 0
        self.by_verb = collections.Counter()
        self.outstanding = {}
        self.log = collections.deque(maxlen=LOG_MAX)

    def accept(self, door, sock):
        self.numbers += 1
        return Client(self, door, sock, self.numbers)

    def finished(self, client):
        self.outstanding[client.number] = client.outstanding_max
        if len(self.outstanding) > LOG_MAX:
            self.outstanding.pop(min(self.outstanding))

    def finish(self):
        """At the end: what open connections began and did not end counts too."""
        for client in self.tcp.owners:
            if client.buffer:
                client.complain(f"unterminated bytes {bytes(client.buffer)!r} (end)")

    @staticmethod
    def kind(line):
        command = commands.COMMANDS.get(line[:3])
        return command.kind if command else "?"

    def count(self, client, line):
        self.commands += 1
        text = line.decode("latin-1")
        verb = text[:3] if text[:3] in commands.COMMANDS else "other"
        self.by_verb[verb] += 1
        self.log.append([client.door.name, client.number, text[:commands.COMMAND_MAX]])

    def garbled(self, line):
        if self.garble <= 0:
            return line
        self.garble -= 1
        return self.faults.garble(line)

    def report(self, word, fields, serial=None):
        """Something happened in the house."""
        line = self.port.event(word, fields, serial)
        if line is not None:
            self.broadcast(line, GROUPS.get(word))

    def report_text(self, text):
        """A string that the programming sends out of this port."""
        self.broadcast(text, None)

    def broadcast(self, line, group):
        if self.silent or self.half_dead:
            return
        data = self.garbled(line.encode("latin-1", "replace")) + self.port.ends()
        for client in list(self.tcp.owners):
            if self.events_to == "all" or group is None or group in client.enabled:
                client.channel.write(data)

    def send(self, data):
        """Raw bytes to all connections."""
        for client in list(self.tcp.owners):
            client.channel.write(data)

    def stats(self):
        tcp = self.tcp
        for client in tcp.owners:
            self.outstanding[client.number] = client.outstanding_max
        now = {name: door.count for name, door in tcp.doors.items()}
        model = self.port.model
        return {
            "connections_total": tcp.accepted, "connections_max_at_once": tcp.most,
            "connections_now": len(tcp.owners), "connections_by_port": now,
            "turned_away": tcp.turned_away, "commands": self.commands,
            "commands_by_verb": dict(self.by_verb), "bytes_in": self.bytes_in,
            "violations": list(self.violations.found),
            "outstanding_max": {str(key): value for key, value in self.outstanding.items()},
            "levels": {str(con): model.level(key) for con, key in model.contractors.items()},
        }
