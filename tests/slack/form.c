// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/form.h"

#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"

static char *decode(const char *text, size_t len)
{
	struct buf out = BUF(len + 1);
	char byte;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && i + 2 < len &&
		    hex_decode((char[]){ text[i + 1], text[i + 2], '\0' }, &byte, 1) == 0) {
			buf_putc(&out, byte);
			i += 2;
		} else {
			buf_putc(&out, text[i] == '+' ? ' ' : text[i]);
		}
	}
	return out.data ? buf_steal(&out) : text_copy("");
}

json_t *form_read(const char *text, size_t len)
{
	json_t *out = json_object();
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));

		if (!stop)
			stop = end;
		const char *equals = memchr(text, '=', (size_t)(stop - text));

		if (equals) {
			_free_ char *name = decode(text, (size_t)(equals - text));
			_free_ char *value = decode(equals + 1, (size_t)(stop - equals - 1));

			json_put_str(out, name, utf8_valid(value, strlen(value)) ? value : "\xEF\xBF\xBD");
		}
		text = stop + 1;
	}
	return out;
}

const char *form_file(const char *type, const char *body, size_t len, size_t *file_len)
{
	const char *boundary = strstr(type, "boundary=");
	const char *begin = boundary ? memmem(body, len, "\r\n\r\n", 4) : NULL;

	*file_len = len;
	if (!begin)
		return body;
	begin += 4;
	_free_ char *mark = text_format("\r\n--%s", boundary + strlen("boundary="));
	const char *end = memmem(begin, len - (size_t)(begin - body), mark, strlen(mark));

	*file_len = (size_t)((end ? end : body + len) - begin);
	return begin;
}
