// SPDX-License-Identifier: Apache-2.0
// append [DIR] - how many entries a second log_append() makes durable, alone (one in a transaction) and in tens, beside
// the floor: bare SQLite putting a row of the same size into one table under the same settings.  Both take turns in one
// run, so that the machine's mood falls on both; the ratios are what counts.
//
// Built as: cc -O2 -g -std=gnu17 -D_GNU_SOURCE -I. tests/bench/append.c BUILD/store.a BUILD/base.a -lsqlite3 -ljansson
// -lcrypto, and run with LD_PRELOAD=synccount.so to see the syncs behind each figure.
#include <sys/stat.h>
#include <time.h>

#include "base/random.h"
#include "store/sql.h"
#include "tests/bench/synccount.h"
#include "tests/unit/story.h"

#define ROUNDS 10
#define COMMITS 60 // of each kind in each round

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
static void append(struct db *db, int per_commit)
{
	struct err e = { 0 };

	for (int i = 0; i < COMMITS; i++) {
		if (db_begin(db, "bench", &e) < 0)
			fail(&e);
		for (int k = 0; k < per_commit; k++) {
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

static void insert(const struct bare *bare, size_t size, int per_commit)
{
	static uint8_t data[4096];

	random_bytes(data, sizeof data);
	for (int i = 0; i < COMMITS; i++) {
		step(bare->begin);
		for (int k = 0; k < per_commit; k++) {
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

static void report(const char *name, const struct side *log, const struct side *bare)
{
	double log_rate = (double)log->entries / log->seconds, bare_rate = (double)bare->entries / bare->seconds;

	printf("%-6s log_append %7.0f/s (%.3f syncs, %5.0f bytes written, %3.0f us of processor an entry)\n", name,
	       log_rate, (double)log->syncs / (double)log->entries, (double)log->bytes / (double)log->entries,
	       log->processor / (double)log->entries * 1e6);
	printf("%-6s bare       %7.0f/s (%.3f syncs, %5.0f bytes written, %3.0f us of processor a row)\n", "",
	       bare_rate, (double)bare->syncs / (double)bare->entries, (double)bare->bytes / (double)bare->entries,
	       bare->processor / (double)bare->entries * 1e6);
	printf("%-6s ratio      %.2f\n", "", log_rate / bare_rate);
}

int main(int argc, char **argv)
{
	static const int per_commit[] = { 1, 10 };
	const char *dir = argc > 1 ? argv[1] : "build/bench-append";
	struct side log[2] = { 0 }, bare[2] = { 0 };
	struct err e = { 0 };
	struct bare statements;
	sqlite3 *handle;
	struct db *db;
	size_t size;

	mkdir(dir, 0700);
	db = db_open(dir, DB_WRITE, &e);
	if (!db)
		fail(&e);
	handle = open_bare(dir);
	statements = (struct bare){ prepared_bare(handle, "BEGIN IMMEDIATE"),
		                    prepared_bare(handle, "INSERT INTO bare (data) VALUES (?)"),
		                    prepared_bare(handle, "COMMIT") };
	append(db, 1); // warms up, and says how large an entry is
	size = entry_size(db);
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
	report("alone", &log[0], &bare[0]);
	report("tens", &log[1], &bare[1]);
	sqlite3_finalize(statements.begin);
	sqlite3_finalize(statements.put);
	sqlite3_finalize(statements.commit);
	sqlite3_close(handle);
	db_close(&db);
	return 0;
}
