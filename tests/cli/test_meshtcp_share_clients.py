#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""meshtcp share: what its clients are told and what they may do, all of them at once."""

import sys
import unittest

sys.dont_write_bytecode = True

from meshtcp_common import ADMIN, ALL, BOB, CAROL, OWN, ROUTING, TEXT  # noqa: E402
from meshtcp_share_common import (GOODBYE, HEARTBEAT, NOT_AUTHORIZED,  # noqa: E402
                                  RES_NO_RADIO, WAKE, ShareCase, decode, encode, frame, packet,
                                  request, text, want)

# A port of no application: the node does not mind how fast they come.
PRIVATE = 256
REBOOT = encode("Admin", {"reboot_seconds": 100})
READ_OWNER = encode("Admin", {"get_owner_request": True})


def kinds(records):
    return [next(iter(record.keys() - {"id"})) for record in records]


class Together(ShareCase):
    """Commands and a client of another kind, at the same time."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def tearDown(self):
        self.assertEqual(self.sim.stats()["connections_total"], 1)

    def test_at_once(self):
        self.share()
        client = self.ready()
        here = self.start_tool("listen", "--json", "-v")
        there = self.start_tool("listen", "--json", "-v", "--host", "127.0.0.1",
                                "--port", self.port)
        for tool in (here, there):
            self.sim.wait_for(lambda: client.beat() and "info: ready\n" in tool.stderr())
        sender = self.start_tool("send", "--ack", "--to", "BOB", "psst")
        found = client.packet()
        self.assertEqual((found["from"], found["to"], found["decoded"]["payload"]),
                         (OWN, BOB, b"psst"))
        self.assertEqual(len(self.run_tool("nodes")[1].splitlines()), 3)
        self.assertEqual(sender.finish(), (0, "delivered\n", ""))
        self.tell("text CRL hello")
        self.assertEqual(client.hear_text(), (CAROL, "hello"))
        for tool in (here, there):
            texts = [self.object(tool.line()) for _ in range(2)]
            self.assertEqual([(one["from"], one["to"], one["text"]) for one in texts],
                             [(OWN, BOB, "psst"), (CAROL, ALL, "hello")])
        self.assertEqual(self.sim.stats()["packets_in"], 1)

    def test_order_of_many(self):
        """All hear all, in the order of the node."""
        self.share()
        clients = [self.ready(where) for where in (self.port, self.path) * 4]
        self.tell(*(f"text BOB {number}" for number in range(30)))
        for client in clients:
            self.assertEqual([client.hear_text() for _ in range(30)],
                             [(BOB, str(number)) for number in range(30)])
            self.assertEqual(client.beat()[2], 0)


class Records(ShareCase):
    """The download, replayed to who asks."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_own_nonce(self):
        self.share()
        clients = {nonce: self.client() for nonce in (1, 77, 0xFFFFFFFF)}
        for nonce, client in clients.items():
            client.send(WAKE + want(nonce))
        found = [client.records(nonce) for nonce, client in clients.items()]
        self.assertEqual(kinds(found[0])[:3], ["my_info", "deviceuiConfig", "node_info"])
        self.assertEqual(kinds(found[0]).count("node_info"), 3)
        self.assertEqual(kinds(found[0]), kinds(found[1]))
        self.assertEqual(kinds(found[0]), kinds(found[2]))
        for client in clients.values():
            self.assertEqual(client.beat()[2], 0)
            self.assertTrue(client.quiet())

    def test_as_the_node(self):
        """The kinds of records and their order are those of the node itself."""
        direct = self.client(self.sim.ports["port"])
        wanted = {nonce: kinds(direct.download(nonce)) for nonce in (5, 69420, 69421)}
        direct.send(GOODBYE)
        self.sim.wait("connections_now", 0, "=")
        self.share()
        for nonce, expected in wanted.items():
            with self.subTest(nonce):
                self.assertEqual(kinds(self.client().download(nonce)), expected)

    def test_what_is_known_by_now(self):
        self.share()
        old = self.ready()
        self.tell("node BOB long=Robert", "userinfo BOB")
        old.packet()
        names = [record["node_info"]["user"]["long_name"]
                 for record in self.client().download() if "node_info" in record]
        self.assertIn("Robert", names)

    def test_waiting_for_the_node(self):
        """A request is held until the node is there."""
        self.tell("stall on")
        tool = self.begin_share()
        client = self.client()
        client.send(want(9) + HEARTBEAT)
        self.assertEqual(client.status()[2], 0)
        self.assertTrue(client.quiet())
        self.tell("stall off")
        self.assertIn("my_info", kinds(client.records(9)))
        self.assert_ends(tool)

    def test_noise(self):
        """What is no frame, or no message, is passed over."""
        self.share()
        client = self.client()
        client.send(b"hello\r\n\xc3\x94" + WAKE + b"\x94\xc3\xff\xff" + frame(b"\xff" * 30) +
                    frame(b"") + frame(b"\x0a\x7f") + want(3))
        self.assertIn("my_info", kinds(client.records(3)))


class Sending(ShareCase):
    def setUp(self):
        super().setUp()
        self.simulate()

    def test_own_status(self):
        """Each hears what becomes of its own packets, the others that they were sent."""
        self.share()
        clients = [self.ready(), self.ready(self.path)]
        for number, (one, other) in enumerate((clients, clients[::-1]), 100):
            one.send(packet(number, PRIVATE, b"x"))
            self.assertEqual(one.status()[::2], (0, number))
            found = other.packet()
            self.assertEqual((found["from"], found["id"]), (OWN, number))
            self.assertGreater(found["rx_time"], 0)
        for client in clients:
            self.assertEqual(client.beat()[2], 0)
            self.assertTrue(client.quiet())

    def test_same_id(self):
        """Two have chosen the same: each hears of its own packet under its own number."""
        self.share()
        clients = [self.ready(), self.ready()]
        shown = []
        for client, payload in zip(clients, (b"a", b"b")):
            client.send(packet(4711, PRIVATE, payload, BOB, want_ack=True))
            (other,) = (one for one in clients if one is not client)
            shown.append(other.packet()["id"])
            self.assertEqual(client.status()[::2], (0, 4711))
            self.assertEqual(client.ack(), (BOB, 0, 4711))
        self.assertEqual(len(set(shown)), 2)
        payloads = {one["decoded"]["payload"]: one["id"] for one in self.packets()}
        self.assertEqual([payloads["61"], payloads["62"]], shown)

    def test_ack(self):
        self.share()
        client = self.ready()
        client.send(text(21, "hi", BOB, want_ack=True))
        self.assertEqual(client.status()[::2], (0, 21))
        self.assertEqual(client.ack(), (BOB, 0, 21))

    def test_pace(self):
        """The node sees one client: the texts of all together wait for each other."""
        self.share()
        clients = [self.ready() for _ in range(2)]
        for number, client in enumerate(clients, 31):
            client.send(text(number, "x"))
        self.sim.wait("packets_in", 2)
        first, second = (one["time"] for one in self.log() if "packet" in one)
        self.assertGreaterEqual(second - first, 2)

    def test_while_the_node_is_away(self):
        tool = self.share()
        client = self.ready()
        self.tell("refuse on", "close")
        self.until(tool, "node_lost")
        client.send(packet(51, PRIVATE, b"x"))
        self.assertEqual(client.status()[::2], (RES_NO_RADIO, 51))
        self.tell("refuse off")
        self.until(tool, "node_ready")
        client.send(packet(52, PRIVATE, b"y"))
        self.assertEqual(client.status()[::2], (0, 52))
        self.assertEqual([one["id"] for one in self.packets()], [52])
        self.assert_ends(tool)


class Policy(ShareCase):
    """What changes the node is refused unless the share was told to allow it."""

    def setUp(self):
        super().setUp()
        self.simulate()

    def test_refused(self):
        self.share()
        client = self.ready()
        for number, to in ((61, OWN), (62, BOB)):
            client.send(packet(number, ADMIN, REBOOT, to))
            self.assertEqual(client.status()[2], number)
            found = client.packet()
            self.assertEqual((found["decoded"]["portnum"], found["decoded"]["request_id"]),
                             (ROUTING, number))
            self.assertEqual(decode("Routing", found["decoded"]["payload"]),
                             {"error_reason": NOT_AUTHORIZED})
        self.assertEqual((self.actions(), self.packets()), ([], []))

    def test_reading(self):
        """Is allowed, and the answer, with its passkey, is for who asked."""
        self.share()
        client, other = self.ready(), self.ready()
        client.send(request(71, ADMIN, OWN, READ_OWNER))
        self.assertEqual(client.status()[2], 71)
        sender, number, found = client.reply("Admin")
        self.assertEqual((sender, number), (OWN, 71))
        self.assertEqual(found["get_owner_response"]["short_name"], "BASE")
        self.assertEqual(other.beat()[2], 0)
        self.assertTrue(other.quiet())

    def test_commands(self):
        tool = self.share()
        for words in (["config", "lora.hop_limit=5"], ["reboot"], ["set-time"],
                      ["owner", "New Name", "NEW"], ["remove-node", "BOB"]):
            with self.subTest(words):
                self.assertIn("NOT_AUTHORIZED", self.assert_fails(words, 1))
        self.assertEqual(self.actions(), [])
        self.assertEqual(self.run_tool("config", "lora.hop_limit"), (0, "3\n", ""))
        self.assertEqual(self.run_tool("owner")[0], 0)
        self.assert_ends(tool)

    def test_allowed(self):
        self.tell("reboot-after-write off")
        self.share("--allow-admin")
        for words in (["config", "lora.hop_limit=5"], ["set-time"], ["favorite", "BOB", "on"]):
            self.assertEqual(self.run_tool(*words)[0], 0, words)
        self.assertEqual([action for _, action, _ in self.actions()],
                         ["set_config", "set_time_only", "set_favorite_node"])

    def test_own_announcement(self):
        """Of a client that takes itself for the node: accepted, and not sent."""
        self.share()
        client = self.ready()
        client.send(packet(81, 4, b"\x12\x01x"))
        self.assertEqual(client.status()[::2], (0, 81))
        client.send(packet(82, TEXT, b"x"))
        self.assertEqual(client.status()[::2], (0, 82))
        self.assertEqual([one["id"] for one in self.packets()], [82])


if __name__ == "__main__":
    unittest.main()
