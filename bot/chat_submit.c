// SPDX-License-Identifier: Apache-2.0
// Forms: opening them, and what they send back.  A refusal is shown at the form's field, and the form stays open.
#include <string.h>

#include "base/text.h"
#include "bot/blocks.h"
#include "bot/chat_form.h"
#include "bot/chat_parts.h"
#include "store/cases.h"

#define REASON "reason" // block of the form that asks for grounds
#define WORDS "words"   // block of the request's form for running text

const char *form_field(const char *form)
{
	return strcmp(form, REASON) == 0 ? REASON : WORDS;
}

// --- opening ---------------------------------------------------------------------------------------------------------

static void open_view(struct chat *c, json_t *view)
{
	json_t *args = json_object();

	json_put_str(args, "trigger_id", json_str(c->payload, "trigger_id"));
	json_put(args, "view", view);
	chat_ask(c->w, "views.open", args);
}

int chat_open_request(struct chat *c, const json_t *known, const char *token, struct err *e)
{
	json_t *view = chat_form(&c->s->desk, c->s->templates, known, token, e);

	if (view)
		open_view(c, view);
	return view ? 0 : -1;
}

int chat_open_reason(struct chat *c, const char *verb, struct err *e)
{
	_json_ json_t *state = case_load(c->s->desk.db, c->in.token.case_id, e), *model = json_object();
	const json_t *action = json_array_get(json_arr(c->payload, "actions"), 0);
	_free_ char *metadata = text_format("%s %s", json_str(action, "value"), verb);
	json_t *of = json_object(), *view = NULL;

	json_put(model, "case", of);
	if (!state)
		return -1;
	json_put_str(of, "case", json_str(state, "case"));
	json_put_str(of, "title", json_str(state, "title"));
	json_put_str(model, "verb", verb);
	json_put_str(model, "metadata", metadata);
	if (blocks_view(c->s->templates, REASON, model, &view, e) < 0)
		return -1;
	open_view(c, view);
	return 0;
}

// --- what was sent ---------------------------------------------------------------------------------------------------

// The text of a plain field; "" when it was left empty.
static const char *field_text(const json_t *values, const char *block)
{
	const char *action;
	json_t *element;

	json_object_foreach(json_obj(values, block), action, element)
		return json_str(element, "value");
	return "";
}

static enum step submit_reason(struct chat *c, const json_t *view, const json_t *values, struct err *e)
{
	const char *metadata = json_str(view, "private_metadata"), *verb = strchr(metadata, ' ');
	_free_ char *token = NULL, *line = NULL;
	enum step step;

	if (!verb)
		return chat_ignore(c, "unknown-form", e);
	token = text_copy_n(metadata, (size_t)(verb++ - metadata));
	step = chat_bind(c, token, e);
	if (step != STEP_ON)
		return step;
	line = text_format("%s: %s", verb, field_text(values, REASON));
	chat_say(c, "", "");
	json_put_str(c->document, "own", line);
	return follow(&c->in, e);
}

static enum step refuse_fields(struct chat *c, json_t *errors, struct err *e)
{
	c->in.reply = json_object();
	json_put_str(c->in.reply, "response_action", "errors");
	json_put(c->in.reply, "errors", errors);
	return set_aside(&c->in, "message.refused", "form", NULL, NULL, e);
}

static enum step submit_request(struct chat *c, const json_t *view, const json_t *values, struct err *e)
{
	const char *token = json_str(view, "private_metadata");
	enum step step;
	_json_ json_t *request = NULL, *errors = NULL, *evidence = json_array();

	if (chat_form_read(&c->s->desk, values, &request, &errors, e) < 0)
		return STEP_ERROR;
	if (json_object_size(errors))
		return refuse_fields(c, steal_ptr(errors), e);
	if (*token && (step = chat_bind(c, token, e)) != STEP_ON)
		return step;
	chat_say(c, "", json_str(request, "rest"));
	return follow_reading(&c->in, request, evidence, e);
}

enum step chat_submit(struct chat *c, struct err *e)
{
	const json_t *view = json_obj(c->payload, "view"), *values = json_obj(json_obj(view, "state"), "values");
	const char *form = json_str(view, "callback_id");

	if (strcmp(form, REASON) == 0)
		return submit_reason(c, view, values, e);
	if (strcmp(form, "request") == 0)
		return submit_request(c, view, values, e);
	return chat_ignore(c, "unknown-form", e);
}
