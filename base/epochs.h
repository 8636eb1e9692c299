// SPDX-License-Identifier: Apache-2.0
// The keys of a log, one after the other.  Entry S that introduces a successor ends the epoch of the key before: heads
// of up to S entries count when that one signed them, the head of S + 1 entries - the first with the entry in it - when
// both did, larger ones when the successor did.  Whoever gets hold of an old key can seal nothing new with it, and
// whoever holds a new one cannot seal what came before it again.
#ifndef BASE_EPOCHS_H
#define BASE_EPOCHS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/note.h"

#define EPOCHS_MAX 64

struct epoch {
	struct note_key key;
	uint64_t first, last; // the sizes of heads that count under it; UINT64_MAX: all later ones
};

struct epochs {
	struct epoch list[EPOCHS_MAX]; // oldest first
	size_t count;
};

bool note_key_same(const struct note_key *a, const struct note_key *b);

// One key for heads of every size.
void epochs_begin(struct epochs *epochs, const struct note_key *key);

// Entry `seq` introduces `next` after `old`, which must be the last key so far, or begins the list when that is empty.
// EX_DATAERR when it is another one, when `next` is no key of that log, was one before, or comes too early.
int epochs_add(struct epochs *epochs, const struct note_key *old, const struct note_key *next, uint64_t seq,
               struct err *e);

bool epochs_has(const struct epochs *epochs, const struct note_key *key);

// The newest key under which heads of that size count.  There must be one.
const struct note_key *epochs_key(const struct epochs *epochs, uint64_t size);

// Is the head of that size signed by every key whose epoch covers it?  -1 with EX_DATAERR and a sentence that begins
// with "it is not signed".
int epochs_check(const struct epochs *epochs, const struct note *note, uint64_t size, struct err *e);

#endif
