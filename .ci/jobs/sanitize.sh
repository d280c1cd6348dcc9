#!/bin/bash
# SPDX-License-Identifier: MIT
# all tests under AddressSanitizer and UndefinedBehaviorSanitizer
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
compile build/ci-sanitize -Db_sanitize=address,undefined "${everything[@]}"
# The suites abi and headers look at files and run no code of ours.
run_tests build/ci-sanitize --no-suite abi --no-suite headers --timeout-multiplier 3
