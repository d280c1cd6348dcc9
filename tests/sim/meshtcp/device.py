# SPDX-License-Identifier: MIT
"""The node: its one client at a time, its queue of packets for clients, reboots, counters.

What a connection does is in session.py, what packets do in radio.py.
"""

import collections

from simtcp import Server

from . import download
from .answers import Answers
from .clock import Clock
from .framing import Reader, frame
from .journal import Journal
from .radio import Radio
from .session import IDS_MAX, Session
from .stations import Mesh
from .stream import LinePace
from .tables import (BROADCAST, RANGE_TEST, TELEMETRY, TEXT, decode, encode, from_radio,
                     parse_version)
from .wire import Malformed

NOTICES_MAX = 2
FIRMWARE = "2.7.26.54e0d8d"
IDLE_SECONDS = 900
PORTIONS_MAX = 16
# How a FromRadio with config_complete_id begins.
END_MARK = b"\x38"


class Device:
    def __init__(self, loop, violations, faults, seed):
        self.loop = loop
        self.violations = violations
        self.faults = faults
        self.clock = Clock(loop)
        self.pace = LinePace(faults)
        self.tcp = Server(loop, self.accept)
        self.mesh = Mesh(seed)
        self.journal = Journal(loop)
        self.counts = self.journal.counts
        self.record = self.journal.record
        self.sent_ids = collections.OrderedDict()
        self.radio = Radio(self)
        self.answers = Answers(self)
        self.queue = collections.deque()
        self.notices = collections.deque(maxlen=NOTICES_MAX)
        self.flood = None
        self.pumping = False
        self.numbers = 0
        self.current = None
        self.newcomers = []
        # Settings of the console, times in seconds.
        self.firmware = FIRMWARE
        self.version = parse_version(FIRMWARE)
        self.files = 6
        self.queue_limit = 32
        self.evict_delay = self.accept_delay = 0.0
        self.evict_how = "close"
        self.single = True
        self.strict_download = self.ask_first = True
        self.patience = 9.0
        self.one_send = self.expect_disconnect = self.noise = False
        self.free_grace = 0.1
        self.queue_status = True
        self.status_copies = 1
        self.status_late = 0.0
        self.heartbeat_answer = "auto"
        self.idle = None
        self.ignore_eof = False
        self.lose = self.lose_status = 0
        self.record_delay = self.download_delay = 0.0
        self.download_fault = None
        self.download_file = None
        self.reboot_delay = 7.0
        self.boot_time = 5.0
        self.reboots = 17
        self.pending_reboot = None
        self.refusing = self.down = False
        self.telemetry_timer = None

    # Connections.

    def accept(self, door, sock):
        self.numbers += 1
        session = Session(self, door, sock, self.numbers)
        for one in list(self.tcp.owners):
            # What it has sent and done before counts first.
            if not one.line.frozen():
                one.line.read()
            if self.single and one.connected():
                session.complain(f"open while connection {one.number} is")
        wait = self.accept_delay + (self.evict_delay if self.tcp.owners else 0)
        # Never at once: the server has to know the session first.
        self.loop.call_later(wait, lambda: self.admit(session))
        return session

    def admit(self, session):
        """The node looks at a newcomer: the newest wins. While it hangs it does not look."""
        if not session.line.open:
            return
        if self.pace.stalled:
            self.newcomers.append(session)
            return
        for one in list(self.tcp.owners):
            if one.number < session.number and one.line.open:
                self.counts["evictions"] += 1
                if self.evict_how == "reset":
                    one.line.reset()
                else:
                    one.line.close("evicted")
        self.current = session
        session.begin()

    def stall(self, on):
        self.pace.stalled = on
        for session in list(self.tcp.owners):
            session.line.thaw()
        newcomers, self.newcomers = self.newcomers, []
        for session in newcomers:
            self.admit(session)
        self.pump()

    def ended(self, session, reason):
        self.journal.ended(session, reason)
        if self.current is session:
            self.current = None
        self.tcp.gone(session.door, session)

    def relisten(self):
        self.tcp.listening = not (self.refusing or self.down)
        self.tcp.refresh()

    # Downloads.

    def records_for(self, nonce):
        if self.download_file:
            return iter([*self.download_file, from_radio(config_complete_id=nonce)])
        return download.records(self, nonce)

    def play_recording(self, path):
        """From now on downloads are the frames of a file; its end mark gets the own nonce."""
        self.download_file = None
        if path:
            with open(path, "rb") as file:
                found = [data for kind, data in Reader().feed(file.read()) if kind == "frame"]
            self.download_file = [one for one in found if one[:1] != END_MARK]

    def fail_download(self, session):
        """The fault for the next download has come: `cut`, `reset`, `close` or `silent`."""
        kind = self.download_fault[0]
        self.download_fault = None
        if kind == "silent":
            session.records = None
        elif kind == "reset":
            session.line.reset()
        else:
            if kind == "cut":
                session.line.write(frame(bytes(40))[:20])
            session.line.close(kind)

    def became_ready(self):
        for payload in self.notices:
            self.current.write(payload)
        self.notices.clear()
        self.pump()

    # What goes to the client.

    def to_client(self, payload, port):
        """A packet: kept in the queue, by its rules, until the client takes it."""
        if self.down:
            return
        if len(self.queue) >= self.queue_limit:
            self.counts["queue_dropped"] += 1
            if port not in (TEXT, RANGE_TEST) or not self.queue:
                return
            self.queue.popleft()
        self.queue.append(payload)
        self.pump()

    def pump(self):
        """Hands packets to a client that is ready and whose line is free."""
        if self.pumping:
            return
        self.pumping = True
        portions = 0
        while self.current and self.current.takes_packets():
            if self.queue:
                self.current.write(self.queue.popleft())
            elif portions == PORTIONS_MAX:
                # Others want their turn.
                self.loop.call_later(0, self.pump)
                break
            elif self.flood and self.flood.give(self.current):
                portions += 1
            else:
                break
        self.pumping = False

    def to_session(self, payload):
        """Any other record, to whoever is connected."""
        if self.current:
            self.current.write(payload)

    def notify(self, text, reply_id=None, level=30):
        payload = from_radio(clientNotification={
            "reply_id": reply_id, "time": self.clock.epoch() or 0, "level": level, "message": text})
        if self.current and self.current.state == "ready":
            self.current.write(payload)
        else:
            self.notices.append(payload)

    def new_id(self):
        return self.faults.random.randrange(1, 1 << 32)

    def payload_max(self):
        """The longest payload that the node's decoder lets through."""
        return 234 if self.version >= (2, 5, 16) else 238

    def remember(self, number, raw):
        """Keeps the last ids with their bytes, over all sessions."""
        self.sent_ids[number] = raw
        self.sent_ids.move_to_end(number)
        while len(self.sent_ids) > IDS_MAX:
            self.sent_ids.popitem(last=False)

    # What the node does by itself.

    def own_admin(self):
        return self.mesh.admin(self.mesh.own)

    def own_position(self, payload):
        """A position from the client is the node's own, and its time sets a clock without one."""
        try:
            position = decode("Position", payload)
        except Malformed:
            return
        self.mesh.own.position = position
        if self.clock.epoch() is None and position.get("time"):
            self.clock.set_epoch(position["time"])

    def set_firmware(self, text):
        self.version = parse_version(text)
        self.firmware = text

    def answers_heartbeats(self, state):
        if self.heartbeat_answer != "auto":
            return self.heartbeat_answer == "on"
        return self.version >= ((2, 7, 6) if state == "mute" else (2, 7, 4))

    def idle_limit(self):
        if self.idle is not None:
            return self.idle
        return IDLE_SECONDS if self.version >= (2, 7, 21) else 0

    def telemetry_every(self, seconds):
        """The own measurements, for the client only; 0 seconds: never."""
        if self.telemetry_timer:
            self.telemetry_timer.cancel()
            self.telemetry_timer = None
        if not seconds:
            return

        def due():
            self.telemetry_timer = self.clock.call_later(seconds, due)
            session = self.current
            if session and session.state == "ready" and not self.queue:
                message = {"time": self.clock.epoch() or 0,
                           "device_metrics": self.mesh.own.telemetry["device_metrics"]}
                own = self.mesh.own.number
                self.radio.hear(own, TELEMETRY, encode("Telemetry", message), BROADCAST)

        self.telemetry_timer = self.clock.call_later(seconds, due)

    # Reboots.

    def reboot_after_write(self):
        if self.reboot_delay is not None:
            self.reboot_in(self.reboot_delay)

    def reboot_in(self, seconds):
        """Negative: not at all."""
        if self.pending_reboot:
            self.pending_reboot.cancel()
            self.pending_reboot = None
        if seconds >= 0:
            self.pending_reboot = self.clock.call_later(seconds, self.reboot)

    def shutdown_in(self, seconds):
        self.reboot_in(-1)
        if seconds >= 0:
            self.pending_reboot = self.clock.call_later(seconds, self.power_off)

    def power_off(self):
        """Closes everything, refuses connections, forgets what was only in memory."""
        self.reboot_in(-1)
        self.down = True
        self.relisten()
        for session in list(self.tcp.owners):
            session.line.close("down")
        self.queue.clear()
        self.notices.clear()
        self.radio.busy = 0
        state = self.own_admin()
        state.passkey = None
        state.editing = state.changed = False

    def power_on(self):
        if self.down:
            self.down = False
            self.reboots += 1
            self.counts["reboots"] += 1
            self.relisten()

    def reboot(self):
        self.power_off()
        self.clock.call_later(self.boot_time, self.power_on)

    # The end, and what there is to tell.

    def finish(self):
        """At the end: what open connections began and did not end counts too."""
        for session in self.tcp.owners:
            session.check_end("end")

    def stats(self):
        return self.journal.stats(self)
