// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/sheet.h"

#include "base/text.h"

#define QUOTES_SHOWN 8

static void put_newline(struct sheet *sheet)
{
	if (sheet->text.len || sheet->written)
		buf_putc(&sheet->text, '\n');
	sheet->written = false;
	sheet->space = false;
}

static void pay_breaks(struct sheet *sheet)
{
	if (sheet->breaks && sheet->written)
		put_newline(sheet);
	if (sheet->breaks > 1 && sheet->text.len)
		put_newline(sheet);
	sheet->breaks = 0;
}

// Pays what is owed before a character.
static void settle(struct sheet *sheet)
{
	pay_breaks(sheet);
	if (!sheet->written)
		for (unsigned i = 0; i < sheet->quoted && i < QUOTES_SHOWN; i++)
			buf_puts(&sheet->text, "> ");
	else if (sheet->space)
		buf_putc(&sheet->text, ' ');
	sheet->space = false;
	sheet->written = true;
}

// How many bytes from `text` on are neither white space nor the beginning of NBSP.
static size_t word_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && !text_is_space(text[n]) && text[n] != '\xc2')
		n++;
	return n;
}

void sheet_add(struct sheet *sheet, const char *text, size_t len, bool preformatted)
{
	for (size_t i = 0; i < len;) {
		size_t n = word_length(text + i, len - i);

		if (preformatted && text[i] == '\n') {
			sheet_newline(sheet);
			i++;
		} else if (n == 0 && text_is_space(text[i])) {
			if (preformatted) {
				settle(sheet);
				buf_putc(&sheet->text, text[i]);
			} else {
				sheet->space = true;
			}
			i++;
		} else if (n == 0 && i + 1 < len && text[i + 1] == '\xa0') {
			// A blank that does not run together with others.
			settle(sheet);
			buf_putc(&sheet->text, ' ');
			i += 2;
		} else {
			n += n == 0;
			settle(sheet);
			buf_add(&sheet->text, text + i, n);
			i += n;
		}
	}
}

void sheet_break(struct sheet *sheet, unsigned breaks)
{
	sheet->breaks = breaks > sheet->breaks ? breaks : sheet->breaks;
}

void sheet_newline(struct sheet *sheet)
{
	pay_breaks(sheet);
	put_newline(sheet);
}

void sheet_tab(struct sheet *sheet)
{
	if (!sheet->written || sheet->breaks)
		return;
	buf_putc(&sheet->text, '\t');
	sheet->space = false;
}
