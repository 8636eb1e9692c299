// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "adapters/slack/calls.h"
#include "adapters/slack/errand.h"
#include "adapters/slack/peer.h"
#include "base/json.h"
#include "base/text.h"

enum { FORM_MAX = 64 << 10 };

// A method of the Web API with these arguments, which are taken over.
static void call(struct errand *errand, enum method_id method, json_t *args, int64_t deadline, call_done *done)
{
	_json_ json_t *owned = args;
	_buf_ struct buf form = BUF(FORM_MAX);
	size_t len;

	if (method_form(owned, &form) < 0) {
		errand_refused(errand, "too-large", "upload: the title or the comment is too long");
		return;
	}
	len = form.len;
	calls_add(errand->calls, &(struct call){ .method = method,
	                                         .bearer = BEARER_BOT,
	                                         .content_type = CALL_FORM,
	                                         .len = len,
	                                         .body = buf_steal(&form),
	                                         .fd = -1,
	                                         .deadline = deadline,
	                                         .done = done,
	                                         .data = errand });
}

static void on_complete(void *data, const struct answer *answer)
{
	struct errand *errand = data;
	json_t *more;

	if (!answer->ok) {
		errand_failed(errand, answer);
		return;
	}
	more = json_object();
	answer_put(more, "file", errand->file);
	json_put_str(more, "channel", json_str(errand->args, "channel"));
	errand_sent(errand, more);
}

static void on_bytes(void *data, const struct answer *answer)
{
	struct errand *errand = data;
	json_t *args, *files, *file;

	if (!answer->ok) {
		errand_failed(errand, answer);
		return;
	}
	args = json_object();
	files = json_array();
	file = json_object();
	json_put_str(file, "id", errand->file);
	json_put_str(file, "title", json_str(errand->args, "title"));
	json_add(files, file);
	json_put(args, "files", files);
	json_put_str(args, "channel_id", json_str(errand->args, "channel"));
	json_put_str(args, "thread_ts", json_str_or_null(errand->args, "thread_ts"));
	json_put_str(args, "initial_comment", json_str_or_null(errand->args, "comment"));
	call(errand, METHOD_UPLOAD_COMPLETE, args, 0, on_complete);
}

// The address is a credential as well: it is in no log.
static void on_url(void *data, const struct answer *answer)
{
	struct errand *errand = data;
	const char *text = json_str(errand->args, "text");
	const char *url = json_str(answer->json, "upload_url");

	if (!answer->ok) {
		errand_failed(errand, answer);
	} else if (!peer_may_have_token(errand->settings, url) || !*json_str(answer->json, "file_id")) {
		errand_refused(errand, "not-slack", "upload: what Slack gave is not an address of Slack's");
	} else {
		errand->file = text_copy(json_str(answer->json, "file_id"));
		calls_add(errand->calls, &(struct call){ .method = METHOD_UPLOAD_BYTES,
		                                         .url = text_copy(url),
		                                         .content_type = "application/octet-stream",
		                                         .body = text_copy(text),
		                                         .len = strlen(text),
		                                         .fd = -1,
		                                         .done = on_bytes,
		                                         .data = errand });
	}
}

static void ask_for_url(struct errand *errand)
{
	json_t *args = json_object();

	json_put_str(args, "filename", json_str(errand->args, "filename"));
	json_put_int(args, "length", (int64_t)strlen(json_str(errand->args, "text")));
	call(errand, METHOD_UPLOAD_URL, args, errand->deadline, on_url);
}

static void on_conversation(void *data, const struct answer *answer)
{
	struct errand *errand = data;

	if (!answer->ok) {
		errand_failed(errand, answer);
		return;
	}
	json_put_str(errand->args, "channel", json_str(json_obj(answer->json, "channel"), "id"));
	ask_for_url(errand);
}

// Slack takes a person's id for a message's place, but not for a file's.
static bool is_person(const char *channel)
{
	return *channel == 'U' || *channel == 'W';
}

void upload_start(struct errand *errand)
{
	static const struct json_key keys[] = { { "channel", 'S', 64 },
		                                { "thread_ts", 's', 64 },
		                                { "filename", 'S', 255 },
		                                { "title", 'S', 2000 },
		                                { "comment", 's', 4000 },
		                                { "text", 'S', 0 },
		                                { 0 } };
	const char *channel = json_str(errand->args, "channel");
	struct err e = { 0 };
	json_t *args;

	if (json_check(errand->args, keys, "upload", &e) < 0) {
		errand_refused(errand, "invalid_arguments", e.text);
		return;
	}
	if (!*json_str(errand->args, "text")) { // Slack takes no empty file
		errand_refused(errand, "invalid_arguments", "upload: the file is empty");
		return;
	}
	if (!is_person(channel)) {
		ask_for_url(errand);
		return;
	}
	args = json_object();
	json_put_str(args, "users", channel);
	call(errand, METHOD_CONVERSATIONS_OPEN, args, errand->deadline, on_conversation);
}
