#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Self-test of the PPCS simulator: the ways to a session, and its life."""

import os
import socket
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from ppcs import wire  # noqa: E402
from ppcs_case import (ALIVE, ALIVE_ACK, CLOSE, DID, FIRST, HELLO, HOST, OTHER, PUNCH,  # noqa: E402
                       READY, SEARCH, PpcsCase, request)
from simulator import SimulatorError  # noqa: E402


class Lan(PpcsCase):
    def test_search(self):
        self.simulate()
        client = self.found()
        self.assertEqual(client.source, self.sim.ports["main"])
        # One answer for each search.
        client.ask(SEARCH, self.sim.ports["search"])
        self.assertEqual(self.sim.stats()["sessions"], 0)
        self.assertTrue(client.quiet())
        self.finish()

    def test_broadcast(self):
        self.simulate()
        client = self.client()
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.sock.sendto(SEARCH, ("127.255.255.255", self.sim.ports["search"]))
        self.assertEqual((client.hear(), client.source), (PUNCH, self.sim.ports["main"]))
        self.finish()

    def test_path(self):
        self.simulate()
        client = self.lan()
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        self.assertEqual(client.hear_kind(wire.DRW), FIRST)
        client.acknowledge(0)
        client.say(CLOSE)
        self.sim.wait("sessions", 0, "=")
        stats = self.sim.stats()
        self.assertEqual((stats["sessions_total"], stats["closed_by_client"]), (1, 1))
        self.assertEqual(stats["clients"], [client.name])
        self.finish()

    def test_ready_is_repeated_until_the_client_is_heard(self):
        self.simulate("--first", "none")
        start = time.monotonic()
        client = self.lan()
        times = []
        for _ in range(6):
            self.assertEqual(client.hear(), READY)
            times.append(time.monotonic() - start)
        # 10, 10, 10, then 32 ms apart.
        self.assertGreaterEqual(times[2], 0.029)
        self.assertGreaterEqual(times[5], 0.029 + 0.095)
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        readies = self.sim.stats()["p2p_rdy_out"]
        client.acknowledge(0)
        self.sim.wait("drw_ack_in", 1)
        self.assertEqual(self.sim.stats()["p2p_rdy_out"], readies)
        self.finish(f"{client.name} to camera: DRW_ACK for 1 indexes never sent on channel 0")

    def test_first_data_comes_without_a_word_of_the_client(self):
        self.simulate()
        client = self.lan()
        self.assertEqual([client.hear_kind(wire.DRW) for _ in range(3)], 3 * [FIRST])
        self.sim.wait("p2p_rdy_out", 6)
        client.acknowledge(0)
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        self.sim.wait("drw_ack_in", 1)
        self.assertEqual(self.sim.stats()["blast_pending"], 0)
        self.finish()

    def test_echo_of_another_identity(self):
        self.simulate()
        client = self.found()
        client.say(wire.build_did(wire.PUNCH_PKT, OTHER), client.source)
        self.assertEqual(client.ask(PUNCH, client.source), READY)
        self.finish()

    def test_offers(self):
        self.simulate("--offers", "51 0")
        client = self.found()
        client.say(PUNCH, client.source)
        offer = wire.build_offer(DID, (HOST, self.sim.ports["main"]))
        self.assertEqual([client.hear() for _ in range(51)], 51 * [offer])
        self.assertEqual(client.hear(), READY)
        # They take their time, and none is made to a direct punch.
        self.sim.command("offers 4 5")
        client = self.found()
        start = time.monotonic()
        client.say(PUNCH, client.source)
        client.hear_kind(wire.P2P_RDY)
        self.assertGreaterEqual(time.monotonic() - start, 0.019)
        self.direct()
        self.finish()

    def test_key(self):
        for key, first in (("camera", 0x2C), ("SHIX", 0x9F)):
            with self.subTest(key):
                self.simulate("--key", key)
                client = type(self.client())(key)
                self.cleanup.callback(client.close)
                client.say(SEARCH, self.sim.ports["search"])
                data, address = client.sock.recvfrom(100)
                self.assertEqual((data[0], client.cipher.decode(data)), (first, PUNCH))
                client.say(PUNCH, address[1])
                self.assertEqual(client.hear(), READY)
                # A search under another key is no error, but not answered.
                self.client().say(SEARCH, self.sim.ports["search"])
                self.sim.wait("foreign_in", 1)
                self.assertEqual(self.sim.stats()["punch_pkt_out"], 1)
                self.finish()


class DirectPunch(PpcsCase):
    def test_path(self):
        self.simulate("--offers", "51")
        client = self.direct()
        self.assertEqual(client.source, self.sim.ports["main"])
        client.say(ALIVE)
        self.assertEqual(client.hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        self.finish()

    def test_not_through_the_search_port(self):
        self.simulate()
        client = self.client()
        client.say(PUNCH, self.sim.ports["search"])
        client.say(wire.build_did(wire.PUNCH_PKT, OTHER), self.sim.ports["main"])
        self.sim.wait("punch_pkt_in", 2)
        self.assertEqual(self.sim.stats()["client_out"], 0)
        self.finish()


class Servers(PpcsCase):
    def test_path(self):
        self.simulate("--servers", "3")
        client = self.client()
        ports = [self.sim.ports[f"server{number}"] for number in (1, 2, 3)]
        for port in ports:
            answer = client.ask(HELLO, port)
            self.assertEqual(answer, wire.build_address(wire.HELLO_ACK, client.address))
        client.say(request(), ports[1])
        self.assertEqual(client.hear(), wire.build_result(wire.P2P_REQ_ACK, 0))
        device = (HOST, self.sim.ports["main"])
        self.assertEqual(client.hear(), wire.build_address(wire.PUNCH_TO, device))
        # The camera has been told as well.
        self.assertEqual((client.hear(), client.source), (PUNCH, device[1]))
        client.peer = device
        client.say(PUNCH)
        self.assertEqual(client.hear_kind(wire.P2P_RDY), READY)
        stats = self.sim.stats()
        self.assertEqual((stats["server2_in"], stats["camera_punch_to_in"]), (2, 1))
        self.finish()

    def test_camera_punches_again(self):
        self.simulate("--servers", "1")
        client = self.client()
        client.say(request(), self.sim.ports["server1"])
        for _ in range(2):
            client.hear_kind(wire.PUNCH_PKT)
        self.finish()

    def test_results(self):
        self.simulate("--servers", "1")

        def ask(uid):
            return self.client().ask(request(wire.Did.parse(uid)), self.sim.ports["server1"])

        for uid, result in (("OTHER-000001-AAAAA", -3), ("TEST-012345-ABCDX", -1),
                            ("TEST-012346-ABCDE", -2)):
            self.assertEqual(ask(uid), wire.build_result(wire.P2P_REQ_ACK, result))
        self.sim.command("offline on")
        self.assertEqual(ask("TEST-012345-ABCDE"), wire.build_result(wire.P2P_REQ_ACK, -2))
        self.sim.command("result -4")
        self.assertEqual(ask("TEST-012345-ABCDE"), wire.build_result(wire.P2P_REQ_ACK, -4))
        self.sim.command("offline off")
        self.sim.command("server 1 result auto")
        self.sim.command("unregister TEST-012345-ABCDE")
        self.sim.command("register TEST-012346-ABCDE")
        self.assertEqual(ask("TEST-012345-ABCDE"), wire.build_result(wire.P2P_REQ_ACK, -2))
        self.assertEqual(ask("TEST-012346-ABCDE"), wire.build_result(wire.P2P_REQ_ACK, 0))
        self.finish()

    def test_device_elsewhere(self):
        self.simulate("--no-camera", "--servers", "1")
        device = self.client()
        self.sim.command(f"register TEST-012345-ABCDE {device.name}")
        client = self.client()
        self.assertEqual(client.ask(request(), self.sim.ports["server1"]),
                         wire.build_result(wire.P2P_REQ_ACK, 0))
        self.assertEqual(client.hear(), wire.build_address(wire.PUNCH_TO, device.address))
        self.assertEqual(device.hear(), wire.build_address(wire.PUNCH_TO, client.address))
        self.assertRaises(SimulatorError, self.sim.command, "register TEST-012345-ABCDE")
        self.finish()

    def test_device_key(self):
        self.simulate("--servers", "1", "--dsk", "SECRET")
        port = self.sim.ports["server1"]

        def ask(key):
            payload = DID.wire + wire.pack_address((HOST, 1)) + bytes([5, 2, 0, 1])
            return self.client().ask(wire.build(wire.P2P_REQ_DSK, payload + key.ljust(24, b"\0")),
                                     port)

        self.assertEqual(ask(b"SECRET"), wire.build_result(wire.P2P_REQ_ACK, 0))
        self.assertEqual(ask(b"SECRETS"), wire.build_result(wire.P2P_REQ_ACK, -4))
        self.assertEqual(self.client().ask(request(), port),
                         wire.build_result(wire.P2P_REQ_ACK, -4))
        payload = DID.wire + b"SECRET".ljust(24, b"\0")
        answer = self.client().ask(wire.build(wire.LIST_REQ_DSK, payload), port)
        self.assertEqual(answer, wire.build_list([]))
        self.finish()


class Life(PpcsCase):
    def test_keepalive(self):
        self.simulate("--alive-period", "60")
        client = self.session()
        start = time.monotonic()
        self.assertEqual([client.hear() for _ in range(2)], 2 * [ALIVE])
        self.assertGreaterEqual(time.monotonic() - start, 0.1)
        client.say(ALIVE_ACK)
        self.assertEqual(client.ask(ALIVE), ALIVE_ACK)
        self.finish()

    def test_time_out(self):
        self.simulate("--alive-period", "10", "--alive", "off")
        client = self.session()
        start = time.monotonic()
        self.sim.command("alive on")
        heard = [client.hear()]
        while heard[-1] != CLOSE:
            heard.append(client.hear())
        self.assertEqual(heard[-9:], [*8 * [ALIVE], CLOSE])
        self.assertGreaterEqual(time.monotonic() - start, 0.08 + 0.024)
        stats = self.sim.stats()
        self.assertEqual((stats["timeouts"], stats["sessions"]), (1, 0))
        self.finish()

    def test_any_sign_of_life_counts(self):
        self.simulate("--alive-period", "30", "--alive-limit", "6")
        client = self.session()
        for number in range(8):
            self.assertEqual(client.hear(), ALIVE)
            client.say((ALIVE_ACK, wire.build_data(0, number // 2, b"x"))[number % 2])
            if number % 2:
                client.hear_kind(wire.DRW_ACK)
        self.assertEqual(self.sim.stats()["sessions"], 1)
        self.finish()

    def test_sessions_beside_each_other(self):
        self.simulate("--echo")
        clients = [self.session() for _ in range(3)]
        for number, client in enumerate(clients):
            client.say(wire.build_data(1, 0, b"%d" % number))
            self.assertEqual(client.hear_kind(wire.DRW), wire.build_data(1, 0, b"%d" % number))
        for client in clients[:2]:
            client.say(CLOSE)
        self.sim.wait("sessions", 1, "=")
        self.assertEqual(self.sim.stats()["sessions_max"], 3)
        clients[2].say(ALIVE)
        self.assertEqual(clients[2].hear_kind(wire.ALIVE_ACK), ALIVE_ACK)
        self.finish()

    def test_closed_client_is_a_stranger(self):
        self.simulate()
        client = self.session()
        client.say(CLOSE)
        client.say(CLOSE)
        client.say(ALIVE)
        self.sim.wait("alive_in", 2)
        self.assertTrue(client.quiet())
        self.assertEqual(self.sim.stats()["last_close_count"], 2)
        self.finish(f"{client.name} to camera: ALIVE after its CLOSE")

    def test_move(self):
        self.simulate("--first", "none")
        client = self.direct()
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        self.sim.command("move")
        client.say(ALIVE)
        client.hear_kind(wire.ALIVE_ACK)
        self.assertNotEqual(client.source, self.sim.ports["main"])
        client.say(CLOSE, client.source)
        self.sim.wait("sessions", 0, "=")
        self.finish()


class Process(PpcsCase):
    def test_ready_line(self):
        self.simulate("--servers", "2", "--relays", "1", "--tcp")
        self.assertEqual(list(self.sim.ports), [
            "search", "main", "server1", "server2", "relay1", "tcpserver1", "tcpserver2",
            "tcprelay1"])
        port = self.sim.ports["main"]
        self.finish()
        self.simulate("--main-port", port)
        self.assertEqual(self.sim.ports["main"], port)
        with self.assertRaisesRegex(SimulatorError, "status 2"):
            self.simulate("--main-port", port)
        with self.assertRaisesRegex(SimulatorError, "status 2"):
            self.simulate("--uid", "nobody")

    def test_console(self):
        self.simulate("--no-camera", "--relays", "1")
        for command in ("search on", "relay 2 silent on", "relay 1 nothing on", "relay 1 full x",
                        "loss camera 5", "loss 101", "loss relay", "delay 5 4", "tcp silent on",
                        "server all silent on", "unregister TEST-012345-ABCDE", "list 1:2:3"):
            self.assertRaises(SimulatorError, self.sim.command, command)
        for command in ("relay all silent on", "loss relay 5", "loss 0", "delay relay1 4 5",
                        "list 127.0.0.1:5 127.0.0.2:6", "list none", "list auto"):
            self.assertEqual(self.sim.command(command), "")
        self.finish()

    def test_wait(self):
        self.simulate()
        self.client().say(SEARCH, self.sim.ports["search"])
        for field in ("camera_in", "lan_search_in", "camera_lan_search_in", "client_in"):
            self.sim.wait(field, 1)
        self.assertRaises(SimulatorError, self.sim.command, "wait clients >= 1")
        self.finish()

    def test_many_clients(self):
        self.simulate()
        clients = [self.client() for _ in range(200)]
        for client in clients:
            client.say(SEARCH, self.sim.ports["search"])
        for client in clients:
            self.assertEqual(client.hear(), PUNCH)
            client.say(PUNCH, client.source)
        for client in clients:
            self.assertEqual(client.hear(), READY)
            client.say(ALIVE, client.source)
        for client in clients:
            self.assertEqual(client.hear_kind(wire.DRW), FIRST)
            client.say(CLOSE, client.source)
        self.sim.wait("sessions", 0, "=")
        self.assertEqual(self.sim.stats()["sessions_max"], 200)
        self.finish()


if __name__ == "__main__":
    unittest.main()
