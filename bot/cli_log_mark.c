// SPDX-License-Identifier: Apache-2.0
// `log mark`: a signer that lost its mark is told how far it had signed, by a checkpoint that somebody kept.  Without a
// mark it would sign whatever log it is given first.
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/kept.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/restore.h"
#include "store/restored.h"

static int check_signature(const struct config *config, const struct kept *k, struct err *e)
{
	enum kept_verdict verdict;
	bool unchecked;

	if (kept_judge_signature(k, config, &verdict, &unchecked, e) < 0 || verdict != KEPT_HOLDS)
		return -1;
	return unchecked ? err_prefix(e, "the signature of %s cannot be checked", k->name) : 0;
}

static int check_size(const struct kept *k, struct db *db, struct err *e)
{
	enum kept_verdict verdict;
	uint64_t newest;
	int found;

	if (kept_judge(k, db, &verdict, e) < 0 || verdict != KEPT_HOLDS)
		return -1;
	found = checkpoint_last(db, UINT64_MAX, &newest, NULL, NULL, e);
	if (found < 0)
		return -1;
	if (found && newest > k->head.size)
		return err_set(e, EX_DATAERR, "%s has %llu entries, but the signer had signed %llu: take a newer one",
		               k->name, (unsigned long long)k->head.size, (unsigned long long)newest);
	return 0;
}

static int last_time(struct db *db, uint64_t size, int64_t *time, struct err *e)
{
	_json_ json_t *entry = size ? log_entry(db, size - 1, e) : NULL;

	if (!entry)
		return -1;
	return clock_parse(json_str(entry, "time"), time);
}

static int write_mark(const struct config *config, const struct kept *k, char **path, struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);
	_free_ char *name = db ? restored_mark(db, e) : NULL;
	int64_t time;

	if (!name || check_size(k, db, e) < 0 || last_time(db, k->head.size, &time, e) < 0)
		return -1;
	*path = path_join(config->state, name);
	if (access(*path, F_OK) == 0)
		return err_set(e, EX_CANTCREAT, "the signer has a mark, %s: move it away first", *path);
	return restore_mark_write(*path, k->head.size, &k->head.root, time, e);
}

int cli_log_mark(const struct cli *c, const struct config *config)
{
	_kept_ struct kept kept = { 0 };
	_close_ int lock = -1;
	_free_ char *path = NULL, *text = NULL;
	_json_ json_t *view = NULL;
	struct err e = { 0 };

	if (c->count != 2 || !*c->arguments[1])
		return cli_usage("log mark FILE");
	if (kept_read(c->arguments[1], &kept, &e) < 0 || check_signature(config, &kept, &e) < 0 ||
	    cli_become_owner(config->state, &e) < 0 || (lock = db_lock(config->state, &e)) < 0 ||
	    write_mark(config, &kept, &path, &e) < 0)
		return cli_fail(&e);
	view = cli_log_head(kept.head.size, &kept.head.root);
	json_put_str(view, "mark", path);
	if (c->json)
		return cli_print_json(view);
	text = text_format("%s: the signer had signed %llu entries, root %s. Start the desk.", path,
	                   (unsigned long long)kept.head.size, json_str(view, "root"));
	return cli_print(text);
}
