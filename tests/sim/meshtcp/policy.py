# SPDX-License-Identifier: MIT
"""How other nodes take what they are sent: acks, naks, silence, by node or for all.

A policy is a list of steps, such as `implicit,wait:50,real` or `nak:5`: `real` comes from the
destination, `implicit` and `own-nak` from the own node, `nak` from whoever says that number.
An answer takes the place of `real`.
"""

from simlib import ConsoleError

from .tables import TRACEROUTE

MAX_RETRANSMIT = 5
# When the node gives up on a short message after three tries.
GIVE_UP_SECONDS = 21.5
# Numbers that the destination says, not the own node.
FROM_DESTINATION = (8, 32, 33, 35, 36, 37)
SHORT = {"both": "implicit,real", "none": "", "absent": f"wait:{GIVE_UP_SECONDS * 1000:.0f},nak:5"}
STEPS = ("real", "implicit", "nak", "own-nak", "wait")


def parse(words):
    """`real`, `both`, `nak 5`, `late 200`, `implicit,wait:50,nak:5` -> steps."""
    mode, argument = words[0], words[1] if len(words) > 1 else None
    if mode in ("nak", "own-nak"):
        text = f"{mode}:{argument or MAX_RETRANSMIT}"
    elif mode == "late":
        text = f"wait:{argument or 0},real"
    else:
        text = SHORT.get(mode, mode)
    steps = []
    for step in text.split(",") if text else []:
        name, _, value = step.partition(":")
        if name not in STEPS:
            raise ConsoleError(f"'{name}' is none of {' '.join((*SHORT, 'late', *STEPS))}")
        steps.append((name, int(value or 0)))
    return steps


class Policies:
    def __init__(self, device):
        self.device = device
        self.default = parse(["real"])
        self.special = {}

    def of(self, target):
        """The steps for a destination; a node that nobody knows never answers."""
        if target in self.special:
            return self.special[target]
        if self.device.mesh.everybody(target):
            steps = []
            for step in self.default:
                step = ("implicit", 0) if step[0] == "real" else step
                if step[0] == "wait" or step not in steps:
                    steps.append(step)
            return steps
        return self.default if self.device.mesh.find(target) else parse(["absent"])

    def acknowledge(self, packet, data):
        """Plays the steps; which of them are said depends on want_ack."""
        device = self.device
        target = packet.get("to", 0)
        asked = packet.get("want_ack", False)
        if data.get("portnum", 0) == TRACEROUTE and device.version >= (2, 7, 0):
            asked = asked or not device.mesh.everybody(target)
        steps = list(self.of(target))
        broken = any(name in ("nak", "own-nak") for name, _ in steps)
        answer = None if broken else device.answers.prepare(packet, data)
        if answer and ("real", 0) not in steps:
            steps.append(("real", 0))
        self.play(steps, packet, asked, answer)

    def play(self, steps, packet, asked, answer):
        device = self.device
        while steps:
            name, value = steps[0]
            steps = steps[1:]
            if name == "wait":
                device.clock.call_later(
                    value / 1000, lambda rest=steps: self.play(rest, packet, asked, answer))
                return
            if name == "real" and answer:
                answer()
            elif asked:
                self.say(name, value, packet)

    def say(self, name, value, packet):
        radio, number = self.device.radio, packet["id"]
        target = packet.get("to", 0)
        everybody = self.device.mesh.everybody(target)
        if name == "real":
            radio.routing(0, number, None if everybody else target)
        elif name == "implicit":
            radio.routing(0, number)
        elif name == "own-nak" or value not in FROM_DESTINATION or everybody:
            radio.routing(value, number)
        else:
            radio.routing(value, number, target)
