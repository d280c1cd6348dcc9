#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The socket of a node is used as the node's oldest firmware bears it: a plain blocking recv(), no
socket option, no waiting for readiness, no non-blocking mode, one send() a frame. The system calls
of a running program are looked at.

    meshtcp_sockets.py PROGRAM

PROGRAM goes through a life with a node of its own: connect, download, send, loss, reconnect, close.
Skipped (exit status 77) where strace is missing or not permitted.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# Calls on a descriptor that shows its peer, as -yy prints it.
CALL = re.compile(r"^(?:\[pid +\d+\] )?(?:\d+ +)?(\w+)\((\d+)<TCP(?:v6)?:\[(.*?)\]>(.*)$")
CREATED = re.compile(r"socket\((AF_INET6?), (\S+), \S+\)")
ALLOWED = {
    "connect", "send", "sendto", "recv", "recvfrom", "shutdown", "close", "getsockname",
    "getpeername", "socket",
}


def check(lines, port):
    """Complaints about calls on sockets to this port, and how many calls there were."""
    wrong, seen = [], {}
    for line in lines:
        # An unfinished call is told again when it is resumed, without its arguments.
        match = CALL.match(line)
        if not match:
            continue
        # The program has no other TCP sockets; before it is connected one shows no peer.
        name, rest = match[1], match[4]
        if name not in ALLOWED:
            wrong.append(line)
        if f"->127.0.0.1:{port}" in match[3]:
            seen[name] = seen.get(name, 0) + 1
        if name in ("sendto", "send") and "MSG_NOSIGNAL" not in rest and "unfinished" not in rest:
            wrong.append(line)
        if name in ("sendto", "recvfrom") and "DONTWAIT" in rest:
            wrong.append(line)
    for line in lines:
        match = CREATED.search(line)
        if match and "SOCK_STREAM" in match[2] and match[2] != "SOCK_STREAM|SOCK_CLOEXEC":
            wrong.append(line)
        # Whatever waits for readiness must not wait for the node.
        if re.search(rf"\b(p?poll|p?select6?|epoll_\w+)\(.*->127\.0\.0\.1:{port}", line):
            wrong.append(line)
    return wrong, seen


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: meshtcp_sockets.py PROGRAM")
    if not shutil.which("strace") or subprocess.run(
            ["strace", "-o", "/dev/null", "true"], check=False,
            stderr=subprocess.DEVNULL).returncode:
        print("no strace here")
        return 77
    with subprocess.Popen([sys.argv[1], "node"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as node:
        port = node.stdout.readline().strip()
        try:
            lines = trace_client(sys.argv[1], port)
        finally:
            node.stdin.close()
    wrong, seen = check(lines, port)
    print(f"calls on the node's socket: {seen}")
    for line in wrong:
        print("not allowed:", line)
    # A trace in which nothing was seen would prove nothing.
    enough = seen.get("recvfrom", 0) >= 4 and seen.get("sendto", 0) >= 4
    if not enough:
        print("too few calls were seen")
    return 1 if wrong or not enough else 0


def trace_client(program, port):
    with tempfile.NamedTemporaryFile(mode="r", suffix=".strace") as file:
        done = subprocess.run(["strace", "-f", "-yy", "-qq", "-e", "trace=%desc,%network",
                               "-e", "signal=none", "-o", file.name, program, "client", port],
                              check=False, timeout=120,
                              # The leak checker cannot work beside another tracer.
                              env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        if done.returncode:
            sys.exit(f"the client ended with {done.returncode}")
        return file.read().splitlines()


if __name__ == "__main__":
    sys.exit(main())
