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
#include "bot/signing.h"
#include "bot/work.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/restored.h"
#include "store/rotations.h"

enum {
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
	_free_ char *folder = path_join(s->desk.config.state, "signer"), *mark = NULL;
	_free_ char *name = key ? restored_mark(s->desk.db, e) : NULL;

	if (!key)
		return err_prefix(e, "log.key");
	if (!name)
		return -1;
	mark = path_join(s->desk.config.state, name);
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
	s->signing.since = clock_monotonic();
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	signing_feed(data);
	return 0;
}

void signing_wait(struct serve *s, int64_t ms)
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
		signing_wait(s, wait);
	else if (ask(s, &e) < 0)
		serve_fail(s, &e);
}

static void ready(struct serve *s)
{
	(void)s; // its mark comes next
}

static void gone(struct serve *s)
{
	s->signing.known = s->signing.asked = false;
}

const struct channel_kind signing = { "signer", configure, ready, signing_take, gone };
