# SPDX-License-Identifier: MIT
# Completion of meshtcp for bash: commands, their options, words that are fixed, files.
# shellcheck shell=bash

_meshtcp_commands="info nodes channels send listen traceroute telemetry position userinfo config
owner set-time reboot shutdown remove-node favorite share diag raw"

_meshtcp_options="--host --port --timeout --json --verbose --trace --help --version --force"

_meshtcp_sections="device position power network display lora bluetooth security mqtt serial
external_notification store_forward range_test telemetry canned_message audio remote_hardware
neighbor_info ambient_lighting detection_sensor paxcounter statusmessage traffic_management tak"

_meshtcp_own_options() {
    case "$1" in
    info | channels) echo "--show-keys" ;;
    nodes) echo "--sort" ;;
    send) echo "--to --channel --ack --reply-to" ;;
    raw) echo "--to --channel" ;;
    listen) echo "--kind --from --show-keys --count --duration" ;;
    telemetry) echo "--kind" ;;
    config) echo "--node --show-keys" ;;
    owner | set-time | reboot | shutdown | remove-node | favorite) echo "--node" ;;
    share) echo "--listen --max-clients --allow-admin --count --duration" ;;
    diag) echo "--raw --gap --count --duration" ;;
    esac
}

# The words behind the command, without options: what the arguments may be by their position.
_meshtcp_arguments() {
    case "$1:$2" in
    config:0) echo "$_meshtcp_sections" ;;
    favorite:1) echo "on off" ;;
    traceroute:0 | telemetry:0 | position:0 | userinfo:0) echo "^local" ;;
    esac
}

_meshtcp_kinds() {
    case "$1" in
    listen)
        echo "text position userinfo telemetry routing traceroute neighbors waypoint alert admin
            status encrypted"
        ;;
    telemetry) echo "device environment air power local" ;;
    esac
}

_meshtcp() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
    local command="" position=0 i word words=""

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$word" in
        --host | --port | --timeout | --trace | --sort | --to | --channel | --reply-to | --kind | \
            --from | --node | --gap | --listen | --max-clients | --count | --duration | \
            -H | -p | -t)
            ((i++))
            ;;
        -*) ;;
        *)
            if [[ -z $command ]]; then
                command="$word"
            else
                ((position++))
            fi
            ;;
        esac
    done

    case "$previous" in
    --sort) words="heard name snr hops" ;;
    --kind) words="$(_meshtcp_kinds "$command")" ;;
    --to | --from | --node) words="^all ^local" ;;
    --trace)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --host | -H)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
        return
        ;;
    --listen) words="127.0.0.1:4404" ;;
    --port | --timeout | --channel | --reply-to | --gap | --max-clients | --count | --duration | \
        -p | -t)
        return
        ;;
    *)
        if [[ $current == -* ]]; then
            words="$_meshtcp_options $(_meshtcp_own_options "$command")"
        elif [[ -z $command ]]; then
            words="$_meshtcp_commands"
        else
            words="$(_meshtcp_arguments "$command" "$position")"
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _meshtcp meshtcp
