// SPDX-License-Identifier: Apache-2.0
// `log prove`: that entries are in the log, and that the log continues a checkpoint that somebody kept.
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/continuation.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/staging.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/kept.h"
#include "bot/log_key.h"
#include "bot/receipt.h"
#include "store/checkpoints.h"
#include "store/log.h"

#define USAGE "log prove SEQ | log prove CASE DIR | log prove --since FILE"

// What the proof of an entry needs.
struct proving {
	struct db *db;
	struct note_key key;
	bool known; // the key is
};

static int begin(struct proving *p, const struct config *config, struct err *e)
{
	struct err why = { 0 };
	int known;

	p->db = db_open(config->state, DB_READ, e);
	if (!p->db)
		return -1;
	known = log_key_find(config, &p->key, &why);
	if (known < 0) {
		*e = why;
		return -1;
	}
	p->known = known > 0;
	if (!p->known)
		log_warning("the log's key is not named, nor the signature checked: %s", why.text);
	return 0;
}

static char *prove(struct proving *p, uint64_t seq, struct err *e)
{
	return receipt_make(p->db, seq, p->known ? &p->key : NULL, e);
}

// --- an entry, a case ----------------------------------------------------------------------------------------------

static int prove_entry(const struct cli *c, struct proving *p, uint64_t seq)
{
	struct err e = { 0 };
	_free_ char *text = prove(p, seq, &e);
	_json_ json_t *view = NULL;

	if (!text)
		return cli_fail(&e);
	if (!c->json)
		return cli_print(text);
	view = json_object();
	json_put_int(view, "entry", (int64_t)seq);
	json_put_str(view, "proof", text);
	return cli_print_json(view);
}

static int write_entry(struct proving *p, const struct staging *s, uint64_t seq, struct err *e)
{
	_free_ char *text = prove(p, seq, e);
	_free_ char *name = text_format("%llu.tlog-proof", (unsigned long long)seq);

	return text ? staging_write(s, name, text, strlen(text), e) : -1;
}

// How many files; -1 on error.
static int write_case(struct proving *p, const char *id, const char *dir, struct err *e)
{
	_staging_ struct staging s = { 0 };
	_json_ json_t *entries = log_history(p->db, id, e);
	json_t *entry;
	size_t i;

	if (!entries)
		return -1;
	if (json_array_size(entries) == 0)
		return err_set(e, EX_NOINPUT, "there is no case %s", id);
	if (staging_begin(dir, &s, e) < 0)
		return -1;
	json_array_foreach(entries, i, entry)
		if (write_entry(p, &s, (uint64_t)json_int(entry, "seq"), e) < 0)
			return -1;
	return staging_commit(&s, e) < 0 ? -1 : (int)json_array_size(entries);
}

static int prove_case(const struct cli *c, struct proving *p)
{
	const char *id = c->arguments[1], *dir = c->arguments[2];
	struct err e = { 0 };
	int count = write_case(p, id, dir, &e);
	_json_ json_t *view = NULL;
	_free_ char *text = NULL;

	if (count < 0)
		return cli_fail(&e);
	if (!c->json) {
		text = text_format("%s: the proofs of %d entries of %s", dir, count, id);
		return cli_print(text);
	}
	view = json_object();
	json_put_str(view, "case", id);
	json_put_str(view, "dir", dir);
	json_put_int(view, "entries", count);
	return cli_print_json(view);
}

// --- since a checkpoint --------------------------------------------------------------------------------------------

struct since {
	uint64_t size;
	struct digest root;
	char *note;
	struct proof proof;
};

// The kept checkpoint must be the beginning of what is proven, or the proof would prove nothing.
static int prove_since(struct db *db, const struct kept *k, struct since *out, struct err *e)
{
	int found = checkpoint_last(db, UINT64_MAX, &out->size, &out->root, &out->note, e);
	enum kept_verdict verdict;

	if (found < 0 || kept_judge(k, db, &verdict, e) < 0)
		return -1;
	if (verdict != KEPT_HOLDS)
		return -1;
	if (!found || out->size < k->head.size)
		return err_set(e, EX_TEMPFAIL, "no checkpoint as new as %s is signed yet", k->name);
	if (log_prove_consistency(db, k->head.size, out->size, &out->proof, e) < 0)
		return -1;
	if (!proof_is_consistent(&out->proof, k->head.size, &k->head.root, out->size, &out->root))
		return err_set(e, EX_DATAERR, "the log's stored hashes do not lead from %s to its newest checkpoint",
		               k->name);
	return 0;
}

static int print_since(const struct cli *c, const struct kept *k, const struct since *s)
{
	_free_ char *text = continuation_text(k->head.size, &s->proof, s->note);
	_json_ json_t *view = NULL, *hashes = json_array();

	if (!c->json)
		return cli_print(text);
	for (size_t i = 0; i < s->proof.count; i++) {
		_free_ char *hash = base64_encode(s->proof.hash[i].bytes, DIGEST_SIZE);

		json_add_str(hashes, hash);
	}
	view = cli_log_head(s->size, &s->root);
	json_put_int(view, "old", (int64_t)k->head.size);
	json_put(view, "proof", json_incref(hashes));
	json_put_str(view, "checkpoint", s->note);
	return cli_print_json(view);
}

static int since(const struct cli *c, const struct config *config, const char *path)
{
	_kept_ struct kept kept = { 0 };
	_db_ struct db *db = NULL;
	struct since s = { 0 };
	enum kept_verdict verdict;
	bool unchecked;
	struct err e = { 0 };
	int code;

	if (kept_read(path, &kept, &e) < 0 || kept_judge_signature(&kept, config, &verdict, &unchecked, &e) < 0 ||
	    verdict != KEPT_HOLDS)
		return cli_fail(&e);
	if (unchecked)
		log_warning("the signature of %s was not checked: %s", path, e.text);
	db = db_open(config->state, DB_READ, &e);
	code = !db || prove_since(db, &kept, &s, &e) < 0 ? cli_fail(&e) : print_since(c, &kept, &s);
	free(s.note);
	return code;
}

int cli_log_prove(const struct cli *c, const struct config *config)
{
	struct proving p = { 0 };
	struct err e = { 0 };
	uint64_t seq;
	int code;

	if (c->count == 3 && strcmp(c->arguments[1], "--since") == 0 && *c->arguments[2])
		return since(c, config, c->arguments[2]);
	if (c->count < 2 || c->count > 3 || text_starts(c->arguments[1], "--") || !*c->arguments[c->count - 1])
		return cli_usage(USAGE);
	if (c->count == 2 && text_decimal(c->arguments[1], strlen(c->arguments[1]), &seq) < 0)
		return cli_usage(USAGE);
	if (begin(&p, config, &e) < 0)
		code = cli_fail(&e);
	else
		code = c->count == 2 ? prove_entry(c, &p, seq) : prove_case(c, &p);
	db_close(&p.db);
	return code;
}
