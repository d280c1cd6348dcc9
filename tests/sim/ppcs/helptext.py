# SPDX-License-Identifier: MIT
"""What `--help` says about commands and statistics; their usage stands in the tables."""

TEXTS = {
    # The line.
    "loss": "datagrams lost, both ways; ROLE is camera, server, relay or a name such as relay1",
    "duplicate": "datagrams that come twice",
    "reorder": "datagrams that the next one overtakes, or 20 ms late",
    "garble": "datagrams with one wrong byte",
    "delay": "datagrams late, by a time between the two",
    "expect-close": "leaving without CLOSE is a violation",
    # Servers and relays.
    "server": "how a directory server behaves", "relay": "how a relay behaves",
    "tcp": "how servers and relays behave over TCP",
    "result": "of all servers in P2P_REQ_ACK", "relay-result": "of all servers in RLY_REQ_ACK",
    "shuffle": "answers of servers in any order", "register": "a device at the servers",
    "unregister": "the servers forget a device", "offline": "no device is known",
    "dsk": "the key that requests must have", "list": "the relays that servers name",
    # The camera.
    "silent": "neither hears nor says anything", "search": "answers at the search port",
    "main-search": "answers LAN_SEARCH at the main port", "punch": "answers PUNCH_PKT",
    "answer-delay": "before the first answer", "answer-from": "the socket of the session",
    "wrong-uid": "another identity in its messages", "extra": "bytes behind P2P_RDY",
    "p2p-rdy": "says that the path is ready", "echoes": "PUNCH_PKT that it wants before that",
    "offers": "TRY_LAN_TCP before that", "first": "what it sends first on channel 0",
    "alive": "sends ALIVE", "alive-ack": "answers ALIVE", "alive-period": "of silence",
    "alive-limit": "ALIVE without answer before it gives up",
    "close-after": "closes after so many messages", "limit": "sessions at once",
    "nonsense": "answers with random bytes", "reflect": "sends back what comes",
    "stranger": "P2P_RDY from a socket nobody knows",
    "acks": "how acknowledgements look: `many` lists 100 in one packet, `future` some that "
            "nobody has sent, `other` the next channel as well; `short` states 3 too many, "
            "`padded` has 32 bytes; d2 is another mark",
    "ack-storm": "each acknowledgement so often",
    # What the channels carry.
    "echo": "sends back what comes on these channels",
    "sink": "makes a SHA-256 of what comes on these channels",
    "source": "sends so many bytes of a pattern in each session that is open or comes; SEED is "
              "the number of the channel unless given",
    "read": "off: the camera takes 128 KiB on these channels and then acknowledges nothing more",
    "packet-size": "data bytes in a packet, 1-1024",
    "window": "the window of the camera shrinks no further than this (0)",
    "spoil": "before each EVERYth packet a bad one with its index: without data, shorter than it "
             "says, on a channel 8-255; short: longer than it says, which is right to take",
    "renumber": "each EVERYth packet again with the next index, its bytes come twice; resends: "
                "what is sent again has a new index, the old one never comes",
    "at": "runs a command for a session alone once so many bytes, both ways and all channels "
          "together, are sent and received; 0: behind the first data",
    "artemis": "answers requests on channel 0; on: with a captured text; heartbeats have no answer",
    "artemis-garbage": "bytes between frames",
    # Once.
    "send": "bytes", "send-text": "bytes as text",
    "blast": "random bytes, answers with their SHA-256",
    "send-raw": "a datagram as it is", "send-message": "a message, which is then obfuscated",
    "send-acks": "acknowledges indexes such as 0,5-9; CHANNEL may be up to 255",
    "bad-data": "one bad packet with the next index, see spoil; CHANNEL may be up to 255",
    "jump": "leaves out so many indexes, for ever",
    "close": "CLOSE", "mute": "a session is dead: hears nothing, says nothing",
    "move": "the session goes on from another port of the camera",
    "ready": "P2P_RDY in the middle of a session, of another device unless told",
    "artemis-frame": "with TEXT in base64, `login` or `heartbeat`; media goes to channel 1",
    "artemis-media": "media frames on channel 1; frame N has the pattern with seed N",
}

PATTERN = """\
the pattern of a source:
  uint32_t x = SEED; for k in 0..65520: x = 1664525 * x + 1013904223, table[k] = x >> 24
  byte i = table[i % 65521] ^ (i / 65521 & 255); in Python: ppcs.data.pattern(SEED, COUNT, START)

statistics of the channels (all sessions together, N is a channel; `wait` knows them):
  drw_bytes, drw_bytes_N     bytes that came in order
  drw_sent, drw_sent_N       bytes sent for the first time
  drw_packets, resends       packets sent for the first time, and again
  duplicates, drw_refused    packets that came again, that found no room
  blast_pending              bytes to send that are not acknowledged
  drw_early, drw_unread      bytes waiting behind a gap, and to be read
  artemis_requests, artemis_heartbeats, artemis_others, artemis_frames, artemis_media,
  artemis_skipped            frames that came, frames sent, bytes between frames that came
and in `stats` by client and channel:
  sinks     {bytes, sha256}
  sources   [{seed, bytes, left, crc32, sha256}, ...], digests of what was sent so far
  channels  {bytes_in, crc32_in, bytes_out, crc32_out, next_in, next_out, pending, window,
            resends, duplicates, refused, early, unread}"""


def of_option(usage, text):
    """For argparse, which has its own idea of percent signs."""
    return f"{usage}: {text}".replace("%", "%%") if usage else text


def epilog(parts, commands):
    """`commands` are those that are no options: name -> (usage, function)."""
    lines = ["commands of the console that are no options (but `--at` and `--do` know them):"]
    for name in sorted(commands):
        lines.append(f"  {name} {commands[name][0]}".rstrip())
        lines.append(f"      {TEXTS[name]}")
    lines.append("  help, quit, stats, wait FIELD =|>= NUMBER [MS]")
    words = "CHANNELS are on, off or numbers such as 0,3-5. CLIENT is HOST:PORT or the port."
    return "\n\n".join([*parts, "\n".join(lines), words, PATTERN])
