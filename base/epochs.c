// SPDX-License-Identifier: Apache-2.0
#include "base/epochs.h"

#include <inttypes.h>
#include <string.h>

#include "base/encode.h"

bool note_key_same(const struct note_key *a, const struct note_key *b)
{
	return a->algorithm == b->algorithm && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->public, b->public, sizeof a->public) == 0;
}

void epochs_begin(struct epochs *epochs, const struct note_key *key)
{
	epochs->list[0] = (struct epoch){ .key = *key, .last = UINT64_MAX };
	epochs->count = 1;
}

bool epochs_has(const struct epochs *epochs, const struct note_key *key)
{
	for (size_t i = 0; i < epochs->count; i++)
		if (note_key_same(&epochs->list[i].key, key))
			return true;
	return false;
}

int epochs_add(struct epochs *epochs, const struct note_key *old, const struct note_key *next, uint64_t seq,
               struct err *e)
{
	struct epoch *last;

	if (epochs->count == 0)
		epochs_begin(epochs, old);
	last = &epochs->list[epochs->count - 1];
	if (epochs->count == EPOCHS_MAX)
		return err_set(e, EX_DATAERR, "more than %d keys followed each other", EPOCHS_MAX);
	if (!note_key_same(&last->key, old))
		return err_set(e, EX_DATAERR, "entry %" PRIu64 " replaces another key than the log's last", seq);
	if (next->algorithm != NOTE_ED25519 || strcmp(next->name, old->name) != 0)
		return err_set(e, EX_DATAERR, "the key that entry %" PRIu64 " introduces is none of the log %s", seq,
		               old->name);
	if (epochs_has(epochs, next))
		return err_set(e, EX_DATAERR, "entry %" PRIu64 " brings a key back that the log had before", seq);
	if (seq >= UINT64_MAX - 1 || seq + 1 <= last->first)
		return err_set(e, EX_DATAERR, "entry %" PRIu64 " comes before the key that it replaces", seq);
	last->last = seq + 1;
	epochs->list[epochs->count++] = (struct epoch){ .key = *next, .first = seq + 1, .last = UINT64_MAX };
	return 0;
}

static bool covers(const struct epoch *epoch, uint64_t size)
{
	return epoch->first <= size && size <= epoch->last;
}

const struct note_key *epochs_key(const struct epochs *epochs, uint64_t size)
{
	for (size_t i = epochs->count; i > 0; i--)
		if (covers(&epochs->list[i - 1], size))
			return &epochs->list[i - 1].key;
	panic("no key's epoch covers a head of %" PRIu64 " entries", size);
}

// Another key of the log that signed it, or NULL.
static const struct epoch *other_signer(const struct epochs *epochs, const struct note *note, uint64_t size)
{
	for (size_t i = 0; i < epochs->count; i++)
		if (!covers(&epochs->list[i], size) && note_is_signed(note, &epochs->list[i].key, NULL))
			return &epochs->list[i];
	return NULL;
}

static int refuse(const struct epochs *epochs, const struct epoch *wanted, const struct note *note, uint64_t size,
                  struct err *e)
{
	const struct epoch *other = other_signer(epochs, note, size);
	char id[2][2 * sizeof wanted->key.id + 1];

	hex_encode(wanted->key.id, sizeof wanted->key.id, id[0]);
	if (!other)
		return err_set(e, EX_DATAERR, "it is not signed by the log's key %s+%s", wanted->key.name, id[0]);
	return err_set(e, EX_DATAERR,
	               "it is not signed by the key %s+%s, whose heads of %" PRIu64
	               " entries count, but by %s+%s, whose heads count %s %" PRIu64 " entries",
	               wanted->key.name, id[0], size, other->key.name,
	               hex_encode(other->key.id, sizeof other->key.id, id[1]), other->first > size ? "from" : "up to",
	               other->first > size ? other->first : other->last);
}

int epochs_check(const struct epochs *epochs, const struct note *note, uint64_t size, struct err *e)
{
	for (size_t i = 0; i < epochs->count; i++)
		if (covers(&epochs->list[i], size) && !note_is_signed(note, &epochs->list[i].key, NULL))
			return refuse(epochs, &epochs->list[i], note, size, e);
	return 0;
}
