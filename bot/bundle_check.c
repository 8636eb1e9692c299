// SPDX-License-Identifier: Apache-2.0
// First what the log vouches for: checkpoint, leaves, bodies, evidence.  Then all other files are made again from that,
// and must be the ones that are there.
#include "bot/bundle_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/bundle_sort.h"
#include "bot/bundle_whole.h"

// --- the key and the signed head ------------------------------------------------------------------------------------

static int choose_key(const struct sorted *s, const struct note_key *pinned, struct bundle_verdict *v, struct err *e)
{
	struct note_key own;

	if (s->key && strlen(s->key) && s->key[strlen(s->key) - 1] == '\n')
		v->b.key = text_copy_n(s->key, strlen(s->key) - 1);
	if (s->key && (!v->b.key || note_key_read(v->b.key, &own, e) < 0))
		return v->b.key ? err_prefix(e, "key") : err_set(e, EX_DATAERR, "key: it is not one line");
	if (!pinned && !s->key)
		return err_set(e, EX_USAGE, "the bundle names no key: give the log's with --key");
	v->pinned = pinned;
	v->key = pinned ? *pinned : own;
	v->others_key = pinned && s->key && memcmp(own.public, pinned->public, NOTE_KEY) != 0;
	// A witness attests that it has seen a head, not that the log is what it says.
	if (v->key.algorithm != NOTE_ED25519)
		return err_set(e, EX_DATAERR, "the key %s is a witness's, not a log's", v->key.name);
	return 0;
}

static int check_head(const struct sorted *s, struct bundle_verdict *v, struct err *e)
{
	_note_ struct note note = { .count = 0 };

	if (!s->note)
		return err_set(e, EX_DATAERR, "there is no file checkpoint");
	v->b.note = text_copy(s->note);
	if (note_read(s->note, strlen(s->note), &note, e) < 0 ||
	    checkpoint_read(note.text, note.len, &v->b.head, e) < 0)
		return err_prefix(e, "checkpoint");
	if (strcmp(v->b.head.origin, v->key.name) != 0)
		return err_set(e, EX_DATAERR, "checkpoint: it is of the log %s, the key of %s", v->b.head.origin,
		               v->key.name);
	if (!note_is_signed(&note, &v->key, NULL))
		return err_set(e, EX_DATAERR, "checkpoint: it is not signed by the key %s%s", v->key.name,
		               v->pinned ? " that you gave" : " in the file key");
	return 0;
}

// --- the entries ----------------------------------------------------------------------------------------------------

static int check_proof(const struct bundle_verdict *v, const struct sorted_entry *from, struct err *e)
{
	_tlog_proof_ struct tlog_proof p = { .index = 0 };

	if (!from->proof)
		return err_set(e, EX_DATAERR, "there is no such file");
	if (tlog_proof_read(from->proof, from->proof_len, &p, e) < 0)
		return -1;
	if (p.extra || p.index != from->seq || strcmp(p.note, v->b.note) != 0)
		return err_set(e, EX_DATAERR, "it is not the proof of entry %llu under the bundle's checkpoint",
		               (unsigned long long)from->seq);
	return tlog_proof_check(&p, from->leaf, from->leaf_len, &v->key, NULL, e);
}

static int check_body(const struct sorted_entry *from, const struct bundle_entry *entry, struct err *e)
{
	struct digest commitment;
	char hex[2 * DIGEST_SIZE + 1];
	unsigned long long seq = from->seq;

	if (!from->body && !from->salt)
		return 0;
	if (!from->body || !from->salt || from->salt_len != SALT_SIZE)
		return err_set(e, EX_DATAERR, "entries/%llu.%s: it is missing or of a wrong size", seq,
		               from->body ? "salt" : "body");
	commitment = body_commitment((const uint8_t *)from->salt, from->body, from->body_len);
	if (strcmp(hex_encode(commitment.bytes, DIGEST_SIZE, hex), entry->said.body) != 0)
		return err_set(e, EX_DATAERR,
		               "entries/%llu.body: with entries/%llu.salt it is not what entries/%llu.leaf commits to",
		               seq, seq, seq);
	return 0;
}

// What was read moves over.
static void move_entry(struct sorted_entry *from, struct bundle_entry *entry)
{
	entry->leaf = steal_ptr(from->leaf);
	entry->leaf_len = from->leaf_len;
	entry->body = steal_ptr(from->body);
	entry->body_len = from->body_len;
	entry->proof = steal_ptr(from->proof);
	if (from->salt)
		memcpy(entry->salt, from->salt, SALT_SIZE);
}

static int check_entry(struct bundle_verdict *v, struct sorted_entry *from, struct bundle_entry *entry, struct err *e)
{
	unsigned long long seq = from->seq;

	if (!from->leaf)
		return err_set(e, EX_DATAERR, "entries/%llu.leaf: it is missing", seq);
	if (check_proof(v, from, e) < 0)
		return err_prefix(e, "entries/%llu.leaf by proofs/%llu.tlog-proof", seq, seq);
	if (leaf_read((struct piece){ from->leaf, from->leaf_len }, &entry->said, e) < 0)
		return err_prefix(e, "entries/%llu.leaf", seq);
	if (entry->said.entry.seq != from->seq)
		return err_set(e, EX_DATAERR, "entries/%llu.leaf: it says that it is entry %llu", seq,
		               (unsigned long long)entry->said.entry.seq);
	if (check_body(from, entry, e) < 0)
		return -1;
	move_entry(from, entry);
	return bundle_entry_read(entry, e) < 0 ? err_prefix(e, "entries/%llu", seq) : 0;
}

static int check_entries(struct sorted *s, struct bundle_verdict *v, struct err *e)
{
	if (s->count == 0 || s->count > BUNDLE_ENTRIES_MAX)
		return err_set(e, EX_DATAERR, "there are %zu entries in it", s->count);
	v->b.entries = calloc(s->count, sizeof *v->b.entries);
	if (!v->b.entries)
		panic("out of memory");
	for (size_t i = 0; i < s->count; i++) {
		struct bundle_entry *entry = calloc(1, sizeof *entry);

		if (!entry)
			panic("out of memory");
		v->b.entries[v->b.count++] = entry;
		if (check_entry(v, &s->entries[i], entry, e) < 0)
			return -1;
	}
	return 0;
}

// --- the evidence ---------------------------------------------------------------------------------------------------

static const struct sorted_evidence *read_evidence(const struct sorted *s, const char *name)
{
	for (size_t i = 0; i < s->evidence_count; i++)
		if (strcmp(s->evidence[i].name, name) == 0)
			return &s->evidence[i];
	return NULL;
}

static int check_commitment(const struct sorted *s, const struct bundle_entry *entry, struct err *e)
{
	const json_t *body = json_obj(entry->json, "body");
	const char *commitment = json_str_or_null(body, "commitment"), *name = json_str(body, "sha256");
	const struct sorted_evidence *piece = commitment ? read_evidence(s, name) : NULL;
	unsigned long long seq = entry->said.entry.seq;
	char hex[2 * DIGEST_SIZE + 1];

	if (!piece)
		return 0;
	if (!piece->read)
		return err_set(e, EX_DATAERR, "evidence/%s: it is missing, and its salt is there", name);
	if (strcmp(hex_encode(piece->commitment.bytes, DIGEST_SIZE, hex), commitment) != 0)
		return err_set(e, EX_DATAERR, "evidence/%s: with evidence-salt/%s it is not what entry %llu commits to",
		               name, name, seq);
	return 0;
}

static int check_evidence(const struct sorted *s, struct bundle_verdict *v, struct err *e)
{
	if (bundle_list_evidence(&v->b, e) < 0)
		return -1;
	for (size_t i = 0; i < s->evidence_count; i++) {
		const struct sorted_evidence *from = &s->evidence[i];
		struct bundle_evidence *piece = bundle_evidence_find(&v->b, from->name);

		if (!piece)
			return err_set(e, EX_DATAERR, "evidence/%s: no entry of the bundle names it", from->name);
		piece->kept = from->read;
		piece->size = from->size;
		memcpy(piece->salt, from->salt, SALT_SIZE);
	}
	for (size_t i = 0; i < v->b.count; i++)
		if (check_commitment(s, v->b.entries[i], e) < 0)
			return -1;
	return 0;
}

static int check_log(struct sorted *s, const struct note_key *pinned, struct bundle_verdict *v, struct err *e)
{
	if (bundle_check_names(s, e) < 0 || choose_key(s, pinned, v, e) < 0 || check_head(s, v, e) < 0 ||
	    check_entries(s, v, e) < 0 || check_evidence(s, v, e) < 0)
		return -1;
	return bundle_check_whole(s, v, e);
}

int bundle_check(const char *path, const struct note_key *pinned, struct bundle_verdict *out, struct err *e)
{
	_sorted_ struct sorted s = { 0 };

	*out = (struct bundle_verdict){ .entries = 0 };
	return bundle_sort(path, &s, e) < 0 ? -1 : check_log(&s, pinned, out, e);
}

void bundle_verdict_free(struct bundle_verdict *v)
{
	bundle_free(&v->b);
	free(v->summary);
	*v = (struct bundle_verdict){ .entries = 0 };
}
