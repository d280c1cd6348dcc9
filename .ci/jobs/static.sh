#!/bin/bash
# SPDX-License-Identifier: MIT
# static libraries, and both kinds: symbols, archives, consumers
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

for kind in static both; do
	compile "build/ci-$kind" --werror -Ddefault_library="$kind" "${everything[@]}"
	run_tests "build/ci-$kind" --suite abi --suite unit
done
