#!/bin/bash
# SPDX-License-Identifier: MIT
# clang, warnings are errors, all tests
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

CC=clang compile build/ci-clang --werror "${everything[@]}"
run_tests build/ci-clang
