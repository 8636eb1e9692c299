// SPDX-License-Identifier: Apache-2.0
// The nesting of a message's parts, walked line by line without building anything: what limits.h promises of depth,
// number of parts and boundaries.  It decides what is refused, not what is read: that is GMime's work, afterwards.
#include <gmime/gmime.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "adapters/mime/limits.h"
#include "base/auto.h"
#include "base/buf.h"

#define CONTENT_TYPE_MAX 16384
#define HEADERS_MAX 5       // all headers together, in largest headers
#define GROUPS_MAX 64       // ':' in one address field of an embedded message: GMime's parser recurses on them
#define GROUPS_ALL_MAX 1000 // and in all of them together

struct level {
	char boundary[256]; // "" = an embedded message
	size_t len;
	bool digest; // parts without a type are messages (RFC 2046 section 5.1.5)
};

struct scan {
	const struct limits *limits;
	struct failure *failure;
	struct level stack[LIMITS_DEPTH_MAX + 1];
	size_t depth;
	size_t parts;
	bool in_header;
	struct buf type; // the unfolded Content-Type of this header
	bool in_type;
	size_t header_bytes, fields;
	bool in_address;
	size_t groups, all_groups; // ':' in this address field, and in those before it
	size_t all_headers;        // bytes of all headers together
};

static void begin_header(struct scan *s)
{
	s->in_header = true;
	s->in_type = false;
	buf_free(&s->type);
	s->in_address = false;
	s->header_bytes = s->fields = 0;
}

static int push(struct scan *s, const char *boundary, bool digest)
{
	struct level *level;

	if (s->depth >= s->limits->depth)
		return refuse(s->failure, CODE_LIMIT, "parts are nested more than %zu deep", s->limits->depth);
	level = &s->stack[s->depth++];
	level->len = strlen(boundary);
	level->digest = digest;
	memcpy(level->boundary, boundary, level->len + 1);
	return 0;
}

// One boundary that begins another makes two readers see two different messages.
static bool is_ambiguous(const struct scan *s, const char *boundary)
{
	for (size_t i = 0; i < s->depth; i++) {
		const char *other = s->stack[i].boundary;

		if (*other &&
		    (strncmp(other, boundary, strlen(other)) == 0 || strncmp(other, boundary, strlen(boundary)) == 0))
			return true;
	}
	return false;
}

static int open_multipart(struct scan *s, GMimeContentType *type)
{
	const char *boundary = g_mime_content_type_get_parameter(type, "boundary");

	s->in_header = false;
	if (!boundary || !*boundary)
		return refuse(s->failure, CODE_LIMIT, "a multipart has no boundary");
	if (strlen(boundary) > s->limits->boundary || strlen(boundary) >= sizeof s->stack[0].boundary)
		return refuse(s->failure, CODE_LIMIT, "a boundary is longer than %zu bytes", s->limits->boundary);
	if (is_ambiguous(s, boundary))
		return refuse(s->failure, CODE_LIMIT, "one boundary is the beginning of another");
	return push(s, boundary, g_mime_content_type_is_type(type, "multipart", "digest"));
}

static bool is_message(GMimeContentType *type)
{
	return g_mime_content_type_is_type(type, "message", "rfc822") ||
	       g_mime_content_type_is_type(type, "message", "rfc2822") ||
	       g_mime_content_type_is_type(type, "message", "global") ||
	       g_mime_content_type_is_type(type, "message", "news");
}

static int end_header(struct scan *s)
{
	GMimeContentType *type;
	int result = 0;

	s->in_header = false;
	if (s->type.len == 0) {
		if (s->depth == 0 || !s->stack[s->depth - 1].digest)
			return 0;
		begin_header(s);
		return push(s, "", false);
	}
	type = g_mime_content_type_parse(NULL, buf_text(&s->type));
	if (!type)
		return 0;
	if (g_mime_content_type_is_type(type, "multipart", "*")) {
		result = open_multipart(s, type);
	} else if (is_message(type)) {
		begin_header(s);
		result = push(s, "", false);
	}
	g_object_unref(type);
	return result;
}

static bool is_address_field(const char *line, size_t len)
{
	static const char *const names[] = { "from", "to", "cc", "bcc", "sender", "reply-to", "resent-" };

	for (size_t i = 0; i < LENGTH(names); i++)
		if (len >= strlen(names[i]) && strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void count_groups(struct scan *s, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->groups += line[i] == ':';
}

// The value of a line that begins a Content-Type field, or NULL.
static const char *type_value(const char *line, size_t len)
{
	static const char name[] = "content-type";
	const char *p = line + sizeof name - 1, *end = line + len;

	if (len < sizeof name || strncasecmp(line, name, sizeof name - 1) != 0)
		return NULL;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p < end && *p == ':' ? p + 1 : NULL;
}

static int check_header_size(struct scan *s)
{
	if (s->header_bytes > s->limits->header_bytes || s->fields > s->limits->fields || s->type.full)
		return refuse(s->failure, CODE_HEADER_LIMIT, "the header of a part is too large");
	if (s->all_headers > HEADERS_MAX * s->limits->header_bytes)
		return refuse(s->failure, CODE_HEADER_LIMIT, "the headers of the parts are too large together");
	if (s->groups > GROUPS_MAX || s->all_groups > GROUPS_ALL_MAX)
		return refuse(s->failure, CODE_HEADER_LIMIT, "the addresses of an embedded message are too complex");
	return 0;
}

static int header_line(struct scan *s, const char *line, size_t len)
{
	bool folded = len > 0 && (line[0] == ' ' || line[0] == '\t');
	const char *value = line;

	if (len == 0)
		return end_header(s);
	s->header_bytes += len + 2;
	s->all_headers += len + 2;
	if (!folded) {
		s->fields++;
		s->in_address = s->depth > 0 && is_address_field(line, len);
		s->all_groups += s->groups;
		s->groups = 0;
		value = type_value(line, len);
		s->in_type = value && s->type.len == 0;
		if (value && !s->in_type)
			return refuse(s->failure, CODE_LIMIT, "a part has two types");
	}
	if (s->in_address)
		count_groups(s, line, len);
	if (s->in_type)
		buf_add(&s->type, value, (size_t)(line + len - value));
	return check_header_size(s);
}

static bool is_all_blank(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

// Which level's boundary is this line?  -1 when none.
static int find_boundary(const struct scan *s, const char *line, size_t len, bool *closes)
{
	if (len < 3 || line[0] != '-' || line[1] != '-')
		return -1;
	for (size_t i = s->depth; i-- > 0;) {
		const struct level *level = &s->stack[i];
		const char *after = line + 2 + level->len;
		size_t rest = len - 2;

		if (!level->len || rest < level->len || memcmp(line + 2, level->boundary, level->len) != 0)
			continue;
		rest -= level->len;
		*closes = rest >= 2 && after[0] == '-' && after[1] == '-' && is_all_blank(after + 2, rest - 2);
		if (*closes || is_all_blank(after, rest))
			return (int)i;
	}
	return -1;
}

static int scan_line(struct scan *s, const char *line, size_t len)
{
	bool closes = false;
	int level = find_boundary(s, line, len, &closes);

	if (level < 0)
		return s->in_header ? header_line(s, line, len) : 0;
	s->depth = (size_t)level + !closes;
	s->in_header = false;
	if (closes)
		return 0;
	if (++s->parts > s->limits->parts)
		return refuse(s->failure, CODE_LIMIT, "the message has more than %zu parts", s->limits->parts);
	begin_header(s);
	return 0;
}

int limits_check_structure(const char *bytes, size_t len, const struct limits *limits, struct failure *f)
{
	struct scan s = { .limits = limits, .failure = f, .type = BUF(CONTENT_TYPE_MAX) };
	const char *p = bytes, *end = bytes + len;
	int result = 0;

	begin_header(&s);
	while (p < end && result == 0) {
		const char *next = memchr(p, '\n', (size_t)(end - p));
		const char *stop = next ? next : end;

		if (stop > p && stop[-1] == '\r')
			stop--;
		result = scan_line(&s, p, (size_t)(stop - p));
		p = next ? next + 1 : end;
	}
	// A header that the message ends in has no body, but its multipart may still lack a boundary.
	if (result == 0 && s.in_header)
		result = end_header(&s);
	buf_free(&s.type);
	return result;
}
