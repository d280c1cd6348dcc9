#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds in build/demo, starts a simulated device of each kind on loopback, runs each tool's main
# job against it, shows what was said on the wire, and stops everything. Installs what it lacks.
set -eu
cd "$(dirname "$0")/.."
. .ci/build.sh

build=build/demo
work=""
children=()

say() {
	printf '\n== %s\n' "$*"
}

fail() {
	echo "demo: $*" >&2
	exit 1
}

clean_up() {
	local child

	for child in "${children[@]}"; do
		kill "$child" 2>/dev/null || true
	done
	wait
	[ -z "$work" ] || rm -rf "$work"
}

# await FILE TEXT CHILD - until a line of FILE begins with TEXT, 20 s at most; prints that line.
# tail wakes up when the file grows.
await() {
	timeout 20 tail -n +1 -f --pid="$3" "$1" 2>/dev/null | grep -m 1 "^$2" ||
		fail "no '$2' in: $(cat "$1")"
}

# tell TEXT - a line for the console of the simulator, which reads it from descriptor 3.
tell() {
	echo "simulator: $1"
	echo "$1" >&3
}

show() {
	printf '$'
	printf ' %s' "$@"
	printf '\n'
	"$@"
}

demo_qlink() {
	local simulator monitor ready level

	say "qlink: a simulated lighting controller with loads 101 to 120"
	mkfifo "$work/console"
	tests/sim/qlink_sim.py --port 0 --query-port 0 --loads 101-120 \
		<"$work/console" >"$work/simulator" &
	simulator=$!
	children+=("$simulator")
	exec 3>"$work/console"
	ready=$(await "$work/simulator" "ready " "$simulator")
	echo "simulator: $ready"
	QLINK_HOST=127.0.0.1
	[[ $ready =~ ^ready\ port=([0-9]+)\ query-port=([0-9]+)$ ]] || fail "what is '$ready'?"
	QLINK_PORT=${BASH_REMATCH[1]}
	QLINK_QUERY_PORT=${BASH_REMATCH[2]}
	export QLINK_HOST QLINK_PORT QLINK_QUERY_PORT

	say "set a load and ask for it; the wire, in hexadecimal, as --trace writes it"
	show qlink set 101 50 --trace "$work/trace"
	cat "$work/trace"
	level=$(qlink get 101)
	printf '$ qlink get 101\n%s\n' "$level"
	[ "$level" = 50 ] || fail "load 101 is at $level, not 50"

	say "watch, while somebody presses button 8 of station 14 on master 2"
	echo "$ qlink monitor --buttons --count 4"
	timeout 30 qlink monitor --buttons --count 4 --duration 20 >"$work/monitor" &
	monitor=$!
	children+=("$monitor")
	await "$work/monitor" synchronised "$monitor" >/dev/null
	tell "press 2 14 8"
	tell "release 2 14 8"
	wait "$monitor"
	cat "$work/monitor"
	grep -qx "button 2/14/8 pressed" "$work/monitor" || fail "the button was not seen"

	exec 3>&-
	wait "$simulator" || fail "the simulator saw a violation: $(cat "$work/simulator")"
}

# port NAME LINE - the number behind NAME= in a ready line.
port() {
	[[ " $2 " =~ \ $1=([0-9]+)\  ]] || fail "no $1 in '$2'"
	echo "${BASH_REMATCH[1]}"
}

demo_ppcs() {
	local simulator ready uid=TEST-012345-ABCDE search status=0

	say "ppcs-connect: a simulated camera, three directory servers and three relays"
	mkfifo "$work/console1"
	tests/sim/ppcs_sim.py --uid "$uid" --servers 3 --relays 3 --echo 2 \
		<"$work/console1" >"$work/simulator1" &
	simulator=$!
	children+=("$simulator")
	exec 3>"$work/console1"
	ready=$(await "$work/simulator1" "ready " "$simulator")
	echo "simulator: $ready"
	search=$(port search "$ready")

	say "the LAN wins: the search port is asked, the camera answers from another; the wire"
	show ppcs-connect 127.0.0.1 --ports "$search" --search-port "$search" --key none \
		--trace "$work/trace1"
	cat "$work/trace1"

	say "through a relay that the directory servers name, with a session of two seconds"
	show ppcs-connect --uid "$uid" --server "127.0.0.1:$(port server1 "$ready")" \
		--server "127.0.0.1:$(port server2 "$ready")" --key none --relay auto --no-p2p \
		--no-lan --hold 2

	say "a channel of the session as a pipe: the camera echoes 300000 bytes, and 10 % are lost"
	tell "loss 10"
	seq -f "line %g" 30000 >"$work/numbers"
	head -c 300000 "$work/numbers" >"$work/said"
	echo "$ ppcs-connect 127.0.0.1 --ports $search --search-port $search --key none" \
		"--pipe 2 --quit-after 1 <said >echoed"
	ppcs-connect 127.0.0.1 --ports "$search" --search-port "$search" --key none \
		--pipe 2 --quit-after 1 <"$work/said" >"$work/echoed"
	tell "loss 0"
	cmp "$work/said" "$work/echoed" || fail "the echo is another text"
	echo "the echo is the same, byte for byte"

	say "and why a camera cannot be reached"
	show ppcs-connect 127.0.0.1 --ports "$search" --search-port "$search" --key none \
		--uid TEST-000001-BCDEF --max-time 2 || status=$?
	echo "exit status $status"
	[ "$status" -eq 1 ] || fail "another device's id is status 1"

	exec 3>&-
	wait "$simulator" || fail "the simulator saw a violation: $(cat "$work/simulator1")"
}

demo_meshtcp() {
	local simulator ready listen answer share

	say "meshtcp: a simulated node of a mesh, with BOB in reach"
	mkfifo "$work/console3"
	tests/sim/meshtcp_sim.py --port 0 <"$work/console3" >"$work/simulator3" &
	simulator=$!
	children+=("$simulator")
	exec 3>"$work/console3"
	ready=$(await "$work/simulator3" "ready " "$simulator")
	echo "simulator: $ready"
	MESHTCP_HOST=127.0.0.1
	MESHTCP_PORT=$(port port "$ready")
	export MESHTCP_HOST MESHTCP_PORT
	show meshtcp info
	show meshtcp nodes

	say "a direct message, until its recipient has acknowledged it"
	answer=$(meshtcp send "dinner is ready" --to BOB --ack)
	printf '$ meshtcp send "dinner is ready" --to BOB --ack\n%s\n' "$answer"
	[ "$answer" = delivered ] || fail "the message is '$answer', not delivered"

	say "listen, while the node drops the line and is back"
	echo '$ meshtcp listen --kind text --count 2'
	timeout 60 meshtcp listen --kind text --count 2 >"$work/listen" 2>"$work/words3" &
	listen=$!
	children+=("$listen")
	tell "wait downloads >= 4 20000"
	await "$work/simulator3" "ok" "$simulator" >/dev/null
	tell "text BOB on%20my%20way"
	await "$work/listen" ".*on my way" "$listen"
	tell "reset"
	await "$work/words3" "meshtcp: connected again" "$listen"
	tell "text BOB here"
	wait "$listen"
	tail -n 1 "$work/listen"
	grep -q "here$" "$work/listen" || fail "the second message was not heard"

	say "one node, many clients: a share, and commands that find it by themselves"
	export XDG_RUNTIME_DIR="$work"
	echo '$ meshtcp share --listen 127.0.0.1:0'
	meshtcp share --listen 127.0.0.1:0 >"$work/share" &
	share=$!
	children+=("$share")
	await "$work/share" ".*node_ready" "$share" >/dev/null
	unset MESHTCP_HOST MESHTCP_PORT
	show meshtcp nodes
	answer=$(meshtcp send "and now through the share" --to BOB --ack)
	printf '$ meshtcp send "and now through the share" --to BOB --ack\n%s\n' "$answer"
	[ "$answer" = delivered ] || fail "the message is '$answer', not delivered"
	kill "$share"
	wait "$share" || true # it dies of the signal, as it should
	cat "$work/share"

	exec 3>&-
	wait "$simulator" || fail "the simulator saw a violation: $(cat "$work/simulator3")"
}

demo_ipcom() {
	local simulator watch ready

	say "ipcom: a simulated module; 6.1 is a dimmer, 5.7 and 5.8 are a shutter"
	cat >"$work/devices.yaml" <<-END
		lights:
		  dining: {module: 6, output: 1, type: dimmer, display_name: "Dining"}
		shutters:
		  patio_down: {module: 5, output: 7, relay_role: down, paired_device: patio_up}
		  patio_up: {module: 5, output: 8, relay_role: up, paired_device: patio_down}
	END
	mkfifo "$work/console2"
	tests/sim/ipcom_sim.py --port 0 --user demo --password secret --pairs 5.7-5.8 \
		<"$work/console2" >"$work/simulator2" &
	simulator=$!
	children+=("$simulator")
	exec 3>"$work/console2"
	ready=$(await "$work/simulator2" "ready " "$simulator")
	echo "simulator: $ready"
	IPCOM_PORT=${ready#ready port=}
	IPCOM_HOST=127.0.0.1 IPCOM_USERNAME=demo IPCOM_PASSWORD=secret
	IPCOM_DEVICES_FILE="$work/devices.yaml"
	export IPCOM_HOST IPCOM_PORT IPCOM_USERNAME IPCOM_PASSWORD IPCOM_DEVICES_FILE

	say "a dimmer, confirmed by what the bus shows"
	show ipcom dim dining 40
	show ipcom status
	[ "$(ipcom get dining)" = 40 ] || fail "the dimmer is at $(ipcom get dining), not 40"

	say "watch: a shutter that reverses with its dead time, a device that vanishes and is back"
	mkfifo "$work/commands"
	echo '$ ipcom watch'
	ipcom watch --duration 60 <"$work/commands" >"$work/watch" 2>"$work/words" &
	watch=$!
	children+=("$watch")
	exec 4>"$work/commands"
	echo "open patio_up" >&4
	await "$work/watch" "patio_up 0 255" "$watch"
	echo "close patio_up" >&4
	await "$work/watch" "patio_up 255 0" "$watch"
	await "$work/watch" "patio_down 0 255" "$watch"
	tell "reset"
	await "$work/words" "ipcom:" "$watch"
	tell "wall 1.1 255"
	await "$work/watch" "1.1 0 255" "$watch"
	echo "stop patio_up" >&4
	await "$work/watch" "patio_down 255 0" "$watch"
	kill "$watch"
	wait "$watch" || true
	exec 4>&-

	exec 3>&-
	wait "$simulator" || fail "the simulator saw a violation: $(cat "$work/simulator2")"
}

need_packages build
mkdir -p build
say "build in $build"
compile "$build" -Dtools=enabled -Dtests=disabled -Dexamples=disabled -Dman=disabled \
	>"$build.log" 2>&1 || {
	cat "$build.log"
	fail "the build failed"
}
for tool in qlink ppcs-connect meshtcp ipcom; do
	PATH="$PWD/$build/tools/$tool:$PATH"
done
work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Neither the user's settings nor his environment may send the demo to a real device.
export XDG_CONFIG_HOME="$work" XDG_STATE_HOME="$work"

demo_qlink
demo_ppcs
demo_meshtcp
demo_ipcom
say "done"
