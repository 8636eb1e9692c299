// SPDX-License-Identifier: Apache-2.0
// One letter into the outbox: its reply token's binding, its fixed Message-ID, its place in the thread, what its
// template is filled with.  And, when it is sent, the message that smtp is given.
#ifndef BOT_LETTER_H
#define BOT_LETTER_H

#include <jansson.h>
#include <stdbool.h>

#include "bot/desk.h"
#include "bot/render.h"

struct letter_to {
	const char *kind;      // template: "review", "missing", ...
	const char *principal; // to whom
	const char *name;
	const char *address; // of mail, or "slack:U0ANN"; NULL: the person's own, in Slack if they are known there
	const json_t *place; // in Slack, when not to the person; see store/postings.h
	const json_t *state; // the case it is about, or NULL
	bool decide;         // may it be answered with a decision?
	const char *answers; // Message-ID of the mail that it answers, or NULL
	json_t *model;       // what is special to this kind, "attachments" (of a mail) among it; taken
	int64_t id;          // filled in: the letter's, 0 when there is none
	bool by_slack;       // filled in
};

// Puts a letter into the outbox, inside the open transaction.  Somebody with no address gets none, and that is no
// error.
int letter_write(struct desk *desk, struct letter_to *to, struct err *e);

// What every template may use beside what is special to it: adds desk, person, log, case, fact_list.
int letter_model(struct desk *desk, const struct letter_to *to, json_t *model, struct err *e);

// Makes an outbox row (as outbox_get() gives it) into the document that smtp sends (CONTRACT: countersign-frames(7)):
// the reply token is minted here, the mailto: links are made here, the template is rendered here.  NULL on error.
json_t *letter_document(struct desk *desk, struct templates *templates, const json_t *row, struct err *e);

#endif
