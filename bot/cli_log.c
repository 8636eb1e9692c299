// SPDX-License-Identifier: Apache-2.0
// `log head` and `log verify`, and which verbs are below `log`: from the database, with no help of the core.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/heads.h"
#include "bot/seals.h"
#include "store/checkpoints.h"
#include "store/cosignatures.h"
#include "store/log.h"
#include "store/verify.h"

json_t *cli_log_head(uint64_t size, const struct digest *root)
{
	json_t *head = json_object();
	char hex[2 * DIGEST_SIZE + 1];

	json_put_int(head, "size", (int64_t)size);
	json_put_str(head, "root", hex_encode(root->bytes, DIGEST_SIZE, hex));
	return head;
}

// A checkpoint with what witnesses wrote under it.
static int with_cosignatures(struct db *db, uint64_t size, char **note, struct err *e)
{
	_buf_ struct buf text = BUF(NOTE_MAX);
	_json_ json_t *list = cosignatures_of(db, size, e);
	const json_t *line;
	size_t i;

	if (!list)
		return -1;
	buf_puts(&text, *note);
	json_array_foreach(list, i, line)
		buf_puts(&text, json_str(line, "line"));
	if (text.full)
		return 0;
	free(*note);
	*note = buf_steal(&text);
	return 0;
}

// Now, with the newest checkpoint; or as it was at a size, with the checkpoint of that size.
static json_t *head_at(struct db *db, const uint64_t *size, struct err *e)
{
	struct digest root = log_root(db);
	_free_ char *note = NULL;
	uint64_t found = 0;
	json_t *view;

	if (size && *size > log_size(db)) {
		err_set(e, EX_NOINPUT, "the log has %llu entries, not %llu", (unsigned long long)log_size(db),
		        (unsigned long long)*size);
		return NULL;
	}
	if ((size && log_root_at(db, *size, &root, e) < 0) ||
	    checkpoint_last(db, size ? *size : UINT64_MAX, &found, NULL, &note, e) < 0)
		return NULL;
	if (size && found != *size)
		free(steal_ptr(note));
	if (note && with_cosignatures(db, found, &note, e) < 0)
		return NULL;
	view = cli_log_head(size ? *size : log_size(db), &root);
	json_put_str(view, "checkpoint", note);
	return view;
}

static int head(const struct cli *c, const struct config *config, const uint64_t *size)
{
	struct err e = { 0 };
	_db_ struct db *db = db_open(config->state, DB_READ, &e);
	_json_ json_t *view = db ? head_at(db, size, &e) : NULL;
	const char *note = json_str(view, "checkpoint");
	_free_ char *text = NULL;

	if (!view)
		return cli_fail(&e);
	text = text_format("%lld entries, root %s%s%s", (long long)json_int(view, "size"), json_str(view, "root"),
	                   *note ? "\n\n" : "", note);
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

static char *signature_words(const struct heads_result *heads)
{
	unsigned long long count = heads->count;

	if (count == 0)
		return text_copy("No checkpoint is signed yet.");
	if (heads->unchecked)
		return text_format("%llu checkpoints; their signatures were NOT checked: %s.", count, heads->why.text);
	if (heads->earlier)
		return text_format(
		        "%llu checkpoints, each signed by the log's key but for %llu of its earlier origin, whose "
		        "signatures were NOT checked.",
		        count, (unsigned long long)heads->earlier);
	if (heads->unintroduced)
		log_warning("the head with which a key was introduced is not kept, for %llu of %llu keys; nothing but "
		            "the log's own entries vouches for them",
		            (unsigned long long)heads->unintroduced, (unsigned long long)heads->keys);
	if (heads->keys > 1)
		return text_format(
		        "%llu checkpoints, each signed by the one of the log's %llu keys that counts at its size.",
		        count, (unsigned long long)heads->keys);
	return text_format("%llu checkpoints, each signed by the log's key.", count);
}

// The log by itself, whatever its length: little more than reading and hashing.
static int verify_tree(const struct cli *c, const struct config *config)
{
	struct verify_result r = { 0 };
	struct heads_result heads = { 0 };
	struct err e = { 0 };
	int failed = log_verify_tree(config->state, &r, &e) < 0 || heads_check(config, &heads, &e) < 0;
	_json_ json_t *view = cli_log_head(r.entries, &r.root);
	_free_ char *text = NULL, *signatures = NULL;

	if (c->json) {
		json_put_bool(view, "ok", failed == 0);
		json_put_int(view, "checkpoints", (int64_t)heads.count);
		json_put_bool(view, "signatures", !failed && !heads.unchecked);
		json_put_int(view, "nodes", (int64_t)r.nodes);
		if (failed)
			json_put_str(view, "problem", e.text);
		cli_print_json(view);
		return failed ? e.code : 0;
	}
	if (failed)
		return cli_fail(&e);
	signatures = signature_words(&heads);
	text = text_format(
	        "The tree is whole: %llu entries, %llu tree hashes. Tables and evidence were not looked at.\n"
	        "%s\n"
	        "Root %s",
	        (unsigned long long)r.entries, (unsigned long long)r.nodes, signatures, json_str(view, "root"));
	return cli_print(text);
}

static int verify(const struct cli *c, const struct config *config)
{
	struct verify_result r = { 0 };
	struct heads_result heads = { 0 };
	struct err e = { 0 };
	_free_ char *stamps = NULL;
	int failed = log_verify(config->state, &r, &e) < 0 || heads_check(config, &heads, &e) < 0 ||
	             verify_seals(config, &e) < 0 || cli_log_check_stamps(config, &stamps, &e) < 0;
	_json_ json_t *view = cli_log_head(r.entries, &r.root);
	_free_ char *text = NULL, *signatures = NULL, *erased = NULL;

	if (c->json) {
		json_put_bool(view, "ok", failed == 0);
		json_put_int(view, "checkpoints", (int64_t)heads.count);
		json_put_bool(view, "signatures", !failed && !heads.unchecked);
		json_put_int(view, "nodes", (int64_t)r.nodes);
		json_put_int(view, "rows", (int64_t)r.rows);
		json_put_int(view, "evidence", (int64_t)r.evidence);
		json_put_int(view, "erased", (int64_t)r.erased);
		if (failed)
			json_put_str(view, "problem", e.text);
		cli_print_json(view);
		return failed ? e.code : 0;
	}
	if (failed)
		return cli_fail(&e);
	signatures = signature_words(&heads);
	erased = r.erased ? text_format(" (%llu of them erased, by entries that say so)", (unsigned long long)r.erased)
	                  : text_copy("");
	text = text_format(
	        "The log is whole: %llu entries%s, %llu tree hashes, %llu rows replayed, %llu pieces of evidence.\n"
	        "%s\n"
	        "%s"
	        "Root %s",
	        (unsigned long long)r.entries, erased, (unsigned long long)r.nodes, (unsigned long long)r.rows,
	        (unsigned long long)r.evidence, signatures, stamps ? stamps : "", json_str(view, "root"));
	return cli_print(text);
}

static int usage(void)
{
	return cli_usage("log head [SIZE] | log head --timestamp FILE | log verify [--tree | --against FILE] |\n"
	                 "       log prove SEQ | log prove CASE DIR | log prove --since FILE | log continues LAST FILE "
	                 "[--key VKEY] |\n"
	                 "       log verify-receipt FILE [--key VKEY] [--later FILE] | log verify-bundle DIR|FILE.tar "
	                 "[--key VKEY] |\n"
	                 "       log export DIR | log rotate [--finish] | log mark FILE");
}

static int run(const struct cli *c, const struct config *config)
{
	const char *verb = c->arguments[0];
	uint64_t size;

	if (strcmp(verb, "head") == 0 && c->count == 1)
		return head(c, config, NULL);
	if (strcmp(verb, "head") == 0 && c->count == 2 &&
	    text_decimal(c->arguments[1], strlen(c->arguments[1]), &size) == 0)
		return head(c, config, &size);
	if (strcmp(verb, "head") == 0 && c->count == 3 && strcmp(c->arguments[1], "--timestamp") == 0 &&
	    *c->arguments[2])
		return cli_log_timestamp(c, config);
	if (strcmp(verb, "verify") == 0 && c->count == 1)
		return verify(c, config);
	if (strcmp(verb, "verify") == 0 && c->count == 2 && strcmp(c->arguments[1], "--tree") == 0)
		return verify_tree(c, config);
	if (strcmp(verb, "verify") == 0 && c->count == 3 && strcmp(c->arguments[1], "--against") == 0 &&
	    *c->arguments[2])
		return cli_log_against(c, config);
	if (strcmp(verb, "prove") == 0)
		return cli_log_prove(c, config);
	if (strcmp(verb, "mark") == 0)
		return cli_log_mark(c, config);
	if (strcmp(verb, "export") == 0)
		return cli_log_export(c, config);
	if (strcmp(verb, "rotate") == 0)
		return cli_log_rotate(c, config);
	return usage();
}

int cli_log(const struct cli *c)
{
	static const char *const verbs[] = { "head", "verify", "prove", "mark", "export", "rotate" };
	_config_ struct config config = { 0 };
	struct err e = { 0 };

	if (c->count > 0 && strcmp(c->arguments[0], "verify-receipt") == 0)
		return cli_log_verify_receipt(c);
	if (c->count > 0 && strcmp(c->arguments[0], "verify-bundle") == 0)
		return cli_log_verify_bundle(c);
	if (c->count > 0 && strcmp(c->arguments[0], "continues") == 0)
		return cli_log_continues(c);
	for (size_t i = 0; c->count > 0 && i < LENGTH(verbs); i++)
		if (strcmp(c->arguments[0], verbs[i]) == 0)
			return config_load(c->config, &config, &e) < 0 ? cli_fail(&e) : run(c, &config);
	return usage();
}
