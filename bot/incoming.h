// SPDX-License-Identifier: Apache-2.0
// One mail, or something done in Slack, on its way through the transaction that decides what it means: what was read,
// who it is from, what its token is bound to.  Filled step by step by intake.c or chat.c; nothing here outlives the
// transaction.
#ifndef BOT_INCOMING_H
#define BOT_INCOMING_H

#include <jansson.h>
#include <stdbool.h>

#include "bot/desk.h"
#include "bot/grammar.h"
#include "bot/letter.h"
#include "bot/refusing.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/restored.h"

// How the sender is answered.
enum answering {
	ANSWER_BY_LETTER, // a row in the outbox
	ANSWER_AT_ONCE,   // in what acknowledges it, for the sender's eyes alone: Slack's commands
	ANSWER_IN_FORM,   // at the field of the form that was sent: Slack's modals
};

struct incoming {
	struct desk *desk;
	const char *via; // "mail", "slack"
	enum answering answering;
	struct templates *templates; // NULL for letters
	const json_t *place;         // where a letter in answer goes, see letter.h; NULL: to the sender
	const char *field;           // of the form
	json_t *reply;               // ANSWER_AT_ONCE, ANSWER_IN_FORM: what the acknowledgement carries.  Owned
	const struct inbox_row *row;
	const json_t *document; // countersign-frames(7), mime
	int attachments;        // descriptor of their bytes, or -1
	const char *message_id; // or NULL

	const char *from; // the one From address; "slack:U0ANN"
	char *principal;  // "person:ann", "mail:kim@example.com"; NULL: nobody of ours.  Owned
	const char *name;
	const struct person *person; // NULL when not listed
	bool authenticated;
	const char *doubt; // code why it is not authenticated
	char doubt_text[256];

	char case_id[CASE_ID_SIZE]; // that an order of it was carried out on; "" before

	bool reused;          // another mail had the same Message-ID and other bytes
	bool garbled;         // a recipient is our mailbox with a tag that is no token
	bool bound;           // it carried a valid token of ours
	struct restored lost; // the restore that lost what it answers; `at` 0: none did
	struct token_row token;
	json_t *token_holder; // owns the token's texts
};

void incoming_free(struct incoming *in);
#define _incoming_ __attribute__((cleanup(incoming_free)))

enum step {
	STEP_ON,    // go on with the next step
	STEP_DONE,  // an entry says what became of the mail
	STEP_ERROR, // the transaction must be given up
};

// The mail that an entry is about, in its body.
void put_message(const struct incoming *in, json_t *body);

// sender.c: who it is from, whether that is proven, whose token it carries.
enum step identify(struct incoming *in, struct err *e);
enum step find_token(struct incoming *in, struct err *e);
// What is said of every address that is none of ours, whatever is wrong with it.
extern const char token_invalid[];
// The case whose token the mail's address carries, for the record of what is set aside; NULL when none.  Says nothing
// about the sender.  -1 on error.
int peek_case(struct incoming *in, const char **case_id, struct err *e);

// One sentence, where the answer goes with the acknowledgement; nothing where it would be a letter.
void answer_plainly(struct incoming *in, const char *sentence);
// Answers the sender as `answering` says; `to` is filled but for the sender and the place.
int write_back(struct incoming *in, struct letter_to *to, struct err *e);

// refusing.c: an entry, and at most one letter to the registered address; the mail's own words are never quoted in it.
// `type` is message.refused or access.refused.  `case_id` may be NULL.
struct no {
	const char *type, *code, *case_id, *reason, *next;
	const char *template; // "refused" unless set
	const char *line;     // for "understood": the line, when it is harmless to show
	bool kept;            // for "understood": the text was kept as a comment
};
enum step say_no(struct incoming *in, const struct no *no, struct err *e);
// An entry and no letter: message.ignored or message.parked.  `case_id` and `detail` may be NULL.
enum step set_aside(struct incoming *in, const char *type, const char *code, const char *case_id, const char *detail,
                    struct err *e);
// answer.c: help, show, history, find, open, verify.
enum step answer(struct incoming *in, const struct command *command, struct err *e);
// audit.queried; `case_id` and `query` may be NULL.
int record_query(struct incoming *in, const char *verb, const char *case_id, const char *query, struct err *e);
// May this person see the case?
bool may_see(const struct desk *desk, const char *principal, const json_t *state);

#endif
