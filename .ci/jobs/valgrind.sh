#!/bin/bash
# SPDX-License-Identifier: MIT
# unit tests under valgrind: memory, leaks, descriptors
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

compile build/ci-valgrind -Dtests=enabled
run_tests build/ci-valgrind --setup valgrind --suite unit
