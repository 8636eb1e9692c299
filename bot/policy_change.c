// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_change.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define TEXT_MAX 65536

static void put_pair(json_t *change, const char *key, json_t *before, json_t *after)
{
	json_t *pair;

	if (!json_equal(before, after)) {
		pair = json_object();
		json_put(pair, "before", json_incref(before));
		json_put(pair, "after", json_incref(after));
		json_put(change, key, pair);
	}
	json_decref(before);
	json_decref(after);
}

// "board: 2 of compliance, cto with totp"
static json_t *stage_texts(const json_t *judgement)
{
	json_t *texts = json_array(), *stage, *group;
	size_t i, k;

	json_array_foreach(json_arr(judgement, "stages"), i, stage) {
		_buf_ struct buf text = BUF(TEXT_MAX);

		buf_printf(&text, "%s: %lld of ", json_str(stage, "name"), (long long)json_int(stage, "need"));
		json_array_foreach(json_arr(stage, "from"), k, group)
			buf_printf(&text, "%s%s", k ? ", " : "", json_string_value(group));
		if (json_str_or_null(stage, "factor"))
			buf_printf(&text, " with %s", json_str(stage, "factor"));
		if (json_bool(stage, "grounds"))
			buf_puts(&text, ", on stated grounds");
		json_add_str(texts, buf_text(&text));
	}
	return texts;
}

static const char *name_of(const json_t *item)
{
	return json_is_object(item) ? json_str(item, "check") : json_string_value(item);
}

static bool holds(const json_t *list, const char *name)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
		if (strcmp(name_of(item), name) == 0)
			return true;
	return false;
}

static json_t *without(const json_t *list, const json_t *other)
{
	json_t *names = json_array(), *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (!holds(other, name_of(item)))
			json_add_str(names, name_of(item));
	return names;
}

static void put_lists(json_t *change, const char *key, const json_t *before, const json_t *after)
{
	json_t *added = without(after, before), *gone = without(before, after), *lists;

	if (json_array_size(added) == 0 && json_array_size(gone) == 0) {
		json_decref(added);
		json_decref(gone);
		return;
	}
	lists = json_object();
	json_put(lists, "new", added);
	json_put(lists, "gone", gone);
	json_put(change, key, lists);
}

json_t *policy_change(const json_t *before, const json_t *after)
{
	json_t *change = json_object();

	put_pair(change, "type", json_string(json_str(before, "type")), json_string(json_str(after, "type")));
	put_pair(change, "outcome", json_string(json_str(before, "outcome")), json_string(json_str(after, "outcome")));
	put_pair(change, "risk", json_integer(json_int(before, "risk")), json_integer(json_int(after, "risk")));
	put_lists(change, "findings", json_arr(before, "findings"), json_arr(after, "findings"));
	put_pair(change, "stages", stage_texts(before), stage_texts(after));
	put_lists(change, "missing", json_arr(before, "missing"), json_arr(after, "missing"));
	return change;
}

// --- in words
// ---------------------------------------------------------------------------------------------------------

static void begin(struct buf *b)
{
	if (b->len)
		buf_puts(b, "; ");
}

static void add_list(struct buf *b, const json_t *list, const char *before, const char *after)
{
	size_t i;
	json_t *item;

	if (json_array_size(list) == 0)
		return;
	begin(b);
	buf_puts(b, before);
	json_array_foreach(list, i, item)
		buf_printf(b, "%s%s", i ? ", " : "", json_string_value(item));
	buf_puts(b, after);
}

static void add_pair(struct buf *b, const json_t *pair, const char *what, const char *joint)
{
	static const char *const sides[] = { "before", "after" };
	json_t *item;
	size_t k;

	if (!pair)
		return;
	begin(b);
	buf_printf(b, "%s ", what);
	for (size_t i = 0; i < 2; i++) {
		const json_t *value = json_object_get(pair, sides[i]);

		if (json_is_integer(value))
			buf_printf(b, "%lld", (long long)json_integer_value(value));
		else if (json_is_string(value))
			buf_puts(b, json_string_length(value) ? json_string_value(value) : "none");
		json_array_foreach(value, k, item)
			buf_printf(b, "%s%s", k ? ", " : "", json_string_value(item));
		buf_puts(b, i ? "" : joint);
	}
}

char *policy_change_text(const json_t *change)
{
	struct buf b = BUF(TEXT_MAX);

	add_pair(&b, json_obj(change, "outcome"), "outcome", " -> ");
	add_pair(&b, json_obj(change, "type"), "type", " -> ");
	add_pair(&b, json_obj(change, "risk"), "risk", " -> ");
	add_list(&b, json_arr(json_obj(change, "findings"), "new"), "", " found");
	add_list(&b, json_arr(json_obj(change, "findings"), "gone"), "", " no more");
	add_list(&b, json_arr(json_obj(change, "missing"), "new"), "missing ", "");
	add_list(&b, json_arr(json_obj(change, "missing"), "gone"), "no more missing ", "");
	add_pair(&b, json_obj(change, "stages"), "decided by", " -> ");
	return b.len ? buf_steal(&b) : text_copy("");
}

bool policy_change_touches(const json_t *change, const json_t *after)
{
	const json_t *risk = json_obj(change, "risk");

	if (strcmp(json_str(after, "outcome"), "allow") == 0)
		return false;
	return json_object_get(change, "outcome") || json_object_get(change, "stages") ||
	       json_array_size(json_arr(json_obj(change, "findings"), "new")) ||
	       json_int(risk, "after") > json_int(risk, "before");
}
