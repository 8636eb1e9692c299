// SPDX-License-Identifier: Apache-2.0
// What lws reports about a connection of Socket Mode.
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/emulator.h"

static int refuse(struct lws *wsi, int64_t status)
{
	lws_return_http_status(wsi, (unsigned)status, NULL);
	return -1;
}

// Before the handshake is answered: is the ticket good?
static int admit(struct emulator *m, struct lws *wsi)
{
	char text[TICKET_SIZE + 16];
	const char *id = lws_get_urlarg_by_name(wsi, "ticket=", text, sizeof text);
	char path[16];
	json_t *ticket = id ? json_obj(m->links.tickets, id) : NULL;

	if (lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) < 0 || !text_starts(path, "/link"))
		return refuse(wsi, HTTP_STATUS_NOT_FOUND);
	if (m->settings.refuse > 0) {
		m->settings.refuse--;
		return refuse(wsi, m->settings.refuse_status);
	}
	if (!ticket || json_bool(ticket, "used") || clock_real() - json_int(ticket, "made_ms") > m->settings.ticket_ms)
		return refuse(wsi, HTTP_STATUS_FORBIDDEN);
	json_put_bool(ticket, "used", true);
	return 0;
}

void link_hello(struct link *link)
{
	struct emulator *m = link->emulator;
	_json_ json_t *hello =
	        json_pack("{s:s, s:I, s:{s:s, s:i, s:I}, s:{s:s}}", "type", "hello", "num_connections",
	                  (json_int_t)(m->links.open + m->settings.more_connections), "debug_info", "host", "applink-7",
	                  "build_number", 118, "approximate_connection_time",
	                  (json_int_t)m->settings.connection_seconds, "connection_info", "app_id", APP_ID);
	_free_ char *text = json_text(hello);

	link_send(link, text, strlen(text), NULL);
	link_note(link, "hello", NULL);
	link->ready = true;
	deliveries_open(m);
}

static void begin(struct emulator *m, struct link **out, struct lws *wsi)
{
	struct link *link = calloc(1, sizeof *link);

	if (!link)
		panic("no memory");
	*link = (struct link){ .emulator = m,
		               .wsi = wsi,
		               .number = ++m->links.last_number,
		               .opened = clock_monotonic(),
		               .incoming = BUF(LINK_MESSAGE_MAX) };
	link->ping_due = link->opened + m->settings.ping_ms;
	TAILQ_INIT(&link->frames);
	TAILQ_INSERT_TAIL(&m->links.list, link, entry);
	m->links.open++;
	*out = link;
	link_note(link, "open", NULL);
	if (m->links.open > m->settings.connection_limit)
		link_disconnect(link, "too_many_websockets", 0);
	else if (m->settings.hello)
		link_hello(link);
}

static void end(struct link **out)
{
	struct link *link = *out;
	struct frame *f;

	if (!link)
		return;
	struct emulator *m = link->emulator;

	link_note(link, "closed", NULL);
	while ((f = TAILQ_FIRST(&link->frames))) {
		TAILQ_REMOVE(&link->frames, f, entry);
		free(f);
	}
	TAILQ_REMOVE(&m->links.list, link, entry);
	m->links.open--;
	buf_free(&link->incoming);
	deliveries_closed(m, link);
	free(link);
	*out = NULL;
}

static int take(struct link *link, const void *in, size_t len)
{
	if (lws_is_first_fragment(link->wsi))
		link->incoming.len = 0;
	if (buf_add(&link->incoming, in, len) < 0)
		return -1;
	if (lws_remaining_packet_payload(link->wsi) || !lws_is_final_fragment(link->wsi))
		return 0;
	_json_ json_t *message = json_read(buf_text(&link->incoming), link->incoming.len, NULL);

	if (json_is_object(message))
		deliveries_take(link->emulator, link, message);
	else
		link_note(link, "nonsense", NULL);
	return 0;
}

// One piece of the first frame; lws takes one write for each time that it says writeable.
static int write_piece(struct link *link, struct frame *f)
{
	size_t left = f->len - f->sent, most = (size_t)link->emulator->settings.fragment;
	size_t piece = !f->ping && most && most < left ? most : left;
	int how = f->ping     ? LWS_WRITE_PING
	          : f->sent   ? LWS_WRITE_CONTINUATION
	          : f->binary ? LWS_WRITE_BINARY
	                      : LWS_WRITE_TEXT;

	if (piece < left)
		how |= LWS_WRITE_NO_FIN;
	if (lws_write(link->wsi, f->data + LWS_PRE + f->sent, piece, (enum lws_write_protocol)how) < (int)piece)
		return -1;
	f->sent += piece;
	if (f->sent < f->len)
		return 0;
	if (f->delivery && f->delivery->connection == link->number) {
		f->delivery->sent = clock_monotonic();
		f->delivery->sent_us = lws_now_usecs();
	}
	TAILQ_REMOVE(&link->frames, f, entry);
	free(f);
	if (--link->queued < LINK_QUEUE_MAX / 2)
		deliveries_open(link->emulator);
	return 0;
}

static int write_next(struct link *link)
{
	struct frame *f = TAILQ_FIRST(&link->frames);

	if (link->silent)
		return 0;
	if (f && write_piece(link, f) < 0)
		return -1;
	if (!TAILQ_EMPTY(&link->frames)) {
		lws_callback_on_writable(link->wsi);
		return 0;
	}
	if (!link->ending)
		return 0;
	lws_close_reason(link->wsi, (enum lws_close_status)link->code, NULL, 0);
	return -1;
}

static void note_close(struct link *link, const unsigned char *in, size_t len)
{
	_free_ char *code = len >= 2 ? text_format("%d", in[0] << 8 | in[1]) : text_copy("none");

	link_note(link, "close frame", code);
}

int link_event(struct emulator *m, struct link **link, struct lws *wsi, enum lws_callback_reasons reason, void *in,
               size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return admit(m, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		begin(m, link, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return *link ? take(*link, in, len) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return *link ? write_next(*link) : 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (*link)
			note_close(*link, in, len);
		return 0;
	case LWS_CALLBACK_CLOSED:
		end(link);
		return 0;
	}
	return 0;
}
