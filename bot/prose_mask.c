// SPDX-License-Identifier: Apache-2.0
#include "bot/prose_mask.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "bot/letters.h"
#include "bot/prose_text.h"

#define CODE_MAX 400     // bytes in one pair of backticks
#define SPEECH_MAX 600   // bytes in one pair of quotation marks
#define CLOSING_LINES 8  // a closing formula has at most so many lines behind it
#define CLOSING_WORDS 40 // bytes of its line

// --- lines ---

// clang-format off
static const char *const formulas[] = {
	"regards", "kind regards", "best regards", "best", "best wishes", "cheers", "thanks", "many thanks",
	"thank you", "all the best", "yours", "sincerely", "yours truly", "viele grusse", "gruss", "grusse",
	"schone grusse", "mit freundlichen", "beste grusse", "freundliche grusse", "liebe grusse", "lg", "vg", "mfg",
	"danke", "cordialement", "bien a vous", "merci", "bonne journee", "un saludo", "saludos", "gracias",
	"cordiali", "saluti", "grazie", "groeten", "groetjes", "met vriendelijke", "obrigado", "obrigada",
	"cumprimentos", "halsningar", "med vanlig", "pozdrawiam", "tack", "warm regards", "kind", "with kind",
};
// clang-format on

static bool is_closing(const char *line)
{
	_free_ char *plain = strlen(line) <= CLOSING_WORDS ? letters_plain(line) : NULL;

	for (size_t i = 0; plain && i < LENGTH(formulas); i++) {
		const char *rest = plain + strspn(plain, " \t");
		size_t len = strlen(formulas[i]);

		if (!text_starts(rest, formulas[i]))
			continue;
		rest += len + strspn(rest + len, " \t");
		if (!*rest || *rest == ',' || *rest == '!' || *rest == '.' || len > 8)
			return true;
	}
	return false;
}

static bool is_empty(const char *line)
{
	return !line[strspn(line, " \t\r")];
}

static bool is_bullet(const char *line)
{
	const char *p = line + strspn(line, " \t");
	size_t digits = strspn(p, "0123456789");

	if (digits && digits < 3 && (p[digits] == '.' || p[digits] == ')') && p[digits + 1] == ' ')
		return true;
	return (*p && strchr("-*+|", *p) && p[1] == ' ') || text_starts(p, "\xe2\x80\xa2");
}

struct lines {
	struct buf *out;
	bool fenced; // inside ```
	bool code;   // the line before was indented code
	bool blank;  // or empty
};

static void part(struct lines *l)
{
	if (l->out->len && l->out->data[l->out->len - 1] != '\n')
		buf_putc(l->out, '\n');
}

static void take_line(struct lines *l, const char *line)
{
	bool indented = *line == '\t' || text_starts(line, "    ");

	if (text_starts(line, "```")) {
		l->fenced = !l->fenced;
		part(l);
		return;
	}
	l->code = indented && (l->blank || l->code) && !is_empty(line);
	l->blank = is_empty(line);
	if (l->fenced || l->code || l->blank || *line == '>') {
		part(l);
		return;
	}
	if (is_bullet(line))
		part(l);
	else if (l->out->len && l->out->data[l->out->len - 1] != '\n')
		buf_putc(l->out, ' ');
	buf_puts(l->out, line + strspn(line, " \t"));
}

static char *line_at(const char *p, size_t *len)
{
	char *line;

	*len = strcspn(p, "\n");
	line = text_copy_n(p, *len);
	if (*len && line[*len - 1] == '\r')
		line[*len - 1] = '\0';
	*len += p[*len] == '\n';
	return line;
}

// Where the closing formula begins, or the end of the text.
static const char *find_closing(const char *text)
{
	const char *found = NULL;
	size_t lines = 0, len;

	for (const char *p = text; *p; p += len) {
		_free_ char *line = line_at(p, &len);

		lines += found && !is_empty(line);
		if (is_closing(line)) {
			found = p;
			lines = 0;
		}
	}
	return found && lines <= CLOSING_LINES ? found : text + strlen(text);
}

// --- what is masked ---

static void mask(char *from, const char *to)
{
	for (; from < to; from++)
		*from = *from == '\n' ? '\n' : PROSE_MASK;
}

// "example.org", "git.example.org/x": labels parted by dots, the last of which is a top-level domain that people write.
static bool is_host(const char *from, size_t len)
{
	static const char domains[] =
	        " com org net edu gov io dev info eu de at ch fr es it nl be uk pl pt se jp cn us app "
	        "cloud example test invalid ";
	size_t host = 0, dot = 0;
	_free_ char *last = NULL;

	while (host < len && !strchr("/:?#", from[host])) {
		if (from[host] == '.')
			dot = host;
		host++;
	}
	if (dot == 0 || host - dot - 1 < 2 || host - dot > 10 || text_is_digit(from[0]))
		return false;
	last = text_lower(text_format(" %.*s ", (int)(host - dot - 1), from + dot + 1));
	return strstr(domains, last) != NULL;
}

static bool is_address(const char *from, size_t len)
{
	const char *at = memchr(from, '@', len);

	return at && at > from && is_host(at + 1, len - (size_t)(at + 1 - from));
}

// The chunk without the marks around it, as far as they cannot belong to an address.
static void mask_chunk(char *from, char *to)
{
	while (from < to && strchr("(<[\"'*_", *from))
		from++;
	while (to > from && strchr(".,;:!?)>]\"'*_", to[-1]))
		to--;
	size_t len = (size_t)(to - from);
	_free_ char *chunk = text_copy_n(from, len);

	if (strstr(chunk, "://") || text_starts_fold(chunk, "www.") || text_starts_fold(chunk, "mailto:") ||
	    is_address(chunk, len) || is_host(chunk, len))
		mask(from, to);
}

static void mask_chunks(char *text)
{
	for (char *p = text; *p;) {
		char *to;

		while (text_is_space(*p))
			p++;
		for (to = p; *to && !text_is_space(*to); to++)
			;
		mask_chunk(p, to);
		p = to;
	}
}

// From `open` to `close` within a paragraph, when at least `blanks` stand between.
static void mask_between(char *text, const char *open, const char *close, size_t most, size_t blanks)
{
	char *from = text, *to;

	while ((from = strstr(from, open))) {
		char *begin = from + strlen(open), *line = begin + strcspn(begin, "\n");
		size_t count = 0;

		to = strstr(begin, close);
		if (!to || to > line || (size_t)(to - begin) > most) {
			from = begin;
			continue;
		}
		for (const char *p = begin; p < to; p++)
			count += *p == ' ';
		if (count >= blanks)
			mask(begin, to);
		from = to + strlen(close);
	}
}

char *prose_mask(const char *text)
{
	const char *end = find_closing(text);
	_free_ char *own = text_copy_n(text, (size_t)(end - text));
	struct buf out = BUF(2 * strlen(own) + 2);
	struct lines l = { .out = &out, .blank = true };
	char *masked;
	size_t len;

	own[utf8_prefix(own, PROSE_MAX)] = '\0';
	for (const char *p = own; *p; p += len) {
		_free_ char *line = line_at(p, &len);

		take_line(&l, line);
	}
	masked = out.len ? buf_steal(&out) : text_copy("");
	mask_between(masked, "`", "`", CODE_MAX, 0);
	mask_between(masked, "\"", "\"", SPEECH_MAX, 2);
	mask_between(masked, "\xe2\x80\x9c", "\xe2\x80\x9d", SPEECH_MAX, 2); // English
	mask_between(masked, "\xe2\x80\x9e", "\xe2\x80\x9c", SPEECH_MAX, 2); // German
	mask_between(masked, "\xc2\xab", "\xc2\xbb", SPEECH_MAX, 2);
	mask_chunks(masked);
	return masked;
}
