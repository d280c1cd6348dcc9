#!/bin/bash
# SPDX-License-Identifier: MIT
# man pages: scdoc takes them, and the fixed sections are there
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

pages=$(find tools -name '*.scd')
[ -n "$pages" ]
for page in $pages; do
	scdoc <"$page" >/dev/null
	[[ $page == *.1.scd ]] || continue
	for section in SYNOPSIS DESCRIPTION OPTIONS \
		"EXIT STATUS" "JSON OUTPUT" ENVIRONMENT EXAMPLES; do
		grep -qx "# $section" "$page" || {
			echo "$page: no section $section"
			exit 1
		}
	done
done
