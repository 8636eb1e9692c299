// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_words.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define DEPTH_MAX 64

// Where a reading of one condition stands.
struct scan {
	const char *at;
	json_t *names, *texts, *numbers;
	char column[80], op[8];
	char calls[DEPTH_MAX][32]; // the function of each open parenthesis, or ""
	size_t depth;
	char word[32]; // the name just before, in case a parenthesis follows
};

static bool is_name_byte(char c)
{
	return c == '_' || text_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (text_same(word, *words))
			return true;
	return false;
}

static void put_comparison(const struct scan *s, json_t *item)
{
	if (*s->column)
		json_put_str(item, "column", s->column);
	if (*s->column && *s->op)
		json_put_str(item, "op", s->op);
	if (s->depth && *s->calls[s->depth - 1])
		json_put_str(item, "call", s->calls[s->depth - 1]);
}

// 'it''s'
static void take_text(struct scan *s)
{
	_buf_ struct buf text = BUF(8192);
	json_t *item = json_object();

	for (s->at++; *s->at; s->at++) {
		if (*s->at == '\'' && *++s->at != '\'')
			break;
		buf_putc(&text, *s->at);
	}
	json_put_str(item, "text", buf_text(&text));
	put_comparison(s, item);
	json_add(s->texts, item);
}

static void take_number(struct scan *s)
{
	size_t len = strspn(s->at, "0123456789.");
	_free_ char *number = text_copy_n(s->at, len);
	json_t *item = json_object();

	json_put_str(item, "number", number);
	put_comparison(s, item);
	json_add(s->numbers, item);
	s->at += len;
}

// A keyword ends a comparison, is one, or joins nothing; any other name may be a column.
static void take_name(struct scan *s)
{
	static const char *const ends[] = { "and", "or", "when", "then", "else", "case", "end", NULL };
	static const char *const compares[] = { "like", "glob", "in", "is", "between", NULL };
	static const char *const fills[] = { "not", "null", "distinct", "from", "escape", "isnull", "notnull", NULL };
	size_t len = 0;

	while (is_name_byte(s->at[len]))
		len++;
	_free_ char *name = text_lower(text_copy_n(s->at, len));

	s->at += len;
	if (is_one_of(name, ends)) {
		*s->column = *s->op = '\0';
	} else if (is_one_of(name, compares)) {
		snprintf(s->op, sizeof s->op, "%s", name);
	} else if (!is_one_of(name, fills)) {
		snprintf(s->word, sizeof s->word, "%s", name);
		if (s->at[strspn(s->at, " \t\r\n")] == '(')
			return;
		if (!json_has_str(s->names, name))
			json_add_str(s->names, name);
		snprintf(s->column, sizeof s->column, "%s", name);
	}
	*s->word = '\0';
}

static void take_mark(struct scan *s)
{
	size_t len = strspn(s->at, "=<>!");

	if (len) {
		snprintf(s->op, sizeof s->op, "%.*s", (int)(len < 7 ? len : 7), s->at);
		s->at += len;
		return;
	}
	if (*s->at == '(' && s->depth < DEPTH_MAX)
		snprintf(s->calls[s->depth++], sizeof s->calls[0], "%s", s->word);
	else if (*s->at == ')' && s->depth)
		s->depth--;
	*s->word = '\0';
	s->at++;
}

json_t *policy_words(const char *condition)
{
	struct scan s = { .at = condition, .names = json_array(), .texts = json_array(), .numbers = json_array() };
	json_t *out = json_object();

	json_put(out, "names", s.names);
	json_put(out, "texts", s.texts);
	json_put(out, "numbers", s.numbers);
	while (*s.at) {
		if (text_is_space(*s.at) || *s.at == '"')
			s.at++;
		else if (*s.at == '\'')
			take_text(&s);
		else if (text_is_digit(*s.at))
			take_number(&s);
		else if (is_name_byte(*s.at))
			take_name(&s);
		else
			take_mark(&s);
	}
	return out;
}

static size_t name_length(const char *at)
{
	size_t len = 0;

	while (is_name_byte(at[len]))
		len++;
	return len;
}

json_t *policy_parts(const char *condition)
{
	json_t *parts = json_array();
	const char *begin = condition, *at = condition;
	bool quoted = false, between = false, alone = true; // alone: no OR stands outside parentheses
	int depth = 0;

	while (*at) {
		size_t len = quoted ? 0 : name_length(at);
		_free_ char *word = text_lower(text_copy_n(at, len));

		quoted = quoted != (*at == '\'');
		depth += quoted ? 0 : (*at == '(') - (*at == ')');
		if (depth == 0 && strcmp(word, "or") == 0)
			alone = false;
		if (depth == 0 && strcmp(word, "and") == 0 && !between) {
			json_add(parts, json_stringn(begin, (size_t)(at - begin)));
			begin = at + len;
		}
		if (depth == 0 && (strcmp(word, "and") == 0 || strcmp(word, "between") == 0))
			between = strcmp(word, "between") == 0;
		at += len ? len : 1;
	}
	if (!alone)
		json_array_clear(parts);
	json_add_str(parts, alone ? begin : condition);
	return parts;
}
