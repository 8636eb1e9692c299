// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/transfer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	CONNECT_TIMEOUT = 30,  // until the connection stands and the login is done
	ANSWER_TIMEOUT = 120,  // for one answer of the server
	SLOW_LINE = 16384,     // bytes a second: a large mail may take so much longer
	UPLOAD_BUFFER = 16384, // libcurl's smallest
};

static size_t on_read(char *to, size_t one, size_t room, void *data)
{
	struct transfer *t = data;
	size_t left = t->mail.len - t->read, n = one * room < left ? one * room : left;

	if (t->cut)
		return CURL_READFUNC_ABORT;
	memcpy(to, t->mail.bytes + t->read, n);
	t->read += n;
	return n;
}

// libcurl hands over the server's lines one by one, at the end also the answer to its own QUIT.
static size_t on_reply(char *line, size_t one, size_t len, void *data)
{
	struct transfer *t = data;
	struct reply *r = &t->reply;
	size_t size = one * len, used = r->more ? strlen(r->text) : 0, skip = used ? 4 : 0;
	size_t end = size;

	if (size >= 3 && memcmp(line, "221", 3) == 0)
		return size;
	while (end > 0 && text_is_space(line[end - 1]))
		end--;
	r->more = end > 3 && line[3] == '-';
	if (end > skip)
		snprintf(r->text + used, sizeof r->text - used, "%s%.*s", used ? " " : "", (int)(end - skip),
		         line + skip);
	if (!used && end > 3)
		r->text[3] = ' ';
	return size;
}

static int on_progress(void *data, curl_off_t dl_total, curl_off_t dl, curl_off_t ul_total, curl_off_t ul)
{
	const struct transfer *t = data;

	(void)dl_total, (void)dl, (void)ul_total, (void)ul;
	return t->cut || t->watch->give_up(t->watch->data);
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
	struct transfer *t = data;

	(void)purpose;
	if (!t->settings->tls && !is_loopback(peer)) {
		t->strange_peer = true;
		return CURL_SOCKET_BAD;
	}
	return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static int set_tls(CURL *c, const struct settings *s)
{
	CURLcode r = CURLE_OK;

	// CURLUSESSL_TRY would send in clear when the server does not offer STARTTLS.
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(s->tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	if (*s->ca) {
		r = curl_easy_setopt(c, CURLOPT_CAINFO, s->ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	return r == CURLE_OK ? 0 : -1;
}

static int set_login(CURL *c, const struct settings *s, const char *token)
{
	CURLcode r;

	if (!*s->user)
		return 0;
	r = curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
	if (r == CURLE_OK && token)
		r = curl_easy_setopt(c, CURLOPT_XOAUTH2_BEARER, token);
	if (r == CURLE_OK && !token)
		r = curl_easy_setopt(c, CURLOPT_PASSWORD, s->login.password);
	if (r == CURLE_OK)
		r = curl_easy_setopt(c, CURLOPT_LOGIN_OPTIONS, token ? "AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN");
	return r == CURLE_OK ? 0 : -1;
}

static int set_mail(struct transfer *t)
{
	_free_ char *sender = text_format("<%s>", t->mail.sender);
	_free_ char *recipient = text_format("<%s>", t->mail.recipient);
	CURL *c = t->curl;

	t->recipients = curl_slist_append(NULL, recipient);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, t->recipients);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->mail.len);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(c, CURLOPT_READDATA, t);
	return t->recipients ? curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender) == CURLE_OK ? 0 : -1 : -1;
}

static void set_limits(struct transfer *t)
{
	long deadline = t->settings->deadline + (long)(t->mail.len / SLOW_LINE);
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, deadline * CLOCK_SECOND);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_TIMEOUT);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_reply);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
}

void transfer_open(struct transfer *t, const struct settings *settings, const struct watch *watch, const char *id,
                   struct message *mail)
{
	*t = (struct transfer){ .settings = settings, .watch = watch, .mail = *mail };
	*mail = (struct message){ 0 };
	snprintf(t->id, sizeof t->id, "%s", id);
}

int transfer_prepare(struct transfer *t, const char *token, bool fresh, struct err *e)
{
	t->curl = curl_easy_init();
	if (!t->curl || curl_easy_setopt(t->curl, CURLOPT_URL, t->settings->url) != CURLE_OK ||
	    set_tls(t->curl, t->settings) < 0 || set_login(t->curl, t->settings, token) < 0 || set_mail(t) < 0)
		return err_set(e, EX_OSERR, "cannot prepare a mail for sending: out of memory");
	set_limits(t);
	curl_easy_setopt(t->curl, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
	return 0;
}

enum body_read transfer_body(const struct transfer *t)
{
	return t->read == 0 ? BODY_UNREAD : t->read < t->mail.len ? BODY_PART : BODY_WHOLE;
}

long transfer_response(const struct transfer *t)
{
	long response = 0;

	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &response);
	return response;
}

struct outcome transfer_outcome(const struct transfer *t, CURLcode code)
{
	long response = transfer_response(t);
	const char *detail = *t->error ? t->error : curl_easy_strerror(code);

	if (t->strange_peer)
		detail = "without TLS only a server on this machine is spoken to";
	else if (response >= 400)
		detail = t->reply.text;
	return outcome_of(code, response, transfer_body(t), detail);
}

// After some errors, a timeout for one, libcurl 7.88 puts the connection back among those it uses again although an
// answer is still due on it: the next mail would read that answer as its own.
void transfer_spoil(struct transfer *t)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(t->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
		shutdown(fd, SHUT_RDWR);
}

void transfer_reset(struct transfer *t)
{
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->recipients);
	t->curl = NULL;
	t->recipients = NULL;
	t->read = 0;
	t->reply = (struct reply){ 0 };
	t->error[0] = '\0';
	t->strange_peer = t->cut = false;
}

void transfer_close(struct transfer *t)
{
	transfer_reset(t);
	message_free(&t->mail);
	t->id[0] = '\0';
}
