#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill_backup.sh - backups and restores (tests/kill/backup.c) are killed before their n-th call that changes a file, or
# that call fails with EIO or ENOSPC, one run for each n: then there is the old state or the new one, and doing it again
# comes to its end.  `make check` takes a sample; KILL_STEP=1 stops at every call.
set -eu
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0:detect_stack_use_after_return=0"
# It is a process that is killed, not the machine: where nothing is really synced the same goes much faster.
place=$(mktemp -d -p /dev/shm countersign-kill.XXXXXX 2>/dev/null) || place=$TMP
trap 'rm -rf "$place"' EXIT

# VERB CONDITION HOW STEP FIRST
stop_at_each() {
    LD_PRELOAD=$BUILD/tests/kill/killshim.so "$BUILD/tests/kill/backup" "$place" "$@"
}

if [ -n "${KILL_STEP:-}" ]; then
    for how in killed EIO ENOSPC; do
        stop_at_each save whole "$how" "$KILL_STEP" 1
        for condition in whole lost broken; do
            stop_at_each restore "$condition" "$how" "$KILL_STEP" 1
        done
    done
    exit 0
fi
stop_at_each save whole killed 47 1
stop_at_each save whole EIO 89 31
stop_at_each restore whole killed 83 9
stop_at_each restore whole EIO 97 60
stop_at_each restore lost ENOSPC 113 71
stop_at_each restore broken killed 131 50
