# SPDX-License-Identifier: MIT
"""A scripted peer: plays the device's side of a conversation file.

Connections are numbered in the order in which they come. Bytes other than those of the
file, or an end before the file's end, are violations. When a conversation is over and its
connections are gone, it begins anew.
"""

from simtcp import Channel, Pace, Server


class Peer:
    def __init__(self, script, door, sock, number):
        self.script = script
        self.door = door
        self.number = number
        self.received = bytearray()
        self.channel = Channel(script.loop, sock, script.pace, self)

    def on_data(self, data):
        self.received += data
        self.script.advance()
        if self.received and self.script.over():
            self.script.fail(self, f"bytes after the end: {bytes(self.received)!r}")

    def on_close(self, reason):
        self.script.gone(self, reason)


class Replay:
    def __init__(self, loop, steps, violations, faults):
        self.loop = loop
        self.steps = [step for step in steps if step.kind in (">", "<")]
        self.violations = violations
        self.pace = Pace(faults)
        self.tcp = Server(loop, self.accept)
        self.played = 0
        self.rewind()

    def rewind(self):
        self.place = 0
        self.peers = {}
        self.failed = False

    def over(self):
        return self.place == len(self.steps)

    def accept(self, door, sock):
        number = len(self.peers) + 1
        self.peers[number] = Peer(self, door, sock, number)
        # The door must know the connection before the script may close it.
        self.loop.call_later(0, self.advance)
        return self.peers[number]

    def fail(self, peer, text):
        if not self.failed:
            self.violations.add(f"connection {peer.number}, step {self.place + 1}: {text}")
        self.failed = True
        self.place = len(self.steps)
        for other in list(self.peers.values()):
            if other.channel.open:
                other.received.clear()
                other.channel.close()

    def advance(self):
        if self.over():
            return
        while not self.over():
            step = self.steps[self.place]
            peer = self.peers.get(step.connection)
            if peer is None:
                return
            if step.kind == "<":
                peer.channel.write(step.data)
                self.place += 1
                continue
            part = bytes(peer.received[:len(step.data)])
            if part != step.data[:len(part)]:
                self.fail(peer, f"{part!r} instead of {step.data!r}")
                return
            if len(part) < len(step.data):
                return
            del peer.received[:len(part)]
            self.place += 1
        self.played += 1

    def gone(self, peer, reason):
        self.tcp.gone(peer.door, peer)
        if not self.over():
            self.fail(peer, f"{reason} before the end of the conversation")
        if not self.tcp.owners:
            self.rewind()

    def finish(self):
        """At the end: a conversation that has begun must be over."""
        if self.peers and not self.over():
            self.violations.add(f"the end at step {self.place + 1} of {len(self.steps)}")

    def stats(self):
        return {
            "connections_total": self.tcp.accepted, "connections_now": len(self.tcp.owners),
            "step": self.place, "steps": len(self.steps), "conversations": self.played,
            "violations": list(self.violations.found),
        }
