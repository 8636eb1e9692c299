// SPDX-License-Identifier: Apache-2.0
#include "bot/work.h"

#include <sched.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/anchoring.h"
#include "bot/letter_seals.h"
#include "bot/stuck.h"
#include "store/erase.h"
#include "store/log.h"

#define TRY_AGAIN 5000 // ms, when the disk was full
#define SOON 20        // ms: two or three syncs of an ordinary disk

void work_wake(struct serve *s)
{
	sd_event_source_set_enabled(s->batch, SD_EVENT_ONESHOT);
}

static int on_soon(sd_event_source *source, uint64_t usec, void *data)
{
	struct serve *s = data;

	(void)source, (void)usec;
	s->soon = sd_event_source_disable_unref(s->soon);
	work_wake(s);
	return 0;
}

static void insert(struct serve *s, const struct work *w)
{
	struct work *copy = malloc(sizeof *copy);

	if (!copy)
		panic("out of memory");
	*copy = *w;
	STAILQ_INSERT_TAIL(&s->waiting, copy, next);
}

void work_queue(struct serve *s, const struct work *w)
{
	insert(s, w);
	work_wake(s);
}

void work_queue_soon(struct serve *s, const struct work *w)
{
	insert(s, w);
	if (!s->soon && sd_event_add_time_relative(s->event, &s->soon, CLOCK_MONOTONIC, SOON * 1000, 0, on_soon, s) < 0)
		panic("cannot set a timer");
}

static void work_free(struct work *w)
{
	frame_free(&w->frame);
	if (w->document >= 0)
		close(w->document);
	if (w->attachments >= 0)
		close(w->attachments);
	json_decref(w->reply);
	json_decref(w->follow);
	free(w);
}

// One item within the transaction.  What goes wrong with it must not take the others with it.
static int do_item(struct serve *s, struct work *w, struct err *e)
{
	struct err why = { 0 };

	if (db_mark(s->desk.db, e) < 0)
		return -1;
	if (w->kind->perform(s, w, &why) == 0)
		return db_release(s->desk.db, e);
	log_error("%s: %s", w->kind->name, why.text);
	if (db_undo(s->desk.db, e) < 0)
		return -1;
	if (why.code == EX_TEMPFAIL || why.code == EX_IOERR) { // the disk, not the item
		*e = why;
		return -1;
	}
	return w->kind->spoil ? w->kind->spoil(s, w, &why, e) : 0;
}

static int do_all(struct serve *s, struct err *e)
{
	struct work *w;
	int64_t last;

	if (db_begin(s->desk.db, "the main loop", e) < 0 || letter_seals_begin(&s->desk, &last, e) < 0)
		return -1;
	STAILQ_FOREACH(w, &s->waiting, next)
	{
		if (do_item(s, w, e) < 0)
			return -1;
	}
	return due_run(s, e) < 0 || letter_seals_make(&s->desk, last, e) < 0 ? -1 : 0;
}

static void finish(struct serve *s, bool done)
{
	struct work *w;

	while ((w = STAILQ_FIRST(&s->waiting))) {
		STAILQ_REMOVE_HEAD(&s->waiting, next);
		if (done && w->kind->after)
			w->kind->after(s, w);
		else if (!done && w->kind->abandoned)
			w->kind->abandoned(s, w);
		work_free(w);
	}
}

// Nothing of the group is done.  The channels still have theirs, and give it again when they are started anew.
static void give_up(struct serve *s, const struct err *e)
{
	struct err why = { 0 };

	db_rollback(s->desk.db);
	if (e->code == EX_TEMPFAIL)
		stuck_begin(s, e);
	s->checkpoint_mail = 0; // one that was written in it was not
	finish(s, false);
	// A catalogue that was published in it is not.
	if (desk_restore(&s->desk, &why) < 0) {
		serve_fail(s, &why);
		return;
	}
	if (e->code != EX_TEMPFAIL) {
		serve_fail(s, e);
		return;
	}
	if (s->imap)
		adapter_kill(s->imap);
	if (s->smtp)
		adapter_kill(s->smtp);
	sd_event_source_set_time_relative(s->due, TRY_AGAIN * 1000);
	sd_event_source_set_enabled(s->due, SD_EVENT_ONESHOT);
}

// The commit stands whatever comes of this; what is not finished is tried again (due_arm()), and by the next start.
static void finish_erasing(struct serve *s)
{
	struct err e = { 0 };

	if (erase_waits(s->desk.db) && erase_finish(s->desk.db, &e) < 0)
		log_warning("erasing is not finished: %s; it is tried again", e.text);
}

// Moving pages takes ten commits' time: when nobody waits.
static void tidy(struct serve *s)
{
	struct err e = { 0 };

	if (STAILQ_EMPTY(&s->waiting) && db_wants_checkpoint(s->desk.db) && db_checkpoint(s->desk.db, &e) < 0)
		log_warning("the write-ahead log grows: %s", e.text);
}

void work_run(struct serve *s)
{
	struct err e = { 0 };
	int64_t now = clock_now(&s->clock), last = log_time(s->desk.db);
	uint64_t size = log_size(s->desk.db);

	s->desk.now = now > last ? now : last;
	if (do_all(s, &e) < 0) {
		give_up(s, &e);
		return;
	}
	if (db_commit(s->desk.db, &e) < 0) {
		if (db_is_undone(s->desk.db)) {
			give_up(s, &e);
			return;
		}
		serve_fail(s, &e); // a failed commit means "unknown": start again and look
		finish(s, false);  // callers are told to try again, which is right either way
		return;
	}
	finish_erasing(s); // before anybody is told that it is done
	finish(s, true);
	if (log_size(s->desk.db) > size)
		stuck_end(s);
	sched_yield(); // a channel that somebody waits for may share our processor: it goes first
	if (s->stopping)
		return;
	signing_feed(s);
	anchoring_feed(s);
	reading_feed(s);
	sending_feed(s);
	chatting_feed(s);
	tidy(s);
	due_arm(s);
}
