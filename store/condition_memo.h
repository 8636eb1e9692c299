// SPDX-License-Identifier: Apache-2.0
// What the caller's functions answered before: they are told the same licence by dozens of conditions, and by thousands
// of cases.  Private to store/condition.c.
#ifndef STORE_CONDITION_MEMO_H
#define STORE_CONDITION_MEMO_H

#include <stddef.h>

struct memo;

// Bounded; a new answer may take the place of an old one.
struct memo *memo_new(void);
void memo_free(struct memo *m);

#define MEMO_NONE (-2)
// What `function` (by address) answered for these texts, or MEMO_NONE.
int memo_find(const struct memo *m, const void *function, const char *text, const char *word);
// Keeps an answer; long texts are not kept.
void memo_keep(struct memo *m, const void *function, const char *text, const char *word, int answer);

#endif
