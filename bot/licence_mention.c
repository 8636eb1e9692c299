// SPDX-License-Identifier: Apache-2.0
// Licences in running text: where one is named, and where a word only looks like it.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/licence_context.h"
#include "bot/licence_names.h"
#include "bot/licence_parts.h"

#define DEPTH_MAX 8  // of parentheses
#define TERMS_MAX 64 // of one mention
#define TEXT_MAX 16384

// An expression being read from running text.
struct mention {
	const struct licences *l;
	const char *text;
	struct buf expression;
	size_t terms, depth, operators;
	bool unclear;
};

static bool read_expression(struct mention *m, size_t at, size_t *end);

static bool read_name(struct mention *m, size_t at, size_t *end, enum licence_need *need)
{
	struct licence_match match;

	if (++m->terms > TERMS_MAX || !licence_match(m->l, m->text, at, &match))
		return false;
	m->unclear = m->unclear || !match.expression;
	if (match.expression)
		buf_printf(&m->expression, strchr(match.expression, ' ') ? "(%s)" : "%s", match.expression);
	free(match.expression);
	*end = match.end;
	*need = match.need;
	return true;
}

// Where the capital AND or OR at `at` ends; 0 when none stands there.
static size_t operator_end(const char *text, size_t at)
{
	size_t len = strncmp(text + at, "AND", 3) == 0 ? 3 : strncmp(text + at, "OR", 2) == 0 ? 2 : 0;

	return len && word_ends(text, at + len) ? at + len : 0;
}

static bool read_group(struct mention *m, size_t at, size_t *end)
{
	if (++m->depth > DEPTH_MAX)
		return false;
	buf_putc(&m->expression, '(');
	if (!read_expression(m, skip_blanks(m->text, at + 1), end))
		return false;
	*end = skip_blanks(m->text, *end);
	if (m->text[*end] != ')')
		return false;
	buf_putc(&m->expression, ')');
	++*end;
	m->depth--;
	return true;
}

static bool read_part(struct mention *m, size_t at, size_t *end)
{
	enum licence_need need;

	return m->text[at] == '(' ? read_group(m, at, end) : read_name(m, at, end, &need);
}

// Goes on while capital operators join more; what follows one that is no licence is no part of it.
static void read_rest(struct mention *m, size_t *end)
{
	for (;;) {
		size_t at = skip_blanks(m->text, *end), behind = operator_end(m->text, at), len = m->expression.len,
		       next;

		if (!behind)
			return;
		buf_printf(&m->expression, " %.*s ", (int)(behind - at), m->text + at);
		if (!read_part(m, skip_blanks(m->text, behind), &next)) {
			m->expression.len = len;
			m->expression.data[len] = '\0';
			return;
		}
		m->operators++;
		*end = next;
	}
}

static bool read_expression(struct mention *m, size_t at, size_t *end)
{
	if (!read_part(m, at, end))
		return false;
	read_rest(m, end);
	return true;
}

// "MIT/Apache-2.0": both, but nobody says whether one may choose.
static void read_slashes(struct mention *m, size_t *end)
{
	enum licence_need need;
	size_t next;

	while (m->text[*end] == '/' && read_name(m, *end + 1, &next, &need)) {
		m->unclear = true;
		m->operators++;
		*end = next;
	}
}

// A licence, or an expression, that begins at `at`.
static bool read_mention(struct mention *m, size_t at, size_t *end)
{
	enum licence_need need = NEED_NOTHING;

	if (m->text[at] == '(')
		return read_group(m, at, end) && (read_rest(m, end), m->operators > 0);
	if (!read_name(m, at, end, &need))
		return false;
	read_rest(m, end);
	if (m->operators == 0)
		read_slashes(m, end);
	return licence_fits(m->l, m->text, at, *end, m->operators ? NEED_NOTHING : need);
}

bool licence_mention(const struct licences *l, const char *text, size_t from, struct licence_mention *out)
{
	for (size_t at = from; text[at];) {
		struct mention m = { .l = l, .text = text, .expression = BUF(TEXT_MAX) };
		size_t end = 0, past;

		if (!licence_may_begin(text, at)) {
			at++;
			continue;
		}
		past = address_end(text, at);
		if (past) {
			at = past;
			continue;
		}
		if (read_mention(&m, at, &end)) {
			*out = (struct licence_mention){ .begin = at, .end = end };
			out->expression = m.unclear ? NULL : expression_normal(l, buf_text(&m.expression), NULL);
			buf_free(&m.expression);
			return true;
		}
		buf_free(&m.expression);
		at++;
	}
	return false;
}
