// SPDX-License-Identifier: Apache-2.0
// SPDX 2.x as tag-value: lines "Tag: value", where a value between <text> and </text> may have several lines.
#include <string.h>

#include "adapters/mime/sbom_spdx.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define ROOTS_MAX 10000

struct reader {
	struct sbom *sbom; // problems go there; NULL: nowhere
	const char *at, *end;
	size_t line, next_line; // of the field, and behind it
};

struct field {
	struct span tag, value;
};

static struct span trim(const char *from, const char *to)
{
	while (from < to && text_is_space(*from))
		from++;
	while (from < to && text_is_space(to[-1]))
		to--;
	return (struct span){ from, (size_t)(to - from) };
}

static bool is(struct span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

static const char *line_end(const char *from, const char *end)
{
	const char *found = memchr(from, '\n', (size_t)(end - from));

	return found ? found : end;
}

static void complain(const struct reader *r, const char *what)
{
	if (r->sbom)
		sbom_problem(r->sbom, &(struct place){ .index = r->line }, "%s", what);
}

// A value that begins with <text>, up to its end; false when there is none.
static bool read_text(struct reader *r, struct field *f)
{
	const char *from = f->value.at + strlen("<text>");
	const char *stop = memmem(from, (size_t)(r->end - from), "</text>", strlen("</text>"));

	if (!stop) {
		complain(r, "<text> is never closed");
		return false;
	}
	for (const char *p = from; p < stop; p++)
		r->next_line += *p == '\n';
	f->value = trim(from, stop);
	r->at = line_end(stop, r->end);
	return true;
}

// The next field; false at the end, and where the rest cannot be read.
static bool next(struct reader *r, struct field *f)
{
	while (r->at < r->end) {
		const char *begin = r->at, *stop = line_end(begin, r->end);
		const char *colon = memchr(begin, ':', (size_t)(stop - begin));
		struct span line = trim(begin, stop);

		r->line = r->next_line++;
		r->at = stop < r->end ? stop + 1 : stop;
		if (line.len == 0 || *line.at == '#')
			continue;
		if (!colon) {
			complain(r, "it is not a tag and its value");
			continue;
		}
		*f = (struct field){ trim(begin, colon), trim(colon + 1, stop) };
		return f->value.len < 6 || memcmp(f->value.at, "<text>", 6) != 0 || read_text(r, f);
	}
	return false;
}

// --- packages --------------------------------------------------------------------------------------------------------

// "SPDXRef-DOCUMENT DESCRIBES SPDXRef-Package-x"
static void add_root(json_t *roots, struct span relationship)
{
	static const char before[] = "SPDXRef-DOCUMENT DESCRIBES ";
	size_t len = sizeof before - 1;
	_free_ char *id = NULL;

	if (relationship.len <= len || memcmp(relationship.at, before, len) != 0 ||
	    json_object_size(roots) >= ROOTS_MAX)
		return;
	id = text_copy_n(relationship.at + len, relationship.len - len);
	json_put(roots, id, json_true());
}

static json_t *find_roots(struct reader r)
{
	json_t *roots = json_object();
	struct field f;

	r.sbom = NULL;
	while (next(&r, &f))
		if (is(f.tag, "Relationship"))
			add_root(roots, f.value);
	return roots;
}

static struct span find_version(struct reader r)
{
	struct field f;

	r.sbom = NULL;
	while (next(&r, &f))
		if (is(f.tag, "SPDXVersion"))
			return f.value;
	return (struct span){ 0 };
}

// A tag that begins something else than a package.
static bool leaves_package(struct span tag)
{
	return is(tag, "FileName") || is(tag, "SnippetSPDXID") || is(tag, "LicenseID");
}

static void set(struct spdx_package *package, const struct field *f)
{
	const struct {
		const char *tag;
		struct span *value;
	} table[] = {
		{ "SPDXID", &package->id },
		{ "PackageVersion", &package->version },
		{ "PackageLicenseConcluded", &package->concluded },
		{ "PackageLicenseDeclared", &package->declared },
		{ "PrimaryPackagePurpose", &package->purpose },
	};

	for (size_t i = 0; i < LENGTH(table); i++)
		if (is(f->tag, table[i].tag))
			*table[i].value = f->value;
}

static void read_packages(struct reader r, const json_t *roots)
{
	struct spdx_package package = { 0 };
	struct place place = { 0 };
	bool inside = false;
	struct field f;

	while (next(&r, &f)) {
		bool begins = is(f.tag, "PackageName");

		if (inside && (begins || leaves_package(f.tag)))
			spdx_add(r.sbom, &place, &package, roots);
		if (begins) {
			package = (struct spdx_package){ .name = f.value };
			place.index = r.line;
		}
		inside = begins || (inside && !leaves_package(f.tag));
		if (inside)
			set(&package, &f);
	}
	if (inside)
		spdx_add(r.sbom, &place, &package, roots);
}

// The line that holds the first byte that is no text; 0 when all is.
static size_t bad_line(const char *text, size_t len)
{
	size_t line = 1;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_sequence(text + i, len - i);
		if (n == 0)
			return line;
		line += text[i] == '\n';
	}
	return 0;
}

void sbom_read_tags(struct sbom *s, const char *text, size_t len)
{
	const struct reader reader = { s, text, text + len, 1, 1 };
	const struct place bad = { .index = bad_line(text, len) };
	_json_ json_t *roots = NULL;

	sbom_is_of(s, "spdx", find_version(reader));
	if (bad.index) {
		sbom_problem(s, &bad, "it is not UTF-8");
		return;
	}
	if (strncmp(s->spec, "2.", 2) != 0) {
		sbom_problem(s, NULL, "it is not of a version of SPDX that this desk reads (2.2, 2.3, 3.0)");
		return;
	}
	roots = find_roots(reader);
	read_packages(reader, roots);
	if (s->count == 0 && s->problems == 0)
		read_packages(reader, NULL);
}
