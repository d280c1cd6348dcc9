# SPDX-License-Identifier: MIT
# Completion of ipcom for bash: commands, their options, words that are fixed, files.
# shellcheck shell=bash

_ipcom_commands="status get set on off toggle dim open close stop cover_open cover_close cover_stop
dump watch probe"

_ipcom_options="--host --port --username --password-file --password --devices-file --bus --bus-type
--dimmer-modules --travel-time --dead-time --allow-clear --force --timeout --json --verbose --debug
--trace --help --version"

_ipcom() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
    local command="" i word words

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        case "$word" in
        --host | --port | --username | --password-file | --password | --devices-file | --bus | \
            --bus-type | --dimmer-modules | --travel-time | --dead-time | --timeout | --trace | \
            --count | --duration | -H | -p | -t)
            ((i++))
            ;;
        -*) ;;
        *)
            command="$word"
            break
            ;;
        esac
    done

    case "$previous" in
    --bus) words="1 2" ;;
    --bus-type) words="minido bibus other" ;;
    --password-file | --devices-file | --trace)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --host | -H)
        mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
        return
        ;;
    --port | --username | --password | --dimmer-modules | --travel-time | --dead-time | \
        --timeout | --count | --duration | -p | -t)
        return
        ;;
    *)
        if [[ $current == -* ]]; then
            words="$_ipcom_options"
            [[ $command != watch ]] || words+=" --changes --count --duration"
        elif [[ -z $command ]]; then
            words="$_ipcom_commands"
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _ipcom ipcom
