#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Size of a stripped library, and the heap of an idle connected handle.

    bench_size.py LIBRARY HEAP-PROGRAM
"""

import os
import subprocess
import sys
import tempfile

LIBRARY_MAX = 80
HEAP_MAX = 64


def stripped_size(library):
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "stripped")
        subprocess.run(["strip", "--strip-unneeded", "-o", copy, library], check=True)
        return os.path.getsize(copy)


def main():
    library, program = sys.argv[1:]
    size = stripped_size(library) / 1024
    run = subprocess.run([program], check=True, capture_output=True, text=True)
    connected, used = (int(number) / 1024 for number in run.stdout.split())
    print(
        f"library: {size:.1f} KiB stripped, {size / LIBRARY_MAX:.2f} of the limit,"
        f" target <= {LIBRARY_MAX}"
    )
    print(
        f"heap: {connected:.1f} KiB idle, {used:.1f} after a command,"
        f" {used / HEAP_MAX:.2f} of the limit, target <= {HEAP_MAX}"
    )


if __name__ == "__main__":
    main()
