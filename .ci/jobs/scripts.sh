#!/bin/bash
# SPDX-License-Identifier: MIT
# shell scripts through shellcheck, Python scripts through the compiler
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

# shellcheck disable=SC2046 # no blank in our names
shellcheck -x $(grep -rlE '^#!/bin/(ba)?sh|^# shellcheck shell=' .ci tests tools)
find .ci tests tools -name '*.py' -print0 | xargs -0 /usr/bin/python3 -W error -c '
import sys
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        compile(file.read(), name, "exec")
'
