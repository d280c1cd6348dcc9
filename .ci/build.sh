# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced from the root of the tree: packages, and how every script sets up a build directory.
. .ci/packages.sh

# Debian's Meson runs with Debian's Python, whatever else stands on PATH.
MESON=/usr/bin/meson
[ -x "$MESON" ] || MESON=meson

# An `auto` that finds nothing would leave something out in silence.
# shellcheck disable=SC2034 # used by those who source this
everything=(-Dtests=enabled -Dtools=enabled -Dexamples=enabled -Dman=enabled)

# configure DIRECTORY [MESON-OPTION...]; a directory that cannot be reconfigured is made anew.
configure() {
	local directory="$1"
	shift

	if [ -f "$directory/build.ninja" ] &&
		"$MESON" setup --reconfigure "$directory" "$@" </dev/null; then
		return 0
	fi
	rm -rf "$directory"
	"$MESON" setup "$directory" "$@" </dev/null
}

# compile DIRECTORY [MESON-OPTION...]
compile() {
	configure "$@" || return
	ninja -C "$1" </dev/null
}

# run_tests DIRECTORY [MESON-TEST-OPTION...]
run_tests() {
	local directory="$1"
	shift

	"$MESON" test -C "$directory" --no-rebuild --print-errorlogs "$@" </dev/null
}
