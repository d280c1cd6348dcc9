# SPDX-License-Identifier: MIT
"""The node's clock, which the console can speed up, stop and move on.

All that a node does by time goes by this clock; faults on the line use real time.
"""

import heapq
import itertools
import time

from simlib import Timer


# Times are 32 bits wide.
EPOCH_MAX = (1 << 32) - 1


class Clock:
    """Seconds since the start; `epoch` is the time of day, None while the node has none."""

    def __init__(self, loop):
        self.loop = loop
        self.scale = 1.0
        self.base = 0.0
        self.base_real = loop.now()
        self.start_epoch = time.time()
        self.timers = []
        self.order = itertools.count()
        self.alarm = None
        self.alarm_due = None

    def now(self):
        return self.base + (self.loop.now() - self.base_real) * self.scale

    def epoch(self):
        if self.start_epoch is None:
            return None
        return min(int(self.start_epoch + self.now()), EPOCH_MAX)

    def set_epoch(self, seconds):
        self.start_epoch = None if seconds is None else seconds - self.now()

    def set_scale(self, scale):
        self.move_to(self.now())
        self.scale = scale
        self.arm(True)

    def move_to(self, moment):
        self.base, self.base_real = moment, self.loop.now()

    def advance(self, seconds):
        """Moves on and makes all calls that fall due, each at its own time."""
        target = self.now() + seconds
        while self.timers and self.timers[0][0] <= target:
            due, _, timer = heapq.heappop(self.timers)
            self.move_to(max(due, self.now()))
            if timer.function:
                timer.function()
        self.move_to(max(target, self.now()))
        self.arm(True)

    def call_later(self, seconds, function):
        timer = Timer(function)
        heapq.heappush(self.timers, (self.now() + seconds, next(self.order), timer))
        self.arm()
        return timer

    def after(self, seconds, function):
        """At once when there is nothing to wait for."""
        if seconds > 0:
            self.call_later(seconds, function)
        else:
            function()

    def arm(self, anew=False):
        """Asks the loop for a call at the first due time."""
        while self.timers and not self.timers[0][2].function:
            heapq.heappop(self.timers)
        due = self.timers[0][0] if self.timers and self.scale else None
        if due == self.alarm_due and not anew:
            return
        if self.alarm:
            self.alarm.cancel()
            self.alarm = None
        self.alarm_due = due
        if due is not None:
            wait = max(0.0, (due - self.now()) / self.scale)
            self.alarm = self.loop.call_later(wait, self.ring)

    def ring(self):
        self.alarm = self.alarm_due = None
        now = self.now()
        while self.timers and self.timers[0][0] <= now:
            function = heapq.heappop(self.timers)[2].function
            if function:
                function()
        self.arm()
