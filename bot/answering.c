// SPDX-License-Identifier: Apache-2.0
// Answers to whoever wrote: as a letter, or with what acknowledges their command.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/blocks.h"
#include "bot/incoming.h"

#define ENTRIES_AT_ONCE 15 // of a history; more is sent as a file

static void reply_text(struct incoming *in, const char *text)
{
	json_decref(in->reply);
	in->reply = json_object();
	json_put_str(in->reply, "response_type", "ephemeral");
	json_put_str(in->reply, "text", text);
}

static void reply_at_field(struct incoming *in, const char *text)
{
	json_t *errors = json_object();

	json_put_str(errors, in->field, text);
	json_decref(in->reply);
	in->reply = json_object();
	json_put_str(in->reply, "response_action", "errors");
	json_put(in->reply, "errors", errors);
}

void answer_plainly(struct incoming *in, const char *sentence)
{
	if (in->answering == ANSWER_AT_ONCE)
		reply_text(in, sentence);
	if (in->answering == ANSWER_IN_FORM)
		reply_at_field(in, sentence);
}

static int reply_blocks(struct incoming *in, const struct letter_to *to, json_t *model, struct err *e)
{
	json_t *message = NULL;

	if (letter_model(in->desk, to, model, e) < 0 || blocks_render(in->templates, to->kind, model, &message, e) < 0)
		return -1;
	json_decref(in->reply);
	in->reply = message;
	json_put_str(in->reply, "response_type", "ephemeral");
	return 0;
}

static int send_file(struct incoming *in, struct letter_to *to, struct err *e)
{
	_json_ json_t *place = json_object();
	_free_ char *name = text_format("%s %s.txt", to->kind, json_str(to->state, "case"));

	json_put_str(place, "file", name);
	json_put_str(place, "channel", in->from + strlen(SLACK_ADDRESS));
	to->place = place;
	reply_text(in, "It is long: you get it as a file, in the conversation with this app.");
	return letter_write(in->desk, to, e);
}

static int reply_at_once(struct incoming *in, struct letter_to *to, struct err *e)
{
	_json_ json_t *model = to->model;

	if (!in->principal) {
		reply_text(in, json_str(model, "reason"));
		return 0;
	}
	if (json_array_size(json_arr(model, "entries")) > ENTRIES_AT_ONCE) {
		json_incref(model); // the letter takes one
		return send_file(in, to, e);
	}
	return reply_blocks(in, to, model, e);
}

int write_back(struct incoming *in, struct letter_to *to, struct err *e)
{
	to->principal = in->principal;
	to->name = in->name;
	to->answers = in->message_id;
	to->place = in->place;
	if (strcmp(in->via, "slack") == 0)
		to->address = in->from;
	return in->answering == ANSWER_BY_LETTER ? letter_write(in->desk, to, e) : reply_at_once(in, to, e);
}
