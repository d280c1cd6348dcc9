# SPDX-License-Identifier: MIT
"""A session of the camera with one client, directly, through a relay or over TCP.

`link` sends plain messages to the client. A session begins when the path is ready; the client
is "heard" with its first message. Until then P2P_RDY is repeated, which `ready` builds.
"""

import hashlib

from . import wire
from .channel import RESEND_SECONDS, Channel

READY_TIMES, READY_SECONDS = 4, 0.01
FIRST_SECONDS = 0.09
LAST_WORD_SECONDS = 0.024


class Session:
    def __init__(self, camera, peer, link, ready=None):
        self.camera = camera
        self.loop = camera.loop
        self.peer = peer
        self.link = link
        self.ready = ready
        self.port = None
        self.on_end = None
        self.open = True
        self.heard = False
        self.received = 0
        self.unanswered = 0
        self.heard_at = self.asked_at = self.loop.now()
        self.channels = {}
        self.digests = {}
        self.ticking = False
        self.flushing = False
        self.first_sent = False
        self.readies = 0

    def start(self):
        if self.ready:
            self.repeat_ready()
        self.loop.call_later(FIRST_SECONDS, self.first)
        self.watch()

    def send(self, message):
        self.link(self, message)

    def named(self, text):
        """Whether a console command means this session: HOST:PORT or the port alone."""
        host, port = self.peer
        return text in (f"{host}:{port}", str(port))

    # Before the client is heard.

    def repeat_ready(self):
        if not self.open or self.heard:
            return
        self.readies += 1
        self.send(self.ready)
        pause = READY_SECONDS if self.readies < READY_TIMES else RESEND_SECONDS
        self.loop.call_later(pause, self.repeat_ready)

    def first(self):
        """The first data on channel 0."""
        if self.open and not self.first_sent:
            self.first_sent = True
            if self.camera.first:
                self.write(0, self.camera.first)

    # Keepalive.

    def watch(self):
        """Looks again when the client has been silent for a period."""
        camera, now = self.camera, self.loop.now()
        if not self.open:
            return
        left = max(self.heard_at, self.asked_at) + camera.alive_period - now
        if not camera.alive:
            left = camera.alive_period
        elif left <= 0:
            self.asked_at = now
            self.unanswered += 1
            self.send(wire.build(wire.ALIVE))
            if self.unanswered >= camera.alive_limit:
                self.loop.call_later(LAST_WORD_SECONDS, self.time_out)
                return
            left = camera.alive_period
        self.loop.call_later(left, self.watch)

    def time_out(self):
        if not self.open:
            return
        if self.unanswered < self.camera.alive_limit:
            self.watch()
            return
        self.camera.counts["timeouts"] += 1
        self.camera.network.rules.timed_out(self.peer)
        self.close()

    def close(self):
        """The camera's own CLOSE."""
        if self.open:
            self.send(wire.build(wire.CLOSE))
            self.camera.counts["closed_by_camera"] += 1
            self.camera.end(self)

    # In.

    def handle(self, kind, plain):
        """A message of the client that belongs to sessions."""
        camera = self.camera
        self.received += 1
        self.heard_at = self.loop.now()
        self.unanswered = 0
        if kind == wire.CLOSE:
            camera.counts["closed_by_client"] += 1
            camera.end(self)
            return
        if not self.heard:
            self.heard = True
            camera.counts["sessions_heard"] += 1
        if kind == wire.ALIVE and camera.alive_ack:
            self.send(wire.build(wire.ALIVE_ACK))
        if not self.first_sent:
            self.first()
        if kind in (wire.DRW, wire.DRW_ACK):
            try:
                payload = wire.payload_of(plain)
                if kind == wire.DRW:
                    self.take(*wire.parse_data(payload))
                else:
                    self.acknowledged(*wire.parse_acks(payload))
            except wire.Malformed:
                pass
        if 0 < camera.close_after <= self.received:
            self.close()

    def take(self, number, index, data):
        if number >= wire.CHANNELS:
            return
        channel = self.channel(number)
        data = channel.take(index, data)
        if channel.receiver.acks and not self.flushing:
            self.flushing = True
            self.loop.call_later(0, self.flush)
        if data:
            if self.camera.sink:
                self.digest(number).update(data)
            if self.camera.echo:
                self.write(number, data)

    def acknowledged(self, number, indexes):
        if number not in self.channels:
            return
        unknown = self.channels[number].sender.acknowledge(indexes, self.loop.now())
        if unknown:
            self.camera.unknown_acks(self, number, unknown)

    def flush(self):
        self.flushing = False
        if self.open:
            for channel in self.channels.values():
                if channel.receiver.acks:
                    channel.flush()

    # Channels.

    def channel(self, number):
        if number not in self.channels:
            self.channels[number] = Channel(number, self.send, self.camera.acks)
        return self.channels[number]

    def digest(self, number):
        if number not in self.digests:
            self.digests[number] = hashlib.sha256()
        return self.digests[number]

    def write(self, number, data):
        self.channel(number).sender.write(data, self.loop.now())
        if not self.ticking:
            self.ticking = True
            self.loop.call_later(RESEND_SECONDS, self.tick)

    def tick(self):
        self.ticking = False
        if not self.open:
            return
        now = self.loop.now()
        for channel in self.channels.values():
            if channel.sender.flying:
                channel.sender.tick(now)
                self.ticking = True
        if self.ticking:
            self.loop.call_later(RESEND_SECONDS, self.tick)
