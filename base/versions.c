// SPDX-License-Identifier: Apache-2.0
#include "base/versions.h"

#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"

#define PARTS 8
#define SPANS 32
#define DIGITS 18

struct version {
	size_t count;
	int64_t part[PARTS];
};

// From `from` to before `to`; without an end when `open`.
struct span {
	struct version from, to;
	bool open;
};

struct range {
	size_t count;
	struct span span[SPANS];
};

static int compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < PARTS; i++) {
		int64_t x = i < a->count ? a->part[i] : 0, y = i < b->count ? b->part[i] : 0;

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

// Where the line of a version ends, and the next one begins.
static struct version next_line(struct version v)
{
	v.part[v.count - 1]++;
	return v;
}

static bool is_wild(const char *p)
{
	return (*p == 'x' || *p == '*') && !text_is_digit(p[1]) && (p[1] < 'a' || p[1] > 'z');
}

// What may follow the numbers: "-rc1", but not "-2.4", which may mean a range.
static bool is_suffix(const char *text, size_t len)
{
	bool range = len && strcspn(text, "<>=^|") < len;

	return !range && !(len && *text == '-' && text_is_digit(text[1]) && memchr(text, '.', len));
}

// A version at *p, in lower case, and steps over it up to the next blank or comma.
static bool read_version(const char **p, struct version *out)
{
	const char *at = *p + (**p == 'v');

	*out = (struct version){ 0 };
	while (text_is_digit(*at) && out->count < PARTS) {
		size_t digits = strspn(at, "0123456789");
		int64_t value = 0;

		if (digits > DIGITS)
			return false;
		for (; digits; digits--)
			value = value * 10 + (*at++ - '0');
		out->part[out->count++] = value;
		if (*at != '.')
			break;
		at++;
	}
	if (out->count == 0)
		return false;
	if (is_wild(at))
		while (*at == '.' || is_wild(at))
			at++;
	*p = at + strcspn(at, " ,");
	return *at != '.' && is_suffix(at, (size_t)(*p - at));
}

static void skip_blanks(const char **p, const char *also)
{
	while (**p == ' ' || (**p && strchr(also, **p)))
		(*p)++;
}

static bool take(const char **p, const char *word)
{
	if (!text_starts(*p, word))
		return false;
	*p += strlen(word);
	skip_blanks(p, "");
	return true;
}

// What a comparison leaves of a span.
static void bound(struct span *span, const char *op, const struct version *v)
{
	struct version behind = next_line(*v);
	const struct version *from = op[0] == '>' ? op[1] ? v : &behind : NULL;
	const struct version *to = op[0] == '<' ? op[1] ? &behind : v : NULL;

	if (from && compare(from, &span->from) > 0)
		span->from = *from;
	if (to && (span->open || compare(to, &span->to) < 0)) {
		span->to = *to;
		span->open = false;
	}
}

// ">=1.2 <2": everything must hold.
static bool read_comparisons(const char *p, struct span *out)
{
	static const char *const ops[] = { ">=", "<=", ">", "<" };

	*out = (struct span){ .from = { .count = 1 }, .open = true };
	while (*p) {
		struct version v;
		size_t i = 0;

		while (i < LENGTH(ops) && !take(&p, ops[i]))
			i++;
		if (i == LENGTH(ops) || !read_version(&p, &v))
			return false;
		bound(out, ops[i], &v);
		skip_blanks(&p, ",");
	}
	return out->open || compare(&out->from, &out->to) < 0;
}

static bool take_later(const char **p)
{
	static const char *const words[] = { "+",         "or later", "or newer", "or up",    "and later",
		                             "and newer", "and up",   "or above", "and above" };

	for (size_t i = 0; i < LENGTH(words); i++)
		if (take(p, words[i]))
			return true;
	return false;
}

// "2.1", "2.1 - 2.4", "2.1 or later", "^1.2", "~1.2.3"
static bool read_line(const char **p, struct span *out)
{
	bool caret = take(p, "^"), tilde = !caret && take(p, "~");
	const char *plus;

	take(p, "=");
	if (!read_version(p, &out->from))
		return false;
	plus = *p - 1;
	skip_blanks(p, "");
	out->open = *plus == '+' || take_later(p);
	out->to = next_line(out->from);
	if ((caret || tilde) && !out->open) {
		struct version v = out->from;

		v.count = caret || v.count < 2 ? 1 : 2;
		out->to = next_line(v);
	}
	if (!out->open && (take(p, "- ") || take(p, "to "))) {
		if (!read_version(p, &out->to) || compare(&out->from, &out->to) > 0)
			return false;
		out->to = next_line(out->to);
	}
	return true;
}

static bool add(struct range *out, const struct span *span)
{
	if (out->count == SPANS)
		return false;
	out->span[out->count++] = *span;
	return true;
}

static bool read_alternative(const char *p, struct range *out)
{
	struct span span;

	skip_blanks(&p, "");
	if (*p == '<' || *p == '>')
		return read_comparisons(p, &span) && add(out, &span);
	do {
		if (!read_line(&p, &span) || !add(out, &span))
			return false;
		skip_blanks(&p, ",");
	} while (*p);
	return true;
}

// The next "||" or " or " that parts alternatives; "or later" does not.
static char *find_or(char *text)
{
	for (char *p = text; *p; p++) {
		const char *behind = p + 1;

		if (text_starts(p, "||") || (text_starts(p, " or ") && !take_later(&behind)))
			return p;
	}
	return NULL;
}

static void merge(struct range *r)
{
	for (size_t i = 0; i < r->count; i++) {
		for (size_t k = 0; k < r->count; k++) {
			struct span *a = &r->span[i], *b = &r->span[k];

			if (i == k || compare(&a->from, &b->from) > 0 || (!a->open && compare(&b->from, &a->to) > 0))
				continue;
			a->open |= b->open;
			if (compare(&b->to, &a->to) > 0)
				a->to = b->to;
			*b = r->span[--r->count];
			i = (size_t)-1; // what was looked at may fit to what has grown
			break;
		}
	}
}

static bool read_range(const char *text, struct range *out)
{
	_free_ char *copy = text_lower(text_copy(text));
	char *p = text_trim(copy), *bar;

	*out = (struct range){ 0 };
	while ((bar = find_or(p))) {
		char *next = bar + (*bar == '|' ? 2 : 4);

		*bar = '\0';
		if (!read_alternative(text_trim(p), out))
			return false;
		p = next;
	}
	if (!read_alternative(p, out))
		return false;
	merge(out);
	return true;
}

bool versions_any(const char *range)
{
	static const char *const words[] = {
		"", "any", "all", "*", "x", "any version", "all versions", "every version"
	};
	_free_ char *copy = text_copy(range);
	const char *text = text_trim(copy);

	for (size_t i = 0; i < LENGTH(words); i++)
		if (text_same(text, words[i]))
			return true;
	return false;
}

bool versions_readable(const char *range)
{
	struct range read;

	return versions_any(range) || read_range(range, &read);
}

bool versions_within(const char *inner, const char *outer)
{
	struct range in, out;

	if (versions_any(outer))
		return true;
	if (versions_any(inner))
		return false;
	if (!read_range(inner, &in) || !read_range(outer, &out))
		return text_same(inner, outer);
	for (size_t i = 0; i < in.count; i++) {
		const struct span *a = &in.span[i];
		bool held = false;

		for (size_t k = 0; k < out.count && !held; k++) {
			const struct span *b = &out.span[k];

			held = compare(&b->from, &a->from) <= 0 &&
			       (b->open || (!a->open && compare(&a->to, &b->to) <= 0));
		}
		if (!held)
			return false;
	}
	return true;
}

// Only numbers and dots, maybe with a "v" in front and a suffix: no range.
static bool is_single(const char *text)
{
	return text_is_digit(text[*text == 'v' || *text == 'V']) && !strpbrk(text, " ,<>=^~|*+") &&
	       !strstr(text, ".x") && !strstr(text, ".X");
}

char *versions_line(const char *stated)
{
	_free_ char *copy = text_copy(stated);
	const char *text = text_trim(copy), *p = text;
	_free_ char *lower = NULL;
	struct version v;

	if (versions_any(text))
		return NULL;
	if (!is_single(text))
		return text_copy(text);
	lower = text_lower(text_copy(text));
	p = lower;
	if (!read_version(&p, &v))
		return text_copy(text);
	if (v.count == 1)
		return text_format("%lld.x", (long long)v.part[0]);
	return text_format("%lld.%lld.x", (long long)v.part[0], (long long)v.part[1]);
}
