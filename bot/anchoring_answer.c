// SPDX-License-Identifier: Apache-2.0
// What those who were asked answer, and what of it is kept.
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/alarming.h"
#include "bot/anchoring.h"
#include "bot/work.h"
#include "store/cosignatures.h"
#include "store/log.h"
#include "store/timestamps.h"

#define ANSWER_MAX TIMESTAMP_MAX

// --- what is written down --------------------------------------------------------------------------------------------

struct voucher *anchoring_voucher(struct serve *s, const struct work *w)
{
	return &s->anchoring->vouchers[json_int(w->frame.json, "voucher")];
}

static int keep_cosignature(struct serve *s, struct work *w, struct err *e)
{
	const struct voucher *v = anchoring_voucher(s, w);
	int kept = cosignature_add(s->desk.db, (uint64_t)json_int(w->frame.json, "size"), &anchoring_witness(s, v)->key,
	                           json_str(w->frame.json, "answer"), s->desk.now, e);

	json_put_bool(w->frame.json, "kept", kept > 0);
	return kept < 0 ? -1 : 0;
}

static void after_cosignature(struct serve *s, struct work *w)
{
	struct voucher *v = anchoring_voucher(s, w);
	int64_t now = anchoring_now(s);

	if (json_bool(w->frame.json, "kept"))
		voucher_vouched(v, (uint64_t)json_int(w->frame.json, "size"), now, now + VOUCHER_PAUSE);
	else
		voucher_failed(v, now, "what it answered is no cosignature by its key");
}

static int keep_stamp(struct serve *s, struct work *w, struct err *e)
{
	const struct anchoring *a = s->anchoring;
	const struct buf *answer = &a->stamp.answer;

	if (timestamp_add(s->desk.db, (uint64_t)json_int(w->frame.json, "size"), a->stamp.note, buf_text(answer),
	                  answer->len, a->stamp.time, e) < 0)
		return -1;
	json_put_bool(w->frame.json, "kept", true);
	return 0;
}

static void after_stamp(struct serve *s, struct work *w)
{
	struct voucher *v = anchoring_voucher(s, w);
	int64_t now = anchoring_now(s);

	if (json_bool(w->frame.json, "kept"))
		voucher_vouched(v, (uint64_t)json_int(w->frame.json, "size"), now, stamp_next(now));
	else
		voucher_failed(v, now, "its time-stamp could not be kept");
}

static void abandoned(struct serve *s, struct work *w)
{
	voucher_failed(anchoring_voucher(s, w), anchoring_now(s), "its answer could not be kept");
}

static const struct work_kind cosignature = { "a cosignature", keep_cosignature, NULL, after_cosignature, abandoned };
static const struct work_kind stamp = { "a time-stamp", keep_stamp, NULL, after_stamp, abandoned };

void anchoring_queue(struct serve *s, const struct work_kind *kind, const struct voucher *v, const char *answer)
{
	struct work w = { .kind = kind, .document = -1, .attachments = -1 };

	w.frame.json = json_object();
	json_put_int(w.frame.json, "voucher", v - s->anchoring->vouchers);
	json_put_int(w.frame.json, "size", (int64_t)v->asking);
	json_put_str(w.frame.json, "answer", answer);
	work_queue(s, &w);
}

// --- what they say ---------------------------------------------------------------------------------------------------

static void take_verdict(struct serve *s, struct voucher *v, int64_t status, const struct buf *body)
{
	_free_ char *text = NULL;

	switch (voucher_judge(v, status, buf_text(body), body->len, log_size(s->desk.db), anchoring_now(s))) {
	case WITNESS_SAID_YES:
		anchoring_queue(s, &cosignature, v, buf_text(body));
		return;
	case WITNESS_KNOWS_OTHER:
		return;
	case WITNESS_SAID_NO:
		log_warning("witness %s: %s", v->name, v->trouble);
		anchoring_look(s, v);
		return;
	case WITNESS_SAW_LONGER:
		text = text_format(
		        "The witness %s has cosigned a longer log than this one: the database is an old copy.",
		        v->name);
		voucher_failed(v, anchoring_now(s), "it has cosigned a longer log than this one");
		freeze_desk(s, "rollback-detected", text);
		return;
	case WITNESS_SAW_ANOTHER:
		text = text_format("The witness %s has cosigned another log than this one: its entries were altered.",
		                   v->name);
		voucher_failed(v, anchoring_now(s), "it has cosigned another log than this one");
		freeze_desk(s, "fork-detected", text);
		return;
	}
}

static int check_stamp(struct serve *s, int64_t status, struct buf *body, struct err *e)
{
	struct anchoring *a = s->anchoring;
	struct timestamp_check want = { .data = a->stamp.note,
		                        .len = strlen(a->stamp.note),
		                        .nonce = a->stamp.nonce,
		                        .ca = s->desk.config.log_tsa_ca };

	if (status != 200)
		return err_set(e, EX_DATAERR, "it answered with status %lld", (long long)status);
	if (timestamp_check(buf_text(body), body->len, &want, &a->stamp.time, e) < 0)
		return -1;
	buf_free(&a->stamp.answer);
	a->stamp.answer = *body;
	*body = (struct buf){ 0 };
	return 0;
}

static void take_stamp(struct serve *s, struct voucher *v, int64_t status, struct buf *body)
{
	struct err e = { 0 };

	if (check_stamp(s, status, body, &e) == 0) {
		anchoring_queue(s, &stamp, v, NULL);
		return;
	}
	voucher_failed(v, anchoring_now(s), "%s", e.text);
	log_warning("time-stamping authority %s: %s", v->name, v->trouble);
	anchoring_look(s, v);
}

static int read_body(const json_t *f, struct buf *out, struct err *e)
{
	const char *text = json_str_or_null(f, "body"), *coded = json_str_or_null(f, "base64");
	char *room;
	long len;

	if ((text != NULL) == (coded != NULL))
		return err_set(e, EX_PROTOCOL, "an answer needs a body, as text or in base64");
	if (text)
		return buf_puts(out, text);
	room = buf_reserve(out, strlen(coded));
	len = room ? base64_decode(coded, strlen(coded), room, strlen(coded)) : -1;
	if (len < 0)
		return err_set(e, EX_PROTOCOL, "an answer is no base64");
	out->len += (size_t)len;
	return 0;
}

static int take_sent(struct serve *s, struct voucher *v, const json_t *f, struct err *e)
{
	_buf_ struct buf body = BUF(ANSWER_MAX);

	if (read_body(f, &body, e) < 0)
		return -1;
	if (anchoring_is_witness(s->anchoring, v))
		take_verdict(s, v, json_int(f, "status"), &body);
	else
		take_stamp(s, v, json_int(f, "status"), &body);
	return 0;
}

static void take_failed(struct serve *s, struct voucher *v, const json_t *f)
{
	voucher_failed(v, anchoring_now(s), "it cannot be reached: %s", json_str(f, "why"));
	log_warning("%s: %s", v->name, v->trouble);
	anchoring_look(s, v);
}

// Whom the frame is about, while there is a question under way.
static struct voucher *find(struct serve *s, const json_t *f, struct err *e)
{
	static const struct json_key sent[] = { { "type", 'S', 0 }, { "id", 'S', 8 },     { "status", 'I', 999 },
		                                { "body", 's', 0 }, { "base64", 's', 0 }, { 0 } };
	static const struct json_key failed[] = { { "type", 'S', 0 },        { "id", 'S', 8 },
		                                  { "why", 'S', 2048 },      { "permanent", 'B', 0 },
		                                  { "retry_after", 'i', 0 }, { 0 } };
	const char *id = json_str(f, "id");
	uint64_t index;

	if (json_check(f, strcmp(json_str(f, "type"), "sent") == 0 ? sent : failed, "anchor", e) < 0)
		return NULL;
	if (text_decimal(id, strlen(id), &index) < 0 || index >= s->anchoring->count ||
	    !s->anchoring->vouchers[index].asking) {
		err_set(e, EX_PROTOCOL, "it was not asked");
		return NULL;
	}
	return &s->anchoring->vouchers[index];
}

void anchoring_frame(struct serve *s, struct frame *f)
{
	struct err e = { 0 };
	struct voucher *v = find(s, f->json, &e);

	if (v && strcmp(json_str(f->json, "type"), "sent") != 0) {
		take_failed(s, v, f->json);
	} else if (!v || take_sent(s, v, f->json, &e) < 0) {
		log_error("anchor broke the rules (%s); it is killed", e.text);
		adapter_kill(s->anchor);
		return;
	}
	anchoring_feed(s);
}
