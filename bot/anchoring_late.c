// SPDX-License-Identifier: Apache-2.0
// How each of those who are asked stands: for `status`, and for an alarm when one has not vouched for long.
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/anchoring.h"
#include "bot/refusing.h"
#include "bot/view.h"
#include "bot/work.h"
#include "store/alarms.h"
#include "store/checkpoints.h"
#include "store/log.h"

// --- late ------------------------------------------------------------------------------------------------------------

int anchoring_behind(struct serve *s, const struct voucher *v, int64_t *since, struct err *e)
{
	_json_ json_t *entry = NULL;
	uint64_t size;
	int found = checkpoint_covering(s->desk.db, v->size + 1, &size, NULL, NULL, e);

	if (found <= 0)
		return found;
	entry = log_entry(s->desk.db, size - 1, e); // its last one, right before it was signed
	if (!entry)
		return -1;
	return clock_parse(json_str(entry, "time"), since) < 0
	               ? err_set(e, EX_DATAERR, "entry %llu has no time", (unsigned long long)size - 1)
	               : 1;
}

// Once for each time that it falls behind, whenever the desk was started since.
static int tell_late(struct serve *s, struct work *w, struct err *e)
{
	const struct voucher *v = anchoring_voucher(s, w);
	bool witness = anchoring_is_witness(s->anchoring, v);
	const char *code = witness ? "witness-behind" : "timestamp-behind";
	_free_ char *text =
	        text_format(witness ? "The witness %s has cosigned no head of the log for a day."
	                            : "The time-stamping authority %s has stamped no head of the log for a day.",
	                    v->name);
	_free_ char *next = text_format("See 'countersign status' for what it answers, and 'countersign doctor'%s",
	                                witness ? "; ask whoever runs it." : ".");
	int64_t since;
	int r = anchoring_behind(s, v, &since, e);

	if (r > 0)
		r = alarm_was_raised(s->desk.db, code, text, since, e);
	else if (r == 0)
		return 0; // it has vouched meanwhile
	if (r != 0)
		return r < 0 ? -1 : 0;
	log_warning("%s", text);
	return raise_alarm(&s->desk, code, text, next, e);
}

static const struct work_kind lateness = { "the look at who vouches", tell_late, NULL, NULL, NULL };

void anchoring_look(struct serve *s, struct voucher *v)
{
	struct err e = { 0 };
	int64_t since;
	int behind = anchoring_behind(s, v, &since, &e);

	if (behind < 0)
		log_warning("%s: %s", v->name, e.text);
	if (behind <= 0 || s->desk.frozen || !voucher_is_late(v, since, anchoring_now(s)))
		return;
	v->told = true;
	anchoring_queue(s, &lateness, v, NULL);
}

// --- status ----------------------------------------------------------------------------------------------------------

static void put_when(struct serve *s, json_t *row, const char *key, const char *text_key, int64_t when)
{
	_free_ char *text = when ? desk_time(&s->desk, NULL, when) : NULL;

	if (when)
		json_put_int(row, key, when);
	json_put_str(row, text_key, text);
}

static json_t *row_of(struct serve *s, const struct voucher *v, struct err *e)
{
	bool witness = anchoring_is_witness(s->anchoring, v);
	_json_ json_t *row = json_object();
	uint64_t head = s->signing.covered;
	int64_t since = 0;

	if (anchoring_behind(s, v, &since, e) < 0)
		return NULL;
	json_put_str(row, "name", v->name);
	json_put_str(row, "url", witness ? anchoring_witness(s, v)->url : s->desk.config.log_tsa);
	json_put_int(row, "size", (int64_t)v->size);
	put_when(s, row, "at", "time_text", v->at);
	json_put_int(row, "behind", head > v->size ? (int64_t)(head - v->size) : 0);
	put_when(s, row, "behind_since", "since_text", since);
	if (*v->trouble) {
		json_put_str(row, "trouble", v->trouble);
		put_when(s, row, "trouble_at", "trouble_text", v->trouble_at);
	}
	return steal_ptr(row);
}

int anchoring_view(struct serve *s, json_t *view, struct err *e)
{
	struct anchoring *a = s->anchoring;
	json_t *witnesses, *row;

	if (!a)
		return 0;
	witnesses = json_array();
	json_put(view, "witnesses", witnesses);
	for (size_t i = 0; i < a->count; i++) {
		row = row_of(s, &a->vouchers[i], e);
		if (!row)
			return -1;
		if (i < a->witnesses)
			json_add(witnesses, row);
		else
			json_put(view, "authority", row);
	}
	return 0;
}
