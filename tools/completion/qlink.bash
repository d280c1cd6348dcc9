# SPDX-License-Identifier: MIT
# Completion of qlink for bash: commands, their options, and words that are fixed.
# shellcheck shell=bash

_qlink_commands="set get press switch state leds led monitor poll masters modules stations name
firmware where timer thermostat ir monitoring raw doctor"

_qlink_options="--host --port --timeout --json --verbose --trace --help --version --query-port
--mode --style --crlf --gap --connections --program"

# The words behind the command, without options: what the arguments may be by their position.
_qlink_arguments() {
    case "$1:$2" in
    switch:3) echo "0 1 2 3 4 5 6 off on learn dim press release tap" ;;
    led:3) echo "off on blink" ;;
    timer:0) echo "get run set" ;;
    thermostat:0) echo "get set" ;;
    timer-run:2 | ir-send:2) echo "on off" ;;
    ir:0) echo "send" ;;
    monitoring:0) echo "on off" ;;
    esac
}

_qlink_own_options() {
    case "$1" in
    set) echo "--fade" ;;
    press) echo "--hold" ;;
    monitor) echo "--buttons --loads --leds --probe --count --duration" ;;
    poll) echo "--interval --count --duration" ;;
    ir-send) echo "--set" ;;
    raw) echo "--lines" ;;
    esac
}

_qlink() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
    local command="" position=0 i word words

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$word" in
        --host | --port | --timeout | --trace | --query-port | --mode | --style | --gap | \
            --connections | --fade | --hold | --count | --duration | --interval | --probe | \
            --set | -H | -p | -t)
            ((i++))
            ;;
        -*) ;;
        *)
            case "$command" in
            "") command="$word" ;;
            timer | thermostat | ir) command="$command-$word" ;;
            *) ((position++)) ;;
            esac
            ;;
        esac
    done

    case "$previous" in
    --mode) words="split shared read-only" ;;
    --style) words="regular detailed" ;;
    --trace)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --host | -H)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
        return
        ;;
    --port | --timeout | --query-port | --gap | --connections | --fade | --hold | --count | \
        --duration | --interval | --probe | --set | -p | -t)
        return
        ;;
    *)
        if [[ $current == -* ]]; then
            words="$_qlink_options $(_qlink_own_options "$command")"
        elif [[ -z $command ]]; then
            words="$_qlink_commands"
        else
            words="$(_qlink_arguments "$command" "$position")"
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _qlink qlink
