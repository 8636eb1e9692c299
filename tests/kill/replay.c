// SPDX-License-Identifier: Apache-2.0
// replay STATE JOURNAL         - carries out what the journal has beyond the state (an empty folder, or an older copy),
//                                and says "SIZE ROOT COMMITS TORN"
// replay STATE JOURNAL LIKE    - likewise; then every table must have the rows that it has in the state LIKE
//
// What a restore does with a journal, and nothing else.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "store/journal.h"
#include "store/log.h"
#include "tests/kill/same.h"

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "replay: %s\n", e->text);
	exit(e->code ? e->code : 1);
}

int main(int argc, char **argv)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct journal_replayed n;
	struct err e = { 0 };
	struct digest root;
	struct db *db;

	if (argc != 3 && argc != 4)
		return EX_USAGE;
	db = db_open(argv[1], DB_WRITE, &e);
	if (!db || journal_replay(db, argv[2], log_size(db), UINT64_MAX, &n, &e) < 0)
		fail(&e);
	if (argc == 4 && same_rows(db, argv[3], &e) < 0)
		fail(&e);
	root = log_root(db);
	printf("%" PRIu64 " %s %" PRIu64 " %" PRIu64 "\n", n.size, hex_encode(root.bytes, DIGEST_SIZE, hex), n.commits,
	       n.torn);
	db_close(&db);
	return 0;
}
