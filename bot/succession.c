// SPDX-License-Identifier: Apache-2.0
#include "bot/succession.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/tlog_proof.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/rotations.h"

// --- making ----------------------------------------------------------------------------------------------------------

// 0 when the head is not kept.
static int add_step(struct db *db, const struct rotation *r, json_t *list, struct err *e)
{
	_tlog_proof_ struct tlog_proof p = { .index = r->seq };
	_free_ char *leaf = NULL, *body = NULL, *text = NULL;
	_json_ json_t *extra = json_object();
	char hex[2 * SALT_SIZE + 1];
	uint8_t salt[SALT_SIZE];
	size_t leaf_len, body_len;
	uint64_t size;
	int found = checkpoint_last(db, r->seq + 1, &size, NULL, &p.note, e);

	if (found <= 0 || size != r->seq + 1)
		return found < 0 ? -1 : 0;
	if (log_leaf(db, r->seq, &leaf, &leaf_len, e) < 0 || log_body(db, r->seq, &body, &body_len, salt, e) <= 0 ||
	    log_prove_inclusion(db, r->seq, size, &p.proof, e) < 0)
		return -1;
	json_put_str(extra, "leaf", leaf);
	json_put_str(extra, "body", body);
	json_put_str(extra, "salt", hex_encode(salt, SALT_SIZE, hex));
	p.extra = json_canonical(extra, &p.extra_len, e);
	if (!p.extra)
		return -1;
	text = tlog_proof_text(&p);
	json_add_str(list, text);
	return 1;
}

json_t *succession_make(struct db *db, const char *origin, uint64_t size, struct err *e)
{
	_json_ json_t *list = json_array();
	struct rotation r;
	uint64_t seq = 0;
	int found;

	while ((found = rotation_from(db, origin, seq, &r, e)) > 0 && r.seq < size) {
		int added = add_step(db, &r, list, e);

		if (added < 0)
			return NULL;
		if (added == 0)
			json_array_clear(list); // what follows stands for itself
		seq = r.seq + 1;
	}
	return found < 0 ? NULL : steal_ptr(list);
}

// --- reading ---------------------------------------------------------------------------------------------------------

static int read_keys(const json_t *leaf, const json_t *extra, struct rotation *out, struct err *e)
{
	const char *body = json_str(extra, "body");
	char hex[2 * DIGEST_SIZE + 1];
	uint8_t salt[SALT_SIZE];
	_json_ json_t *keys = NULL;
	struct digest commitment;
	struct entry entry;

	if (entry_read(leaf, &entry, e) < 0)
		return -1;
	if (strcmp(entry.type, "key.rotated") != 0 || hex_decode(json_str(extra, "salt"), salt, SALT_SIZE) < 0)
		return err_set(e, EX_DATAERR, "it is no key.rotated with a body and its salt");
	commitment = body_commitment(salt, body, strlen(body));
	if (strcmp(hex_encode(commitment.bytes, DIGEST_SIZE, hex), json_str(leaf, "body")) != 0)
		return err_set(e, EX_DATAERR, "its body is not the one that the leaf commits to");
	keys = json_read(body, strlen(body), e);
	out->seq = entry.seq;
	if (!keys || note_key_read(json_str(keys, "old"), &out->old, e) < 0)
		return -1;
	return note_key_read(json_str(keys, "new"), &out->next, e);
}

// Both keys vouch for the first head with the entry in it, and the old one with it for all before.
static int check_step(const struct tlog_proof *p, const char *leaf, const struct rotation *r, struct err *e)
{
	struct checkpoint head;

	if (r->seq != p->index)
		return err_set(e, EX_DATAERR, "the entry is of another number than its proof");
	if (tlog_proof_check(p, leaf, strlen(leaf), &r->old, &head, e) < 0 ||
	    tlog_proof_check(p, leaf, strlen(leaf), &r->next, NULL, e) < 0)
		return -1;
	if (head.size != r->seq + 1)
		return err_set(e, EX_DATAERR, "its head is not the first one with the entry in it");
	return 0;
}

static int read_step(const char *text, struct rotation *out, struct err *e)
{
	static const struct json_key keys[] = {
		{ "body", 'S', LEAF_MAX }, { "leaf", 'S', LEAF_MAX }, { "salt", 'S', 2 * SALT_SIZE }, { 0 }
	};
	_tlog_proof_ struct tlog_proof p = { .index = 0 };
	_json_ json_t *extra = NULL, *leaf = NULL;
	const char *leaf_text;

	if (tlog_proof_read(text, strlen(text), &p, e) < 0)
		return -1;
	if (!p.extra)
		return err_set(e, EX_DATAERR, "the entry is not in it");
	extra = json_read(p.extra, p.extra_len, e);
	if (!extra || json_check(extra, keys, "its extra line", e) < 0)
		return -1;
	leaf_text = json_str(extra, "leaf");
	leaf = json_read(leaf_text, strlen(leaf_text), e);
	if (!leaf || read_keys(leaf, extra, out, e) < 0)
		return -1;
	return check_step(&p, leaf_text, out, e);
}

int succession_read(const json_t *list, struct epochs *out, struct err *e)
{
	const json_t *text;
	size_t i;

	out->count = 0;
	json_array_foreach(list, i, text) {
		struct rotation r;

		if (!json_is_string(text) || read_step(json_string_value(text), &r, e) < 0 ||
		    epochs_add(out, &r.old, &r.next, r.seq, e) < 0) {
			e->code = EX_DATAERR;
			return err_prefix(e, "the proof of the log's change of keys, number %zu", i + 1);
		}
	}
	return 0;
}
