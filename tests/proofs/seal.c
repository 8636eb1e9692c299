// SPDX-License-Identifier: Apache-2.0
// seal STATE KEYFILE SEED SIZE... - makes a log in the folder STATE (a story, tests/unit/story.h) and signs its head at
// or just past each of the sizes with the key that `countersign keygen --log` wrote.  Prints the sizes that were
// signed. tests/system/proofs.py runs it.
#include <stdio.h>

#include "base/checkpoint.h"
#include "base/secret.h"
#include "store/checkpoints.h"
#include "tests/unit/story.h"

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "seal: %s\n", e->text);
	exit(1);
}

static void sign_head(struct db *db, const struct note_signer *signer)
{
	struct checkpoint c = { .size = log_size(db), .root = log_root(db) };
	_free_ char *text = NULL, *line = NULL, *note = NULL;
	struct err e = { 0 };

	memcpy(c.origin, signer->key.name, sizeof c.origin);
	text = checkpoint_text(&c);
	line = note_sign(signer, text, strlen(text), 0, &e);
	if (!line)
		fail(&e);
	note = text_format("%s\n%s", text, line);
	if (checkpoint_add(db, c.size, &c.root, note, &e) < 0)
		fail(&e);
	printf("%llu\n", (unsigned long long)c.size);
}

static void grow(struct story *s, struct db *db, const struct note_signer *signer, uint64_t size)
{
	struct err e = { 0 };

	if (db_begin(db, "seal", &e) < 0)
		fail(&e);
	while (log_size(db) < size)
		if (story_step(s, db, &e) < 0)
			fail(&e);
	sign_head(db, signer);
	if (db_commit(db, &e) < 0)
		fail(&e);
}

int main(int argc, char **argv)
{
	struct note_signer signer;
	_secret_ char *secret = NULL;
	_free_ char *reference = NULL;
	_db_ struct db *db = NULL;
	struct err e = { 0 };
	struct story s;
	size_t len;

	if (argc < 5)
		return EX_USAGE;
	reference = text_format("file:%s", argv[2]);
	secret = secret_load(reference, ".", &len, &e);
	if (!secret || note_signer_read(secret, &signer, &e) < 0)
		fail(&e);
	db = db_open(argv[1], DB_WRITE, &e);
	if (!db)
		fail(&e);
	s = story_begin(strtoull(argv[3], NULL, 10));
	for (int i = 4; i < argc; i++)
		grow(&s, db, &signer, strtoull(argv[i], NULL, 10));
	return 0;
}
