#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_erase.sh - a program that erases a case (tests/kill/erase.c) is killed before its n-th call that changes a file, or
# that call fails (EIO, ENOSPC); after each the case is whole or gone from every file, never a mix, and the next start
# finishes what was begun.  `make check` takes a sample; KILL_STEP=1 stops at every call.
set -eu
erase=$BUILD/tests/kill/erase
shim=$BUILD/tests/kill/killshim.so
step=${KILL_STEP:-53}
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0:detect_leaks=0"
mkdir "$TMP/made"
"$erase" make "$TMP/made"

# stop_at N ERRNO: 0, the whole way
stop_at() {
    rm -rf "$TMP/desk"
    cp -a "$TMP/made" "$TMP/desk"
    code=0
    KILL_AT=$1 KILL_ERROR=$2 KILL_COUNT_FILE=$TMP/count LD_PRELOAD=$shim "$erase" go "$TMP/desk" >"$TMP/said" 2>"$TMP/errors" ||
        code=$?
    # shellcheck disable=SC2046  # a word or none
    if ! "$erase" check "$TMP/desk" $(cat "$TMP/said") >"$TMP/found" 2>&1; then
        echo "stopped at call $1 (errno $2, exit code $code), having said \"$(cat "$TMP/said")\":" >&2
        cat "$TMP/errors" "$TMP/found" >&2
        exit 1
    fi
}

stop_at 0 0
calls=$(cat "$TMP/count")
[ "$calls" -gt 40 ] || { echo "only $calls calls: the shim does not see them" >&2; exit 1; }
for error in 0 5 28; do
    n=$((1 + error % step))
    while [ "$n" -le "$calls" ]; do
        stop_at "$n" "$error"
        n=$((n + step))
    done
    echo "errno $error: stopped at every ${step}th of $calls calls: old or new, never a mix"
done
