# SPDX-License-Identifier: MIT
"""Many packets in a row, as fast as the client reads: for measurements.

They differ in their id and, when there is room, in the eight digits at the head of the payload.
"""

import struct

from .framing import frame
from .tables import BROADCAST, from_radio

DIGITS = 8
CHUNK_BYTES = 1 << 16


class Flood:
    def __init__(self, device, count, port, size, sender):
        self.device = device
        self.total = self.left = count
        self.first_id = device.faults.random.randrange(1, 1 << 31)
        station = device.mesh.heard(sender)
        marked = size >= DIGITS
        payload = b"0" * DIGITS + b"x" * (size - DIGITS) if marked else b"x" * size
        packet = {"from": sender, "to": BROADCAST, "id": 0x55AA55AA, "hop_limit": 3, "hop_start": 3,
                  "rx_time": device.clock.epoch(), "rx_snr": station.snr, "rx_rssi": station.rssi,
                  "decoded": {"portnum": port, "payload": payload, "bitfield": 1}}
        wire = frame(from_radio(packet=packet))
        mark = struct.pack("<I", 0x55AA55AA)
        head, _, self.tail = wire.partition(mark)
        self.size = len(wire)
        self.pieces = head.split(b"00000000", 1) if marked else (head,)

    def give(self, session):
        """Writes the next packets; whether there were any."""
        count = min(self.left, max(1, CHUNK_BYTES // self.size))
        if not count:
            return False
        start = self.total - self.left
        pack = struct.Struct("<I").pack
        tail, pieces, first = self.tail, self.pieces, self.first_id
        if len(pieces) == 2:
            head, middle = pieces
            wire = b"".join([b"%b%08d%b%b%b" % (head, index % 100000000, middle,
                                                pack(first + index & 0xFFFFFFFF), tail)
                             for index in range(start, start + count)])
        else:
            head = pieces[0]
            wire = b"".join([head + pack(first + index & 0xFFFFFFFF) + tail
                             for index in range(start, start + count)])
        self.left -= count
        counts = self.device.counts
        counts["frames_out"] += count
        counts["out_packet"] += count
        counts["bytes_out"] += len(wire)
        session.line.write(wire)
        return True
