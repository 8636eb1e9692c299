// SPDX-License-Identifier: Apache-2.0
// For tests of erasing: a state with a journal, cases of somebody whose words are easily found again, and where they
// are.
#ifndef TESTS_UNIT_ERASABLE_H
#define TESTS_UNIT_ERASABLE_H

#include <sys/stat.h>

#include "store/journal.h"
#include "tests/unit/story.h"

#define NAME "Kim Quintessential"
#define ADDRESS "kim.quintessential@example.com"
#define WORDS "zymurgical exception for the vestibule"

struct place {
	char *state, *other, *journal;
	int64_t now;
};

static inline void must(bool holds, const char *what, const struct err *e)
{
	if (!holds)
		panic("%s: %s", what, e ? e->text : "");
}

static inline struct db *open_with(const char *state, const char *journal)
{
	struct err e = { 0 };
	struct db *db = db_open(state, DB_WRITE, &e);

	if (!db || (journal && journal_open(db, journal, &e) < 0))
		panic("%s", e.text);
	return db;
}

static inline void begin(struct db *db)
{
	struct err e = { 0 };

	if (db_begin(db, "test", &e) < 0)
		panic("%s", e.text);
}

static inline void commit(struct db *db)
{
	struct err e = { 0 };

	if (db_commit(db, &e) < 0)
		panic("%s", e.text);
}

static inline uint64_t append(struct place *p, struct db *db, const char *type, const char *actor, const char *case_id,
                              json_t *body)
{
	_json_ json_t *event =
	        event_new(type, actor, strncmp(actor, "person", 6) ? "mail" : "cli", case_id, case_id ? 1 : 0, body);
	struct err e = { 0 };
	uint64_t seq;

	if (log_append(db, event, ++p->now, &seq, &e) < 0)
		panic("%s: %s", type, e.text);
	return seq;
}

static inline int64_t receive(struct place *p, struct db *db, const char *text, size_t padding)
{
	_free_ char *bytes = calloc(1, strlen(text) + padding + 1);
	_free_ char *id = text_format("desk@mail/INBOX/1/%llu", (unsigned long long)log_size(db));
	struct arrival a = { .channel_id = id, .via = "mail", .data = bytes, .at = p->now };
	struct inbox_row row;
	enum arrived arrived;
	struct err e = { 0 };

	must(bytes, "memory", NULL);
	memcpy(bytes, text, strlen(text));
	memset(bytes + strlen(text), '.', padding);
	a.len = strlen(text) + padding;
	must(inbox_take(db, &a, p->now, &arrived, &row, &e) == 0, "it works", &e);
	must(inbox_done(db, row.id, strstr(text, NAME) ? "<1@kims-laptop.example.com>" : "<2@x>", &e) == 0, "it works",
	     &e);
	return row.seq;
}

static inline void letter(struct place *p, struct db *db, const char *case_id, const char *principal,
                          const char *address)
{
	static uint64_t id;
	_json_ json_t *model = json_pack("{ss ss}", "name", NAME, "text", WORDS), *references = json_array();
	struct letter l = { .carrier = "mail",
		            .kind = "review",
		            .message_id = "<ours@example.com>",
		            .references = references,
		            .model = model };
	struct err e = { 0 };
	int64_t row;

	l.token = (struct token_row){ .purpose = 1,
		                      .case_id = case_id,
		                      .version = 1,
		                      .principal = principal,
		                      .address = address,
		                      .expires = p->now / 1000 };
	id++;
	memcpy(l.token.id, &id, sizeof id);
	must(outbox_add(db, &l, p->now, &row, &e) == 0, "it works", &e);
	must(outbox_sent(db, row, &e) == 0, "it works", &e);
	append(p, db, "message.sent", "system", case_id,
	       json_pack("{sI ss ss ss}", "letter", (json_int_t)row, "kind", "review", "to", principal, "message_id",
	                 "<ours@example.com>"));
}

static inline json_t *blob_body(struct db *db, const char *name, char fill, size_t len)
{
	char hex[2][2 * DIGEST_SIZE + 1];
	_free_ char *bytes = malloc(len);
	struct blob blob;
	struct err e = { 0 };

	memset(bytes, fill, len);
	memcpy(bytes, NAME, strlen(NAME));
	must(blob_put(db, bytes, len, &blob, &e) == 0, "it works", &e);
	return json_pack("{ss ss sI ss ss}", "name", name, "type", "text/plain", "size", (json_int_t)len, "sha256",
	                 hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex[0]), "commitment",
	                 hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex[1]));
}

// A case of Kim's: asked by mail, with an attachment in the database and one as a file, voted on, rejected.
static inline void tell_case(struct place *p, struct db *db, const char *id, int number, char fill)
{
	char hash[2 * DIGEST_SIZE + 1];
	_free_ char *mail = text_format("From: " NAME " <" ADDRESS ">\r\n\r\n%s: " WORDS, id);
	int64_t message;

	memset(hash, '0', sizeof hash - 1);
	hash[sizeof hash - 1] = '\0';
	begin(db);
	message = receive(p, db, mail, fill == 'b' ? BLOB_INLINE_MAX : 0);
	append(p, db, "case.opened", "mail:" ADDRESS, id,
	       json_pack("{si sI ss ss ss ss ss sb ss s{ss} s{ss} ss ss s[] s[]}", "number", number, "message",
	                 (json_int_t)message, "title", WORDS, "text", WORDS, "requester", "mail:" ADDRESS,
	                 "requester_name", NAME, "requester_address", ADDRESS, "verified", 1, "filed_by",
	                 "mail:" ADDRESS, "facts", "rationale", WORDS, "words", "rationale", WORDS, "hash", hash,
	                 "thread", "<1@kims-laptop.example.com>", "components", "missing"));
	append(p, db, "evidence.attached", "mail:" ADDRESS, id, blob_body(db, NAME ".txt", fill, 100));
	append(p, db, "evidence.attached", "mail:" ADDRESS, id, blob_body(db, NAME ".zip", fill, BLOB_INLINE_MAX + 1));
	append(p, db, "case.assessed", "system", id,
	       json_pack("{ss s[{sssi s[s]}]}", "title", WORDS, "stages", "name", "legal", "need", 1, "from", "legal"));
	append(p, db, "review.requested", "system", id,
	       json_pack("{si s[{ssss}]}", "stage", 0, "asked", "person", "person:bo", "seat", "person:bo"));
	letter(p, db, id, "person:bo", "bo@example.com");
	message = receive(p, db, "From: bo@example.com\r\n\r\nreject\r\n> " NAME ": " WORDS, (size_t)fill);
	append(p, db, "vote.cast", "person:bo", id,
	       json_pack("{sI ss ss ss si ss}", "message", (json_int_t)message, "person", "person:bo", "seat",
	                 "person:bo", "verdict", "reject", "stage", 0, "why", "no grounds"));
	append(p, db, "case.commented", "mail:" ADDRESS, id,
	       json_pack("{ss ss ss}", "kind", "comment", "name", NAME, "text", WORDS));
	append(p, db, "case.rejected", "system", id, json_pack("{ss si}", "by", "vote", "stage", 0));
	letter(p, db, id, "mail:" ADDRESS, ADDRESS);
	commit(db);
}

static inline void tell_all(struct place *p, struct db *db)
{
	int64_t message;

	tell_case(p, db, "CS-1", 1, 'a');
	tell_case(p, db, "CS-2", 2, 'b');
	begin(db);
	message = receive(p, db, "From: somebody else\r\n\r\nhello", 0);
	append(p, db, "message.ignored", "system", NULL,
	       json_pack("{sI ss}", "message", (json_int_t)message, "reason", "automatic"));
	append(p, db, "audit.queried", "person:gus", NULL, json_pack("{ss}", "verb", "status"));
	commit(db);
}

static inline json_t *found(struct db *db, const struct erase_subject *subject)
{
	struct err e = { 0 };
	json_t *f;

	begin(db);
	f = erase_find(db, subject, &e);
	if (!f)
		panic("%s", e.text);
	commit(db);
	return f;
}

static inline void erase(struct place *p, struct db *db, const struct erase_subject *subject)
{
	_json_ json_t *f = found(db, subject);
	json_t *body = json_obj(f, "body");

	if (json_obj(f, "obstacle"))
		panic("%s", json_str(json_obj(f, "obstacle"), "kind"));
	json_put_str(body, "asked", "person:ira");
	json_put_str(body, "confirmed", "person:jo");
	json_put_str(body, "why", "they asked for it");
	begin(db);
	append(p, db, "body.erased", "person:jo", subject->case_id, json_incref(body));
	commit(db);
}

// --- is it anywhere? -------------------------------------------------------------------------------------------------

static const char *const personal[] = { "Quintessential", "quintessential", "kims-laptop", "zymurgical", "vestibule" };
static int seen;

static inline int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
	_buf_ struct buf bytes = BUF(1 << 28);
	struct err e = { 0 };

	(void)st, (void)at;
	if (type != FTW_F)
		return 0;
	must(file_read(path, &bytes, &e) == 0, path, &e);
	for (size_t i = 0; i < LENGTH(personal); i++)
		if (bytes.len && memmem(bytes.data, bytes.len, personal[i], strlen(personal[i]))) {
			printf("%s is in %s\n", personal[i], path);
			seen++;
		}
	return 0;
}

static inline int places(const char *folder)
{
	seen = 0;
	nftw(folder, look_into, 16, FTW_PHYS);
	return seen;
}

#endif
