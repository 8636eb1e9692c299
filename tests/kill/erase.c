// SPDX-License-Identifier: Apache-2.0
// erase make DIR     a state and a journal below DIR, with two decided cases
// erase go DIR       a start of the core as far as erasing goes, and the erasing of one of them; says "erased" when it
// is
//                    finished: that is its acknowledgement
// erase check DIR [erased]  after a death: the case is there as it was, or it is gone from every file once a start has
//                    finished what was begun; everything verifies, and it can be erased now
// tests/system/kill_erase.sh runs it.
#include "store/verify.h"
#include "tests/unit/erasable.h"

static struct place place_in(const char *dir)
{
	return (struct place){ .state = path_join(dir, "state"),
		               .journal = path_join(dir, "journal"),
		               .now = STORY_START + CLOCK_DAY };
}

static struct db *start(const struct place *p)
{
	struct db *db = open_with(p->state, p->journal);
	struct err e = { 0 };

	must(!erase_waits(db) || erase_finish(db, &e) == 0, "a start finishes what was begun", &e);
	return db;
}

static bool is_erased(struct db *db)
{
	struct err e = { 0 };
	_json_ json_t *view = erased_view(db, "CS-1", &e);

	must(view, "erased?", &e);
	return json_is_object(view);
}

static int make(struct place *p)
{
	struct db *db;

	mkdir(p->state, 0700);
	db = open_with(p->state, p->journal);
	p->now = STORY_START;
	tell_case(p, db, "CS-1", 1, 'b');
	db_close(&db);
	return 0;
}

static void erase_it(struct place *p, struct db *db)
{
	struct err e = { 0 };

	erase(p, db, &(struct erase_subject){ .case_id = "CS-1" });
	must(erase_finish(db, &e) == 0, "finishing", &e);
}

static int go(struct place *p)
{
	struct db *db = start(p);

	erase_it(p, db);
	if (write(STDOUT_FILENO, "erased\n", 7) != 7)
		return 1;
	db_close(&db);
	return 0;
}

static void verify(const struct place *p, bool erased)
{
	struct verify_result n;
	struct err e = { 0 };

	must(log_verify(p->state, &n, &e) == 0, "it verifies", &e);
	must((n.erased > 0) == erased, "old or new, no mix", NULL);
	if (erased)
		must(places(p->state) == 0 && places(p->journal) == 0, "nothing is left", NULL);
}

static void replay(const struct place *p, const char *dir)
{
	struct journal_replayed n;
	struct err e = { 0 };
	_free_ char *folder = path_join(dir, "replayed");
	struct db *db;

	mkdir(folder, 0700);
	db = open_with(folder, NULL);
	must(journal_replay(db, p->journal, 0, UINT64_MAX, &n, &e) == 0, "the journal can be replayed", &e);
	db_close(&db);
	must(places(folder) == 0, "nothing comes back by it", NULL);
}

static int check(struct place *p, const char *dir, bool acknowledged)
{
	struct db *db = start(p);
	bool erased = is_erased(db);

	must(erased || !acknowledged, "what was acknowledged is done", NULL);
	verify(p, erased);
	if (!erased)
		erase_it(p, db);
	verify(p, true);
	db_close(&db);
	verify(p, true);
	replay(p, dir);
	return 0;
}

int main(int argc, char **argv)
{
	struct place p = place_in(argc > 2 ? argv[2] : ".");
	int code = EX_USAGE;

	if (argc == 3 && strcmp(argv[1], "make") == 0)
		code = make(&p);
	else if (argc == 3 && strcmp(argv[1], "go") == 0)
		code = go(&p);
	else if (argc >= 3 && strcmp(argv[1], "check") == 0)
		code = check(&p, argv[2], argc == 4);
	free(p.state);
	free(p.journal);
	return code;
}
