// SPDX-License-Identifier: Apache-2.0
#include "bot/receipt.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/succession.h"
#include "store/checkpoints.h"
#include "store/rotations.h"

#define EXTRA_MAX (TLOG_PROOF_MAX / 2) // in base64, with hashes and a note behind it, it still fits

static const struct json_key extra_keys[] = {
	{ "body", 's', 0 },        { "key", 's', 1024 },           { "keys", 'a', EPOCHS_MAX },
	{ "leaf", 'S', LEAF_MAX }, { "salt", 's', 2 * SALT_SIZE }, { 0 },
};

// --- making --------------------------------------------------------------------------------------------------------

static int put_entry(struct db *db, uint64_t seq, json_t *extra, struct err *e)
{
	_free_ char *leaf = NULL, *body = NULL;
	uint8_t salt[SALT_SIZE];
	char hex[2 * SALT_SIZE + 1];
	size_t leaf_len, body_len;
	int has_body;

	if (log_leaf(db, seq, &leaf, &leaf_len, e) < 0)
		return -1;
	has_body = log_body(db, seq, &body, &body_len, salt, e);
	if (has_body < 0)
		return -1;
	json_put_str(extra, "leaf", leaf);
	if (has_body) {
		json_put_str(extra, "body", body);
		json_put_str(extra, "salt", hex_encode(salt, SALT_SIZE, hex));
	}
	return 0;
}

// What leads from the log's other keys to the one that signed a head of that size.
static int put_keys(struct db *db, const struct note_key *key, uint64_t size, json_t *extra, struct err *e)
{
	_json_ json_t *list = key ? succession_make(db, key->name, size, e) : json_array();

	if (!list)
		return -1;
	if (json_array_size(list))
		json_put(extra, "keys", steal_ptr(list));
	return 0;
}

static int write_extra(const json_t *extra, struct tlog_proof *p, struct err *e)
{
	free(p->extra);
	p->extra = json_canonical(extra, &p->extra_len, e);
	return p->extra ? 0 : -1;
}

// What has no room is left out, as if it had been erased: the leaf still says what it was.
static int put_extra(struct db *db, uint64_t seq, const struct note_key *key, uint64_t size, struct tlog_proof *p,
                     struct err *e)
{
	_json_ json_t *extra = json_object();
	_free_ char *name = key ? note_key_text(key) : NULL;

	json_put_str(extra, "key", name);
	if (put_keys(db, key, size, extra, e) < 0 || put_entry(db, seq, extra, e) < 0 || write_extra(extra, p, e) < 0)
		return -1;
	if (p->extra_len <= EXTRA_MAX)
		return 0;
	json_object_del(extra, "body");
	json_object_del(extra, "salt");
	return write_extra(extra, p, e);
}

// Does it count, and under which key of the log to which `key` belongs?
static int check_signed(struct db *db, const char *text, uint64_t size, const struct note_key *key,
                        struct note_key *signer, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct epochs keys;

	if (note_read(text, strlen(text), &note, e) < 0)
		return err_prefix(e, "the newest checkpoint");
	if (rotations_read(db, key, &keys, e) < 0)
		return -1;
	if (epochs_check(&keys, &note, size, e) < 0)
		return err_prefix(e, "the newest checkpoint does not count");
	*signer = *epochs_key(&keys, size);
	return 0;
}

char *receipt_make(struct db *db, uint64_t seq, const struct note_key *key, struct err *e)
{
	_tlog_proof_ struct tlog_proof p = { .index = seq };
	struct note_key signer;
	uint64_t size;
	int found = checkpoint_last(db, UINT64_MAX, &size, NULL, &p.note, e);

	if (found < 0)
		return NULL;
	if (seq >= log_size(db)) {
		err_set(e, EX_NOINPUT, "there is no entry %llu", (unsigned long long)seq);
		return NULL;
	}
	if (!found || seq >= size) {
		err_set(e, EX_TEMPFAIL, "no signed checkpoint covers entry %llu yet%s", (unsigned long long)seq,
		        found ? "" : ": there is none at all");
		return NULL;
	}
	if ((key && check_signed(db, p.note, size, key, &signer, e) < 0) ||
	    log_prove_inclusion(db, seq, size, &p.proof, e) < 0 ||
	    put_extra(db, seq, key ? &signer : NULL, size, &p, e) < 0)
		return NULL;
	return tlog_proof_text(&p);
}

// --- checking ------------------------------------------------------------------------------------------------------

static int choose_key(const json_t *extra, const struct note_key *pinned, struct receipt *out, struct err *e)
{
	const char *named = json_str_or_null(extra, "key");

	out->proof_key = named ? text_copy(named) : NULL;
	out->pinned = pinned != NULL;
	if (pinned)
		out->key = *pinned;
	else if (!named)
		return err_set(e, EX_USAGE, "the receipt names no key: give the log's with --key");
	else if (note_key_read(named, &out->key, e) < 0)
		return err_prefix(e, "the receipt's key");
	// A witness attests that it has seen a head, not that the log is what it says.
	if (out->key.algorithm != NOTE_ED25519)
		return err_set(e, EX_DATAERR, "the key %s is a witness's, not a log's", out->key.name);
	return 0;
}

static int take_keys(const json_t *extra, const struct epochs *known, struct receipt *out, struct err *e)
{
	char hex[2 * sizeof out->key.id + 1];

	if (known)
		out->keys = *known;
	else if (succession_read(json_arr(extra, "keys"), &out->keys, e) < 0)
		return -1;
	if (out->keys.count == 0)
		epochs_begin(&out->keys, &out->key);
	if (epochs_has(&out->keys, &out->key))
		return 0;
	return err_set(e, EX_DATAERR, "the key %s+%s %s is none of those that the log had", out->key.name,
	               hex_encode(out->key.id, sizeof out->key.id, hex),
	               out->pinned ? "that was given" : "that it names");
}

// Signed by whom it must be, and with the leaf in it?
static int check_head(const struct tlog_proof *p, const char *leaf, struct receipt *out, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct checkpoint head;

	if (note_read(p->note, strlen(p->note), &note, e) < 0 || checkpoint_read(note.text, note.len, &head, e) < 0)
		return err_prefix(e, "its checkpoint");
	out->signer = *epochs_key(&out->keys, head.size);
	if (out->keys.count > 1 && epochs_check(&out->keys, &note, head.size, e) < 0)
		return err_prefix(e, "its checkpoint does not count");
	return tlog_proof_check(p, leaf, strlen(leaf), &out->signer, &out->head, e);
}

static int take_body(const json_t *extra, struct receipt *out, struct err *e)
{
	const char *body = json_str_or_null(extra, "body"), *salt_text = json_str_or_null(extra, "salt");
	char hex[2 * DIGEST_SIZE + 1];
	uint8_t salt[SALT_SIZE];
	struct digest commitment;

	if (!body && !salt_text)
		return 0;
	if (!body || !salt_text || hex_decode(salt_text, salt, SALT_SIZE) < 0)
		return err_set(e, EX_DATAERR, "the receipt has no body with a salt of 64 hexadecimal digits");
	commitment = body_commitment(salt, body, strlen(body));
	if (strcmp(hex_encode(commitment.bytes, DIGEST_SIZE, hex), json_str(out->leaf, "body")) != 0)
		return err_set(e, EX_DATAERR, "the body in the receipt is not the one that the log's entry commits to");
	out->body = json_read(body, strlen(body), e);
	if (!out->body)
		return err_prefix(e, "the body in the receipt");
	if (!json_is_object(out->body))
		return err_set(e, EX_DATAERR, "the body in the receipt is no JSON object");
	return 0;
}

static int take_entry(const json_t *extra, uint64_t index, struct receipt *out, struct err *e)
{
	const char *leaf = json_str(extra, "leaf");

	out->leaf = json_read(leaf, strlen(leaf), e);
	if (!out->leaf || entry_read(out->leaf, &out->entry, e) < 0)
		return err_prefix(e, "the entry in the receipt");
	if (out->entry.seq != index)
		return err_set(e, EX_DATAERR, "the entry in the receipt says that it is number %llu, the proof %llu",
		               (unsigned long long)out->entry.seq, (unsigned long long)index);
	return take_body(extra, out, e);
}

int receipt_check(const char *text, size_t len, const struct note_key *pinned, struct receipt *out, struct err *e)
{
	return receipt_check_among(text, len, pinned, NULL, out, e);
}

int receipt_check_among(const char *text, size_t len, const struct note_key *pinned, const struct epochs *known,
                        struct receipt *out, struct err *e)
{
	_tlog_proof_ struct tlog_proof p = { .index = 0 };
	_json_ json_t *extra = NULL;
	const char *leaf;

	*out = (struct receipt){ 0 };
	if (tlog_proof_read(text, len, &p, e) < 0)
		return -1;
	if (!p.extra)
		return err_set(e, EX_DATAERR, "it is a proof, but no receipt: the entry is not in it");
	extra = json_read(p.extra, p.extra_len, e);
	if (!extra || json_check(extra, extra_keys, "the receipt", e) < 0)
		return err_prefix(e, "the extra line");
	leaf = json_str(extra, "leaf");
	if (choose_key(extra, pinned, out, e) < 0 || take_keys(extra, known, out, e) < 0 ||
	    check_head(&p, leaf, out, e) < 0)
		return -1;
	return take_entry(extra, p.index, out, e);
}

void receipt_free(struct receipt *r)
{
	json_decref(r->leaf);
	json_decref(r->body);
	free(r->proof_key);
	*r = (struct receipt){ 0 };
}
