# SPDX-License-Identifier: MIT
"""What the camera counts: numbers for `wait`, and digests for each session and channel."""

import collections

from . import wire

COUNTED = ("sessions_total", "sessions_heard", "closed_by_client", "closed_by_camera",
           "timeouts", "refused", "unreadable")
# Of all channels together.
TOTALS = {
    "resends": lambda channel: channel.sender.resends,
    "duplicates": lambda channel: channel.receiver.duplicates,
    "drw_refused": lambda channel: channel.receiver.refused,
    "drw_packets": lambda channel: channel.sender.packets,
}
# Of each channel as well: bytes that came in order, bytes sent for the first time.
EACH = {
    "drw_bytes": lambda channel: channel.receiver.bytes,
    "drw_sent": lambda channel: channel.sender.sent_bytes,
}
# Of open sessions only: what waits to be acknowledged, to follow a gap, to be read.
NOW = {
    "blast_pending": lambda channel: channel.sender.pending,
    "drw_early": lambda channel: channel.receiver.early_bytes,
    "drw_unread": lambda channel: channel.receiver.unread,
}


def of_session(session):
    """What is added to the counts when a session ends."""
    found = collections.Counter()
    for number, channel in session.channels.items():
        for name, value in TOTALS.items():
            found[name] += value(channel)
        for name, value in EACH.items():
            found[name] += value(channel)
            found[f"{name}_{number}"] += value(channel)
    return found


def numbers(camera):
    """Name -> function. Ended sessions and those that are open count together."""
    found = {"sessions": lambda: len(camera.sessions), "sessions_max": lambda: camera.most}
    for name in COUNTED:
        found[name] = lambda name=name: camera.counts[name]

    def together(name, value, number=None):
        key = name if number is None else f"{name}_{number}"
        return lambda: camera.counts[key] + now(value, number)

    def now(value, number=None):
        total = 0
        for session in camera.sessions.values():
            if number is None:
                total += sum(map(value, session.channels.values()))
            elif number in session.channels:
                total += value(session.channels[number])
        return total

    for name, value in TOTALS.items():
        found[name] = together(name, value)
    for name, value in EACH.items():
        found[name] = together(name, value)
        for number in range(wire.CHANNELS):
            found[f"{name}_{number}"] = together(name, value, number)
    for name, value in NOW.items():
        found[name] = lambda value=value: now(value)
    return found | camera.artemis.numbers()


def channel_details(channel):
    sender, receiver = channel.sender, channel.receiver
    return {
        "bytes_in": receiver.bytes, "crc32_in": f"{receiver.crc:08x}",
        "bytes_out": sender.sent_bytes, "crc32_out": f"{sender.crc:08x}",
        "next_in": receiver.next, "next_out": sender.next, "pending": sender.pending,
        "window": sender.window, "resends": sender.resends, "duplicates": receiver.duplicates,
        "refused": receiver.refused, "early": receiver.early_bytes, "unread": receiver.unread,
    }


def details(camera):
    """What is no number: by client and channel the digests of the sink, the sources, and what
    went through the channel. Sessions that have ended come first."""
    found = {"sinks": {}, "sources": {}, "channels": {}}
    for session in (*camera.ended, *camera.sessions.values()):
        host, port = session.peer
        name = f"{host}:{port}"
        sinks = {str(number): {"bytes": session.channels[number].receiver.bytes,
                               "sha256": digest.hexdigest()}
                 for number, digest in session.digests.items()}
        sources = {str(number): [source.details() for source in channel.said]
                   for number, channel in session.channels.items() if channel.said}
        channels = {str(number): channel_details(channel)
                    for number, channel in sorted(session.channels.items())}
        for key, part in (("sinks", sinks), ("sources", sources), ("channels", channels)):
            if part:
                found[key][name] = part
    return found
