// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/token.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

static const char *skip_comment(const char *p)
{
	size_t depth = 0;

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
	return p;
}

static const char *skip(const char *p)
{
	while (p && (*p == '(' || text_is_space(*p)))
		p = *p == '(' ? skip_comment(p) : p + 1;
	return p;
}

static void put(char out[TOKEN_MAX], size_t *len, char c)
{
	if (*len < TOKEN_MAX - 1)
		out[(*len)++] = (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

static void finish(char out[TOKEN_MAX], size_t len)
{
	out[len] = '\0';
	if (!utf8_valid(out, len))
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)out[i] >= 0x80)
				out[i] = '?';
}

bool token_next(const char **p, const char *marks, char out[TOKEN_MAX])
{
	const char *at = skip(*p);
	size_t len = 0;

	if (!at || !*at)
		return false;
	if (strchr(marks, *at)) {
		out[0] = *at;
		out[1] = '\0';
		*p = at + 1;
		return true;
	}
	while (*at && *at != '(' && !text_is_space(*at) && !strchr(marks, *at)) {
		if (*at != '"') {
			put(out, &len, *at++);
			continue;
		}
		for (at++; *at != '"'; at++) {
			if (*at == '\\' && at[1])
				at++;
			if (!*at)
				return false;
			put(out, &len, *at);
		}
		at++;
	}
	finish(out, len);
	*p = at;
	return true;
}
