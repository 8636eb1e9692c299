// SPDX-License-Identifier: Apache-2.0
#include "store/condition_memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define SLOTS 1024
#define TEXTS 240 // bytes of both texts, with a NUL behind each

struct slot {
	const void *function; // NULL: empty
	int answer;
	char texts[TEXTS];
};

struct memo {
	struct slot slots[SLOTS];
};

struct memo *memo_new(void)
{
	struct memo *m = calloc(1, sizeof *m);

	if (!m)
		panic("out of memory");
	return m;
}

void memo_free(struct memo *m)
{
	free(m);
}

// FNV-1a.
static uint64_t mix(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
	while (*text++);
	return hash;
}

static size_t slot_of(const void *function, const char *text, const char *word)
{
	uint64_t hash = mix(mix(14695981039346656037ULL ^ (uintptr_t)function, text), word);

	return (size_t)(hash ^ hash >> 32) % SLOTS;
}

int memo_find(const struct memo *m, const void *function, const char *text, const char *word)
{
	const struct slot *slot = &m->slots[slot_of(function, text, word)];

	if (slot->function != function || strcmp(slot->texts, text) != 0 ||
	    strcmp(slot->texts + strlen(slot->texts) + 1, word) != 0)
		return MEMO_NONE;
	return slot->answer;
}

void memo_keep(struct memo *m, const void *function, const char *text, const char *word, int answer)
{
	struct slot *slot = &m->slots[slot_of(function, text, word)];
	size_t len = strlen(text) + 1;

	if (len + strlen(word) + 1 > TEXTS)
		return;
	slot->function = function;
	slot->answer = answer;
	memcpy(slot->texts, text, len);
	memcpy(slot->texts + len, word, strlen(word) + 1);
}
