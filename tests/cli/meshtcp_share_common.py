# SPDX-License-Identifier: MIT
"""What the end-to-end tests of meshtcp share have in common: a share, its events, its clients."""

import json
import os
import socket
import sys

from common import TIME
from meshtcp_common import MeshtcpCase

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "sim"))

from meshtcp.framing import Reader, frame  # noqa: E402, F401
from meshtcp.tables import decode, encode  # noqa: E402, F401
from meshtcp_case import (GOODBYE, HEARTBEAT, WAKE, MeshClient, packet,  # noqa: E402, F401
                          request, text, want)

NOT_AUTHORIZED, RES_NO_RADIO = 33, 33


class ShareClient(MeshClient):
    """A client in plain Python, over TCP or the Unix socket."""

    def __init__(self, where):
        self.buffer = b""
        if isinstance(where, int):
            super().__init__(where)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(10)
            self.sock.connect(where)

    def hear_text(self):
        """The next packet has to be a text: (sender, what it says)."""
        found = self.packet()
        return found["from"], found["decoded"]["payload"].decode()


class ShareCase(MeshtcpCase):
    """`share` shares the node that was simulated last; from then on the tool is given no host."""

    def setUp(self):
        super().setUp()
        self.runtime = os.path.join(self.dir, "run")
        os.mkdir(self.runtime, 0o700)
        self.env["XDG_RUNTIME_DIR"] = self.runtime

    def begin_share(self, *arguments, **kwargs):
        """A share that listens, and may have to wait for the node."""
        node = self.peer
        tool = self.start_tool("--json", "share", "--listen", "127.0.0.1:0", *arguments, **kwargs)
        self.node, self.peer = node, []
        tcp, unix = (self.event(tool, "listening")["address"] for _ in range(2))
        self.port = int(tcp.removeprefix("127.0.0.1:"))
        self.path = unix
        return tool

    def share(self, *arguments, **kwargs):
        """A share whose node is ready."""
        tool = self.begin_share(*arguments, **kwargs)
        self.event(tool, "node_ready")
        return tool

    def event(self, tool, name, **fields):
        """The next line, which has to be this event."""
        found = self.object(tool.line())
        self.assertRegex(found.pop("time"), TIME)
        self.assertEqual(found["event"], name, found)
        self.assertEqual(found | fields, found)
        return found

    def until(self, tool, name, **fields):
        """The next such event; others are passed over."""
        while True:
            found = json.loads(tool.line())
            if found["event"] == name and found | fields == found:
                return found

    def client(self, where=None):
        client = ShareClient(where or self.port)
        self.addCleanup(client.close)
        return client

    def ready(self, where=None):
        """One that has had its download."""
        client = self.client(where)
        client.download()
        return client
