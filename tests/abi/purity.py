#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The sans-io core of a library does no I/O and knows no clock, thread or random source: everything
# of that kind is handed in. This test fails when the core's archive wants a symbol that says
# otherwise.
#
#     purity.py ARCHIVE
import re
import subprocess
import sys

# Whole names, after a fortified call's "__" and "_chk" and a 64-bit variant's "64" are cut off.
FORBIDDEN = re.compile(
    r"socket(pair)?|connect|accept4?|bind|listen|shutdown|[gs]etsockopt|getsockname|getpeername"
    r"|recv|recvfrom|recvm?msg|send|sendto|sendm?msg|getaddrinfo|freeaddrinfo|gethostby.*"
    r"|poll|ppoll|p?select|epoll_.*|eventfd.*|timerfd_.*|signalfd|fcntl|ioctl|pipe2?|dup[23]?"
    r"|open|openat|creat|close|p?read|p?readv|p?write|p?writev|unlink|rename|mmap"
    r"|f(open|dopen|close|read|write|flush|gets|getc|puts|putc|printf|scanf)|v?d?printf|vfprintf"
    r"|puts|putchar|putc|perror|getline|std(in|out|err)|scanf|syslog|getenv|secure_getenv"
    r"|clock|clock_.*|gettimeofday|time|times|localtime.*|nanosleep|u?sleep|alarm|setitimer"
    r"|timer_.*"
    r"|pthread_.*|thrd_.*|mtx_.*|cnd_.*|fork|vfork|exec.*|system|popen|kill|raise|signal|sigaction"
    r"|rand.*|s?random.*|srand.*|[a-z]rand48.*|arc4random.*|getrandom|getentropy|getpid"
    r"|syscall|exit|_exit|cmn_(clock|loop|tcp)\w*"
)


def plain(name):
    """The name that the source wrote, for what the C library made of it."""
    name = name.split("@")[0]
    fortified = re.fullmatch(r"__(\w+)_chk", name)
    if fortified:
        name = fortified[1]
    isoc = re.fullmatch(r"__isoc\d+_(\w+)", name)
    if isoc:
        name = isoc[1]
    return name[:-2] if name.endswith("64") else name


def undefined(archive):
    """(object, symbol) for each symbol that an object of the archive wants."""
    done = subprocess.run(["nm", "-u", archive], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"purity: nm {archive}: {done.stderr.strip()}")
    member = "?"
    found = []
    members = 0
    for line in done.stdout.splitlines():
        words = line.split()
        if line.endswith(":"):
            member = line[:-1]
            members += 1
        elif len(words) == 2 and words[0] in "Uvw":
            found.append((member, words[1]))
    if members == 0:
        sys.exit(f"purity: {archive} holds no object")
    return found


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: purity.py ARCHIVE")
    bad = [(m, s) for m, s in undefined(sys.argv[1]) if FORBIDDEN.fullmatch(plain(s))]
    for member, symbol in bad:
        print(f"{member} wants {symbol}")
    print(f"{sys.argv[1]}: {len(bad)} impure references")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
