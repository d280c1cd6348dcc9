# SPDX-License-Identifier: MIT
"""For the self-tests of the simulators with TCP: a bare client and a test case around both."""

import contextlib
import socket
import struct
import unittest

from simulator import Simulator

TIMEOUT = 10.0


class Client:
    """A bare socket; nothing here knows the protocol."""

    def __init__(self, port, host="127.0.0.1"):
        self.sock = socket.create_connection((host, port), timeout=TIMEOUT)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data):
        self.sock.sendall(data)

    def take(self, count):
        while len(self.buffer) < count:
            data = self.sock.recv(4096)
            if not data:
                break
            self.buffer += data
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def line(self):
        """One line without its CR."""
        while b"\r" not in self.buffer:
            data = self.sock.recv(4096)
            if not data:
                raise EOFError(self.buffer)
            self.buffer += data
        found, _, self.buffer = self.buffer.partition(b"\r")
        return found.decode("latin-1")

    def ask(self, command):
        self.send(command.encode() + b"\r")
        return self.line()

    def rest(self):
        """Everything up to the end of the stream."""
        while True:
            data = self.sock.recv(4096)
            if not data:
                return self.buffer
            self.buffer += data

    def quiet(self):
        """True when nothing has come; the caller has made sure that it would be there."""
        self.sock.setblocking(False)
        try:
            return not self.buffer and not self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        finally:
            self.sock.settimeout(TIMEOUT)

    def segments(self):
        """Data segments received so far (tcpi_data_segs_in)."""
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
        return struct.unpack_from("I", info, 152)[0]

    def close(self):
        self.sock.close()


class Case(unittest.TestCase):
    """`script` names the simulator; what a test opens is closed after it."""

    script = None

    def setUp(self):
        self.cleanup = contextlib.ExitStack()
        self.addCleanup(self.cleanup.close)

    def simulate(self, *arguments):
        self.sim = Simulator(self.script, arguments)
        self.cleanup.callback(self.sim.stop)
        return self.sim

    def connect(self, name="port", host="127.0.0.1"):
        client = Client(self.sim.ports[name], host)
        self.cleanup.callback(client.close)
        return client

    def connected(self, name="port"):
        """A connection that the simulator has seen as well."""
        before = self.sim.stats()["connections_total"]
        client = self.connect(name)
        self.sim.wait("connections_total", before + 1)
        return client

    def refused(self, name="port"):
        with self.assertRaises(ConnectionRefusedError):
            self.connect(name)

    def finish(self, *violations):
        self.assertEqual(self.sim.stop(), list(violations))
