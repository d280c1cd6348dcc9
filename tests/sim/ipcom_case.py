# SPDX-License-Identifier: MIT
"""What the self-tests of the IPCom simulator share: a client that knows just the cipher."""

from ipcom import cipher, messages
from ipcom.model import parse_output
from simcase import Case, Client

POLL, KEEPALIVE, DISCONNECT = bytes([5, 1]), bytes([3, 1]), bytes([2, 1])
spell = bytes.fromhex


def snapshot(words=""):
    """The plain snapshot of `3.4=255 6.1=40`."""
    values = [[0] * messages.OUTPUTS for _ in range(messages.MODULES)]
    for word in words.split():
        place, _, value = word.partition("=")
        module, output = parse_output(place)
        values[module - 1][output - 1] = int(value)
    return messages.build_snapshot(values)


def write(module, *values):
    """The plain message that sets a module on Minido bus 1."""
    data = bytes([1, *values]).ljust(9, b"\0")
    return messages.Frame(2, 59 + module, 0, data).message()


def ack(source, bus=0):
    return messages.Frame(bus, 0, source, [1]).message()


class IpcomClient(Client):
    """Sends and takes plain messages."""

    mode = cipher.LOGIN
    key = None

    def send_login(self, user="demo", password="secret", bus=1):
        self.say(messages.build_login(user, password, bus))

    def login(self, *words, **named):
        self.send_login(*words, **named)
        answer = self.hear(messages.RESPONSE_SIZE)
        self.key = answer[7:]
        self.mode = cipher.session(self.key)
        return answer

    def say(self, plain):
        self.send(cipher.encode(self.mode, plain))

    def hear(self, size):
        return cipher.decode(self.mode, self.take(size))

    def ask(self, plain):
        """The next message, which the first byte measures."""
        self.say(plain)
        return self.message()

    def message(self):
        wire = b""
        size = None
        while size is None or len(wire) < size:
            piece = self.take(1)
            if not piece:
                raise EOFError(wire)
            wire += piece
            plain = cipher.decode(self.mode, wire)
            size = messages.size(plain, messages.ANSWER_SIZES)
        return plain


class IpcomCase(Case):
    script = "ipcom_sim.py"

    def client(self, host="127.0.0.1"):
        client = IpcomClient(self.sim.ports["port"], host)
        self.cleanup.callback(client.close)
        return client

    def logged_in(self, **named):
        client = self.client()
        client.login(**named)
        return client

    def ready(self, **named):
        """Logged in, with a first snapshot."""
        client = self.logged_in(**named)
        client.ask(POLL)
        return client
