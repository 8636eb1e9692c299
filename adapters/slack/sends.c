// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/sends.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/core.h"
#include "adapters/slack/errand.h"
#include "adapters/slack/self.h"
#include "adapters/slack/users.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum {
	DOCUMENT_MAX = 32 << 20,
	FORM_MAX = 4 << 20,
	WAITING_MAX = 1024,
	BUSY = 5, // seconds until there may be room
};

// --- what came back --------------------------------------------------------------------------------------------------

static void put_place(json_t *out, const json_t *answer)
{
	const char *channel = json_str(answer, "channel"), *opened = json_str(json_obj(answer, "channel"), "id");
	const char *ts = json_str(answer, "ts"), *ephemeral = json_str(answer, "message_ts");

	if (*channel || *opened)
		answer_put(out, "channel", *channel ? channel : opened);
	if (*ts || *ephemeral)
		answer_put(out, "ts", *ts ? ts : ephemeral);
}

static void put_view(json_t *out, const json_t *view)
{
	json_t *known;

	if (!*json_str(view, "id"))
		return;
	known = json_object();
	answer_put(known, "id", json_str(view, "id"));
	answer_put(known, "hash", json_str(view, "hash"));
	json_put(out, "view", known);
}

json_t *sends_result(enum method_id method, const struct answer *answer)
{
	json_t *out, *user;

	if (method == METHOD_AUTH_TEST)
		return self_describe(answer);
	out = json_object();
	user = user_describe(json_obj(answer->json, "user"));
	put_place(out, answer->json);
	put_view(out, json_obj(answer->json, "view"));
	if (user)
		json_put(out, "user", user);
	return out;
}

// --- a method --------------------------------------------------------------------------------------------------------

struct method_errand {
	struct errand *errand;
	enum method_id method;
};

static void on_answer(void *data, const struct answer *answer)
{
	struct method_errand *m = data;

	if (answer->ok)
		errand_sent(m->errand, sends_result(m->method, answer));
	else
		errand_failed(m->errand, answer);
	free(m);
}

static char *lane(enum method_id method, const json_t *args)
{
	return method == METHOD_POST_MESSAGE ? text_copy(json_str(args, "channel")) : NULL;
}

static void call_method(struct errand *errand, const struct method *method)
{
	_buf_ struct buf form = BUF(FORM_MAX);
	struct method_errand *m;
	size_t len;

	if (method_form(errand->args, &form) < 0) {
		errand_refused(errand, "too-large", "the arguments are larger than 4 MiB");
		return;
	}
	m = calloc(1, sizeof *m);
	if (!m)
		panic("out of memory for a call");
	*m = (struct method_errand){ errand, method_id(method) };
	len = form.len;
	calls_add(errand->calls, &(struct call){ .method = m->method,
	                                         .bearer = BEARER_BOT,
	                                         .content_type = CALL_FORM,
	                                         .body = len ? buf_steal(&form) : text_copy(""),
	                                         .len = len,
	                                         .fd = -1,
	                                         .lane = lane(m->method, errand->args),
	                                         .deadline = errand->deadline,
	                                         .done = on_answer,
	                                         .data = m });
}

static void begin(struct errand *errand, const char *name)
{
	static const struct {
		const char *name;
		void (*start)(struct errand *errand);
	} others[] = { { "upload", upload_start }, { "download", download_start }, { "respond", respond_start } };
	const struct method *method = method_find(name);

	if (method) {
		call_method(errand, method);
		return;
	}
	for (size_t i = 0; i < LENGTH(others); i++) {
		if (strcmp(others[i].name, name) != 0)
			continue;
		others[i].start(errand);
		return;
	}
	errand_refused(errand, "unknown_method", "send: no method of this name is called here");
}

// --- the frame -------------------------------------------------------------------------------------------------------

static json_t *read_document(struct frame *frame, struct err *e)
{
	static const struct json_key frame_keys[] = {
		{ "type", 'S', 0 }, { "id", 'S', 0 }, { "deadline", 'i', 0 }, { 0 }
	};
	static const struct json_key keys[] = { { "method", 'S', 64 }, { "args", 'O', 0 }, { 0 } };
	_close_ int fd = frame_take_fd(frame, 0);
	_buf_ struct buf text = BUF(DOCUMENT_MAX);
	_json_ json_t *document = NULL;

	if (json_check(frame->json, frame_keys, "send", e) < 0)
		return NULL;
	if (fd < 0 || frame->fd_count != 1) {
		err_set(e, EX_DATAERR, "send: needs one descriptor, that of the call's document");
		return NULL;
	}
	if (fd_read(fd, "the call's document", &text, e) < 0)
		return NULL;
	document = json_read(buf_text(&text), text.len, e);
	if (!document || json_check(document, keys, "call", e) < 0)
		return NULL;
	return steal_ptr(document);
}

void sends_take(struct sends *s, struct frame *frame)
{
	struct errand *errand = calloc(1, sizeof *errand);
	struct err e = { 0 };
	_json_ json_t *document = read_document(frame, &e);

	if (!errand)
		panic("out of memory for a call");
	*errand = (struct errand){ .id = text_copy(json_str(frame->json, "id")),
		                   .calls = s->calls,
		                   .core = s->core,
		                   .settings = s->settings,
		                   .deadline = json_int(frame->json, "deadline"),
		                   .fd = -1 };
	if (!document) {
		errand_refused(errand, "invalid_arguments", e.text);
	} else if (calls_count(s->calls) >= WAITING_MAX) {
		struct answer busy = answer_own("busy", false, BUSY, "too many calls wait for Slack already");

		errand_failed(errand, &busy);
	} else {
		errand->args = json_incref(json_obj(document, "args"));
		begin(errand, json_str(document, "method"));
	}
}
