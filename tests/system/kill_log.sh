#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_log.sh - a program that only appends to the log (tests/kill/append.c) is killed before its n-th call that changes
# a file, one run for each n; after each death nothing acknowledged may be lost and all must verify.  `make check` takes
# a sample; KILL_STEP=1 kills at every call.
set -eu
append=$BUILD/tests/kill/append
shim=$BUILD/tests/kill/killshim.so
step=${KILL_STEP:-11}
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
n=1
died=0
while :; do
    rm -rf "$TMP/state"
    mkdir "$TMP/state"
    code=0
    KILL_AT=$n KILL_COUNT_FILE=$TMP/count LD_PRELOAD=$shim "$append" "$TMP/state" >"$TMP/acks" 2>"$TMP/errors" || code=$?
    last=$(tail -n 1 "$TMP/acks")
    # shellcheck disable=SC2086  # a size and a root
    if ! "$append" "$TMP/state" ${last:-0 none}; then
        echo "killed before call $n, after the acknowledgement \"$last\"" >&2
        exit 1
    fi
    case $code in
    0) break ;;
    137) died=$((died + 1)) ;;
    *)
        cat "$TMP/errors" >&2
        exit 1
        ;;
    esac
    n=$((n + step))
done
[ "$n" -gt 100 ] || { echo "only $n calls: the shim does not see them" >&2; exit 1; }
echo "killed $died times, at every ${step}th of $(cat "$TMP/count") calls: nothing acknowledged was lost, all verified"
