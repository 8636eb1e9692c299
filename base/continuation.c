// SPDX-License-Identifier: Apache-2.0
#include "base/continuation.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/text.h"

// Takes the line that begins at *at; its length without the line end, or -1 when there is none.
static long take_line(const char **at, const char *end, const char **line)
{
	const char *stop = memchr(*at, '\n', (size_t)(end - *at));

	if (!stop)
		return -1;
	*line = *at;
	*at = stop + 1;
	return stop - *line;
}

// Decimal digits, no leading zero.
static int read_size(const char *text, size_t len, uint64_t *out)
{
	uint64_t value = 0;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (!text_is_digit(text[i]) || value > (INT64_MAX - digit) / 10)
			return -1;
		value = value * 10 + digit;
	}
	*out = value;
	return 0;
}

static int read_old(const char **at, const char *end, uint64_t *old, struct err *e)
{
	const char *line;
	long len = take_line(at, end, &line), first = (long)strlen(CONTINUATION_FIRST);

	if (len < first || memcmp(line, CONTINUATION_FIRST, (size_t)first) != 0 ||
	    read_size(line + first, (size_t)(len - first), old) < 0)
		return err_set(e, EX_DATAERR, "the first line must be 'old' and a size");
	return 0;
}

static int read_proof(const char **at, const char *end, struct proof *proof, struct err *e)
{
	for (;;) {
		const char *line;
		long len = take_line(at, end, &line);

		if (len == 0)
			return 0;
		if (len < 0)
			return err_set(e, EX_DATAERR, "the proof does not end in an empty line");
		if (proof->count == CONTINUATION_LINES_MAX)
			return err_set(e, EX_DATAERR, "a proof has at most %d lines", CONTINUATION_LINES_MAX);
		if (base64_decode(line, (size_t)len, proof->hash[proof->count].bytes, DIGEST_SIZE) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "line %zu of the proof is no hash in base64", proof->count + 1);
		proof->count++;
	}
}

int continuation_read(const char *bytes, size_t len, struct continuation *out, struct err *e)
{
	const char *at = bytes, *end = bytes + len;

	*out = (struct continuation){ .old = 0 };
	if (read_old(&at, end, &out->old, e) < 0 || read_proof(&at, end, &out->proof, e) < 0)
		return -1;
	if (note_read(at, (size_t)(end - at), &out->note, e) < 0 ||
	    checkpoint_read(out->note.text, out->note.len, &out->head, e) < 0)
		return err_prefix(e, "the checkpoint");
	return 0;
}

void continuation_free(struct continuation *c)
{
	note_free(&c->note);
}

char *continuation_text(uint64_t old, const struct proof *proof, const char *note)
{
	_buf_ struct buf text = BUF(CONTINUATION_MAX);

	buf_printf(&text, CONTINUATION_FIRST "%llu\n", (unsigned long long)old);
	for (size_t i = 0; i < proof->count; i++) {
		_free_ char *hash = base64_encode(proof->hash[i].bytes, DIGEST_SIZE);

		buf_printf(&text, "%s\n", hash);
	}
	buf_printf(&text, "\n%s", note);
	if (text.full)
		panic("a proof of consistency with %zu hashes does not fit, or memory ran out", proof->count);
	return buf_steal(&text);
}
