#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# append.sh APPEND SHIM - kills APPEND (tests/kill/append.c) before each of its calls that change a file, one run for
# each, by SHIM (tests/kill/killshim.c); after each death nothing acknowledged may be lost and all must verify.
set -eu
append=$1
shim=$2
tmp=$(mktemp -d "${TMP:-/tmp}/kill.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0
while :; do
    n=$((n + 1))
    mkdir "$tmp/state"
    code=0
    KILL_AT=$n KILL_COUNT_FILE=$tmp/count LD_PRELOAD=$shim "$append" "$tmp/state" >"$tmp/acks" 2>"$tmp/errors" || code=$?
    last=$(tail -n 1 "$tmp/acks")
    # shellcheck disable=SC2086  # a size and a root
    if ! "$append" "$tmp/state" ${last:-0 none}; then
        echo "killed before call $n, after the acknowledgement \"$last\"" >&2
        exit 1
    fi
    rm -rf "$tmp/state"
    case $code in
    0) break ;;
    137) ;;
    *)
        cat "$tmp/errors" >&2
        exit 1
        ;;
    esac
done
[ "$n" -gt 100 ] || { echo "only $n calls: the shim does not see them" >&2; exit 1; }
[ "$(cat "$tmp/count")" = $((n - 1)) ] || { echo "the shim counted $(cat "$tmp/count"), not $((n - 1))" >&2; exit 1; }
echo "killed at each of $((n - 1)) calls: nothing acknowledged was lost, all verified"
