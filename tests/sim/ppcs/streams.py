# SPDX-License-Identifier: MIT
"""The console's commands for the channels: what they carry, and what goes wrong in a session.

CHANNELS are `on` or `all`, `off` or `none`, or numbers such as `0,3-5`; CLIENT is the address
of one session, HOST:PORT or the port alone, and without it all sessions are meant.
"""

import hashlib
import random
import sys

from simlib import ConsoleError, on_off

from . import artemis, wire
from .acks import parse_indexes
from .channel import channels
from .console import choice, whole
from .data import DataStyle, spoiled

BLAST_MAX = 256 << 20
SOURCE_MAX = 1 << 40
OTHER_UID = "OTHER-000001-AAAAA"


class StyleCommands:
    """What holds for all sessions, those to come as well. All are options too."""

    def __init__(self, camera):
        self.camera = camera
        self.console = None

    @property
    def style(self):
        return self.camera.data

    def echo(self, word):
        self.style.echo = channels(word)
        self.read_on()

    def sink(self, word):
        self.style.sink = channels(word)

    def source(self, word, count="off", seed=None):
        """Starts at once in the open sessions, and after the first data in those to come."""
        style, numbers = self.style, channels(word)
        if count == "off":
            style.sources = {number: source for number, source in style.sources.items()
                             if number not in numbers}
            return
        count = whole(count, 0, SOURCE_MAX)
        for number in sorted(numbers):
            made = style.sources[number] = (count, number if seed is None else int(seed, 0))
            for session in self.camera.sessions.values():
                if session.first_sent:
                    session.source(number, *made)

    def read(self, word, numbers="all"):
        found = channels(numbers)
        if on_off(word):
            self.style.unread -= found
            self.read_on()
        else:
            self.style.unread |= found

    def read_on(self):
        for session in self.camera.sessions.values():
            for channel in list(session.channels.values()):
                session.read_on(channel)

    def packet_size(self, size):
        self.style.packet_size = whole(size, 1, wire.DATA_MAX)

    def window(self, least):
        self.style.window_least = whole(least, 0, 110)

    def spoil(self, how, every="1"):
        self.style.spoil = choice(how, *DataStyle.SPOILS)
        self.style.spoil_every = whole(every, 1)

    def renumber(self, word):
        self.style.renumber_resends = word == "resends"
        self.style.renumber_every = 0 if word in ("off", "resends") else whole(word, 1)

    def at(self, count, *words):
        """`at off` forgets all. Sessions that are open keep what they have."""
        marks = self.style.marks
        if count == "off":
            marks.clear()
            return
        if not words or (self.console and words[0] not in self.console.commands):
            raise ConsoleError("a command expected")
        marks.append((whole(count, 0, SOURCE_MAX), words))
        marks.sort(key=lambda mark: mark[0])

    def artemis(self, *texts):
        """`on` or base64: the first answers the first request, the last all that follow."""
        if texts in (("off",), ()):
            self.camera.artemis.answers = []
        elif texts == ("on",):
            self.camera.artemis.answers = [artemis.LOGIN_TEXT]
        else:
            self.camera.artemis.answers = [text.encode() for text in texts]

    def garbage(self, count):
        self.camera.artemis.garbage = whole(count, 0, 1 << 16)

    def table(self):
        return {
            "echo": ("CHANNELS", self.echo),
            "sink": ("CHANNELS", self.sink),
            "source": ("CHANNELS BYTES|off [SEED]", self.source),
            "read": ("on|off [CHANNELS]", self.read),
            "packet-size": ("BYTES", self.packet_size),
            "window": ("LEAST", self.window),
            "spoil": (f"{'|'.join(DataStyle.SPOILS)} [EVERY]", self.spoil),
            "renumber": ("EVERY|resends|off", self.renumber),
            "at": ("BYTES|off ...", self.at),
            "artemis": ("on|off|TEXT ...", self.artemis),
            "artemis-garbage": ("BYTES", self.garbage),
        }


class DataCommands:
    """What the camera does once in sessions that are open."""

    def __init__(self, camera):
        self.camera = camera
        self.only = None

    def perform(self, console):
        """How a session runs a command for itself alone."""
        def run(words, session):
            before, self.only = self.only, session
            try:
                console.execute(list(words))
            except (ConsoleError, ValueError) as error:
                print(f"ppcs_sim: at: {' '.join(words)}: {error}", file=sys.stderr)
            finally:
                self.only = before
        return run

    def sessions(self, client=None):
        sessions = list(self.camera.sessions.values())
        if client:
            sessions = [found for found in sessions if found.named(client)]
        elif self.only:
            sessions = [self.only]
        if not sessions:
            raise ConsoleError("no such session" if client else "no session")
        return sessions

    def write(self, channel, data, client):
        number = whole(channel, 0, wire.CHANNELS - 1)
        for session in self.sessions(client):
            session.write(number, data)

    def send(self, channel, data, client=None):
        self.write(channel, bytes.fromhex(data), client)

    def send_text(self, channel, *words):
        self.write(channel, " ".join(words).encode(), None)

    def blast(self, channel, count, client=None):
        """Answers with the digest of what is sent."""
        camera = self.camera
        self.sessions(client)
        source = random.Random(f"{camera.network.seed} blast {camera.blasts}")
        camera.blasts += 1
        data = source.randbytes(whole(count, 1, BLAST_MAX))
        self.write(channel, data, client)
        return "sha256=" + hashlib.sha256(data).hexdigest()

    def raw(self, data, client=None):
        """A datagram as it is, from where the session is."""
        data = bytes.fromhex(data)
        for session in self.sessions(client):
            if session.port:
                plain = self.camera.network.cipher.decode(data)
                self.excuse(session, plain)
                self.camera.send_raw(session.port, data, session.peer, plain)

    def message(self, data, client=None):
        data = bytes.fromhex(data)
        for session in self.sessions(client):
            self.excuse(session, data)
            session.send(data)

    @staticmethod
    def excuse(session, data):
        """A client may acknowledge what was sent by hand."""
        if len(data) > 8 and data[1] == wire.DRW and data[5] < wire.CHANNELS:
            session.channel(data[5]).sender.alien.add(data[6] << 8 | data[7])

    def bad_data(self, how, channel, client=None):
        """A DRW with the next index of the channel that is no packet, so that the index stays."""
        choice(how, "empty", "long", "channel")
        number = whole(channel, 0, 255)
        for session in self.sessions(client):
            index = 0
            if number < wire.CHANNELS:
                index = session.channel(number).sender.next
            message = wire.build_data(number, index, bytes(range(100)))
            session.send(message if number >= wire.CHANNELS else spoiled(how, message))

    def jump(self, channel, count, client=None):
        number, count = whole(channel, 0, wire.CHANNELS - 1), whole(count, 0, 65535)
        for session in self.sessions(client):
            session.channel(number).sender.jump(count)

    def send_acks(self, channel, indexes, client=None):
        """Cut into packets of 81; the numbers may be those of no channel."""
        number, found = whole(channel, 0, 255), parse_indexes(indexes)
        for session in self.sessions(client):
            for place in range(0, len(found), wire.ACKS_MAX):
                part = found[place:place + wire.ACKS_MAX]
                session.send(self.camera.acks.message(number, part))

    def close(self, client=None):
        if client or self.only:
            for session in self.sessions(client):
                session.close()
        else:
            self.camera.close_all()

    def each(self, function):
        def run(client=None):
            for session in self.sessions(client):
                function(session)
        return run

    def mute(self, word, client=None):
        mute = on_off(word)
        for session in self.sessions(client):
            session.mute = mute

    def ready(self, uid=OTHER_UID, client=None):
        did = self.camera.did if uid == "own" else wire.Did.parse(uid)
        for session in self.sessions(client):
            self.camera.ready_again(session, did)

    def artemis_frame(self, kind, number, text="login", client=None):
        known = {"login": artemis.LOGIN_TEXT, "heartbeat": artemis.HEARTBEAT_TEXT}
        kind = artemis.KINDS[choice(kind, *artemis.KINDS)]
        data = artemis.text_frame(kind, int(number, 0), known.get(text) or text.encode())
        for session in self.sessions(client):
            self.camera.artemis.send(session, data, kind)

    def artemis_media(self, count, size, client=None):
        count, size = whole(count, 1, 1 << 16), whole(size, 0, artemis.LENGTH_MAX)
        for session in self.sessions(client):
            self.camera.artemis.media(session, count, size)

    def table(self):
        return {
            "send": ("CHANNEL HEX [CLIENT]", self.send),
            "send-text": ("CHANNEL TEXT ...", self.send_text),
            "blast": ("CHANNEL BYTES [CLIENT]", self.blast),
            "send-raw": ("HEX [CLIENT]", self.raw),
            "send-message": ("HEX [CLIENT]", self.message),
            "send-acks": ("CHANNEL INDEXES [CLIENT]", self.send_acks),
            "bad-data": ("empty|long|channel CHANNEL [CLIENT]", self.bad_data),
            "jump": ("CHANNEL INDEXES [CLIENT]", self.jump),
            "close": ("[CLIENT]", self.close),
            "mute": ("on|off [CLIENT]", self.mute),
            "move": ("[CLIENT]", self.each(lambda session: self.camera.move(session))),
            "ready": ("[UID|own] [CLIENT]", self.ready),
            "artemis-frame": ("answer|request|media NUMBER [TEXT] [CLIENT]", self.artemis_frame),
            "artemis-media": ("FRAMES BYTES [CLIENT]", self.artemis_media),
        }
