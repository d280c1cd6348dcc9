#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""All channels both ways over a line that loses, doubles and reorders: what comes out is what went
in, in bounded memory.

    ppcs_channels.py PROGRAM BYTES [SEED]

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
LINE = ["--first", "none", "--loss", "20", "--duplicate", "10", "--reorder", "20"]
SINKS = ["--sink", "0-7"]


def crc32(seed, count):
    value = 0
    for start in range(0, count, 1 << 20):
        value = zlib.crc32(pattern(seed, min(1 << 20, count - start), start), value)
    return f"{value:08x}"


def run(program, count, seed):
    sources = [word for number in range(CHANNELS)
               for word in ("--source", f"{number} {count} {number}")]
    with Simulator("ppcs_sim.py", [*LINE, *SINKS, *sources, "--seed", seed]) as sim:
        ports = [str(sim.ports[name]) for name in ("search", "main")]
        begin = time.monotonic()
        done = subprocess.run([program, *ports, str(count)], stdout=subprocess.PIPE, check=True)
        elapsed = time.monotonic() - begin
        (channels,) = sim.stats()["channels"].values()
    found = {number: (channels[str(number)]["bytes_in"], channels[str(number)]["crc32_in"])
             for number in range(CHANNELS)}
    return json.loads(done.stdout), found, elapsed


def main():
    program, count = sys.argv[1], int(sys.argv[2])
    numbers, found, elapsed = run(program, count, sys.argv[3] if sys.argv[3:] else "1")
    expected = {number: (count, crc32(100 + number, count)) for number in range(CHANNELS)}
    if found != expected:
        sys.exit(f"received by the camera: {found}, and not {expected}")
    if numbers["heap"] > HEAP_MAX:
        sys.exit(f"{numbers['heap']} bytes of heap, more than {HEAP_MAX}")
    if numbers["resent"] < numbers["sent"] / 10 or numbers["ahead"] == 0:
        sys.exit(f"the line loses nothing: {numbers}")
    print(f"{CHANNELS * count / 1e6:.1f} MB each way in {elapsed:.1f} s, "
          f"{CHANNELS * count / 1e6 / elapsed:.1f} MB/s each way; {numbers}")


if __name__ == "__main__":
    main()
