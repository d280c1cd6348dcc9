#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp share: fifty clients of all kinds and a node that is lost again and again.

SHARE_SEED chooses another course, SHARE_PASSES how often it all happens.
"""

import asyncio
import collections
import json
import os
import random
import sys
import unittest

sys.dont_write_bytecode = True

import meshtcp_crowd as kinds  # noqa: E402
from meshtcp_share_common import ShareCase  # noqa: E402

SEED = int(os.environ.get("SHARE_SEED", "1"))
PASSES = int(os.environ.get("SHARE_PASSES", "3"))
ROUNDS = 10
LIMIT = 30.0
# How the node is lost in each pass. The time until it is tried again doubles each time, and the
# third end in a minute without a word is somebody else's doing, who has to be left alone.
LOSSES = [["download-fault cut 9", "close"], ["reset"]], [["rebooted"]], []
CROWD = ([kinds.Fast] * 12 + [kinds.Asking] * 8 + [kinds.Talking] * 4 + [kinds.Slow] * 8 +
         [kinds.Stalled] * 4 + [kinds.Garbage] * 4 + [kinds.Half] * 4 + [kinds.Reconnecting] * 6)
# What may be left of the memory after a pass, beside what the first one has left.
GROWTH_KIB = 1024


class Crowd:
    """One pass: everybody comes, hears all rounds, and goes."""

    def __init__(self, case, seed, losses):
        self.case = case
        self.seed = seed
        self.losses = losses
        self.port, self.path = case.port, case.path
        self.random = random.Random(seed)
        self.wrong = []
        self.said = {}
        self.leaving = False
        self.change = asyncio.Event()
        self.returning = set()
        self.clients = [kind(self, number) for number, kind in enumerate(CROWD)]
        self.sound = [one for one in self.clients if one.behaves]

    def moved(self):
        self.change.set()

    async def until(self, predicate, what):
        async def wait():
            while not predicate():
                self.change.clear()
                await self.change.wait()
        try:
            await asyncio.wait_for(wait(), LIMIT)
        except asyncio.TimeoutError:
            raise AssertionError(
                f"seed {self.seed}: no {what}; {self.wrong[:3]} {self.case.counts} "
                f"{self.case.reasons} {self.missing()}") from None

    def missing(self):
        """For the message of a failure: packets with their statuses, and who has not seen them."""
        found = [(payload, sender.statuses.get(number),
                  [one.number for one in self.sound if one is not sender and not one.seen[payload]])
                 for payload, (sender, number) in self.said.items()]
        return [one for one in found if one[1] is None or one[1] == [0] and one[2]]

    def again(self, client, seconds):
        """A client that comes back."""
        async def come():
            await asyncio.sleep(seconds)
            if not self.leaving:
                await client.connect()
        task = asyncio.create_task(come())
        self.returning.add(task)
        task.add_done_callback(self.returning.discard)

    async def run(self):
        # Who does not read hears nothing of the end either.
        slow = self.case.reasons["slow"] + sum(
            isinstance(one, kinds.Stalled) and one.unix for one in self.clients)
        for client in self.random.sample(self.clients, len(self.clients)):
            await client.connect()
        await self.until(lambda: all(one.downloads for one in self.sound), "download for all")
        lost = dict(zip(self.random.sample(range(ROUNDS), len(self.losses)), self.losses))
        for number in range(ROUNDS):
            await self.round(number)
            if number in lost:
                await self.lose_node(lost[number])
        await self.until(self.settled, "answer to all that was said")
        await self.until(lambda: self.case.reasons["slow"] >= slow, "end of the slow")
        await self.leave()

    async def round(self, number):
        """Packets for all, while some talk and some stammer."""
        for client in self.clients:
            if self.random.random() < 0.5:
                client.stir()
        await self.case.tell_node(f"flood {kinds.COUNT} {kinds.PRIVATE + 1} {kinds.SIZE}")
        wanted = (number + 1) * kinds.COUNT
        await self.until(lambda: all(one.marks >= wanted for one in self.sound),
                         f"packets of round {number}")

    async def lose_node(self, commands):
        """The node is lost, and some want a download while it is away."""
        counts = self.case.counts
        before, lost = counts["node_ready"], counts["node_lost"]
        for command in commands:
            await self.case.tell_node(command)
        await self.until(lambda: counts["node_lost"] > lost, "loss")
        for client in self.clients:
            if self.random.random() < 0.3:
                client.ask()
                client.stir()
        await self.until(lambda: counts["node_ready"] > before, "node")
        await self.until(lambda: not any(one.asked for one in self.sound), "held downloads")

    def settled(self):
        """Every download is there, every packet answered, and seen by all others if accepted."""
        return not any(one.asked for one in self.sound) and all(
            number in client.statuses and (client.statuses[number] != [0] or all(
                one.seen[payload] for one in self.sound if one is not client))
            for payload, (client, number) in self.said.items())

    async def leave(self):
        self.leaving = True
        for task in list(self.returning):
            await task
        for client in self.clients:
            if client.open:
                client.leave()
        counts = self.case.counts
        await self.until(lambda: counts["client"] == counts["gone"] and
                         not any(one.open for one in self.clients), "end of all")

    def check(self):
        case = self.case
        case.assertEqual(self.wrong, [], f"seed {self.seed}")
        case.assertEqual({client.marks for client in self.sound}, {ROUNDS * kinds.COUNT})
        for payload, (sender, number) in self.said.items():
            case.assertEqual(len(sender.statuses[number]), 1, payload)
            case.assertEqual(sender.seen[payload], 0)
            case.assertLessEqual({one.seen[payload] for one in self.sound if one is not sender},
                                 {1} if sender.statuses[number] == [0] else {0, 1})


class Everybody(ShareCase):
    """Each packet at each well-behaved client once and in order; nothing grows."""

    def take_lines(self):
        """What the share says, counted."""
        data = os.read(self.tool.process.stdout.fileno(), 65536)
        if not data:
            asyncio.get_running_loop().remove_reader(self.tool.process.stdout.fileno())
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event.get("reason") == "full":
                continue
            self.counts[event["event"]] += 1
            if event["event"] == "gone":
                self.reasons[event["reason"]] += 1
        if self.crowd:
            self.crowd.moved()

    async def tell_node(self, command):
        """The simulator answers while the clients go on."""
        await asyncio.get_running_loop().run_in_executor(None, self.sim.command, command)

    def memory_kib(self):
        with open(f"/proc/{self.tool.process.pid}/status", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file)
        # A sanitizer keeps what was freed, behind terabytes of shadow.
        sanitized = int(fields["VmSize"].split()[0]) > 1 << 30
        return None if sanitized else int(fields["VmRSS"].split()[0])

    def descriptors(self):
        """How many there are with one client, once the share has answered it."""
        client = self.client(self.path)
        client.beat()
        found = len(os.listdir(f"/proc/{self.tool.process.pid}/fd"))
        client.close()
        return found

    async def passes(self):
        loop = asyncio.get_running_loop()
        loop.add_reader(self.tool.process.stdout.fileno(), self.take_lines)
        open_files = self.descriptors()
        memory = []
        for number in range(PASSES):
            self.crowd = Crowd(self, SEED + number, LOSSES[min(number, len(LOSSES) - 1)])
            await self.crowd.run()
            self.crowd.check()
            memory.append(self.memory_kib())
            self.assertEqual(self.descriptors(), open_files)
        loop.remove_reader(self.tool.process.stdout.fileno())
        if None not in memory:
            self.assertLess(memory[-1] - memory[0], GROWTH_KIB, memory)

    def test_all(self):
        self.simulate("--nodes", "40", "--boot-time", "300")
        # What is freed goes back to the system, as far as glibc can do that.
        self.env |= {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "16384",
                     "MALLOC_TRIM_THRESHOLD_": "16384"}
        self.tool = self.share("--max-clients", "64")
        self.counts, self.reasons = collections.Counter(), collections.Counter()
        self.rest, self.crowd = b"", None
        asyncio.run(self.passes())
        # Nobody but those who do not read is thrown out.
        self.assertLessEqual(self.reasons["slow"], PASSES * CROWD.count(kinds.Stalled))
        self.assertEqual(self.reasons["idle"] + self.reasons["stopped"], 0)
        self.assertEqual(self.counts["node_lost"], self.counts["node_ready"])
        self.assertEqual(self.sim.stats()["connections_max_at_once"], 1)
        self.assert_ends(self.tool)


if __name__ == "__main__":
    unittest.main()
