// SPDX-License-Identifier: Apache-2.0
#include "bot/layout.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define COLUMNS 8
#define CELL_MAX 28 // a wider cell does not push the column
#define GAP 2       // blanks between columns
#define DASH "\xe2\x80\x94 "
#define HANG_MAX 52 // where a line may go on at most

// One line of the text, without its end.
struct line {
	const char *text;
	size_t len;
};

static struct line line_at(const char *text)
{
	return (struct line){ text, strcspn(text, "\n") };
}

static const char *next_line(struct line line)
{
	return line.text[line.len] ? line.text + line.len + 1 : line.text + line.len;
}

static bool is_blank(struct line line)
{
	for (size_t i = 0; i < line.len; i++)
		if (!text_is_space(line.text[i]))
			return false;
	return true;
}

static bool has_tab(struct line line)
{
	return memchr(line.text, '\t', line.len) != NULL && !is_blank(line);
}

// Columns that the text takes: one for each character.
static size_t width_of(const char *text, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

// Widths of the columns in the lines from here on that hold tabs.
static void measure(const char *text, size_t widths[COLUMNS])
{
	memset(widths, 0, COLUMNS * sizeof *widths);
	for (struct line line = line_at(text); has_tab(line); line = line_at(next_line(line))) {
		const char *at = line.text, *tab;

		for (size_t i = 0; i < COLUMNS; i++) {
			size_t width;

			tab = memchr(at, '\t', (size_t)(line.text + line.len - at));
			if (!tab)
				break;
			width = width_of(at, (size_t)(tab - at));
			if (width > widths[i] && width <= CELL_MAX)
				widths[i] = width;
			at = tab + 1;
		}
	}
}

static void put_blanks(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_putc(out, ' ');
}

// Lines a line with tabs up; returns the column in which its last cell begins.
static size_t align(struct line line, const size_t widths[COLUMNS], struct buf *out)
{
	const char *at = line.text, *end = line.text + line.len, *tab;
	size_t column = 0;

	for (size_t i = 0; (tab = memchr(at, '\t', (size_t)(end - at))); i++) {
		size_t width = width_of(at, (size_t)(tab - at));
		size_t wanted = i < COLUMNS && widths[i] > width ? widths[i] : width;

		buf_add(out, at, (size_t)(tab - at));
		put_blanks(out, wanted - width + GAP);
		column += wanted + GAP;
		at = tab + 1;
	}
	buf_add(out, at, (size_t)(end - at));
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	return column;
}

// Bytes of quotation marks and blanks that a line begins with.
static size_t quotation(struct line line)
{
	size_t n = 0;

	while (n < line.len && strchr(" >|", line.text[n]))
		n++;
	return n;
}

static size_t bullet(struct line line, size_t at)
{
	return line.len - at > 2 && line.text[at] == '-' && line.text[at + 1] == ' ' ? 2 : 0;
}

// Where to break: the last blank that leaves at most `room` columns, or else the first one; line.len for nowhere.
static size_t break_at(struct line line, size_t from, size_t room)
{
	size_t found = line.len, width = 0;

	for (size_t i = from; i < line.len; i++) {
		if (line.text[i] == ' ' && i > from && line.text[i - 1] != ' ') {
			if (width > room && found < line.len)
				return found;
			found = i;
			if (width > room)
				return found;
		}
		width += ((unsigned char)line.text[i] & 0xc0) != 0x80;
	}
	return width > room ? found : line.len;
}

// Writes one line, in pieces when it is too wide.  `column`: where its last cell begins, 0 when it has no cells.
static void wrap(struct line line, size_t column, struct buf *out)
{
	size_t quote = column ? 0 : quotation(line);
	size_t hang = column ? column : bullet(line, quote), used = column ? column : quote + hang;
	size_t from = 0, first = used < line.len ? used : 0; // the first line does not break before its prose

	if (used > HANG_MAX) {
		used = hang = 4;
		quote = 0;
	}
	while (from < line.len) {
		size_t start = from ? from : first;
		size_t taken = from ? used : width_of(line.text, first);
		size_t end = break_at(line, start, taken < LAYOUT_WIDTH ? LAYOUT_WIDTH - taken : 0);

		if (from) {
			buf_putc(out, '\n');
			buf_add(out, line.text, quote);
			put_blanks(out, hang);
		}
		buf_add(out, line.text + from, end - from);
		while (out->len > 0 && out->data[out->len - 1] == ' ')
			out->data[--out->len] = '\0';
		for (from = end; from < line.len && line.text[from] == ' '; from++)
			;
	}
}

// "\u2014 NAME BASE64" of a signed note: in two lines it would be no signature.
static bool is_signature(struct line line)
{
	size_t at = quotation(line);

	return line.len - at > strlen(DASH) && memcmp(line.text + at, DASH, strlen(DASH)) == 0;
}

static void put_line(struct line line, const size_t widths[COLUMNS], struct buf *out)
{
	_buf_ struct buf cells = BUF(out->max);

	if (has_tab(line)) {
		size_t column = align(line, widths, &cells);

		wrap((struct line){ buf_text(&cells), cells.len }, column, out);
	} else if (width_of(line.text, line.len) <= LAYOUT_WIDTH || is_signature(line)) {
		buf_add(out, line.text, line.len); // whole, the blank of "-- " and of an empty field included
	} else {
		wrap(line, 0, out);
	}
	buf_putc(out, '\n');
	out->full |= cells.full;
}

int layout_plain(const char *text, struct buf *out)
{
	size_t widths[COLUMNS];
	bool in_block = false, gap = false, begun = false;

	for (struct line line = line_at(text); *line.text; line = line_at(next_line(line))) {
		if (is_blank(line)) {
			gap = begun;
			in_block = false;
			continue;
		}
		if (gap)
			buf_putc(out, '\n');
		if (has_tab(line) && !in_block)
			measure(line.text, widths);
		in_block = has_tab(line);
		put_line(line, widths, out);
		gap = false;
		begun = true;
	}
	return out->full ? -1 : 0;
}
