#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""All channels both ways over a line that loses, doubles and reorders, and with cameras that are
sloppy: what comes out is what went in, in bounded memory.

    ppcs_channels.py PROGRAM BYTES [SEED]        the line
    ppcs_channels.py PROGRAM BYTES sloppy        each sort of sloppiness, on a good line

BYTES on each channel in each direction. PROGRAM checks what it receives; what the camera received
is checked here. Prints how long it took and what the line cost.
"""

import json
import os
import subprocess
import sys
import time
import zlib

sys.dont_write_bytecode = True
TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "harness"), os.path.join(TESTS, "sim")]

from ppcs.data import pattern  # noqa: E402
from simulator import Simulator  # noqa: E402

CHANNELS = 8
# All windows, all that waits and all that is out of turn, with what malloc() needs for it.
HEAP_MAX = CHANNELS * (128 + 256 + 128 + 64) * 1024
LINE = ["--loss", "20", "--duplicate", "10", "--reorder", "20"]
SINKS = ["--first", "none", "--sink", "0-7"]
SLOPPY = [
    ["--acks", words] for words in (
        "single", "repeat", "reverse", "many", "future", "normal padded", "normal short",
        "normal exact d2", "repeat padded d2")
] + [["--ack-storm", "7"]] + [
    ["--spoil", words] for words in ("empty 3", "long 3", "short 3", "channel 3")
] + [["--packet-size", "3"], ["--window", "110"]]


def crc32(seed, count):
    value = 0
    for start in range(0, count, 1 << 20):
        value = zlib.crc32(pattern(seed, min(1 << 20, count - start), start), value)
    return f"{value:08x}"


def run(program, count, style):
    """What PROGRAM counted, what the camera has by channel, and the time."""
    sources = [word for number in range(CHANNELS)
               for word in ("--source", f"{number} {count} {number}")]
    with Simulator("ppcs_sim.py", [*SINKS, *sources, *style]) as sim:
        ports = [str(sim.ports[name]) for name in ("search", "main")]
        begin = time.monotonic()
        done = subprocess.run([program, *ports, str(count)], stdout=subprocess.PIPE, check=True)
        elapsed = time.monotonic() - begin
        (channels,) = sim.stats()["channels"].values()
    found = {number: (channels[str(number)]["bytes_in"], channels[str(number)]["crc32_in"])
             for number in range(CHANNELS)}
    return json.loads(done.stdout), found, elapsed


def check(program, count, style):
    numbers, found, elapsed = run(program, count, style)
    expected = {number: (count, crc32(100 + number, count)) for number in range(CHANNELS)}
    if found != expected:
        sys.exit(f"{style}: received by the camera: {found}, and not {expected}")
    if numbers["heap"] > HEAP_MAX:
        sys.exit(f"{style}: {numbers['heap']} bytes of heap, more than {HEAP_MAX}")
    print(f"{' '.join(style)}: {CHANNELS * count / 1e6:.1f} MB each way in {elapsed:.1f} s, "
          f"{CHANNELS * count / 1e6 / elapsed:.1f} MB/s each way; {numbers}", flush=True)
    return numbers


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    if sys.argv[3:] == ["sloppy"]:
        for style in SLOPPY:
            check(program, count, style)
        return
    numbers = check(program, count, [*LINE, "--seed", *(sys.argv[3:] or ["1"])])
    if numbers["resent"] < numbers["sent"] / 10 or numbers["ahead"] == 0:
        sys.exit("the line loses nothing")


if __name__ == "__main__":
    main()
