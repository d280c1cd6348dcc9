# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# To be sourced: which Debian packages each purpose needs, and need_packages, which installs them.

packages_for() {
	case "$1" in
	build)
		echo gcc libc6-dev meson ninja-build pkgconf libinih-dev libjson-c-dev libyaml-dev \
			scdoc
		;;
	test) echo binutils g++ jq libcmocka-dev python3 strace tshark ;;
	quality)
		echo abigail-tools clang clang-format clang-tidy cppcheck doxygen libc6-dbg \
			musl-tools shellcheck valgrind
		;;
	esac
}

missing_packages() {
	local name

	for name in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
			printf '%s ' "$name"
	done
}

# need_packages build|test|quality... - installs what is missing, or names it and exits with 2.
need_packages() {
	local purpose missing
	local -a names=() as_root=()

	for purpose in "$@"; do
		read -r -a names <<<"${names[*]} $(packages_for "$purpose")"
	done
	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian. Needed is what Debian calls: ${names[*]}" >&2
		return 0
	fi
	missing="$(missing_packages "${names[@]}")"
	[ -n "$missing" ] || return 0

	if [ "$(id -u)" -ne 0 ]; then
		as_root=(sudo -n)
		if ! sudo -n true 2>/dev/null; then
			echo "Packages are missing and may not be installed here. As root:" >&2
			echo "apt-get install -y --no-install-recommends $missing" >&2
			exit 2
		fi
	fi
	echo "Installing: $missing"
	read -r -a names <<<"$missing"
	if ! { "${as_root[@]}" apt-get update -q &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "${names[@]}"
	} </dev/null; then
		echo "Could not install: $missing" >&2
		exit 2
	fi
}
