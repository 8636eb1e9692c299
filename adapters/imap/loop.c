// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/loop.h"

#include "adapters/imap/backoff.h"
#include "adapters/imap/desk.h"
#include "adapters/imap/fetch.h"
#include "adapters/imap/handover.h"
#include "adapters/imap/idle.h"
#include "adapters/imap/move.h"
#include "adapters/imap/session.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"

enum {
	BATCH = 100,            // mails per FETCH and per MOVE
	BATCH_BYTES = 16 << 20, // bytes per FETCH, unless one mail alone is larger
	SLACK = 1 << 20,        // servers that convert mails know their sizes only roughly
	STRIKES = 3,            // sessions that one mail may break before it is passed over
	SKIP_TIME = CLOCK_HOUR, // and then it is tried again
	QUIET_TIME = 50,        // ms without a `done` before it is worth the two lines of IDLE
};

struct loop {
	struct desk desk;
	struct session session;
	struct backoff backoff;
	enum move_way way;
	uint32_t next;    // the lowest UID that this session has not seen
	bool search_due;  // something may have come
	size_t limit;     // mails per batch: 1 while we look for the one that breaks the session
	uint32_t careful; // up to this UID
	uint32_t suspect; // fetched alone when the last session broke,
	unsigned strikes; // so many times in a row
	int64_t skip_until;
};

// --- handing over ----------------------------------------------------------------------------------------------------

static int take_whole(void *data, const struct mail *mail, const char *bytes, size_t len, struct err *e)
{
	struct loop *l = data;
	const struct settings *settings = l->desk.settings;
	bool large = len > (size_t)settings->max_size; // the server had named a smaller size

	if (handover_send(l->desk.channel, settings, l->session.uidvalidity, mail, bytes,
	                  large ? handover_header_length(bytes, len) : len, large, e) < 0)
		return -1;
	return uids_add(large ? &l->desk.large : &l->desk.flight, mail->uid);
}

static int take_header(void *data, const struct mail *mail, const char *bytes, size_t len, struct err *e)
{
	struct loop *l = data;

	if (handover_send(l->desk.channel, l->desk.settings, l->session.uidvalidity, mail, bytes, len, true, e) < 0)
		return -1;
	log_warning("mail %u is larger than max_size (%u bytes): only its header is handed over", mail->uid,
	            mail->size);
	return uids_add(&l->desk.large, mail->uid);
}

static int fetch_group(struct loop *l, struct uids *group, size_t bytes, struct mail *mails, size_t count,
                       struct err *e)
{
	int r = 0;

	if (group->count)
		r = fetch_bodies(&l->session, group, FETCH_WHOLE, 2 * bytes + SLACK, mails, count, take_whole, l, e);
	uids_clear(group);
	return r;
}

static int fetch_header(struct loop *l, uint32_t uid, struct mail *mails, size_t count, struct err *e)
{
	struct uids one = { .list = &uid, .count = 1, .room = 1, .max = 1 };

	return fetch_bodies(&l->session, &one, FETCH_HEADER, SLACK, mails, count, take_header, l, e);
}

// Bodies in groups of bounded size; of what is too large the header alone.
static int fetch_mails(struct loop *l, struct mail *mails, size_t count, struct err *e)
{
	struct uids group = UIDS(BATCH);
	size_t bytes = 0;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		if (mails[i].size > l->desk.settings->max_size) {
			r = fetch_header(l, mails[i].uid, mails, count, e);
			continue;
		}
		if (bytes + mails[i].size > BATCH_BYTES) {
			r = fetch_group(l, &group, bytes, mails, count, e);
			bytes = 0;
		}
		uids_add(&group, mails[i].uid);
		bytes += mails[i].size;
	}
	if (r == 0)
		r = fetch_group(l, &group, bytes, mails, count, e);
	uids_free(&group);
	return r;
}

// A mail that breaks the session is found by fetching one at a time, and passed over for a while: it must not keep the
// others from coming.
static void suspect_batch(struct loop *l, const struct uids *batch)
{
	char text[160];

	if (desk_over(&l->desk))
		return;
	l->limit = 1;
	if (batch->count > 1) {
		l->careful = batch->list[batch->count - 1];
		return;
	}
	l->strikes = l->suspect == batch->list[0] ? l->strikes + 1 : 1;
	l->suspect = batch->list[0];
	if (l->strikes < STRIKES)
		return;
	uids_add(&l->desk.skipped, l->suspect);
	l->skip_until = clock_monotonic() + SKIP_TIME;
	l->strikes = 0;
	snprintf(text, sizeof text, "mail %u in %s breaks the session whenever it is fetched: it is left for an hour",
	         l->suspect, l->desk.settings->folder);
	log_error("%s", text);
	desk_tell(&l->desk, NOTICE_SKIPPED, text);
}

static size_t batch_size(const struct loop *l)
{
	size_t n = l->desk.queue.count < l->limit ? l->desk.queue.count : l->limit;

	return n <= desk_room(&l->desk) ? n : 0;
}

static int hand_over(struct loop *l, struct err *e)
{
	struct uids *queue = &l->desk.queue;
	struct uids batch = { .list = queue->list, .count = batch_size(l), .max = queue->max };
	struct mail mails[BATCH];
	size_t count;

	if (session_check_uids(&l->session, e) < 0)
		return -1;
	if (fetch_sizes(&l->session, &batch, mails, &count, e) < 0 || fetch_mails(l, mails, count, e) < 0) {
		suspect_batch(l, &batch);
		return -1;
	}
	l->next = batch.list[batch.count - 1] + 1;
	if (l->next > l->careful)
		l->limit = BATCH;
	uids_drop(queue, batch.count);
	return 0;
}

// --- the steps of a session ------------------------------------------------------------------------------------------

static int search(struct loop *l, struct err *e)
{
	struct uids *queue = &l->desk.queue;

	if (fetch_search(&l->session, l->next, queue, e) < 0)
		return -1;
	// As long as something is found, something more may have come meanwhile.
	l->search_due = queue->count > 0;
	for (size_t i = 0; i < l->desk.skipped.count; i++)
		uids_remove(queue, l->desk.skipped.list[i]);
	if (l->search_due && queue->count == 0) {
		l->search_due = false; // nothing but what is passed over
		l->next = l->desk.skipped.list[l->desk.skipped.count - 1] + 1;
	}
	return 0;
}

static int put_away(struct loop *l, struct err *e)
{
	enum move_way before = l->way;
	struct uids batch = l->desk.done;
	int r;

	if (session_check_uids(&l->session, e) < 0)
		return -1;
	// Taken off the desk first: what breaks the session here would break the next one too.  It comes again.
	l->desk.done = UIDS(SIZE_MAX);
	r = move_away(&l->session, &batch, l->desk.settings->processed, &l->way, e);
	uids_free(&batch);
	if (r == 0 && l->way != before) {
		err_prefix(e, "mails stay in %s, %s", l->desk.settings->folder,
		           l->way == MOVE_FLAG ? "flagged " FETCH_FLAG : "and will come again");
		log_error("%s", e->text);
		desk_tell(&l->desk, NOTICE_PROCESSED, e->text);
	}
	return r;
}

static int wait_for_news(struct loop *l, struct err *e)
{
	enum idle_news news = IDLE_CHANNEL;

	if (l->desk.flight.count &&
	    transport_wait(l->session.transport, clock_monotonic() + QUIET_TIME) == TRANSPORT_CHANNEL)
		return 0;
	if (idle_wait(&l->session, l->desk.settings->idle, &news, e) < 0)
		return -1;
	l->backoff.failures = 0; // a session that got as far as this was worth opening
	if (news != IDLE_CHANNEL)
		l->search_due = true;
	return 0;
}

static int step(struct loop *l, struct err *e)
{
	if (l->desk.done.count >= BATCH)
		return put_away(l, e);
	if (batch_size(l))
		return hand_over(l, e);
	if (l->search_due && l->desk.queue.count == 0)
		return search(l, e);
	if (l->desk.done.count)
		return put_away(l, e);
	return wait_for_news(l, e);
}

// 0 when the core ends it or a new session is due, -1 when the session broke.
static int work(struct loop *l, struct err *e)
{
	while (desk_serve(&l->desk) && !l->desk.stop) {
		l->desk.watch.news = false; // what lies on the desk now is what the step sees
		if (step(l, e) < 0)
			return -1;
		if (l->desk.skipped.count && clock_monotonic() >= l->skip_until) {
			uids_clear(&l->desk.skipped);
			return 0;
		}
	}
	if (l->desk.stop && !l->desk.gone && l->desk.done.count)
		return put_away(l, e);
	return 0;
}

// --- sessions --------------------------------------------------------------------------------------------------------

static void begin(struct loop *l)
{
	uint32_t before = l->desk.uidvalidity, now = l->session.uidvalidity;
	char text[200];

	if (before && before != now) {
		snprintf(text, sizeof text, "UIDVALIDITY of %s changed from %u to %u: everything in it is read again",
		         l->desk.settings->folder, before, now);
		log_warning("%s", text);
		desk_tell(&l->desk, NOTICE_UIDVALIDITY, text);
		l->limit = BATCH;
	}
	desk_new_session(&l->desk, now);
	l->next = 1;
	l->search_due = true;
	l->way = move_best(&l->session);
	log_info("%s: connected, folder %s", l->desk.settings->account, l->desk.settings->folder);
}

static enum desk_notice trouble_notice(enum session_trouble trouble)
{
	switch (trouble) {
	case TROUBLE_CONNECTION:
		return NOTICE_CONNECTION;
	case TROUBLE_TLS:
		return NOTICE_TLS;
	case TROUBLE_LOGIN:
		return NOTICE_LOGIN;
	case TROUBLE_FOLDER:
		return NOTICE_FOLDER;
	}
	panic("no such trouble: %d", (int)trouble);
}

// Says what broke and waits.  A connection that breaks once is everyday life; the operator is told when it breaks
// again.
static void pause_after(struct loop *l, const struct err *e)
{
	enum desk_notice notice = trouble_notice(l->session.trouble);
	int64_t pause, until;
	uint32_t random;

	if (desk_over(&l->desk))
		return;
	random_bytes(&random, sizeof random);
	pause = backoff_next(&l->backoff, random);
	log_warning("%s; again in %.1f s", e->text, (double)pause / CLOCK_SECOND);
	if (notice != NOTICE_CONNECTION || l->backoff.failures > 1)
		desk_tell(&l->desk, notice, e->text);
	until = clock_monotonic() + pause;
	while (desk_serve(&l->desk) && !l->desk.stop && clock_monotonic() < until)
		channel_wait(l->desk.channel, (int)(until - clock_monotonic()));
}

static void one_session(struct loop *l)
{
	struct err e = { 0 };
	bool broke;

	if (session_open(&l->session, l->desk.settings, &l->desk.watch, &e) < 0) {
		pause_after(l, &e);
		return;
	}
	begin(l);
	broke = work(l, &e) < 0;
	session_close(&l->session, !broke);
	if (broke)
		pause_after(l, &e);
}

static bool token_cancelled(void *data)
{
	return !desk_serve(data) || desk_over(data);
}

int loop_run(struct channel *channel, struct settings *settings, struct err *e)
{
	struct loop l = { .limit = BATCH };
	bool gone;

	desk_open(&l.desk, channel, settings);
	settings->login.oauth.cancelled = token_cancelled;
	settings->login.oauth.data = &l.desk;
	while (desk_serve(&l.desk) && !l.desk.stop)
		one_session(&l);
	gone = l.desk.gone && !l.desk.stop;
	if (gone)
		err_set(e, l.desk.trouble.code, "%s", l.desk.trouble.text);
	desk_close(&l.desk);
	return gone ? -1 : 0;
}
