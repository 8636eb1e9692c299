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

// `key` NULL: the signature is not looked at.
static int check_one(const char *text, uint64_t size, const struct digest *root, const char *origin,
                     const struct note_key *key, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct checkpoint head;

	if (note_read(text, strlen(text), &note, e) < 0 || checkpoint_read(note.text, note.len, &head, e) < 0)
		return -1;
	if (head.size != size || memcmp(&head.root, root, sizeof *root) != 0)
		return err_set(e, EX_DATAERR, "its note is of another size or root than its row");
	if (origin && strcmp(head.origin, origin) != 0)
		return err_set(e, EX_DATAERR, "its note is of the log %s, not of %s", head.origin, origin);
	if (key && !note_is_signed(&note, key, NULL))
		return err_set(e, EX_DATAERR, "its note is not signed by the log's key");
	return 0;
}

static int check_all(struct db *db, const char *origin, const struct note_key *key, struct heads_result *out,
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
		if (check_one(text, size, &root, earlier ? NULL : origin, earlier ? NULL : key, e) < 0) {
			e->code = EX_DATAERR;
			return err_prefix(e, "checkpoint: row size=%llu", (unsigned long long)size);
		}
		out->count++;
		out->earlier += earlier;
	}
}

int heads_check(const struct config *config, struct heads_result *out, struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);
	struct note_key key;
	int known;

	*out = (struct heads_result){ 0 };
	if (!db)
		return -1;
	known = log_key_find(config, &key, &out->why);
	if (known < 0) {
		*e = out->why;
		return -1;
	}
	out->unchecked = known == 0;
	return check_all(db, config->log_origin, known ? &key : NULL, out, e);
}
