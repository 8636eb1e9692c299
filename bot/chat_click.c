// SPDX-License-Identifier: Apache-2.0
// Buttons and shortcuts.  A button carries a token id to look up, nothing else of it is believed.
#include <string.h>

#include "base/text.h"
#include "bot/case_review.h"
#include "bot/chat_parts.h"
#include "store/cases.h"

static const struct {
	const char *action;
	enum verb verb;
	bool form; // grounds are asked for first
} buttons[] = {
	{ "approve", VERB_APPROVE, false }, { "abstain", VERB_ABSTAIN, false }, { "recuse", VERB_RECUSE, false },
	{ "reject", VERB_REJECT, true },    { "ask", VERB_ASK, true },
};

// A refusal is for the eyes of whoever pressed; in the Home tab there is no such place but their conversation.
static void answer_alone(struct chat *c)
{
	const json_t *container = json_obj(c->payload, "container");

	if (!*json_str(container, "channel_id"))
		return;
	c->place = json_object();
	json_put_str(c->place, "channel", json_str(container, "channel_id"));
	json_put_str(c->place, "user", c->user);
	c->in.place = c->place;
}

// Does the stage that is open want to know why somebody approves?
static bool wants_grounds(struct chat *c)
{
	struct err e;
	_json_ json_t *state = case_load(c->s->desk.db, c->in.token.case_id, &e);

	return json_bool(open_stage(state), "grounds");
}

static enum step press(struct chat *c, enum verb verb, const char *token, bool form, struct err *e)
{
	const struct command command = { .verb = verb };
	enum step step = chat_bind(c, token, e);

	if (step != STEP_ON)
		return step;
	if (!form && !(verb == VERB_APPROVE && wants_grounds(c)))
		return follow_command(&c->in, &command, e);
	return chat_open_reason(c, verb_name(verb), e) < 0 ? STEP_ERROR : chat_ignore(c, "form", e);
}

// What the case lacks is asked for in a form that holds what it has.
static enum step complete(struct chat *c, const char *token, struct err *e)
{
	enum step step = chat_bind(c, token, e);
	_json_ json_t *state = NULL;

	if (step != STEP_ON)
		return step;
	state = case_load(c->s->desk.db, c->in.token.case_id, e);
	if (!state || chat_open_request(c, json_obj(state, "facts"), token, e) < 0)
		return STEP_ERROR;
	return chat_ignore(c, "form", e);
}

static enum step press_other(struct chat *c, const json_t *action, struct err *e)
{
	const char *id = json_str(action, "action_id"), *value = json_str(action, "value");

	if (strcmp(id, "new") == 0)
		return chat_open_request(c, NULL, "", e) < 0 ? STEP_ERROR : chat_ignore(c, "form", e);
	if (strcmp(id, "answer") == 0)
		return complete(c, value, e);
	if (strcmp(id, "find") == 0)
		return chat_publish_home(c, value, e) < 0 ? STEP_ERROR : chat_done(c, e);
	if (strcmp(id, "show") == 0) {
		struct command command = { .verb = VERB_SHOW };

		if (case_id_parse(value, c->s->desk.config.cases, command.case_id) == 0)
			return follow_command(&c->in, &command, e);
	}
	return chat_ignore(c, "unknown-button", e);
}

enum step chat_click(struct chat *c, struct err *e)
{
	const json_t *action = json_array_get(json_arr(c->payload, "actions"), 0);

	chat_say(c, "", json_str(action, "action_id"));
	answer_alone(c);
	for (size_t i = 0; i < LENGTH(buttons); i++)
		if (strcmp(json_str(action, "action_id"), buttons[i].action) == 0)
			return press(c, buttons[i].verb, json_str(action, "value"), buttons[i].form, e);
	return press_other(c, action, e);
}

enum step chat_shortcut(struct chat *c, struct err *e)
{
	const char *text = json_str(json_obj(c->payload, "message"), "text");
	_json_ json_t *known = json_object();

	if (*text) {
		_free_ char *words = chat_text(text, c->s->chat.user);

		json_put_str(known, "words", words);
	}
	return chat_open_request(c, known, "", e) < 0 ? STEP_ERROR : chat_ignore(c, "form", e);
}
