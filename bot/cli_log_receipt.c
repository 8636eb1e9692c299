// SPDX-License-Identifier: Apache-2.0
// `log verify-receipt`: on any machine, without configuration or database.
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/cli_log.h"
#include "bot/receipt.h"

#define USAGE "log verify-receipt FILE [--key VKEY] [--later FILE]"

int cli_log_fail(const struct cli *c, const struct err *e)
{
	_json_ json_t *view = NULL;

	if (!c->json)
		return cli_fail(e);
	view = json_object();
	json_put_bool(view, "ok", false);
	json_put_str(view, "problem", e->text);
	cli_print_json(view);
	return e->code;
}

// A mail program may have changed line ends; a receipt has no other use for CR.
static int read_file(const char *path, struct buf *out, struct err *e)
{
	size_t to = 0;

	if (file_read(path, out, e) < 0)
		return -1;
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] != '\r')
			out->data[to++] = out->data[i];
	out->len = to;
	return 0;
}

static int read_receipt(const char *path, const struct note_key *pinned, const struct epochs *known,
                        struct receipt *out, struct err *e)
{
	_buf_ struct buf text = BUF(TLOG_PROOF_MAX * 2);

	if (read_file(path, &text, e) < 0)
		return -1;
	if (receipt_check_among(buf_text(&text), text.len, pinned, known, out, e) < 0)
		return err_prefix(e, "%s does not hold", path);
	return 0;
}

// `later` (may be NULL) is another receipt of the log, which proves what keys followed.
static int check(const struct cli *c, const char *path, const char *later, const struct note_key *pinned)
{
	_receipt_ struct receipt r = { 0 }, other = { 0 };
	_json_ json_t *view = NULL;
	_free_ char *words = NULL;
	struct err e = { 0 };

	if ((later && read_receipt(later, pinned, NULL, &other, &e) < 0) ||
	    read_receipt(path, pinned, later ? &other.keys : NULL, &r, &e) < 0)
		return cli_log_fail(c, &e);
	if (c->json) {
		view = receipt_view(&r);
		return cli_print_json(view);
	}
	words = receipt_words(&r);
	return cli_print(words);
}

int cli_log_given(const struct cli *c, const char *usage, struct cli_log_given *out)
{
	const char *key = NULL;
	struct err e = { 0 };

	*out = (struct cli_log_given){ 0 };
	for (int i = 1; i < c->count; i++) {
		if (!key && strcmp(c->arguments[i], "--key") == 0 && i + 1 < c->count)
			key = c->arguments[++i];
		else if (!key && text_starts(c->arguments[i], "--key="))
			key = c->arguments[i] + strlen("--key=");
		else if (!out->later && strcmp(c->arguments[i], "--later") == 0 && i + 1 < c->count)
			out->later = c->arguments[++i];
		else if (!out->path && !text_starts(c->arguments[i], "--") && *c->arguments[i])
			out->path = c->arguments[i];
		else
			return cli_usage(usage);
	}
	if (!out->path)
		return cli_usage(usage);
	if (key && note_key_read(key, &out->key, &e) < 0) {
		err_prefix(&e, "--key");
		e.code = EX_USAGE;
		return cli_log_fail(c, &e);
	}
	out->pinned = key ? &out->key : NULL;
	return 0;
}

int cli_log_verify_receipt(const struct cli *c)
{
	struct cli_log_given given;
	int code = cli_log_given(c, USAGE, &given);

	return code ? code : check(c, given.path, given.later, given.pinned);
}
