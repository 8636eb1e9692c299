// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/loop.h"

#include <malloc.h>
#include <string.h>

#include "adapters/smtp/submit.h"
#include "adapters/smtp/transfer.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum {
	WAITING_MAX = 64, // sends taken from the core before a slot is free, so that a `stop` behind them is seen
	DOCUMENT_MAX = 32 << 20,
	STOP_TIME = 5 * CLOCK_SECOND,
	LOOK_AGAIN = 200, // ms
	IDLE_TIME = 60 * CLOCK_SECOND,
	TRY_LATER = 60, // seconds
};

struct loop {
	struct channel *channel;
	struct submit *submit;
	struct frame waiting[WAITING_MAX]; // a ring
	size_t first, count;
	bool stopping, closed;
	int64_t give_up; // when stopping (monotonic)
	int64_t looked;  // when the core was last listened to from inside libcurl (monotonic)
	bool broken;     // the core broke the rules: `problem`
	struct err problem;
};

// --- a mail to send --------------------------------------------------------------------------------------------------

static int read_document(struct frame *frame, struct message *mail, struct err *e)
{
	static const struct json_key keys[] = { { "type", 'S', 0 }, { "id", 'S', 0 }, { 0 } };
	_close_ int fd = frame_take_fd(frame, 0);
	_buf_ struct buf text = BUF(DOCUMENT_MAX);
	_json_ json_t *document = NULL;

	if (json_check(frame->json, keys, "send", e) < 0)
		return -1;
	if (fd < 0 || frame->fd_count != 1)
		return err_set(e, EX_DATAERR, "send: needs one descriptor, that of the mail's document");
	if (fd_read(fd, "the mail's document", &text, e) < 0)
		return -1;
	document = json_read(buf_text(&text), text.len, e);
	buf_free(&text);
	return document ? message_build(document, mail, e) : -1;
}

static int refuse(struct loop *l, const char *id, const struct err *e, struct err *out)
{
	bool permanent = e->code == EX_DATAERR;

	log_warning("mail %s cannot be sent: %s", id, e->text);
	return channel_failed(l->channel, id, e->text, permanent, permanent ? 0 : TRY_LATER, NULL, out);
}

static int start_next(struct loop *l, struct err *e)
{
	_frame_ struct frame frame = l->waiting[l->first];
	const char *id = json_str(frame.json, "id");
	struct message mail = { 0 };
	struct err problem = { 0 };
	int r = 0;

	l->first = (l->first + 1) % WAITING_MAX;
	l->count--;
	if (read_document(&frame, &mail, &problem) < 0)
		r = refuse(l, id, &problem, e);
	else
		submit_start(l->submit, id, &mail);
	message_free(&mail);
	return r;
}

// --- what became of it -----------------------------------------------------------------------------------------------

static int report(struct loop *l, const struct delivery *d, struct err *e)
{
	json_t *more = json_object();

	if (d->outcome.fate == FATE_SENT) {
		json_put_str(more, "response", d->response);
		return channel_sent(l->channel, d->id, more, e);
	}
	log_warning("mail %s to %s: %s", d->id, d->recipient, d->outcome.why);
	if (d->outcome.fate == FATE_UNKNOWN)
		json_put_bool(more, "unknown", true);
	return channel_failed(l->channel, d->id, d->outcome.why, d->outcome.fate == FATE_PERMANENT,
	                      d->outcome.retry_after, more, e);
}

static int report_all(struct loop *l, struct err *e)
{
	struct delivery d;

	while (submit_next(l->submit, &d))
		if (report(l, &d, e) < 0)
			return -1;
	return 0;
}

// --- the loop --------------------------------------------------------------------------------------------------------

// Takes what the core sent, as long as there is room for it.
static void take_frames(struct loop *l)
{
	while (!l->broken && !l->closed && !l->stopping && l->count < WAITING_MAX) {
		struct frame *frame = &l->waiting[(l->first + l->count) % WAITING_MAX];

		switch (channel_receive(l->channel, frame, &l->problem)) {
		case INPUT_NONE:
			return;
		case INPUT_SEND:
			l->count++;
			break;
		case INPUT_STOP:
			l->stopping = true;
			l->give_up = clock_monotonic() + STOP_TIME;
			break;
		case INPUT_CLOSED:
			l->closed = true;
			break;
		case INPUT_DONE:
		case INPUT_DROP:
		case INPUT_ANSWER:
			frame_free(frame);
			err_set(&l->problem, EX_PROTOCOL, "the core sent a frame that is not for this adapter");
			l->broken = true;
			break;
		case INPUT_BROKEN:
			l->broken = true;
			break;
		}
	}
}

// Asked from inside libcurl (transfer.h), often.
static bool give_up(void *data)
{
	struct loop *l = data;
	int64_t now = clock_monotonic();

	if (now - l->looked < LOOK_AGAIN)
		return false;
	l->looked = now;
	take_frames(l);
	return l->closed || l->broken || (l->stopping && now >= l->give_up);
}

static int wait_time(const struct loop *l)
{
	int64_t left = l->give_up - clock_monotonic();

	if (!l->stopping)
		return IDLE_TIME;
	return left > 0 ? (int)left : 0;
}

static int step(struct loop *l, struct err *e)
{
	bool room = l->count < WAITING_MAX && !l->stopping;

	while (l->count > 0 && !l->stopping && submit_in_flight(l->submit) < SUBMIT_IN_FLIGHT)
		if (start_next(l, e) < 0)
			return -1;
	if (l->stopping && clock_monotonic() >= l->give_up)
		submit_abandon(l->submit);
	else if (submit_wait(l->submit, l->channel->fd, room, wait_time(l), e) < 0)
		return -1;
	take_frames(l);
	if (l->closed)
		return 0;
	if (report_all(l, e) < 0)
		return -1;
	// A burst of mails is over: what it took goes back to the system.
	if (submit_in_flight(l->submit) == 0 && l->count == 0)
		malloc_trim(0);
	return 0;
}

int loop_run(struct channel *channel, struct settings *settings, struct err *e)
{
	struct loop l = { .channel = channel };
	const struct watch watch = { give_up, &l };
	int r = 0;

	l.submit = submit_new(settings, &watch, e);
	if (!l.submit)
		return -1;
	while (r == 0 && !l.closed && !l.broken && !(l.stopping && submit_in_flight(l.submit) == 0))
		r = step(&l, e);
	if (l.broken)
		r = err_set(e, l.problem.code, "%s", l.problem.text);
	for (; l.count > 0; l.count--, l.first = (l.first + 1) % WAITING_MAX)
		frame_free(&l.waiting[l.first]);
	submit_free(&l.submit);
	return r;
}
