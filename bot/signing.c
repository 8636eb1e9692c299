// SPDX-License-Identifier: Apache-2.0
// The core's side of the signer: after a commit the head of the log is signed, with the proof that it continues what
// was signed last, and what waits for a signed head goes out.  One head is under way at a time, for all that came since
// the last.  A signer that has signed what this log does not have means that the log is an old copy, or another one.
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/alarming.h"
#include "bot/work.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/rotations.h"

enum {
	PAUSE = 50,                     // ms between two heads: a signature costs syncs of its own
	TRY_AGAIN = 5 * CLOCK_SECOND,   // after a failure
	WITHIN = 30 * CLOCK_SECOND,     // it has answered, or hangs
	WITHIN_REAL = 2 * CLOCK_SECOND, // at least, however fast a demonstration's clock runs
};

int64_t signing_covers(const struct serve *s)
{
	return s->signer ? (int64_t)s->signing.covered : INT64_MAX;
}

// The successor's secret, where there is one: log.next may name a file that is not there yet, or not any more.
static int load_next(const struct serve *s, char **out, struct err *e)
{
	const struct config *c = &s->desk.config;
	_free_ char *path = c->log_next ? secret_path(c->log_next, c->dir, e) : NULL;

	if (c->log_next && !path)
		return err_prefix(e, "log.next");
	if (!path || (access(path, F_OK) < 0 && errno == ENOENT))
		return 0;
	*out = secret_load(c->log_next, c->dir, NULL, e);
	return *out ? 0 : err_prefix(e, "log.next");
}

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	_secret_ char *next = NULL;
	_secret_ char *key = secret_load(s->desk.config.log_key, s->desk.config.dir, NULL, e);
	_free_ char *folder = path_join(s->desk.config.state, "signer"), *mark = path_join(folder, "mark");

	if (!key)
		return err_prefix(e, "log.key");
	if (load_next(s, &next, e) < 0)
		return -1;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST) // its own: it can write nowhere else
		return err_sys(e, EX_CANTCREAT, "cannot create %s", folder);
	*config = json_object();
	json_put_str(*config, "origin", s->desk.config.log_origin);
	json_put_str(*config, "mark", mark);
	*secrets = json_object();
	json_put_str(*secrets, "key", key);
	json_put_str(*secrets, "next", next);
	return 0;
}

// --- asking ----------------------------------------------------------------------------------------------------------

// No head for so long: the signer hangs, or does not run.
static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
	struct serve *s = data;
	bool hangs = s->signing.asked;

	(void)source, (void)usec;
	s->signing.limit = sd_event_source_disable_unref(s->signing.limit);
	if (hangs)
		log_error("the signer has not answered within %d s; it is killed", WITHIN / CLOCK_SECOND);
	if (s->signing.failures++ == 0)
		alarm_later(s, "log-unsigned",
		            hangs ? "The signer hangs: it was asked to sign the log's head, and does not answer."
		                  : "The log's head is not signed: the signer does not run.",
		            "Mail waits until heads are signed again; decisions are kept. The desk's own messages (its "
		            "journal) say "
		            "more; a signer that hangs is killed and started again.");
	if (hangs)
		adapter_kill(s->signer);
	return 0;
}

static void set_limit(struct serve *s)
{
	int64_t within = clock_until(&s->clock, clock_now(&s->clock) + WITHIN);

	if (within < WITHIN_REAL)
		within = WITHIN_REAL;
	if (sd_event_add_time_relative(s->event, &s->signing.limit, CLOCK_MONOTONIC, (uint64_t)within * 1000, 0,
	                               on_limit, s) < 0)
		panic("cannot set a timer");
}

// The head of the whole log; or first the one with which a key was introduced, which two keys sign, and no larger one
// before it is kept: whoever holds it can follow from the old key to the new one.
static int choose_head(struct serve *s, struct checkpoint *head, int64_t *time, struct err *e)
{
	struct rotation *r = &s->signing.turn;
	int found = rotation_last(s->desk.db, s->desk.config.log_origin, r, e);

	if (found < 0)
		return -1;
	// A mark beyond it: it was signed, and what was kept of it is lost (a restored database).
	s->signing.turning = found && s->signing.covered <= r->seq && s->signing.mark <= r->seq + 1;
	if (s->signing.turning) {
		_json_ json_t *entry = log_entry(s->desk.db, r->seq, e);

		head->size = r->seq + 1;
		if (!entry || clock_parse(json_str(entry, "time"), time) < 0)
			return -1;
		return log_root_at(s->desk.db, head->size, &head->root, e);
	}
	head->size = log_size(s->desk.db);
	head->root = log_root(s->desk.db);
	*time = log_time(s->desk.db);
	return 0;
}

static int ask(struct serve *s, struct err *e)
{
	struct checkpoint *head = &s->signing.asking;
	int64_t time;
	_json_ json_t *frame = json_object(), *hashes = json_array();
	struct proof proof = { 0 };
	char hex[2 * DIGEST_SIZE + 1];
	_free_ char *id = NULL, *next = NULL;

	if (choose_head(s, head, &time, e) < 0)
		return -1;
	if (s->signing.mark > 0 && s->signing.mark < head->size &&
	    log_prove_consistency(s->desk.db, s->signing.mark, head->size, &proof, e) < 0)
		return -1;
	for (size_t i = 0; i < proof.count; i++)
		json_add_str(hashes, hex_encode(proof.hash[i].bytes, DIGEST_SIZE, hex));
	id = text_format("%llu", (unsigned long long)head->size);
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	json_put_int(frame, "size", (int64_t)head->size);
	json_put_str(frame, "root", hex_encode(head->root.bytes, DIGEST_SIZE, hex));
	json_put_int(frame, "time", time);
	json_put_int(frame, "old", (int64_t)s->signing.mark);
	json_put(frame, "proof", steal_ptr(hashes));
	if (s->signing.turning) {
		next = note_key_text(&s->signing.turn.next);
		json_put_str(frame, "next", next);
	}
	adapter_send(s->signer, frame, NULL, 0);
	s->signing.asked = true;
	s->signing.not_before = clock_monotonic() + PAUSE;
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	signing_feed(data);
	return 0;
}

static void wait_for(struct serve *s, int64_t ms)
{
	s->signing.timer = sd_event_source_disable_unref(s->signing.timer);
	if (sd_event_add_time_relative(s->event, &s->signing.timer, CLOCK_MONOTONIC, (uint64_t)ms * 1000, 0, on_time,
	                               s) < 0)
		panic("cannot set a timer");
}

void signing_feed(struct serve *s)
{
	int64_t wait = s->signing.not_before - clock_monotonic();
	struct err e = { 0 };

	if (!s->signer || s->desk.frozen || s->signing.covered == log_size(s->desk.db))
		return;
	if (!s->signing.limit)
		set_limit(s);
	if (!s->signing.known || s->signing.asked)
		return;
	if (wait > 0)
		wait_for(s, wait);
	else if (ask(s, &e) < 0)
		serve_fail(s, &e);
}

// --- what it says ----------------------------------------------------------------------------------------------------

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
	s->signing.failures = 0;
	s->signing.mark = s->signing.asking.size;
	w.frame.json = json_object();
	json_put_int(w.frame.json, "size", (int64_t)s->signing.asking.size);
	json_put_str(w.frame.json, "root", hex_encode(s->signing.asking.root.bytes, DIGEST_SIZE, hex));
	json_put_str(w.frame.json, "note", json_str(f, "note"));
	work_queue(s, &w);
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
	wait_for(s, TRY_AGAIN);
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
	// A head is kept here after its mark: a mark that lags behind was put back, or taken away.
	if (size < s->signing.covered)
		alarm_later(
		        s, "signer-mark-old", "The signer's mark is older than a head that it has signed.",
		        "Find out who can write to the signer's folder; 'countersign log verify' looks at the log.");
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

static void take_frame(struct serve *s, struct frame *f)
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

static void ready(struct serve *s)
{
	(void)s; // its mark comes next
}

static void gone(struct serve *s)
{
	s->signing.known = s->signing.asked = false;
}

const struct channel_kind signing = { "signer", configure, ready, take_frame, gone };
