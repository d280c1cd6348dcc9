#!/bin/bash
# SPDX-License-Identifier: MIT
# cppcheck
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

configure build/ci-cppcheck "${everything[@]}"
mkdir -p build/ci-cppcheck/cache
cppcheck --quiet --std=c11 -j "$(nproc)" --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--cppcheck-build-dir=build/ci-cppcheck/cache \
	--project=build/ci-cppcheck/compile_commands.json
