# SPDX-License-Identifier: MIT
"""The scripted peer for conversations in which the client gives up a connection for another."""

from qlink.replay import Replay


class Script(Replay):
    def gone(self, peer, reason):
        """A connection that has had its part may go while another carries on."""
        left = any(step.connection == peer.number for step in self.steps[self.place:])
        if left or self.over():
            super().gone(peer, reason)
        else:
            self.tcp.gone(peer.door, peer)
