#!/bin/bash
# SPDX-License-Identifier: MIT
# each option of the build switched off, smallest build
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

for option in tools tests examples man; do
	compile "build/ci-no-$option" --werror "-D$option=disabled"
done
compile build/ci-minsize --werror --buildtype=minsize --strip
