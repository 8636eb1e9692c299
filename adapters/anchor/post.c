// SPDX-License-Identifier: Apache-2.0
#include "adapters/anchor/post.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "base/auto.h"
#include "base/text.h"

enum {
	CONNECT_TIMEOUT = 10, // seconds
	WHOLE_TIMEOUT = 20,   // seconds; the answer is a signature
	CONNECTIONS = 16,
	CONNECTIONS_HOST = 2,
};

struct post {
	bool used, ended;
	bool plain;                   // without TLS
	bool near_only, strange_peer; // only this machine may be spoken to
	struct post_result result;
	struct buf body;
	struct curl_slist *headers;
	char error[CURL_ERROR_SIZE];
	CURL *curl;
};

struct posts {
	CURLM *multi;
	const char *ca;
	struct post all[POSTS_MAX];
};

static size_t on_body(char *bytes, size_t one, size_t n, void *data)
{
	struct post *t = data;

	return buf_add(&t->result.body, bytes, one * n) < 0 ? 0 : one * n;
}

static bool is_loopback(const struct curl_sockaddr *peer)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&peer->addr;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&peer->addr;

	if (peer->family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return peer->family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

// The address here is the one that is connected to, whatever the name in the URL resolves to.
static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *peer)
{
	struct post *t = data;

	(void)purpose;
	if (t->near_only && !is_loopback(peer)) {
		t->strange_peer = true;
		return CURL_SOCKET_BAD;
	}
	return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static void set_transport(struct post *t, const char *ca)
{
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); // the end does not wait for a lookup that hangs
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, t->plain ? "http" : "https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "countersign/" VERSION);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)WHOLE_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (*ca) {
		curl_easy_setopt(c, CURLOPT_CAINFO, ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
}

static int set_request(struct post *t, const char *url, const char *type)
{
	_free_ char *line = text_format("Content-Type: %s", type);
	CURL *c = t->curl;

	t->headers = curl_slist_append(t->headers, line);
	t->headers = curl_slist_append(t->headers, "Expect:");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, buf_text(&t->body));
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.len);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	return curl_easy_setopt(c, CURLOPT_URL, url) == CURLE_OK ? 0 : -1;
}

static void end(struct post *t, bool permanent, const char *why)
{
	t->result.permanent = permanent;
	snprintf(t->result.why, sizeof t->result.why, "%s", why);
	t->ended = true;
}

static void detach(struct posts *p, struct post *t)
{
	if (!t->curl)
		return;
	curl_multi_remove_handle(p->multi, t->curl);
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->headers);
	t->curl = NULL;
	t->headers = NULL;
}

static void finish(struct posts *p, struct post *t, CURLcode code)
{
	if (code == CURLE_OK)
		curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->result.status);
	detach(p, t);
	if (code == CURLE_OK)
		end(t, false, "");
	else if (t->strange_peer)
		end(t, true, "http:// is for this machine only, and the name is another's");
	else if (code == CURLE_WRITE_ERROR)
		end(t, false, "the answer is too large");
	else
		end(t, code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT,
		    *t->error ? t->error : curl_easy_strerror(code));
}

struct posts *posts_new(const char *ca, struct err *e)
{
	struct posts *p = calloc(1, sizeof *p);

	if (!p || !(p->multi = curl_multi_init())) {
		err_set(e, EX_OSERR, "cannot start libcurl: out of memory");
		free(p);
		return NULL;
	}
	p->ca = ca;
	curl_multi_setopt(p->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS);
	curl_multi_setopt(p->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_HOST);
	return p;
}

static void post_clear(struct post *t)
{
	post_result_free(&t->result);
	buf_free(&t->body);
	*t = (struct post){ 0 };
}

void posts_free(struct posts **pp)
{
	struct posts *p = *pp;

	*pp = NULL;
	if (!p)
		return;
	for (size_t i = 0; i < POSTS_MAX; i++) {
		detach(p, &p->all[i]);
		post_clear(&p->all[i]);
	}
	curl_multi_cleanup(p->multi);
	free(p);
}

size_t posts_count(const struct posts *p)
{
	size_t count = 0;

	for (size_t i = 0; i < POSTS_MAX; i++)
		count += p->all[i].used;
	return count;
}

void posts_start(struct posts *p, const char *id, const char *url, const char *type, bool plain, struct buf *body)
{
	struct post *t = NULL;

	for (size_t i = 0; i < POSTS_MAX && !t; i++)
		if (!p->all[i].used)
			t = &p->all[i];
	if (!t)
		panic("more than %d requests under way", POSTS_MAX);
	*t = (struct post){ .used = true, .plain = text_starts_fold(url, "http://"), .curl = curl_easy_init() };
	t->near_only = t->plain && !plain;
	snprintf(t->result.id, sizeof t->result.id, "%s", id);
	t->result.body = BUF(POST_ANSWER_MAX);
	t->body = *body;
	*body = (struct buf){ 0 };
	if (t->curl)
		set_transport(t, p->ca);
	if (!t->curl || set_request(t, url, type) < 0 || curl_multi_add_handle(p->multi, t->curl) != CURLM_OK) {
		detach(p, t);
		end(t, false, "cannot begin to send");
	}
}

// What libcurl has finished; -1 when it cannot go on.
static int perform(struct posts *p, struct err *e)
{
	CURLMsg *message;
	int running, left;

	if (curl_multi_perform(p->multi, &running) != CURLM_OK)
		return err_set(e, EX_SOFTWARE, "libcurl cannot go on");
	while ((message = curl_multi_info_read(p->multi, &left))) {
		struct post *t = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(p, t, message->data.result);
	}
	return 0;
}

static struct post *ended(struct posts *p)
{
	for (size_t i = 0; i < POSTS_MAX; i++)
		if (p->all[i].ended)
			return &p->all[i];
	return NULL;
}

int posts_wait(struct posts *p, int fd, bool read, int timeout_ms, struct err *e)
{
	struct curl_waitfd extra = { .fd = fd, .events = read ? CURL_WAIT_POLLIN : 0 };

	if (perform(p, e) < 0)
		return -1;
	if (ended(p))
		return 0;
	if (curl_multi_poll(p->multi, &extra, 1, timeout_ms, NULL) != CURLM_OK)
		return err_set(e, EX_SOFTWARE, "libcurl cannot wait");
	return perform(p, e);
}

bool posts_next(struct posts *p, struct post_result *out)
{
	struct post *t = ended(p);

	if (!t)
		return false;
	*out = t->result;
	t->result = (struct post_result){ 0 };
	post_clear(t);
	return true;
}

void post_result_free(struct post_result *r)
{
	buf_free(&r->body);
	*r = (struct post_result){ 0 };
}
