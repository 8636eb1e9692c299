// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/sbom_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapters/mime/charset.h"
#include "adapters/mime/sbom.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define NAME_MAX_BYTES 256
#define VERSION_MAX_BYTES 128
#define LICENCES_MAX 100 // of one component

struct span span_of(const char *text)
{
	return (struct span){ text, text ? strlen(text) : 0 };
}

void sbom_open(struct sbom *s, const char *file)
{
	*s = (struct sbom){ .file = file, .components = json_array(), .known = json_object() };
}

void sbom_close(struct sbom *s)
{
	json_decref(s->components);
	json_decref(s->known);
	s->components = s->known = NULL;
}

void sbom_is_of(struct sbom *s, const char *format, struct span version)
{
	size_t len = 0;

	if (version.len > 5 && memcmp(version.at, "SPDX-", 5) == 0)
		version = (struct span){ version.at + 5, version.len - 5 };
	while (len < version.len && len < sizeof s->spec - 1 &&
	       (text_is_digit(version.at[len]) || version.at[len] == '.'))
		len++;
	s->format = format;
	snprintf(s->spec, sizeof s->spec, "%.*s", (int)len, len ? version.at : "");
}

// --- problems --------------------------------------------------------------------------------------------------------

static void add_place(const struct place *place, struct buf *out)
{
	if (place->above)
		add_place(place->above, out);
	else if (!place->key && place->index)
		buf_printf(out, "line %zu", place->index);
	if (place->key)
		buf_printf(out, "%s%s", out->len ? "." : "", place->key);
	else if (place->above)
		buf_printf(out, "[%zu]", place->index);
}

void sbom_problem(struct sbom *s, const struct place *place, const char *format, ...)
{
	_buf_ struct buf at = BUF(4096);
	va_list args;
	int len;

	if (s->problems++)
		return;
	if (place)
		add_place(place, &at);
	len = snprintf(s->problem, sizeof s->problem, "%.*s%s%.*s%s", (int)utf8_prefix(s->file, 120), s->file,
	               *s->file ? ": " : "", (int)utf8_prefix(buf_text(&at), 160), buf_text(&at), at.len ? ": " : "");
	va_start(args, format);
	vsnprintf(s->problem + len, sizeof s->problem - (size_t)len, format, args);
	va_end(args);
}

void sbom_more(struct sbom *s)
{
	size_t len = strlen(s->problem);

	snprintf(s->problem + len, sizeof s->problem - len, " (and %zu more)", s->problems - 1);
}

struct span sbom_text(struct sbom *s, const struct place *place, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_string_length(value))
		return (struct span){ json_string_value(value), json_string_length(value) };
	if (value && !json_is_null(value) && !json_is_string(value))
		sbom_problem(s, &(struct place){ place, key, 0 }, "it is not a text");
	return (struct span){ 0 };
}

// --- components ------------------------------------------------------------------------------------------------------

bool sbom_is_no_licence(struct span licence)
{
	return licence.len == 0 || (licence.len == 4 && memcmp(licence.at, "NONE", 4) == 0) ||
	       (licence.len == 11 && memcmp(licence.at, "NOASSERTION", 11) == 0);
}

void sbom_add_licence(json_t *texts, struct span licence)
{
	if (!sbom_is_no_licence(licence) && json_array_size(texts) <= LICENCES_MAX && !json_has_str(texts, licence.at))
		json_add_str(texts, licence.at);
}

void sbom_join(struct sbom *s, const struct place *place, const json_t *texts, struct buf *out)
{
	bool several = json_array_size(texts) > 1, closed = true;
	json_t *item;
	size_t i;

	json_array_foreach(texts, i, item) {
		const char *text = json_string_value(item);
		bool bracket = several && strchr(text, ' ');

		closed = closed && text_brackets_close(text);
		buf_printf(out, "%s%s%s%s", i ? " AND " : "", bracket ? "(" : "", text, bracket ? ")" : "");
	}
	if (json_array_size(texts) <= LICENCES_MAX && !out->full && (closed || !several))
		return;
	sbom_problem(s, place,
	             several && !closed ? "the brackets of a licence do not belong together"
	                                : "the licences are too many or too long");
	out->len = 0;
}

// A text of one line, without control characters and without blanks at its ends; NULL when nothing is left.
static char *tidy(struct span span)
{
	_buf_ struct buf line = BUF(span.len + 1), clean = BUF(3 * span.len + 1);
	_free_ char *copy = NULL;
	char *text;

	for (size_t i = 0; i < span.len; i++)
		if (!text_is_space(span.at[i]))
			buf_putc(&line, span.at[i]);
		else if (line.len && line.data[line.len - 1] != ' ')
			buf_putc(&line, ' ');
	charset_clean(buf_text(&line), "", &clean);
	copy = text_copy(buf_text(&clean));
	text = text_trim(copy);
	return *text ? text_copy(text) : NULL;
}

// As above; NULL and a problem when it is too long to be one.
static char *bounded(struct sbom *s, const struct place *place, const char *what, struct span span, size_t max)
{
	if (span.len <= max)
		return span.at ? tidy(span) : NULL;
	sbom_problem(s, place, "the %s is longer than %zu bytes", what, max);
	return NULL;
}

static char *full_name(struct sbom *s, const struct place *place, const struct sbom_item *item)
{
	_free_ char *group = bounded(s, place, "group", item->group, NAME_MAX_BYTES);
	_free_ char *name = bounded(s, place, "name", item->name, NAME_MAX_BYTES);

	if (!name) {
		if (item->name.len <= NAME_MAX_BYTES)
			sbom_problem(s, place, "the component has no name");
		return NULL;
	}
	return group ? text_format("%s%c%s", group, item->joint, name) : steal_ptr(name);
}

void sbom_add(struct sbom *s, const struct place *place, const struct sbom_item *item)
{
	bool silent = sbom_is_no_licence(item->licence);
	_free_ char *name = NULL, *version = NULL, *licence = NULL, *key = NULL;
	json_t *component;

	if (item->minor && silent)
		return;
	name = full_name(s, place, item);
	if (!name)
		return;
	version = bounded(s, place, "version", item->version, VERSION_MAX_BYTES);
	licence = silent ? NULL : bounded(s, place, "licence", item->licence, SBOM_LICENCE_MAX);
	key = text_format("%s\n%s\n%s", name, version ? version : "", licence ? licence : "");
	if (json_object_get(s->known, key))
		return;
	json_put(s->known, key, json_true());
	if (++s->count > SBOM_COMPONENTS_MAX)
		return;
	component = json_object();
	json_put_str(component, "component", name);
	json_put_str(component, "version", version);
	json_put_str(component, "license", licence);
	json_add(s->components, component);
}
