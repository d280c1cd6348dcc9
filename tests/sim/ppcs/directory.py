# SPDX-License-Identifier: MIT
"""The console's commands for servers and relays: who is registered, and how they misbehave."""

from simlib import ConsoleError, on_off

from . import wire
from .console import address_in, choice, whole

RESULTS = (-128, 127)


def result(word):
    return None if word == "auto" else whole(word, *RESULTS)


def milliseconds(word):
    return whole(word) / 1000


def full(word):
    return {"on": "port0"}.get(choice(word, "on", "off", "port0", "silent"), word)


def liar(word):
    return {"on": "port"}.get(choice(word, "on", "off", "port", "did"), word)


# What can be set: name -> (attribute, function that reads the word).
SERVER = {
    "silent": ("silent", on_off), "answer-delay": ("answer_delay", milliseconds),
    "result": ("result", result), "relay-result": ("relay_result", result),
    "shuffle": ("shuffle", on_off),
}
RELAY = {
    "silent": ("silent", on_off), "hello-delay": ("hello_delay", milliseconds),
    "full": ("full", full), "liar": ("liar", liar), "reflect": ("reflect", on_off),
    "alone": ("alone", on_off), "direct": ("direct", on_off),
}
TCP = {
    "silent": ("silent", on_off), "result": ("result", result), "start": ("start", on_off),
    "bad-check": ("bad_check", on_off), "bad-mark": ("bad_mark", on_off),
    "early": ("early", on_off),
}


class DirectoryCommands:
    def __init__(self, network):
        self.network = network

    def change(self, role, known):
        def apply(number, name, value):
            nodes = self.network.chosen(role if number == "all" else f"{role}{number}")
            if not nodes or (number != "all" and not number.isdecimal()):
                raise ConsoleError(f"no {role} {number}")
            attribute, read = known[choice(name, *known)]
            for node in nodes:
                setattr(node, attribute, read(value))
        return apply

    def tcp(self, name, value):
        attribute, read = TCP[choice(name, *TCP)]
        if not self.network.tcp:
            raise ConsoleError("no TCP here, start with --tcp")
        setattr(self.network.tcp, attribute, read(value))

    def register(self, uid, address=None):
        network = self.network
        if address is None and not network.camera:
            raise ConsoleError("no camera here, ADDRESS:PORT expected")
        place = address_in(address) if address else network.camera.main.address
        network.registered[wire.Did.parse(uid)] = place

    def unregister(self, uid):
        if self.network.registered.pop(wire.Did.parse(uid), None) is None:
            raise ConsoleError(f"{uid} is not registered")

    def offline(self, word):
        self.network.offline = on_off(word)

    def key(self, text):
        for server in self.network.servers:
            server.device_key = None if text == "none" else text

    def relays(self, *words):
        """`auto` or nothing: those of this process."""
        listed = None if words in ((), ("auto",)) else [
            address_in(word) for word in words if word != "none"]
        self.network.relay_list = listed

    def all_servers(self, name):
        apply = self.change("server", SERVER)
        return lambda word: apply("all", name, word)

    def table(self):
        return {
            "server": (f"N|all {'|'.join(SERVER)} VALUE", self.change("server", SERVER)),
            "relay": (f"N|all {'|'.join(RELAY)} VALUE", self.change("relay", RELAY)),
            "tcp": (f"{'|'.join(TCP)} VALUE", self.tcp),
            "result": ("N|auto", self.all_servers("result")),
            "relay-result": ("N|auto", self.all_servers("relay-result")),
            "shuffle": ("on|off", self.all_servers("shuffle")),
            "register": ("UID [ADDRESS:PORT]", self.register),
            "unregister": ("UID", self.unregister),
            "offline": ("on|off", self.offline),
            "dsk": ("TEXT|none", self.key),
            "list": ("...", self.relays),
        }
