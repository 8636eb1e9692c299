// SPDX-License-Identifier: Apache-2.0
#include "adapters/anchor/loop.h"

#include <string.h>

#include "adapters/anchor/post.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"

enum {
	BODY_MAX = 1 << 20, // bytes of a request
	IDLE_TIME = 60 * CLOCK_SECOND,
	TRY_LATER = 60, // seconds
};

struct loop {
	struct channel *channel;
	struct posts *posts;
	bool over; // `stop`, or the core is gone
};

// --- a request -------------------------------------------------------------------------------------------------------

static int take_body(struct frame *frame, struct buf *body, struct err *e)
{
	_close_ int fd = frame_take_fd(frame, 0);
	const char *text = json_str_or_null(frame->json, "body");

	if ((fd >= 0) == (text != NULL) || frame->fd_count > 1)
		return err_set(e, EX_DATAERR, "send: needs a body, as text or in one descriptor");
	return text ? buf_puts(body, text) : fd_read(fd, "the request", body, e);
}

static int take_request(struct loop *l, struct frame *frame, struct err *e)
{
	static const struct json_key keys[] = { { "type", 'S', 0 },
		                                { "id", 'S', 0 },
		                                { "url", 'S', 1024 },
		                                { "content_type", 's', 128 },
		                                { "body", 's', 0 },
		                                { "plain", 'b', 0 },
		                                { 0 } };
	const char *type = json_str_or_null(frame->json, "content_type");
	_buf_ struct buf body = BUF(BODY_MAX);

	if (json_check(frame->json, keys, "send", e) < 0 || take_body(frame, &body, e) < 0)
		return -1;
	if (type && type[strcspn(type, "\r\n")])
		return err_set(e, EX_DATAERR, "send: 'content_type' holds a line end");
	posts_start(l->posts, json_str(frame->json, "id"), json_str(frame->json, "url"), type ? type : "text/plain",
	            json_bool(frame->json, "plain"), &body);
	return 0;
}

static int start(struct loop *l, struct frame *frame, struct err *e)
{
	struct err problem = { 0 };

	if (take_request(l, frame, &problem) == 0)
		return 0;
	return channel_failed(l->channel, json_str(frame->json, "id"), problem.text, problem.code == EX_DATAERR,
	                      problem.code == EX_DATAERR ? 0 : TRY_LATER, NULL, e);
}

// --- what came back --------------------------------------------------------------------------------------------------

// Text that a frame holds with each byte written as two at most.
static bool is_plain(const struct buf *body)
{
	for (size_t i = 0; i < body->len; i++)
		if ((unsigned char)body->data[i] < 0x20 && body->data[i] != '\n')
			return false;
	return utf8_valid(buf_text(body), body->len);
}

static int report(struct loop *l, const struct post_result *r, struct err *e)
{
	json_t *more;

	if (r->status == 0)
		return channel_failed(l->channel, r->id, r->why, r->permanent, r->permanent ? 0 : TRY_LATER, NULL, e);
	more = json_object();
	json_put_int(more, "status", r->status);
	if (is_plain(&r->body)) {
		json_put_str(more, "body", buf_text(&r->body));
	} else {
		_free_ char *text = base64_encode(buf_text(&r->body), r->body.len);

		json_put_str(more, "base64", text);
	}
	return channel_sent(l->channel, r->id, more, e);
}

static int report_all(struct loop *l, struct err *e)
{
	struct post_result result;
	int r = 0;

	while (r == 0 && posts_next(l->posts, &result)) {
		r = report(l, &result, e);
		post_result_free(&result);
	}
	return r;
}

// --- the loop --------------------------------------------------------------------------------------------------------

static int take_frame(struct loop *l, bool *more, struct err *e)
{
	_frame_ struct frame frame = { 0 };

	switch (channel_receive(l->channel, &frame, e)) {
	case INPUT_NONE:
		*more = false;
		return 0;
	case INPUT_SEND:
		return start(l, &frame, e);
	case INPUT_STOP:
	case INPUT_CLOSED:
		l->over = true;
		return 0;
	case INPUT_DONE:
	case INPUT_DROP:
	case INPUT_ANSWER:
		return err_set(e, EX_PROTOCOL, "the core sent a frame that is not for this adapter");
	case INPUT_BROKEN:
		return -1;
	}
	return -1;
}

static int step(struct loop *l, struct err *e)
{
	bool more = true;

	while (more && !l->over && posts_count(l->posts) < POSTS_MAX)
		if (take_frame(l, &more, e) < 0)
			return -1;
	if (l->over)
		return 0;
	if (posts_wait(l->posts, l->channel->fd, posts_count(l->posts) < POSTS_MAX, IDLE_TIME, e) < 0)
		return -1;
	return report_all(l, e);
}

int loop_run(struct channel *channel, const char *ca, struct err *e)
{
	struct loop l = { .channel = channel, .posts = posts_new(ca, e) };
	int r = l.posts ? 0 : -1;

	while (r == 0 && !l.over)
		r = step(&l, e);
	posts_free(&l.posts);
	return r;
}
