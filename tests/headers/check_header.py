#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# A public header alone, included twice, is clean C99 and clean C++17, without a macro of ours.
#
#     check_header.py [--cxx COMPILER] --include DIR... HEADER -- C-COMPILER...
# Without a C++ compiler only C is checked and the exit status is 77 (skipped).
import argparse
import subprocess
import sys

WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Wundef", "-Werror", "-fsyntax-only"]


def compiles(command, language, standard, includes, header):
    # A declaration of its own, as an empty translation unit is no C.
    source = f"#include <{header}>\n#include <{header}>\nextern int unused;\n"
    flags = ["-x", language, "-std=" + standard, *WARNINGS, *includes, "-"]
    done = subprocess.run([*command, *flags], input=source, text=True, check=False)
    print(f"{header} as {standard} with {command[0]}: {'bad' if done.returncode else 'ok'}")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cxx")
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("header")
    parser.add_argument("cc", nargs="+")
    args = parser.parse_args()

    includes = ["-I" + directory for directory in args.include]
    good = compiles(args.cc, "c", "c99", includes, args.header)
    good = compiles(args.cc, "c", "c11", includes, args.header) and good
    if args.cxx:
        good = compiles([args.cxx], "c++", "c++17", includes, args.header) and good
    if not good:
        return 1
    if not args.cxx:
        print("no C++ compiler: C++ not checked")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
