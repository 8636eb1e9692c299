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

void sheet_add(struct sheet *sheet, const char *text, size_t len, bool preformatted)
{
	for (size_t i = 0; i < len; i++) {
		if (preformatted && text[i] == '\n') {
			sheet_newline(sheet);
		} else if (!preformatted && text_is_space(text[i])) {
			sheet->space = true;
		} else if (i + 1 < len && text[i] == '\xc2' && text[i + 1] == '\xa0') {
			// A blank that does not run together with others.
			settle(sheet);
			buf_putc(&sheet->text, ' ');
			i++;
		} else {
			settle(sheet);
			buf_putc(&sheet->text, text[i]);
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
