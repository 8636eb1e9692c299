// SPDX-License-Identifier: Apache-2.0
#include "bot/doctor_trace.h"

#include <stdbool.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"

#define NAMES_MAX 10
#define NAME_LENGTH_MAX 253
#define LIST_MAX 4096

// One field, from its name to before the next one's; NULL after the last.
static const char *next_field(const char **p, size_t *len)
{
	const char *field = *p, *end = field;

	if (!*field || *field == '\n' || *field == '\r')
		return NULL;
	do {
		end = strchr(end, '\n');
		end = end ? end + 1 : field + strlen(field);
	} while (*end == ' ' || *end == '\t');
	*len = (size_t)(end - field);
	*p = end;
	return field;
}

static bool is_host(char c)
{
	return text_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr(".-_:", c));
}

static size_t host_length(const char *text)
{
	size_t n = 0;

	while (n < NAME_LENGTH_MAX && is_host(text[n]))
		n++;
	return n;
}

// Where the name behind the word "by" begins; NULL when there is none.
static const char *behind_by(const char *value)
{
	for (const char *p = value; *p; p++)
		if (text_is_space(*p) && text_starts_fold(p + 1, "by") && text_is_space(p[3])) {
			p += 3;
			return p + strspn(p, " \t\r\n");
		}
	return NULL;
}

static void add_name(struct buf *list, const char *name, size_t len)
{
	_free_ char *one = text_copy_n(name, len), *known = text_format(", %s,", buf_text(list)),
	            *searched = text_format(", %s,", one);

	if (len && !strstr(known, searched))
		buf_printf(list, "%s%s", list->len ? ", " : "", one);
}

static char *names(const struct buf *mail, const char *field_name, bool by)
{
	_buf_ struct buf list = BUF(LIST_MAX);
	const char *p = buf_text(mail), *field;
	size_t len, found = 0;

	while (found < NAMES_MAX && (field = next_field(&p, &len))) {
		_free_ char *text = text_copy_n(field, len);
		const char *value = text + strlen(field_name);

		if (!text_starts_fold(text, field_name))
			continue;
		value = by ? behind_by(value) : value + strspn(value, " \t\r\n");
		if (value)
			add_name(&list, value, host_length(value));
		found++;
	}
	return text_copy(buf_text(&list));
}

char *trace_authservs(const struct buf *mail)
{
	return names(mail, "Authentication-Results:", false);
}

char *trace_hosts(const struct buf *mail)
{
	return names(mail, "Received:", true);
}
