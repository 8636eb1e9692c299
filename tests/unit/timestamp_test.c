// SPDX-License-Identifier: Apache-2.0
// base/timestamp: the request byte by byte, and which answers of OpenSSL's authority hold.  store/timestamps: a row
// that was edited is named.  The vectors were made by openssl(1) and by a few lines of DER.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "store/checkpoints.h"
#include "store/sql.h"
#include "store/timestamps.h"
#include "tests/unit/story.h"

struct fixture {
	char *path, *ca, *expired_ca;
	struct db *db;
	json_t *vectors;
	const char *note;
	uint8_t nonce[TIMESTAMP_NONCE];
};

static char *put_file(const struct fixture *f, const char *name)
{
	const char *text = json_str(f->vectors, name);
	char *path = path_join(f->path, name);

	assert_int_equal(file_replace(path, text, strlen(text), 0600, NULL), 0);
	return path;
}

// The checkpoint that is stamped is kept, and so is one of another size.
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct buf text = BUF(1 << 20);
	struct digest root = { { 1 } };
	_note_ struct note note = { 0 };
	struct checkpoint c;

	assert_non_null(f);
	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/timestamps.json", &text, NULL), 0);
	f->vectors = json_read(text.data, text.len, NULL);
	buf_free(&text);
	f->path = state_make();
	f->db = db_open(f->path, DB_WRITE, NULL);
	assert_non_null(f->db);
	f->note = json_str(f->vectors, "note");
	assert_int_equal(hex_decode(json_str(f->vectors, "nonce"), f->nonce, sizeof f->nonce), 0);
	f->ca = put_file(f, "ca");
	f->expired_ca = put_file(f, "expired_ca");
	assert_int_equal(db_begin(f->db, "test", NULL), 0);
	assert_int_equal(note_read(f->note, strlen(f->note), &note, NULL), 0);
	assert_int_equal(checkpoint_read(note.text, note.len, &c, NULL), 0);
	assert_int_equal(checkpoint_add(f->db, c.size, &c.root, f->note, NULL), 0);
	assert_int_equal(checkpoint_add(f->db, 8, &root, "another\n8\n", NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	db_rollback(f->db);
	db_close(&f->db);
	unlink(f->ca);
	unlink(f->expired_ca);
	free(f->ca);
	free(f->expired_ca);
	state_remove(&f->path);
	json_decref(f->vectors);
	free(f);
	return 0;
}

static size_t answer_of(const struct fixture *f, const char *name, uint8_t out[4096])
{
	const char *coded = json_str(json_obj(f->vectors, "answers"), name);
	long len = base64_decode(coded, strlen(coded), out, 4096);

	assert_true(len >= 0);
	return (size_t)len;
}

static void asks(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf query = BUF(1000);
	char hex[400];

	assert_int_equal(timestamp_request(f->note, strlen(f->note), f->nonce, &query, NULL), 0);
	assert_string_equal(hex_encode(query.data, query.len, hex), json_str(f->vectors, "query"));
}

enum ways { FRESH = 1, KEPT = 2, KEPT_BY_ANYBODY = 4 };

static void checks(void **state)
{
	static const struct {
		const char *name;
		int holds;       // of ways
		const char *why; // when it is fresh
	} cases[] = {
		{ "good", FRESH | KEPT | KEPT_BY_ANYBODY, "" },
		{ "stranger", KEPT_BY_ANYBODY, "certificate verify error" },
		{ "other bytes", 0, "message imprint mismatch" },
		{ "other nonce", KEPT | KEPT_BY_ANYBODY, "nonce mismatch" },
		{ "no nonce", KEPT | KEPT_BY_ANYBODY, "nonce not returned" },
		{ "no certificate", 0, "" },
		{ "refused", 0, "the authority refuses (status 2)" },
		{ "edited", 0, "signature failure" },
		{ "longer", 0, "no time-stamp (RFC 3161)" },
		{ "shorter", 0, "no time-stamp (RFC 3161)" },
		{ "empty", 0, "0 bytes" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		uint8_t answer[4096];
		size_t len = answer_of(f, cases[i].name, answer);

		for (int way = FRESH; way <= KEPT_BY_ANYBODY; way *= 2) {
			struct timestamp_check want = { .data = f->note,
				                        .len = strlen(f->note),
				                        .nonce = way == FRESH ? f->nonce : NULL,
				                        .ca = way == KEPT_BY_ANYBODY ? NULL : f->ca };
			struct err e = { 0 };
			int64_t time = 0;
			int r = timestamp_check(answer, len, &want, &time, &e);

			if ((r == 0) != ((cases[i].holds & way) != 0))
				fail_msg("%s, way %d: %d %s", cases[i].name, way, r, e.text);
			assert_int_equal(time > 0, r == 0);
			assert_int_equal(e.code, r == 0 ? 0 : EX_DATAERR);
			if (way == FRESH && !strstr(e.text, cases[i].why))
				fail_msg("%s: %s", cases[i].name, e.text);
		}
	}
}

// A certificate ends; what it stamped before stays stamped, and nothing new is.
static void outlives_its_certificate(void **state)
{
	struct fixture *f = *state;
	struct timestamp_check want = { .data = f->note, .len = strlen(f->note), .ca = f->expired_ca };
	uint8_t answer[4096];
	size_t len = answer_of(f, "expired", answer);
	struct err e = { 0 };

	assert_int_equal(timestamp_check(answer, len, &want, NULL, &e), 0);
	want.nonce = f->nonce;
	assert_int_equal(timestamp_check(answer, len, &want, NULL, &e), -1);
	assert_non_null(strstr(e.text, "expired"));
}

static void names_what_it_trusts(void **state)
{
	struct fixture *f = *state;
	struct timestamp_check want = { .data = f->note, .len = strlen(f->note), .ca = "/nowhere/ca.pem" };
	uint8_t answer[4096];
	size_t len = answer_of(f, "good", answer);
	struct err e = { 0 };

	assert_int_equal(timestamp_check(answer, len, &want, NULL, &e), -1);
	assert_int_equal(e.code, EX_CONFIG);
	assert_non_null(strstr(e.text, "/nowhere/ca.pem"));
}

static void keep_good(struct fixture *f)
{
	struct timestamp_check want = { .data = f->note, .len = strlen(f->note) };
	uint8_t answer[4096];
	size_t len = answer_of(f, "good", answer);
	int64_t at = 0;

	assert_int_equal(timestamp_check(answer, len, &want, &at, NULL), 0);
	assert_int_equal(timestamp_add(f->db, 20, f->note, answer, len, at, NULL), 0);
	assert_int_equal(timestamp_add(f->db, 20, "other", "x", 1, 1, NULL), 0); // the first one stays
}

static void keeps(void **state)
{
	struct fixture *f = *state;
	_buf_ struct buf answer = BUF(TIMESTAMP_MAX);
	_free_ char *note = NULL;
	uint64_t size = 0, rows = 0;
	int64_t at = 0;

	assert_int_equal(timestamp_last(f->db, &size, &at, &note, &answer, NULL), 0);
	keep_good(f);
	assert_int_equal(timestamp_last(f->db, &size, &at, &note, &answer, NULL), 1);
	assert_int_equal(size, 20);
	assert_string_equal(note, f->note);
	assert_true(at > 0 && answer.len > 500);
	assert_int_equal(timestamps_check(f->db, NULL, &rows, NULL), 0);
	assert_int_equal(timestamps_check(f->db, f->ca, &rows, NULL), 0);
	assert_int_equal(rows, 2);
}

static void names_an_edit(void **state)
{
	static const char *const edits[] = {
		"UPDATE timestamp SET size = 8",
		"UPDATE timestamp SET at = at + 1",
		"UPDATE timestamp SET note = note || note",
		"UPDATE timestamp SET note = replace(note, 'A', 'B')",
		"UPDATE timestamp SET note = ''",
		"UPDATE timestamp SET answer = CAST(answer || 'x' AS BLOB)",
		"UPDATE timestamp SET answer = zeroblob(length(answer))",
		"UPDATE timestamp SET answer = zeroblob(70000)",
		"UPDATE timestamp SET answer = x''",
		"UPDATE checkpoint SET note = replace(note, '20', '21') WHERE size = 20",
	};
	struct fixture *f = *state;
	uint64_t rows = 0;

	keep_good(f);
	for (size_t i = 0; i < LENGTH(edits); i++) {
		struct err e = { 0 };

		assert_int_equal(db_mark(f->db, NULL), 0);
		assert_int_equal(sql_exec(f->db, edits[i], NULL), 0);
		assert_int_equal(timestamps_check(f->db, NULL, &rows, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, "timestamp: row size="));
		assert_int_equal(db_undo(f->db, NULL), 0);
	}
	assert_int_equal(timestamps_check(f->db, f->ca, &rows, NULL), 0);
	assert_int_equal(timestamps_check(f->db, f->expired_ca, &rows, NULL), -1); // another authority
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks, setup, teardown),
		cmocka_unit_test_setup_teardown(checks, setup, teardown),
		cmocka_unit_test_setup_teardown(outlives_its_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(names_what_it_trusts, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps, setup, teardown),
		cmocka_unit_test_setup_teardown(names_an_edit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
