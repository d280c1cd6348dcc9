# SPDX-License-Identifier: MIT
"""A directory server: tells clients their address, and brings them and the camera together."""

from . import wire
from .node import Node, Port

OK, WRONG_CHECK, OFFLINE, WRONG_PREFIX, WRONG_KEY = 0, -1, -2, -3, -4


class Server(Node):
    role = "server"

    def __init__(self, network, name):
        super().__init__(network, name)
        self.port = Port(self, network.host)
        # What the console changes; a result of None is worked out.
        self.result = None
        self.relay_result = None
        self.device_key = None
        self.answer_delay = 0.0
        self.shuffle = False

    def handle(self, port, kind, plain, data, address):
        function = self.HANDLERS.get(kind)
        if not function:
            return
        try:
            answers = function(self, kind, wire.payload_of(plain), address)
        except wire.Malformed:
            return
        if self.shuffle:
            self.random.shuffle(answers)
        if self.answer_delay:
            self.loop.call_later(self.answer_delay, lambda: self.say(answers))
        else:
            self.say(answers)

    def say(self, answers):
        for message, address in answers:
            self.send(self.port, message, address)

    def hello(self, _kind, _payload, address):
        return [(wire.build_address(wire.HELLO_ACK, address), address)]

    # Where a device key stands in the requests that have one.
    KEY_AT = {wire.P2P_REQ_DSK: 40, wire.P2P_REQ_DSK_WI: 40, wire.LIST_REQ_DSK: 20,
              wire.LIST_REQ_DSK_WI: 20, wire.TCP_RLY_REQ_DSK: 52}

    def judge_request(self, kind, payload, did):
        """The result that a request deserves."""
        if self.result is not None:
            return self.result
        place = self.KEY_AT.get(kind)
        given = wire.parse_text(payload[place:place + 24]) if place is not None else None
        if self.device_key is not None and given != self.device_key:
            return WRONG_KEY
        known = self.network.registered
        if self.network.address_of(did):
            return OK
        if did in known:
            return OFFLINE
        if not any(did.prefix == other.prefix for other in known):
            return WRONG_PREFIX
        if any((did.prefix, did.serial) == (other.prefix, other.serial) for other in known):
            return WRONG_CHECK
        return OFFLINE

    def p2p_request(self, kind, payload, address):
        did = wire.Did.unpack(payload)
        result = self.judge_request(kind, payload, did)
        answers = [(wire.build_result(wire.P2P_REQ_ACK, result), address)]
        device = self.network.address_of(did)
        if result == OK and device:
            self.network.rules.punch_to(address)
            answers += [(wire.build_address(wire.PUNCH_TO, device), address),
                        (wire.build_address(wire.PUNCH_TO, address), device)]
        return answers

    def list_request(self, kind, payload, address):
        if self.device_key is not None and kind not in (wire.LIST_REQ, wire.LIST_REQ1,
                                                        wire.LIST_REQ1_WI):
            place = self.KEY_AT[kind]
            if wire.parse_text(payload[place:place + 24]) != self.device_key:
                return []
        return [(wire.build_list(self.network.relays_offered()), address)]

    def relay_request(self, _kind, payload, address):
        did = wire.Did.unpack(payload)
        relay, key = wire.parse_relay_to(payload[wire.Did.SIZE:])
        self.check_relay(relay, key, address)
        result = self.relay_result
        device = self.network.address_of(did)
        if result is None:
            result = OK if device else OFFLINE
        answers = [(wire.build_result(wire.RLY_REQ_ACK, result), address)]
        if result == OK:
            message = wire.build_relay_to(relay, key)
            answers += [(message, target) for target in (address, device) if target]
        return answers

    def check_relay(self, relay, key, address):
        """The client has to name the port and the key that it was given."""
        network = self.network
        if network.relay_list is not None or network.is_own(address) or network.garbling():
            return
        if network.assigned.get(relay) != key:
            text = f"RLY_REQ for {relay[0]}:{relay[1]} with key {key:08x}, which no relay gave"
            network.rules.complain(address, self.name, text)

    HANDLERS = {
        wire.HELLO: hello, wire.P2P_REQ: p2p_request, wire.P2P_REQ_WI: p2p_request,
        wire.P2P_REQ_DSK: p2p_request, wire.P2P_REQ_DSK_WI: p2p_request,
        wire.LIST_REQ: list_request, wire.LIST_REQ1: list_request,
        wire.LIST_REQ1_WI: list_request, wire.LIST_REQ_DSK: list_request,
        wire.LIST_REQ_DSK_WI: list_request, wire.RLY_REQ: relay_request,
    }
