# SPDX-License-Identifier: MIT
"""Rules that a client must keep, judged by what it sends and what it has been sent.

A flow is what one client address does with the camera, or with one assigned port of a relay.
Times are those of the kernel at arrival: the simulator may be late, the client is not.
"""

import collections
import itertools
import time

from . import wire

FLOWS_MAX = 20000
# A client has so long to read a CLOSE, and to start anew on a port that the kernel reuses.
CLOSE_GRACE = 0.25
NEW_ATTEMPT = 0.03
CLOSES_MAX = 3
# At most so many echoes in 200 ms. A client may count in windows of its own, so that bursts
# come 200 ms apart; looking at a little less does not mistake two of them for one.
ECHO_SECONDS = 0.18
ECHOES_MAX = 8
# A client that punches of its own accord does so every 100 ms beside its echoes.
PUNCHES_MAX = ECHOES_MAX + 3
REQUEST_GAP = 0.5
RESEND_GAP = 0.015
WINDOW = 120
# A client that has heard nothing asks every second, every 50 ms until the first word. When the
# line is clean it answers; so many ALIVE for so long may be on their way.
SILENCE_MAX = 4.0
ALIVES_SECONDS, ALIVES_MAX = 1.0, 25
UNANSWERED_MAX, UNANSWERED_SECONDS = 3, 1.0
# A client that errs with every datagram fills no pipe: said so often for an address.
SAID_MAX = 20

SESSION = {wire.ALIVE, wire.ALIVE_ACK, wire.DRW, wire.DRW_ACK, wire.CLOSE}
FOR = {
    "camera": SESSION | {wire.LAN_SEARCH, wire.PUNCH_PKT},
    "server": {wire.HELLO, wire.P2P_REQ, wire.P2P_REQ_WI, wire.P2P_REQ_DSK, wire.P2P_REQ_DSK_WI,
               wire.LIST_REQ1_WI, wire.LIST_REQ1, wire.LIST_REQ, wire.LIST_REQ_DSK,
               wire.LIST_REQ_DSK_WI, wire.RLY_REQ},
    "relay": {wire.RLY_HELLO, wire.RLY_PORT},
    "assigned": SESSION | {wire.RLY_PKT},
    "tcpserver": {wire.TCP_RLY_REQ, wire.TCP_RLY_REQ_DSK},
    "tcprelay": SESSION,
}
STARTS = (wire.LAN_SEARCH, wire.PUNCH_PKT)
ONCE = (wire.HELLO, wire.P2P_REQ, wire.P2P_REQ_WI, wire.P2P_REQ_DSK, wire.P2P_REQ_DSK_WI)


def place_of(node, port):
    """What the rules call a socket: a relay has others than the listed one."""
    return "assigned" if port.owner else node.role


class Track:
    """Indexes that a client uses on one channel.

    `sent` has for each the time it was last seen, how many acknowledgements had been news to
    the client when it was first seen, and how often it was repeated in a hurry.
    """

    def __init__(self):
        self.base = 0
        self.acknowledged = set()
        self.sent = {}
        self.news = 0
        self.recent = collections.deque(maxlen=256)

    def data(self, index, stamp):
        """What is wrong with this index now, or None."""
        ahead = (index - self.base) & 0xFFFF
        if WINDOW < ahead < 0x8000:
            return f"index {index}, {ahead} ahead of the oldest without acknowledgement"
        entry = self.sent.get(index)
        if entry is None:
            if ahead < 0x8000 and index not in self.acknowledged:
                # The client may not have read yet what it was sent just before.
                later = sum(1 for _ in itertools.takewhile(
                    lambda at: at >= stamp - RESEND_GAP, reversed(self.recent)))
                self.sent[index] = [stamp, self.news - later, 0]
            return None
        if stamp - entry[0] < RESEND_GAP:
            # At once is right when an acknowledgement shows a gap: once for each.
            entry[2] += 1
        last, entry[0] = entry[0], stamp
        if entry[2] <= self.news - entry[1] or stamp - last >= RESEND_GAP:
            return None
        return f"index {index} resent after {(stamp - last) * 1000:.1f} ms"

    def acknowledge(self, indexes):
        """The client was sent this; what it had been told already is no news."""
        before = len(self.sent)
        for index in indexes:
            if self.sent.pop(index, None):
                self.acknowledged.add(index)
        while self.base in self.acknowledged:
            self.acknowledged.remove(self.base)
            self.base = (self.base + 1) & 0xFFFF
        if len(self.sent) < before:
            self.news += 1
            self.recent.append(time.time())


class Pulse:
    """ALIVE and ALIVE_ACK of a flow. `asked` ALIVE have had no answer, `owed` may have one."""

    def __init__(self):
        self.heard_at = self.asked_at = None
        self.target = None
        self.asked = self.owed = self.readies = 0
        self.alives = collections.deque()

    def check(self, kind, stamp, number):
        silence = stamp - (self.heard_at or stamp)
        self.heard_at, self.target = stamp, number
        if kind == wire.ALIVE_ACK:
            self.asked = 0
            self.owed -= 1
            return "ALIVE_ACK without ALIVE" if self.owed < 0 else None
        if self.asked > UNANSWERED_MAX and stamp - self.asked_at > UNANSWERED_SECONDS:
            asked, self.asked = self.asked, 0
            return f"no ALIVE_ACK to {asked} ALIVE"
        if silence > SILENCE_MAX:
            return f"silent for {silence:.1f} s"
        return self.check_pace(stamp) if kind == wire.ALIVE else None

    def check_pace(self, stamp):
        """P2P_RDY is answered with ALIVE as well."""
        alives = self.alives
        alives.append(stamp)
        while stamp - alives[0] > ALIVES_SECONDS:
            alives.popleft()
        if len(alives) <= ALIVES_MAX + self.readies:
            return None
        return f"{len(alives)} ALIVE in {ALIVES_SECONDS:.0f} s"

    def told(self, kind, number, sure):
        """The client was sent this; it need not listen to another port than it talks to."""
        if kind == wire.P2P_RDY:
            self.readies += 1
        elif kind == wire.ALIVE:
            self.owed = max(0, self.owed) + 1
            if sure and number == self.target:
                if not self.asked:
                    self.asked_at = time.time()
                self.asked += 1


class Flow:
    def __init__(self):
        self.closes = 0
        self.closed_at = None
        self.ended_at = None
        self.timed_out = False
        self.up = False
        self.invited = 0
        self.spontaneous = False
        self.punches = collections.deque()
        self.told = collections.deque(maxlen=16)
        self.tracks = {}
        self.pulse = Pulse()

    def track(self, channel):
        if channel not in self.tracks:
            self.tracks[channel] = Track()
        return self.tracks[channel]


class Rules:
    def __init__(self, violations):
        self.violations = violations
        self.flows = {}
        self.requests = {}
        self.expect_close = False
        self.last_closed = None
        self.addresses = {}
        self.said = collections.Counter()

    def flow(self, place, port, address):
        """The camera's sockets are one place; so is each assigned port of a relay."""
        key = (address, port.number if place == "assigned" else 0)
        flow = self.flows.get(key)
        if flow is None:
            if len(self.flows) >= FLOWS_MAX:
                del self.flows[next(iter(self.flows))]
            flow = self.flows[key] = Flow()
        return flow

    def restart(self, place, port, address):
        self.flows.pop((address, port.number if place == "assigned" else 0), None)
        return self.flow(place, port, address)

    # What a client sends.

    def check(self, node, port, kind, plain, address, stamp):
        place = place_of(node, port)
        if place in ("camera", "assigned"):
            if len(self.addresses) < FLOWS_MAX:
                self.addresses[address] = None
        problem = self.form(place, plain)
        if problem is None or problem.startswith("side"):
            later = self.manners(node, place, port, kind, plain, address, stamp)
            problem = problem or later
        if problem:
            self.complain(address, node.name, problem)

    def complain(self, address, name, text):
        self.said[address] += 1
        if self.said[address] <= SAID_MAX:
            self.violations.add(f"{address[0]}:{address[1]} to {name}: {text}")
        else:
            self.violations.count += 1

    def form(self, place, plain):
        """What is wrong with a message whatever came before it."""
        try:
            payload = wire.payload_of(plain)
        except wire.Malformed as error:
            return str(error)
        kind, name = plain[1], wire.name_of(plain[1])
        if len(plain) > wire.DATAGRAM_MAX:
            return f"{name} of {len(plain)} bytes"
        if len(plain) > wire.HEADER_SIZE + len(payload):
            return f"{name} with {len(plain) - wire.HEADER_SIZE - len(payload)} bytes behind it"
        if kind not in FOR[place]:
            return f"{name}, which no client sends here"
        if kind in wire.SIZES and len(payload) != wire.SIZES[kind]:
            return f"{name} with {len(payload)} bytes instead of {wire.SIZES[kind]}"
        if kind == wire.RLY_PKT and payload[24] != wire.CLIENT_SIDE:
            return f"side {payload[24]} in RLY_PKT"
        if kind in (wire.DRW, wire.DRW_ACK):
            return self.form_of_data(kind, name, payload)
        return None

    @staticmethod
    def form_of_data(kind, name, payload):
        if len(payload) < 4:
            return f"{name} with {len(payload)} bytes"
        if payload[0] != wire.DRW_MARK:
            return f"{name} with mark {payload[0]:02x}"
        if payload[1] >= wire.CHANNELS:
            return f"{name} on channel {payload[1]}"
        if kind == wire.DRW:
            if not 1 <= len(payload) - 4 <= wire.DATA_MAX:
                return f"{name} with {len(payload) - 4} bytes of data"
            return None
        count = payload[2] << 8 | payload[3]
        if not 1 <= count <= wire.ACKS_MAX:
            return f"{name} with {count} indexes"
        if len(payload) != 4 + 2 * count:
            return f"{name} with {len(payload) - 4} bytes for {count} indexes"
        return None

    def manners(self, node, place, port, kind, plain, address, stamp):
        """What is wrong with a message at this time."""
        if place == "server":
            return self.pace(node, kind, address, stamp) if kind in ONCE else None
        if place == "relay" or kind == wire.RLY_PKT or plain[0] != wire.MAGIC:
            return None
        flow = self.flow(place, port, address)
        if kind == wire.CLOSE:
            flow.closes += 1
            flow.closed_at = stamp
            self.last_closed = flow
            return f"CLOSE number {flow.closes}" if flow.closes > CLOSES_MAX else None
        name = wire.name_of(kind)
        over = max(flow.closed_at or 0, flow.ended_at or 0)
        if over and kind in STARTS and stamp - over > NEW_ATTEMPT:
            flow = self.restart(place, port, address)
        elif flow.closed_at:
            return f"{name} after its CLOSE"
        elif flow.ended_at and stamp - flow.ended_at > CLOSE_GRACE:
            return f"{name} after CLOSE by the device"
        if kind == wire.PUNCH_PKT:
            return self.punch(flow, stamp)
        problem = None
        if kind != wire.LAN_SEARCH:
            flow.up = True
            problem = flow.pulse.check(kind, stamp, port.number)
        if kind == wire.DRW:
            channel, index, _ = wire.parse_data(plain[4:])
            later = flow.track(channel).data(index, stamp)
            problem = problem or later and f"{later} on channel {channel}"
        return problem

    def pace(self, node, kind, address, stamp):
        key = (node.name, kind, address)
        last = self.requests.pop(key, None)
        if len(self.requests) >= FLOWS_MAX:
            del self.requests[next(iter(self.requests))]
        self.requests[key] = stamp
        if last is not None and stamp - last < REQUEST_GAP:
            return f"{wire.name_of(kind)} again after {(stamp - last) * 1000:.0f} ms"
        return None

    @staticmethod
    def punch(flow, stamp):
        if not flow.invited:
            flow.spontaneous = True
        punches = flow.punches
        punches.append(stamp)
        while stamp - punches[0] > ECHO_SECONDS:
            punches.popleft()
        most = PUNCHES_MAX if flow.spontaneous else ECHOES_MAX
        most += sum(1 for told in flow.told if stamp - told <= ECHO_SECONDS)
        return f"{len(punches)} PUNCH_PKT in 180 ms" if len(punches) > most else None

    # What a client is sent.

    def sent(self, node, port, kind, plain, address):
        number = port.number if place_of(node, port) == "assigned" else 0
        flow = self.flows.get((address, number))
        if kind == wire.PUNCH_PKT and flow:
            flow.invited += 1
        elif kind == wire.CLOSE and flow:
            flow.ended_at = time.time()
        elif kind in (wire.ALIVE, wire.P2P_RDY) and flow:
            flow.pulse.told(kind, port.number, not node.faulty)
        elif kind == wire.DRW_ACK and flow:
            try:
                channel, indexes = wire.parse_acks(wire.payload_of(plain))
            except wire.Malformed:
                return
            flow.track(channel).acknowledge(indexes)

    def punch_to(self, address):
        """A server told this client to punch."""
        flow = self.flows.get((address, 0))
        if flow is None:
            flow = self.flows[address, 0] = Flow()
        flow.spontaneous = True
        flow.told.append(time.time())

    def timed_out(self, peer):
        """The camera gave up a session with a client or with a port of a relay."""
        for (address, number), flow in self.flows.items():
            if number == peer[1] or (not number and address == peer):
                flow.timed_out = True

    def finish(self):
        """Sessions that the client left without a word."""
        if not self.expect_close:
            return
        for (address, number), flow in self.flows.items():
            if flow.up and not flow.closes and (flow.timed_out or not flow.ended_at):
                place = "relay" if number else "camera"
                self.complain(address, place, "left without CLOSE")
