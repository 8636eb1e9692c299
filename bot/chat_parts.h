// SPDX-License-Identifier: Apache-2.0
// One envelope on its way.  Private to bot/chat*.c.
#ifndef BOT_CHAT_PARTS_H
#define BOT_CHAT_PARTS_H

#include "base/json.h"
#include "bot/incoming.h"
#include "bot/intake_steps.h"
#include "bot/work.h"

struct chat {
	struct serve *s;
	struct work *w;
	const char *envelope;  // events_api, interactive, slash_commands
	const json_t *account; // what Slack has about the user, if it was looked up; else NULL
	const json_t *payload; // of the envelope
	const json_t *event;   // of an events_api payload; else NULL
	const char *user;      // whose doing it is: a Slack user id
	struct incoming in;
	char *from;       // "slack:U0ANN"; owned
	json_t *document; // in.document; owned
	json_t *place;    // in.place; owned
	json_t *token;    // the last one that was looked up for the Home tab; owned
};

// chat_key.c: what makes it the same thing when it comes twice, by another envelope too: "slack/click/...".  NULL for
// what is not kept, as it asks nothing of the desk.  The caller frees.
char *chat_key(const struct chat *c);

// chat_person.c: who it is.  Fills in.from, principal, name, person, authenticated.
enum step chat_identify(struct chat *c, struct err *e);

// What is done about it, by what it is.
enum step chat_message(struct chat *c, struct err *e);  // chat_message.c: messages and mentions
enum step chat_command(struct chat *c, struct err *e);  // chat_message.c: /countersign
enum step chat_click(struct chat *c, struct err *e);    // chat_click.c: buttons
enum step chat_submit(struct chat *c, struct err *e);   // chat_submit.c: forms that were sent
enum step chat_shortcut(struct chat *c, struct err *e); // chat_click.c: shortcuts

// Binds what comes to what a message of ours was bound to, if it is the sender's: by the token id in a button, or in a
// form.  STEP_ON, or what was answered.
enum step chat_bind(struct chat *c, const char *token, struct err *e);

// The block of a form at which an error is shown that belongs to no other.
const char *form_field(const char *form);

// The words as the grammar takes them; `text` as Slack has it.
void chat_say(struct chat *c, const char *subject, const char *text);
// Entities and mentions as people read them: "&lt;" is "<", "<https://x|y>" is "https://x".  The caller frees.
char *chat_text(const char *text, const char *self);

// chat_file.c: has the files that came with a message fetched, for the case that it is about.
enum step chat_fetch_files(struct chat *c, struct err *e);

// Asks Slack for a form at once; `trigger` is good for three seconds.
void chat_ask(struct work *w, const char *method, json_t *args);
// `token`: of the message that asked for what a case lacks; "" for a new request.
int chat_open_request(struct chat *c, const json_t *known, const char *token, struct err *e);
int chat_open_reason(struct chat *c, const char *verb, struct err *e);
// The Home tab of whoever did it; `query` is what they look for, or NULL.
int chat_publish_home(struct chat *c, const char *query, struct err *e);

// It is kept and nothing comes of it.
enum step chat_ignore(struct chat *c, const char *code, struct err *e);
enum step chat_done(struct chat *c, struct err *e);

#endif
