# SPDX-License-Identifier: MIT
"""One connection: login, message boundaries, answers, and complaints about the client.

Every rule that the client breaks becomes a violation. A request that comes before the answer
to the one before is one, until the client has waited for `patience`; a Disconnect may come
at any time. What has arrived together with a request cannot have waited for its answer,
however fast that was.
"""

import collections

from simtcp import PEER_REASONS, Channel

from . import cipher, messages
from .messages import Frame, Malformed, spelled

BUFFER_MAX = 4096
OUTGOING_MAX = 64
# What the client of an older tool sends in the clear; two more bytes follow.
UPSTREAM_START = bytes.fromhex("23010002")
UPSTREAM_SIZE = 6


class Request:
    """A request whose answer is not completely out."""

    def __init__(self, name, arrived):
        self.name = name
        self.arrived = arrived


class Connection:
    """`state` is "login", "session", or "over" (refused or disconnected)."""

    def __init__(self, device, door, sock, number):
        self.device = device
        self.door = door
        self.number = number
        self.state = "login"
        self.mode = cipher.LOGIN
        self.key = b""
        self.bus = 1
        self.buffer = bytearray()
        self.outgoing = collections.deque()
        self.pending = []
        self.unanswered = None
        self.together = None
        self.held = b""
        self.shown = None
        self.written_at = None
        self.messages = 0
        self.channel = Channel(device.loop, sock, device.pace, self)

    def complain(self, text):
        self.device.violations.add(f"connection {self.number}: {text}")

    def begin(self, key):
        """A session under `key`; without one in clear text."""
        self.state = "session"
        self.key = key
        self.mode = cipher.session(key)

    # Bytes in.

    def on_data(self, data):
        self.device.bytes_in += len(data)
        self.buffer += data
        self.together = None
        if len(self.buffer) > BUFFER_MAX:
            self.complain(f"more than {BUFFER_MAX} bytes at once")
            self.buffer.clear()
            self.channel.close("flooded")
            return
        while self.buffer and self.channel.open and self.cut():
            pass
        if self.buffer and self.channel.open:
            self.complain(f"{len(self.buffer)} bytes of a message in a segment of their own")

    def cut(self):
        """Takes one message off the buffer; False when it is not complete yet."""
        if self.device.upstream and self.buffer.startswith(UPSTREAM_START[:len(self.buffer)]):
            if self.mode is cipher.LOGIN or self.key == cipher.KEY_P:
                return self.swallow()
        if self.state == "over":
            self.complain(f"bytes after the end: {spelled(self.buffer[:8])}")
            self.buffer.clear()
            return False
        if self.state == "login":
            return self.cut_login()
        plain = cipher.decode(self.mode, self.buffer[:messages.MESSAGE_MAX])
        try:
            size = messages.size(plain, messages.REQUEST_SIZES)
        except Malformed as error:
            self.buffer.clear()
            self.unknown(error)
            return True
        if size is None or size > len(self.buffer):
            return False
        del self.buffer[:size]
        self.message(plain[:size])
        return True

    def swallow(self):
        if len(self.buffer) < UPSTREAM_SIZE:
            return False
        del self.buffer[:UPSTREAM_SIZE]
        self.device.counts["swallowed"] += 1
        return True

    def unknown(self, error):
        """Something that the client must not send, answered as the option says."""
        self.complain(str(error))
        self.device.counts["unknown"] += 1
        policy = self.device.unknown_policy
        if policy == "disconnect":
            self.end(cipher.encode(self.mode, bytes([messages.DISCONNECT, 1])))
        elif policy == "close":
            self.channel.close("unknown bytes")

    def on_close(self, reason):
        self.check_end(reason)
        if self.state == "session":
            self.device.counts["lost_sessions"] += 1
        self.outgoing.clear()
        self.device.tcp.gone(self.door, self)

    def check_end(self, reason):
        if self.buffer and reason in (*PEER_REASONS, "end"):
            self.complain(f"unfinished message of {len(self.buffer)} bytes ({reason})")

    # The login.

    def cut_login(self):
        device = self.device
        clear = device.login == "unencrypted" and self.buffer[0] == messages.CONNECT
        self.mode = cipher.CLEAR if clear else cipher.LOGIN
        plain = cipher.decode(self.mode, self.buffer[:messages.LOGIN_SIZE])
        if plain[0] != messages.CONNECT:
            self.complain(f"no login: {spelled(self.buffer[:8])}")
            self.buffer.clear()
            self.refuse()
            return True
        if len(plain) < messages.LOGIN_SIZE:
            return False
        del self.buffer[:messages.LOGIN_SIZE]
        self.count("login")
        try:
            user, password, self.bus = messages.parse_login(plain)
        except Malformed as error:
            self.complain(str(error))
            self.refuse()
            return True
        device.record(self.number, ">", f"login {user} bus {self.bus}")
        if device.login == "unencrypted" and not clear:
            # To such a device the login is noise; it answers with a plain Disconnect.
            self.reject(bytes([messages.DISCONNECT, 1]))
        elif device.login == "refuse" or (user, password) != (device.user, device.password):
            self.refuse()
        else:
            self.grant(clear)
        return True

    def grant(self, clear):
        device = self.device
        device.counts["logins"] += 1
        mode = self.mode
        key = b"" if device.login == "short" else device.session_key()
        answer = messages.build_response(1, device.firmware, key)
        self.begin(b"" if clear else key)
        request = self.together = Request("login", device.loop.now())
        self.answer(request, answer[:3] if device.login == "short" else answer, mode)

    def refuse(self):
        """The answer to a login that is not accepted, by option."""
        device = self.device
        refused, disconnect = bytes([0, 2]), bytes([messages.DISCONNECT, 1])
        mode, plain = {
            "login": (self.mode, disconnect),
            "session": (cipher.session(device.session_key()), disconnect),
            "short": (self.mode, refused + bytes(1)),
            "long": (self.mode, messages.build_response(0, device.firmware, b"")),
        }.get(device.refuse, (None, b""))
        if mode:
            self.reject(cipher.encode(mode, plain))
            return
        device.counts["refused"] += 1
        self.state = "over"
        if device.refuse == "close":
            self.channel.close("refused")
        elif device.refuse == "reset":
            self.channel.reset()

    def reject(self, wire):
        self.device.counts["refused"] += 1
        self.end(wire)

    def end(self, wire):
        """Last words; the client hears the end behind them unless `hang_up` is off."""
        self.state = "over"
        self.device.record(self.number, "<", f"raw {spelled(wire)}")
        self.put(wire, self.hang_up if self.device.hang_up else None)

    def hang_up(self):
        self.channel.close("hung up")

    # Requests.

    def count(self, name):
        self.device.counts["requests"] += 1
        self.device.by_name[name] += 1

    def message(self, plain):
        device = self.device
        name = messages.NAMES[plain[0]]
        self.count(name)
        self.messages += 1
        if plain[0] == messages.CONNECT:
            self.unknown("a login inside a session")
            return
        if plain[1] != 1:
            self.complain(f"{name} with version {plain[1]}")
        if plain[0] == messages.DISCONNECT:
            self.disconnect()
            return
        request = Request(name, device.loop.now())
        self.check_turn(request)
        if plain[0] == messages.FRAME:
            self.write(request, plain)
        elif plain[0] == messages.OUTPUTS_ID:
            device.record(self.number, ">", "poll")
            device.counts["polls"] += 1
            self.answer(request, messages.build_snapshot(device.model.values))
        elif plain[0] == messages.KEEPALIVE:
            device.record(self.number, ">", "keepalive")
            device.counts["keepalives"] += 1
            self.answer(request, bytes([messages.KEEPALIVE, 1]))
        else:
            # A keypad poll is legitimate, but nobody knows the layout of its answer.
            device.record(self.number, ">", "keypad")
            self.unanswered = request

    def check_turn(self, request):
        """Complains about a request sent before its turn."""
        before = self.pending[-1] if self.pending else self.unanswered or self.together
        self.together = request
        if before and request.arrived - before.arrived < self.device.patience:
            self.complain(f"{request.name} before the answer to {before.name}")

    def disconnect(self):
        device = self.device
        device.record(self.number, ">", "disconnect")
        device.counts["disconnects"] += 1
        self.state = "over"
        if self.buffer:
            self.complain(f"bytes after the end: {spelled(self.buffer[:8])}")
            self.buffer.clear()
        if device.disconnect_answer:
            self.end(cipher.encode(self.mode, bytes([messages.DISCONNECT, 1])))
        else:
            self.channel.close("disconnect")

    def write(self, request, plain):
        device, model = self.device, self.device.model
        device.counts["writes"] += 1
        try:
            frame = messages.parse_frame(plain)
            if frame.data[0] != messages.SET_VALUES or len(frame.data) != 1 + messages.OUTPUTS:
                raise Malformed(f"a frame that sets no outputs: {spelled(frame.data)}")
            if frame.source != 0:
                raise Malformed(f"a frame from {frame.source:02x}")
            module = model.module_of(frame, self.bus)
        except Malformed as error:
            device.record(self.number, ">", f"raw {spelled(plain)}")
            self.unknown(error)
            return
        values = list(frame.data[1:])
        device.record(self.number, ">", f"write {module}: {' '.join(map(str, values))}")
        self.check_write(module, values)
        for text in model.write(module, values):
            self.complain(text)
        if device.write_answer == "ack":
            bus = frame.bus if device.ack_bus else 0
            # Invented: nobody knows how the acknowledgement is laid out.
            self.answer(request, Frame(bus, 0, frame.to, [messages.SET_VALUES]).message())
        elif device.write_answer == "snapshot":
            self.answer(request, messages.build_snapshot(model.values))
        else:
            self.unanswered = request

    def check_write(self, module, values):
        now = self.device.loop.now()
        if self.shown is None:
            self.complain("a write before the first snapshot")
        else:
            # Put back to what the client saw: it could not know of the change since.
            rows = zip(self.shown[module - 1], self.device.model.targets[module - 1], values)
            back = [old for old, present, new in rows if old == new != present]
            self.device.counts["overwritten"] += len(back)
        if self.written_at is not None and now - self.written_at < self.device.write_gap:
            self.complain(f"a write {(now - self.written_at) * 1000:.0f} ms after the one before")
        self.written_at = now

    # Bytes out.

    def answer(self, request, plain, mode=None):
        """Answers a request in `mode`, unless a fault says otherwise."""
        device, faults = self.device, self.device.next
        mode = mode or self.mode
        replaced = faults.take("answer", None)
        plain = plain if replaced is None else replaced
        if device.silent or faults.hits("lose") or not plain:
            self.unanswered = request
            return
        if plain[0] == messages.FRAME and faults.hits("bad-checksum"):
            plain = plain[:-1] + bytes([plain[-1] ^ 0xFF])
        wire = cipher.encode(mode, plain)
        if faults.hits("garble"):
            wire = device.faults.garble(wire)
        wire *= 2 if faults.hits("duplicate") else 1
        around = [[cipher.encode(mode, extra) for extra in faults.take(name, [])]
                  for name in ("before", "after")]
        wire = self.held + b"".join([*around[0], wire, *around[1]])
        self.held = b""
        if faults.hits("glue"):
            self.held = wire
            self.unanswered = request
            return
        self.pending.append(request)
        drop = 0 < device.drop_after <= self.messages
        self.put(wire, lambda: self.answered(request, plain, drop))

    def answered(self, request, plain, drop):
        device = self.device
        self.pending.remove(request)
        self.unanswered = None
        device.counts["answers"] += 1
        device.record(self.number, "<", describe(plain))
        if drop:
            self.channel.close(f"dropped after {self.messages} messages")
        if plain[0] == messages.OUTPUTS_ID and len(plain) == messages.SNAPSHOT_SIZE:
            self.shown = messages.rows(plain)
            device.model.snapshot_sent()

    def send(self, plain):
        """A message that is no answer."""
        self.device.record(self.number, "<", describe(plain))
        self.put(cipher.encode(self.mode, plain))

    def put(self, wire, done=None):
        """Sends behind all that is still waiting for its time."""
        device = self.device
        if len(self.outgoing) >= OUTGOING_MAX:
            self.complain(f"more than {OUTGOING_MAX} requests without waiting for an answer")
            self.channel.close("flooded")
            return
        wait = device.delay + device.next.take("late", 0.0)
        self.outgoing.append((device.loop.now() + wait, wire, done))
        if wait:
            device.loop.call_later(wait, self.pump)
        self.pump()

    def pump(self):
        while self.outgoing and self.channel.open:
            due, wire, done = self.outgoing[0]
            if due > self.device.loop.now():
                return
            self.outgoing.popleft()
            self.channel.write(wire, done)


def describe(plain):
    """One message of the device in words; for the log."""
    if plain[0] == messages.OUTPUTS_ID and len(plain) == messages.SNAPSHOT_SIZE:
        return "snapshot " + messages.nonzero(messages.rows(plain))
    if plain[0] == messages.CONNECT and len(plain) != 2:
        return "accepted" + ("" if len(plain) == messages.RESPONSE_SIZE else " in clear")
    if plain == bytes([messages.KEEPALIVE, 1]):
        return "keepalive"
    return "raw " + spelled(plain)
