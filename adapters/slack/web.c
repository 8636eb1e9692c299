// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/web.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/slack/peer.h"
#include "adapters/slack/settings.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	CONNECTIONS = 4,    // at the same time to a host
	KEPT = 2,           // afterwards; each has 3 MB of trusted certificates of its own
	KEEP_TIME = 600,    // seconds
	CONNECT_TIMEOUT = 5 // seconds
};

struct transfer {
	struct transfer *next;
	struct web *web;
	web_done *done;
	void *data;
	struct request request;
	CURL *curl;
	struct curl_slist *headers;
	struct buf body;
	size_t written; // bytes into `request.fd`
	int64_t retry_after;
	char scopes[1024];
	char error[CURL_ERROR_SIZE];
};

struct web {
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t timer;
	const struct settings *settings;
	struct transfer *transfers;
};

// --- one transfer ----------------------------------------------------------------------------------------------------

static size_t on_body(char *bytes, size_t one, size_t n, void *data)
{
	struct transfer *t = data;
	size_t len = one * n;
	long status = 0;

	if (t->request.fd < 0)
		return buf_add(&t->body, bytes, len) < 0 ? 0 : len;
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) // what a refusal says is no part of the file
		return len;
	if (len > t->request.max - t->written || write(t->request.fd, bytes, len) != (ssize_t)len)
		return 0;
	t->written += len;
	return len;
}

// The header's value when `line` is of that name, its line end cut off; NULL when it is another's.
static char *header_value(const char *line, size_t len, const char *name)
{
	size_t skip = strlen(name);
	_free_ char *copy = NULL;

	if (len <= skip)
		return NULL;
	copy = text_copy_n(line, len);
	return text_starts_fold(copy, name) ? text_copy(text_trim(copy + skip)) : NULL;
}

static size_t on_header(char *line, size_t one, size_t n, void *data)
{
	struct transfer *t = data;
	_free_ char *seconds = header_value(line, one * n, "Retry-After:");
	_free_ char *scopes = header_value(line, one * n, "X-OAuth-Scopes:");

	if (seconds && text_is_digit(*seconds))
		t->retry_after = strtol(seconds, NULL, 10);
	if (scopes)
		snprintf(t->scopes, sizeof t->scopes, "%s", scopes);
	return one * n;
}

// Without TLS only this machine is spoken to; the address here is the one that is connected to.
static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *peer)
{
	const struct transfer *t = data;

	(void)purpose;
	if (t->web->settings->plain && !peer_is_loopback(&peer->addr))
		return CURL_SOCKET_BAD;
	return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static void transfer_free(struct transfer *t)
{
	curl_easy_cleanup(t->curl);
	for (struct curl_slist *h = t->headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(t->headers);
	buf_free(&t->body);
	free(t);
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	_free_ char *line = text_format("%s: %s", name, value);

	t->headers = curl_slist_append(t->headers, line);
	explicit_bzero(line, strlen(line));
}

static void set_request(struct transfer *t)
{
	const struct request *r = &t->request;
	CURL *c = t->curl;

	if (r->bearer) {
		_free_ char *value = text_format("Bearer %s", r->bearer);

		add_header(t, "Authorization", value);
		explicit_bzero(value, strlen(value));
	}
	if (r->body) {
		add_header(t, "Content-Type", r->content_type);
		t->headers = curl_slist_append(t->headers, "Expect:");
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
	}
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, r->timeout);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)r->max);
}

static void set_transport(struct transfer *t, const struct settings *s)
{
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); // the end does not wait for a lookup that hangs
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, s->plain ? "http" : "https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "countersign/" VERSION);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, (long)KEEP_TIME);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (*s->ca) {
		curl_easy_setopt(c, CURLOPT_CAINFO, s->ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
}

int web_start(struct web *w, const struct request *request, web_done *done, void *data)
{
	struct transfer *t = calloc(1, sizeof *t);

	if (!t)
		return -1;
	*t = (struct transfer){ .web = w,
		                .done = done,
		                .data = data,
		                .request = *request,
		                .retry_after = -1,
		                .body = BUF(request->max),
		                .curl = curl_easy_init() };
	if (!t->curl || curl_easy_setopt(t->curl, CURLOPT_URL, request->url) != CURLE_OK) {
		transfer_free(t);
		return -1;
	}
	set_transport(t, w->settings);
	set_request(t);
	if (curl_multi_add_handle(w->multi, t->curl) != CURLM_OK) {
		transfer_free(t);
		return -1;
	}
	t->next = w->transfers;
	w->transfers = t;
	return 0;
}

// --- the loop --------------------------------------------------------------------------------------------------------

static void detach(struct web *w, struct transfer *t)
{
	struct transfer **at = &w->transfers;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	curl_multi_remove_handle(w->multi, t->curl);
}

static void finish(struct web *w, CURL *curl, CURLcode code)
{
	struct transfer *t = NULL;
	struct response r = { .code = code };
	curl_off_t connected = 0;

	curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&t);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.status);
	curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected);
	r.sent = connected > 0;
	r.retry_after = t->retry_after;
	r.body = buf_text(&t->body);
	r.len = t->request.fd < 0 ? t->body.len : t->written;
	r.detail = t->error;
	r.scopes = t->scopes;
	detach(w, t);
	t->done(t->data, &r);
	transfer_free(t);
}

static void harvest(struct web *w)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(w->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			finish(w, message->easy_handle, message->data.result);
}

static void on_timer(uv_timer_t *timer)
{
	struct web *w = timer->data;
	int running;

	curl_multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	harvest(w);
}

static int set_timer(CURLM *multi, long ms, void *data)
{
	struct web *w = data;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&w->timer);
	else
		uv_timer_start(&w->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

struct watched {
	uv_poll_t poll;
	curl_socket_t fd;
	struct web *web;
};

static void on_ready(uv_poll_t *poll, int status, int events)
{
	const struct watched *watched = poll->data;
	struct web *w = watched->web;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;

	flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	curl_multi_socket_action(w->multi, watched->fd, flags, &running);
	harvest(w);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct watched *watch(struct web *w, curl_socket_t fd)
{
	struct watched *watched = calloc(1, sizeof *watched);

	if (!watched || uv_poll_init_socket(w->loop, &watched->poll, fd) < 0)
		panic("cannot watch a socket of libcurl's");
	watched->fd = fd;
	watched->web = w;
	watched->poll.data = watched;
	curl_multi_assign(w->multi, fd, watched);
	return watched;
}

static int set_socket(CURL *curl, curl_socket_t fd, int what, void *data, void *socket_data)
{
	struct web *w = data;
	struct watched *watched = socket_data;
	int events = 0;

	(void)curl;
	if (what == CURL_POLL_REMOVE) {
		if (watched)
			uv_close((uv_handle_t *)&watched->poll, on_closed);
		curl_multi_assign(w->multi, fd, NULL);
		return 0;
	}
	if (!watched)
		watched = watch(w, fd);
	events |= what != CURL_POLL_OUT ? UV_READABLE : 0;
	events |= what != CURL_POLL_IN ? UV_WRITABLE : 0;
	uv_poll_start(&watched->poll, events, on_ready);
	return 0;
}

struct web *web_new(uv_loop_t *loop, const struct settings *settings, struct err *e)
{
	struct web *w = calloc(1, sizeof *w);

	if (!w || !(w->multi = curl_multi_init())) {
		err_set(e, EX_OSERR, "cannot start libcurl: out of memory");
		free(w);
		return NULL;
	}
	w->loop = loop;
	w->settings = settings;
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)KEPT);
	curl_multi_setopt(w->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS);
	return w;
}

void web_close(struct web *w)
{
	while (w->transfers)
		finish(w, w->transfers->curl, CURLE_ABORTED_BY_CALLBACK);
	curl_multi_cleanup(w->multi);
	w->multi = NULL;
	uv_close((uv_handle_t *)&w->timer, NULL);
}

void web_free(struct web **w)
{
	free(*w);
	*w = NULL;
}
