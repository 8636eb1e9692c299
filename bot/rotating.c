// SPDX-License-Identifier: Apache-2.0
#include "bot/rotating.h"

#include <stdio.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/client.h"
#include "bot/people.h"
#include "bot/work.h"
#include "store/log.h"
#include "store/rotations.h"

static enum decided check(struct serve *s, const struct person *person, struct refusal *refusal, struct err *e)
{
	struct rotation last;
	int found;

	if (!person || !person_in(person, "admin"))
		return decided_not(refusal, "administrators-only", NULL,
		                   "Only administrators can change the log's key.");
	if (!s->signer)
		return decided_not(refusal, "no-key", "Set log.key, see countersign.yaml(5).",
		                   "The log's heads are not signed here: there is no key to change.");
	if (!s->signing.known)
		return decided_not(refusal, "no-signer", "See 'countersign status', and try again.",
		                   "The signer is not ready, and it must prove that it has the new key.");
	found = rotation_last(s->desk.db, s->desk.config.log_origin, &last, e);
	if (found < 0)
		return DECIDED_ERROR;
	if (found && s->signing.covered <= last.seq && s->signing.mark <= last.seq + 1)
		return decided_not(refusal, "under-way", "Keep both keys where they are, and see 'countersign status'.",
		                   "A key is being introduced already: its head is not signed yet.");
	if (!s->signing.has_next)
		return decided_not(
		        refusal, "no-successor",
		        "Make one with 'countersign keygen --log ORIGIN FILE', name it in log.next, and restart.",
		        "The signer has no new key.");
	return DECIDED;
}

static json_t *body_of(const struct note_key *old, const struct note_key *next)
{
	_free_ char *before = note_key_text(old), *after = note_key_text(next);
	json_t *body = json_object();

	json_put_str(body, "old", before);
	json_put_str(body, "new", after);
	return body;
}

static enum decided rotate(struct serve *s, const struct person *person, const char *actor, struct refusal *refusal,
                           struct err *e)
{
	enum decided decided = check(s, person, refusal, e);
	struct epochs keys;

	if (decided != DECIDED)
		return decided;
	// A key that the log had once, or that is of another log, is refused before it stands in an entry.
	if (rotations_read(s->desk.db, &s->signing.key, &keys, e) < 0)
		return DECIDED_ERROR;
	if (epochs_add(&keys, &s->signing.key, &s->signing.next, log_size(s->desk.db), e) < 0)
		return decided_not(refusal, "successor", "Make a new one with 'countersign keygen --log'.", "%.500s",
		                   e->text);
	return desk_record(&s->desk, "key.rotated", actor, "cli", NULL, body_of(&s->signing.key, &s->signing.next), e) <
	                       0
	               ? DECIDED_ERROR
	               : DECIDED;
}

int rotating_request(struct serve *s, struct work *w, struct err *e)
{
	const struct person *person = client_caller(s, w->client->uid);
	_free_ char *actor = person ? text_format("person:%s", person->id) : text_format("uid:%d", (int)w->client->uid);
	_free_ char *key = note_key_text(&s->signing.next);
	struct refusal refusal = { 0 };
	uint64_t entry = log_size(s->desk.db);

	switch (rotate(s, person, actor, &refusal, e)) {
	case DECIDED:
		w->reply = client_yes();
		json_put_int(w->reply, "entry", (int64_t)entry);
		json_put_str(w->reply, "key", key);
		return 0;
	case DECIDED_NOT:
		w->reply = client_no(EX_NOPERM, refusal.code, refusal.reason, refusal.next);
		return client_refused(s, actor, NULL, &refusal, e);
	case DECIDED_ERROR:
		return -1;
	}
	panic("decided to no end");
}
