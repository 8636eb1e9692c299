// SPDX-License-Identifier: Apache-2.0
#include "bot/witness_decide.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/continuation.h"
#include "base/encode.h"
#include "base/text.h"

// --- reading ---------------------------------------------------------------------------------------------------------

static int read_request(const char *bytes, size_t len, struct continuation *r, struct err *e)
{
	if (continuation_read(bytes, len, r, e) < 0)
		return -1;
	if (r->note.len > WITNESS_TEXT_MAX)
		return err_set(e, EX_DATAERR, "the checkpoint's text has more than %d bytes", WITNESS_TEXT_MAX);
	return 0;
}

// --- deciding --------------------------------------------------------------------------------------------------------

static int refuse(struct witness_answer *out, enum witness_status status, const char *sentence)
{
	out->status = status;
	out->body = text_format("%s\n", sentence);
	return 0;
}

// The answer tells from which size a proof is wanted.
static int conflict(struct witness_answer *out, const struct witness_log *log)
{
	out->status = WITNESS_CONFLICT;
	out->body = text_format("%" PRIu64 "\n", log->mark.size);
	return 0;
}

// The first of the log's keys that signed, or NULL.
static const struct note_key *who_signed(const struct witness_log *log, const struct note *note)
{
	for (size_t i = 0; i < log->key_count; i++)
		if (note_is_signed(note, &log->keys[i], NULL))
			return &log->keys[i];
	return NULL;
}

// A note's text with the log's own signature lines alone, and perhaps our line: what others added proves nothing to us.
static char *reduced(const struct note *note, const struct note_key *key, const char *line)
{
	_buf_ struct buf out = BUF(WITNESS_REQUEST_MAX);

	buf_printf(&out, "%s\n", note->text);
	for (size_t i = 0; i < note->count; i++) {
		const struct note_line *l = &note->lines[i];
		uint8_t bytes[sizeof key->id + sizeof l->bytes];
		_free_ char *text = NULL;

		if (strcmp(l->name, key->name) != 0 || memcmp(l->id, key->id, sizeof key->id) != 0)
			continue;
		memcpy(bytes, l->id, sizeof l->id);
		memcpy(bytes + sizeof l->id, l->bytes, l->len);
		text = base64_encode(bytes, sizeof l->id + l->len);
		buf_printf(&out, "\xe2\x80\x94 %s %s\n", l->name, text);
	}
	buf_puts(&out, line);
	if (out.full)
		panic("a checkpoint that was read does not fit");
	return buf_steal(&out);
}

static int cosign(const struct witness *w, const struct witness_log *log, const struct note_key *key,
                  const struct continuation *r, uint64_t now, struct witness_answer *out, struct err *e)
{
	// A cosignature says which head was the largest at its time: a clock that was set back must not make two of
	// them contradict each other.
	uint64_t time = now > log->mark.time ? now : log->mark.time;

	out->status = WITNESS_COSIGNED;
	out->log = (size_t)(log - w->logs);
	out->next = (struct witness_mark){ .size = r->head.size, .root = r->head.root, .time = time };
	out->body = note_sign(&w->signer, r->note.text, r->note.len, time, e);
	if (!out->body)
		return -1;
	out->kept = reduced(&r->note, key, out->body);
	return 0;
}

// What is known of a log that was never seen: the empty tree.
static struct digest root_of(const struct witness_mark *mark)
{
	return mark->size == 0 ? sha256(NULL, 0) : mark->root;
}

static bool is_proven(const struct continuation *r, const struct digest *old_root)
{
	struct digest empty = sha256(NULL, 0);

	if (r->old == 0)
		return r->proof.count == 0 && (r->head.size > 0 || memcmp(&r->head.root, &empty, sizeof empty) == 0);
	return proof_is_consistent(&r->proof, r->old, old_root, r->head.size, &r->head.root);
}

static int judge(const struct witness *w, const struct continuation *r, uint64_t now, struct witness_answer *out,
                 struct err *e)
{
	const struct checkpoint *c = &r->head;
	const struct witness_log *log = witness_log_of(w, c->origin);
	const struct note_key *key;
	struct digest known;

	if (!log)
		return refuse(out, WITNESS_UNKNOWN, "this witness does not know the checkpoint's origin");
	key = who_signed(log, &r->note);
	if (!key)
		return refuse(out, WITNESS_UNSIGNED,
		              "no key that this witness knows for the origin signed the checkpoint");
	if (r->old > c->size)
		return refuse(out, WITNESS_MALFORMED, "the old size is larger than the checkpoint's");
	known = root_of(&log->mark);
	// An empty tree has one root only: another is no fork but a checkpoint that proves nothing.
	if (c->size == log->mark.size && c->size > 0 && memcmp(&c->root, &known, sizeof known) != 0) {
		out->fork = true;
		out->log = (size_t)(log - w->logs);
		out->kept = reduced(&r->note, key, "");
		return conflict(out, log);
	}
	if (r->old != log->mark.size)
		return conflict(out, log);
	if (!is_proven(r, &known))
		return refuse(out, WITNESS_UNPROVEN, "the proof does not lead from the old size to the checkpoint");
	return cosign(w, log, key, r, now, out, e);
}

int witness_decide(const struct witness *w, const char *bytes, size_t len, uint64_t now, struct witness_answer *out,
                   struct err *e)
{
	_continuation_ struct continuation r = { 0 };
	struct err problem = { 0 };

	*out = (struct witness_answer){ 0 };
	if (read_request(bytes, len, &r, &problem) < 0)
		return refuse(out, WITNESS_MALFORMED, problem.text);
	return judge(w, &r, now, out, e);
}

void witness_answer_free(struct witness_answer *a)
{
	free(a->body);
	free(a->kept);
	*a = (struct witness_answer){ 0 };
}

struct witness_log *witness_log_of(const struct witness *w, const char *origin)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->logs[i].origin, origin) == 0)
			return &w->logs[i];
	return NULL;
}

void witness_free(struct witness *w)
{
	note_signer_wipe(&w->signer);
	free(w->logs);
	*w = (struct witness){ 0 };
}
