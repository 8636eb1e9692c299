// SPDX-License-Identifier: Apache-2.0
// What is done with a connection; link_event.c has what lws reports about one.
#include "tests/slack/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/slack/emulator.h"

void links_init(struct links *l)
{
	*l = (struct links){ .tickets = json_object(), .history = json_array() };
	TAILQ_INIT(&l->list);
}

void links_free(struct links *l)
{
	json_decref(l->tickets);
	json_decref(l->history);
}

void links_ticket(struct emulator *m, char out[TICKET_SIZE])
{
	char secret[16];
	bool used = m->settings.used_tickets > 0;

	random_bytes(secret, sizeof secret);
	hex_encode(secret, sizeof secret, out);
	if (used)
		m->settings.used_tickets--;
	json_put(m->links.tickets, out, json_pack("{s:I, s:b}", "made_ms", (json_int_t)clock_real(), "used", used));
}

struct link *links_next(struct links *l)
{
	struct link *link;

	TAILQ_FOREACH(link, &l->list, entry)
	if (link->ready && !link->ending && link->queued < LINK_QUEUE_MAX)
		break;
	if (!link)
		return NULL;
	TAILQ_REMOVE(&l->list, link, entry);
	TAILQ_INSERT_TAIL(&l->list, link, entry);
	return link;
}

struct link *links_find(const struct links *l, unsigned number)
{
	struct link *link;

	TAILQ_FOREACH(link, &l->list, entry)
	if (link->number == number)
		return link;
	return NULL;
}

static struct frame *queue(struct link *link, const void *data, size_t len)
{
	struct frame *f = calloc(1, sizeof *f + LWS_PRE + len);

	if (!f)
		panic("no memory");
	memcpy(f->data + LWS_PRE, data, len);
	f->len = len;
	TAILQ_INSERT_TAIL(&link->frames, f, entry);
	link->queued++;
	if (!link->silent)
		lws_callback_on_writable(link->wsi);
	return f;
}

void link_send(struct link *link, const char *text, size_t len, struct delivery *d)
{
	queue(link, text, len)->delivery = d;
}

void link_send_binary(struct link *link, const char *bytes, size_t len)
{
	queue(link, bytes, len)->binary = true;
}

void link_ping(struct link *link)
{
	static const char payload[] = "Ping from applink-7";

	queue(link, payload, sizeof payload - 1)->ping = true;
}

void link_note(struct link *link, const char *event, const char *detail)
{
	json_t *note = json_pack("{s:i, s:s, s:I, s:I}", "connection", (int)link->number, "event", event, "at_ms",
	                         (json_int_t)clock_real(), "age_ms", (json_int_t)(clock_monotonic() - link->opened));

	json_put_str(note, "detail", detail);
	json_add(link->emulator->links.history, note);
}

void link_close(struct link *link, int code)
{
	link->ending = true;
	link->code = code;
	if (!link->silent)
		lws_callback_on_writable(link->wsi);
}

void link_break(struct link *link, bool reset)
{
	int fd = lws_get_socket_fd(link->wsi);
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	link_note(link, "broken", reset ? "reset" : "end");
	link->ready = false;
	link_silence(link, false);
	if (reset)
		connect(fd, &none, sizeof none); // on a TCP socket this is a reset
	else
		shutdown(fd, SHUT_RDWR);
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void link_silence(struct link *link, bool silent)
{
	if (link->silent == silent)
		return;
	link->silent = silent;
	link_note(link, silent ? "silent" : "audible", NULL);
	lws_rx_flow_control(link->wsi, !silent);
	if (!silent)
		lws_callback_on_writable(link->wsi);
}

void link_disconnect(struct link *link, const char *reason, int64_t close_ms)
{
	_json_ json_t *message = json_pack("{s:s, s:s, s:{s:s}}", "type", "disconnect", "reason", reason, "debug_info",
	                                   "host", "applink-7");
	_free_ char *text = json_text(message);

	link_note(link, "disconnect", reason);
	link_send(link, text, strlen(text), NULL);
	if (close_ms >= 0)
		link->end_due = clock_monotonic() + close_ms;
}

void links_tick(struct emulator *m, int64_t now)
{
	struct link *link, *next;

	for (link = TAILQ_FIRST(&m->links.list); link; link = next) {
		next = TAILQ_NEXT(link, entry);
		if (link->end_due && link->end_due <= now) {
			link->end_due = 0;
			link_close(link, LWS_CLOSE_STATUS_NORMAL);
		}
		if (m->settings.ping_ms > 0 && link->ping_due <= now && !link->silent && !link->ending) {
			link->ping_due = now + m->settings.ping_ms;
			link_ping(link);
		}
	}
}
