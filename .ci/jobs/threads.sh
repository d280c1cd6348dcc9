#!/bin/bash
# SPDX-License-Identifier: MIT
# libmeshtcp, which has threads, under ThreadSanitizer and helgrind
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

build=build/ci-threads
export TSAN_OPTIONS=halt_on_error=1
compile "$build" -Db_sanitize=thread -Dlibs=meshtcp "${everything[@]}"
run_tests "$build" --suite torture --suite unit --timeout-multiplier 5

compile build/ci-helgrind -Dlibs=meshtcp -Dtools=disabled -Dman=disabled -Dexamples=disabled
helgrind() {
	valgrind --tool=helgrind --fair-sched=yes --quiet --error-exitcode=99 \
		--suppressions=tests/helgrind.supp "$@"
}
helgrind build/ci-helgrind/tests/torture/torture-meshtcp-sharing
helgrind build/ci-helgrind/tests/torture/torture-meshtcp-stress short
helgrind build/ci-helgrind/tests/torture/torture-meshtcp-share short
