// SPDX-License-Identifier: Apache-2.0
#include "base/mustache.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/mustache_parse.h"
#include "base/text.h"

#define CONTEXT_MAX 256   // values in scope at once
#define PARTIAL_DEPTH 16  // partials within partials
#define STEPS_MAX 1000000 // tokens looked at in one rendering: empty loops in loops cost time without filling `out`
#define HANG_MAX 40       // columns that a later line of a value is hung in
#define INDENT_MAX 256    // bytes of indentation by partials

struct rendering {
	const struct mustache_partials *partials;
	enum escape how;
	struct buf *out;
	struct err *e;
	const json_t *stack[CONTEXT_MAX];
	size_t depth;
	size_t partial_depth;
	size_t steps;
	char indent[INDENT_MAX];
	size_t indent_from, indent_len; // what of it counts: nothing within a partial that stands in a line
};

static int render_error(const struct rendering *r, const struct mustache *t, const struct token *token,
                        const char *what)
{
	return err_set(r->e, EX_DATAERR, "%s:%d: %s", t->name, token->line, what);
}

// Looks the first part of a dotted name up in all that is in scope, the rest in what that gave.
static const json_t *look_up(const struct rendering *r, const char *name)
{
	size_t len = strcspn(name, ".");
	const json_t *value = NULL;

	if (strcmp(name, ".") == 0)
		return r->stack[r->depth - 1];
	for (size_t i = r->depth; i > 0 && !value; i--)
		value = json_object_getn(r->stack[i - 1], name, len);
	for (name += len; value && *name == '.'; name += len) {
		len = strcspn(++name, ".");
		value = json_object_getn(value, name, len);
	}
	return value;
}

static bool is_true(const json_t *value)
{
	if (!value)
		return false;
	switch (json_typeof(value)) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(value) > 0;
	case JSON_ARRAY:
		return json_array_size(value) > 0;
	case JSON_INTEGER:
		return json_integer_value(value) != 0;
	case JSON_REAL:
	case JSON_OBJECT:
	case JSON_TRUE:
		return true;
	}
	panic("a JSON value of no type");
}

// What continues a line of plain text below a value that begins where `out` ends (see the header).
static void hang(const struct buf *out, struct buf *prefix)
{
	size_t start = out->len, lead;
	bool tab;

	while (start > 0 && out->data[start - 1] != '\n')
		start--;
	if (start == out->len)
		buf_puts(prefix, "  ");
	tab = memchr(out->data + start, '\t', out->len - start) != NULL;
	for (lead = start; lead < out->len && strchr(" >|", out->data[lead]) && prefix->len < HANG_MAX; lead++)
		buf_putc(prefix, out->data[lead]);
	for (; lead < out->len && !tab && prefix->len < HANG_MAX; lead++)
		if (((unsigned char)out->data[lead] & 0xc0) != 0x80)
			buf_putc(prefix, ' ');
	if (tab)
		buf_putc(prefix, '\t');
}

static int put_text(const struct rendering *r, const char *text, size_t len)
{
	_buf_ struct buf prefix = BUF(INDENT_MAX);
	const char *newline;

	if ((r->how != ESCAPE_PLAIN && r->how != ESCAPE_MRKDWN) || !memchr(text, '\n', len))
		return escape_text(r->out, r->how, text, len);
	if (r->how == ESCAPE_MRKDWN)
		buf_puts(&prefix, "> ");
	else
		hang(r->out, &prefix);
	while ((newline = memchr(text, '\n', len))) {
		size_t line = (size_t)(newline + 1 - text);

		escape_text(r->out, r->how, text, line);
		buf_add(r->out, buf_text(&prefix), prefix.len);
		text += line;
		len -= line;
	}
	return escape_text(r->out, r->how, text, len);
}

static int put_value(const struct rendering *r, const json_t *value)
{
	_free_ char *number = NULL;

	if (!value)
		return 0;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return put_text(r, json_string_value(value), json_string_length(value));
	case JSON_TRUE:
		return put_text(r, "true", 4);
	case JSON_FALSE:
		return put_text(r, "false", 5);
	case JSON_INTEGER:
	case JSON_REAL:
		number = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
		if (!number)
			panic("out of memory for a number");
		return put_text(r, number, strlen(number));
	case JSON_NULL:
	case JSON_OBJECT:
		return 0;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(value); i++) {
			const json_t *member = json_array_get(value, i);

			if (i > 0 && escape_text(r->out, r->how, ", ", 2) < 0)
				return -1;
			if (!json_is_array(member) && put_value(r, member) < 0)
				return -1;
		}
		return 0;
	}
	panic("a JSON value of no type");
}

// {{#name=word}}: does the value read as that word?
static bool equals(const json_t *value, const char *word)
{
	_free_ char *text = NULL;

	if (!*word)
		return !is_true(value);
	if (json_is_string(value))
		return strcmp(json_string_value(value), word) == 0;
	if (!json_is_number(value) && !json_is_boolean(value))
		return false;
	text = json_dumps(value, JSON_ENCODE_ANY);
	return text && strcmp(text, word) == 0;
}

static int render_range(struct rendering *r, const struct mustache *t, size_t from, size_t to);

static int render_within(struct rendering *r, const struct mustache *t, size_t open, const json_t *value)
{
	const struct token *token = &t->tokens[open];
	int result;

	if (r->depth == CONTEXT_MAX)
		return render_error(r, t, token, "sections and partials are nested too deeply");
	if (++r->steps > STEPS_MAX)
		return render_error(r, t, token, "this would take too long to render");
	r->stack[r->depth++] = value;
	result = render_range(r, t, open + 1, token->close);
	r->depth--;
	return result;
}

static int render_section(struct rendering *r, const struct mustache *t, size_t open)
{
	const struct token *token = &t->tokens[open];
	const json_t *value = look_up(r, token->text);
	bool holds = token->value ? equals(value, token->value) : is_true(value);

	if (holds != (token->kind == TOKEN_SECTION))
		return 0;
	if (token->kind == TOKEN_INVERTED || token->value)
		return render_range(r, t, open + 1, token->close);
	if (!json_is_array(value))
		return render_within(r, t, open, value);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (render_within(r, t, open, json_array_get(value, i)) < 0)
			return -1;
	return 0;
}

static int render_partial(struct rendering *r, const struct mustache *t, const struct token *token)
{
	const struct mustache *partial;
	size_t from = r->indent_from, len = r->indent_len;
	int result;

	if (r->partial_depth == PARTIAL_DEPTH || len + token->indent_len > INDENT_MAX)
		return render_error(r, t, token, "partials are nested too deeply");
	if (!r->partials)
		return render_error(r, t, token, "there are no partials here");
	partial = r->partials->find(r->partials->context, token->text, r->e);
	if (!partial)
		return err_prefix(r->e, "%s:%d", t->name, token->line);
	if (token->indent)
		memcpy(r->indent + len, token->indent, token->indent_len);
	else
		r->indent_from = len;
	r->indent_len += token->indent_len;
	r->partial_depth++;
	result = render_range(r, partial, 0, partial->count);
	r->partial_depth--;
	r->indent_from = from;
	r->indent_len = len;
	return result;
}

static int render_token(struct rendering *r, const struct mustache *t, size_t i)
{
	const struct token *token = &t->tokens[i];

	switch (token->kind) {
	case TOKEN_TEXT:
		return buf_add(r->out, token->text, token->len);
	case TOKEN_INDENT:
		return buf_add(r->out, r->indent + r->indent_from, r->indent_len - r->indent_from);
	case TOKEN_VARIABLE:
		return put_value(r, look_up(r, token->text));
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return render_section(r, t, i);
	case TOKEN_PARTIAL:
		return render_partial(r, t, token);
	case TOKEN_CLOSE:
	case TOKEN_NOTHING:
		return 0;
	}
	panic("a template's token of no kind");
}

static int render_range(struct rendering *r, const struct mustache *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct token *token = &t->tokens[i];

		if (++r->steps > STEPS_MAX)
			return render_error(r, t, token, "this would take too long to render");
		if (render_token(r, t, i) < 0)
			return r->out->full ? render_error(r, t, token, "the text becomes too long here") : -1;
		if (token->kind == TOKEN_SECTION || token->kind == TOKEN_INVERTED)
			i = token->close;
	}
	return 0;
}

int mustache_render(const struct mustache *t, const struct mustache_partials *partials, const json_t *model,
                    enum escape how, struct buf *out, struct err *e)
{
	struct rendering r = { .partials = partials, .how = how, .out = out, .e = e };

	r.stack[r.depth++] = model;
	return render_range(&r, t, 0, t->count);
}
