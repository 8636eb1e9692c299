// SPDX-License-Identifier: Apache-2.0
// What an entry does to the tables when its body was erased, and what body.erased does.  Both must come to the same
// rows as erasing them did when they were there.
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/erase.h"
#include "store/sql.h"
#include "store/words.h"

// --- an entry without its body ---------------------------------------------------------------------------------------

#define SQL_MESSAGE "INSERT INTO message (seq, state, reason) VALUES (?, 'received', '')"
#define SQL_HOLLOW \
	"INSERT INTO cases (id, number, state, type, title, requester, requester_name, requester_address, verified," \
	" filed_by, opened, updated, version, catalogue, risk, thread)" \
	" VALUES (?, ?, 'pending', '', '', '', '', '', 0, '', ?, ?, 1, 0, 0, '')"
#define SQL_TOUCH "UPDATE cases SET updated = ? WHERE id = ?"

static int64_t number_of(const char *case_id)
{
	const char *digits = strrchr(case_id, '-');

	return digits ? strtoll(digits + 1, NULL, 10) : 0;
}

int apply_erased(struct db *db, const struct entry *entry, struct err *e)
{
	if (strcmp(entry->type, "message.received") == 0)
		return sql_run(db, e, SQL_MESSAGE, INT(entry->seq));
	if (!entry->case_id)
		return 0;
	if (strcmp(entry->type, "case.opened") == 0) {
		db->hollow = true;
		return sql_run(db, e, SQL_HOLLOW, TEXT(entry->case_id), INT(number_of(entry->case_id)),
		               INT(entry->time), INT(entry->time));
	}
	if (strcmp(entry->type, "case.commented") == 0)
		return sql_run(db, e, SQL_TOUCH, INT(entry->time), TEXT(entry->case_id));
	return 0;
}

// --- body.erased -----------------------------------------------------------------------------------------------------

#define ENTRIES "(SELECT value FROM json_each(?1, '$.entries'))"
#define CASES "(SELECT value ->> '$.case' FROM json_each(?1, '$.cases'))"
#define LETTERS "(SELECT value FROM json_each(?1, '$.letters'))"

// ?1 the body, ?2 the entry's number.
#define SQL_LATER "SELECT count(*) FROM json_each(?1, '$.entries') WHERE value >= ?2"
static const char *const projected[] = {
	"INSERT INTO erased (seq, erasing) SELECT value, ?2 FROM json_each(?1, '$.entries')",
	"DELETE FROM tag WHERE ?2 AND number IN (SELECT number FROM cases WHERE id IN " CASES ")",
	"DELETE FROM words WHERE ?2 AND id IN (SELECT number FROM cases WHERE id IN " CASES ")",
	"DELETE FROM fact WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM finding WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM precedent WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM evidence WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM stage WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM review WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM comment WHERE ?2 AND (case_id IN " CASES " OR seq IN " ENTRIES ")",
	"DELETE FROM grants WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM link WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM imported WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM timer WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM version WHERE ?2 AND case_id IN " CASES,
	"DELETE FROM erasure WHERE ?2 AND (seq = ?1 ->> '$.request' OR seq IN " ENTRIES " OR subject IN " CASES ")",
	"UPDATE message SET state = 'erased', reason = '', outcome = ?2"
	" WHERE seq IN (SELECT value ->> '$[1]' FROM json_each(?1, '$.messages'))",
	"UPDATE cases SET (state, type, title, requester, requester_name, requester_address, verified, filed_by, "
	"opened,"
	" updated, due, expires, closed, version, catalogue, risk, stage, thread) ="
	" (SELECT j.value ->> '$.state', '', '(erased)', '', '', '', 0, '', j.value ->> '$.opened', ?2, NULL, NULL,"
	"  j.value ->> '$.closed', j.value ->> '$.version', j.value ->> '$.catalogue', j.value ->> '$.risk', NULL, ''"
	"  FROM json_each(?1, '$.cases') j WHERE j.value ->> '$.case' = cases.id) WHERE id IN " CASES,
};
#define SQL_HISTORY \
	"INSERT INTO history (case_id, seq) SELECT value ->> '$.case', ?2 FROM json_each(?1, '$.cases')" \
	" WHERE value ->> '$.case' IS NOT ?3"
#define SQL_UPDATED "UPDATE cases SET updated = ?2 WHERE id IN " CASES
#define SQL_ALSO_ABOUT \
	"SELECT DISTINCT h.case_id FROM history h WHERE h.seq IN " ENTRIES " AND h.case_id NOT IN " CASES \
	" ORDER BY h.case_id"

// What is no projection.  Whatever the journal brings, or brought, of these rows, this is what they come to.
static const char *const worked[] = {
	"UPDATE entry SET salt = NULL, body = NULL WHERE ?2 AND seq IN " ENTRIES,
	"DELETE FROM posting WHERE ?2 AND letter IN " LETTERS,
	"INSERT OR REPLACE INTO outbox (id, carrier, kind, case_id, principal, address, place, token, message_id,"
	" in_reply_to, refs, model, created, next, head, tries, state, problem)"
	" SELECT value, 'mail', 'erased', NULL, '', '', NULL, NULL, '', NULL, '[]', '{}', 0, 0, 0, 0, 'sent', NULL"
	" FROM json_each(?1, '$.letters') WHERE ?2",
	"INSERT OR REPLACE INTO inbox (id, via, channel, seq, sha256, at, message_id, state, tries, reply)"
	" SELECT j.value ->> '$[0]', CAST(e.leaf AS TEXT) ->> '$.via', 'erased/' || e.seq, e.seq, NULL, 0, NULL, "
	"'done',"
	" 0, NULL FROM json_each(?1, '$.messages') j JOIN entry e ON e.seq = j.value ->> '$[1]' WHERE ?2",
};
#define SQL_TOKEN "DELETE FROM token WHERE id = ?"
#define SQL_BLOB "DELETE FROM blob WHERE sha256 = ?"
#define SQL_ARCHIVED "DELETE FROM archived WHERE sha256 = ?"

static int delete_each(struct db *db, const json_t *list, size_t size, const char *sql, struct err *e)
{
	uint8_t key[DIGEST_SIZE];
	json_t *hex;
	size_t i;

	json_array_foreach(list, i, hex) {
		if (!json_is_string(hex) || hex_decode(json_string_value(hex), key, size) < 0)
			return err_set(e, EX_DATAERR, "it names what is no hash");
		if (sql_run(db, e, sql, BLOB(key, size)) < 0)
			return -1;
	}
	return 0;
}

static int erase_work(struct db *db, const struct entry *entry, const char *text, const json_t *body, struct err *e)
{
	for (size_t i = 0; i < LENGTH(worked); i++)
		if (sql_run(db, e, worked[i], TEXT(text), INT(entry->seq)) < 0)
			return -1;
	if (delete_each(db, json_arr(body, "tokens"), 8, SQL_TOKEN, e) < 0 ||
	    delete_each(db, json_arr(body, "evidence"), DIGEST_SIZE, SQL_BLOB, e) < 0)
		return -1;
	// The index of words keeps old ones in places of its own until it is made anew.
	return words_rebuild(db, e);
}

// A comment of theirs in somebody else's case is no longer found there.
static int index_again(struct db *db, const char *text, struct err *e)
{
	_json_ json_t *ids = json_array();
	json_t *id;
	size_t i;
	int row;

	{
		_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_ALSO_ABOUT, TEXT(text));

		while ((row = rows ? sql_row(db, rows, e) : -1) > 0)
			json_add_str(ids, sql_text(rows, 0));
	}
	json_array_foreach(ids, i, id)
		if (row == 0 && words_index(db, json_string_value(id), e) < 0)
			return -1;
	return row;
}

int erase_leave_mark(struct db *db, uint64_t seq, struct err *e)
{
	_free_ char *path = path_join(db_state_dir(db), DB_ERASING);
	_free_ char *text = text_format("%llu\n", (unsigned long long)seq);

	if (db->erasing) // since an earlier one
		return 0;
	db->erasing = true;
	return file_replace(path, text, strlen(text), 0600, e);
}

int apply_body_erased(struct db *db, const struct entry *entry, const json_t *body, struct err *e)
{
	_free_ char *text = json_text(body);
	int64_t later;

	if (sql_number(db, e, &later, 0, SQL_LATER, TEXT(text), INT(entry->seq)) < 0)
		return -1;
	if (later)
		return err_set(e, EX_DATAERR, "it names an entry that comes after it");
	for (size_t i = 0; i < LENGTH(projected); i++)
		if (sql_run(db, e, projected[i], TEXT(text), INT(entry->seq)) < 0)
			return -1;
	if (sql_run(db, e, SQL_HISTORY, TEXT(text), INT(entry->seq), TEXT(entry->case_id)) < 0 ||
	    sql_run(db, e, SQL_UPDATED, TEXT(text), INT(entry->time)) < 0 ||
	    delete_each(db, json_arr(body, "evidence"), DIGEST_SIZE, SQL_ARCHIVED, e) < 0 ||
	    index_again(db, text, e) < 0)
		return -1;
	if (db->scratch)
		return 0;
	return erase_leave_mark(db, entry->seq, e) < 0 ? -1 : erase_work(db, entry, text, body, e);
}
