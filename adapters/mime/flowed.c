// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/flowed.h"

#include <string.h>

#include "adapters/mime/charset.h"

void text_lines(const char *in, size_t len, struct buf *out)
{
	_buf_ struct buf lines = BUF(out->max);
	const char *p = in, *end = in + len;

	while (p < end) {
		const char *stop = memchr(p, '\r', (size_t)(end - p));

		buf_add(&lines, p, (size_t)((stop ? stop : end) - p));
		if (!stop)
			break;
		buf_putc(&lines, '\n');
		p = stop + 1 + (stop + 1 < end && stop[1] == '\n');
	}
	charset_clean(buf_text(&lines), "\n\t", out);
}

static size_t quote_depth(const char *line, size_t len)
{
	size_t depth = 0;

	while (depth < len && line[depth] == '>')
		depth++;
	return depth;
}

// A line as it is shown: one blank that was stuffed before it is dropped, unless what would then come looks like a
// quote.
static void add_line(struct buf *out, const char *line, size_t len, size_t depth, bool joined)
{
	if (joined) {
		line += depth;
		len -= depth;
	}
	if (len > 1 && line[0] == ' ' && line[1] != '>' && (depth == 0 || joined)) {
		line++;
		len--;
	}
	buf_add(out, line, len);
}

void text_unflow(const char *text, bool delete_space, struct buf *out)
{
	bool joined = false;
	size_t depth = 0;

	while (*text) {
		size_t len = strcspn(text, "\n"), here = quote_depth(text, len);
		bool signature = len == 3 && memcmp(text, "-- ", 3) == 0;
		bool flows = len > 0 && text[len - 1] == ' ' && !signature;

		if (joined && (here != depth || signature)) {
			buf_putc(out, '\n');
			joined = false;
		}
		depth = here;
		add_line(out, text, flows && delete_space ? len - 1 : len, depth, joined);
		joined = flows;
		text += len;
		if (*text) {
			text++;
			if (!flows)
				buf_putc(out, '\n');
		}
	}
}
