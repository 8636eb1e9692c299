// SPDX-License-Identifier: Apache-2.0
// append DIR             - a store and nothing else: makes a state, appends entries in transactions of several sizes,
// and
//                          says "SIZE ROOT" on standard output after each commit: that is its acknowledgement.
// append DIR SIZE ROOT   - after a death: is what was acknowledged last still there, does everything verify, and does
//                          the log go on?  SIZE 0 when nothing was acknowledged.
// tests/system/kill_log.sh runs it.
#include "store/blob.h"
#include "store/inbox.h"
#include "store/verify.h"
#include "tests/unit/story.h"

#define TRANSACTIONS 12

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "append: %s\n", e->text);
	exit(1);
}

// Not by stdio, which the shim would not see.
static void acknowledge(struct db *db)
{
	struct digest root = log_root(db);
	char line[128], hex[2 * DIGEST_SIZE + 1];
	int len = snprintf(line, sizeof line, "%llu %s\n", (unsigned long long)log_size(db),
	                   hex_encode(root.bytes, DIGEST_SIZE, hex));

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		exit(1);
}

// A mail that becomes a file of its own.
static int take_large(struct db *db, const char *id, int64_t now, struct err *e)
{
	static char bytes[BLOB_INLINE_MAX + 1];
	const struct arrival mail = { id, "mail", bytes, sizeof bytes, now, NULL };
	enum arrived arrived;
	struct inbox_row row;

	return inbox_take(db, &mail, now, &arrived, &row, e);
}

static void append(const char *dir)
{
	struct err e = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &e);
	struct story s = story_begin(4);

	if (!db)
		fail(&e);
	for (int i = 0; i < TRANSACTIONS; i++) {
		if (db_begin(db, "append", &e) < 0)
			fail(&e);
		for (int k = 0; k <= i % 4 * 3; k++)
			if (story_step(&s, db, &e) < 0)
				fail(&e);
		if (i == TRANSACTIONS / 2 && take_large(db, "first", s.now, &e) < 0)
			fail(&e);
		if (db_commit(db, &e) < 0)
			fail(&e);
		acknowledge(db);
		if (i == TRANSACTIONS / 2 && db_checkpoint(db, &e) < 0)
			fail(&e);
	}
	db_close(&db);
}

static void verify(const char *dir)
{
	struct verify_result n;
	struct err e = { 0 };

	if (log_verify(dir, &n, &e) < 0)
		fail(&e);
}

static void check(const char *dir, uint64_t size, const char *root)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct err e = { 0 };
	struct db *db = db_open(dir, DB_WRITE, &e);
	struct digest now;

	if (!db)
		fail(&e);
	if (log_root_at(db, size, &now, &e) < 0)
		fail(&e);
	if (size > 0 && strcmp(hex_encode(now.bytes, DIGEST_SIZE, hex), root) != 0) {
		err_set(&e, EX_DATAERR, "what was acknowledged at size %llu is another log", (unsigned long long)size);
		fail(&e);
	}
	verify(dir);
	if (db_begin(db, "check", &e) < 0 || take_large(db, "second", 0, &e) < 0 || db_commit(db, &e) < 0)
		fail(&e);
	db_close(&db);
	verify(dir);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		append(argv[1]);
	else if (argc == 4)
		check(argv[1], strtoull(argv[2], NULL, 10), argv[3]);
	else
		return EX_USAGE;
	return 0;
}
