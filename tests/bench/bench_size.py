#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Size of a stripped library, and the heap of an idle connected handle.

    bench_size.py [--library-max KIB] LIBRARY HEAP-PROGRAM
"""

import argparse
import os
import subprocess
import tempfile

HEAP_MAX = 64


def stripped_size(library):
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "stripped")
        subprocess.run(["strip", "--strip-unneeded", "-o", copy, library], check=True)
        return os.path.getsize(copy)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library-max", type=int, default=80, metavar="KIB")
    parser.add_argument("library")
    parser.add_argument("program")
    arguments = parser.parse_args()
    limit = arguments.library_max
    size = stripped_size(arguments.library) / 1024
    run = subprocess.run([arguments.program], check=True, capture_output=True, text=True)
    connected, used = (int(number) / 1024 for number in run.stdout.split())
    print(
        f"library: {size:.1f} KiB stripped, {size / limit:.2f} of the limit,"
        f" target <= {limit}"
    )
    print(
        f"heap: {connected:.1f} KiB idle, {used:.1f} after a command,"
        f" {used / HEAP_MAX:.2f} of the limit, target <= {HEAP_MAX}"
    )


if __name__ == "__main__":
    main()
