// SPDX-License-Identifier: Apache-2.0
// The mailto: links that an approver answers with.
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/text.h"
#include "bot/render.h"

// Percent-encoded, but for the "@" of an address.
static void put_encoded(struct buf *out, const char *text, bool address)
{
	const char *at = address ? strrchr(text, '@') : NULL;

	if (at) {
		escape_text(out, ESCAPE_URL, text, (size_t)(at - text));
		buf_putc(out, '@');
		text = at + 1;
	}
	escape_text(out, ESCAPE_URL, text, strlen(text));
}

static void put_one_line(struct buf *out, const char *text, bool address)
{
	_buf_ struct buf line = BUF(RENDER_BODY_MAX);

	escape_text(&line, ESCAPE_HEADER, text, strlen(text));
	put_encoded(out, buf_text(&line), address);
}

char *mailto(const char *address, const char *subject, const char *body)
{
	_buf_ struct buf out = BUF(4 * RENDER_BODY_MAX);

	buf_puts(&out, "mailto:");
	put_one_line(&out, address, true);
	if (subject) {
		buf_puts(&out, "?subject=");
		put_one_line(&out, subject, false);
	}
	if (body) {
		buf_puts(&out, subject ? "&body=" : "?body=");
		put_encoded(&out, body, false);
	}
	return text_copy(buf_text(&out));
}
