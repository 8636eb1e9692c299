// SPDX-License-Identifier: Apache-2.0
// `log rotate`: introduces the key in log.next, and waits for the head that both keys sign.  `log rotate --finish`:
// destroys the old key once that head is kept.
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/seed_file.h"
#include "store/checkpoints.h"
#include "store/rotations.h"

#define USAGE "log rotate [--finish]"
#define PATIENCE (10 * CLOCK_SECOND)
#define LOOK_EVERY 50000 // us

// Is the head kept that both keys signed?  1, 0, or -1.
static int introduced(struct db *db, const struct rotation *r, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	_free_ char *text = NULL;
	uint64_t size;
	int found = checkpoint_last(db, r->seq + 1, &size, NULL, &text, e);

	if (found <= 0 || size != r->seq + 1)
		return found < 0 ? -1 : 0;
	if (note_read(text, strlen(text), &note, e) < 0)
		return err_prefix(e, "the checkpoint of size %llu", (unsigned long long)size);
	return note_is_signed(&note, &r->old, NULL) && note_is_signed(&note, &r->next, NULL);
}

static int find(const struct config *config, struct db **db, struct rotation *r, struct err *e)
{
	int found;

	*db = db_open(config->state, DB_READ, e);
	found = *db ? rotation_last(*db, config->log_origin, r, e) : -1;
	if (found == 0)
		return err_set(e, EX_NOINPUT, "the log's key was never changed: 'countersign log rotate' does it");
	return found;
}

// --- the introduction ------------------------------------------------------------------------------------------------

static int await(const struct config *config, uint64_t seq, struct err *e)
{
	int64_t end = clock_monotonic() + PATIENCE;

	for (;;) {
		_db_ struct db *db = NULL;
		struct rotation r;
		int there = find(config, &db, &r, e);

		if (there > 0)
			there = r.seq == seq ? introduced(db, &r, e) : 0;
		if (there != 0 || clock_monotonic() >= end)
			return there;
		usleep(LOOK_EVERY);
	}
}

static int tell_refused(const struct cli *c, const json_t *answer)
{
	const char *next = json_str(answer, "next");
	struct err e = { 0 };
	int code;

	if (c->json) {
		code = cli_print_json(answer);
		return code ? code : (int)json_int(answer, "exit");
	}
	err_set(&e, (int)json_int(answer, "exit"), "%s%s%s", json_str(answer, "text"), *next ? " " : "", next);
	return cli_fail(&e);
}

static int tell_introduced(const struct cli *c, json_t *answer, bool signed_by_both)
{
	long long entry = json_int(answer, "entry");
	_free_ char *text = NULL;
	int code;

	if (c->json) {
		json_put_bool(answer, "signed", signed_by_both);
		code = cli_print_json(answer);
		return code ? code : signed_by_both ? 0 : EX_TEMPFAIL;
	}
	text = signed_by_both
	               ? text_format(
	                         "Entry %lld introduces the key\n\n%s\n\n"
	                         "The head of %lld entries is signed by both keys, and kept; larger heads count under "
	                         "the new key alone.\n"
	                         "Publish the new key beside the old one, tell the witnesses, and destroy the old "
	                         "one: countersign log rotate --finish",
	                         entry, json_str(answer, "key"), entry + 1)
	               : text_format(
	                         "Entry %lld introduces the key\n\n%s\n\n"
	                         "The head of %lld entries is NOT signed by both keys yet: leave both where they are, "
	                         "and look at 'countersign status'.",
	                         entry, json_str(answer, "key"), entry + 1);
	code = cli_print(text);
	return code ? code : signed_by_both ? 0 : EX_TEMPFAIL;
}

static int introduce(const struct cli *c, const struct config *config)
{
	json_t *request = json_object();
	_json_ json_t *answer = NULL;
	struct err e = { 0 };
	int there;

	json_put_str(request, "verb", "rotate");
	answer = cli_request(config->run, request, -1, &e);
	if (!answer)
		return cli_fail(&e);
	if (!json_bool(answer, "ok"))
		return tell_refused(c, answer);
	there = await(config, (uint64_t)json_int(answer, "entry"), &e);
	return there < 0 ? cli_fail(&e) : tell_introduced(c, answer, there);
}

// --- the end of the old key ------------------------------------------------------------------------------------------

static int destroy(const struct config *config, const struct rotation *r, struct err *e)
{
	_free_ char *path = NULL, *next_path = NULL;

	if (!config->log_key || !text_starts(config->log_key, "file:") || !config->log_next ||
	    !text_starts(config->log_next, "file:"))
		return err_set(
		        e, EX_CONFIG,
		        "it is safe to destroy the old key, but log.key and log.next are not both files (file:PATH) "
		        "that can be replaced here; countersign-log(7) says how it is done with credentials");
	path = secret_path(config->log_key, config->dir, e);
	next_path = path ? secret_path(config->log_next, config->dir, e) : NULL;
	return next_path ? seed_file_replace(path, next_path, &r->old, &r->next, e) : -1;
}

static int finish(const struct cli *c, const struct config *config)
{
	_db_ struct db *db = NULL;
	_free_ char *text = NULL, *key = NULL;
	_json_ json_t *view = NULL;
	struct rotation r;
	struct err e = { 0 };
	int there;

	if (find(config, &db, &r, &e) < 0)
		return cli_fail(&e);
	there = introduced(db, &r, &e);
	if (there == 0)
		err_set(&e, EX_TEMPFAIL,
		        "no head of %llu entries is kept that both keys signed: the old key is still needed, see "
		        "'countersign status'",
		        (unsigned long long)r.seq + 1);
	if (there <= 0 || destroy(config, &r, &e) < 0)
		return cli_fail(&e);
	key = note_key_text(&r.next);
	if (c->json) {
		view = json_object();
		json_put_int(view, "entry", (int64_t)r.seq);
		json_put_str(view, "key", key);
		return cli_print_json(view);
	}
	text = text_format("The old key is overwritten and removed; %s, under log.key, has the new one,\n\n%s\n\n"
	                   "Destroy the copies of the old one, too: in backups, and wherever it was put.",
	                   config->log_key, key);
	return cli_print(text);
}

int cli_log_rotate(const struct cli *c, const struct config *config)
{
	if (c->count == 2 && strcmp(c->arguments[1], "--finish") == 0)
		return finish(c, config);
	return c->count == 1 ? introduce(c, config) : cli_usage(USAGE);
}
