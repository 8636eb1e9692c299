// SPDX-License-Identifier: Apache-2.0
// `log export`: the log as tiles.
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli_log.h"
#include "store/tiles.h"

int cli_log_export(const struct cli *c, const struct config *config)
{
	struct err e = { 0 };
	_db_ struct db *db = NULL;
	_json_ json_t *view = NULL;
	_free_ char *text = NULL;
	struct tiles_result r;

	if (c->count != 2 || !*c->arguments[1] || text_starts(c->arguments[1], "--"))
		return cli_usage("log export DIR");
	db = db_open(config->state, DB_READ, &e);
	if (!db || tiles_export(db, c->arguments[1], &r, &e) < 0)
		return cli_fail(&e);
	if (c->json) {
		view = json_object();
		json_put_str(view, "dir", c->arguments[1]);
		json_put_int(view, "size", (int64_t)r.size);
		json_put_int(view, "files", (int64_t)r.files);
		return cli_print_json(view);
	}
	text = text_format("%s: %llu entries in %llu files", c->arguments[1], (unsigned long long)r.size,
	                   (unsigned long long)r.files);
	return cli_print(text);
}
