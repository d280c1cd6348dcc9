#!/bin/bash
# SPDX-License-Identifier: MIT
# gcc, release build without assertions, warnings are errors
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

compile build/ci-gcc --werror --buildtype=release "${everything[@]}"
run_tests build/ci-gcc --suite unit --suite vectors
