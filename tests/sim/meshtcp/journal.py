# SPDX-License-Identifier: MIT
"""What has happened: counters, all ToRadio frames of the client, and the statistics."""

import collections

from simlib import say

from .tables import KINDS_IN, KINDS_OUT, SCHEMA, spelled_out

LOG_MAX = 10000
# First byte (two bytes from field 16 on) of a FromRadio -> its kind.
KINDS = {field.key: field.name for field in SCHEMA.tables["FromRadio"].values()}
CLOSED = "closed_"
COUNTED = (
    "evictions", "frames_in", "frames_out", "bytes_in", "bytes_out", "packets_in", "accepted",
    "refused", "throttled", "repeats", "undecodable", "lost", "texts", "last_id", "last_nonce",
    "downloads", "acks_sent", "naks_sent", "answers_sent", "admin_reads", "admin_writes",
    "nodeinfo_broadcasts", "wake_bytes", "noise_bytes", "discarded_bytes", "queue_dropped",
    "overflows", "idle_closed", "reboots", "in_nothing",
    *("in_" + kind for kind in KINDS_IN), *("out_" + kind for kind in KINDS_OUT))


class Journal:
    def __init__(self, loop):
        self.loop = loop
        self.start = loop.now()
        self.counts = collections.Counter()
        self.ports = collections.Counter()
        self.records = collections.deque(maxlen=LOG_MAX)
        self.echo = False

    def record(self, session, message):
        """One ToRadio, or the end of a connection; put into words when somebody looks."""
        entry = (round(self.loop.now() - self.start, 6), session.number, message)
        self.records.append(entry)
        if self.echo:
            say(f"# {entry[0]:.6f} {session.number} > {spelled_out(message)}")

    def log(self):
        return [{"time": when, "connection": number, **spelled_out(message)}
                for when, number, message in self.records]

    def sent(self, payload):
        """One FromRadio."""
        self.counts["frames_out"] += 1
        self.counts["bytes_out"] += len(payload) + 4
        kind = KINDS.get(payload[:1]) or KINDS.get(payload[:2], "unknown")
        self.counts["out_" + kind] += 1
        if self.echo:
            say(f"# {self.loop.now() - self.start:.6f} < {kind} {payload.hex()}")

    def ended(self, session, reason):
        self.counts[CLOSED + reason.replace(" ", "_")] += 1
        self.record(session, {"closed": reason})

    def stats(self, device):
        tcp, counts, session = device.tcp, self.counts, device.current
        ready = session is not None and session.state == "ready"
        reasons = {name.removeprefix(CLOSED): count for name, count in counts.items()
                   if name.startswith(CLOSED)}
        return {
            "connections_total": tcp.accepted, "connections_max_at_once": tcp.most,
            "connections_now": len(tcp.owners), "ready": int(ready),
            **{name: counts[name] for name in COUNTED},
            "queue": len(device.queue), "output": session.line.queued if session else 0,
            "free": device.radio.free(), "flood_left": device.flood.left if device.flood else 0,
            "nodes": len(device.mesh.others), "down": int(device.down),
            "packets_by_port": dict(self.ports), "closed_by_reason": reasons,
            "violations": list(device.violations.found),
        }
