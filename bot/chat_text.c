// SPDX-License-Identifier: Apache-2.0
// What people write in Slack arrives with three characters escaped and with mentions and links in angle brackets.
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "bot/chat_parts.h"

#define TEXT_MAX (1U << 20) // bytes

static const char *put_entity(struct buf *out, const char *p)
{
	static const struct {
		const char *entity;
		char means;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' } };

	for (size_t i = 0; i < LENGTH(entities); i++)
		if (text_starts(p, entities[i].entity)) {
			buf_putc(out, entities[i].means);
			return p + strlen(entities[i].entity);
		}
	buf_putc(out, *p);
	return p + 1;
}

// "<@U1>", "<#C1|general>", "<!here>", "<https://x|label>": a link is its address, a mention what names it; our own
// mention says nothing.
static const char *put_bracket(struct buf *out, const char *p, const char *end, const char *self)
{
	size_t len = (size_t)(end - p), named = strcspn(p, "|>");
	bool link = *p != '@' && *p != '#' && *p != '!';

	if (*p == '@' && self && named == strlen(self) + 1 && strncmp(p + 1, self, named - 1) == 0)
		return end + 1;
	if (!link && named < len) {
		buf_putc(out, *p);
		p += named + 1;
	}
	for (const char *stop = link ? p + named : end; p < stop;)
		p = put_entity(out, p);
	return end + 1;
}

char *chat_text(const char *text, const char *self)
{
	_buf_ struct buf out = BUF(TEXT_MAX);
	_free_ char *words = NULL;

	while (*text) {
		const char *end = *text == '<' ? strpbrk(text + 1, "<>\n") : NULL;

		if (end && *end == '>')
			text = put_bracket(&out, text + 1, end, self);
		else
			text = put_entity(&out, text);
	}
	words = buf_steal(&out);
	return text_copy(text_trim(words));
}
