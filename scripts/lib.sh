# lib.sh - what the scripts share; to be sourced, after "set -euo pipefail"
# shellcheck shell=bash

# shellcheck disable=SC2034 # for those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
step_log=
step_pid=

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The last line of the log, fit for one line of a terminal.
last_line() {
    tail -c 2000 "$step_log" | tr '\r' '\n' | tr -d '\000-\011\013-\037\177' | grep -v '^ *$' |
        tail -n 1 | cut -c 1-60 || true
}

# step TEXT COMMAND...: run the command quietly, with a sign of life; show its output
# only where it fails. Returns its status.
step() {
    local text=$1 begin=$SECONDS status=0 shown=0 result="done" passed
    shift
    step_log=$(mktemp)
    # a process group of its own, so that it can be ended with all its children
    set -m
    "$@" >"$step_log" 2>&1 </dev/null &
    step_pid=$!
    set +m
    [[ -t 1 ]] || printf '%s\n' "$text ..."
    while kill -0 "$step_pid" 2>/dev/null; do
        passed=$((SECONDS - begin))
        if [[ -t 1 ]]; then
            printf '\r\033[K%s ... %d s  %s' "$text" "$passed" "$(last_line)"
        elif ((passed >= shown + 10)); then
            shown=$passed
            printf '  %d s  %s\n' "$passed" "$(last_line)"
        fi
        sleep 0.2
    done
    wait "$step_pid" || status=$?
    step_pid=
    ((status == 0)) || result=failed
    passed=$((SECONDS - begin))
    if [[ -t 1 ]]; then
        printf '\r\033[K%s: %s (%d s)\n' "$text" "$result" "$passed"
    else
        printf '  %s (%d s)\n' "$result" "$passed"
    fi
    ((status == 0)) || tail -n 60 "$step_log" >&2
    rm -f "$step_log"
    step_log=
    return "$status"
}

# For a trap: end the step under way.
step_abandon() {
    if [[ -n $step_pid ]]; then
        kill -- "-$step_pid" 2>/dev/null || true
        wait "$step_pid" 2>/dev/null || true
    fi
    if [[ -n $step_log ]]; then rm -f "$step_log"; fi
}
