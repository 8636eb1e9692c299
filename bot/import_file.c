// SPDX-License-Identifier: Apache-2.0
// A register's bytes as UTF-8; and a register that is a JSON list.
#include "bot/import_file.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

static const char bom[] = "\xef\xbb\xbf";

static void put_latin1(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80)
			buf_putc(out, (char)(0xC0 | c >> 6));
		buf_putc(out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3F)));
	}
}

static int64_t line_of(const char *text, size_t at)
{
	int64_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

// The first byte that is no valid character; `len` when all are.
static size_t first_bad(const char *text, size_t len)
{
	size_t at = 0, n;

	while (at < len && text[at] && (n = utf8_sequence(text + at, len - at)))
		at += n;
	return at;
}

int import_read(const struct import_format *format, const char *text, size_t len, const char *file, import_take *take,
                void *context, struct err *e)
{
	_buf_ struct buf converted = BUF((size_t)IMPORT_FILE_MAX * 2 + 1);
	size_t bad;

	if (format->latin1) {
		put_latin1(&converted, text, len);
		text = buf_text(&converted);
		len = converted.len;
	} else if (len >= 3 && memcmp(text, bom, 3) == 0) {
		text += 3;
		len -= 3;
	}
	bad = first_bad(text, len);
	if (bad < len)
		return err_set(e, EX_DATAERR, "%s:%lld: %s", file, (long long)line_of(text, bad),
		               text[bad] ? "this is not UTF-8; is the encoding latin-1?"
		                         : "there is a NUL byte; is it UTF-16?");
	return format->json ? import_read_json(text, len, file, take, context, e)
	                    : import_read_csv(format, text, len, file, take, context, e);
}

// A value as text; NULL when it is none of those that can be one.
static json_t *text_of(const json_t *value)
{
	_buf_ struct buf joined = BUF(1 << 20);
	char number[32];
	json_t *item;
	size_t i;

	if (json_is_string(value))
		return json_string(json_string_value(value));
	if (json_is_boolean(value))
		return json_string(json_is_true(value) ? "true" : "false");
	if (json_is_integer(value))
		return json_sprintf("%lld", (long long)json_integer_value(value));
	if (json_is_real(value)) {
		snprintf(number, sizeof number, "%.15g", json_real_value(value));
		return json_string(number);
	}
	if (!json_is_array(value))
		return NULL;
	json_array_foreach(value, i, item) {
		if (!json_is_string(item))
			return NULL;
		buf_printf(&joined, "%s%s", i ? "; " : "", json_string_value(item));
	}
	return json_string(buf_text(&joined));
}

static int take_object(const json_t *object, int64_t row, const char *file, const json_t *keys, import_take *take,
                       void *context, struct err *e)
{
	_json_ json_t *values = json_object();
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return err_set(e, EX_DATAERR, "%s: row %lld is no object", file, (long long)row);
	json_object_foreach((json_t *)object, key, value) {
		json_t *text = text_of(value);

		if (text)
			json_put(values, key, text);
		else if (!json_is_null(value))
			return err_set(e, EX_DATAERR,
			               "%s: row %lld: '%.80s' is neither a text, a number nor a list of texts", file,
			               (long long)row, key);
	}
	return take(context, &(struct import_record){ row, 0, values, keys }, e);
}

int import_read_json(const char *text, size_t len, const char *file, import_take *take, void *context, struct err *e)
{
	_json_ json_t *list = json_read(text, len, e), *seen = json_object(), *keys = json_array();
	json_t *object, *value;
	const char *key;
	size_t i;

	if (!list)
		return err_prefix(e, "%s", file);
	if (!json_is_array(list) || json_array_size(list) == 0)
		return err_set(e, EX_DATAERR, "%s: it is no list of objects, or an empty one", file);
	if (json_array_size(list) > IMPORT_ROWS_MAX)
		return err_set(e, EX_DATAERR, "%s: more than %d rows", file, IMPORT_ROWS_MAX);
	json_array_foreach(list, i, object)
		json_object_foreach(object, key, value)
			json_put_bool(seen, key, true);
	json_object_foreach(seen, key, value)
		json_add_str(keys, key);
	json_array_foreach(list, i, object)
		if (take_object(object, (int64_t)i + 1, file, keys, take, context, e) < 0)
			return -1;
	return 0;
}
