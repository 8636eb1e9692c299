// SPDX-License-Identifier: Apache-2.0
// What the catalogue made of a case, applied to its tables.
#include "base/json.h"
#include "store/apply_case.h"
#include "store/precedents.h"
#include "store/sql.h"
#include "store/tags.h"
#include "store/words.h"

#define SQL_ASSESS "UPDATE cases SET type = ?, title = ?, risk = ?, catalogue = ?, updated = ? WHERE id = ?"
#define SQL_ASSESS_AGAIN "UPDATE cases SET type = ?, risk = ?, updated = ? WHERE id = ?"
#define SQL_FINDING "INSERT INTO finding (case_id, number, detail) VALUES (?, ?, ?)"
#define SQL_NO_FINDINGS "DELETE FROM finding WHERE case_id = ?"
#define SQL_STAGE \
	"INSERT INTO stage (case_id, number, name, need, groups, factor, grounds, state)" \
	" VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')"
#define SQL_NO_STAGES "DELETE FROM stage WHERE case_id = ?"

static int replace_findings(struct db *db, const char *id, const json_t *findings, struct err *e)
{
	json_t *item;
	size_t i;

	if (sql_run(db, e, SQL_NO_FINDINGS, TEXT(id)) < 0)
		return -1;
	json_array_foreach(findings, i, item) {
		_free_ char *text = column_text(item);

		if (sql_run(db, e, SQL_FINDING, TEXT(id), INT(i), TEXT(text)) < 0)
			return -1;
	}
	return 0;
}

static int replace_stages(struct db *db, const char *id, const json_t *stages, struct err *e)
{
	json_t *item;
	size_t i;

	if (sql_run(db, e, SQL_NO_STAGES, TEXT(id)) < 0)
		return -1;
	json_array_foreach(stages, i, item) {
		_free_ char *groups = array_text(item, "from");

		if (sql_run(db, e, SQL_STAGE, TEXT(id), INT(i), TEXT(json_str(item, "name")),
		            INT(json_int(item, "need")), TEXT(groups), TEXT(json_str_or_null(item, "factor")),
		            INT(json_bool(item, "grounds"))) < 0)
			return -1;
	}
	return 0;
}

// Judged again, and nothing of weight changed: the review goes on as it is, by the catalogue that its version names and
// that votes are bound to.
static int assessed_again(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	if (sql_run(db, e, SQL_ASSESS_AGAIN, TEXT(json_str(body, "type")), INT(json_int(body, "risk")),
	            INT(entry->time), TEXT(entry->case_id)) < 0)
		return -1;
	return replace_findings(db, entry->case_id, json_arr(body, "findings"), e);
}

// {"type","title","risk","catalogue","findings":[],"stages":[{"name","need","from":[],"factor"?,"grounds"?}],"outcome",
// "families":[],"precedents":[{"case","alike":[]}],"again"?}
int apply_case_assessed(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	const char *id = entry->case_id;

	if (json_bool(body, "again"))
		return assessed_again(db, entry, body, e) < 0 ? -1 : words_index(db, id, e);
	if (sql_run(db, e, SQL_ASSESS, TEXT(json_str(body, "type")), TEXT(json_str(body, "title")),
	            INT(json_int(body, "risk")), INT(json_int(body, "catalogue")), INT(entry->time), TEXT(id)) < 0 ||
	    replace_findings(db, id, json_arr(body, "findings"), e) < 0 ||
	    replace_stages(db, id, json_arr(body, "stages"), e) < 0 ||
	    tags_add_families(db, id, json_arr(body, "families"), e) < 0 ||
	    precedents_replace(db, id, json_arr(body, "precedents"), e) < 0)
		return -1;
	return words_index(db, id, e);
}
