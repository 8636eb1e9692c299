// SPDX-License-Identifier: Apache-2.0
// `log continues`: is a checkpoint that somebody kept the beginning of a later one?  On any machine, without
// configuration or database.
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "bot/kept.h"

#define USAGE "log continues LAST FILE [--key VKEY]..."
#define KEYS_MAX 8 // a log that changed its key has two

struct asked {
	const char *last, *file;
	struct note_key keys[KEYS_MAX];
	size_t key_count;
};

static int take_key(struct asked *a, const char *text, struct err *e)
{
	if (a->key_count == KEYS_MAX)
		return err_set(e, EX_USAGE, "--key: at most %d", KEYS_MAX);
	if (note_key_read(text, &a->keys[a->key_count++], e) == 0)
		return 0;
	err_prefix(e, "--key");
	e->code = EX_USAGE;
	return -1;
}

// 1; 0 when they are not as USAGE has it; -1.
static int take_arguments(const struct cli *c, struct asked *a, struct err *e)
{
	for (int i = 1; i < c->count; i++) {
		const char *argument = c->arguments[i];
		bool key = strcmp(argument, "--key") == 0 && i + 1 < c->count;

		if (key || text_starts(argument, "--key=")) {
			if (take_key(a, key ? c->arguments[++i] : argument + strlen("--key="), e) < 0)
				return -1;
		} else if (text_starts(argument, "--") || !*argument || a->file) {
			return 0;
		} else {
			*(a->last ? &a->file : &a->last) = argument;
		}
	}
	return a->file != NULL;
}

static int check_signed(const struct asked *a, const struct note *note, const char *path, struct err *e)
{
	if (a->key_count == 0)
		return 0;
	for (size_t i = 0; i < a->key_count; i++)
		if (note_is_signed(note, &a->keys[i], NULL))
			return 0;
	return err_set(e, EX_DATAERR, "%s is not signed by the key that you gave", path);
}

static int check(const struct asked *a, const struct kept *last, const struct continuation *next, struct err *e)
{
	if (strcmp(last->head.origin, next->head.origin) != 0)
		return err_set(e, EX_DATAERR, "%s is a checkpoint of the log %s, %s of %s", a->last, last->head.origin,
		               a->file, next->head.origin);
	if (last->head.size != next->old)
		return err_set(e, EX_DATAERR, "%s proves what became of a log of %llu entries; in %s it has %llu",
		               a->file, (unsigned long long)next->old, a->last, (unsigned long long)last->head.size);
	if (check_signed(a, &last->note, a->last, e) < 0 || check_signed(a, &next->note, a->file, e) < 0)
		return -1;
	if (proof_is_consistent(&next->proof, next->old, &last->head.root, next->head.size, &next->head.root))
		return 0;
	return err_set(
	        e, EX_DATAERR,
	        "FORK, or a proof that was damaged: the %llu entries of %s are not shown to be the beginning of the "
	        "%llu in %s",
	        (unsigned long long)next->old, a->last, (unsigned long long)next->head.size, a->file);
}

static int print(const struct cli *c, const struct asked *a, const struct kept *last, const struct continuation *next)
{
	_json_ json_t *view = cli_log_head(next->head.size, &next->head.root);
	_free_ char *text = NULL;

	if (c->json) {
		json_put_bool(view, "ok", true);
		json_put(view, "last", cli_log_head(last->head.size, &last->head.root));
		json_put_bool(view, "signature", a->key_count > 0);
		return cli_print_json(view);
	}
	text = text_format("The log %s of %llu entries (%s) continues that of %llu (%s).\n%s", next->head.origin,
	                   (unsigned long long)next->head.size, a->file, (unsigned long long)last->head.size, a->last,
	                   a->key_count ? "Both are signed by the key that you gave."
	                                : "Their signatures were NOT checked: give the log's key with --key.");
	return cli_print(text);
}

int cli_log_continues(const struct cli *c)
{
	_continuation_ struct continuation next = { .old = 0 };
	struct asked asked = { .last = NULL };
	_kept_ struct kept last = { .name = NULL };
	struct err e = { 0 };
	int taken = take_arguments(c, &asked, &e);

	if (taken == 0)
		return cli_usage(USAGE);
	if (taken < 0 || kept_read(asked.last, &last, &e) < 0 || kept_read_continuation(asked.file, &next, &e) < 0 ||
	    check(&asked, &last, &next, &e) < 0)
		return cli_log_fail(c, &e);
	return print(c, &asked, &last, &next);
}
