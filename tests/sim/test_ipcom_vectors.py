#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The conversation files of libipcom: their words, and that the simulator speaks them."""

import itertools
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

import vectors  # noqa: E402
from ipcom import cipher, messages  # noqa: E402
from simcase import Case  # noqa: E402

VECTORS = os.path.join(os.path.dirname(HERE), "vectors", "ipcom")
NUMBER = "(?:0|[1-9][0-9]*)"
REQUEST = re.compile(
    r"login (?P<user>\S+) (?P<password>\S+) (?P<bus>[12])(?P<clear> clear)?"
    r"|(?P<plain>poll|keepalive|disconnect)"
    rf"|set (?P<type>minido|bibus|other) (?P<module>{NUMBER})(?P<values>(?: {NUMBER}){{8}})"
    r"|message (?P<hex>[0-9a-f]{2}(?: [0-9a-f]{2})*)")
PLAIN = {"poll": bytes([5, 1]), "keepalive": bytes([3, 1]), "disconnect": bytes([2, 1])}


class Reading:
    """Derives the `=` lines of a file from its `:` and `<` lines, and the `>` bytes from `:`."""

    def __init__(self):
        self.mode = cipher.LOGIN
        self.login = None
        self.allow_clear = False
        self.connection = 1

    def request(self, text):
        """The wire bytes that a `:` line causes."""
        match = REQUEST.fullmatch(text)
        if not match:
            raise ValueError(f"unknown request '{text}'")
        if match["user"]:
            self.login = match["user"], match["password"], int(match["bus"])
            self.allow_clear = bool(match["clear"])
            self.mode = cipher.LOGIN
            plain = messages.build_login(*self.login)
        elif match["type"]:
            values = [int(word) for word in match["values"].split()]
            to, bus = messages.place_of(int(match["module"]), self.login[2], match["type"])
            plain = messages.Frame(bus, to, 0, [1, *values]).message()
        else:
            plain = bytes.fromhex(match["hex"]) if match["hex"] else PLAIN[match["plain"]]
        return cipher.encode(self.mode, plain)

    def answers(self, wire, logging_in, to_poll):
        """The reports that bytes of the device cause."""
        found = []
        while wire:
            if logging_in:
                return self.login_answer(wire)
            plain = cipher.decode(self.mode, wire)
            try:
                size = messages.size(plain, messages.ANSWER_SIZES)
            except messages.Malformed:
                size = None
            if size is None or size > len(plain):
                lost = ["error EBADMSG"] if to_poll else []
                return [*found, "unknown " + messages.spelled(plain), *lost]
            found.append(self.describe(plain[:size]))
            wire = wire[size:]
        return found

    def login_answer(self, wire):
        if wire == bytes([2, 1]) and self.mode is cipher.LOGIN:
            if self.allow_clear:
                self.mode = cipher.CLEAR
                self.connection = 2
            return ["login unencrypted"]
        plain = cipher.decode(self.mode, wire)
        if len(plain) not in (3, messages.RESPONSE_SIZE) or plain[0] != 1:
            return ["login error=EACCES"]
        clear = len(plain) == 3 or self.mode is cipher.CLEAR
        firmware = plain[2:6].decode() if len(plain) > 3 else "-"
        self.mode = cipher.CLEAR if clear else cipher.session(plain[7:])
        return [f"login firmware={firmware} encrypted={0 if clear else 1}"]

    @staticmethod
    def describe(plain):
        if plain[0] == 5:
            return "snapshot " + messages.nonzero(messages.rows(plain))
        if plain[0] in (2, 3):
            return {2: "disconnect", 3: "keepalive"}[plain[0]]
        try:
            frame = messages.parse_frame(plain)
        except messages.Malformed:
            return "frame error=EBADMSG"
        return f"frame bus={frame.bus} to={frame.to:02x} from={frame.source:02x} " \
               f"data={frame.data.hex()}"


class Vectors(Case):
    script = "ipcom_sim.py"

    def play(self, conversation):
        """The simulated device answers every `>` with exactly the `<` that follow."""
        self.simulate()
        clients = {}
        for step in conversation.steps:
            if step.kind == "!":
                self.sim.command(step.text)
            elif step.kind in "<>":
                if step.connection not in clients:
                    clients[step.connection] = self.connected()
                client = clients[step.connection]
                if step.kind == ">":
                    client.send(step.data)
                else:
                    self.assertEqual(client.take(len(step.data)), step.data)
        self.sim.command("drop")
        for client in clients.values():
            self.assertEqual(client.rest(), b"")
        self.finish()

    def replay(self, conversation):
        """The scripted peer says the `<` bytes when it has had the `>` bytes."""
        self.simulate("--replay", conversation.path)
        for number in sorted({step.connection for step in conversation.steps}):
            client = self.connected()
            client.send(conversation.sent(number))
            received = conversation.received(number)
            self.assertEqual(client.take(len(received)), received)
            client.close()
            self.sim.wait("connections_now", 0, "=")
        self.sim.wait("conversations", 1)
        self.finish()

    def test_model(self):
        for conversation in vectors.read_all(VECTORS):
            if conversation.simulated:
                with self.subTest(conversation.name):
                    self.play(conversation)

    def test_replay(self):
        for conversation in vectors.read_all(VECTORS)[1::5]:
            with self.subTest(conversation.name):
                self.replay(conversation)

    def check(self, conversation):
        reading = Reading()
        request, sent, expected, logging_in, connection = "", b"", [], False, 1
        steps = [step for step in conversation.steps if step.kind != "!"]
        for kind, group in itertools.groupby(steps, lambda step: step.kind):
            group = list(group)
            if kind == "=":
                self.assertEqual([step.text for step in group], expected)
                expected = []
                if logging_in and reading.connection != connection:
                    # The same login again, in clear text on another connection.
                    connection = reading.connection
                    sent = messages.build_login(*reading.login)
                else:
                    logging_in = False
                continue
            self.assertEqual((len(group), expected), (1, []))
            if kind == ":":
                request = group[0].text
                sent = reading.request(request)
                logging_in = request.startswith("login ")
                continue
            self.assertEqual(group[0].connection, connection)
            if kind == ">":
                self.assertEqual(group[0].data, sent)
            else:
                expected = reading.answers(group[0].data, logging_in, request == "poll")
        self.assertEqual(expected, [])

    def test_words_and_bytes_agree(self):
        for conversation in vectors.read_all(VECTORS):
            with self.subTest(conversation.name):
                self.check(conversation)

    def test_all_are_there(self):
        conversations = vectors.read_all(VECTORS)
        numbers = {int(conversation.name[:2]) for conversation in conversations}
        self.assertEqual(numbers, set(range(1, 37)))
        simulated = [item.name for item in conversations if not item.simulated]
        self.assertEqual(simulated, ["13-login-mode"])


class Cipher(unittest.TestCase):
    """Figures of the protocol sheet that stand in no conversation (sections 3, 4.4 and 13)."""

    def test_tables(self):
        self.assertEqual((len(cipher.K1), len(cipher.LOGIN)), (256, 256))
        self.assertEqual(cipher.LOGIN[:4].hex(), "0c748164")
        self.assertEqual(cipher.LOGIN[128:132].hex(), "5383fb32")

    def test_keys(self):
        self.assertEqual((cipher.KEY_P[:4].hex(), cipher.KEY_P[-4:].hex()),
                         ("2f363d44", "939aa110"))
        self.assertEqual((cipher.KEY_P[119:122].hex(), cipher.KEY_Q[:8].hex()),
                         ("70067e", "a5a8bf8291e4ebfe"))
        self.assertEqual(cipher.KEY_Q[-6:].hex(), "979ae9fcc3d6")

    def test_not_encrypting_answer(self):
        self.assertEqual(cipher.decode(cipher.LOGIN, bytes([2, 1])), bytes.fromhex("0e65"))

    def test_there_and_back(self):
        plain = bytes(range(256)) + bytes(10)
        for mode in (cipher.LOGIN, cipher.session(cipher.KEY_Q), cipher.session(b"abc")):
            self.assertEqual(cipher.decode(mode, cipher.encode(mode, plain)), plain)
        self.assertEqual(cipher.encode(cipher.session(b""), plain), plain)

    def test_place_behind_the_table(self):
        mode = cipher.session(cipher.KEY_P)
        wire = cipher.encode(mode, bytes(258))
        expected = [mode[wire[254] ^ 255], mode[wire[255]], mode[wire[256] ^ 1]]
        self.assertEqual(list(wire[255:]), expected)


if __name__ == "__main__":
    unittest.main()
