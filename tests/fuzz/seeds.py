#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the fuzz corpora anew, from the conversation files and the like.

    tests/fuzz/seeds.py [CORPUS-DIRECTORY]

The files are called seed-…; what libFuzzer has found stands beside them under other names.
"""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "harness"))
sys.dont_write_bytecode = True

import ipcom_seeds  # noqa: E402
import meshtcp_seeds  # noqa: E402
import ppcs_channel_seeds  # noqa: E402
import ppcs_seeds  # noqa: E402
import ppcs_session_seeds  # noqa: E402
import share_seeds  # noqa: E402
import vectors  # noqa: E402

# Answers with a value that cannot be.
IMPOSSIBLE = (
    ("@VGL 101", b"656\r"),
    ("#VGS 1 9 23", b"RGS# 1 9 23 3\r"),
    ("@VQM", b"2 1 16\r"),
    ("@VQT 1 4", b"0 26 150 1 1 1 1 1 1 1 0 4 0\r"),
)
# The order of steps[] in qlink_session.c.
STEPS = (
    "deadline time accept fail bytes answer send request poll cancel events result watch"
    " running flood"
).split()
CONVERSATIONS_PER_SESSION = 12
EVENT_WORDS = (b"SW ", b"IR ", b"LO ", b"LS ", b"LV ", b"LE ", b"LC ", b"AON", b"AOFF", b"ST ")


def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def lines_of(conversation):
    return [s for s in conversation.received().replace(b"\n", b"\r").split(b"\r") if s]


def line_seeds(conversations):
    """A number of cut sizes, these sizes, and a stream."""
    stream = b"".join(c.received() for c in conversations)
    part = len(stream) // 4 + 1
    yield "cr", bytes([1, 3]) + stream[:part]
    yield "crlf", bytes([2, 5, 1]) + stream[part : 2 * part].replace(b"\r", b"\r\n")
    yield "lf", bytes([1, 200]) + stream[2 * part : 3 * part].replace(b"\r", b"\n")
    yield "blanks", bytes([3, 1, 2, 4]) + stream[3 * part :].replace(b"\r", b" \t\r\r ")
    for size in (1023, 1024, 1025):
        yield f"long-{size}", bytes([1, 100]) + b"x" * size + b"\r" + b"50\r"
    yield "long-crlf", bytes([1, 1]) + b"x" * 1100 + b"\r\n50\r\n"
    yield "long-blanks", bytes([1, 255]) + b"50" + b" " * 1100 + b"\r" + b" " * 1100 + b"\r50\r"


def reply_seeds(conversations):
    """`@` when a bare answer is allowed, the request, its answer: one of each command."""
    done = set()
    for conversation in conversations:
        for request in conversation.texts(":"):
            verb = request.split(" ")[0]
            if verb in done:
                continue
            done.add(verb)
            mark = b"@" if conversation.style == "regular" else b"#"
            yield verb.replace("?", "-"), mark + request.encode() + b"\n" + conversation.received()
    for number, (request, answer) in enumerate(IMPOSSIBLE):
        yield f"impossible-{number}", request.encode() + b"\n" + answer


def event_seeds(conversations):
    lines = [line for c in conversations for line in lines_of(c) if line.startswith(EVENT_WORDS)]
    lines = sorted(set(lines))
    for number, part in enumerate(chunks(lines, 12)):
        yield str(number), b"\r".join(part) + b"\r"


def step(name, *arguments):
    """One step; numbers are a byte each, texts end in a line feed."""
    data = bytes([STEPS.index(name)])
    for argument in arguments:
        if isinstance(argument, int):
            data += bytes([argument])
        else:
            data += argument.encode() + b"\n"
    return data


def settings(mode=1, style=0, connections=2, monitoring=0, speed=0, reply=4, timeout=4):
    """The five bytes before the steps; see configure() in qlink_session.c."""
    return bytes([mode + 3 * style, connections - 1 + 8 * monitoring, speed, reply, timeout])


def say(slot, data):
    return b"".join(
        bytes([STEPS.index("bytes"), slot, len(part)]) + part for part in chunks(data, 255)
    )


def conversation_steps(conversation):
    data = b""
    for item in conversation.steps:
        if item.kind == ":":
            data += step("request", item.text)
        elif item.kind == ">":
            data += step("send", 0, 255)
        elif item.kind == "<":
            data += say(0, item.data)
        elif item.kind == "=":
            data += step("events", 1)
    return data


def session_seeds(conversations):
    for style in vectors.STYLES:
        chosen = [c for c in conversations if c.style == style and len(c.received()) < 2000]
        for number, part in enumerate(chunks(chosen, CONVERSATIONS_PER_SESSION)):
            data = settings(style=1 + vectors.STYLES.index(style))
            data += step("accept", 0) + step("running", 1)
            data += b"".join(conversation_steps(c) for c in part)
            yield f"{style}-{number}", data
    enable = step("accept", 0) + 3 * step("answer", 0, 0) + step("events", 0)
    work = step("request", "VGL 101") + step("accept", 1) + step("answer", 1, 50)
    watch = step("watch", 0, 1) + step("watch", 1, 2) + step("watch", 2, 3)
    answers = 4 * step("answer", 1, 1)
    split = settings(mode=0, monitoring=15)
    lost = step("fail", 0) + 2 * step("deadline")
    yield "monitor", split + enable + work + step("events", 0)
    yield "resync", split + watch + enable + work + answers + lost + enable + answers
    late = step("request", "VGL 101") + step("send", 0, 255) + 2 * step("deadline")
    yield "late", settings() + step("accept", 0) + late + say(0, b"50\r") + step("answer", 0, 0)
    refused = step("fail", 8 * 2) + step("deadline")
    yield "refused", settings() + step("request", "VGL 101") + 5 * refused + step("events", 0)
    yield "cancel", (
        settings() + step("accept", 0) + step("request", "VSW 1 2 3 6") + step("cancel", 0)
        + step("answer", 0, 0) + step("poll", 255, "VLT 1 2") + step("cancel", 3)
        + 9 * step("answer", 0, 9)
    )
    flood = bytes([STEPS.index("flood"), 0, 3 * 15]) + b"SW 2 14 8 1 00\r" * 3
    yield "flood", settings(monitoring=16) + step("accept", 0) + 20 * flood + step("events", 0)


def write(directory, seeds):
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("seed-*"):
        old.unlink()
    for name, data in seeds:
        (directory / f"seed-{name}").write_bytes(data)


def main():
    corpus = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else TESTS / "fuzz" / "corpus"
    conversations = vectors.read_all(TESTS / "vectors" / "qlink")
    write(corpus / "qlink_line", line_seeds(conversations))
    write(corpus / "qlink_reply", reply_seeds(conversations))
    write(corpus / "qlink_event", event_seeds(conversations))
    write(corpus / "qlink_session", session_seeds(conversations))
    conversations = vectors.read_all(TESTS / "vectors" / "ipcom")
    write(corpus / "ipcom_message", ipcom_seeds.message_seeds(conversations))
    write(corpus / "ipcom_session", ipcom_seeds.session_seeds(conversations))
    conversations = vectors.read_all(TESTS / "vectors" / "ppcs")
    write(corpus / "ppcs_packet", ppcs_seeds.packet_seeds(conversations))
    write(corpus / "ppcs_keys", ppcs_seeds.keys_seeds(conversations))
    write(corpus / "ppcs_frame", ppcs_seeds.frame_seeds(conversations))
    write(corpus / "ppcs_channel", ppcs_channel_seeds.channel_seeds())
    write(corpus / "ppcs_session", ppcs_session_seeds.session_seeds())
    write(corpus / "meshtcp_frame", meshtcp_seeds.frame_seeds())
    write(corpus / "meshtcp_message", meshtcp_seeds.message_seeds())
    write(corpus / "meshtcp_session", meshtcp_seeds.session_seeds())
    write(corpus / "meshtcp_share", share_seeds.share_seeds())


if __name__ == "__main__":
    main()
