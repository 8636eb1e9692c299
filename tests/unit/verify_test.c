// SPDX-License-Identifier: Apache-2.0
// Whatever is changed behind the program's back, by a tool that knows nothing of us, log_verify() names it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <sys/stat.h>

#include "store/sql.h"
#include "store/verify.h"
#include "tests/unit/story.h"

struct fixture {
	char *path;
	char *pristine; // the database's bytes, to begin each case with
	size_t size;
};

static char *database(const struct fixture *f)
{
	return path_join(f->path, "countersign.db");
}

// One attachment is too large for the database, so that a file of evidence is there too.
static void attach_large(struct db *db, int64_t now)
{
	static char bytes[BLOB_INLINE_MAX + 1];
	char hex[2][2 * DIGEST_SIZE + 1];
	struct blob blob;
	struct err e = { 0 };
	_json_ json_t *event = NULL;

	assert_int_equal(blob_put(db, bytes, sizeof bytes, &blob, &e), 0);
	event = event_new("evidence.attached", "person:ann", "mail", "CS-1", 1,
	                  json_pack("{sssssIssss}", "name", "zeros", "type", "x/y", "size", (json_int_t)sizeof bytes,
	                            "sha256", hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex[0]), "commitment",
	                            hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex[1])));
	assert_int_equal(log_append(db, event, now, NULL, &e), 0);
}

// The first entries are always the same: case CS-1 is opened, reviewed and voted on.
static int group_setup(void **state)
{
	static struct fixture f;
	struct story s = story_begin(6);
	struct buf bytes = BUF(1 << 26);
	struct err e = { 0 };
	struct db *db;

	f.path = state_make();
	db = db_open(f.path, DB_WRITE, &e);
	assert_non_null(db);
	assert_int_equal(db_begin(db, "test", &e), 0);
	for (int i = 0; i < 400; i++)
		assert_int_equal(story_step(&s, db, &e), 0);
	attach_large(db, s.now);
	assert_int_equal(db_commit(db, &e), 0);
	db_close(&db);
	_free_ char *path = database(&f);
	assert_int_equal(file_read(path, &bytes, &e), 0);
	f.size = bytes.len;
	f.pristine = buf_steal(&bytes);
	*state = &f;
	return 0;
}

static int group_teardown(void **state)
{
	struct fixture *f = *state;

	state_remove(&f->path);
	free(f->pristine);
	return 0;
}

// Not by file_replace(): a hundred syncs would be most of this test's time.
static void put(const char *path, const char *data, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void restore(const struct fixture *f)
{
	_free_ char *path = database(f);
	_free_ char *wal = text_format("%s-wal", path);

	unlink(wal);
	put(path, f->pristine, f->size);
}

static void raw(const struct fixture *f, const char *sql)
{
	_free_ char *path = database(f);
	char *why = NULL;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	sqlite3_exec(handle, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	if (sqlite3_exec(handle, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_true(sqlite3_total_changes(handle) > 0 || strncmp(sql, "CREATE", 6) == 0 ||
	            strncmp(sql, "PRAGMA", 6) == 0 || strncmp(sql, "DROP", 4) == 0 || strncmp(sql, "ALTER", 5) == 0);
	sqlite3_close(handle);
}

static void is_named(const struct fixture *f, const char *sql, const char *says)
{
	struct verify_result n;
	struct err e = { 0 };

	if (log_verify(f->path, &n, &e) == 0)
		fail_msg("nobody noticed: %s", sql);
	if (e.code != EX_DATAERR || !strstr(e.text, says))
		fail_msg("%s\n  said: %s\n  not:  %s", sql, e.text, says);
}

static void the_untouched_verifies(void **state)
{
	struct fixture *f = *state;
	struct verify_result n;
	struct err e = { 0 };

	restore(f);
	if (log_verify(f->path, &n, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(n.entries > 400 && n.nodes > n.entries && n.evidence > 20);
}

#define FIRST(table) " WHERE rowid = (SELECT min(rowid) FROM " table ")"

// FAULTS 29.
static void a_change_by_sql_is_named(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		// the log
		{ "DELETE FROM entry WHERE seq = 5", "entry 5 is missing" },
		{ "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)", "belongs to no entry" },
		{ "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'system', 'sysTem') AS BLOB) WHERE seq ="
		  " (SELECT min(seq) FROM entry WHERE instr(CAST(leaf AS TEXT), 'system'))",
		  "is not the hash of what is below it (or the leaf was altered)" },
		{ "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), ',', ', ') AS BLOB) WHERE seq = 7",
		  "entry 7: the leaf is not canonical" },
		{ "UPDATE entry SET leaf = CAST(json_set(CAST(leaf AS TEXT), '$.more', 1) AS BLOB) WHERE seq = 7",
		  "entry 7: a leaf: " },
		{ "UPDATE entry SET leaf = x'00' WHERE seq = 7", "entry 7: " },
		{ "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE seq = 8) WHERE seq = 7",
		  "entry 7: the leaf says that it is entry 8" },
		{ "UPDATE entry SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE seq = 9",
		  "entry 9: the body is not the one" },
		{ "UPDATE entry SET salt = zeroblob(32) WHERE seq = 9", "entry 9: the body is not the one" },
		{ "UPDATE entry SET salt = NULL, body = NULL WHERE seq = 9", "entry 9: the body is gone" },
		{ "INSERT INTO entry VALUES (100000, x'7b7d', NULL, NULL)", " is missing" },
		{ "UPDATE node SET hash = zeroblob(32) WHERE id = 11", "node: row id=11 is not the hash" },
		{ "UPDATE node SET hash = x'00' WHERE id = 11", "node: row id=11 is not the hash" },
		{ "DELETE FROM node WHERE id = 11", "node: row id=11 is missing" },
		{ "INSERT INTO node VALUES (100000, zeroblob(32))", "node: row id=100000 belongs to no entry" },
		{ "INSERT INTO checkpoint VALUES (5, zeroblob(32), '')", "checkpoint: row size=5 has another root" },
		{ "INSERT INTO checkpoint VALUES (100000, zeroblob(32), '')",
		  "checkpoint: row size=100000 is of a longer" },
		// projections: each table edited, shortened, lengthened
		{ "DELETE FROM history WHERE case_id = 'CS-1' AND seq = 0",
		  "history: row case_id='CS-1' seq=0 is missing" },
		{ "INSERT INTO history VALUES ('CS-1', 3000000)",
		  "history: row case_id='CS-1' seq=3000000 does not follow" },
		{ "UPDATE cases SET risk = 0 WHERE risk > 0", "cases: row id='CS-" },
		{ "UPDATE cases SET state = 'approved', closed = 1 WHERE id ="
		  " (SELECT min(id) FROM cases WHERE state = 'rejected')",
		  "state is 'approved', the log gives 'rejected'" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM cases WHERE id = 'CS-2'", "cases: row id='CS-2' is missing" },
		{ "UPDATE version SET text = 'other' WHERE case_id = 'CS-1' AND version = 1",
		  "version: row case_id='CS-1' version=1 is not what the log says: text is 'other'" },
		{ "UPDATE version SET hash = zeroblob(32) WHERE case_id = 'CS-1' AND version = 1",
		  "hash is 0000000000000000..., the log gives " },
		{ "UPDATE fact SET value = '\"MIT\"' WHERE case_id = 'CS-1' AND name = 'product'",
		  "fact: row case_id='CS-1' version=1 name='product' is not what the log says: value is '\"MIT\"'" },
		{ "DELETE FROM fact WHERE case_id = 'CS-1' AND name = 'region'", "name='region' is missing" },
		{ "UPDATE tag SET amount = 1 WHERE number = 1 AND name = 'spend'", "tag: row number=1 name='spend'" },
		{ "DELETE FROM tag WHERE number = 1 AND name = 'license'", "tag: row number=1 name='license'" },
		{ "UPDATE finding SET detail = '{}'", "finding: row case_id='CS-" },
		{ "DELETE FROM finding", "finding: row case_id='CS-" },
		{ "UPDATE evidence SET name = 'x' WHERE name = 'zeros'", "name is 'x', the log gives 'zeros'" },
		{ "DELETE FROM evidence WHERE name = 'zeros'", "evidence: row case_id='CS-1'" },
		{ "UPDATE stage SET need = 0", "need is 0, the log gives " },
		{ "UPDATE stage SET state = 'passed' WHERE state = 'open'", "state is 'passed', the log gives 'open'" },
		{ "UPDATE review SET seat = 'person:mal'", "review: row case_id='CS-" },
		{ "INSERT INTO review VALUES ('CS-1', 0, 'person:mal', 'person:mal', 1)",
		  "review: row case_id='CS-1' stage=0 person='person:mal' does not follow from the log" },
		{ "UPDATE vote SET verdict = 'approve' WHERE seq = (SELECT min(seq) FROM vote WHERE verdict = "
		  "'reject')",
		  "is not what the log says: verdict is 'approve', the log gives 'reject'" },
		{ "UPDATE vote SET voided = 1 WHERE voided IS NULL", "voided is 1, the log gives nothing" },
		{ "DELETE FROM vote", "vote: row seq=" },
		{ "INSERT INTO vote VALUES (0, 'CS-1', 1, 7, 'person:mal', 'person:mal', 'approve', 1, 'mail', '', "
		  "NULL)",
		  "vote: row seq=0 does not follow from the log" },
		{ "UPDATE comment SET text = 'Fine.'" FIRST("comment"),
		  "text is 'Fine.', the log gives 'Which release" },
		{ "DELETE FROM comment", "comment: row seq=" },
		{ "UPDATE timer SET at = at + 1", "timer: row case_id='CS-" },
		{ "DELETE FROM timer", "timer: row case_id='CS-" },
		{ "UPDATE grants SET state = 'active' WHERE state <> 'active'",
		  "is not what the log says: state is 'active', the log gives '" },
		{ "UPDATE grants SET scope = json_set(scope, '$.until', '2099-12-31')", "grants: row case_id='CS-" },
		{ "DELETE FROM link", "link: row case_id='CS-" },
		{ "UPDATE message SET state = 'used' WHERE state = 'parked'",
		  "state is 'used', the log gives 'parked'" },
		{ "UPDATE membership SET since = 0", "membership: row person='person:bo'" },
		{ "INSERT INTO membership VALUES ('person:mal', 'legal', 1)",
		  "membership: row person='person:mal' grp='legal' does not follow" },
		{ "UPDATE publication SET sha256 = zeroblob(32)", "publication: row seq=" },
		{ "UPDATE words SET text = text || '!' WHERE id = 1", "words: row id=1 is not" },
		{ "INSERT INTO search (search, rowid, text) SELECT 'delete', id, text FROM words WHERE id = 1",
		  "search: row " },
		{ "INSERT INTO search (rowid, text) VALUES (1, 'mallory')", "search: row term='mallory' doc=1" },
		// the schema
		{ "CREATE TRIGGER sleeper AFTER INSERT ON vote BEGIN DELETE FROM history; END",
		  "schema: row type='trigger' name='sleeper' does not follow" },
		{ "DROP INDEX vote_once", "schema: row type='index' name='vote_once' is missing" },
		{ "ALTER TABLE vote ADD COLUMN note TEXT", "schema: row type='table' name='vote'" },
		// work
		{ "DELETE FROM blob WHERE size < 1000", "is missing" },
		{ "UPDATE blob SET data = x'00' WHERE data IS NOT NULL", "evidence was altered" },
		{ "UPDATE blob SET salt = zeroblob(32)", "the entry commits to another salt" },
		{ "UPDATE blob SET size = size + 1", "its size or salt was altered" },
		{ "PRAGMA foreign_keys = OFF; UPDATE inbox SET seq = 0" FIRST("inbox"), "inbox: row id=" },
		{ "UPDATE inbox SET sha256 = (SELECT sha256 FROM inbox ORDER BY id DESC LIMIT 1)" FIRST("inbox"),
		  "inbox: row id=1 has other bytes" },
		{ "DELETE FROM inbox" FIRST("inbox"), "is missing: the log received a message" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM token", "outbox: row id=1 has no token" },
		{ "UPDATE outbox SET address = 'mal@example.com'" FIRST("outbox"), "outbox: row id=1 is not about" },
		{ "UPDATE token SET version = 99", "names no version of a case" },
		{ "UPDATE token SET content = zeroblob(32)", "has another content hash" },
		{ "UPDATE token SET used = 100000", "was used for an entry that is not in the log" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		restore(f);
		raw(f, cases[i].sql);
		is_named(f, cases[i].sql, cases[i].says);
	}
}

// The same attack, thoroughly: leaf, body, salt and leaf hash fit each other, but the tree above does not.
static void a_forged_entry_is_named(void **state)
{
	struct fixture *f = *state;
	_free_ char *sql = NULL;
	struct digest commitment, leaf_hash;
	uint8_t salt[SALT_SIZE] = { 0 };
	char hex[2 * DIGEST_SIZE + 1], node[2 * DIGEST_SIZE + 1];
	_free_ char *leaf = NULL;

	commitment = body_commitment(salt, "{}", 2);
	leaf = text_format("{\"actor\":\"system\",\"body\":\"%s\",\"seq\":0,\"time\":\"2026-01-01T00:00:00.000Z\","
	                   "\"type\":\"audit.queried\",\"v\":1,\"via\":\"mail\"}",
	                   hex_encode(commitment.bytes, DIGEST_SIZE, hex));
	leaf_hash = tree_leaf_hash(leaf, strlen(leaf));
	sql = text_format(
	        "UPDATE entry SET leaf = CAST('%s' AS BLOB), salt = zeroblob(32), body = x'7b7d' WHERE seq = 0;"
	        "UPDATE node SET hash = x'%s' WHERE id = 0",
	        leaf, hex_encode(leaf_hash.bytes, DIGEST_SIZE, node));
	restore(f);
	raw(f, sql);
	is_named(f, sql, "entry 1: node: row id=2 is not the hash of what is below it");
}

static char *evidence_file(const struct fixture *f)
{
	static const char zeros[BLOB_INLINE_MAX + 1];
	struct digest sha256 = sha256_of(zeros, sizeof zeros);
	char hex[2 * DIGEST_SIZE + 1];

	hex_encode(sha256.bytes, DIGEST_SIZE, hex);
	return text_format("%s/evidence/%.2s/%s", f->path, hex, hex);
}

static void a_changed_file_of_evidence_is_named(void **state)
{
	struct fixture *f = *state;
	_free_ char *path = evidence_file(f);
	_free_ char *away = text_format("%s.away", path);
	struct stat st;

	restore(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0400);
	assert_int_equal(rename(path, away), 0);
	is_named(f, "a file removed", path);
	assert_int_equal(file_replace(path, "other", 5, 0400, NULL), 0);
	is_named(f, "a file changed", "evidence was altered");
	assert_int_equal(rename(away, path), 0);
	the_untouched_verifies(state);
}

// FAULTS 26: a bit flips anywhere in the file.
static void a_flipped_bit_is_never_silently_used(void **state)
{
	struct fixture *f = *state;
	_free_ char *path = database(f);
	struct story s = story_begin(5);
	int named = 0;

	for (int i = 0; i < 60; i++) {
		_free_ char *copy = malloc(f->size);
		size_t at = story_random(&s, f->size);
		struct verify_result n;
		struct err e = { 0 };

		restore(f);
		assert_non_null(copy);
		memcpy(copy, f->pristine, f->size);
		copy[at] = (char)(copy[at] ^ (1 << story_random(&s, 8)));
		put(path, copy, f->size);
		if (log_verify(f->path, &n, &e) < 0)
			named++;
		else
			assert_int_equal(n.entries > 400, 1); // it hit free space or what FTS5 keeps for ranking
	}
	print_message("%d of 60 flipped bits mattered\n", named);
	assert_true(named > 20);
}

static void says_what_stands_in_the_way(void **state)
{
	struct verify_result n;
	struct err e = { 0 };

	assert_int_equal(log_verify("/nonexistent", &n, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_untouched_verifies),
		cmocka_unit_test(a_change_by_sql_is_named),
		cmocka_unit_test(a_forged_entry_is_named),
		cmocka_unit_test(a_changed_file_of_evidence_is_named),
		cmocka_unit_test(a_flipped_bit_is_never_silently_used),
		cmocka_unit_test(says_what_stands_in_the_way),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
