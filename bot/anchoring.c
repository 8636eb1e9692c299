// SPDX-License-Identifier: Apache-2.0
#include "bot/anchoring.h"

#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "bot/alarming.h"
#include "bot/refusing.h"
#include "bot/witness_request.h"
#include "bot/work.h"
#include "store/alarms.h"
#include "store/checkpoints.h"
#include "store/cosignatures.h"
#include "store/log.h"
#include "store/timestamps.h"

int64_t anchoring_now(const struct serve *s)
{
	return clock_now(&s->clock);
}

bool anchoring_is_witness(const struct anchoring *a, const struct voucher *v)
{
	return (size_t)(v - a->vouchers) < a->witnesses;
}

const struct config_witness *anchoring_witness(const struct serve *s, const struct voucher *v)
{
	return &s->desk.config.witnesses[v - s->anchoring->vouchers];
}

// --- asking ----------------------------------------------------------------------------------------------------------

static int question_for(struct serve *s, const struct voucher *v, uint64_t size, const struct digest *root, char **note,
                        struct buf *out, struct err *e)
{
	struct anchoring *a = s->anchoring;

	if (anchoring_is_witness(a, v))
		return witness_request_make(s->desk.db, v->from, size, root, *note, out, e);
	free(a->stamp.note);
	a->stamp.note = steal_ptr(*note);
	random_bytes(a->stamp.nonce, sizeof a->stamp.nonce);
	return timestamp_request(a->stamp.note, strlen(a->stamp.note), a->stamp.nonce, out, e);
}

static int ask(struct serve *s, struct voucher *v, struct err *e)
{
	_buf_ struct buf question = BUF(WITNESS_QUESTION_MAX);
	_json_ json_t *frame = json_object();
	_free_ char *note = NULL, *id = text_format("%zu", (size_t)(v - s->anchoring->vouchers));
	_close_ int fd = -1;
	bool witness = anchoring_is_witness(s->anchoring, v);
	struct digest root;
	uint64_t size;

	if (checkpoint_last(s->desk.db, UINT64_MAX, &size, &root, &note, e) <= 0)
		return -1;
	voucher_ask(v, size);
	if (question_for(s, v, size, &root, &note, &question, e) < 0)
		return -1;
	fd = memfd_of("question", buf_text(&question), question.len, e);
	if (fd < 0)
		return -1;
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", id);
	json_put_str(frame, "url", witness ? anchoring_witness(s, v)->url : s->desk.config.log_tsa);
	if (!witness) {
		json_put_str(frame, "content_type", "application/timestamp-query");
		json_put_bool(frame, "plain", true);
	}
	adapter_send(s->anchor, frame, &fd, 1);
	return 0;
}

static int on_time(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	anchoring_feed(data);
	return 0;
}

void anchoring_feed(struct serve *s)
{
	struct anchoring *a = s->anchoring;
	int64_t now = anchoring_now(s), wake = now + VOUCHER_PAUSE_MAX;

	if (!a || s->stopping)
		return;
	for (size_t i = 0; i < a->count && adapter_ready(s->anchor) && !s->desk.frozen; i++) {
		struct voucher *v = &a->vouchers[i];
		int64_t due = voucher_due(v, s->signing.covered, now);
		struct err e = { 0 };

		if (due <= now && ask(s, v, &e) < 0) {
			log_error("%s: %s", v->name, e.text);
			voucher_failed(v, now, "it could not be asked: %s", e.text);
			due = v->next;
		}
		if (due > now && due < wake)
			wake = due;
	}
	sd_event_source_set_time_relative(a->timer, (uint64_t)clock_until(&s->clock, wake) * 1000);
	sd_event_source_set_enabled(a->timer, SD_EVENT_ONESHOT);
}

// --- birth and end ---------------------------------------------------------------------------------------------------

static int configure(struct serve *s, json_t **config, json_t **secrets, struct err *e)
{
	(void)e;
	*config = json_object();
	json_put_str(*config, "ca", s->desk.config.log_ca);
	*secrets = json_object();
	return 0;
}

static void gone(struct serve *s)
{
	for (size_t i = 0; i < s->anchoring->count; i++)
		if (s->anchoring->vouchers[i].asking)
			voucher_failed(&s->anchoring->vouchers[i], anchoring_now(s),
			               "the adapter 'anchor' ended while it was asked");
}

const struct channel_kind anchoring = { "anchor", configure, anchoring_feed, anchoring_frame, gone };

// Where each of them was, by what is kept.
static int recall(struct serve *s, struct anchoring *a, struct err *e)
{
	const struct config *c = &s->desk.config;
	struct voucher *v = a->vouchers;

	for (; a->witnesses < c->witness_count; a->witnesses++, v++) {
		v->name = c->witnesses[a->witnesses].key.name;
		if (cosignature_last(s->desk.db, &c->witnesses[a->witnesses].key, &v->size, &v->at, e) < 0)
			return -1;
		v->from = v->size;
	}
	a->count = a->witnesses;
	if (!c->log_tsa)
		return 0;
	a->count++;
	v->name = strstr(c->log_tsa, "://") + strlen("://");
	if (timestamp_last(s->desk.db, &v->size, &v->at, NULL, NULL, e) < 0)
		return -1;
	v->next = v->at ? stamp_next(v->at) : 0;
	return 0;
}

int anchoring_begin(struct serve *s, struct err *e)
{
	if (!s->desk.config.witness_count && !s->desk.config.log_tsa)
		return 0;
	s->anchoring = calloc(1, sizeof *s->anchoring);
	if (!s->anchoring)
		return err_set(e, EX_OSERR, "out of memory");
	if (recall(s, s->anchoring, e) < 0)
		return -1;
	if (sd_event_add_time_relative(s->event, &s->anchoring->timer, CLOCK_MONOTONIC, 0, 0, on_time, s) < 0)
		return err_set(e, EX_OSERR, "cannot set a timer");
	s->anchor = adapter_new(s, s->event, &anchoring, e);
	return s->anchor ? 0 : -1;
}

void anchoring_end(struct serve *s)
{
	struct anchoring *a = s->anchoring;

	adapter_free(&s->anchor);
	if (!a)
		return;
	sd_event_source_disable_unref(a->timer);
	free(a->stamp.note);
	buf_free(&a->stamp.answer);
	free(steal_ptr(s->anchoring));
}
