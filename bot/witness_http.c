// SPDX-License-Identifier: Apache-2.0
#include "bot/witness_http.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include <libwebsockets.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"

enum {
	CONNECTIONS_MAX = 256,
	REQUEST_TIME = 10, // seconds, from the connection until the whole request is here
	KEEP_TIME = 30,    // seconds, from an answer until the next whole request is here
	HEADER_MAX = 4096, // bytes of a request's headers
};

struct server;

// A connection from when it is accepted; libwebsockets knows it by its handle alone until its headers are here.
struct client {
	struct server *server;
	struct lws *wsi; // NULL: the place is free
	lws_sorted_usec_list_t deadline;
	lws_usec_t since; // the last whole request, or when it came
	struct buf body;
	struct witness_reply reply;
	bool answered, last; // `last`: the connection ends with the reply
};

struct server {
	const struct witness_http *http;
	struct lws_context *context;
	struct client clients[CONNECTIONS_MAX];
	bool stop;
	bool failed;                // `problem`: nothing is handed on any more
	const struct client *cause; // who is still to hear of it
	struct err problem;
};

// --- places ----------------------------------------------------------------------------------------------------------

static struct client *client_of(struct server *s, const struct lws *wsi)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (s->clients[i].wsi == wsi)
			return &s->clients[i];
	return NULL;
}

static void on_deadline(lws_sorted_usec_list_t *timer)
{
	struct client *c = lws_container_of(timer, struct client, deadline);

	lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void wait_for_request(struct client *c, int seconds)
{
	c->since = lws_now_usecs();
	lws_sul_schedule(c->server->context, 0, &c->deadline, on_deadline, (lws_usec_t)seconds * LWS_US_PER_SEC);
}

static void client_clear(struct client *c)
{
	buf_free(&c->body);
	c->body = BUF(c->server->http->body_max);
	free(c->reply.body);
	c->reply = (struct witness_reply){ 0 };
	c->answered = c->last = false;
}

// When all places are taken the one who waits longest goes, at once: many may come before libwebsockets looks at its
// timers again.
static struct client *free_place(struct server *s)
{
	struct client *oldest = &s->clients[0];
	struct client *c = client_of(s, NULL);

	if (c)
		return c;
	for (size_t i = 1; i < CONNECTIONS_MAX; i++)
		if (s->clients[i].since < oldest->since)
			oldest = &s->clients[i];
	lws_set_timeout(oldest->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	return client_of(s, NULL);
}

static int client_begin(struct server *s, struct lws *wsi)
{
	struct client *c = free_place(s);

	if (!c)
		return -1;
	c->server = s;
	c->wsi = wsi;
	client_clear(c);
	wait_for_request(c, REQUEST_TIME);
	return 0;
}

static void client_end(struct client *c)
{
	if (c == c->server->cause)
		c->server->stop = true;
	client_clear(c);
	lws_sul_schedule(c->server->context, 0, &c->deadline, NULL, LWS_SET_TIMER_USEC_CANCEL);
	c->wsi = NULL;
}

// --- a request -------------------------------------------------------------------------------------------------------

static int answer(struct client *c)
{
	c->answered = true;
	lws_callback_on_writable(c->wsi);
	return 0;
}

static int refuse(struct client *c, int status, const char *sentence)
{
	c->reply = (struct witness_reply){ status, "text/plain; charset=utf-8", text_format("%s\n", sentence) };
	c->last = true;
	return answer(c);
}

// How long the body will be; -1 when that is not said in digits.
static long content_length(struct lws *wsi)
{
	char text[20];
	int len = lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH);

	if (len < 1 || strspn(text, "0123456789") != (size_t)len)
		return -1;
	return strtol(text, NULL, 10);
}

static int take_head(struct client *c, const char *path)
{
	long len = content_length(c->wsi);

	client_clear(c);
	if (strcmp(path, "/add-checkpoint") != 0)
		return refuse(c, HTTP_STATUS_NOT_FOUND, "a witness answers POST /add-checkpoint, nothing else");
	if (lws_hdr_total_length(c->wsi, WSI_TOKEN_POST_URI) == 0)
		return refuse(c, HTTP_STATUS_METHOD_NOT_ALLOWED, "add-checkpoint wants a POST");
	if (len < 0 || lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return refuse(c, HTTP_STATUS_LENGTH_REQUIRED, "the request must say its length");
	if (len == 0)
		return refuse(c, HTTP_STATUS_BAD_REQUEST, "the request is empty");
	if ((size_t)len > c->body.max)
		return refuse(c, HTTP_STATUS_REQ_ENTITY_TOO_LARGE, "the request is too large");
	return 0;
}

static int take_body(struct client *c, const char *bytes, size_t len)
{
	return c->answered ? 0 : buf_add(&c->body, bytes, len);
}

static int take_end(struct client *c)
{
	struct server *s = c->server;

	if (c->answered)
		return 0;
	if (s->failed || s->http->handle(s->http->data, buf_text(&c->body), c->body.len, &c->reply, &s->problem) < 0) {
		if (!s->failed)
			s->cause = c;
		s->failed = true;
		return refuse(c, HTTP_STATUS_INTERNAL_SERVER_ERROR, "the witness cannot keep what it would say");
	}
	wait_for_request(c, KEEP_TIME);
	return answer(c);
}

static int write_reply(struct client *c)
{
	unsigned char head[LWS_PRE + 1024], *at = head + LWS_PRE, *start = at, *end = head + sizeof head - 1;
	const struct witness_reply *r = &c->reply;
	_buf_ struct buf body = BUF(LWS_PRE + (1 << 16));
	static const char room[LWS_PRE];
	bool last = c->last;
	size_t len;

	if (!c->answered)
		return 0;
	len = strlen(r->body);
	buf_add(&body, room, sizeof room);
	buf_add(&body, r->body, len);
	if (body.full || lws_add_http_common_headers(c->wsi, (unsigned)r->status, r->type, len, &at, end) ||
	    lws_finalize_write_http_header(c->wsi, start, &at, end))
		return -1;
	if (lws_write(c->wsi, (unsigned char *)body.data + sizeof room, len, LWS_WRITE_HTTP_FINAL) < (int)len)
		return -1;
	client_clear(c);
	if (c == c->server->cause)
		c->server->stop = true;
	return last || lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

// --- the server ------------------------------------------------------------------------------------------------------

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct server *s = lws_context_user(lws_get_context(wsi));
	struct client *c = wsi && s ? client_of(s, wsi) : NULL;

	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		return client_begin(s, wsi);
	case LWS_CALLBACK_HTTP:
		return c ? take_head(c, in) : -1;
	case LWS_CALLBACK_HTTP_BODY:
		return c ? take_body(c, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return c ? take_end(c) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c ? write_reply(c) : -1;
	case LWS_CALLBACK_WSI_DESTROY:
		if (c)
			client_end(c);
		return 0;
	case LWS_CALLBACK_RAW_RX_FILE: // the signals'
		s->stop = true;
		return -1;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "witness", .callback = on_event },
	{ 0 },
};

static int listen_at(struct server *s, const struct witness_http *h, struct err *e)
{
	struct lws_context_creation_info info = {
		.port = h->port,
		.iface = h->host,
		.protocols = protocols,
		.user = s,
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.max_http_header_data = HEADER_MAX,
		.max_http_header_pool = CONNECTIONS_MAX + 8, // nobody waits for a place to put headers in
		.timeout_secs = REQUEST_TIME,
		.keepalive_timeout = KEEP_TIME,
		.vhost_name = "witness",
		.gid = -1,
		.uid = -1,
	};

	lws_set_log_level(LLL_ERR, NULL);
	s->context = lws_create_context(&info);
	if (!s->context || !lws_create_vhost(s->context, &info))
		return err_set(e, EX_UNAVAILABLE, "cannot listen on %s, port %d", h->host, h->port);
	return 0;
}

static int watch_signals(struct server *s, struct err *e)
{
	lws_sock_file_fd_type fd;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	fd.filefd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd.filefd < 0)
		return err_sys(e, EX_OSERR, "cannot wait for signals");
	if (!lws_adopt_descriptor_vhost(lws_get_vhost_by_name(s->context, "witness"), LWS_ADOPT_RAW_FILE_DESC, fd,
	                                protocols[0].name, NULL))
		return err_set(e, EX_OSERR, "cannot watch for signals");
	return 0;
}

int witness_http_run(const struct witness_http *h, struct err *e)
{
	_free_ struct server *s = calloc(1, sizeof *s);
	int r = -1;

	if (!s)
		return err_set(e, EX_OSERR, "out of memory for the server");
	s->http = h;
	if (listen_at(s, h, e) == 0 && watch_signals(s, e) == 0) {
		h->ready(h->data);
		r = 0;
	}
	while (r == 0 && !s->stop)
		r = lws_service(s->context, 0) < 0 ? err_set(e, EX_SOFTWARE, "the server cannot go on") : 0;
	if (r == 0 && s->failed)
		r = err_set(e, s->problem.code, "%s", s->problem.text);
	if (s->context)
		lws_context_destroy(s->context);
	return r;
}
