// SPDX-License-Identifier: Apache-2.0
// What the signer says: where its mark is and which keys it has, the heads that it signed, and why it did not.
#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/alarming.h"
#include "bot/signing.h"
#include "bot/work.h"
#include "store/checkpoints.h"
#include "store/log.h"

enum {
	PAUSE = 50, // ms between two heads, at least
	SHARE = 9, // times as long as a head took, until the next: its syncs are on the disk that everything else needs
	PAUSE_MAX = CLOCK_SECOND,     // at most
	TRY_AGAIN = 5 * CLOCK_SECOND, // after a failure
};

static int keep_head(struct serve *s, struct work *w, struct err *e)
{
	const json_t *f = w->frame.json;
	struct digest root;

	if (hex_decode(json_str(f, "root"), root.bytes, DIGEST_SIZE) < 0)
		panic("a root that was checked is none");
	return checkpoint_add(s->desk.db, (uint64_t)json_int(f, "size"), &root, json_str(f, "note"), e);
}

static void kept(struct serve *s, struct work *w)
{
	s->signing.covered = (uint64_t)json_int(w->frame.json, "size");
	s->signing.limit = sd_event_source_disable_unref(s->signing.limit);
}

static const struct work_kind head = { "a signed head", keep_head, NULL, kept, NULL };

// Is it what was asked for, signed by the key, or by both?
static int check_note(const struct serve *s, const char *text, struct err *e)
{
	const struct checkpoint *asked = &s->signing.asking;
	_note_ struct note note = { 0 };
	struct checkpoint c;

	if (note_read(text, strlen(text), &note, e) < 0 || checkpoint_read(note.text, note.len, &c, e) < 0)
		return -1;
	if (strcmp(c.origin, s->desk.config.log_origin) != 0 || c.size != asked->size ||
	    memcmp(c.root.bytes, asked->root.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_PROTOCOL, "it signed something else than it was asked to");
	if (s->signing.turning ? note_is_signed(&note, &s->signing.turn.old, NULL) &&
	                                 note_is_signed(&note, &s->signing.turn.next, NULL)
	                       : note_is_signed(&note, &s->signing.key, NULL))
		return 0;
	return err_set(e, EX_PROTOCOL, "it did not sign with the key that counts for that head");
}

// Signing has a tenth of the time.
static void rest(struct serve *s)
{
	int64_t now = clock_monotonic(), pause = SHARE * (now - s->signing.since);

	s->signing.not_before = now + (pause < PAUSE ? PAUSE : pause > PAUSE_MAX ? PAUSE_MAX : pause);
}

static int take_note(struct serve *s, const json_t *f, struct err *e)
{
	struct work w = { .kind = &head, .document = -1, .attachments = -1 };
	char hex[2 * DIGEST_SIZE + 1];

	if (check_note(s, json_str(f, "note"), e) < 0)
		return -1;
	if (s->signing.turning) {
		s->signing.key = s->signing.turn.next;
		s->signing.has_next = false;
	}
	s->signing.asked = false;
	rest(s);
	s->signing.failures = 0;
	s->signing.mark = s->signing.asking.size;
	w.frame.json = json_object();
	json_put_int(w.frame.json, "size", (int64_t)s->signing.asking.size);
	json_put_str(w.frame.json, "root", hex_encode(s->signing.asking.root.bytes, DIGEST_SIZE, hex));
	json_put_str(w.frame.json, "note", json_str(f, "note"));
	work_queue_soon(s, &w);
	return 0;
}

static void take_failure(struct serve *s, const json_t *f)
{
	const char *code = json_str(f, "code"), *why = json_str(f, "why");

	s->signing.asked = false;
	s->signing.not_before = clock_monotonic() + TRY_AGAIN;
	if (json_bool(f, "permanent"))
		freeze_desk(s, strcmp(code, "rollback") == 0 ? "rollback-detected" : "fork-detected", why);
	else if (strcmp(code, "mark") == 0)
		adapter_kill(s->signer); // a new one tells us where it is
	else if (s->signing.failures++ == 0)
		alarm_later(s, "log-unsigned", why, "Mail waits until heads are signed again; decisions are kept.");
	signing_wait(s, TRY_AGAIN);
}

static int take_keys(struct serve *s, const json_t *f, struct err *e)
{
	const char *next = json_str_or_null(f, "next");

	s->signing.has_next = next != NULL;
	if (next && note_key_read(next, &s->signing.next, e) < 0)
		return -1;
	return note_key_read(json_str(f, "key"), &s->signing.key, e);
}

// Is it the key that the log names?  One that was replaced is still used for the head that introduces its successor.
static int check_key(struct serve *s, uint64_t mark, struct err *e)
{
	struct rotation r;
	int found = rotation_last(s->desk.db, s->desk.config.log_origin, &r, e);

	if (found < 0)
		return -1;
	if (!found || note_key_same(&s->signing.key, &r.next) ||
	    (note_key_same(&s->signing.key, &r.old) && s->signing.covered <= r.seq && mark <= r.seq + 1))
		return 1;
	if (s->signing.failures++ == 0)
		alarm_later(s, "log-unsigned",
		            "The key in log.key is not the one that the log names: heads are not signed.",
		            "Put the key back that was introduced last (see countersign-log(7)), and restart.");
	return 0;
}

// What it signed last must be in this log.
static int take_mark(struct serve *s, const json_t *f, struct err *e)
{
	uint64_t size = (uint64_t)json_int(f, "size");
	struct digest root, now;
	int key;

	if (take_keys(s, f, e) < 0)
		return -1;
	if (json_int(f, "size") < 0 || hex_decode(json_str(f, "root"), root.bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_PROTOCOL, "its mark is none");
	if (size > log_size(s->desk.db)) {
		freeze_desk(s, "rollback-detected",
		            "The signer has signed a longer log than this one: the database is an old copy.");
		return 0;
	}
	if (size > 0) {
		if (log_root_at(s->desk.db, size, &now, e) < 0)
			return -1;
		if (memcmp(now.bytes, root.bytes, DIGEST_SIZE) != 0) {
			freeze_desk(s, "fork-detected",
			            "The signer has signed another log than this one: its entries were altered.");
			return 0;
		}
	}
	key = check_key(s, size, e);
	if (key <= 0)
		return key;
	// A head is kept here after its mark: a mark that lags behind was put back, or taken away, and what else the
	// signer signed since then it does not know.
	if (size < s->signing.covered) {
		alarm_later(s, "signer-mark-old",
		            size ? "The signer's mark is older than a head that it has signed: heads are not signed."
		                 : "The signer has lost its mark: heads are not signed, and mail waits.",
		            "Find out who can write to the signer's folder. Then stop the desk, move the mark away if "
		            "there "
		            "is one, and tell the signer how far it had signed: 'countersign log mark FILE', with the "
		            "newest "
		            "checkpoint that anybody kept, such as the auditors' daily mail.");
		return 0;
	}
	s->signing.mark = size;
	s->signing.known = true;
	signing_feed(s);
	return 0;
}

static int check(const struct serve *s, const json_t *f, struct err *e)
{
	static const struct json_key mark[] = {
		{ "type", 'S', 0 },   { "id", 'S', 32 },     { "kind", 'S', 16 },
		{ "size", 'I', 0 },   { "root", 'S', 64 },   { "time", 'I', 0 },
		{ "key", 'S', 1024 }, { "next", 's', 1024 }, { 0 },
	};
	static const struct json_key sent[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 32 },
		{ "note", 'S', NOTE_MAX },
		{ 0 },
	};
	static const struct json_key failed[] = {
		{ "type", 'S', 0 },
		{ "id", 'S', 32 },
		{ "code", 'S', 16 },
		{ "why", 'S', 2048 },
		{ "permanent", 'B', 0 },
		{ "retry_after", 'i', 0 },
		{ 0 },
	};
	const char *type = json_str(f, "type");

	if (strcmp(type, "event") == 0)
		return json_check(f, mark, "signer", e);
	if (json_check(f, strcmp(type, "sent") == 0 ? sent : failed, "signer", e) < 0)
		return -1;
	return s->signing.asked ? 0 : err_set(e, EX_PROTOCOL, "it was not asked");
}

void signing_take(struct serve *s, struct frame *f)
{
	const char *type = json_str(f->json, "type");
	struct err e = { 0 };
	int r = check(s, f->json, &e);

	if (r == 0 && strcmp(type, "event") == 0)
		r = take_mark(s, f->json, &e);
	else if (r == 0 && strcmp(type, "sent") == 0)
		r = take_note(s, f->json, &e);
	else if (r == 0)
		take_failure(s, f->json);
	if (r < 0) {
		log_error("signer broke the rules (%s); it is killed", e.text);
		adapter_kill(s->signer);
	}
}
