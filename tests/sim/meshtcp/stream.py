# SPDX-License-Identifier: MIT
"""One TCP connection with everything that can happen to its bytes.

As on the node every frame leaves with a write of its own, unless the pace says otherwise.
"""

from simtcp import DRIBBLE_SECONDS, MERGE_SECONDS, Channel, Pace

# Bytes handed to TCP in one go before others get their turn.
BURST_MAX = 1 << 20
# More than this waiting, and the node keeps its packets in its own queue.
BUSY_BYTES = 1 << 16


class LinePace(Pace):
    """What is wrong with all lines: simtcp's modes, slow output, a node that hangs."""

    def __init__(self, faults):
        super().__init__(faults)
        self.trickle_bytes = 0
        self.trickle_seconds = 0.0
        self.stalled = False
        self.discard_input = False
        self.output_limit = BURST_MAX


class Line(Channel):
    """The owner gets `on_data`, `on_close`, `on_idle` (output is out), `on_overflow` (too much
    of it waits) and `on_discard` (bytes that came while the node was sending).
    """

    def __init__(self, loop, sock, pace, owner, paused=False):
        self.paused = paused
        self.ignore_end = False
        self.ended = False
        self.want_write = False
        self.last_write = loop.now()
        self.flushing = False
        self.watched = None
        super().__init__(loop, sock, pace, owner)
        self.rewatch()

    def frozen(self):
        return self.paused or self.pace.stalled

    def idle(self):
        """Whether a packet given to it now would leave soon."""
        return self.open and not self.frozen() and self.queued < BUSY_BYTES

    def rewatch(self):
        live = not self.frozen()
        wanted = live and not self.ended, live and self.want_write
        if self.open and wanted != self.watched:
            self.watched = wanted
            self.loop.watch(self.sock, self.ready, read=wanted[0], write=wanted[1])

    def thaw(self):
        """After the end of a stall or pause: first what has come, as it is older."""
        self.want_write = False
        self.rewatch()
        if self.open and not self.frozen():
            self.read()
        if self.open:
            self.flush()

    def read(self):
        received, reason = self.receive()
        if received:
            self.owner.on_data(received)
        if reason == "closed" and self.ignore_end:
            self.ended = True
            self.rewatch()
        elif reason and self.open:
            self.close(reason)

    def receive(self):
        """All that is there, and why there will be no more."""
        received = bytearray()
        while len(received) < BURST_MAX:
            try:
                data = self.sock.recv(65536)
            except BlockingIOError:
                break
            except OSError:
                return bytes(received), "reset"
            if not data:
                return bytes(received), "closed"
            received += data
        return bytes(received), None

    def write(self, data, done=None):
        """Queues bytes; `done` is called when the last of them has been given to TCP."""
        if not self.open:
            return
        self.queued += len(data)
        self.output.append([data, done])
        if self.pace.mode == "merge" and self.timer is None:
            self.timer = self.loop.call_later(MERGE_SECONDS, self.flush_timed)
        elif self.timer is None:
            self.flush()
        if self.queued > self.pace.output_limit:
            self.owner.on_overflow()

    def tear(self):
        """Forgets all that waits, also the rest of a frame that has begun."""
        calls = [done for _, done in self.output if done]
        self.output.clear()
        self.queued = 0
        for done in calls:
            done()

    def portion(self, count):
        """How many of `count` bytes leave now, and the pause behind them."""
        mode, pace = self.pace.mode, self.pace
        if pace.trickle_bytes:
            return min(count, pace.trickle_bytes), pace.trickle_seconds
        if mode == "dribble":
            return 1, DRIBBLE_SECONDS
        if mode == "split":
            return pace.faults.piece(count), DRIBBLE_SECONDS
        return count, 0

    def flush(self):
        if self.flushing or self.frozen() or not self.open:
            return
        self.flushing = True
        try:
            self.flush_some()
        finally:
            self.flushing = False
        if self.open and not self.output:
            self.owner.on_idle()

    def flush_some(self):
        if self.pace.mode == "merge":
            self.join()
        burst = 0
        blocked = False
        while self.output and self.open and not blocked:
            data, done = self.output[0]
            count, pause = self.portion(len(data)) if data else (0, 0)
            try:
                sent = self.sock.send(data[:count] if count < len(data) else data)
            except BlockingIOError:
                break
            except OSError:
                self.close("reset")
                return
            self.last_write = self.loop.now()
            if self.pace.discard_input:
                self.owner.on_discard(self.receive()[0])
            self.queued -= sent
            burst += sent
            blocked = sent < count or burst > BURST_MAX
            if sent == len(data):
                self.output.popleft()
                if done:
                    done()
            else:
                self.output[0][0] = data[sent:]
            if pause and self.open:
                self.timer = self.loop.call_later(pause, self.flush_timed)
                break
        if self.open:
            self.want_write = bool(self.output) and self.timer is None
            self.rewatch()

    def join(self):
        joined = b"".join(data for data, _ in self.output)
        calls = [done for _, done in self.output if done]
        self.output.clear()
        if joined:
            self.output.append([joined, lambda: [done() for done in calls]])
