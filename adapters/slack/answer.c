// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapters/slack/errors.h"
#include "adapters/slack/methods.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

enum {
	SOON = 10,       // seconds, where nobody said
	PATIENCE = 30,   // after a 429 without Retry-After
	LONGEST = 86400, // of Retry-After
	TEXT_MAX = 1000, // bytes of one text for the core
};

static void __attribute__((format(printf, 2, 3))) say(struct answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->why, sizeof a->why, format, args);
	va_end(args);
	a->why[utf8_prefix(a->why, sizeof a->why - 1)] = '\0';
}

static void set_error(struct answer *a, const char *word)
{
	snprintf(a->error, sizeof a->error, "%s", word);
	a->error[strspn(a->error, "abcdefghijklmnopqrstuvwxyz0123456789_-")] = '\0';
	if (!*a->error)
		snprintf(a->error, sizeof a->error, "unknown_error");
}

// Something broke: whether it was done is open, unless Slack cannot have got the request.
static void broke(const struct method *m, struct answer *a, bool sent, const char *error)
{
	set_error(a, error);
	a->again = true;
	a->unknown = sent && !m->repeatable;
	a->retry_after = SOON;
}

static void limited(const struct method *m, const struct response *r, struct answer *a)
{
	set_error(a, "ratelimited");
	a->again = a->limited = true;
	a->retry_after = r->retry_after >= 0 ? r->retry_after : PATIENCE;
	if (a->retry_after > LONGEST)
		a->retry_after = LONGEST;
	say(a, "%s: Slack asks to wait %lld s", m->name, (long long)a->retry_after);
}

// --- no answer -------------------------------------------------------------------------------------------------------

static void judge_transport(const struct method *m, const struct response *r, struct answer *a)
{
	const char *detail = *r->detail ? r->detail : curl_easy_strerror(r->code);

	switch (r->code) {
	case CURLE_OPERATION_TIMEDOUT:
		broke(m, a, r->sent, "timeout");
		say(a, "%s: Slack did not answer in time", m->name);
		break;
	case CURLE_FILESIZE_EXCEEDED:
	case CURLE_WRITE_ERROR:
		set_error(a, "too-large");
		a->permanent = m->raw;
		a->unknown = !m->repeatable;
		say(a, "%s: the answer is larger than it may be", m->name);
		break;
	case CURLE_ABORTED_BY_CALLBACK:
		broke(m, a, r->sent, "stopping");
		say(a, "%s: cut off, for the adapter is stopping", m->name);
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		broke(m, a, false, "certificate");
		a->again = false;
		say(a, "%s: the server's certificate was refused: %s", m->name, detail);
		break;
	default:
		broke(m, a, r->sent, "unreachable");
		say(a, "%s: Slack cannot be reached: %s", m->name, detail);
		break;
	}
}

// --- an answer of HTTP ----------------------------------------------------------------------------------------------

static void judge_status(const struct method *m, const struct response *r, struct answer *a)
{
	char error[32];

	snprintf(error, sizeof error, "http-%ld", r->status);
	broke(m, a, true, error);
	say(a, "%s: the server answered with status %ld", m->name, r->status);
	if (r->status >= 500)
		return;
	a->again = a->unknown = false;
	a->permanent = m->raw;
	a->retry_after = m->raw ? 0 : SOON;
}

static void judge_raw(const struct method *m, const struct response *r, struct answer *a)
{
	static const char *const dead[] = { "used_url", "expired_url" };

	a->ok = r->status == 200;
	a->bytes = r->len;
	if (a->ok)
		return;
	judge_status(m, r, a);
	for (size_t i = 0; i < LENGTH(dead); i++) {
		if (!r->body || !strstr(r->body, dead[i]))
			continue;
		set_error(a, dead[i]);
		say(a, "%s: %s", m->name, error_find(dead[i])->says);
	}
}

// --- an answer of Slack ----------------------------------------------------------------------------------------------

// The first few of response_metadata.messages: they name the field that is wrong.
static void add_messages(struct answer *a)
{
	const json_t *messages = json_arr(json_obj(a->json, "response_metadata"), "messages");
	_buf_ struct buf text = BUF(4096);

	for (size_t i = 0; i < 3 && i < json_array_size(messages); i++) {
		const char *message = json_string_value(json_array_get(messages, i));

		if (message)
			buf_printf(&text, "%s%.300s", text.len ? "; " : ": ", message);
	}
	strncat(a->why, buf_text(&text), sizeof a->why - strlen(a->why) - 1);
	a->why[utf8_prefix(a->why, sizeof a->why - 1)] = '\0';
}

// "invalid_arguments" is also what a cold click was once called; only the message tells.
static bool is_cold_click(const struct answer *a)
{
	return strstr(a->why, "trigger_id") && (strstr(a->why, "expired") || strstr(a->why, "exchanged"));
}

static void judge_word(const struct method *m, const struct response *r, struct answer *a)
{
	const struct error_word *word = error_find(json_str(a->json, "error"));
	const char *needed = json_str(a->json, "needed");

	set_error(a, json_str(a->json, "error"));
	say(a, "%s: %s (%s)", m->name, word->says, a->error);
	a->permanent = true;
	switch (word->class) {
	case ERROR_DEAD:
		a->trouble = TROUBLE_TOKEN;
		break;
	case ERROR_RIGHT:
		a->trouble = TROUBLE_SCOPE;
		if (*needed)
			say(a, "%s: the app lacks the scope %.200s (missing_scope)", m->name, needed);
		break;
	case ERROR_LIMITED:
		a->permanent = false;
		limited(m, r, a);
		break;
	case ERROR_BROKEN:
		a->permanent = false;
		broke(m, a, true, word->word);
		break;
	case ERROR_OURS:
		add_messages(a);
		if (!is_cold_click(a))
			a->trouble = TROUBLE_REQUEST;
		else
			set_error(a, "expired_trigger_id");
		break;
	case ERROR_PLACE:
	case ERROR_LATE:
		break;
	case ERROR_OTHER:
		add_messages(a);
		break;
	}
}

static void judge_json(const struct method *m, const struct response *r, struct answer *a)
{
	a->json = json_read(r->body ? r->body : "", r->len, NULL);
	if (!json_is_object(a->json) || !json_is_boolean(json_object_get(a->json, "ok"))) {
		broke(m, a, true, "no-answer");
		say(a, "%s: what came back is no answer of Slack's", m->name);
		return;
	}
	a->ok = json_bool(a->json, "ok");
	if (!a->ok)
		judge_word(m, r, a);
}

void answer_judge(const struct method *m, const struct response *r, struct answer *out)
{
	*out = (struct answer){ 0 };
	snprintf(out->scopes, sizeof out->scopes, "%s", r->scopes);
	if (r->code != CURLE_OK)
		judge_transport(m, r, out);
	else if (r->status == 429)
		limited(m, r, out);
	else if (m->raw)
		judge_raw(m, r, out);
	else if (r->status != 200)
		judge_status(m, r, out);
	else
		judge_json(m, r, out);
}

struct answer answer_own(const char *error, bool permanent, int64_t retry_after, const char *format, ...)
{
	struct answer a = { .permanent = permanent, .retry_after = retry_after };
	va_list args;

	set_error(&a, error);
	va_start(args, format);
	vsnprintf(a.why, sizeof a.why, format, args);
	va_end(args);
	return a;
}

void answer_free(struct answer *a)
{
	json_decref(a->json);
	a->json = NULL;
}

void answer_put(json_t *out, const char *key, const char *text)
{
	_free_ char *cut = text_copy_n(text, utf8_prefix(text, TEXT_MAX));

	json_put_str(out, key, cut);
}
