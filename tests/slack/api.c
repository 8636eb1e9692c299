// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/api.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "tests/slack/emulator.h"
#include "tests/slack/form.h"
#include "tests/slack/http.h"

struct method {
	const char *name;
	const char *scope; // of the bot token; "connections:write" belongs to the app token
	unsigned tier;     // of its rate limit; 0: a rule of its own, or none
	bool json;         // reads JSON bodies; the others see no arguments in one
	json_t *(*run)(struct emulator *m, const struct call *c);
};

static const struct method methods[] = {
	{ "apps.connections.open", "connections:write", 3, true, apps_connections_open },
	{ "auth.test", "", 0, true, auth_test },
	{ "chat.postMessage", "chat:write", 0, true, chat_post_message },
	{ "chat.postEphemeral", "chat:write", 4, true, chat_post_ephemeral },
	{ "chat.update", "chat:write", 3, true, chat_update },
	{ "chat.delete", "chat:write", 3, true, chat_delete },
	{ "conversations.open", "im:write", 3, true, conversations_open },
	{ "users.info", "users:read", 4, false, users_info },
	{ "users.lookupByEmail", "users:read.email", 3, false, users_lookup_by_email },
	{ "views.open", "", 4, true, views_open },
	{ "views.push", "", 4, true, views_push },
	{ "views.update", "", 4, true, views_update },
	{ "views.publish", "", 4, true, views_publish },
	{ "files.getUploadURLExternal", "files:write", 4, false, files_get_upload_url },
	{ "files.completeUploadExternal", "files:write", 4, true, files_complete_upload },
};

json_t *api_ok(void)
{
	return json_pack("{s:b}", "ok", 1);
}

json_t *api_error(const char *error)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

json_t *api_refuse(const char *error, json_t *messages)
{
	json_t *out = api_error(error), *marked = json_array(), *message;
	size_t i;

	json_array_foreach(messages, i, message) {
		_free_ char *text = text_format("[ERROR] %s", json_string_value(message));

		json_add_str(marked, text);
	}
	json_put(out, "errors", messages);
	json_put(out, "response_metadata", json_pack("{s:o}", "messages", marked));
	return out;
}

const char *call_text(const struct call *c, const char *name)
{
	const char *text = json_str(c->args, name);

	return *text ? text : NULL;
}

bool call_flag(const struct call *c, const char *name)
{
	const char *text = json_str(c->args, name);

	return json_bool(c->args, name) || !strcmp(text, "true") || !strcmp(text, "1");
}

int call_json(const struct call *c, const char *name, json_t **out)
{
	json_t *value = json_object_get(c->args, name);

	*out = NULL;
	if (!value || json_is_null(value) || (json_is_string(value) && !json_string_length(value)))
		return 0;
	if (json_is_string(value))
		*out = json_read(json_string_value(value), json_string_length(value), NULL);
	else
		*out = json_incref(value);
	return *out ? 0 : -1;
}

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < LENGTH(methods); i++)
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	return NULL;
}

static json_t *arguments(const struct request *r, const struct method *method)
{
	json_t *args = NULL;

	if (!r->post)
		return form_read(r->query, strlen(r->query));
	if (!text_starts_fold(r->type, "application/json"))
		return form_read(buf_text(&r->body), r->body.len);
	if (method->json)
		args = json_read(buf_text(&r->body), r->body.len, NULL);
	return args ? args : json_object();
}

// A form's field may stand for the header, a query string's may not.
static const char *token_of(const struct request *r, const json_t *args)
{
	if (text_starts_fold(r->authorization, "bearer "))
		return r->authorization + strlen("bearer ");
	return r->post && !text_starts_fold(r->type, "application/json") ? json_str(args, "token") : "";
}

static json_t *check_body(const struct request *r, const struct method *method)
{
	if (!r->post || !r->body.len || text_starts_fold(r->type, "application/x-www-form-urlencoded"))
		return NULL;
	if (!text_starts_fold(r->type, "application/json"))
		return api_error(*r->type ? "invalid_post_type" : "missing_post_type");
	_json_ json_t *body = json_read(buf_text(&r->body), r->body.len, NULL);

	if (method->json && !body)
		return api_error("invalid_json");
	return method->json && !json_is_object(body) ? api_error("json_not_object") : NULL;
}

static json_t *check_right(const struct emulator *m, const struct request *r, const struct method *method,
                           const char *token)
{
	bool app = !strcmp(method->scope, "connections:write");

	if (!*token)
		return api_error("not_authed");
	if (app && !r->post)
		return api_error("insecure_request");
	if (!strcmp(token, app ? BOT_TOKEN : APP_TOKEN))
		return api_error("not_allowed_token_type");
	if (strcmp(token, app ? APP_TOKEN : BOT_TOKEN) != 0 || (app && !*r->authorization))
		return api_error("invalid_auth");
	if (!app && !scopes_have(&m->scopes, method->scope)) {
		json_t *out = api_error("missing_scope");

		json_put_str(out, "needed", method->scope);
		json_put_str(out, "provided", m->scopes.list);
		return out;
	}
	return NULL;
}

static json_t *run(struct emulator *m, const struct request *r, const struct method *method, const json_t *args,
                   const char *token)
{
	struct call call = { method->name, (json_t *)args, r->host };
	json_t *out = check_body(r, method);

	if (!out)
		out = check_right(m, r, method, token);
	return out ? out : method->run(m, &call);
}

static void record(struct emulator *m, const char *method, json_t *args, const char *token, const struct answer *a,
                   const json_t *out)
{
	json_t *call = json_pack("{s:s, s:O, s:I, s:s, s:i}", "method", method, "args", args, "at_ms",
	                         (json_int_t)clock_real(), "token", token, "status", a->hangup ? 0 : a->status);

	json_put_bool(call, "ok", a->status == 200 && !a->hangup && json_bool(out, "ok"));
	json_put_str(call, "error", json_str_or_null(out, "error"));
	json_add(m->calls, call);
}

static void write_out(struct emulator *m, const struct method *method, const json_t *out, struct answer *a)
{
	if (a->status != 200 || a->hangup)
		return;
	_free_ char *text = json_dumps(out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH);

	a->type = "application/json; charset=utf-8";
	buf_printf(&a->head, "X-OAuth-Scopes: %s\r\n", m->scopes.list);
	buf_printf(&a->head, "X-Accepted-OAuth-Scopes: %s\r\n", method->scope);
	buf_puts(&a->body, text);
}

// What the call meets: what a test has ordered, or the limit of its rate.
static struct fault limit(struct emulator *m, const struct method *method, const json_t *args)
{
	struct fault fault = faults_take(&m->faults, method->name);
	const char *channel = method->run == chat_post_message ? json_str(args, "channel") : NULL;
	int64_t wait = 0;

	if (fault.kind == FAULT_NONE && m->settings.tiers)
		wait = rates_count(&m->rates, method->name, method->tier, channel, clock_real());
	if (wait) {
		fault.kind = FAULT_STATUS;
		fault.status = 429;
		fault.retry_after = wait;
	}
	return fault;
}

void api_answer(struct emulator *m, const struct request *r, const char *name, struct answer *a)
{
	const struct method *method = find(name);
	static const struct method none = { "", "", 0, true, NULL };
	_json_ json_t *args = arguments(r, method ? method : &none);
	_free_ char *token = text_copy(token_of(r, args));
	struct fault fault = method ? limit(m, method, args) : faults_take(&m->faults, name);
	_json_ json_t *out = NULL;

	json_object_del(args, "token");
	if (!method)
		out = api_error("unknown_method");
	else if (fault.kind == FAULT_NONE || fault.after)
		out = run(m, r, method, args, token);
	fault_apply(&fault, a, &out);
	a->delay_ms += m->settings.slow_ms;
	write_out(m, method ? method : &none, out, a);
	record(m, name, args, token, a, out);
	fault_free(&fault);
}
