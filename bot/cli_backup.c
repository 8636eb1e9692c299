// SPDX-License-Identifier: Apache-2.0
// `backup`, and `alarm` for the services that a timer runs: both tell the core what happened.
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"
#include "store/backup.h"

#define BACKUP_USAGE "backup DIR [--keep NUMBER]"
#define KEEP_MAX 100000

struct backing {
	const char *dir;
	unsigned keep; // 0: all
	struct manifest made;
	int removed;
	int64_t entry; // of the core; -1: it made none
	int code;      // why not, or 0
	struct err why;
};

static int read_arguments(const struct cli *c, struct backing *b)
{
	for (int i = 0; i < c->count; i++) {
		const char *word = c->arguments[i];
		uint64_t keep;

		if (strcmp(word, "--keep") == 0) {
			if (++i == c->count || text_decimal(c->arguments[i], strlen(c->arguments[i]), &keep) < 0 ||
			    keep == 0 || keep > KEEP_MAX)
				return -1;
			b->keep = (unsigned)keep;
		} else if (b->dir || !*word || text_starts(word, "-")) {
			return -1;
		} else {
			b->dir = word;
		}
	}
	return b->dir ? 0 : -1;
}

// The backup stands whatever comes of this.
static void tell_core(const struct config *config, struct backing *b)
{
	char hex[2 * DIGEST_SIZE + 1];
	json_t *request = json_object();
	_json_ json_t *answer = NULL;

	json_put_str(request, "verb", "backed-up");
	json_put_str(request, "source", b->made.name);
	json_put_int(request, "size", (int64_t)b->made.size);
	json_put_str(request, "root", hex_encode(b->made.root.bytes, DIGEST_SIZE, hex));
	json_put_str(request, "manifest", hex_encode(b->made.digest.bytes, DIGEST_SIZE, hex));
	answer = cli_request(config->run, request, -1, &b->why);
	b->entry = json_bool(answer, "ok") ? json_int(answer, "entry") : -1;
	if (!answer || b->entry >= 0)
		return;
	err_set(&b->why, (int)json_int(answer, "exit"), "%s", json_str(answer, "text"));
	b->code = b->why.code;
}

static uint64_t bytes_of(const struct manifest *m, size_t *files)
{
	struct file_sum sum;
	uint64_t all = 0;

	for (*files = 0; manifest_file(m, *files, &sum); ++*files)
		all += sum.size;
	return all;
}

static int print_json(const struct backing *b)
{
	_json_ json_t *view = json_object();
	char hex[2 * DIGEST_SIZE + 1];
	size_t files;

	json_put_str(view, "dir", b->dir);
	json_put_str(view, "backup", b->made.name);
	json_put_int(view, "size", (int64_t)b->made.size);
	json_put_str(view, "root", hex_encode(b->made.root.bytes, DIGEST_SIZE, hex));
	json_put_str(view, "manifest", hex_encode(b->made.digest.bytes, DIGEST_SIZE, hex));
	json_put_int(view, "bytes", (int64_t)bytes_of(&b->made, &files));
	json_put_int(view, "files", (int64_t)files);
	json_put_int(view, "removed", b->removed);
	if (b->entry >= 0)
		json_put_int(view, "entry", b->entry);
	else
		json_put_str(view, "unrecorded", b->why.text);
	return cli_print_json(view);
}

static int print(const struct backing *b)
{
	char hex[2 * DIGEST_SIZE + 1];
	size_t files;
	uint64_t bytes = bytes_of(&b->made, &files);
	_free_ char *older = b->removed ? text_format("%d older removed.\n", b->removed) : text_copy("");
	_free_ char *recorded = b->entry >= 0
	                                ? text_format("Recorded as entry %lld.", (long long)b->entry)
	                                : text_format("No entry of the log says that it was made: %s.", b->why.text);
	_free_ char *text = text_format("%s/%s: %llu entries, %zu file%s, %llu bytes, verified.\nRoot %s\n%s%s", b->dir,
	                                b->made.name, (unsigned long long)b->made.size, files, files == 1 ? "" : "s",
	                                (unsigned long long)bytes, hex_encode(b->made.root.bytes, DIGEST_SIZE, hex),
	                                older, recorded);

	return cli_print(text);
}

static int make(const struct config *config, struct backing *b, struct err *e)
{
	_close_ int lock = backups_lock(b->dir, e);
	const struct backup_order order = {
		.state = config->state,
		.dir = b->dir,
		.origin = config->log_origin,
		.journal = config->log_journal,
		.program = VERSION,
		.now = clock_real(),
	};

	if (lock < 0 || backup_make(&order, &b->made, e) < 0)
		return -1;
	if (b->keep)
		b->removed = backups_prune(b->dir, b->keep, e);
	return b->removed < 0 ? -1 : 0;
}

int cli_backup(const struct cli *c)
{
	_config_ struct config config = { 0 };
	struct backing b = { .entry = -1 };
	struct err e = { 0 };
	int code;

	if (read_arguments(c, &b) < 0)
		return cli_usage(BACKUP_USAGE);
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	if (make(&config, &b, &e) < 0) {
		code = cli_fail(&e);
	} else {
		tell_core(&config, &b);
		code = c->json ? print_json(&b) : print(&b);
		code = code ? code : b.code;
	}
	manifest_free(&b.made);
	return code;
}

int cli_alarm(const struct cli *c)
{
	_config_ struct config config = { 0 };
	_json_ json_t *answer = NULL;
	json_t *request;
	struct err e = { 0 };

	if (c->count != 2)
		return cli_usage("alarm WHAT-failed TEXT");
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	request = json_object();
	json_put_str(request, "verb", "alarm");
	json_put_str(request, "what", c->arguments[0]);
	json_put_str(request, "text", c->arguments[1]);
	answer = cli_request(config.run, request, -1, &e);
	if (!answer)
		return cli_fail(&e);
	if (c->json)
		return cli_print_json(answer) ? EX_IOERR : (int)json_int(answer, "exit");
	if (json_bool(answer, "ok"))
		return cli_print("Administrators and auditors are told.");
	err_set(&e, (int)json_int(answer, "exit"), "%s", json_str(answer, "text"));
	return cli_fail(&e);
}
