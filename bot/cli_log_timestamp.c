// SPDX-License-Identifier: Apache-2.0
// Time-stamps on the command line.  `log head --timestamp FILE`: the newest time-stamp into a file, and what it stamps
// on standard output, so that `openssl ts -verify` can be asked about the two.
#include "base/checkpoint.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "bot/cli_log.h"
#include "store/timestamps.h"

static int stamped(const struct config *config, uint64_t *size, int64_t *at, char **note, struct buf *answer,
                   struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);
	int found = db ? timestamp_last(db, size, at, note, answer, e) : -1;

	if (found == 0)
		return err_set(e, EX_NOINPUT, "no head of this log was time-stamped yet%s",
		               config->log_tsa ? "; 'countersign status' shows what the authority answers"
		                               : ": the configuration names no authority (log.tsa)");
	return found < 0 ? -1 : 0;
}

int cli_log_timestamp(const struct cli *c, const struct config *config)
{
	_buf_ struct buf answer = BUF(TIMESTAMP_MAX);
	_free_ char *note = NULL;
	_json_ json_t *view = NULL;
	struct err e = { 0 };
	char time[CLOCK_TEXT];
	uint64_t size;
	int64_t at;

	if (stamped(config, &size, &at, &note, &answer, &e) < 0 ||
	    file_replace(c->arguments[2], buf_text(&answer), answer.len, 0644, &e) < 0)
		return cli_fail(&e);
	if (!c->json)
		return cli_print(note);
	view = json_object();
	json_put_int(view, "size", (int64_t)size);
	json_put_str(view, "time", clock_format(at, time));
	json_put_str(view, "checkpoint", note);
	json_put_str(view, "file", c->arguments[2]);
	return cli_print_json(view);
}

int cli_log_check_stamps(const struct config *config, char **said, struct err *e)
{
	_db_ struct db *db = NULL;
	uint64_t rows = 0;

	if (!config->log_tsa_ca)
		return 0;
	db = db_open(config->state, DB_READ, e);
	if (!db)
		return -1;
	if (timestamps_check(db, config->log_tsa_ca, &rows, e) == 0) {
		if (rows)
			*said = text_format("%llu time-stamps, each by an authority that log.tsa_ca vouches for.\n",
			                    (unsigned long long)rows);
		return 0;
	}
	if (e->code != EX_CONFIG)
		return -1;
	*said = text_format("The time-stamps' authority was NOT checked: %s.\n", e->text);
	return 0;
}
