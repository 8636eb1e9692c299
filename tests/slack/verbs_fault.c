// SPDX-License-Identifier: Apache-2.0
// What goes wrong when the control socket says so.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tests/slack/emulator.h"
#include "tests/slack/events.h"
#include "tests/slack/verbs.h"

// Calls back for the connection that is named, or for all of them; how many there were.
static json_t *each(struct emulator *m, const json_t *ask, void (*act)(struct link *link, const json_t *ask))
{
	struct link *link, *next;
	int64_t number = json_int(ask, "connection"), count = 0;

	for (link = TAILQ_FIRST(&m->links.list); link; link = next) {
		next = TAILQ_NEXT(link, entry);
		if (number && number != link->number)
			continue;
		act(link, ask);
		count++;
	}
	return json_pack("{s:I}", "count", (json_int_t)count);
}

static void drop(struct link *link, const json_t *ask)
{
	const char *how = json_str(ask, "how");

	if (!strcmp(how, "close"))
		link_close(link, json_int(ask, "code") ? (int)json_int(ask, "code") : LWS_CLOSE_STATUS_NORMAL);
	else
		link_break(link, strcmp(how, "end") != 0);
}

// {"how": "reset" (or "end", "close" with "code"), "connection"?}
json_t *wrong_drop(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return each(m, ask, drop);
}

static void disconnect(struct link *link, const json_t *ask)
{
	const char *reason = json_str(ask, "reason");
	int64_t wait = !strcmp(reason, "warning") ? 10000 : !strcmp(reason, "refresh_requested") ? 1000 : 0;

	if (json_object_get(ask, "close_ms"))
		wait = json_integer_value(json_object_get(ask, "close_ms"));
	link_disconnect(link, reason, wait);
}

json_t *wrong_disconnect(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return each(m, ask, disconnect);
}

static void silence(struct link *link, const json_t *ask)
{
	link_silence(link, !json_bool(ask, "off"));
}

json_t *wrong_silence(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return each(m, ask, silence);
}

static void hello(struct link *link, const json_t *ask)
{
	(void)ask;
	link_hello(link);
}

json_t *wrong_hello(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return each(m, ask, hello);
}

// {"text", "size"?: filled up with spaces to so many bytes, "binary"?}: a message of the test's own making.
static void send_frame(struct link *link, const json_t *ask)
{
	const char *text = json_str(ask, "text");
	size_t size = (size_t)json_int(ask, "size"), len = strlen(text);
	char *filled = size > len ? malloc(size) : NULL;

	if (filled) {
		memset(filled, ' ', size);
		memcpy(filled, text, len);
		text = filled;
		len = size;
	}
	if (json_bool(ask, "binary"))
		link_send_binary(link, text, len);
	else
		link_send(link, text, len, NULL);
	free(filled);
}

json_t *wrong_frame(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	return each(m, ask, send_frame);
}

json_t *wrong_fault(struct emulator *m, const json_t *ask, struct err *e)
{
	return faults_add(&m->faults, json_str(ask, "method"), ask, e) < 0 ? NULL : json_object();
}

json_t *wrong_clear(struct emulator *m, const json_t *ask, struct err *e)
{
	(void)e;
	faults_clear(&m->faults, json_str_or_null(ask, "method"));
	return json_object();
}

json_t *wrong_envelope(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *envelope = json_obj(ask, "envelope");

	if (!envelope) {
		err_set(e, EX_USAGE, "\"envelope\" must be an object");
		return NULL;
	}
	return json_pack("{s:s}", "envelope", deliver_raw(m, json_incref(envelope))->id);
}

json_t *wrong_event(struct emulator *m, const json_t *ask, struct err *e)
{
	json_t *event = json_obj(ask, "event");

	if (!event) {
		err_set(e, EX_USAGE, "\"event\" must be an object");
		return NULL;
	}
	return json_pack("{s:s}", "envelope", event_send(m, json_incref(event))->id);
}

// {"envelope"}: sends it once more, under the id that it had last.
json_t *wrong_duplicate(struct emulator *m, const json_t *ask, struct err *e)
{
	struct delivery *one = delivery_find(&m->deliveries, json_str(ask, "envelope"));

	if (!one)
		err_set(e, EX_NOINPUT, "there was no envelope \"%s\"", json_str(ask, "envelope"));
	else if (delivery_repeat(m, one) < 0)
		err_set(e, EX_UNAVAILABLE, "there is no connection");
	else
		return delivery_show(one);
	return NULL;
}
