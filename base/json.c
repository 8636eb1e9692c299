// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <string.h>

#include "base/buf.h"

#define CANONICAL_MAX (256U << 20)

json_t *json_read(const char *text, size_t len, struct err *e)
{
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!value)
		err_set(e, EX_DATAERR, "not JSON: %s at line %d, column %d", error.text, error.line, error.column);
	return value;
}

static void write_escape(struct buf *b, unsigned char c)
{
	static const char shorts[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };

	if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", c);
	else if (shorts[c])
		buf_printf(b, "\\%c", shorts[c]);
	else
		buf_printf(b, "\\u%04x", c);
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void write_string(struct buf *b, const char *text, size_t len)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < len;) {
		size_t run = i;

		while (run < len && is_plain(text[run]))
			run++;
		buf_add(b, text + i, run - i);
		if (run < len)
			write_escape(b, (unsigned char)text[run++]);
		i = run;
	}
	buf_putc(b, '"');
}

// UTF-16 order differs from byte order only where a surrogate pair (a four-byte sequence, lead byte F0 and up) meets
// a three-byte one from U+E000 on (lead byte EE or EF): the pair sorts first.
static int compare_utf16(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	unsigned char x = (unsigned char)*a, y = (unsigned char)*b;

	if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
		return x >= 0xf0 ? -1 : 1;
	return (int)x - (int)y;
}

static int compare_keys(const void *a, const void *b)
{
	return compare_utf16(*(const char *const *)a, *(const char *const *)b);
}

static int write_value(struct buf *b, const json_t *value, struct err *e);

static int write_object(struct buf *b, const json_t *object, struct err *e)
{
	size_t count = json_object_size(object), n = 0;
	_free_ const char **keys = calloc(count + 1, sizeof *keys);
	const char *key;
	json_t *member;

	if (!keys)
		return err_set(e, EX_OSERR, "out of memory");
	json_object_foreach((json_t *)object, key, member)
		keys[n++] = key;
	qsort(keys, n, sizeof *keys, compare_keys);
	buf_putc(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(b, ',');
		write_string(b, keys[i], strlen(keys[i]));
		buf_putc(b, ':');
		if (write_value(b, json_object_get(object, keys[i]), e) < 0)
			return -1;
	}
	return buf_putc(b, '}');
}

static int write_array(struct buf *b, const json_t *array, struct err *e)
{
	buf_putc(b, '[');
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i)
			buf_putc(b, ',');
		if (write_value(b, json_array_get(array, i), e) < 0)
			return -1;
	}
	return buf_putc(b, ']');
}

static int write_value(struct buf *b, const json_t *value, struct err *e)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(b, value, e);
	case JSON_ARRAY:
		return write_array(b, value, e);
	case JSON_STRING:
		write_string(b, json_string_value(value), json_string_length(value));
		return 0;
	case JSON_INTEGER:
		if (llabs(json_integer_value(value)) > 1LL << 53)
			return err_set(e, EX_DATAERR, "a number beyond 2^53 has no canonical form");
		return buf_printf(b, "%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return err_set(e, EX_DATAERR, "a fraction has no canonical form here");
	case JSON_TRUE:
		return buf_puts(b, "true");
	case JSON_FALSE:
		return buf_puts(b, "false");
	case JSON_NULL:
		return buf_puts(b, "null");
	}
	panic("a JSON value of no type");
}

char *json_canonical(const json_t *value, size_t *len, struct err *e)
{
	_buf_ struct buf b = BUF(CANONICAL_MAX);

	buf_reserve(&b, 512); // most leaves and bodies; saves growing in steps
	if (write_value(&b, value, e) < 0)
		return NULL;
	if (b.full) {
		err_set(e, EX_OSERR, "out of memory for canonical JSON");
		return NULL;
	}
	if (len)
		*len = b.len;
	return buf_steal(&b);
}

char *json_text(const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (!text)
		panic("out of memory for JSON");
	return text;
}

static const char *kind_name(char kind)
{
	switch (kind | 0x20) {
	case 's':
		return "a string";
	case 'i':
		return "a whole number";
	case 'b':
		return "true or false";
	case 'o':
		return "an object";
	case 'a':
		return "a list";
	default:
		return "something";
	}
}

static bool is_kind(const json_t *value, char kind)
{
	switch (kind | 0x20) {
	case 's':
		return json_is_string(value);
	case 'i':
		return json_is_integer(value);
	case 'b':
		return json_is_boolean(value);
	case 'o':
		return json_is_object(value);
	case 'a':
		return json_is_array(value);
	default:
		return true;
	}
}

static int check_bound(const json_t *value, const struct json_key *key, const char *what, struct err *e)
{
	size_t size = 0;

	if (json_is_string(value))
		size = json_string_length(value);
	else if (json_is_array(value))
		size = json_array_size(value);
	else if (json_is_object(value))
		size = json_object_size(value);
	else if (json_is_integer(value) && json_integer_value(value) < 0)
		return err_set(e, EX_DATAERR, "%s: \"%s\" must not be negative", what, key->name);
	else if (json_is_integer(value))
		size = (size_t)json_integer_value(value);
	if (key->max && size > key->max)
		return err_set(e, EX_DATAERR, "%s: \"%s\" is too large (%zu, at most %zu)", what, key->name, size,
		               key->max);
	return 0;
}

int json_check(const json_t *object, const struct json_key *keys, const char *what, struct err *e)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return err_set(e, EX_DATAERR, "%s: not an object", what);
	for (const struct json_key *k = keys; k->name; k++) {
		value = json_object_get(object, k->name);
		if (!value && k->kind >= 'A' && k->kind <= 'Z')
			return err_set(e, EX_DATAERR, "%s: \"%s\" is missing", what, k->name);
		if (value && k->kind != '*' && !is_kind(value, k->kind))
			return err_set(e, EX_DATAERR, "%s: \"%s\" must be %s", what, k->name, kind_name(k->kind));
		if (value && check_bound(value, k, what, e) < 0)
			return -1;
	}
	json_object_foreach((json_t *)object, name, value) {
		const struct json_key *k = keys;

		while (k->name && strcmp(k->name, name) != 0)
			k++;
		if (!k->name)
			return err_set(e, EX_DATAERR, "%s: unknown key \"%.64s\"", what, name);
	}
	return 0;
}

const char *json_str(const json_t *object, const char *key)
{
	const char *text = json_str_or_null(object, key);

	return text ? text : "";
}

const char *json_str_or_null(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int64_t json_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool json_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

json_t *json_arr(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_array(value) ? value : NULL;
}

json_t *json_obj(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_object(value) ? value : NULL;
}

void json_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		panic("cannot set \"%s\": out of memory, or not valid UTF-8", key);
}

void json_put_str(json_t *object, const char *key, const char *text)
{
	if (text)
		json_put(object, key, json_string(text));
}

void json_put_int(json_t *object, const char *key, int64_t value)
{
	json_put(object, key, json_integer(value));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
	json_put(object, key, json_boolean(value));
}

void json_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		panic("cannot append: out of memory, or not valid UTF-8");
}

void json_add_str(json_t *array, const char *text)
{
	json_add(array, json_string(text));
}

bool json_has_str(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *item = json_string_value(json_array_get(array, i));

		if (item && strcmp(item, text) == 0)
			return true;
	}
	return false;
}
