// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/own.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/mime/clients.h"
#include "base/auto.h"
#include "base/err.h"
#include "base/text.h"

#define WROTE_LINES 3   // lines that "On ... wrote:" may be broken into
#define WROTE_BYTES 500 // and their bytes
#define BLOCK_LINES 10  // lines that "From: ... Sent: ... To: ... Subject: ..." may take, blank ones not counted

enum kind { KIND_OWN, KIND_QUOTE, KIND_BLANK };

struct line {
	const char *text;
	size_t len;
	enum kind kind;
	enum client_label label;
};

struct lines {
	struct line *list;
	size_t count;
};

// The length of one blank character at `p`, 0 when there is none.
static size_t blank(const char *p, size_t len)
{
	if (len > 0 && text_is_space(*p))
		return 1;
	if (len > 1 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	if (len > 2 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return 3;
	return 0;
}

static size_t blanks(const char *p, size_t len)
{
	size_t at = 0, n;

	while ((n = blank(p + at, len - at)))
		at += n;
	return at;
}

size_t own_blanks(const char *text)
{
	return blanks(text, strlen(text));
}

static bool is_quote(const char *p, size_t len)
{
	size_t at = blanks(p, len);

	return at < len && (p[at] == '>' || (len - at >= 3 && memcmp(p + at, "\xef\xbc\x9e", 3) == 0)); // full-width >
}

static struct lines split(const char *text)
{
	struct lines lines = { 0 };
	size_t most = 1;

	for (const char *p = text; *p; p++)
		most += *p == '\n';
	lines.list = calloc(most, sizeof *lines.list);
	if (!lines.list)
		panic("out of memory for lines");
	while (*text) {
		struct line *line = &lines.list[lines.count++];

		line->text = text;
		line->len = strcspn(text, "\n");
		if (blanks(text, line->len) == line->len)
			line->kind = KIND_BLANK;
		else if (is_quote(text, line->len))
			line->kind = KIND_QUOTE;
		else
			line->label = client_label(text, line->len);
		text += line->len + (text[line->len] == '\n');
	}
	return lines;
}

static size_t next_written(const struct lines *lines, size_t i)
{
	while (i < lines->count && lines->list[i].kind == KIND_BLANK)
		i++;
	return i;
}

// --- what introduces a quote -----------------------------------------------------------------------------------------

struct evidence {
	bool wrote, begins, year, time, address, colon;
};

static bool is_digit_at(const char *p, size_t len, size_t i)
{
	return i < len && text_is_digit(p[i]);
}

static bool has_year(const char *p, size_t len)
{
	for (size_t i = 0; i + 4 <= len; i++)
		if ((memcmp(p + i, "19", 2) == 0 || memcmp(p + i, "20", 2) == 0) && is_digit_at(p, len, i + 2) &&
		    is_digit_at(p, len, i + 3) && !is_digit_at(p, len, i + 4) && (i == 0 || !text_is_digit(p[i - 1])))
			return true;
	return false;
}

// 9:12, 09.12 or 09h12.
static bool has_time(const char *p, size_t len)
{
	for (size_t i = 1; i + 2 < len; i++)
		if (strchr(":.h", p[i]) && text_is_digit(p[i - 1]) && text_is_digit(p[i + 1]) &&
		    text_is_digit(p[i + 2]) && !is_digit_at(p, len, i + 3))
			return true;
	return false;
}

static struct evidence look(const char *p, size_t len)
{
	struct evidence e = { .begins = client_begins_wrote(p, len) };
	const char *at;

	while (len > 0 && blank(p + len - 1, 1))
		len--;
	e.colon = len > 0 && (p[len - 1] == ':' || (len > 2 && memcmp(p + len - 3, "\xef\xbc\x9a", 3) == 0));
	at = memchr(p, '@', len);
	e.address = at && at > p;
	e.year = has_year(p, len);
	e.time = e.year && has_time(p, len);
	e.wrote = (e.colon || e.begins) && client_says_wrote(p, len);
	return e;
}

// Is this the line above a quote?  When quoted lines follow, little is needed to believe it; when the quote has no mark
// of its own, the line must carry who and when.
static bool introduces(struct evidence e, bool quote_follows)
{
	if (quote_follows && e.wrote && (e.colon || e.begins))
		return true;
	if (!e.colon)
		return false;
	if (quote_follows)
		return e.year || e.address;
	return (e.wrote && e.year && (e.time || e.address)) || (e.wrote && e.begins && e.address) ||
	       (e.year && e.time && e.address);
}

// How many lines from `i` on introduce a quote ("On ... wrote:", perhaps broken by the sender's program); 0 for none.
static size_t attribution(const struct lines *lines, size_t i, bool *quote_follows)
{
	const char *begin = lines->list[i].text;
	struct evidence first = look(begin, lines->list[i].len);

	for (size_t n = 1; n <= WROTE_LINES && i + n <= lines->count; n++) {
		const struct line *last = &lines->list[i + n - 1];
		size_t len = (size_t)(last->text + last->len - begin), next = next_written(lines, i + n);

		if (last->kind != KIND_OWN || len > WROTE_BYTES)
			return 0;
		if (n > 1 && !first.begins && !first.address && !(first.year && first.time))
			return 0;
		*quote_follows = next < lines->count && lines->list[next].kind == KIND_QUOTE;
		if (introduces(look(begin, len), *quote_follows))
			return n;
	}
	return 0;
}

// Does "From: ... Sent: ... To: ... Subject: ..." begin at line `i`?
static bool is_block(const struct lines *lines, size_t i)
{
	bool seen[LABEL_OTHER + 1] = { false };
	enum client_label before = lines->list[i].label;

	if (before != LABEL_FROM && before != LABEL_DATE)
		return false;
	for (size_t written = 0; i < lines->count && written < BLOCK_LINES; i++) {
		const struct line *line = &lines->list[i];

		if (line->kind == KIND_BLANK)
			continue;
		// A label's value may be broken into a second line.
		if (line->kind == KIND_QUOTE || (line->label == LABEL_NONE && before == LABEL_NONE))
			break;
		before = line->label;
		seen[line->label] = true;
		written++;
	}
	return seen[LABEL_FROM] &&
	       ((seen[LABEL_DATE] && seen[LABEL_TO]) || (seen[LABEL_SUBJECT] && (seen[LABEL_DATE] || seen[LABEL_TO])));
}

static bool is_signature(const struct line *line)
{
	size_t len = line->len;

	while (len > 0 && blank(line->text + len - 1, 1))
		len--;
	return (len == 2 && memcmp(line->text, "--", 2) == 0) ||
	       (len == 3 && memcmp(line->text, "\xe2\x80\x94", 3) == 0);
}

// Nothing but a rule drawn with dashes, underscores or the like.
static bool is_rule(const struct line *line)
{
	size_t marks = 0;

	for (size_t i = 0; i < line->len; i++)
		if (strchr("-_=*", line->text[i]))
			marks++;
		else if (!text_is_space(line->text[i]))
			return false;
	return marks >= 4;
}

// --- the whole -------------------------------------------------------------------------------------------------------

static void drop(struct lines *lines, size_t from, size_t count)
{
	for (size_t i = from; i < from + count && i < lines->count; i++)
		lines->list[i].kind = KIND_QUOTE;
}

// Turns the lines that are not the person's own into quotes.
static void mark(struct lines *lines, struct own *found)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->list[i];
		enum client_rule rule;
		bool quote_follows = false;
		size_t n;

		if (line->kind != KIND_OWN)
			continue;
		rule = client_rule(line->text, line->len);
		found->forwarded |= rule == RULE_FORWARD;
		if (rule != RULE_NONE || is_signature(line) || is_block(lines, i)) {
			drop(lines, i, lines->count);
			return;
		}
		n = attribution(lines, i, &quote_follows);
		if (n == 0)
			continue;
		drop(lines, i, quote_follows ? n : lines->count);
		i += n - 1;
	}
}

// Behind the last own line that says something: rules and "Sent from my ..." at the end do not.
static size_t own_end(const struct lines *lines)
{
	size_t end = lines->count;

	while (end > 0) {
		const struct line *line = &lines->list[end - 1];
		size_t at = blanks(line->text, line->len);

		if (line->kind == KIND_OWN && !is_rule(line) && !client_boasts(line->text + at, line->len - at))
			return end;
		end--;
	}
	return 0;
}

static void write_own(const struct lines *lines, struct buf *out, struct own *found)
{
	size_t end = own_end(lines), begin = out->len;
	bool gap = false;

	for (size_t i = 0; i < end; i++) {
		const struct line *line = &lines->list[i];

		if (line->kind != KIND_OWN) {
			found->quote_first |= line->kind == KIND_QUOTE && out->len == begin;
			gap = true;
			continue;
		}
		if (out->len > begin)
			buf_puts(out, gap ? "\n\n" : "\n");
		gap = false;
		if (out->len > begin) {
			buf_add(out, line->text, line->len);
		} else {
			size_t at = blanks(line->text, line->len);

			buf_add(out, line->text + at, line->len - at);
		}
	}
}

void own_words(const char *text, struct buf *out, struct own *found)
{
	struct lines lines = split(text);

	mark(&lines, found);
	write_own(&lines, out, found);
	free(lines.list);
}
