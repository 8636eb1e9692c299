// SPDX-License-Identifier: Apache-2.0
// fill DIR [CASES] - makes a state directory with so many cases (100000), each opened, assessed, reviewed, voted on and
// mostly closed, by log_append(); then says how long opening it and some queries take.  With a filled DIR: only that.
//
// Built as: cc -O2 -g -std=gnu17 -D_GNU_SOURCE -I. tests/bench/fill.c BUILD/store.a BUILD/base.a -lsqlite3 -ljansson
// -lcrypto
#include <sys/stat.h>
#include <time.h>

#include "store/cases.h"
#include "tests/unit/story.h"

#define GROUP 500 // cases in one transaction

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "fill: %s\n", e->text);
	exit(1);
}

// One case's life; the story's own random steps would make more mail than cases.
static int live(struct story *s, struct db *db, struct err *e)
{
	struct story_case *c;

	s->now += (int64_t)story_random(s, CLOCK_MINUTE);
	if (story_open(s, db, e) < 0)
		return -1;
	c = &s->open[(s->cases - 1) % STORY_CASES];
	if (c->state == STORY_INCOMPLETE && story_amend(s, db, c, e) < 0)
		return -1;
	if (story_review(s, db, c, e) < 0 || story_vote(s, db, c, e) < 0)
		return -1;
	if (story_random(s, 10) == 0)
		return story_comment(s, db, c, e);
	return story_random(s, 10) ? story_close(s, db, c, e) : 0;
}

static void fill(const char *dir, int64_t cases)
{
	struct err e = { 0 };
	_db_ struct db *db = db_open(dir, DB_WRITE, &e);
	struct story s = story_begin(1);
	double start = seconds();

	if (!db)
		fail(&e);
	while (s.cases < cases) {
		if (db_begin(db, "fill", &e) < 0)
			fail(&e);
		for (int i = 0; i < GROUP && s.cases < cases; i++)
			if (live(&s, db, &e) < 0)
				fail(&e);
		if (db_commit(db, &e) < 0)
			fail(&e);
	}
	printf("filled: %lld cases, %llu entries in %.1f s\n", (long long)s.cases, (unsigned long long)log_size(db),
	       seconds() - start);
}

static void time_query(struct db *db, const char *name, json_t *query, const struct viewer *viewer)
{
	double best = 1e9;
	int64_t count = 0;

	for (int i = 0; i < 5; i++) {
		struct err e = { 0 };
		double start = seconds();
		_json_ json_t *found = cases_find(db, query, viewer, 20, &e);

		if (!found)
			fail(&e);
		count = json_int(found, "count");
		if (seconds() - start < best)
			best = seconds() - start;
	}
	printf("find %-32s %8.1f ms, %lld found\n", name, best * 1e3, (long long)count);
	json_decref(query);
}

static json_t *term(const char *key, const char *op, json_t *value)
{
	return json_pack("{s[{sssssosn}]}", "terms", "key", key, "op", op, "value", value, "name");
}

static void look(const char *dir)
{
	const struct viewer all = { .everything = true }, ann = { .principal = "person:p7" };
	struct err e = { 0 };
	double start = seconds();
	_db_ struct db *db = db_open(dir, DB_WRITE, &e);

	if (!db)
		fail(&e);
	printf("opened in %.1f ms: %llu entries\n", (seconds() - start) * 1e3, (unsigned long long)log_size(db));
	time_query(db, "newest", json_object(), &all);
	time_query(db, "newest of one person", json_object(), &ann);
	time_query(db, "state:approved", term("state", "=", json_string("approved")), &all);
	time_query(db, "state!=approved", term("state", "!=", json_string("approved")), &all);
	time_query(db, "license:GPL-*", term("license", "glob", json_string("GPL-*")), &all);
	time_query(db, "license:Zlib", term("license", "=", json_string("Zlib")), &all);
	time_query(db, "product!=Widget", term("product", "!=", json_string("Widget")), &all);
	time_query(db, "risk>=7", term("risk", ">=", json_integer(7)), &all);
	time_query(db, "quantity>=990", term("quantity", ">=", json_integer(990)), &all);
	time_query(db, "opened<30d", term("opened", ">", json_integer(log_time(db) - INT64_C(30) * CLOCK_DAY)), &all);
	time_query(db, "expires<...", term("expires", "<", json_integer(STORY_START + INT64_C(500) * CLOCK_DAY)), &all);
	time_query(db, "approver:bo", term("approver", "=", json_string("bo")), &all);
	time_query(db, "requester:p7", term("requester", "=", json_string("p7")), &all);
	time_query(db, "requester:ann@example.com", term("requester", "=", json_string("ann@example.com")), &all);
	time_query(db, "word7", json_pack("{s[s]}", "text", "word7"), &all);
	time_query(db, "gateway (in most cases)", json_pack("{s[s]}", "text", "gateway"), &all);
	time_query(db, "state:pending license:GPL-* risk>=7 gateway",
	           json_pack("{s[{ssssss}{ssssss}{sssssi}]s[s]}", "terms", "key", "state", "op", "=", "value",
	                     "pending", "key", "license", "op", "glob", "value", "gpl-*", "key", "risk", "op",
	                     ">=", "value", 7, "text", "gateway"),
	           &all);
	time_query(db, "word7, by one person", json_pack("{s[s]}", "text", "word7"), &ann);
}

int main(int argc, char **argv)
{
	_free_ char *path = NULL;

	if (argc < 2) {
		fprintf(stderr, "usage: fill DIR [CASES]\n");
		return EX_USAGE;
	}
	path = path_join(argv[1], "countersign.db");
	mkdir(argv[1], 0700);
	if (access(path, F_OK) < 0)
		fill(argv[1], argc > 2 ? strtoll(argv[2], NULL, 10) : 100000);
	look(argv[1]);
	return 0;
}
