#!/bin/bash
# SPDX-License-Identifier: MIT
# documentation of the public headers, warnings are errors
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

configure build/ci-doxygen -Dtools=disabled -Dtests=disabled -Dexamples=disabled -Dman=disabled
doxygen docs/Doxyfile
