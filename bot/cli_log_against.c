// SPDX-License-Identifier: Apache-2.0
// `log verify --against`: does today's log continue a checkpoint that somebody kept?
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/kept.h"
#include "store/log.h"

struct against {
	struct kept kept;
	enum kept_verdict verdict;
	bool unchecked;
	struct err unchecked_why;
	uint64_t size; // of today's log
	struct digest root;
};

static int judge(struct against *a, const struct config *config, const char *path, struct err *e)
{
	_db_ struct db *db = NULL;

	if (kept_read(path, &a->kept, e) < 0 ||
	    kept_judge_signature(&a->kept, config, &a->verdict, &a->unchecked, e) < 0)
		return -1;
	if (a->verdict != KEPT_HOLDS)
		return 0;
	a->unchecked_why = *e;
	db = db_open(config->state, DB_READ, e);
	if (!db)
		return -1;
	a->size = log_size(db);
	a->root = log_root(db);
	return kept_judge(&a->kept, db, &a->verdict, e);
}

static int print_json(const struct against *a, const struct err *e)
{
	_json_ json_t *view = cli_log_head(a->size, &a->root);

	json_put(view, "kept", cli_log_head(a->kept.head.size, &a->kept.head.root));
	json_put_str(view, "origin", a->kept.head.origin);
	json_put_bool(view, "ok", a->verdict == KEPT_HOLDS);
	json_put_str(view, "verdict", kept_word(a->verdict));
	json_put_bool(view, "signature", !a->unchecked && a->verdict != KEPT_UNSIGNED);
	if (a->unchecked)
		json_put_str(view, "unchecked", a->unchecked_why.text);
	if (a->verdict != KEPT_HOLDS)
		json_put_str(view, "problem", e->text);
	return cli_print_json(view);
}

static int print_words(const struct against *a)
{
	_free_ char *signature = a->unchecked ? text_format("Its signature was NOT checked: %s.", a->unchecked_why.text)
	                                      : text_copy("It is signed by the log's key.");
	_free_ char *text = text_format("%s has %llu entries of the log %s; today's log, of %llu, continues it.\n%s",
	                                a->kept.name, (unsigned long long)a->kept.head.size, a->kept.head.origin,
	                                (unsigned long long)a->size, signature);

	return cli_print(text);
}

static int report(const struct cli *c, const struct against *a, const struct err *e)
{
	int printed = c->json ? print_json(a, e) : 0;

	if (a->verdict == KEPT_HOLDS)
		return c->json ? printed : print_words(a);
	return c->json ? e->code : cli_fail(e);
}

int cli_log_against(const struct cli *c, const struct config *config)
{
	struct against a = { 0 };
	struct err e = { 0 };
	int code;

	code = judge(&a, config, c->arguments[2], &e) < 0 ? cli_fail(&e) : report(c, &a, &e);
	kept_free(&a.kept);
	return code;
}
