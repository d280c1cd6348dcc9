# SPDX-License-Identifier: MIT
"""The console's commands for the connection: its faults, and the rules the client is held to."""

import ctypes
import socket
import struct

from simlib import ConsoleError, on_off
from simtcp import SO_ATTACH_FILTER

from .console_mesh import whole

DOWNLOAD_FAULTS = ("cut", "reset", "close", "silent")


def deafen(sock):
    """From now on TCP itself overlooks what comes: nothing is acknowledged."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


class LineCommands:
    def __init__(self, device):
        self.device = device
        self.pace = device.pace

    def stall(self, word):
        """The node hangs: it neither reads nor writes, and closes nothing."""
        self.device.stall(on_off(word))

    def trickle(self, count, milliseconds="1"):
        self.pace.trickle_bytes = whole(count)
        self.pace.trickle_seconds = whole(milliseconds) / 1000

    def echo(self, word):
        self.device.journal.echo = on_off(word)

    def half_open(self):
        """The node is gone without a word: open connections stay open and dead."""
        for session in self.device.tcp.owners:
            deafen(session.line.sock)
        self.device.tcp.vanish()
        self.device.current = None

    def refuse(self, word):
        self.device.refusing = on_off(word)
        self.device.relisten()

    def listen(self, word):
        self.device.refusing = not on_off(word)
        self.device.relisten()

    def blackhole(self, word):
        """Connecting gets no answer at all, not even a refusal."""
        for door in self.device.tcp.doors.values():
            if door.listener is None:
                raise ConsoleError("nobody listens")
            door.deaf(on_off(word))

    def evict_how(self, word):
        if word not in ("close", "reset"):
            raise ConsoleError(f"'{word}' is neither close nor reset")
        self.device.evict_how = word

    def heartbeat_answer(self, word):
        if word not in ("on", "off", "auto"):
            raise ConsoleError(f"'{word}' is none of on off auto")
        self.device.heartbeat_answer = word

    def idle(self, word):
        """Seconds; 0: never; auto: as the firmware does. Counts for new connections."""
        self.device.idle = None if word == "auto" else float(word)

    def download_fault(self, kind, records="0"):
        if kind not in (*DOWNLOAD_FAULTS, "off"):
            raise ConsoleError(f"'{kind}' is none of {' '.join(DOWNLOAD_FAULTS)} off")
        self.device.download_fault = None if kind == "off" else (kind, whole(records))

    def discard_input(self, word):
        self.pace.discard_input = on_off(word)

    def output_limit(self, count):
        self.pace.output_limit = whole(count, 1)

    def switch(self, name):
        def change(word):
            setattr(self.device, name, on_off(word))
        return "on|off", change

    def time(self, name):
        def change(milliseconds):
            setattr(self.device, name, whole(milliseconds) / 1000)
        return "MS", change

    def number(self, name, usage, default=None):
        def change(count=default):
            setattr(self.device, name, whole(count))
        return usage, change

    def table(self):
        device = self.device
        found = {
            "echo": ("on|off", self.echo),
            "stall": ("on|off", self.stall),
            "trickle": ("BYTES [MS]", self.trickle),
            "half-open": ("", self.half_open),
            "refuse": ("on|off", self.refuse),
            "listen": ("on|off", self.listen),
            "blackhole": ("on|off", self.blackhole),
            "close": ("", lambda: device.tcp.each("close")),
            "evict-how": ("close|reset", self.evict_how),
            "heartbeat-answer": ("on|off|auto", self.heartbeat_answer),
            "idle": ("SECONDS|auto", self.idle),
            "download-fault": ("cut|reset|close|silent|off [RECORDS]", self.download_fault),
            "discard-input": ("on|off", self.discard_input),
            "output-limit": ("BYTES", self.output_limit),
            "queue-limit": self.number("queue_limit", "COUNT"),
            "lose": self.number("lose", "[COUNT]", "1"),
            "lose-status": self.number("lose_status", "[COUNT]", "1"),
            "status-copies": self.number("status_copies", "COUNT"),
        }
        for name in ("single", "strict-download", "ask-first", "one-send", "expect-disconnect",
                     "noise", "queue-status", "ignore-eof"):
            found[name] = self.switch(name.replace("-", "_"))
        for name in ("evict-delay", "accept-delay", "patience", "free-grace", "status-late",
                     "record-delay", "download-delay"):
            found[name] = self.time(name.replace("-", "_"))
        return found
