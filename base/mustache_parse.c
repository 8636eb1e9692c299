// SPDX-License-Identifier: Apache-2.0
// Parsing in three passes: the source into tokens, lines with a standalone tag cleared of their white space, sections
// paired with their ends.
#include "base/mustache_parse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/mustache.h"
#include "base/text.h"

#define MUSTACHE_TOKENS 100000 // in one template

struct parser {
	struct mustache *t;
	char *at;
	int line;
	struct err *e;
};

static struct token *add_token(struct mustache *t, enum token_kind kind, int line)
{
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		struct token *more = realloc(t->tokens, room * sizeof *more);

		if (!more)
			panic("out of memory for a template");
		t->tokens = more;
		t->room = room;
	}
	t->tokens[t->count] = (struct token){ .kind = kind, .line = line };
	return &t->tokens[t->count++];
}

// Text up to `end`, a token for every line of it.
static void take_text(struct parser *p, const char *end)
{
	while (p->at < end) {
		char *newline = memchr(p->at, '\n', (size_t)(end - p->at));
		char *next = newline ? newline + 1 : p->at + (end - p->at);
		struct token *token = add_token(p->t, TOKEN_TEXT, p->line);

		token->text = p->at;
		token->len = (size_t)(next - p->at);
		p->line += newline != NULL;
		p->at = next;
	}
}

static bool is_name(const char *name, enum token_kind kind)
{
	if (strcmp(name, ".") == 0)
		return kind != TOKEN_PARTIAL;
	if (!*name || strchr("./", *name) || strstr(name, "..") || strchr("./", name[strlen(name) - 1]))
		return false;
	for (; *name; name++)
		if (!(*name >= 'a' && *name <= 'z') && !(*name >= 'A' && *name <= 'Z') && !text_is_digit(*name) &&
		    !strchr(kind == TOKEN_PARTIAL ? "_-/" : "_-.", *name))
			return false;
	return true;
}

static int tag_error(struct parser *p, const char *what)
{
	return err_set(p->e, EX_CONFIG, "%s:%d: %s", p->t->name, p->line, what);
}

static int kind_of(struct parser *p, char sigil, enum token_kind *kind)
{
	switch (sigil) {
	case '#':
		*kind = TOKEN_SECTION;
		return 0;
	case '^':
		*kind = TOKEN_INVERTED;
		return 0;
	case '/':
		*kind = TOKEN_CLOSE;
		return 0;
	case '>':
		*kind = TOKEN_PARTIAL;
		return 0;
	case '!':
		*kind = TOKEN_NOTHING;
		return 0;
	case '{':
	case '&':
		return tag_error(p, "an unescaped tag ({{{x}}} or {{&x}}) is not allowed in a template");
	case '=':
	case '<':
	case '$':
		return tag_error(p, "set-delimiters and blocks are not part of this Mustache");
	default:
		*kind = TOKEN_VARIABLE;
		return 0;
	}
}

// The inside of a tag, `inside` to `end`, where a NUL may be written.
static int take_tag(struct parser *p, char *inside, char *end)
{
	enum token_kind kind = TOKEN_NOTHING;
	struct token *token;
	char *name, *value = NULL;

	if (kind_of(p, *inside, &kind) < 0)
		return -1;
	*end = '\0';
	token = add_token(p->t, kind, p->line);
	if (kind == TOKEN_NOTHING)
		return 0;
	name = text_trim(kind == TOKEN_VARIABLE ? inside : inside + 1);
	if (kind != TOKEN_VARIABLE && kind != TOKEN_PARTIAL && (value = strchr(name, '='))) {
		*value = '\0';
		value = text_trim(value + 1);
		name = text_trim(name);
	}
	if (!is_name(name, kind))
		return err_set(p->e, EX_CONFIG, "%s:%d: \"%.60s\" is not a name for a tag", p->t->name, p->line, name);
	token->text = name;
	token->len = strlen(name);
	token->value = value;
	return 0;
}

static int tokenise(struct parser *p)
{
	char *open, *close;

	while ((open = strstr(p->at, "{{"))) {
		take_text(p, open);
		close = strstr(open + 2, "}}");
		if (!close)
			return tag_error(p, "a tag is opened with {{ but not closed with }}");
		if (p->t->count >= MUSTACHE_TOKENS)
			return tag_error(p, "the template is too long");
		if (!strchr("!{", open[2]) && memchr(open + 2, '{', (size_t)(close - open - 2)))
			return tag_error(p, "a tag holds another {");
		if (take_tag(p, open + 2, close) < 0)
			return -1;
		for (p->at = open; p->at < close; p->at++)
			p->line += *p->at == '\n';
		p->at = close + 2;
	}
	take_text(p, p->at + strlen(p->at));
	return 0;
}

static bool is_blank(const struct token *token)
{
	for (size_t i = 0; i < token->len; i++)
		if (!text_is_space(token->text[i]))
			return false;
	return token->kind == TOKEN_TEXT;
}

static bool ends_line(const struct token *token)
{
	return token->kind == TOKEN_TEXT && token->len > 0 && token->text[token->len - 1] == '\n';
}

// The one tag of a line that holds nothing else but white space, and is not a variable; NULL when it is another line.
static struct token *standalone(struct token *from, const struct token *to)
{
	struct token *tag = NULL;

	for (struct token *token = from; token < to; token++) {
		if (token->kind == TOKEN_TEXT && is_blank(token))
			continue;
		if (tag || token->kind == TOKEN_TEXT || token->kind == TOKEN_VARIABLE)
			return NULL;
		tag = token;
	}
	return tag;
}

static void copy_line(struct mustache *t, struct token *from, const struct token *to)
{
	struct token *tag = standalone(from, to);

	if (tag && tag->kind == TOKEN_PARTIAL) {
		tag->indent = tag == from ? "" : from->text;
		tag->indent_len = tag == from ? 0 : from->len;
	}
	if (!tag && !(to == from + 1 && is_blank(from)))
		add_token(t, TOKEN_INDENT, from->line);
	for (struct token *token = from; token < to; token++)
		if (token->kind != TOKEN_NOTHING && (!tag || token == tag))
			*add_token(t, token->kind, token->line) = *token;
}

// The specification: a tag alone on its line takes the line with it.
static void clear_lines(struct mustache *t)
{
	struct mustache old = *t;
	size_t from = 0;

	t->tokens = NULL;
	t->count = t->room = 0;
	for (size_t i = 0; i < old.count; i++)
		if (ends_line(&old.tokens[i]) || i + 1 == old.count) {
			copy_line(t, old.tokens + from, old.tokens + i + 1);
			from = i + 1;
		}
	free(old.tokens);
}

static bool same_condition(const struct token *open, const struct token *close)
{
	if (strcmp(open->text, close->text) != 0)
		return false;
	return !close->value || (open->value && strcmp(open->value, close->value) == 0);
}

static int pair_sections(struct mustache *t, struct err *e)
{
	size_t open[MUSTACHE_NESTING], depth = 0;

	for (size_t i = 0; i < t->count; i++) {
		struct token *token = &t->tokens[i];

		if (token->kind == TOKEN_SECTION || token->kind == TOKEN_INVERTED) {
			if (depth == MUSTACHE_NESTING)
				return err_set(e, EX_CONFIG, "%s:%d: sections are nested more than %d deep", t->name,
				               token->line, MUSTACHE_NESTING);
			open[depth++] = i;
		}
		if (token->kind != TOKEN_CLOSE)
			continue;
		if (depth == 0 || !same_condition(&t->tokens[open[depth - 1]], token))
			return err_set(e, EX_CONFIG, "%s:%d: {{/%.60s}} closes a section that is not open here",
			               t->name, token->line, token->text);
		t->tokens[open[--depth]].close = i;
	}
	if (depth > 0)
		return err_set(e, EX_CONFIG, "%s:%d: section \"%.60s\" is never closed", t->name,
		               t->tokens[open[depth - 1]].line, t->tokens[open[depth - 1]].text);
	return 0;
}

struct mustache *mustache_parse(const char *name, int first_line, const char *text, size_t len, struct err *e)
{
	_mustache_ struct mustache *t = calloc(1, sizeof *t);
	struct parser p = { .t = t, .line = first_line, .e = e };

	if (!t)
		panic("out of memory for a template");
	t->name = text_copy(name);
	if (!utf8_valid(text, len)) {
		err_set(e, EX_CONFIG, "%s: not valid UTF-8, or it holds a NUL byte", name);
		return NULL;
	}
	t->text = p.at = text_copy_n(text, len);
	if (tokenise(&p) < 0)
		return NULL;
	clear_lines(t);
	return pair_sections(t, e) < 0 ? NULL : steal_ptr(t);
}

void mustache_free(struct mustache **t)
{
	if (!*t)
		return;
	free((*t)->name);
	free((*t)->text);
	free((*t)->tokens);
	free(*t);
	*t = NULL;
}

int mustache_each_partial(const struct mustache *t, int (*see)(void *context, const char *name, struct err *e),
                          void *context, struct err *e)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->tokens[i].kind == TOKEN_PARTIAL && see(context, t->tokens[i].text, e) < 0)
			return err_prefix(e, "%s:%d", t->name, t->tokens[i].line);
	return 0;
}
