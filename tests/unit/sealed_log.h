// SPDX-License-Identifier: Apache-2.0
// For tests of proofs: a log of decisions with signed heads, and the key that signs them.
#ifndef TESTS_UNIT_SEALED_LOG_H
#define TESTS_UNIT_SEALED_LOG_H

#include "base/checkpoint.h"
#include "base/note.h"
#include "store/checkpoints.h"
#include "tests/unit/story.h"

#define SEALED_ORIGIN "example.com/countersign"

struct sealed_log {
	char *path;
	struct db *db;
	struct note_signer signer, stranger; // two keys of one name
	char *key;                           // the signer's public one
};

// A vote on version 2 of CS-1 by Ann, whatever CS-1 is: only the log is looked at.
static inline void sealed_vote(struct sealed_log *l, const char *why)
{
	_json_ json_t *event =
	        event_new("audit.queried", "person:ann", "mail", "CS-1", 2,
	                  json_pack("{ss ss ss ss ss}", "person", "person:ann", "name", "Ann Okafor", "verdict",
	                            "reject", "why", why, "hash", "de7180f8fb93863923e7cc01517955407e80623b46ae9d5a"));
	struct err e = { 0 };

	if (log_append(l->db, event, STORY_START, NULL, &e) < 0)
		panic("%s", e.text);
}

static inline char *sealed_note(const struct note_signer *signer, const char *origin, uint64_t size,
                                const struct digest *root)
{
	struct checkpoint c = { .size = size, .root = *root };
	_free_ char *text = NULL, *line = NULL;
	struct err e = { 0 };

	memcpy(c.origin, origin, strlen(origin) + 1);
	text = checkpoint_text(&c);
	line = note_sign(signer, text, strlen(text), 0, &e);
	if (!line)
		panic("%s", e.text);
	return text_format("%s\n%s", text, line);
}

// Signs the log as it stands now, with the right key or the stranger's.
static inline char *sealed_head(struct sealed_log *l, bool right)
{
	struct digest root = log_root(l->db);

	return sealed_note(right ? &l->signer : &l->stranger, SEALED_ORIGIN, log_size(l->db), &root);
}

static inline void sealed_keep(struct sealed_log *l, bool right)
{
	_free_ char *note = sealed_head(l, right);
	struct digest root = log_root(l->db);
	struct err e = { 0 };

	if (checkpoint_add(l->db, log_size(l->db), &root, note, &e) < 0)
		panic("%s", e.text);
}

// With an open transaction and no entry.
static inline struct sealed_log *sealed_make(void)
{
	struct sealed_log *l = calloc(1, sizeof *l);
	static const uint8_t seeds[2][NOTE_KEY] = { { 1 }, { 2 } };
	struct err e = { 0 };

	if (!l)
		panic("out of memory");
	l->path = state_make();
	l->db = db_open(l->path, DB_WRITE, &e);
	if (!l->db || db_begin(l->db, "test", &e) < 0 ||
	    note_signer_make(SEALED_ORIGIN, NOTE_ED25519, seeds[0], &l->signer, &e) < 0 ||
	    note_signer_make(SEALED_ORIGIN, NOTE_ED25519, seeds[1], &l->stranger, &e) < 0)
		panic("%s", e.text);
	l->key = note_key_text(&l->signer.key);
	return l;
}

static inline void sealed_free(struct sealed_log *l)
{
	db_close(&l->db);
	state_remove(&l->path);
	free(l->key);
	free(l);
}

#endif
