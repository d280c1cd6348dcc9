# SPDX-License-Identifier: MIT
# Completion of ppcs-connect for bash: options, words that are fixed, host names, files.
# shellcheck shell=bash

_ppcs_connect_options="--ports --walk --no-p2p --no-lan --relay --server --init-string --tcp-relay
--uid --dsk --key --until --max-time --port-timeout --weights --broadcast --search-port --search
--wait --hold --pipe --quit-after --dump --history --no-history --timeout --json --verbose --trace
--help --version"

_ppcs_connect() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" words=""

    COMPREPLY=()
    case "$previous" in
    --walk) words="fan-out sequential" ;;
    --until) words="path verified" ;;
    --pipe) words="0 1 2 3 4 5 6 7" ;;
    --key) words="auto none camera SHIX VMSV vstarcam2018 FERRY@88 mycamera" ;;
    --dump | --history | --trace)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --server)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
        return
        ;;
    --relay)
        mapfile -t COMPREPLY < <(compgen -A hostname -W auto -- "$current")
        return
        ;;
    --ports | --init-string | --tcp-relay | --uid | --dsk | --max-time | --port-timeout | \
        --weights | --search-port | --wait | --hold | --quit-after | --timeout | -t)
        return
        ;;
    *)
        if [[ $current != -* ]]; then
            mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
            return
        fi
        words="$_ppcs_connect_options"
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ppcs_connect ppcs-connect
