// SPDX-License-Identifier: Apache-2.0
// Evidence of a case that retention moved to the archive: it is in the case's bundle there, and goes from that one into
// the next, be it for somebody who asks or because the case was archived again.
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/text.h"
#include "bot/bundle_parts.h"
#include "bot/bundle_read.h"

static char *archive_path(struct db *db, const struct bundle *b)
{
	return text_format("%s/archive/%s.tar", db_state_dir(db), b->case_id);
}

struct searching {
	struct bundle *b;
	const char *name;  // of the one piece whose bytes are wanted; NULL: the salts of all that are missing
	struct buf *bytes; // where they go
};

static int take_salt(struct searching *s, const char *hash, const char *data, size_t len)
{
	struct bundle_evidence *piece = bundle_evidence_find(s->b, hash);

	if (piece && !piece->kept && len == SALT_SIZE) {
		memcpy(piece->salt, data, len);
		piece->archived = true; // kept once its bytes are seen, too
	}
	return 0;
}

static int take_bytes(struct searching *s, const char *hash, const char *data, size_t len, struct err *e)
{
	struct bundle_evidence *piece = bundle_evidence_find(s->b, hash);

	if (piece && piece->archived)
		piece->kept = true;
	if (!s->name || strcmp(s->name, hash) != 0)
		return 0;
	return buf_add(s->bytes, data, len) < 0 ? err_set(e, EX_OSERR, "%s is too large to read", hash) : 0;
}

static int take(void *context, const char *name, const char *data, size_t len, struct err *e)
{
	if (text_starts(name, "evidence-salt/"))
		return take_salt(context, name + strlen("evidence-salt/"), data, len);
	if (text_starts(name, "evidence/"))
		return take_bytes(context, name + strlen("evidence/"), data, len, e);
	return 0;
}

static int search(struct db *db, struct searching *s, struct err *e)
{
	_free_ char *path = archive_path(db, s->b);
	char folder[BUNDLE_FOLDER_MAX];

	if (access(path, F_OK) < 0)
		return 0;
	return bundle_read(path, take, s, folder, e) < 0 ? err_prefix(e, "%s", path) : 0;
}

int bundle_find_archived(struct db *db, struct bundle *b, struct err *e)
{
	bool missing = false;

	for (size_t i = 0; i < b->evidence_count; i++)
		missing |= !b->evidence[i].kept;
	return missing ? search(db, &(struct searching){ .b = b }, e) : 0;
}

int bundle_read_archived(struct db *db, struct bundle *b, const char *name, struct buf *out, struct err *e)
{
	struct digest now;
	char hex[2 * DIGEST_SIZE + 1];

	if (search(db, &(struct searching){ .b = b, .name = name, .bytes = out }, e) < 0)
		return -1;
	now = sha256_of(buf_text(out), out->len);
	if (strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), name) != 0)
		return err_set(e, EX_DATAERR, "the archive's bundle of %s has altered evidence: %s", b->case_id, name);
	return 0;
}
