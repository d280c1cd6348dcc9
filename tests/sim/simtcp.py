# SPDX-License-Identifier: MIT
"""The TCP side of a simulator: listening doors with a limit, and misbehaving connections.

Above its limit a door refuses as a busy device does: its listening socket is closed while a
second, bound but silent socket keeps the port. The queue of the listening socket is never
longer than the free slots, so no connection is completed that would then be thrown out; who
comes between has to ask again, which TCP does after a second, and is refused then.
"""

import collections
import ctypes
import socket
import struct

from simlib import ConsoleError, on_off

OUTPUT_MAX = 1 << 20
DRIBBLE_SECONDS = 0.0005
MERGE_SECONDS = 0.02
PEER_REASONS = ("closed", "reset")
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27


class Pace:
    """How bytes leave: `normal`, `dribble` (single), `split` (pieces), `merge` (together)."""

    def __init__(self, faults):
        self.mode = "normal"
        self.faults = faults


class Channel:
    """One accepted connection; its owner gets `on_data(bytes)` and `on_close(reason)`.

    The reason is one of PEER_REASONS, or other words when the simulator itself closed it.
    """

    def __init__(self, loop, sock, pace, owner):
        self.loop = loop
        self.sock = sock
        self.pace = pace
        self.owner = owner
        self.output = collections.deque()
        self.queued = 0
        self.timer = None
        self.open = True
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.watch(sock, self.ready)

    def ready(self, readable, writable):
        if readable:
            self.read()
        if writable and self.open:
            self.flush()

    def read(self):
        """Takes all that has come, so that nothing sent earlier is seen later."""
        received = bytearray()
        reason = None
        while reason is None and len(received) < OUTPUT_MAX:
            try:
                data = self.sock.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                reason = "reset"
                break
            if not data:
                reason = "closed"
            received += data
        if received:
            self.owner.on_data(bytes(received))
        if reason and self.open:
            self.close(reason)

    def write(self, data, done=None):
        """Queues bytes; `done` is called when the last of them has been given to TCP."""
        if not self.open:
            return
        self.queued += len(data)
        if self.queued > OUTPUT_MAX:
            self.reset()
            return
        self.output.append([data, done])
        if self.pace.mode == "merge" and self.timer is None:
            self.timer = self.loop.call_later(MERGE_SECONDS, self.flush_timed)
        elif self.timer is None:
            self.flush()

    def flush_timed(self):
        self.timer = None
        if self.open:
            self.flush()

    def flush(self):
        mode = self.pace.mode
        if mode == "merge" and self.output:
            joined = b"".join(data for data, _ in self.output)
            calls = [done for _, done in self.output if done]
            self.output.clear()
            self.output.append([joined, lambda: [done() for done in calls]])
        while self.output and self.open:
            data, done = self.output[0]
            count = len(data)
            if mode in ("dribble", "split") and count:
                count = 1 if mode == "dribble" else self.pace.faults.piece(count)
            try:
                sent = self.sock.send(data[:count]) if count else 0
            except BlockingIOError:
                self.loop.watch(self.sock, self.ready, write=True)
                return
            except OSError:
                self.close("reset")
                return
            self.queued -= sent
            self.output[0][0] = data[sent:]
            if sent == len(data):
                self.output.popleft()
                if done:
                    done()
            if mode in ("dribble", "split") and self.output:
                self.timer = self.loop.call_later(DRIBBLE_SECONDS, self.flush_timed)
                return
        if self.open:
            self.loop.watch(self.sock, self.ready)

    def forget(self):
        """Stops reading and writing but tells the peer nothing; returns the socket."""
        self.open = False
        self.loop.unwatch(self.sock)
        self.output.clear()
        if self.timer:
            self.timer.cancel()
        return self.sock

    def close(self, reason="dropped"):
        self.forget()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.owner.on_close(reason)

    def reset(self):
        """Closes with RST, throwing away what was not sent."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.forget()
        self.sock.close()
        self.owner.on_close("reset by the simulator")

    def half_close(self):
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Door:
    """One port: `limit` connections at once (0 = none is too many)."""

    def __init__(self, name, host, port, limit):
        self.name = name
        self.limit = limit
        self.count = 0
        self.listener = None
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.holder = self.bound((host, port))
        self.address = self.holder.getsockname()
        self.port = self.address[1]

    def bound(self, address):
        sock = socket.socket(self.family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        return sock

    def deaf(self, on):
        """Whether the listening socket overlooks new connections: a filter drops all packets."""
        drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
        program = struct.pack("HP", 1, ctypes.addressof(drop_all))
        option = SO_ATTACH_FILTER if on else SO_DETACH_FILTER
        self.listener.setsockopt(socket.SOL_SOCKET, option, program)


class Server:
    """Doors with their limits. `accept(door, sock)` makes an owner with a `channel`."""

    def __init__(self, loop, accept):
        self.loop = loop
        self.accept = accept
        self.doors = {}
        self.owners = []
        self.total_limit = 0
        self.full = "refuse"
        self.listening = True
        self.vanished = []
        self.accepted = 0
        self.turned_away = 0
        self.most = 0

    def add_door(self, name, host, port, limit):
        door = Door(name, host, port, limit)
        self.doors[name] = door
        self.refresh()
        return door

    def free(self, door):
        """Connections that this door may still take."""
        free = door.limit - door.count if door.limit else 128
        if self.total_limit:
            free = min(free, self.total_limit - len(self.owners))
        return max(free, 0)

    def refresh(self):
        """Opens and closes listening sockets to match limits and switches."""
        for door in self.doors.values():
            free = self.free(door)
            if not self.listening or (not free and self.full == "refuse"):
                self.shut(door)
                continue
            if door.listener is None:
                door.listener = door.bound(door.address)
                door.listener.listen(free - 1 if free else 16)
                self.loop.watch(door.listener, lambda *_, door=door: self.knock(door))
            else:
                door.listener.listen(free - 1 if free else 16)

    def shut(self, door):
        if door.listener:
            self.loop.unwatch(door.listener)
            door.listener.close()
            door.listener = None

    def knock(self, door):
        while door.listener:
            # Taking the last one makes room in the queue for a moment.
            last = self.full == "refuse" and self.free(door) == 1
            if last:
                door.deaf(True)
            try:
                sock, _ = door.listener.accept()
            except OSError:
                if last:
                    door.deaf(False)
                return
            if not self.free(door):
                self.turned_away += 1
                sock.close()
                continue
            self.accepted += 1
            door.count += 1
            owner = self.accept(door, sock)
            self.owners.append(owner)
            self.most = max(self.most, len(self.owners))
            self.refresh()

    def gone(self, door, owner):
        """An owner reports that its connection ended."""
        if owner in self.owners:
            self.owners.remove(owner)
            door.count -= 1
            self.refresh()

    def each(self, action):
        for owner in list(self.owners):
            getattr(owner.channel, action)()

    def vanish(self):
        """Forgets all connections without a word to their peers, who still see them open."""
        for owner in list(self.owners):
            self.vanished.append(owner.channel.forget())
            self.owners.remove(owner)
        for door in self.doors.values():
            door.count = 0
        self.refresh()


def tcp_commands(server, pace):
    """Console commands that every simulator with TCP has: name -> (usage, function)."""

    def limit(door):
        def change(number):
            door.limit = max(0, int(number))
            server.refresh()
        return change

    def total_limit(number):
        server.total_limit = max(0, int(number))
        server.refresh()

    def full(word):
        if word not in ("refuse", "accept-close"):
            raise ConsoleError(f"'{word}' is neither refuse nor accept-close")
        server.full = word
        server.refresh()

    def listen(word):
        server.listening = on_off(word)
        server.refresh()

    def vanish(word, accept=None):
        if accept not in (None, "accept"):
            raise ConsoleError("usage: vanish on|off [accept]")
        server.listening = not on_off(word) or accept is not None
        if on_off(word):
            server.vanish()
        server.refresh()

    def stream(mode):
        def change(word):
            pace.mode = mode if on_off(word) else "normal"
        return change

    found = {
        "total-limit": ("N", total_limit),
        "full": ("refuse|accept-close", full),
        "listen": ("on|off", listen),
        "vanish": ("on|off [accept]", vanish),
        "drop": ("", lambda: server.each("close")),
        "reset": ("", lambda: server.each("reset")),
        "half-close": ("", lambda: server.each("half_close")),
    }
    for mode in ("dribble", "split", "merge"):
        found[mode] = ("on|off", stream(mode))
    for name, door in server.doors.items():
        # "port" has "limit", "query-port" has "query-limit".
        found[name.replace("port", "limit")] = ("N", limit(door))
    return found
