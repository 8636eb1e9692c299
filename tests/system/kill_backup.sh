#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_backup.sh - backups and restores (tests/kill/backup.c) are killed before their n-th call that changes a file, or
# that call fails with EIO or ENOSPC, one run for each n: then there is the old state or the new one, and doing it again
# comes to its end.  `make check` takes a sample; KILL_STEP=1 takes every call.
set -eu
program=$BUILD/tests/kill/backup
shim=$BUILD/tests/kill/killshim.so
step=${KILL_STEP:-53}
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
runs=0
if [ -w /dev/shm ]; then # memory: what is tried is the order of calls, and thousands of syncs take their time
    TMP=$(mktemp -d /dev/shm/countersign-test.XXXXXX)
    trap 'rm -rf "$TMP"' EXIT
fi

"$program" make "$TMP/made"

# What a desk finds before it is to be restored.
spoil() {
    case $1 in
    lost) rm "$TMP/desk/state/countersign.db" ;;
    broken) echo "this is no database" >"$TMP/desk/state/countersign.db" ;;
    esac
}

bad() {
    echo "$1, error ${2:-none} at call $3: $4" >&2
    cat "$TMP/errors" >&2
    exit 1
}

# One run that is disturbed at call $3; returns 1 when it came to its end before that.
disturbed() { # VERB CONDITION N ERROR
    rm -rf "$TMP/desk"
    cp -a "$TMP/made" "$TMP/desk"
    spoil "$2"
    code=0
    KILL_AT=$3 KILL_ERROR=$4 KILL_COUNT_FILE=$TMP/count LD_PRELOAD=$shim "$program" "$1" "$TMP/desk" 2>"$TMP/errors" || code=$?
    case $code in
    0 | 1 | 137) ;;
    *) bad "$1 of a $2 state" "$4" "$3" "exit code $code" ;;
    esac
    is=$("$program" "check-$1" "$TMP/desk" 2>>"$TMP/errors") || bad "$1 of a $2 state" "$4" "$3" "neither old nor new"
    case $1.$code.$is in
    restore.0.old | restore.0.none) bad "restore of a $2 state" "$4" "$3" "it says that it is done" ;;
    esac
    case $2.$is in
    whole.none) bad "$1 of a whole state" "$4" "$3" "there is no state" ;;
    lost.old | broken.old) bad "$1 of a $2 state" "$4" "$3" "what is this?" ;;
    esac
    is=$("$program" "again-$1" "$TMP/desk" 2>>"$TMP/errors") || bad "$1 of a $2 state" "$4" "$3" "again does not work"
    [ "$1" = save ] || [ "$is" = new ] || bad "$1 of a $2 state" "$4" "$3" "again is $is"
    runs=$((runs + 1))
    [ "$3" -le "$(cat "$TMP/count" 2>/dev/null || echo 999999)" ]
}

all_of() { # VERB CONDITION
    first=1
    for error in '' 5 28; do
        # Another place for each, so that a sample meets as many as it can.
        n=$((first % step + 1))
        first=$((first + step / 3 + 1))
        rm -f "$TMP/count"
        while disturbed "$1" "$2" "$n" "$error"; do
            rm -f "$TMP/count"
            n=$((n + step))
        done
        [ "$n" -gt 30 ] || { echo "only $n calls: the shim does not see them" >&2; exit 1; }
    done
}

all_of save whole
all_of restore whole
all_of restore lost
[ "$step" != 1 ] || all_of restore broken
echo "disturbed $runs times, at every ${step}th call"
