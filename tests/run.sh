#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds in build/test and runs the tests; installs what it lacks first. The last line is
# `N passed, N failed` (`, N skipped` may follow); non-zero exit if a test failed or none ran.
#
#     tests/run.sh [SUITE | TEST]...
#
# Suites: unit vectors sim cli fuzz torture abi headers. Without an argument everything runs.
set -eu
cd "$(dirname "$0")/.."
. .ci/build.sh

build=build/test
runs=0

# A run that selects nothing, or fails, is seen in the results.
run() {
	local log="$build/meson-logs/testlog.json"

	rm -f "$log"
	run_tests "$build" "$@" || true
	runs=$((runs + 1))
	[ ! -f "$log" ] || mv "$log" "$build/results-$runs.json"
}

case "${1-}" in
-h | --help)
	sed -n '/^# Builds/,/^[^#]/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac

need_packages build test
if ! (compile "$build" "${everything[@]}"); then
	echo "the build failed"
	echo "0 passed, 1 failed"
	exit 1
fi

rm -f "$build"/results-*.json
suites=()
tests=()
for argument in "$@"; do
	case "$argument" in
	unit | vectors | sim | cli | fuzz | torture | abi | headers)
		suites+=(--suite "$argument")
		;;
	*) tests+=("$argument") ;;
	esac
done
[ $# -gt 0 ] || run
[ ${#suites[@]} -eq 0 ] || run "${suites[@]}"
[ ${#tests[@]} -eq 0 ] || run "${tests[@]}"
exec /usr/bin/python3 tests/summary.py "$build"/results-*.json
