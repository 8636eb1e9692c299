// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/slack/emulator.h"
#include "tests/slack/web.h"

static void request_clear(struct request *r)
{
	buf_free(&r->body);
	*r = (struct request){ .body = BUF(HTTP_BODY_MAX) };
}

static void answer_clear(struct answer *a)
{
	buf_free(&a->head);
	buf_free(&a->body);
	*a = (struct answer){ .status = 200, .type = "text/plain", .head = BUF(1 << 16), .body = BUF(HTTP_BODY_MAX) };
}

static void exchange_begin(struct exchange **x, struct emulator *m, struct lws *wsi)
{
	if (!*x) {
		*x = calloc(1, sizeof **x);
		if (!*x)
			panic("no memory");
	}
	(*x)->emulator = m;
	(*x)->wsi = wsi;
	(*x)->answered = false;
	request_clear(&(*x)->request);
	answer_clear(&(*x)->answer);
}

static void exchange_free(struct exchange **x)
{
	if (!*x)
		return;
	lws_sul_schedule((*x)->emulator->context, 0, &(*x)->timer, NULL, LWS_SET_TIMER_USEC_CANCEL);
	request_clear(&(*x)->request);
	answer_clear(&(*x)->answer);
	free(*x);
	*x = NULL;
}

static void header(struct lws *wsi, enum lws_token_indexes token, char out[HTTP_HEADER_MAX])
{
	if (lws_hdr_copy(wsi, out, HTTP_HEADER_MAX, token) < 0)
		out[0] = '\0';
}

static void take_head(struct exchange *x, const char *path)
{
	struct request *r = &x->request;

	r->post = lws_hdr_total_length(x->wsi, WSI_TOKEN_POST_URI) > 0;
	snprintf(r->path, sizeof r->path, "%s", path);
	header(x->wsi, WSI_TOKEN_HTTP_URI_ARGS, r->query);
	header(x->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, r->authorization);
	header(x->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, r->type);
	header(x->wsi, WSI_TOKEN_HOST, r->host);
}

static void on_time(lws_sorted_usec_list_t *timer)
{
	struct exchange *x = lws_container_of(timer, struct exchange, timer);

	lws_callback_on_writable(x->wsi);
}

static int answer(struct exchange *x)
{
	if (x->answered)
		return 0;
	x->answered = true;
	web_answer(x->emulator, &x->request, &x->answer);
	// The request is complete: without this, an answer that is held back dies of the time limit for its body.
	lws_set_timeout(x->wsi, NO_PENDING_TIMEOUT, 0);
	if (x->answer.delay_ms > 0)
		lws_sul_schedule(x->emulator->context, 0, &x->timer, on_time, x->answer.delay_ms * LWS_US_PER_MS);
	else
		lws_callback_on_writable(x->wsi);
	return 0;
}

static int write_answer(struct exchange *x)
{
	struct answer *a = &x->answer;
	struct buf out = BUF(HTTP_BODY_MAX + (1 << 17));
	static const char room[LWS_PRE];

	if (!x->answered)
		return 0;
	if (a->hangup)
		return -1;
	buf_add(&out, room, sizeof room);
	buf_printf(&out, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", a->status,
	           a->status == 200 ? "OK" : "Trouble", a->type, a->body.len);
	buf_printf(&out, "%s\r\n", buf_text(&a->head));
	buf_add(&out, buf_text(&a->body), a->body.len);
	if (out.full)
		panic("an answer of %zu bytes is too large", a->body.len);
	size_t len = out.len - sizeof room;
	int sent = lws_write(x->wsi, (unsigned char *)out.data + sizeof room, len, LWS_WRITE_HTTP_FINAL);

	buf_free(&out);
	if (sent < (int)len)
		return -1;
	return lws_http_transaction_completed(x->wsi) ? -1 : 0;
}

static bool has_body(struct lws *wsi)
{
	return lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
}

bool http_reason(enum lws_callback_reasons reason)
{
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		return true;
	}
	return false;
}

int http_event(struct emulator *m, struct exchange **x, struct lws *wsi, enum lws_callback_reasons reason, void *in,
               size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		exchange_begin(x, m, wsi);
		take_head(*x, in);
		return has_body(wsi) ? 0 : answer(*x);
	case LWS_CALLBACK_HTTP_BODY:
		return *x ? buf_add(&(*x)->request.body, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return *x ? answer(*x) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return *x ? write_answer(*x) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		exchange_free(x);
		return 0;
	}
	return 0;
}
