// SPDX-License-Identifier: Apache-2.0
#include "bot/voucher.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define WORDS_MAX 120 // of what somebody else wrote

int64_t voucher_due(struct voucher *v, uint64_t head, int64_t now)
{
	// One that knows a newer head than ours can be asked once there is one that continues it.
	if (v->asking || head == 0 || head <= v->size || head < v->from)
		return INT64_MAX;
	if (v->next > now + VOUCHER_PAUSE_MAX)
		v->next = now + VOUCHER_PAUSE_MAX;
	return v->next;
}

void voucher_ask(struct voucher *v, uint64_t head)
{
	v->asking = head;
}

void voucher_vouched(struct voucher *v, uint64_t size, int64_t now, int64_t next)
{
	v->size = v->from = size;
	v->at = now;
	v->asking = 0;
	v->next = next;
	v->failures = 0;
	v->corrected = v->told = false;
	v->trouble[0] = '\0';
}

static int64_t pause_after(unsigned failures)
{
	int64_t pause = VOUCHER_PAUSE;

	while (failures-- > 1 && pause < VOUCHER_PAUSE_MAX)
		pause *= 2;
	return pause < VOUCHER_PAUSE_MAX ? pause : VOUCHER_PAUSE_MAX;
}

void voucher_failed(struct voucher *v, int64_t now, const char *why, ...)
{
	va_list values;

	va_start(values, why);
	vsnprintf(v->trouble, sizeof v->trouble, why, values);
	va_end(values);
	v->trouble_at = now;
	v->asking = 0;
	v->corrected = false;
	v->failures++;
	v->next = now + pause_after(v->failures);
}

// Its first line, fit to be shown.
static const char *words_of(const char *body, size_t len, char out[WORDS_MAX + 1])
{
	size_t n = 0;

	while (n < len && n < WORDS_MAX && body[n] != '\n') {
		out[n] = body[n] >= 0x20 && body[n] < 0x7f ? body[n] : '?';
		n++;
	}
	out[n] = '\0';
	return *out ? out : "no word of why";
}

static enum verdict_of_witness other_size(struct voucher *v, uint64_t size, uint64_t log_size, int64_t now)
{
	if (size > log_size)
		return WITNESS_SAW_LONGER;
	if (size == v->from && size == v->asking)
		return WITNESS_SAW_ANOTHER; // it knows this size, and not this root
	if (size == v->from || v->corrected) {
		voucher_failed(v, now, "it contradicts itself: it knows a head of %llu entries, and then not",
		               (unsigned long long)size);
		v->from = size;
		return WITNESS_SAID_NO;
	}
	v->from = size;
	v->corrected = true;
	v->asking = 0;
	v->next = now;
	return WITNESS_KNOWS_OTHER;
}

static enum verdict_of_witness said_no(struct voucher *v, int64_t status, const char *words, int64_t now)
{
	if (status == 403)
		voucher_failed(v, now,
		               "it does not know the key that signs this log's heads: whoever runs it must add it");
	else if (status == 404)
		voucher_failed(v, now, "it does not know this log: whoever runs it must add the log's public key");
	else
		voucher_failed(v, now, "it answered with status %lld: %s", (long long)status, words);
	return WITNESS_SAID_NO;
}

enum verdict_of_witness voucher_judge(struct voucher *v, int64_t status, const char *body, size_t len,
                                      uint64_t log_size, int64_t now)
{
	size_t digits = len > 0 && body[len - 1] == '\n' ? len - 1 : len;
	char words[WORDS_MAX + 1];
	uint64_t size;

	if (status == 200)
		return WITNESS_SAID_YES;
	if (status == 409 && text_decimal(body, digits, &size) == 0)
		return other_size(v, size, log_size, now);
	// A proof is only needed from a head that it has told us, or signed: who never did either may be no witness.
	if (status == 422 && v->from > 0)
		return WITNESS_SAW_ANOTHER;
	return said_no(v, status, words_of(body, len, words), now);
}

bool voucher_is_late(const struct voucher *v, int64_t since, int64_t now)
{
	return !v->told && v->failures >= VOUCHER_TRIES && now - since >= VOUCHER_LATE;
}

int64_t stamp_next(int64_t last)
{
	int64_t hour = last + CLOCK_HOUR, midnight = (last / CLOCK_DAY + 1) * CLOCK_DAY;

	return hour < midnight ? hour : midnight;
}
