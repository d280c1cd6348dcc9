#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy, with the checks of .clang-tidy
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

build=build/ci-tidy
# What the build makes has to be there, though only the sources of the tree are looked
# at. One file a process: several confuse the analyzer.
CC=clang compile "$build" "${everything[@]}"
/usr/bin/python3 -c '
import json, os, sys
root = os.getcwd() + "/"
with open(sys.argv[1] + "/compile_commands.json", encoding="utf-8") as file:
    names = {os.path.normpath(os.path.join(c["directory"], c["file"])) for c in json.load(file)}
names = sorted(n for n in names if n.startswith(root) and not n.startswith(root + "build/"))
sys.stdout.write("".join(n + "\0" for n in names))
' "$build" | xargs -0 -r -n 1 -P "$(nproc)" clang-tidy --quiet -p "$build"
