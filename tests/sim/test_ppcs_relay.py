#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: relays, alone and together with servers."""

import os
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import wire  # noqa: E402
from ppcs_case import (ALIVE, ALIVE_ACK, CLOSE, DID, FIRST, HOST, OTHER, RELAY_HELLO,  # noqa: E402
                       RELAY_PORT, RELAY_READY, PpcsCase, relay_request)

LIST = wire.build(wire.LIST_REQ1, DID.wire)


def show(client, did=DID, side=wire.CLIENT_SIDE, key=None):
    return wire.build_relay_packet(client.key if key is None else key, did, side)


class WithServers(PpcsCase):
    def test_path(self):
        self.simulate("--servers", "2", "--relays", "2")
        server = self.sim.ports["server1"]
        relays = [(HOST, self.sim.ports[f"relay{number}"]) for number in (1, 2)]
        client = self.assigned("relay2")
        self.assertEqual(client.ask(LIST, server), wire.build_list(relays))
        client.say(relay_request(client.peer, client.key), server)
        self.assertEqual(client.hear(), wire.build_result(wire.RLY_REQ_ACK, 0))
        self.assertEqual(client.hear(), wire.build_relay_to(client.peer, client.key))
        self.sim.wait("relay_rly_pkt_in", 1)
        self.assertEqual(client.ask(show(client)), RELAY_READY)
        client.say(ALIVE)
        self.assertEqual((client.hear(), client.hear_kind(wire.DRW)), (ALIVE_ACK, FIRST))
        self.assertEqual(client.source, client.peer[1])
        stats = self.sim.stats()
        self.assertEqual((stats["relay_pairs"], stats["sessions"], stats["relay1_in"]), (1, 1, 0))
        client.say(CLOSE)
        self.sim.wait("sessions", 0, "=")
        self.assertEqual(self.sim.stats()["relay_pairs_now"], 0)
        self.finish()

    def test_order_does_not_matter(self):
        self.simulate("--servers", "1", "--relays", "1")
        client = self.assigned()
        client.say(show(client))
        self.sim.wait("relay_rly_pkt_in", 1)
        self.assertTrue(client.quiet())
        client.say(relay_request(client.peer, client.key), self.sim.ports["server1"])
        self.assertEqual(client.hear_kind(wire.RLY_RDY), RELAY_READY)
        # It is said again to who asks again.
        client.count(RELAY_READY)
        client.say(show(client))
        self.assertEqual(client.hear_kind(wire.RLY_RDY), RELAY_READY)
        self.finish()

    def test_camera_that_missed_the_word(self):
        self.simulate("--servers", "1", "--relays", "1")
        client = self.assigned()
        client.ask(relay_request(client.peer, client.key), self.sim.ports["server1"])
        self.sim.wait("relay_rly_pkt_in", 4)
        self.sim.command("silent on")
        client.say(show(client))
        client.hear_kind(wire.RLY_RDY)
        self.sim.wait("camera_rly_rdy_in", 1)
        self.sim.command("silent off")
        self.assertEqual(self.sim.stats()["sessions"], 0)
        # Whoever speaks through the relay is there.
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        client.say(CLOSE)
        client.say(CLOSE)
        self.sim.wait("camera_close_in", 2)
        self.assertEqual(self.sim.stats()["sessions"], 0)
        self.finish()

    def test_lists(self):
        self.simulate("--servers", "1", "--relays", "1")
        client, server = self.client(), self.sim.ports["server1"]
        self.sim.command("list 10.0.0.1:1 10.0.0.2:2")
        self.assertEqual(client.ask(wire.build(wire.LIST_REQ), server),
                         wire.build_list([("10.0.0.1", 1), ("10.0.0.2", 2)]))
        self.sim.command("list none")
        self.assertEqual(client.ask(LIST, server).hex(), "f169000400000000")
        self.sim.command("list")
        self.assertEqual(client.ask(LIST, server)[4], 1)
        self.finish()

    def test_results(self):
        self.simulate("--servers", "1", "--relays", "1")
        server, client = self.sim.ports["server1"], self.assigned()
        unknown = relay_request(client.peer, client.key, OTHER)
        self.assertEqual(client.ask(unknown, server), wire.build_result(wire.RLY_REQ_ACK, -2))
        self.sim.command("relay-result -6")
        good = relay_request(client.peer, client.key)
        self.assertEqual(client.ask(good, server), wire.build_result(wire.RLY_REQ_ACK, -6))
        self.sim.command("server 1 relay-result auto")
        self.sim.command("offline on")
        self.assertEqual(client.ask(good, server), wire.build_result(wire.RLY_REQ_ACK, -2))
        self.assertEqual(self.sim.stats()["camera_in"], 0)
        self.finish()


class Relay(PpcsCase):
    def test_direct(self):
        self.simulate("--relays", "1", "--relay", "1 direct on", "--echo")
        client = self.relayed()
        client.say(wire.build_data(2, 0, b"there and back"))
        self.assertEqual(client.hear_kind(wire.DRW_ACK, wire.DRW)[1], wire.DRW)
        self.assertEqual(self.sim.stats()["relay_stray"], 0)
        # Somebody else's camera is not behind it.
        other = self.assigned()
        other.say(show(other, OTHER))
        self.sim.wait("rly_pkt_in", 2)
        self.assertTrue(other.quiet())
        self.finish()

    def test_new_ports_and_keys(self):
        self.simulate("--relays", "1")
        clients = [self.assigned() for _ in range(10)]
        self.assertEqual(len({client.key for client in clients}), 10)
        ports = {client.peer[1] for client in clients} | set(self.sim.ports.values())
        self.assertEqual(len(ports), 13)
        client = clients[0]
        self.assertNotEqual(client.ask(RELAY_PORT, self.sim.ports["relay1"])[8:10],
                            client.peer[1].to_bytes(2, "big"))
        self.assertEqual(self.sim.stats()["relay_ports"], 11)
        self.finish()

    def test_two_clients_share_nothing(self):
        self.simulate("--relays", "1", "--relay", "1 direct on")
        first, second = self.relayed(), self.relayed()
        for client in (first, second):
            client.say(ALIVE)
            client.hear_kind(wire.ALIVE_ACK)
        self.assertEqual(self.sim.stats()["sessions"], 2)
        # Not everybody may send through the port.
        second.say(ALIVE, first.peer[1])
        self.sim.wait("relay_stray", 1)
        self.finish()

    def test_any_bytes_pass(self):
        self.simulate("--relays", "1", "--relay", "1 alone on")
        client = self.assigned()
        device = self.client()
        device.say(show(client, side=wire.DEVICE_SIDE), client.peer[1])
        self.sim.wait("rly_pkt_in", 1)
        self.assertEqual(client.ask(show(client)), RELAY_READY)
        self.assertEqual(device.hear(), RELAY_READY)
        for data in (b"\0", bytes(range(256)) * 5):
            client.sock.sendto(data, client.peer)
            self.assertEqual(device.sock.recvfrom(2000), (data, client.peer))
            device.sock.sendto(data[::-1], client.peer)
            self.assertEqual(client.sock.recv(2000), data[::-1])
        self.sim.stop()

    def test_loopback(self):
        self.simulate("--relays", "1")
        client = self.assigned()
        client.say(show(client))
        client.say(show(client, side=wire.DEVICE_SIDE))
        self.assertEqual(client.hear(), RELAY_READY)
        self.assertEqual(client.ask(ALIVE), ALIVE)
        self.finish(f"{client.name} to relay1: side 1 in RLY_PKT")

    def test_key(self):
        self.simulate("--relays", "1", "--relay", "1 direct on", "--key", "SHIX")
        client = type(self.client())("SHIX")
        self.cleanup.callback(client.close)
        answer = client.ask(RELAY_PORT, self.sim.ports["relay1"])
        client.key, client.peer = int.from_bytes(answer[4:8], "big"), \
            (HOST, int.from_bytes(answer[8:10], "big"))
        self.assertEqual(client.ask(show(client)), RELAY_READY)
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        self.finish()

    def test_wrong_key(self):
        self.simulate("--relays", "1", "--relay", "1 alone on")
        client = self.assigned()
        wrong = client.key ^ 1
        client.say(show(client, key=wrong))
        self.assertEqual(client.ask(show(client)), RELAY_READY)
        client.say(show(client, OTHER))
        self.sim.wait("relay_stray", 2)
        self.assertTrue(client.quiet())
        self.finish(f"{client.name} to relay1: RLY_PKT with key {wrong:08x}, not its own",
                    f"{client.name} to relay1: RLY_PKT for {OTHER}, not its own")

    def test_port_goes_with_the_session(self):
        self.simulate("--relays", "1", "--relay", "1 direct on")
        client = self.relayed()
        client.say(CLOSE)
        client.say(CLOSE)
        self.sim.wait("camera_close_in", 2)
        self.assertEqual(self.sim.stats()["relay_pairs_now"], 0)
        self.finish()


class Misbehaving(PpcsCase):
    def test_silent(self):
        self.simulate("--relays", "2", "--relay", "1 silent on")
        client = self.client()
        client.say(RELAY_HELLO, self.sim.ports["relay1"])
        client.say(RELAY_PORT, self.sim.ports["relay1"])
        self.sim.wait("relay1_in", 2)
        client.ask(RELAY_HELLO, self.sim.ports["relay2"])
        self.assertTrue(client.quiet())
        # In the middle of a session as well.
        self.sim.command("relay all direct on")
        client = self.relayed_by_the_second()
        client.say(ALIVE)
        client.hear_kind(wire.DRW)
        self.sim.command("relay 2 silent on")
        before = self.sim.stats()["camera_alive_in"]
        client.say(ALIVE)
        self.sim.wait("alive_in", 2)
        self.assertEqual(self.sim.stats()["camera_alive_in"], before)
        self.finish()

    def relayed_by_the_second(self):
        client = self.assigned("relay2")
        self.assertEqual(client.ask(show(client)), RELAY_READY)
        return client

    def test_full(self):
        self.simulate("--relays", "1", "--relay", "1 full on")
        client, port = self.client(), self.sim.ports["relay1"]
        self.assertEqual(client.ask(RELAY_PORT, port)[8:], bytes(4))
        self.sim.command("relay 1 full silent")
        client.say(RELAY_PORT, port)
        client.ask(RELAY_HELLO, port)
        self.assertTrue(client.quiet())
        self.finish()

    def test_liar_about_the_port(self):
        self.simulate("--relays", "1", "--servers", "1", "--relay", "1 liar on",
                      "--relay", "1 alone on")
        client = self.assigned()
        client.say(show(client))
        # The server is asked as if all was well, and nothing is said about it.
        client.say(relay_request(client.peer, client.key), self.sim.ports["server1"])
        client.hear_kind(wire.RLY_TO)
        self.assertEqual(self.sim.stats()["rly_pkt_in"], 0)
        self.finish()

    def test_liar_about_the_device(self):
        self.simulate("--relays", "1", "--relay", "1 liar did", "--relay", "1 alone on")
        client = self.assigned()
        answer = client.ask(show(client))
        self.assertEqual(answer[1], wire.RLY_RDY)
        self.assertNotEqual(answer, RELAY_READY)
        self.finish()

    def test_alone(self):
        self.simulate("--relays", "1", "--relay", "1 alone on")
        client = self.relayed()
        client.say(ALIVE)
        self.sim.wait("alive_in", 1)
        self.assertTrue(client.quiet())
        self.finish()

    def test_reflect(self):
        self.simulate("--relays", "1", "--relay", "1 direct on", "--relay", "1 reflect on",
                      "--first", "none")
        client = self.relayed()
        self.assertEqual(client.ask(ALIVE), ALIVE)
        self.assertEqual(self.sim.stats()["camera_alive_in"], 0)
        self.finish()

    def test_hello_delay(self):
        self.simulate("--relays", "2", "--relay", "1 hello-delay 30")
        client = self.client()
        start = time.monotonic()
        for number in (1, 2):
            client.say(RELAY_HELLO, self.sim.ports[f"relay{number}"])
        client.hear()
        self.assertEqual(client.source, self.sim.ports["relay2"])
        client.hear()
        self.assertGreaterEqual(time.monotonic() - start, 0.03)
        self.finish()

    def test_loss(self):
        self.simulate("--relays", "1", "--relay", "1 direct on", "--loss", "relay 50",
                      "--alive-period", "5", "--alive-limit", "100")
        client = self.client()
        # With luck every second one comes through; the camera's keepalive as well.
        answers = 0
        while not answers:
            client.say(RELAY_PORT, self.sim.ports["relay1"])
            self.sim.command("stats")
            answers = not client.quiet()
        stats = self.sim.stats()
        self.assertEqual(stats["relay_rly_port_in"] - stats["rly_port_ack_out"],
                         stats["lost_in"] + stats["lost_out"])
        self.finish()

    def test_time_out_of_the_camera(self):
        self.simulate("--relays", "1", "--relay", "1 direct on", "--alive-period", "10",
                      "--alive-limit", "2", "--expect-close", "--alive", "off")
        client = self.relayed()
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        self.sim.command("alive on")
        client.hear_kind(wire.CLOSE)
        self.finish(f"{client.name} to relay: left without CLOSE")


if __name__ == "__main__":
    unittest.main()
