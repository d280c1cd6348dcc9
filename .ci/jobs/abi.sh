#!/bin/bash
# SPDX-License-Identifier: MIT
# ABI of the libraries against the last release: tests/abi/LIBRARY.abi
#
#     .ci/jobs/abi.sh --update        on release day, or after a decision: writes these files anew
set -eu
cd "$(dirname "$0")/../.."
. .ci/build.sh

compile build/ci-abi -Dtools=disabled -Dtests=disabled -Dexamples=disabled -Dman=disabled
for library in build/ci-abi/lib*/lib*.so; do
	name=$(basename "$library" .so)
	baseline="tests/abi/$name.abi"
	if [ "${1-}" = --update ]; then
		abidw --headers-dir "$name/include" --drop-private-types --no-corpus-path \
			--no-comp-dir-path --no-show-locs --out-file "$baseline" "$library"
	elif [ ! -f "$baseline" ]; then
		echo "$name: not released yet, nothing to compare with"
	else
		# Additions are fine. All else needs a decision: the number beside its rule
		# in the library's meson.build, and the baseline written anew.
		abidiff --no-added-syms "$baseline" "$library"
	fi
done
