// SPDX-License-Identifier: Apache-2.0
// DKIM-Signature fields (RFC 6376 section 3.5) as the document shows them.  Nobody verifies them here: the core looks
// at what a signature that our server found good did not cover.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/mime/address.h"
#include "adapters/mime/trust.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define SIGNATURES_MAX 20
#define SIGNED_HEADERS_MAX 100
#define TAG_MAX 8192

// The value of a tag, without any blanks; NULL when there is none.  The caller frees.
static char *tag(const char *value, const char *name)
{
	size_t len = strlen(name);

	while (*value) {
		const char *end = strchrnul(value, ';'), *p = value;

		while (text_is_space(*p))
			p++;
		if (strncmp(p, name, len) == 0) {
			for (p += len; text_is_space(*p); p++)
				;
			if (*p == '=') {
				size_t n = 0, size = (size_t)(end - p) - 1;
				char *out = text_copy_n(p + 1, size < TAG_MAX ? size : TAG_MAX);

				for (char *q = out; *q; q++)
					if (!text_is_space(*q))
						out[n++] = *q;
				out[n] = '\0';
				return out;
			}
		}
		value = *end ? end + 1 : end;
	}
	return NULL;
}

static json_t *signed_headers(const char *list)
{
	json_t *headers = json_array();

	while (list && *list && json_array_size(headers) < SIGNED_HEADERS_MAX) {
		size_t len = strcspn(list, ":");
		_free_ char *name = text_lower(text_copy_n(list, len));

		if (utf8_valid(name, len))
			json_add_str(headers, name);
		list += len + (list[len] == ':');
	}
	return headers;
}

static void put_timestamp(json_t *out, const char *text)
{
	char *end;
	long long seconds;

	if (!text || !text_is_digit(*text))
		return;
	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (errno == 0 && !*end && seconds < 1LL << 40)
		json_put_int(out, "timestamp", seconds);
}

static json_t *read_signature(const char *value)
{
	_free_ char *d = tag(value, "d"), *l = tag(value, "l"), *h = tag(value, "h"), *t = tag(value, "t");
	_free_ char *domain = d ? domain_normal(d, strlen(d)) : NULL;
	json_t *out;

	if (!domain)
		return NULL;
	out = json_object();
	json_put_str(out, "domain", domain);
	json_put_bool(out, "l", l != NULL);
	json_put(out, "headers", signed_headers(h));
	put_timestamp(out, t);
	return out;
}

json_t *trust_signatures(const struct fields *fields)
{
	json_t *all = json_array();

	for (size_t i = 0; i < fields->count && json_array_size(all) < SIGNATURES_MAX; i++) {
		json_t *one;

		if (!text_same(fields->list[i].name, "DKIM-Signature"))
			continue;
		one = read_signature(fields->list[i].value);
		if (one)
			json_add(all, one);
	}
	return all;
}
