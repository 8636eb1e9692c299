// SPDX-License-Identifier: Apache-2.0
#include "bot/blocks_limits.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/text.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define PLAIN_MAX (1 << 20) // bytes of what is cut to one text object
#define MARKUP_MAX 256      // bytes of one <...>
#define MEMBERS_MAX 1000    // of a list in a model

// Under 10,000 characters and 50 blocks with what is said when something was cut (SLACK: "msg_blocks_too_long").
const struct blocks_room blocks_message_room = { .blocks = 49, .text = 9700, .bytes = 100 * 1024 };
const struct blocks_room blocks_view_room = { .blocks = 99, .text = 60000, .bytes = 240 * 1024 };

// --- lengths ---

static size_t units_of(const char *text, size_t len)
{
	size_t units = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		units += (c & 0xc0) != 0x80;
		units += c >= 0xf0; // beyond the basic plane: a surrogate pair
	}
	return units;
}

size_t slack_units(const char *text)
{
	return units_of(text, strlen(text));
}

// Bytes of what must not be cut in two: a character, an entity, <...>.
static size_t step(const char *at)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;" };
	size_t len = utf8_sequence(at, strnlen(at, 4)), markup;

	for (size_t i = 0; *at == '&' && i < LENGTH(entities); i++)
		if (text_starts(at, entities[i]))
			return strlen(entities[i]);
	for (markup = 0; *at == '<' && markup < MARKUP_MAX && at[markup] && at[markup] != '\n'; markup++)
		if (at[markup] == '>')
			return markup + 1;
	return len ? len : 1;
}

static size_t prefix(const char *text, size_t max)
{
	const char *at = text;

	for (size_t units = 0; *at;) {
		size_t len = step(at);

		units += units_of(at, len);
		if (units > max)
			break;
		at += len;
	}
	return (size_t)(at - text);
}

static char *cut_with(const char *text, size_t max, const char *end, bool *cut)
{
	size_t len;

	if (strnlen(text, 3 * max + 1) <= 3 * max && slack_units(text) <= max) // a unit is three bytes at most
		return text_copy(text);
	*cut = true;
	len = prefix(text, max - 1);
	while (len && text_is_space(text[len - 1]))
		len--;
	return text_format("%.*s%s", (int)len, text, end);
}

char *slack_cut(const char *text, size_t max, bool *cut)
{
	return cut_with(text, max, ELLIPSIS, cut);
}

json_t *slack_plain(const char *text, size_t max)
{
	_buf_ struct buf line = BUF(PLAIN_MAX), escaped = BUF(6 * PLAIN_MAX);
	_free_ char *short_enough = NULL;
	json_t *object = json_object();
	bool cut;

	escape_text(&line, ESCAPE_HEADER, text, strlen(text));
	escape_text(&escaped, ESCAPE_MRKDWN, buf_text(&line), line.len);
	short_enough = slack_cut(buf_text(&escaped), max, &cut);
	json_put_str(object, "type", "plain_text");
	json_put_str(object, "text", short_enough);
	return object;
}

json_t *blocks_bound(const json_t *model, size_t max, bool *lost)
{
	_free_ char *text = NULL;
	const char *key;
	json_t *copy, *member;
	bool cut;

	switch (json_typeof(model)) {
	case JSON_STRING:
		text = cut_with(json_string_value(model), max, BLOCKS_BOUND, &cut);
		return json_string(text);
	case JSON_ARRAY:
		copy = json_array();
		*lost = *lost || json_array_size(model) > MEMBERS_MAX;
		for (size_t i = 0; i < json_array_size(model) && i < MEMBERS_MAX; i++)
			json_add(copy, blocks_bound(json_array_get(model, i), max, lost));
		return copy;
	case JSON_OBJECT:
		copy = json_object();
		json_object_foreach((json_t *)model, key, member) {
			bool exact = strcmp(key, "token") == 0 || strcmp(key, "metadata") == 0;

			json_put(copy, key, exact ? json_incref(member) : blocks_bound(member, max, lost));
		}
		return copy;
	case JSON_INTEGER:
	case JSON_REAL:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		return json_incref((json_t *)model);
	}
	panic("a JSON value of no type");
}

// --- a page ---

static size_t text_in(const json_t *value)
{
	size_t units = 0;
	const char *key;
	json_t *member;

	if (json_is_array(value))
		for (size_t i = 0; i < json_array_size(value); i++)
			units += text_in(json_array_get(value, i));
	json_object_foreach((json_t *)value, key, member)
		units += json_is_string(member) && strcmp(key, "text") == 0 ? slack_units(json_string_value(member))
		                                                            : text_in(member);
	return units;
}

bool blocks_fit(const json_t *page, const struct blocks_room *room)
{
	const json_t *blocks = json_arr(page, "blocks");

	return json_array_size(blocks) <= room->blocks && text_in(blocks) <= room->text &&
	       json_dumpb(page, NULL, 0, JSON_COMPACT) <= room->bytes;
}

static size_t last_to_drop(const json_t *blocks)
{
	for (size_t i = json_array_size(blocks); i-- > 1;)
		if (strcmp(json_str(json_array_get(blocks, i), "type"), "actions") != 0)
			return i;
	return json_array_size(blocks) - 1;
}

void blocks_drop(json_t *page, const struct blocks_room *room)
{
	json_t *blocks = json_arr(page, "blocks");

	while (json_array_size(blocks) && !blocks_fit(page, room))
		json_array_remove(blocks, last_to_drop(blocks));
}
