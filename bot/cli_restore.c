// SPDX-License-Identifier: Apache-2.0
// `restore`: puts the state together again, or says exactly what that would lose.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/heads.h"
#include "bot/log_key.h"
#include "store/backup.h"
#include "store/restore.h"

#define USAGE "restore DIR [--journal DIR] [--mark FILE] [--new-origin ORIGIN]"
#define TEXT_MAX (1 << 14)

struct asked {
	const char *dir, *journal, *mark, *origin;
};

static int read_arguments(const struct cli *c, struct asked *a)
{
	for (int i = 0; i < c->count; i++) {
		const char *word = c->arguments[i];
		const char **value = strcmp(word, "--journal") == 0      ? &a->journal
		                     : strcmp(word, "--mark") == 0       ? &a->mark
		                     : strcmp(word, "--new-origin") == 0 ? &a->origin
		                                                         : NULL;

		if (!value && (a->dir || text_starts(word, "-")))
			return -1;
		if (!value)
			value = &a->dir;
		else if (++i == c->count)
			return -1;
		if (!*c->arguments[i])
			return -1;
		*value = c->arguments[i];
	}
	return a->dir ? 0 : -1;
}

// --- may it be done? -------------------------------------------------------------------------------------------------

static int check_origin(const struct restore *r, const char *origin, struct err *e)
{
	if (strlen(origin) > NOTE_NAME_MAX || strpbrk(origin, " +\t\n") || !utf8_valid(origin, strlen(origin)))
		return err_set(e, EX_USAGE, "an origin is a name without spaces and '+', such as example.com/log-2");
	if (r->manifest.origin && strcmp(r->manifest.origin, origin) == 0)
		return err_set(e, EX_USAGE, "%s is the origin of the log that lost entries: a new one is needed",
		               origin);
	return 0;
}

static void say_lost(const struct restore *r, struct buf *b)
{
	switch (r->verdict) {
	case RESTORE_WHOLE:
		break;
	case RESTORE_LOST:
		buf_printf(
		        b,
		        "Entries %llu to %llu are lost (%llu of them): %s says that the log had %llu entries, backup "
		        "and journal have %llu.",
		        (unsigned long long)r->size, (unsigned long long)(r->mark.size - 1),
		        (unsigned long long)r->lost, r->mark.path, (unsigned long long)r->mark.size,
		        (unsigned long long)r->size);
		break;
	case RESTORE_FORKED:
		buf_printf(
		        b,
		        "This is another log than the one in %s: the two have other roots at size %llu. Which entries "
		        "differ cannot be told.",
		        r->mark.path, (unsigned long long)r->mark.size);
		break;
	case RESTORE_UNKNOWN:
		buf_printf(
		        b,
		        "How many entries followed entry %lld cannot be known: there is no signer's mark%s%s, and %s.",
		        (long long)r->size - 1, r->mark.known ? "" : " ", r->mark.known ? "" : r->mark.path,
		        r->why.text);
		return;
	}
	if (r->verdict != RESTORE_WHOLE && *r->why.text)
		buf_printf(b, " (Beside that, %s.)", r->why.text);
}

static int refuse_loss(const struct restore *r, struct err *e)
{
	_buf_ struct buf b = BUF(TEXT_MAX);

	say_lost(r, &b);
	return err_set(
	        e, EX_DATAERR,
	        "nothing was restored.\n%s\nLook for a newer backup, the journal (--journal DIR) or the signer's mark "
	        "(--mark FILE). If there is none, --new-origin ORIGIN goes on with what is there as another log, "
	        "which must have a name and a key of its own",
	        buf_text(&b));
}

static int may_finish(const struct restore *r, const char *origin, struct err *e)
{
	if (r->verdict == RESTORE_WHOLE)
		return origin ? err_set(e, EX_USAGE,
		                        "nothing is lost: the log goes on under its own origin, leave --new-origin out")
		              : 0;
	return origin ? check_origin(r, origin, e) : refuse_loss(r, e);
}

// Signatures of what was built, where the key is known.
static int check_heads(const struct config *config, const struct restore *r, struct err *e)
{
	struct config there = *config; // borrows all but the state
	struct heads_result heads;

	there.state = r->build;
	if (!r->manifest.origin || !config->log_origin || strcmp(config->log_origin, r->manifest.origin) != 0)
		there.log_public = there.log_key = NULL; // of another log
	there.log_origin = r->manifest.origin;
	if (heads_check(&there, &heads, e) < 0)
		return err_prefix(e, "what was put together has a bad checkpoint");
	if (heads.unchecked && heads.count)
		log_warning("the signatures of %llu checkpoints were not checked: %s", (unsigned long long)heads.count,
		            heads.why.text);
	return 0;
}

// --- saying what was done --------------------------------------------------------------------------------------------

static const char *verdict_name(enum restore_verdict verdict)
{
	switch (verdict) {
	case RESTORE_WHOLE:
		return "whole";
	case RESTORE_LOST:
		return "lost";
	case RESTORE_FORKED:
		return "forked";
	case RESTORE_UNKNOWN:
		return "unknown";
	}
	panic("a verdict of no kind");
}

static int print_json(const struct restore *r, const char *origin)
{
	char hex[2 * DIGEST_SIZE + 1];
	_json_ json_t *view = json_object();

	json_put_str(view, "backup", r->manifest.name);
	json_put_str(view, "verdict", verdict_name(r->verdict));
	json_put_int(view, "size", (int64_t)r->head_size);
	json_put_str(view, "root", hex_encode(r->head_root.bytes, DIGEST_SIZE, hex));
	json_put_int(view, "rolled", (int64_t)(r->size - r->manifest.size));
	json_put_int(view, "entry", (int64_t)r->done);
	if (r->verdict == RESTORE_LOST)
		json_put_int(view, "lost", (int64_t)r->lost);
	if (r->mark.known) {
		json_t *mark = json_object();

		json_put_str(mark, "file", r->mark.path);
		json_put_int(mark, "size", (int64_t)r->mark.size);
		json_put_str(mark, "root", hex_encode(r->mark.root.bytes, DIGEST_SIZE, hex));
		json_put_int(mark, "proof", (int64_t)r->hashes);
		json_put(view, "mark", mark);
	}
	json_put_str(view, "origin", origin);
	json_put_str(view, "aside", r->aside);
	json_put_str(view, "unsure", *r->why.text ? r->why.text : NULL);
	return cli_print_json(view);
}

static void say_whole(const struct restore *r, struct buf *b)
{
	char hex[2 * DIGEST_SIZE + 1];

	if (*r->why.text)
		buf_printf(
		        b,
		        "Nothing that was signed is lost. Whether anything came after the signer's last head cannot be "
		        "known: %s.\n",
		        r->why.text);
	else
		buf_puts(b, "Nothing is lost.\n");
	if (!r->mark.known) {
		buf_puts(b, "There was no signer's mark to compare with; the journal has all that was acknowledged.\n");
		return;
	}
	buf_printf(b, "Proof: %s says size %llu, root %s; this log has that root at that size", r->mark.path,
	           (unsigned long long)r->mark.size, hex_encode(r->mark.root.bytes, DIGEST_SIZE, hex));
	if (r->mark.size < r->size)
		buf_printf(b, ", and %zu hashes prove that its %llu further entries continue it", r->hashes,
		           (unsigned long long)(r->size - r->mark.size));
	buf_puts(b, ".\n");
}

static void say_new_origin(const struct config *config, const char *origin, struct buf *b)
{
	buf_printf(
	        b,
	        "The log goes on as %s. Before you start the desk, make a key (countersign keygen --log %s FILE) and "
	        "write in %s:\n    log: {origin: %s, key: \"file:FILE\"}\nGive its public half to whoever verifies "
	        "the log. Make a backup at once: the journal begins anew.\n",
	        origin, origin, config->path, origin);
}

static int print(const struct config *config, const struct restore *r, const char *backup, const char *origin)
{
	_buf_ struct buf b = BUF(TEXT_MAX);
	char hex[2 * DIGEST_SIZE + 1];

	buf_printf(&b, "%s: restored from %s, %llu entries, and %llu more from the journal.\n", config->state, backup,
	           (unsigned long long)r->manifest.size, (unsigned long long)(r->size - r->manifest.size));
	if (r->verdict == RESTORE_WHOLE) {
		say_whole(r, &b);
	} else {
		say_lost(r, &b);
		buf_putc(&b, '\n');
		say_new_origin(config, origin, &b);
	}
	if (r->broken && !origin)
		buf_puts(&b, "The journal begins anew; make a backup at once.\n");
	if (r->aside)
		buf_printf(&b, "What was there before is kept in %s.\n", r->aside);
	buf_printf(&b, "With the entry restore.done the log has %llu entries, root %s",
	           (unsigned long long)r->head_size, hex_encode(r->head_root.bytes, DIGEST_SIZE, hex));
	return cli_print(buf_text(&b));
}

// --- the verb --------------------------------------------------------------------------------------------------------

static int run(const struct cli *c, const struct config *config, const struct asked *a, const char *backup)
{
	const struct restore_order order = {
		.state = config->state,
		.backup = backup,
		.replay = a->journal ? a->journal : config->log_journal,
		.journal = config->log_journal,
		.mark = a->mark,
		.now = clock_real(),
	};
	_restore_ struct restore r = { .lock = -1 };
	struct err e = { 0 };

	if (restore_build(&order, &r, &e) < 0 || check_heads(config, &r, &e) < 0 || may_finish(&r, a->origin, &e) < 0 ||
	    restore_finish(&r, a->origin ? a->origin : r.manifest.origin, a->origin, &e) < 0)
		return cli_fail(&e);
	return c->json ? print_json(&r, a->origin ? a->origin : r.manifest.origin)
	               : print(config, &r, backup, a->origin);
}

int cli_restore(const struct cli *c)
{
	_config_ struct config config = { 0 };
	_free_ char *backup = NULL;
	struct asked asked = { 0 };
	struct note_key key;
	struct err e = { 0 };

	if (read_arguments(c, &asked) < 0)
		return cli_usage(USAGE);
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	// Who owns the state need not be able to read the log's key.
	if (!config.log_public && log_key_find(&config, &key, &e) > 0)
		config.log_public = note_key_text(&key);
	if (cli_become_owner(config.state, &e) < 0 || !(backup = backups_newest(asked.dir, &e)))
		return cli_fail(&e);
	return run(c, &config, &asked, backup);
}
