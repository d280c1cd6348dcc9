# SPDX-License-Identifier: MIT
"""A session of the camera with one client, directly, through a relay or over TCP.

`link` sends plain messages to the client. A session begins when the path is ready; the client
is "heard" with its first message. Until then P2P_RDY is repeated, which `ready` builds.
"""

import hashlib

from . import wire
from .channel import RESEND_SECONDS, TICK_SECONDS, Channel
from .data import ECHO_MAX, Source

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
        self.mute = False
        self.heard = False
        self.received = 0
        self.unanswered = 0
        self.heard_at = self.asked_at = self.loop.now()
        self.channels = {}
        self.digests = {}
        self.artemis = None
        self.requests = 0
        self.style = camera.data
        self.marks = list(camera.data.marks)
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
        if self.open and not self.mute:
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
            for number, source in self.style.sources.items():
                self.source(number, *source)
            self.check_marks()

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
        if self.mute:
            return
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
        if self.marks:
            self.check_marks()
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
        if not data:
            return
        if channel.aside or not self.reading(channel):
            channel.put_aside(data)
        else:
            self.read(channel, data)

    def reading(self, channel):
        """An echo that is not heard does not listen."""
        number, style = channel.number, self.style
        if number in style.unread:
            return False
        return number not in style.echo or channel.sender.pending <= ECHO_MAX

    def read(self, channel, data):
        """What the camera does with bytes of a channel."""
        number, style = channel.number, self.style
        if number in style.sink:
            self.digest(number).update(data)
        if number in style.echo:
            self.write(number, data)
        if number == 0 and self.camera.artemis.answers:
            self.camera.artemis.heard(self, data)

    def read_on(self, channel):
        while channel.aside and self.reading(channel):
            self.read(channel, channel.take_aside())

    def acknowledged(self, number, indexes):
        channel = self.channels.get(number)
        if channel is None:
            self.camera.unknown_acks(self, number, len(indexes))
            return
        unknown = channel.sender.acknowledge(indexes, self.loop.now())
        if unknown:
            self.camera.unknown_acks(self, number, unknown)
        if channel.aside:
            self.read_on(channel)

    def check_marks(self):
        """Runs the commands whose number of bytes is reached, once each."""
        total = sum(channel.receiver.bytes + channel.sender.sent_bytes
                    for channel in self.channels.values())
        while self.open and self.marks and self.marks[0][0] <= total:
            self.camera.perform(self.marks.pop(0)[1], self)

    def flush(self):
        self.flushing = False
        if self.open:
            for channel in self.channels.values():
                if channel.receiver.acks:
                    channel.flush()

    # Channels.

    def channel(self, number):
        if number not in self.channels:
            camera = self.camera
            self.channels[number] = Channel(number, self.send, camera.acks, camera.data)
        return self.channels[number]

    def digest(self, number):
        if number not in self.digests:
            self.digests[number] = hashlib.sha256()
        return self.digests[number]

    def write(self, number, data):
        self.channel(number).sender.write(data, self.loop.now())
        self.keep_ticking()

    def source(self, number, count, seed):
        self.channel(number).source(Source(count, seed), self.loop.now())
        self.keep_ticking()

    def keep_ticking(self):
        if not self.ticking:
            self.ticking = True
            self.loop.call_later(TICK_SECONDS, self.tick)

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
            self.loop.call_later(TICK_SECONDS, self.tick)
