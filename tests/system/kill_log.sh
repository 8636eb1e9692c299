#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_log.sh - a program that only appends to the log (tests/kill/append.c) is killed before its n-th call that changes
# a file, or that call fails with EIO or ENOSPC; one run for each n, without and with a leaf journal.  After each of them
# nothing acknowledged may be lost, all must verify, and the journal may not be behind the database.  `make check` takes
# a sample; KILL_STEP=1 stops at every call.
set -eu
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0:detect_stack_use_after_return=0"
# It is a process that is killed, not the machine: where nothing is really synced the same goes much faster.
place=$(mktemp -d -p /dev/shm countersign-kill.XXXXXX 2>/dev/null) || place=$TMP
trap 'rm -rf "$place"' EXIT
export TMP="$place"

# HOW STEP FIRST [journal]
stop_at_each() {
    how=$1 step=${KILL_STEP:-$2} first=${KILL_STEP:-$3}
    shift 3
    LD_PRELOAD=$BUILD/tests/kill/killshim.so "$BUILD/tests/kill/append" "$place" "$how" "$step" "$first" "$@"
}

stop_at_each killed 97 1
stop_at_each EIO 151 7
stop_at_each killed 97 5 journal
stop_at_each EIO 5 1 journal
stop_at_each ENOSPC 4 2 journal
