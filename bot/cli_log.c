// SPDX-License-Identifier: Apache-2.0
// `log head` and `log verify`: from the database, with no help of the core.
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/config.h"
#include "bot/seals.h"
#include "store/log.h"
#include "store/verify.h"

static json_t *head_of(uint64_t size, const struct digest *root)
{
	json_t *head = json_object();
	char hex[2 * DIGEST_SIZE + 1];

	json_put_int(head, "size", (int64_t)size);
	json_put_str(head, "root", hex_encode(root->bytes, DIGEST_SIZE, hex));
	return head;
}

static int head(const struct cli *c, const struct config *config)
{
	struct err e = { 0 };
	_db_ struct db *db = db_open(config->state, DB_READ, &e);
	_json_ json_t *view = NULL;
	_free_ char *text = NULL;
	struct digest root;

	if (!db)
		return cli_fail(&e);
	root = log_root(db);
	view = head_of(log_size(db), &root);
	text = text_format("%lld entries, root %s", (long long)json_int(view, "size"), json_str(view, "root"));
	return c->json ? cli_print_json(view) : cli_print(text);
}

// Who may not read the token key can verify everything else.
static int verify_seals(const struct config *config, struct err *e)
{
	uint64_t unknown;

	if (seals_check(config, &unknown, e) == 0) {
		if (unknown)
			log_warning("%llu reply tokens were sealed by a key that is not in tokens.key any more",
			            (unsigned long long)unknown);
		return 0;
	}
	if (e->code == EX_DATAERR)
		return -1;
	log_warning("%s", e->text);
	return 0;
}

static int verify(const struct cli *c, const struct config *config)
{
	struct verify_result r = { 0 };
	struct err e = { 0 };
	int failed = log_verify(config->state, &r, &e) < 0 || verify_seals(config, &e) < 0;
	_json_ json_t *view = head_of(r.entries, &r.root);
	_free_ char *text = NULL;

	if (c->json) {
		json_put_bool(view, "ok", failed == 0);
		json_put_int(view, "nodes", (int64_t)r.nodes);
		json_put_int(view, "rows", (int64_t)r.rows);
		json_put_int(view, "evidence", (int64_t)r.evidence);
		if (failed)
			json_put_str(view, "problem", e.text);
		cli_print_json(view);
		return failed ? e.code : 0;
	}
	if (failed)
		return cli_fail(&e);
	text = text_format(
	        "The log is whole: %llu entries, %llu tree hashes, %llu rows replayed, %llu pieces of evidence.\n"
	        "Root %s",
	        (unsigned long long)r.entries, (unsigned long long)r.nodes, (unsigned long long)r.rows,
	        (unsigned long long)r.evidence, json_str(view, "root"));
	return cli_print(text);
}

int cli_log(const struct cli *c)
{
	_config_ struct config config = { 0 };
	struct err e = { 0 };
	bool wants_head = c->count == 1 && strcmp(c->arguments[0], "head") == 0;

	if (!wants_head && (c->count != 1 || strcmp(c->arguments[0], "verify") != 0))
		return cli_usage("log head | log verify");
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	return wants_head ? head(c, &config) : verify(c, &config);
}
