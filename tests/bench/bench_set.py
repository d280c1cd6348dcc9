#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`qlink set 101 50` from process start to exit, beside the smallest client that says the same.

    bench_set.py QLINK SERVER CLIENT SPAWN
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

RUNS = 50
TURNS = 5
CALLS = ("connect", "sendto", "recvfrom")


def measure(spawn, command):
    """Median in microseconds and memory in KiB, of RUNS runs."""
    run = subprocess.run([spawn, str(RUNS), *command], check=True, capture_output=True, text=True)
    time, memory = run.stdout.split()
    return float(time), int(memory)


def median(values):
    return sorted(values)[len(values) // 2]


def count_calls(command):
    """How often the calls of CALLS that did something were made; None without strace."""
    if not shutil.which("strace"):
        return None
    with tempfile.NamedTemporaryFile("r") as log:
        strace = ["strace", "-f", "-e", "trace=" + ",".join(CALLS), "-o", log.name]
        if subprocess.run(strace + command, stdout=subprocess.DEVNULL).returncode != 0:
            return None
        lines = log.read().splitlines()
    lines = [s for s in lines if "EAGAIN" not in s and "AF_UNIX" not in s]
    return [sum(1 for s in lines if re.search(rf"\b{call}\(", s)) for call in CALLS]


def main():
    qlink, server_program, client, spawn = sys.argv[1:]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QLINK_")}
    os.environ.clear()
    os.environ.update(environment)
    server = subprocess.Popen(
        [server_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    port = server.stdout.readline().strip()
    tool = [qlink, "--host", "127.0.0.1", "--port", port, "set", "101", "50"]
    tools, clients = [], []
    for _ in range(TURNS):
        tools.append(measure(spawn, tool))
        clients.append(measure(spawn, [client, port]))
    calls = count_calls(tool)
    server.stdin.close()
    server.wait()
    tool_us = median([time for time, _ in tools])
    client_us = median([time for time, _ in clients])
    memory = max(kib for _, kib in tools)
    raw_memory = max(kib for _, kib in clients)
    print(
        f"set: {tool_us / 1000:.2f} ms, {tool_us / client_us:.2f} of a raw client, target <= 3 ms"
    )
    print(
        f"set memory: {memory / 1024:.2f} MiB, {memory / raw_memory:.2f} of a raw client,"
        " target <= 3 MB"
    )
    text = "not counted" if calls is None else " ".join(map(str, calls))
    print(f"set calls: {text} of {' '.join(CALLS)}, target 1 1 1")


if __name__ == "__main__":
    main()
