// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_lines.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_rows.h"
#include "bot/facts.h"

#define READ_MAX 262144 // bytes of a text that are looked at
#define LABEL_MAX 200   // bytes up to the separator, with bullet, emphasis and a hint in brackets

// --- one line ---

// Steps over "- ", "* ", "1. ", "[x] ".  A "*" that is emphasis has no blank behind it.
static const char *skip_bullet(const char *p)
{
	size_t digits;

	while (text_is_space(*p))
		p++;
	digits = strspn(p, "0123456789");
	if (digits && digits < 4 && (p[digits] == '.' || p[digits] == ')') && p[digits + 1] == ' ')
		p += digits + 1;
	else if (strchr("-*+", *p) && *p && (p[1] == ' ' || p[1] == '\t'))
		p++;
	else if (text_starts(p, "\xe2\x80\xa2") || text_starts(p, "\xe2\x80\x93 ") || text_starts(p, "\xe2\x96\xaa"))
		p += 3; // a round bullet, a dash, a square one
	else if (text_starts(p, "\xc2\xb7"))
		p += 2;
	while (text_is_space(*p))
		p++;
	return p;
}

// Where a separator stands, outside brackets: ":", "=", a full-width colon, a tab, or a dash between blanks; *len its
// bytes.
static const char *find_separator(const char *p, size_t *len)
{
	int depth = 0;

	for (const char *from = p; *p && (size_t)(p - from) < LABEL_MAX; p++) {
		if (*p == '(' || *p == '[')
			depth++;
		else if (*p == ')' || *p == ']')
			depth--;
		if (depth > 0)
			continue;
		*len = 1;
		if (*p == ':' || *p == '=' || *p == '\t')
			return p;
		*len = 3;
		if (text_starts(p, "\xef\xbc\x9a") || text_starts(p, " - "))
			return p;
		*len = 5;
		if (text_starts(p, " \xe2\x80\x93 ") || text_starts(p, " \xe2\x80\x94 "))
			return p;
	}
	return NULL;
}

// The label alone: without emphasis, and without a hint in brackets behind it.
static char *bare_label(const char *from, size_t len)
{
	char *label = text_copy_n(from, len), *bracket;

	bracket = strpbrk(label + strspn(label, " ("), "([");
	if (bracket && bracket > label && strpbrk(bracket, ")]"))
		*bracket = '\0';
	return label;
}

const char *fact_of_line(const json_t *declared, const char *line, const char **value)
{
	const char *from = skip_bullet(line), *separator, *name;
	_free_ char *label = NULL;
	bool emphasis = *from == '*' || *from == '_';
	size_t len;

	from += strspn(from, "*_`#");
	separator = find_separator(from, &len);
	if (!separator || (*separator == '=' && text_starts(line, "    "))) // an assignment in code
		return NULL;
	label = bare_label(from, (size_t)(separator - from));
	name = fact_of_label(declared, label);
	if (!name)
		return NULL;
	*value = separator + len;
	if (emphasis)
		*value += strspn(*value, "*_"); // "**Label:** value"
	*value += strspn(*value, " \t");
	return name;
}

// --- the text ---

struct scan {
	const json_t *declared;
	json_t *out;
	struct buf *rest;
	const char *text;       // all of it
	const char *last_label; // the last labelled line; NULL until it matters
	const char *name;       // the fact whose words are being read, or NULL
	struct buf words;
	bool several;    // its words may go on in paragraphs
	bool bulleted;   // its words are a list
	json_t *columns; // the names that a table's heading gave its cells, or NULL
	size_t blank;    // empty lines since
};

static void close_fact(struct scan *s)
{
	_free_ char *words = NULL;

	if (!s->name)
		return;
	words = buf_steal(&s->words);
	json_add(s->out, json_pack("[s,s]", s->name, text_trim(words)));
	s->name = NULL;
}

// Beyond the maximum only the fact that there is more matters.
static void add_words(struct scan *s, const char *text)
{
	size_t room = FACT_VALUE_MAX + 4 - s->words.len; // a character cut off still leaves too much

	buf_add(&s->words, text, utf8_prefix(text, room));
}

// "**License: MIT**": what was opened before the label closes behind the value.
static void drop_closing_emphasis(char *value)
{
	char *mark = strstr(value, "**");

	if (mark && mark > value && !mark[2])
		*mark = '\0';
}

static void open_fact(struct scan *s, const char *name, const char *value)
{
	const struct fact *fact = fact_find(name);
	_free_ char *copy = text_copy(value);
	char *end = text_trim(copy);

	close_fact(s);
	s->name = name;
	s->several = fact && fact->several;
	s->bulleted = false;
	s->blank = 0;
	drop_closing_emphasis(end);
	add_words(s, end);
}

static bool is_bullet(const char *line)
{
	return skip_bullet(line) != line + strspn(line, " \t");
}

static size_t count_words(const char *line)
{
	size_t count = 0;

	for (const char *p = line; *p; p++)
		count += !text_is_space(*p) && (p == line || text_is_space(p[-1]));
	return count;
}

// The next line, copied without its line end; steps *p behind it.  NULL at the end of what is looked at.
static char *next_line(const struct scan *s, const char **p)
{
	size_t len = strcspn(*p, "\n");
	char *line;

	if (!**p || *p - s->text >= READ_MAX)
		return NULL;
	line = text_copy_n(*p, len);
	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	*p += len + ((*p)[len] == '\n');
	return line;
}

static bool before_last_label(struct scan *s, const char *at)
{
	const char *value;
	char *line;

	if (!s->last_label) {
		s->last_label = s->text;
		for (const char *p = at, *from = p; (line = next_line(s, &p)); from = p) {
			if (fact_of_line(s->declared, line, &value))
				s->last_label = from;
			free(line);
		}
	}
	return at < s->last_label;
}

// Does an unlabelled line belong to the fact before it?
static bool goes_on(struct scan *s, const char *line, const char *at)
{
	bool indented = *line == '\t' || text_starts(line, "  ");
	bool empty = s->words.len == 0;

	if (!s->name)
		return false;
	if (s->blank == 0)
		return indented || s->several || (is_bullet(line) && (empty || s->bulleted));
	if (s->several)
		return indented || (empty && count_words(line) >= 4) || before_last_label(s, at);
	return false;
}

static void put_rest(struct scan *s, const char *line)
{
	buf_puts(s->rest, line);
	buf_putc(s->rest, '\n');
}

static void forget_columns(struct scan *s)
{
	json_decref(s->columns);
	s->columns = NULL;
}

// A row below a heading: each cell that has one is a value.
static void add_row(struct scan *s, const json_t *cells)
{
	json_t *cell;
	size_t i;

	json_array_foreach(cells, i, cell) {
		const char *name = json_string_value(json_array_get(s->columns, i));

		if (name && json_array_size(s->out) < FACT_LINES_MAX)
			json_add(s->out, json_pack("[s,O]", name, cell));
	}
}

// A line of a table of text; false when it is none, or a row of two cells, which reads like any labelled line.
static bool read_row(struct scan *s, const char *line)
{
	_json_ json_t *cells = row_cells(line), *heading = NULL;

	if (row_is_rule(line))
		return true;
	if (!cells || (s->columns && json_array_size(cells) != json_array_size(s->columns)))
		forget_columns(s);
	if (!cells)
		return false;
	if (s->columns) {
		add_row(s, cells);
		return true;
	}
	heading = row_heading(s->declared, cells);
	if (heading)
		close_fact(s);
	s->columns = steal_ptr(heading);
	return s->columns != NULL;
}

// "| License | MIT |" as "License\tMIT".
static char *row_line(const char *line)
{
	_json_ json_t *cells = line[strspn(line, " ")] == '|' ? row_cells(line) : NULL;

	return json_array_size(cells) == 2 ? text_format("%s\t%s", json_string_value(json_array_get(cells, 0)),
	                                                 json_string_value(json_array_get(cells, 1)))
	                                   : NULL;
}

static void read_line(struct scan *s, const char *line, const char *at)
{
	const char *value,
	        *name = json_array_size(s->out) < FACT_LINES_MAX ? fact_of_line(s->declared, line, &value) : NULL;

	if (name) {
		open_fact(s, name, value);
		return;
	}
	if (!line[strspn(line, " \t")]) {
		s->blank++;
		if (!s->name)
			put_rest(s, "");
		return;
	}
	if (!goes_on(s, line, at)) {
		close_fact(s);
		put_rest(s, line);
		return;
	}
	s->bulleted |= is_bullet(line);
	add_words(s, s->blank ? "\n\n" : "\n");
	add_words(s, line + strspn(line, " \t"));
	s->blank = 0;
}

json_t *fact_lines(const json_t *declared, const char *text, struct buf *rest)
{
	struct scan s = {
		.declared = declared, .out = json_array(), .rest = rest, .text = text, .words = BUF(FACT_VALUE_MAX + 8)
	};
	char *line;

	for (const char *p = text, *from = p; (line = next_line(&s, &p)); from = p) {
		_free_ char *row = row_line(line);

		if (!read_row(&s, line))
			read_line(&s, row ? row : line, from);
		free(line);
		text = p;
	}
	close_fact(&s);
	forget_columns(&s);
	buf_puts(rest, text);
	buf_free(&s.words);
	return s.out;
}
