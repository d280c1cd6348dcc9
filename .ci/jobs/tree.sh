#!/bin/bash
# SPDX-License-Identifier: MIT
# licence line, columns, blanks at line ends, executable bits of all files
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

/usr/bin/python3 .ci/check_tree.py
