// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/desk.h"

#include "adapters/imap/handover.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	NOTICE_PAUSE = 10 * CLOCK_MINUTE,
	STOP_TIME = 3 * CLOCK_SECOND / 2, // from "stop" on, whatever the server does
};

bool desk_over(const struct desk *d)
{
	return d->stop || d->gone;
}

// --- what the core says ----------------------------------------------------------------------------------------------

// An id that is not with the core (any more) is of a session before this one: that mail has been handed over again, and
// its `done` will come.
static void take_done(struct desk *d, const char *id)
{
	uint32_t uid = handover_uid(id, d->settings->account, d->settings->folder, d->uidvalidity);

	if (uid && uids_remove(&d->flight, uid))
		uids_add(&d->done, uid);
	else if (uid)
		uids_remove(&d->large, uid);
}

static void take_stop(struct desk *d)
{
	d->stop = true;
	d->watch.deadline = clock_monotonic() + STOP_TIME;
}

bool desk_serve(struct desk *d)
{
	while (!d->gone) {
		_frame_ struct frame frame = { 0 };

		switch (channel_receive(d->channel, &frame, &d->trouble)) {
		case INPUT_NONE:
			return true;
		case INPUT_DONE:
			take_done(d, json_str(frame.json, "id"));
			break;
		case INPUT_STOP:
			take_stop(d);
			break;
		case INPUT_DROP:
		case INPUT_SEND:
		case INPUT_ANSWER:
			err_set(&d->trouble, EX_PROTOCOL, "the core sent what this adapter has no use for");
			d->gone = true;
			break;
		case INPUT_CLOSED:
			err_set(&d->trouble, EX_UNAVAILABLE, "the core is gone");
			d->gone = true;
			break;
		case INPUT_BROKEN:
			d->gone = true;
			break;
		}
	}
	return false;
}

static bool serve_for_transport(void *desk)
{
	struct desk *d = desk;
	bool go_on = desk_serve(d);

	d->watch.news = true;
	return go_on;
}

// --- what the core is told -------------------------------------------------------------------------------------------

static const char *notice_code(enum desk_notice notice)
{
	switch (notice) {
	case NOTICE_NONE:
		return "none";
	case NOTICE_CONNECTION:
		return "connection";
	case NOTICE_TLS:
		return "tls";
	case NOTICE_LOGIN:
		return "login";
	case NOTICE_FOLDER:
		return "folder";
	case NOTICE_UIDVALIDITY:
		return "uidvalidity";
	case NOTICE_PROCESSED:
		return "processed";
	case NOTICE_SKIPPED:
		return "skipped";
	}
	panic("no such notice: %d", (int)notice);
}

void desk_tell(struct desk *d, enum desk_notice notice, const char *text)
{
	int64_t now = clock_monotonic();

	if (d->last_notice == (int)notice && now - d->last_notice_time < NOTICE_PAUSE)
		return;
	d->last_notice = (int)notice;
	d->last_notice_time = now;
	if (channel_notice(d->channel, notice_code(notice), text, &d->trouble) < 0)
		d->gone = true;
}

// --- the desk itself -------------------------------------------------------------------------------------------------

size_t desk_room(const struct desk *d)
{
	return DESK_FLIGHT - d->flight.count - d->large.count;
}

void desk_new_session(struct desk *d, uint32_t uidvalidity)
{
	if (uidvalidity != d->uidvalidity) {
		uids_clear(&d->done);
		uids_clear(&d->skipped);
	}
	uids_clear(&d->queue);
	uids_clear(&d->flight);
	uids_clear(&d->large);
	d->uidvalidity = uidvalidity;
}

void desk_open(struct desk *d, struct channel *channel, struct settings *settings)
{
	*d = (struct desk){
		.channel = channel,
		.settings = settings,
		.watch = { .fd = channel->fd, .readable = serve_for_transport, .data = d, .deadline = INT64_MAX },
		.queue = UIDS(DESK_QUEUE),
		.flight = UIDS(DESK_FLIGHT),
		.large = UIDS(DESK_FLIGHT),
		.done = UIDS(SIZE_MAX),
		.skipped = UIDS(DESK_SKIPPED),
	};
}

void desk_close(struct desk *d)
{
	uids_free(&d->queue);
	uids_free(&d->flight);
	uids_free(&d->large);
	uids_free(&d->done);
	uids_free(&d->skipped);
}
