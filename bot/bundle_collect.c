// SPDX-License-Identifier: Apache-2.0
// A case's entries out of the log, with the entries that they rest on: the messages that moved it, the people and the
// catalogue that were in force.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/bundle_parts.h"
#include "store/blob.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/publications.h"
#include "store/rotations.h"

struct collecting {
	struct db *db;
	struct bundle *out;
	uint64_t *seqs;
	size_t count, room;
};

static int add_seq(struct collecting *c, uint64_t seq, struct err *e)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 64;
		uint64_t *more = room > BUNDLE_ENTRIES_MAX ? NULL : reallocarray(c->seqs, room, sizeof *more);

		if (!more)
			return err_set(e, EX_DATAERR, "%s has too many entries for a bundle", c->out->case_id);
		c->seqs = more;
		c->room = room;
	}
	c->seqs[c->count++] = seq;
	return 0;
}

static int add_people(struct collecting *c, uint64_t seq, struct err *e)
{
	uint64_t found;
	int known = publication_at(c->db, "people", seq, &found, e);

	return known <= 0 ? known : add_seq(c, found, e);
}

// While cases are judged again by a newer catalogue, one may still be judged by the one before.
static int add_rules(struct collecting *c, const json_t *entry, struct err *e)
{
	uint64_t seq = (uint64_t)json_int(entry, "seq"), at = 0;
	int64_t version = json_int(json_obj(entry, "body"), "catalogue");
	int known = publication_at(c->db, "catalogue", seq, &at, e);

	while (known > 0) {
		_json_ json_t *published = log_entry(c->db, at, e);

		if (!published)
			return -1;
		if (json_int(json_obj(published, "body"), "version") == version)
			return add_seq(c, at, e);
		known = at ? publication_at(c->db, "catalogue", at - 1, &at, e) : 0;
	}
	return known;
}

static int add_with_grounds(struct collecting *c, const json_t *entry, struct err *e)
{
	uint64_t seq = (uint64_t)json_int(entry, "seq");
	const json_t *message = json_object_get(json_obj(entry, "body"), "message");

	if (add_seq(c, seq, e) < 0 || add_people(c, seq, e) < 0)
		return -1;
	if (strcmp(json_str(entry, "type"), "case.assessed") == 0 && add_rules(c, entry, e) < 0)
		return -1;
	if (json_is_integer(message) && json_integer_value(message) >= 0)
		return add_seq(c, (uint64_t)json_integer_value(message), e);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void sort(struct collecting *c)
{
	size_t kept = 0;

	qsort(c->seqs, c->count, sizeof *c->seqs, by_number);
	for (size_t i = 0; i < c->count; i++)
		if (i == 0 || c->seqs[i] != c->seqs[i - 1])
			c->seqs[kept++] = c->seqs[i];
	c->count = kept;
}

static int choose(struct collecting *c, uint64_t last, struct err *e)
{
	_json_ json_t *entries = log_history(c->db, c->out->case_id, e);
	json_t *entry;
	size_t i;

	if (!entries)
		return -1;
	if (json_array_size(entries) == 0)
		return err_set(e, EX_NOINPUT, "there is no case %s", c->out->case_id);
	json_array_foreach(entries, i, entry) {
		uint64_t seq = (uint64_t)json_int(entry, "seq");

		if (seq > last)
			break;
		if (seq >= c->out->head.size)
			return err_set(e, EX_TEMPFAIL, "no signed checkpoint covers entry %llu of %s yet",
			               (unsigned long long)seq, c->out->case_id);
		if (add_with_grounds(c, entry, e) < 0)
			return -1;
	}
	sort(c);
	return 0;
}

static int load_entry(struct collecting *c, struct bundle_entry *entry, uint64_t seq, struct err *e)
{
	_tlog_proof_ struct tlog_proof p = { .index = seq };

	if (log_leaf(c->db, seq, &entry->leaf, &entry->leaf_len, e) < 0 ||
	    log_body(c->db, seq, &entry->body, &entry->body_len, entry->salt, e) < 0 ||
	    log_prove_inclusion(c->db, seq, c->out->head.size, &p.proof, e) < 0 || bundle_entry_read(entry, e) < 0)
		return err_prefix(e, "entry %llu", (unsigned long long)seq);
	p.note = text_copy(c->out->note);
	entry->proof = tlog_proof_text(&p);
	return 0;
}

static int load_entries(struct collecting *c, struct err *e)
{
	c->out->entries = calloc(c->count, sizeof *c->out->entries);
	if (!c->out->entries)
		panic("out of memory");
	for (size_t i = 0; i < c->count; i++) {
		struct bundle_entry *entry = calloc(1, sizeof *entry);

		if (!entry)
			panic("out of memory");
		c->out->entries[c->out->count++] = entry;
		if (load_entry(c, entry, c->seqs[i], e) < 0)
			return -1;
	}
	return 0;
}

// What is not there any more is listed, and not kept.
static int load_salts(struct collecting *c, struct err *e)
{
	for (size_t i = 0; i < c->out->evidence_count; i++) {
		struct bundle_evidence *piece = &c->out->evidence[i];
		struct digest sha256;
		int found;

		hex_decode(piece->name, sha256.bytes, DIGEST_SIZE);
		found = blob_salt(c->db, &sha256, piece->salt, e);
		if (found < 0)
			return -1;
		piece->kept = found;
	}
	return 0;
}

static int load_head(struct collecting *c, const struct note_key *key, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct epochs keys;
	int found = checkpoint_last(c->db, UINT64_MAX, NULL, NULL, &c->out->note, e);

	if (found < 0)
		return -1;
	if (!found)
		return err_set(e, EX_TEMPFAIL, "no checkpoint of the log is signed yet");
	if (note_read(c->out->note, strlen(c->out->note), &note, e) < 0 ||
	    checkpoint_read(note.text, note.len, &c->out->head, e) < 0)
		return err_prefix(e, "the newest checkpoint");
	if (!key)
		return 0;
	if (rotations_read(c->db, key, &keys, e) < 0)
		return -1;
	if (epochs_check(&keys, &note, c->out->head.size, e) < 0)
		return err_prefix(e, "the newest checkpoint does not count");
	c->out->key = note_key_text(epochs_key(&keys, c->out->head.size));
	return 0;
}

int bundle_collect(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, struct bundle *out,
                   struct err *e)
{
	struct collecting c = { .db = db, .out = out };
	int result = -1;

	*out = (struct bundle){ 0 };
	if (strlen(case_id) >= sizeof out->case_id)
		return err_set(e, EX_NOINPUT, "there is no case %.40s", case_id);
	memcpy(out->case_id, case_id, strlen(case_id) + 1);
	if (load_head(&c, key, e) == 0 && choose(&c, last, e) == 0 && load_entries(&c, e) == 0 &&
	    bundle_list_evidence(out, e) == 0 && load_salts(&c, e) == 0 && bundle_find_archived(db, out, e) == 0)
		result = 0;
	free(c.seqs);
	return result;
}
