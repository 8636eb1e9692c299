// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/fields.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/mime/limits.h"
#include "base/err.h"
#include "base/text.h"

// Where the field that begins at `p` ends: behind the first line end that no blank follows.
static const char *field_end(const char *p, const char *end)
{
	for (;;) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));

		if (!line_end)
			return end;
		p = line_end + 1;
		if (p == end || (*p != ' ' && *p != '\t'))
			return p;
	}
}

// Copies a value without its line ends; a tab after one is the fold's own and becomes a blank.
static char *unfold(char *to, const char *from, const char *end)
{
	while (from < end) {
		if (*from == '\r' && from + 1 < end && from[1] == '\n')
			from++;
		if (*from == '\n') {
			from++;
			if (from < end) {
				*to++ = ' ';
				from++;
			}
			continue;
		}
		*to++ = *from ? *from : ' ';
		from++;
	}
	*to = '\0';
	return to + 1;
}

// The length of a field name at `p` (RFC 5322 section 3.6.8), 0 when this line is no field.
static size_t name_length(const char *p, const char *end)
{
	size_t len = 0, colon;

	while (p + len < end && p[len] > ' ' && p[len] < 0x7f && p[len] != ':')
		len++;
	for (colon = len; p + colon < end && (p[colon] == ' ' || p[colon] == '\t'); colon++)
		;
	return p + colon < end && p[colon] == ':' ? len : 0;
}

// The line that a mailbox file puts before a message.
static bool is_envelope(const char *bytes, const char *p, const char *end)
{
	return p == bytes && end - p >= 5 && memcmp(p, "From ", 5) == 0;
}

static void add(struct fields *out, const char *name, size_t name_len, const char *end, char **memory)
{
	struct field *field = &out->list[out->count++];
	const char *value = memchr(name, ':', (size_t)(end - name));
	char *at = *memory;

	memcpy(at, name, name_len);
	at[name_len] = '\0';
	field->name = at;
	at += name_len + 1;
	*memory = unfold(at, value + 1, end);
	field->value = text_trim(at);
}

void fields_split(const char *bytes, size_t len, struct fields *out)
{
	const char *p = bytes, *end;
	char *memory;
	size_t lines = 1;

	*out = (struct fields){ .bytes = header_length(bytes, len) };
	end = bytes + out->bytes;
	for (const char *q = bytes; q < end; q++)
		lines += *q == '\n';
	out->list = calloc(lines, sizeof *out->list);
	// Each field loses its colon and its line end and gains two NULs; the last may have no line end.
	out->memory = memory = malloc(out->bytes + lines + 1);
	if (!out->list || !out->memory)
		panic("out of memory for a header");
	while (p < end) {
		const char *next = field_end(p, end);
		size_t name_len = name_length(p, next);

		if (name_len)
			add(out, p, name_len, next, &memory);
		else if (*p != '\n' && *p != '\r' && !is_envelope(bytes, p, next))
			out->malformed = true;
		p = next;
	}
}

void fields_free(struct fields *fields)
{
	free(fields->list);
	free(fields->memory);
	*fields = (struct fields){ 0 };
}

const char *fields_get(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (text_same(fields->list[i].name, name))
			return fields->list[i].value;
	return NULL;
}

size_t fields_count(const struct fields *fields, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < fields->count; i++)
		n += text_same(fields->list[i].name, name);
	return n;
}
