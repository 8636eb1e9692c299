// SPDX-License-Identifier: Apache-2.0
// append [DIR [JOURNAL]] - how many entries a second log_append() makes durable, alone (one in a transaction) and in
// tens, beside the floor: bare SQLite putting a row of the same size into one table under the same settings; with
// JOURNAL, beside a log that keeps a leaf journal in that folder.  They take turns in one run, so that the machine's
// mood falls on all; the ratios are what counts.
//
// Built as: cc -O2 -g -std=gnu17 -D_GNU_SOURCE -I. tests/bench/append.c BUILD/store.a BUILD/base.a -lsqlite3 -ljansson
// -lcrypto, and run with LD_PRELOAD=synccount.so to see the syncs behind each figure.
#include <sys/stat.h>
#include <time.h>

#include "base/random.h"
#include "store/journal.h"
#include "store/sql.h"
#include "tests/bench/synccount.h"
#include "tests/unit/story.h"

#define ROUNDS 10
#define COMMITS 60 // of each kind in each round

static const int per_commit[] = { 1, 10 };

struct side {
	double seconds;
	double processor;
	long entries, syncs;
	size_t bytes;
};

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "append: %s\n", e->text);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sync_count counted(void)
{
	return sync_count ? sync_count() : (struct sync_count){ 0 };
}

static void begin(struct side *s)
{
	s->seconds -= seconds(CLOCK_MONOTONIC);
	s->processor -= seconds(CLOCK_PROCESS_CPUTIME_ID);
	s->syncs -= counted().syncs;
	s->bytes -= counted().bytes;
}

static void end(struct side *s, long entries)
{
	s->seconds += seconds(CLOCK_MONOTONIC);
	s->processor += seconds(CLOCK_PROCESS_CPUTIME_ID);
	s->syncs += counted().syncs;
	s->bytes += counted().bytes;
	s->entries += entries;
}

// An entry as the log has most of: about a case, with a body of a few hundred bytes.
static void append(struct db *db, int each)
{
	struct err e = { 0 };

	for (int i = 0; i < COMMITS; i++) {
		if (db_begin(db, "bench", &e) < 0)
			fail(&e);
		for (int k = 0; k < each; k++) {
			_json_ json_t *event = event_new(
			        "audit.queried", "person:gus", "cli", "CS-142", 2,
			        json_pack("{ssssss}", "query", "state:approved license:GPL-* expires<30d", "text",
			                  "which exceptions for copyleft licences end within a month", "why",
			                  "quarterly review of the licensing desk, requested by the board"));

			if (log_append(db, event, clock_real(), NULL, &e) < 0)
				fail(&e);
		}
		if (db_commit(db, &e) < 0)
			fail(&e);
	}
}

static void run(sqlite3 *bare, const char *sql)
{
	if (sqlite3_exec(bare, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "append: %s: %s\n", sql, sqlite3_errmsg(bare));
		exit(1);
	}
}

// The settings of store/db.c.
static sqlite3 *open_bare(const char *dir)
{
	_free_ char *path = path_join(dir, "bare.db");
	sqlite3 *bare;

	if (sqlite3_open_v2(path, &bare, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		exit(1);
	run(bare, "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;"
	          "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
	          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000;"
	          "CREATE TABLE bare (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT");
	return bare;
}

// Its statements, prepared once as the store's are.
struct bare {
	sqlite3_stmt *begin, *put, *commit;
};

static sqlite3_stmt *prepared_bare(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK)
		exit(1);
	return statement;
}

static void step(sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		exit(1);
	sqlite3_reset(statement);
}

static void insert(const struct bare *bare, size_t size, int each)
{
	static uint8_t data[4096];

	random_bytes(data, sizeof data);
	for (int i = 0; i < COMMITS; i++) {
		step(bare->begin);
		for (int k = 0; k < each; k++) {
			sqlite3_bind_blob(bare->put, 1, data, (int)size, SQLITE_STATIC);
			step(bare->put);
		}
		step(bare->commit);
	}
}

static size_t entry_size(struct db *db)
{
	_rows_ sqlite3_stmt *rows =
	        sql_query(db, NULL, "SELECT length(leaf) + length(salt) + length(body) FROM entry LIMIT 1");

	return rows && sql_row(db, rows, NULL) > 0 ? (size_t)sql_int(rows, 0) : 0;
}

static void one_side(const char *name, const char *what, const struct side *s)
{
	double entries = (double)s->entries;

	printf("%-6s %-10s %7.0f/s (%.3f syncs, %5.0f bytes written, %3.0f us of processor each)\n", name, what,
	       entries / s->seconds, (double)s->syncs / entries, (double)s->bytes / entries,
	       s->processor / entries * 1e6);
}

static void report(const char *name, const char *what, const struct side *ours, const char *floor_name,
                   const struct side *floor)
{
	one_side(name, what, ours);
	one_side("", floor_name, floor);
	printf("%-6s ratio      %.2f\n", "",
	       ((double)ours->entries / ours->seconds) / ((double)floor->entries / floor->seconds));
}

static struct db *open_log(const char *dir, const char *journal)
{
	struct err e = { 0 };
	struct db *db;

	mkdir(dir, 0700);
	db = db_open(dir, DB_WRITE, &e);
	if (!db || (journal && journal_open(db, journal, &e) < 0))
		fail(&e);
	append(db, 1); // warms up, and says how large an entry is
	return db;
}

// The log without its journal is the floor of one with it.
static void compare_journal(struct db *db, const char *dir, const char *journal)
{
	_free_ char *other = text_format("%s/with-journal", dir);
	struct side with[2] = { 0 }, without[2] = { 0 };
	struct db *journaled = open_log(other, journal);

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 2; i++) {
			begin(&with[i]);
			append(journaled, per_commit[i]);
			end(&with[i], COMMITS * per_commit[i]);
			begin(&without[i]);
			append(db, per_commit[i]);
			end(&without[i], COMMITS * per_commit[i]);
		}
	}
	report("alone", "journal", &with[0], "without", &without[0]);
	report("tens", "journal", &with[1], "without", &without[1]);
	db_close(&journaled);
}

static void compare_bare(struct db *db, const char *dir)
{
	struct side log[2] = { 0 }, bare[2] = { 0 };
	size_t size = entry_size(db);
	sqlite3 *handle = open_bare(dir);
	struct bare statements = { prepared_bare(handle, "BEGIN IMMEDIATE"),
		                   prepared_bare(handle, "INSERT INTO bare (data) VALUES (?)"),
		                   prepared_bare(handle, "COMMIT") };

	insert(&statements, size, 1);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 2; i++) {
			begin(&log[i]);
			append(db, per_commit[i]);
			end(&log[i], COMMITS * per_commit[i]);
			begin(&bare[i]);
			insert(&statements, size, per_commit[i]);
			end(&bare[i], COMMITS * per_commit[i]);
		}
	}
	printf("entries of %zu bytes\n", size);
	report("alone", "log_append", &log[0], "bare", &bare[0]);
	report("tens", "log_append", &log[1], "bare", &bare[1]);
	sqlite3_finalize(statements.begin);
	sqlite3_finalize(statements.put);
	sqlite3_finalize(statements.commit);
	sqlite3_close(handle);
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "build/bench-append";
	struct db *db = open_log(dir, NULL);

	if (argc > 2)
		compare_journal(db, dir, argv[2]);
	else
		compare_bare(db, dir);
	db_close(&db);
	return 0;
}
