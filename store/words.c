// SPDX-License-Identifier: Apache-2.0
#include "store/words.h"

#include "store/sql.h"

// The index keeps no text of its own: to forget a row it must be told the old text.
#define SQL_FORGET \
	"INSERT INTO search (search, rowid, text) SELECT 'delete', w.id, w.text FROM words w" \
	" WHERE w.id = (SELECT number FROM cases WHERE id = ?)"
#define SQL_INDEX \
	"INSERT INTO search (rowid, text) SELECT w.id, w.text FROM words w" \
	" WHERE w.id = (SELECT number FROM cases WHERE id = ?)"
#define SQL_REBUILD "INSERT INTO search (search) VALUES ('rebuild')"
#define SQL_WORDS \
	"INSERT INTO words (id, text) SELECT c.number, c.id || ' ' || c.title || ' ' || c.requester_name || ' ' ||" \
	" c.requester_address || char(10) || v.text || char(10) ||" \
	" coalesce((SELECT group_concat(CASE json_type(f.value) WHEN 'text' THEN f.value ->> '$' ELSE f.value END," \
	" char(10)) FROM fact f WHERE f.case_id = c.id AND f.version = c.version), '') || char(10) ||" \
	" coalesce((SELECT group_concat(k.text, char(10)) FROM (SELECT text FROM comment WHERE case_id = c.id" \
	" ORDER BY seq) k), '') || char(10) ||" \
	" coalesce((SELECT original FROM imported WHERE case_id = c.id), '')" \
	" FROM cases c JOIN version v ON v.case_id = c.id AND v.version = c.version WHERE c.id = ?" \
	" ON CONFLICT (id) DO UPDATE SET text = excluded.text"

int words_index(struct db *db, const char *case_id, struct err *e)
{
	if (db->scratch)
		return sql_run(db, e, SQL_WORDS, TEXT(case_id));
	if (sql_run(db, e, SQL_FORGET, TEXT(case_id)) < 0 || sql_run(db, e, SQL_WORDS, TEXT(case_id)) < 0)
		return -1;
	return sql_run(db, e, SQL_INDEX, TEXT(case_id));
}

int words_rebuild(struct db *db, struct err *e)
{
	return sql_run(db, e, SQL_REBUILD);
}
