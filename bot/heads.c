// SPDX-License-Identifier: Apache-2.0
#include "bot/heads.h"

#include <string.h>

#include "base/auto.h"
#include "base/checkpoint.h"
#include "base/note.h"
#include "bot/config.h"
#include "bot/log_key.h"
#include "store/checkpoints.h"
#include "store/restored.h"

// `keys` NULL: the signatures are not looked at.
static int check_one(const char *text, uint64_t size, const struct digest *root, const char *origin,
                     const struct epochs *keys, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct checkpoint head;

	if (note_read(text, strlen(text), &note, e) < 0 || checkpoint_read(note.text, note.len, &head, e) < 0)
		return -1;
	if (head.size != size || memcmp(&head.root, root, sizeof *root) != 0)
		return err_set(e, EX_DATAERR, "its note is of another size or root than its row");
	if (origin && strcmp(head.origin, origin) != 0)
		return err_set(e, EX_DATAERR, "its note is of the log %s, not of %s", head.origin, origin);
	return keys ? epochs_check(keys, &note, size, e) : 0;
}

static int check_all(struct db *db, const char *origin, const struct epochs *keys, struct heads_result *out,
                     struct err *e)
{
	struct restored anew; // heads up to there are of an earlier origin, whose key need not be known any more
	uint64_t size = 0;
	int renamed = restored_anew(db, &anew, e), found;

	if (renamed < 0)
		return -1;
	for (;; size++) {
		_free_ char *text = NULL;
		struct digest root;
		bool earlier;

		found = checkpoint_covering(db, size, &size, &root, &text, e);
		if (found <= 0)
			return found;
		earlier = renamed && size <= anew.seq;
		if (check_one(text, size, &root, earlier ? NULL : origin, earlier ? NULL : keys, e) < 0) {
			e->code = EX_DATAERR;
			return err_prefix(e, "checkpoint: row size=%llu", (unsigned long long)size);
		}
		out->count++;
		out->earlier += earlier;
	}
}

// The head with which each key was introduced should be kept: without it, only the log's entries vouch for the key.
static int check_introductions(struct db *db, const struct epochs *keys, uint64_t covered, uint64_t *missing,
                               struct err *e)
{
	for (size_t i = 1; i < keys->count && keys->list[i].first <= covered; i++) {
		uint64_t size = 0;
		int found = checkpoint_last(db, keys->list[i].first, &size, NULL, NULL, e);

		if (found < 0)
			return -1;
		*missing += found == 0 || size < keys->list[i].first;
	}
	return 0;
}

static int check_keys(struct db *db, const struct epochs *keys, struct heads_result *out, struct err *e)
{
	uint64_t covered = 0;

	out->keys = keys->count;
	return checkpoint_last(db, UINT64_MAX, &covered, NULL, NULL, e) < 0
	               ? -1
	               : check_introductions(db, keys, covered, &out->unintroduced, e);
}

int heads_check(const struct config *config, struct heads_result *out, struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);
	struct epochs keys;
	int known;

	*out = (struct heads_result){ 0 };
	if (!db)
		return -1;
	known = log_keys_find(config, db, &keys, &out->why);
	if (known < 0) {
		*e = out->why;
		return -1;
	}
	out->unchecked = known == 0;
	if (known && check_keys(db, &keys, out, e) < 0)
		return -1;
	return check_all(db, config->log_origin, known ? &keys : NULL, out, e);
}
