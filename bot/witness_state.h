// SPDX-License-Identifier: Apache-2.0
// What a witness remembers: for each log one small file, the checkpoint that it cosigned last, with the cosignature -
// so that a file that was changed is found out, and anybody can verify it.  Files are named by the SHA-256 of the
// origin.
#ifndef BOT_WITNESS_STATE_H
#define BOT_WITNESS_STATE_H

#include "bot/witness_decide.h"

// Takes the folder for this process alone and reads the marks of all logs.  The lock's descriptor, which is kept open;
// -1 when another has it (EX_TEMPFAIL), or a file is not what this witness wrote.
int witness_state_open(const char *dir, struct witness *w, struct err *e);

// Keeps what was decided: durable when this returns 0, and the log's mark moved on.  -1: nobody knows what the disk
// holds; the answer must not leave, and the process must end, to look at it afresh.
int witness_state_keep(const char *dir, struct witness *w, const struct witness_answer *a, struct err *e);

// Keeps the first proof of a log's fork, a checkpoint that contradicts the kept one, as ORIGIN-HASH.fork.
int witness_state_keep_fork(const char *dir, const struct witness *w, const struct witness_answer *a, struct err *e);

#endif
