// SPDX-License-Identifier: Apache-2.0
// `export CASE DIR|FILE.tar`: one case as a bundle.
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/bundle.h"
#include "bot/cli.h"
#include "bot/grammar.h"
#include "bot/log_key.h"
#include "store/checkpoints.h"
#include "store/log.h"

#define USAGE "export CASE DIR|FILE.tar"
#define SIGNED_WITHIN 10000 // ms until the entry of the question itself is under a checkpoint
#define LOOK_AGAIN 50       // ms

static bool is_tar(const char *path)
{
	size_t len = strlen(path);

	return len > strlen(".tar") && strcmp(path + len - strlen(".tar"), ".tar") == 0;
}

// A desk signs what it appends within a moment.
static int wait_for_head(const struct config *config, int64_t entry, struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);

	if (!db)
		return -1;
	for (int waited = 0; waited < SIGNED_WITHIN; waited += LOOK_AGAIN) {
		uint64_t size = 0;
		int found = checkpoint_last(db, UINT64_MAX, &size, NULL, NULL, e);

		if (found < 0)
			return -1;
		if (found && size > (uint64_t)entry)
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = LOOK_AGAIN * 1000000L }, NULL);
	}
	return err_set(e, EX_TEMPFAIL, "entry %lld is not under a signed checkpoint after %d s: is the signer running?",
	               (long long)entry, SIGNED_WITHIN / 1000);
}

static int find_key(const struct config *config, struct note_key *key, struct err *e)
{
	int known = log_key_find(config, key, e);

	if (known == 0)
		log_warning("the log's key is not in the bundle, nor the signature checked: %s", e->text);
	return known;
}

// The log is opened again: as it stands now, not as it stood before the question was noted.
static int write_bundle(const struct config *config, const char *case_id, int64_t entry, const char *path,
                        struct bundled *out, struct err *e)
{
	_db_ struct db *db = NULL;
	struct note_key key;
	int known = find_key(config, &key, e);
	uint64_t last = entry < 0 ? UINT64_MAX : (uint64_t)entry;

	if (known < 0 || (entry >= 0 && wait_for_head(config, entry, e) < 0))
		return -1;
	db = db_open(config->state, DB_READ, e);
	if (!db)
		return -1;
	return (is_tar(path) ? bundle_to_tar : bundle_to_folder)(db, case_id, last, known ? &key : NULL, path, out, e);
}

// Before the question is on record: is there such a case, is its log signed, and would anything of anybody's be
// overwritten?
static int look(const struct config *config, const char *asked, const char *path, char case_id[CASE_ID_SIZE],
                struct err *e)
{
	_db_ struct db *db = NULL;
	uint64_t entries;
	struct stat st;
	int signed_heads;

	if (case_id_parse(asked, config->cases, case_id) < 0)
		return err_set(e, EX_USAGE, "'%.40s' is no case id; they look like %s-12", asked, config->cases);
	if (lstat(path, &st) == 0)
		return err_set(e, EX_CANTCREAT, "%s is there already", path);
	db = db_open(config->state, DB_READ, e);
	if (!db || log_count(db, case_id, &entries, e) < 0)
		return -1;
	if (entries == 0) // one that was erased has its entries
		return err_set(e, EX_NOINPUT, "there is no case %s", case_id);
	signed_heads = checkpoint_last(db, UINT64_MAX, NULL, NULL, NULL, e);
	if (signed_heads < 0)
		return -1;
	if (!signed_heads)
		return err_set(e, EX_TEMPFAIL,
		               "no head of this log is signed yet, and a bundle needs one: see log.key in "
		               "countersign.yaml(5)");
	return 0;
}

static int tell(const struct cli *c, const char *case_id, const char *path, const struct bundled *b)
{
	_json_ json_t *view = json_object();
	_free_ char *text = NULL;
	char hex[2 * DIGEST_SIZE + 1];

	hex_encode(b->sha256.bytes, DIGEST_SIZE, hex);
	if (!c->json) {
		text = text_format("%s: %s, %zu %s and %zu %s of evidence\n"
		                   "SHA-256 %s%s\n"
		                   "Whoever gets it checks it with 'countersign log verify-bundle %s'.",
		                   path, case_id, b->entries, b->entries == 1 ? "entry" : "entries", b->evidence,
		                   b->evidence == 1 ? "piece" : "pieces", hex, is_tar(path) ? "" : " of SHA256SUMS",
		                   path);
		return cli_print(text);
	}
	json_put_str(view, "case", case_id);
	json_put_str(view, "path", path);
	json_put_int(view, "entries", (int64_t)b->entries);
	json_put_int(view, "evidence", (int64_t)b->evidence);
	json_put_str(view, "sha256", hex);
	return cli_print_json(view);
}

int cli_export(const struct cli *c)
{
	_config_ struct config config;
	struct err e = { 0 };
	char case_id[CASE_ID_SIZE];
	struct bundled bundled;
	const char *path;

	if (c->count != 2 || !*c->arguments[0] || !*c->arguments[1] || text_starts(c->arguments[1], "--"))
		return cli_usage(USAGE);
	path = c->arguments[1];
	if (config_load(c->config, &config, &e) < 0 || look(&config, c->arguments[0], path, case_id, &e) < 0 ||
	    write_bundle(&config, case_id, cli_note(&config, "export", case_id, NULL), path, &bundled, &e) < 0)
		return cli_fail(&e);
	return tell(c, case_id, path, &bundled);
}
