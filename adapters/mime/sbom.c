// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/sbom.h"

#include <string.h>

#include "adapters/mime/sbom_bounds.h"
#include "adapters/mime/sbom_list.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define CONTEXT "https://spdx.org/rdf/" // of SPDX 3, with the version behind it
#define HEAD 4096                       // bytes in which XML and tag-value say what they are

enum kind {
	KIND_NONE,
	KIND_JSON,
	KIND_TAGS,
	KIND_XML,
	KIND_BY_NAME, // its name says so, but not what it holds
};

// --- what it is ------------------------------------------------------------------------------------------------------

static bool holds(const char *bytes, size_t len, const char *words)
{
	return memmem(bytes, len, words, strlen(words)) != NULL;
}

// A byte order mark is no part of the text.
static size_t skip_mark(const char *bytes, size_t len)
{
	return len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static size_t skip_blanks(const char *bytes, size_t len)
{
	size_t i = skip_mark(bytes, len);

	while (i < len && text_is_space(bytes[i]))
		i++;
	return i;
}

// Comments may stand before the first tag, which is always this one.
static bool begins_with_tag(const char *bytes, size_t len)
{
	static const char tag[] = "SPDXVersion:";
	size_t i = skip_blanks(bytes, len);

	while (i < len && bytes[i] == '#') {
		const char *stop = memchr(bytes + i, '\n', len - i);

		i = stop ? (size_t)(stop - bytes) : len;
		while (i < len && text_is_space(bytes[i]))
			i++;
	}
	return len - i >= sizeof tag - 1 && memcmp(bytes + i, tag, sizeof tag - 1) == 0;
}

static bool is_named(const char *name, const char *const *ends, size_t count)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < count; i++) {
		size_t tail = strlen(ends[i]);

		if (len >= tail && text_same(name + len - tail, ends[i]) && (ends[i][0] == '.' || len == tail))
			return true;
	}
	return false;
}

static bool is_named_spdx(const char *name)
{
	static const char *const ends[] = { ".spdx",     ".spdx.json", ".spdx.yaml",  ".spdx.yml",
		                            ".spdx.rdf", ".spdx.xml",  ".spdx.jsonld" };

	return is_named(name, ends, LENGTH(ends));
}

static bool is_named_cyclonedx(const char *name)
{
	static const char *const ends[] = { "bom.json", "bom.xml", ".cdx.json", ".cdx.xml", ".cdx" };

	return is_named(name, ends, LENGTH(ends));
}

static enum kind kind_of(const char *name, const char *bytes, size_t len)
{
	size_t start = skip_blanks(bytes, len), head = len < HEAD ? len : HEAD;

	if (start < len && bytes[start] == '{' &&
	    (holds(bytes, len, "\"bomFormat\"") || holds(bytes, len, "\"spdxVersion\"") ||
	     holds(bytes, len, "\"" CONTEXT "3")))
		return KIND_JSON;
	if (begins_with_tag(bytes, len))
		return KIND_TAGS;
	if (start < len && bytes[start] == '<' &&
	    (holds(bytes, head, "cyclonedx.org/schema/bom") || holds(bytes, head, "spdx.org/rdf/terms")))
		return KIND_XML;
	return is_named_spdx(name) || is_named_cyclonedx(name) ? KIND_BY_NAME : KIND_NONE;
}

// --- JSON ------------------------------------------------------------------------------------------------------------

// jansson's own words would quote the file.
static const char *words_for(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return "a name stands twice in one object";
	case json_error_invalid_utf8:
		return "it is not UTF-8";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a text holds a NUL";
	case json_error_numeric_overflow:
		return "a number is too large";
	case json_error_premature_end_of_input:
		return "it ends too early";
	case json_error_end_of_input_expected:
		return "something stands behind its end";
	case json_error_out_of_memory:
		return "it takes too much memory";
	default:
		return "it is not JSON";
	}
}

static json_t *parse(struct sbom *s, const char *text, size_t len)
{
	json_error_t error;
	json_t *root = NULL;
	size_t line;

	switch (sbom_bounds(text, len, &line)) {
	case BOUNDS_DEEP:
		sbom_problem(s, &(struct place){ .index = line }, "it is nested deeper than %d", SBOM_DEPTH_MAX);
		return NULL;
	case BOUNDS_WIDE:
		sbom_problem(s, &(struct place){ .index = line }, "it holds more than %d values", SBOM_VALUES_MAX);
		return NULL;
	case BOUNDS_KEPT:
		break;
	}
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		sbom_problem(s, NULL, "line %d, column %d: %s", error.line, error.column, words_for(&error));
	return root;
}

static const char *context_of(const json_t *root)
{
	const json_t *context = json_object_get(root, "@context");
	const char *text = json_string_value(json_is_array(context) ? json_array_get(context, 0) : context);

	return text && text_starts(text, CONTEXT "3") ? text : NULL;
}

// False when it is some other JSON.
static bool read_json(struct sbom *s, const char *text, size_t len)
{
	_json_ json_t *root = parse(s, text, len);
	const char *spdx = json_str_or_null(root, "spdxVersion"), *context = context_of(root);

	if (!root) {
		s->format = holds(text, len, "\"bomFormat\"") ? "cyclonedx" : "spdx";
	} else if (strcmp(json_str(root, "bomFormat"), "CycloneDX") == 0) {
		sbom_is_of(s, "cyclonedx", span_of(json_str(root, "specVersion")));
		sbom_read_cyclonedx(s, root);
	} else if (spdx) {
		sbom_is_of(s, "spdx", span_of(spdx));
		sbom_read_spdx(s, root);
	} else if (context) {
		sbom_is_of(s, "spdx", span_of(context + strlen(CONTEXT)));
		sbom_read_spdx3(s, root);
	} else {
		return false;
	}
	return true;
}

// --- all -------------------------------------------------------------------------------------------------------------

static void refuse_bytes(struct sbom *s, const char *bytes, size_t len)
{
	bool wide = len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);

	s->format = is_named_spdx(s->file) ? "spdx" : "cyclonedx";
	sbom_problem(s, NULL, "%s",
	             wide ? "it is UTF-16; save it as UTF-8"
	                  : "it is neither CycloneDX nor SPDX, in spite of its name");
}

// False when it is none after all.
static bool read_kind(struct sbom *s, enum kind kind, const char *bytes, size_t len)
{
	size_t mark = skip_mark(bytes, len);

	switch (kind) {
	case KIND_NONE:
		return false;
	case KIND_JSON:
		if (read_json(s, bytes + mark, len - mark))
			return true;
		if (!is_named_spdx(s->file) && !is_named_cyclonedx(s->file))
			return false;
		refuse_bytes(s, bytes, len);
		return true;
	case KIND_TAGS:
		sbom_read_tags(s, bytes + mark, len - mark);
		return true;
	case KIND_XML:
		s->format = holds(bytes, len, "cyclonedx.org") ? "cyclonedx" : "spdx";
		sbom_problem(s, NULL, "it is XML, which this desk does not read; send it as JSON");
		return true;
	case KIND_BY_NAME:
		refuse_bytes(s, bytes, len);
		return true;
	}
	return false;
}

static void refuse_size(struct sbom *s)
{
	s->format = is_named_spdx(s->file) ? "spdx" : "cyclonedx";
	sbom_problem(s, NULL, "it is larger than %u MiB; send one of less, or state what it is about",
	             SBOM_BYTES_MAX >> 20);
}

static json_t *finish(struct sbom *s)
{
	json_t *out = json_object();

	if (s->count == 0 && s->problems == 0)
		sbom_problem(s, NULL, "it lists no components");
	if (s->problems > 1)
		sbom_more(s);
	json_put_str(out, "name", s->file);
	json_put_str(out, "format", s->format);
	json_put_str(out, "spec", s->spec);
	json_put(out, "components", json_incref(s->components));
	json_put_int(out, "count", (int64_t)s->count);
	json_put_bool(out, "cut", s->count > SBOM_COMPONENTS_MAX);
	if (s->problems)
		json_put_str(out, "problem", s->problem);
	return out;
}

json_t *sbom_read(const char *name, const char *bytes, size_t len, bool cut)
{
	enum kind kind = kind_of(name, bytes, len);
	_sbom_ struct sbom s = { 0 };

	sbom_open(&s, name);
	if (kind != KIND_NONE && cut)
		refuse_size(&s);
	else if (!read_kind(&s, kind, bytes, len))
		return NULL;
	return finish(&s);
}

static json_t *refuse_more(const char *name)
{
	_sbom_ struct sbom s = { 0 };

	sbom_open(&s, name);
	s.format = is_named_spdx(name) ? "spdx" : "cyclonedx";
	sbom_problem(&s, NULL, "it was not read: of one mail at most %d SBOMs with %u MiB together are", SBOMS_MAX,
	             SBOM_BYTES_MAX >> 20);
	return finish(&s);
}

void sbom_collect(json_t *sboms, size_t *left, const char *name, const char *bytes, size_t len, bool cut)
{
	json_t *read;

	if (json_array_size(sboms) > SBOMS_MAX || kind_of(name, bytes, len) == KIND_NONE)
		return;
	if (json_array_size(sboms) == SBOMS_MAX || (len > *left && !cut)) {
		json_add(sboms, refuse_more(name));
		return;
	}
	*left -= cut ? 0 : len;
	read = sbom_read(name, bytes, len, cut);
	if (read)
		json_add(sboms, read);
}
