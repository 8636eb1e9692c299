// SPDX-License-Identifier: Apache-2.0
// Words: messages to the bot, mentions, replies in a case's thread, and /countersign.  The grammar is the one of mail.
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bot/chat_parts.h"
#include "store/postings.h"

// Where an answer goes: below what it answers; in a channel for the writer's eyes alone.
static void answer_there(struct chat *c, bool direct)
{
	const char *thread = json_str_or_null(c->event, "thread_ts");

	if (direct && !thread)
		return;
	c->place = json_object();
	json_put_str(c->place, "channel", json_str(c->event, "channel"));
	json_put_str(c->place, "thread", thread);
	if (!direct)
		json_put_str(c->place, "user", c->user);
	c->in.place = c->place;
}

static enum step comment_on(struct chat *c, const char *case_id, struct err *e)
{
	struct order order = order_of(&c->in, ORDER_COMMENT);

	order.text = json_str(c->document, "own");
	snprintf(c->in.case_id, sizeof c->in.case_id, "%s", case_id);
	if (!*order.text)
		return chat_ignore(c, "no-words", e);
	return carry_out(&c->in, case_id, &order, NULL, e);
}

enum step chat_message(struct chat *c, struct err *e)
{
	bool direct = strcmp(json_str(c->event, "channel_type"), "im") == 0;
	_json_ json_t *at =
	        posting_at(c->s->desk.db, json_str(c->event, "channel"), json_str(c->event, "thread_ts"), e);
	enum step step;

	if (!at)
		return STEP_ERROR;
	chat_say(c, "", json_str(c->event, "text"));
	answer_there(c, direct);
	step = STEP_ON;
	if (strcmp(json_str(at, "kind"), "case") == 0)
		step = comment_on(c, json_str(at, "case"), e);
	else if (json_object_size(at) && (step = chat_bind(c, json_str(at, "token"), e)) != STEP_ON)
		return step;
	if (step == STEP_ON)
		step = follow(&c->in, e);
	return step == STEP_DONE ? chat_fetch_files(c, e) : step;
}

// --- /countersign ----------------------------------------------------------------------------------------------------

// "approve CS-7: fine" decides on what this person was asked, as the newest message about it shows it.
static enum step bind_to_asked(struct chat *c, const char *case_id, struct err *e)
{
	_json_ json_t *asking = postings_asking(c->s->desk.db, case_id, e);

	if (!asking)
		return STEP_ERROR;
	for (size_t i = json_array_size(asking); i-- > 0;) {
		const json_t *item = json_array_get(asking, i);

		if (strcmp(json_str(item, "principal"), c->in.principal) == 0)
			return chat_bind(c, json_str(item, "token"), e);
	}
	return STEP_ON;
}

static enum step bind_decision(struct chat *c, struct err *e)
{
	_command_ struct command command = { 0 };
	struct err unclear;

	if (grammar_parse(json_str(c->document, "own"), c->s->desk.config.cases, false, &command, &unclear) !=
	            GRAMMAR_COMMAND ||
	    !verb_decides(command.verb) || !*command.case_id)
		return STEP_ON;
	return bind_to_asked(c, command.case_id, e);
}

static void reply_done(struct chat *c)
{
	if (c->in.reply)
		return;
	c->in.reply = json_object();
	json_put_str(c->in.reply, "response_type", "ephemeral");
	json_put_str(c->in.reply, "text", "Done. What came of it is in your conversation with this app.");
}

enum step chat_command(struct chat *c, struct err *e)
{
	enum step step;

	chat_say(c, "", json_str(c->payload, "text"));
	if (!*json_str(c->document, "own") || text_same(json_str(c->document, "own"), "new"))
		return chat_open_request(c, NULL, "", e) < 0 ? STEP_ERROR : chat_ignore(c, "form", e);
	step = bind_decision(c, e);
	if (step == STEP_ON)
		step = follow(&c->in, e);
	if (step == STEP_DONE)
		reply_done(c);
	return step;
}
