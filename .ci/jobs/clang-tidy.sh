#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy, with the checks of .clang-tidy
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

CC=clang configure build/ci-tidy "${everything[@]}"
# Headers that the build makes have to be there. One file a process: several confuse the analyzer.
ninja -C build/ci-tidy
find common lib*/src tools tests examples -name '*.c' -print0 |
	xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p build/ci-tidy
