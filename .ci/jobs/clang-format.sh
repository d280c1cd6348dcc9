#!/bin/bash
# SPDX-License-Identifier: MIT
# layout of the C sources
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

find common lib*/ tools tests examples -name '*.[ch]' -print0 |
	xargs -0 clang-format --dry-run -Werror
