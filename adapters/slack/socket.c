// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/slack/ground.h"
#include "adapters/slack/message.h"
#include "adapters/slack/peer.h"
#include "adapters/slack/settings.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	GREETING_TIME = 10 * CLOCK_SECOND, // from the beginning until `hello`
	CLOSING_TIME = CLOCK_SECOND,
	LINES_MAX = 4096, // that wait to be written
};

struct line {
	struct line *next;
	char *text;
};

struct socket {
	struct socket *next;
	struct ground *ground;
	const struct socket_owner *owner; // NULL: told that it is gone
	struct peer peer;
	uv_timer_t timer; // the deadline that counts now, or the end
	uv_getaddrinfo_t lookup;
	bool looking_up, open, closing, close_sent, ended;
	int64_t close_by; // monotonic
	int close_code;
	struct lws *wsi; // NULL: not yet, or not any more
	struct message message;
	struct line *first, **end; // what is to be written
	unsigned lines;            // how many there are
	char why[256];             // it ended
};

// --- the end ---------------------------------------------------------------------------------------------------------

static void on_closed(uv_handle_t *handle)
{
	struct socket *s = handle->data;
	struct socket **at = &s->ground->sockets;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	for (struct line *line = s->first, *next; line; line = next) {
		next = line->next;
		free(line->text);
		free(line);
	}
	peer_free(&s->peer);
	message_free(&s->message);
	free(s);
}

// Whatever still holds the socket lets go of it when its own end has come; the last one frees.
static void let_go(struct socket *s)
{
	if (s->looking_up)
		uv_cancel((uv_req_t *)&s->lookup);
	if (s->wsi) // Slack does not close TCP; libwebsockets would wait for it
		shutdown(lws_get_socket_fd(s->wsi), SHUT_RDWR);
	if (!s->looking_up && !s->wsi && !uv_is_closing((uv_handle_t *)&s->timer))
		uv_close((uv_handle_t *)&s->timer, on_closed);
}

static void on_timer(uv_timer_t *timer);

static void tell_gone(struct socket *s)
{
	const struct socket_owner *owner = s->owner;

	s->owner = NULL;
	if (owner)
		owner->gone(owner->data, s, s->why);
}

// Not by returning -1 to libwebsockets: with libuv, 4.1.6 then drops the connection before the frame is written.
static void say_goodbye(struct socket *s)
{
	int64_t left = s->close_by - clock_monotonic();

	s->close_sent = true;
	uv_timer_start(&s->timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
	lws_close_reason(s->wsi, (enum lws_close_status)s->close_code, NULL, 0);
	lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
}

static void on_timer(uv_timer_t *timer)
{
	struct socket *s = timer->data;

	if (s->closing && s->open && !s->close_sent && !s->ended && !s->first) {
		say_goodbye(s);
		return;
	}
	if (!s->ended && !*s->why)
		snprintf(s->why, sizeof s->why, s->closing ? "closed" : "no greeting came in time");
	s->ended = true;
	tell_gone(s);
	let_go(s);
}

// Never from here to the owner: who calls may be in the middle of something.
static void end_soon(struct socket *s)
{
	s->ended = true;
	uv_timer_start(&s->timer, on_timer, 0, 0);
}

static void end(struct socket *s, const char *why)
{
	if (!*s->why)
		snprintf(s->why, sizeof s->why, "%s", why);
	end_soon(s);
}

static void set_deadline(struct socket *s, int64_t ms)
{
	if (!s->ended)
		uv_timer_start(&s->timer, on_timer, (uint64_t)ms, 0);
}

static void begin_closing(struct socket *s, int code)
{
	s->closing = true;
	s->close_code = code;
	s->close_by = clock_monotonic() + CLOSING_TIME;
	set_deadline(s, s->first ? CLOSING_TIME : 0);
}

// --- what libwebsockets tells ----------------------------------------------------------------------------------------

static int receive(struct socket *s, struct lws *wsi, const void *piece, size_t len)
{
	bool last = lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi);

	if (!s->owner || s->ended || s->close_code == LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE)
		return 0;
	switch (message_add(&s->message, piece, len, lws_is_first_fragment(wsi), last, lws_frame_is_binary(wsi))) {
	case MESSAGE_PART:
		break;
	case MESSAGE_WHOLE:
		if (!s->message.binary)
			s->owner->message(s->owner->data, s, buf_text(&s->message.bytes), s->message.bytes.len);
		break;
	case MESSAGE_TOO_LARGE:
		snprintf(s->why, sizeof s->why, "a message of more than %lu bytes", MESSAGE_MAX);
		message_free(&s->message);
		begin_closing(s, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
		break;
	}
	return 0;
}

static int write_frame(struct lws *wsi, const void *bytes, size_t len, enum lws_write_protocol kind)
{
	_free_ unsigned char *room = malloc(LWS_PRE + len);

	if (!room)
		return -1;
	memcpy(room + LWS_PRE, bytes, len);
	return lws_write(wsi, room + LWS_PRE, len, kind) >= (int)len ? 0 : -1;
}

static int write_line(struct socket *s, struct lws *wsi)
{
	struct line *line = s->first;
	int r = write_frame(wsi, line->text, strlen(line->text), LWS_WRITE_TEXT);

	s->first = line->next;
	s->lines--;
	if (!s->first)
		s->end = &s->first;
	free(line->text);
	free(line);
	if (r < 0)
		snprintf(s->why, sizeof s->why, "an acknowledgement could not be written");
	else if (s->first)
		lws_callback_on_writable(wsi);
	else if (s->closing)
		set_deadline(s, 0);
	return r;
}

// The peer's words could hold anything; its code is enough.
static void note_peer_close(struct socket *s, const unsigned char *in, size_t len)
{
	if (len >= 2 && !*s->why)
		snprintf(s->why, sizeof s->why, "Slack closed it with code %d", in[0] << 8 | in[1]);
	set_deadline(s, CLOSING_TIME);
}

static void connection_error(struct socket *s, const char *in, size_t len)
{
	char text[160];

	snprintf(text, sizeof text, "%.*s", in ? (int)len : 0, in ? in : "");
	if (!*s->why)
		snprintf(s->why, sizeof s->why, "no connection came about%s%s", *text ? ": " : "", text);
	end_soon(s); // `why` says it
}

// libwebsockets' own words would be "error:00000001".
static void note_certificate(struct socket *s, X509_STORE_CTX *checked)
{
	snprintf(s->why, sizeof s->why, "the server's certificate was refused: %s",
	         X509_verify_cert_error_string(X509_STORE_CTX_get_error(checked)));
}

int socket_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct socket *s = lws_get_opaque_user_data(wsi);

	if (!s)
		return 0;
	switch ((int)reason) {
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION: // `len`: was it good?  0 leaves it at that
		if (len == 0)
			note_certificate(s, user);
		return 0;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		s->open = true;
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(s, wsi, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return s->first && !s->close_sent ? write_line(s, wsi) : 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		note_peer_close(s, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		connection_error(s, in, len);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		end(s, s->closing ? "closed" : "the connection was lost");
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		s->wsi = NULL;
		s->open = false;
		end(s, "the connection was lost");
		return 0;
	}
	return 0;
}

// --- the beginning ---------------------------------------------------------------------------------------------------

// Another address of the name each time, so that one that is dead does not stop us for good.
static const struct addrinfo *pick(struct socket *s, const struct addrinfo *all)
{
	unsigned count = 0, which;

	for (const struct addrinfo *a = all; a; a = a->ai_next)
		count++;
	which = s->ground->attempts++ % count;
	while (which--)
		all = all->ai_next;
	return all;
}

static void connect_to(struct socket *s, const char *address)
{
	bool usual = s->peer.port == (s->peer.tls ? 443 : 80);
	_free_ char *host = usual ? text_copy(s->peer.host) : text_format("%s:%d", s->peer.host, s->peer.port);
	const struct lws_client_connect_info info = {
		.context = s->ground->context,
		.address = address,
		.port = s->peer.port,
		.ssl_connection = s->peer.tls ? LCCSCF_USE_SSL : 0,
		.path = s->peer.path,
		.host = host,
		.alpn = "http/1.1",
		.local_protocol_name = GROUND_PROTOCOL,
		.opaque_user_data = s,
		.retry_and_idle_policy = &s->ground->policy,
		.pwsi = &s->wsi,
	};

	if (!lws_client_connect_via_info(&info))
		end(s, "no connection came about");
	// The path is the ticket.
	explicit_bzero(s->peer.path, strlen(s->peer.path));
}

static void on_address(uv_getaddrinfo_t *lookup, int status, struct addrinfo *all)
{
	struct socket *s = lookup->data;
	char address[INET6_ADDRSTRLEN + 1] = "";
	const struct addrinfo *one = status == 0 && all ? pick(s, all) : NULL;

	s->looking_up = false;
	if (s->ended)
		let_go(s);
	else if (!one || getnameinfo(one->ai_addr, one->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST))
		end(s, "the host's name cannot be resolved");
	else if (s->ground->settings->plain && !peer_is_loopback(one->ai_addr))
		end(s, "without TLS only a server on this machine is spoken to");
	else
		connect_to(s, address);
	uv_freeaddrinfo(all);
}

struct socket *socket_open(struct ground *g, const char *url, const struct socket_owner *owner, struct err *e)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct socket *s = calloc(1, sizeof *s);

	if (!s) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	*s = (struct socket){ .ground = g, .owner = owner, .message = message_new(), .end = &s->first };
	if (peer_read(url, &s->peer) < 0 || (!s->peer.tls && !g->settings->plain)) {
		peer_free(&s->peer);
		free(s);
		err_set(e, EX_PROTOCOL, "what Slack gave is not the address of a socket");
		return NULL;
	}
	s->next = g->sockets;
	g->sockets = s;
	s->timer.data = s->lookup.data = s;
	uv_timer_init(g->loop, &s->timer);
	set_deadline(s, GREETING_TIME);
	s->looking_up = uv_getaddrinfo(g->loop, &s->lookup, on_address, s->peer.host, NULL, &hints) == 0;
	if (!s->looking_up)
		end(s, "the host's name cannot be resolved");
	return s;
}

// --- what the owner asks for -----------------------------------------------------------------------------------------

void socket_greeted(struct socket *s)
{
	if (!s->ended && !s->closing)
		uv_timer_stop(&s->timer);
}

void socket_write(struct socket *s, char *text)
{
	struct line *line = calloc(1, sizeof *line);

	if (!line)
		panic("out of memory for a line");
	line->text = text;
	*s->end = line;
	s->end = &line->next;
	if (++s->lines > LINES_MAX)
		end(s, "it takes no acknowledgements");
	else if (s->wsi)
		lws_callback_on_writable(s->wsi);
}

void socket_close(struct socket *s)
{
	if (!s->closing)
		begin_closing(s, LWS_CLOSE_STATUS_NORMAL);
}

// --- the ground under all --------------------------------------------------------------------------------------------

void ground_close(struct ground *g)
{
	for (struct socket *s = g->sockets; s; s = s->next) {
		s->owner = NULL;
		end(s, "closed");
	}
	lws_context_destroy(g->context);
}
