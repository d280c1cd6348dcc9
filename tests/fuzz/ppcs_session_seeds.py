# SPDX-License-Identifier: MIT
"""Seeds of the fuzz target ppcs_session; seeds.py writes them."""

# The order of steps[] in ppcs_session.c, and of hosts and messages in ppcs_peer.[hc].
STEPS = (
    "deadline time open open_some say raw answer send unreachable fail work race search stop take"
    " events statistics write"
).split()
CAMERA, SECOND, SERVER, SERVER_2, RELAY, RELAY_2, NAMED, VICTIM = range(8)
TYPES = (
    "PUNCH_PKT P2P_RDY ALIVE_ACK ALIVE DRW CLOSE HELLO_ACK P2P_REQ_ACK PUNCH_TO TRY_LAN_TCP"
    " LIST_REQ_ACK RLY_HELLO_ACK RLY_PORT_ACK RLY_REQ_ACK RLY_TO RLY_RDY LAN_SEARCH RLY_PKT"
    " DRW_ACK TCP_RS_START TCP_RLY_REQ_ACK"
).split()
MAIN, SEARCH, LISTED, ASSIGNED = range(4)
P2P, LAN, RELAYED = 1, 2, 4
PLAIN = 4


def settings(modes=P2P + LAN + RELAYED, address=1, servers=0, relays=0, listed=0, tcp=0, ports=0,
             how=PLAIN, uid=0x30, times=0x25):
    """What peer_configure() takes, and the seed of the race."""
    lists = address + 4 * servers + 16 * relays + 64 * listed + 128 * tcp
    return bytes([lists, ports, 7 - modes, how, uid, times, 1])


def step(name, *arguments):
    """One step; numbers are a byte each."""
    return bytes([STEPS.index(name), *arguments])


def say(kind, host=CAMERA, port=MAIN, socket=0, uid=0, hidden=0, change=0, address=(CAMERA, MAIN),
        result=6, key=0, given=ASSIGNED, channel=0, index=0, count=1):
    """A message as peer_say() makes it."""
    return step("say", socket, host, port, hidden, change, TYPES.index(kind), uid, *address,
                result, key, given, channel, index, count)


def raw(data, host=CAMERA, port=MAIN, socket=0):
    return step("raw", socket, host, port, len(data) >> 8, len(data) % 256) + data


OPEN = step("open") + step("send", 255)
WORK = step("work", 31)
DUE = step("deadline")
TICK = step("time", 0)


def races():
    yield "lan", settings(LAN)
    yield "p2p", settings(P2P)
    yield "both", settings(P2P + LAN, ports=3)
    yield "sequential", settings(P2P + LAN, ports=3, how=PLAIN + 1)
    yield "until-path", settings(P2P + LAN, how=PLAIN + 2)
    yield "all-keys", settings(LAN, how=16)
    yield "shix", settings(LAN, how=PLAIN + 8)
    yield "unknown-id", settings(P2P + LAN, uid=0x32)
    yield "hint", settings(P2P, uid=0x33)
    yield "broadcast", settings(LAN, address=0, how=PLAIN + 192)
    yield "servers", settings(P2P, address=0, servers=3)
    yield "dsk", settings(P2P + RELAYED, address=0, servers=1, listed=1, how=PLAIN + 32)
    yield "relay", settings(RELAYED, servers=3, relays=3)
    yield "relay-listed", settings(RELAYED, servers=1, listed=1)
    yield "relay-alone", settings(RELAYED, relays=2)
    yield "tcp", settings(RELAYED, servers=3, tcp=1)
    yield "everything", settings(address=3, servers=3, relays=3, listed=1, tcp=1, ports=3)
    yield "nothing", settings(0)


def session_seeds():
    session = step("events", 0) + 3 * WORK + step("events", 0)
    for name, race in races():
        yield f"{name}", race + 6 * WORK + session
        yield f"{name}-stop", race + OPEN + 3 * (step("answer", 0) + DUE) + step("stop")
        yield f"{name}-silent", race + OPEN + 60 * (DUE + step("send", 255))
    won = settings(P2P) + 2 * WORK
    again = step("race") + settings(LAN) + 2 * WORK
    yield "take", won + step("take") + again + step("stop") + again
    yield "closed", won + say("CLOSE") + DUE + again
    yield "lost", won + 20 * (DUE + step("send", 255)) + again
    yield "unreachable", won + step("unreachable", 0, CAMERA, MAIN) + 9 * DUE
    data = b"".join(say("DRW", index=n) for n in range(9))
    yield "data", won + data + say("DRW", channel=3, index=2) + step("events", 0)
    full = b"".join(say("DRW", index=n % 256) for n in range(1100))
    yield "full", won + full + step("events", 0) + say("DRW", index=1)
    written = b"".join(step("write", n % 8, n, 255) + step("send", 255) for n in range(90))
    acks = b"".join(say("DRW_ACK", channel=n % 8, index=n // 8, count=9) for n in range(40))
    yield "write", won + written + acks + 9 * DUE + written + step("events", 0) + step("stop")
    yield "write-silent", won + 2 * written + 40 * (DUE + step("send", 255)) + again
    yield "write-closed", won + written + acks + say("CLOSE") + DUE + again + written
    yield "search", settings(0) + step("search") + settings(0)[:-1] + b"\x40" + OPEN + (
        say("PUNCH_PKT") + say("PUNCH_PKT", SECOND, uid=2) + 20 * DUE + step("events", 0)
    )
    yield "no-socket", settings(P2P + LAN, ports=3) + 40 * (step("open_some", 15) + DUE)
    found = say("PUNCH_PKT") + DUE + say("P2P_RDY")
    yield "other-id", settings(LAN) + OPEN + say("PUNCH_PKT", uid=2) + 9 * DUE + found
    yield "stranger", settings(LAN) + OPEN + say("P2P_RDY", SECOND) + say("P2P_RDY", VICTIM) + DUE
    nowhere = say("PUNCH_PKT", port=6) + say("P2P_RDY", port=6) + DUE  # port 0
    yield "nowhere", settings(LAN) + OPEN + nowhere + step("send", 255)
    yield "closes", settings(LAN) + OPEN + found + DUE + say("CLOSE") + 9 * DUE
    yield "silent", settings(LAN) + OPEN + found + 60 * (DUE + step("send", 255)) + step("stop")
    for result in range(7):
        said = say("P2P_REQ_ACK", SERVER, LISTED, result=result)
        yield f"result-{result}", settings(P2P, 0, servers=3) + OPEN + said + 20 * DUE
    device = say("RLY_PORT_ACK", RELAY, LISTED) + DUE + say("RLY_RDY", RELAY, ASSIGNED) + DUE
    yield "relay-order", settings(RELAYED, relays=2) + OPEN + device + say("ALIVE_ACK", RELAY, 3)
    full = say("RLY_HELLO_ACK", RELAY, LISTED) + say("RLY_PORT_ACK", RELAY, LISTED, given=6)
    yield "relay-full", settings(RELAYED, servers=1, relays=3) + OPEN + 3 * full + 30 * DUE
    tcp = settings(RELAYED, servers=3, tcp=1) + OPEN
    start = say("TCP_RS_START", SERVER, socket=0, address=(NAMED, MAIN)) + TICK + OPEN
    joined = start + say("ALIVE", socket=2, hidden=7) + TICK
    yield "tcp-won", tcp + joined + say("ALIVE_ACK", socket=2) + 9 * DUE + say("CLOSE") + DUE
    yield "tcp-data", tcp + joined + say("DRW", socket=2) + 5 * DUE + say("DRW", index=1) + (
        step("stop")
    )
    for socket in range(3):
        yield f"tcp-lost-{socket}", tcp + start + step("fail", socket, 0) + TICK + joined
        yield f"tcp-broken-{socket}", tcp + joined + step("fail", socket, 1) + 9 * DUE
    yield "tcp-nonsense", tcp + start + raw(bytes(60), socket=2) + DUE
    for result in range(7):
        said = say("TCP_RLY_REQ_ACK", SERVER, socket=1, result=result)
        yield f"tcp-result-{result}", tcp + said + DUE + step("fail", 0, 1) + step("fail", 0, 0)
    found = bytes.fromhex("f14100145445535400000000000030394142434445000000")
    yield "raw", settings(LAN) + OPEN + raw(found) + DUE + raw(found[:9]) + raw(bytes(1281))
    yield "time", settings() + OPEN + 20 * (step("time", 40) + step("send", 255))
    yield "learnt", settings(P2P) + 2 * WORK + step("statistics", 0, 1, 9, 3, 200, 200) + (
        step("stop") + again
    )
