// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/address.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "adapters/mime/words.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define NAME_MAX_BYTES 256
#define PHRASE_MAX 4096
#define LOCAL_MAX 64 // RFC 5321 section 4.5.3.1.1
#define DOMAIN_MAX 253

// --- domains ---------------------------------------------------------------------------------------------------------

static bool is_domain(const char *domain)
{
	size_t label = 0, len = strlen(domain);

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (const char *p = domain; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || text_is_digit(*p);

		if (*p == '.' ? label == 0 || p[-1] == '-' : !letter && !(*p == '-' && label > 0) && *p != '_')
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && domain[len - 1] != '-';
}

char *domain_normal(const char *domain, size_t len)
{
	_free_ char *copy = text_copy_n(domain, len);
	char *ascii;

	if (strlen(copy) != len || !utf8_valid(copy, len))
		return NULL;
	if (g_hostname_is_non_ascii(copy)) {
		_free_ char *converted = g_hostname_to_ascii(copy); // g_free() is free() since GLib 2.46

		if (!converted)
			return NULL;
		ascii = text_copy(converted);
	} else {
		ascii = steal_ptr(copy);
	}
	if (!is_domain(text_lower(ascii))) {
		free(ascii);
		return NULL;
	}
	return ascii;
}

// --- pieces ----------------------------------------------------------------------------------------------------------

static bool is_atom(char c)
{
	unsigned char u = (unsigned char)c;

	return u > ' ' && u != 0x7f && !strchr("()<>[]:;@\\,\"", c);
}

// Behind blanks and comments; NULL when a comment does not end.  The text of the last comment goes to `comment`.
static const char *skip_blanks(const char *p, struct buf *comment)
{
	for (;;) {
		const char *begin = p;
		size_t depth = 0;

		while (*p == ' ' || *p == '\t')
			p++;
		if (*p != '(')
			return p;
		begin = p;
		do {
			if (*p == '\\' && p[1])
				p++;
			else if (*p == '(')
				depth++;
			else if (*p == ')')
				depth--;
			if (!*p)
				return NULL;
			p++;
		} while (depth > 0);
		if (comment) {
			buf_free(comment);
			buf_add(comment, begin + 1, (size_t)(p - begin) - 2);
		}
	}
}

// Behind the quoted string that begins at `p`, its text added to `out`; NULL when it does not end.
static const char *read_quoted(const char *p, struct buf *out)
{
	for (p++; *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		if (!*p)
			return NULL;
		if (out)
			buf_putc(out, *p);
	}
	return p + 1;
}

static const char *local_end(const char *p)
{
	const char *begin = p;

	if (*p == '"') {
		const char *end = read_quoted(p, NULL);

		for (; end && p < end; p++)
			if ((unsigned char)*p < 0x20 || *p == 0x7f)
				return NULL;
		return end;
	}
	while (is_atom(*p)) {
		if (*p == '.' && (p == begin || p[1] == '.' || p[1] == '@'))
			return NULL;
		p++;
	}
	return p > begin ? p : NULL;
}

// local@domain without a blank in it, at `p`; where it ends, or NULL.
static const char *read_address(const char *p, char **address)
{
	const char *local = p, *domain, *end = local_end(p);
	_free_ char *normal = NULL;

	if (!end || *end != '@' || end - local > LOCAL_MAX || !utf8_valid(local, (size_t)(end - local)))
		return NULL;
	domain = end + 1;
	for (p = domain; is_atom(*p); p++)
		;
	normal = domain_normal(domain, (size_t)(p - domain));
	if (!normal)
		return NULL;
	*address = text_format("%.*s@%s", (int)(end - local), local, normal);
	return p;
}

struct reader {
	struct buf phrase;
	struct buf comment;
	char *address;
};

static void reader_free(struct reader *r)
{
	buf_free(&r->phrase);
	buf_free(&r->comment);
	free(r->address);
	*r = (struct reader){ .phrase = BUF(PHRASE_MAX), .comment = BUF(PHRASE_MAX) };
}

// The words before an angle address or before anything else; where they end, or NULL.  `*words` counts them.
static const char *read_phrase(const char *p, struct buf *phrase, size_t *words)
{
	*words = 0;
	for (;;) {
		const char *next = skip_blanks(p, NULL);

		if (!next)
			return NULL;
		if (*next != '"' && !is_atom(*next))
			return *words == 1 && *next == '@' ? p : next; // a lone word keeps its distance from "@"
		p = next;
		if ((*words)++)
			buf_putc(phrase, ' ');
		if (*p == '"') {
			p = read_quoted(p, phrase);
			if (!p)
				return NULL;
			continue;
		}
		for (next = p; is_atom(*next); next++)
			;
		buf_add(phrase, p, (size_t)(next - p));
		p = next;
	}
}

// One mailbox at `p`: where it ends (blanks and comments behind it included), or NULL.
static const char *read_mailbox(const char *p, struct reader *r)
{
	size_t words;
	const char *begin = skip_blanks(p, &r->comment);
	const char *end = begin ? read_phrase(begin, &r->phrase, &words) : NULL;

	if (!end)
		return NULL;
	if (*end == '<') {
		end = read_address(end + 1, &r->address);
		if (!end || *end++ != '>')
			return NULL;
	} else if (*end == '@' && words == 1) {
		buf_free(&r->phrase);
		end = read_address(begin, &r->address);
	} else {
		return NULL;
	}
	return end ? skip_blanks(end, &r->comment) : NULL;
}

// --- whole fields ----------------------------------------------------------------------------------------------------

int mailbox_read(struct charsets *charsets, const char *value, struct mailbox *out)
{
	_cleanup_(reader_free) struct reader r = { .phrase = BUF(PHRASE_MAX), .comment = BUF(PHRASE_MAX) };
	const char *end = read_mailbox(value, &r);
	const char *name;

	*out = (struct mailbox){ 0 };
	if (!end || *end)
		return -1;
	name = r.phrase.len ? buf_text(&r.phrase) : buf_text(&r.comment);
	out->address = steal_ptr(r.address);
	out->name = *name ? words_decode(charsets, name, NAME_MAX_BYTES) : NULL;
	return 0;
}

void mailbox_free(struct mailbox *mailbox)
{
	free(mailbox->address);
	free(mailbox->name);
	*mailbox = (struct mailbox){ 0 };
}

// Behind the next comma, semicolon or group colon that stands outside quotes, comments and angles.  What is opened and
// never closed ends the list: looking on from its second byte would take quadratic time.
static const char *next_item(const char *p)
{
	while (p && *p) {
		if (*p == '"')
			p = read_quoted(p, NULL);
		else if (*p == '(')
			p = skip_blanks(p, NULL);
		else if (*p == '<')
			p = strchr(p, '>');
		else if (*p == ',' || *p == ';' || *p == ':')
			return p + 1;
		else
			p++;
	}
	return p ? p : "";
}

void mailbox_list(const char *value, json_t *out, size_t max)
{
	_cleanup_(reader_free) struct reader r = { .phrase = BUF(PHRASE_MAX), .comment = BUF(PHRASE_MAX) };
	const char *p = value;

	while (*p && json_array_size(out) < max) {
		const char *end = read_mailbox(p, &r);

		if (end && r.address && (!*end || *end == ',' || *end == ';'))
			json_add_str(out, r.address);
		p = next_item(p);
		reader_free(&r);
	}
}
