#!/bin/bash
# SPDX-License-Identifier: MIT
# musl: libraries, and the tests that need no other library
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

# Without pkg-config nothing that was built for glibc is found.
CC=musl-gcc PKG_CONFIG_LIBDIR=/nonexistent compile build/ci-musl --werror \
	-Dtools=disabled -Dman=disabled
run_tests build/ci-musl
