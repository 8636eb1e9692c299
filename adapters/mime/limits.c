// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/limits.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"

struct limits limits_default(void)
{
	return (struct limits){
		.header_bytes = 102400, // as Postfix's header_size_limit
		.fields = 1000,
		.hops = 50,
		.depth = 20,
		.parts = 500,
		.boundary = 70,
		.text = 1 << 20,
		.own = 128 << 10,
		.html = 8 << 20,
	};
}

int limits_read(const json_t *overrides, struct limits *limits, struct err *e)
{
	const struct {
		const char *name;
		size_t *value;
	} table[] = {
		{ "header_bytes", &limits->header_bytes },
		{ "fields", &limits->fields },
		{ "hops", &limits->hops },
		{ "depth", &limits->depth },
		{ "parts", &limits->parts },
		{ "boundary", &limits->boundary },
		{ "text", &limits->text },
		{ "own", &limits->own },
		{ "html", &limits->html },
	};
	struct json_key keys[LENGTH(table) + 1] = { 0 };

	for (size_t i = 0; i < LENGTH(table); i++)
		keys[i] = (struct json_key){ .name = table[i].name, .kind = 'i', .max = 64 << 20 };
	if (!overrides)
		return 0;
	if (json_check(overrides, keys, "limits", e) < 0)
		return -1;
	for (size_t i = 0; i < LENGTH(table); i++)
		if (json_object_get(overrides, table[i].name))
			*table[i].value = (size_t)json_int(overrides, table[i].name);
	if (limits->depth > LIMITS_DEPTH_MAX)
		return err_set(e, EX_CONFIG, "limits: \"depth\" is at most %d", LIMITS_DEPTH_MAX);
	return 0;
}

size_t header_length(const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len;

	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));

		if (!line_end)
			return len;
		if (line_end == p || (line_end == p + 1 && *p == '\r'))
			return (size_t)(line_end + 1 - bytes);
		p = line_end + 1;
	}
	return len;
}

static int count_fields(const char *bytes, size_t len, const struct limits *limits, struct failure *f)
{
	static const char received[] = "received";
	const char *p = bytes, *end = bytes + len;
	size_t fields = 0, hops = 0;

	while (p < end) {
		const char *next = memchr(p, '\n', (size_t)(end - p));
		size_t line;

		next = next ? next + 1 : end;
		line = (size_t)(next - p);
		if (*p != ' ' && *p != '\t')
			fields++;
		if (line >= sizeof received && strncasecmp(p, received, sizeof received - 1) == 0 &&
		    strchr(": \t", p[sizeof received - 1]))
			hops++;
		p = next;
	}
	if (fields > limits->fields + 1) // the empty line was counted
		return refuse(f, CODE_HEADER_LIMIT, "the header has more than %zu fields", limits->fields);
	if (hops > limits->hops)
		return refuse(f, CODE_HEADER_LIMIT, "the message passed more than %zu servers", limits->hops);
	return 0;
}

int limits_check_header(const char *bytes, size_t len, const struct limits *limits, struct failure *f)
{
	size_t header = header_length(bytes, len < limits->header_bytes + 1 ? len : limits->header_bytes + 1);

	if (header > limits->header_bytes)
		return refuse(f, CODE_HEADER_LIMIT, "the header is larger than %zu bytes", limits->header_bytes);
	if (memchr(bytes, '\0', header))
		return refuse(f, CODE_NUL, "the header contains a NUL byte");
	return count_fields(bytes, header, limits, f);
}
