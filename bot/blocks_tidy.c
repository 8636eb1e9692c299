// SPDX-License-Identifier: Apache-2.0
// From what a template became to what Slack takes: nothing empty, nothing too long, no name twice.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/blocks_limits.h"

#define ID_MAX 255
#define ANY ""

// How long something may be: by the type of the object that it stands in, and its key there.
struct bound {
	const char *type, *key;
	size_t max;
};

static const struct bound text_bounds[] = {
	{ "header", "text", 150 },
	{ "section", "fields", 2000 },
	{ "input", "label", SLACK_LABEL_MAX },
	{ "input", "hint", SLACK_LABEL_MAX },
	{ "button", "text", 75 },
	{ "option", "text", SLACK_OPTION_MAX },
	{ "option", "description", SLACK_OPTION_MAX },
	{ "confirm", "title", 100 },
	{ "confirm", "text", 300 },
	{ "confirm", "confirm", 30 },
	{ "confirm", "deny", 30 },
	{ "modal", "title", 24 },
	{ "modal", "submit", 24 },
	{ "modal", "close", 24 },
	{ ANY, "placeholder", 150 },
	{ NULL, NULL, SLACK_TEXT_MAX },
};

// What is no text for people is never cut: its object is left out.
static const struct bound exact_bounds[] = {
	{ "option", "value", SLACK_OPTION_MAX },
	{ ANY, "value", 2000 },
	{ ANY, "action_id", ID_MAX },
	{ ANY, "block_id", ID_MAX },
	{ ANY, "callback_id", ID_MAX },
	{ NULL, NULL, SLACK_TEXT_MAX },
};

static const struct bound list_bounds[] = {
	{ "section", "fields", 10 },           { "context", "elements", 10 }, { "actions", "elements", 25 },
	{ ANY, "options", SLACK_OPTIONS_MAX }, { NULL, NULL, SIZE_MAX },
};

// What an object is nothing without: one of the first two keys, and the third.
static const struct {
	const char *type, *one, *other, *also;
} needs[] = {
	{ "section", "text", "fields", NULL },   { "header", "text", NULL, NULL },
	{ "context", "elements", NULL, NULL },   { "actions", "elements", NULL, NULL },
	{ "button", "text", NULL, "action_id" }, { "option", "text", NULL, "value" },
	{ "input", "label", NULL, "element" },   { "static_select", "options", NULL, NULL },
	{ "confirm", "title", NULL, "text" },    { "multi_static_select", "options", NULL, NULL },
};

static size_t bound_of(const struct bound *bounds, const char *type, const char *key)
{
	for (; bounds->type; bounds++)
		if ((!*bounds->type || strcmp(bounds->type, type) == 0) && strcmp(bounds->key, key) == 0)
			break;
	return bounds->max;
}

static bool is_text(const json_t *object)
{
	const char *type = json_str(object, "type");

	return strcmp(type, "mrkdwn") == 0 || strcmp(type, "plain_text") == 0;
}

// --- texts ---

static char *join_lines(const json_t *text)
{
	_buf_ struct buf out = BUF(64U << 20);
	json_t *line;
	size_t i;

	if (json_is_string(text))
		return text_copy(json_string_value(text));
	json_array_foreach((json_t *)text, i, line)
		if (json_string_length(line))
			buf_printf(&out, "%s%s", out.len ? "\n" : "", json_string_value(line));
	return text_copy(buf_text(&out));
}

static void mark_bounds(char *text, bool *cut)
{
	for (char *at = text; (at = strstr(at, BLOCKS_BOUND)); at++) {
		memcpy(at, "\xe2\x80\xa6", strlen(BLOCKS_BOUND));
		*cut = true;
	}
}

// Blank lines at the end, and at the beginning, are of no use.
static char *without_ends(char *text)
{
	text += strspn(text, "\n");
	for (size_t len = strlen(text); len && text_is_space(text[len - 1]);)
		text[--len] = '\0';
	return text[strspn(text, " \t\n>")] ? text : text + strlen(text);
}

static bool tidy_text(json_t *object, size_t max, bool *cut)
{
	_free_ char *joined = join_lines(json_object_get(object, "text")), *short_enough = NULL;
	const char *text = without_ends(joined);

	short_enough = slack_cut(text, max, cut);
	mark_bounds(short_enough, cut);
	json_put_str(object, "text", short_enough);
	if (strcmp(json_str(object, "type"), "mrkdwn") == 0)
		json_put_bool(object, "verbatim", true);
	return *short_enough != '\0';
}

// --- objects ---

static bool tidy(const char *type, const char *key, json_t *value, bool *cut);

static const char *type_of(const json_t *object, const char *key)
{
	const char *type = json_str(object, "type");

	if (*type)
		return type;
	if (strcmp(key, "options") == 0 || text_starts(key, "initial_option"))
		return "option";
	return key;
}

static bool is_whole(const json_t *object, const char *type)
{
	for (size_t i = 0; i < LENGTH(needs); i++) {
		if (strcmp(needs[i].type, type) != 0)
			continue;
		return (json_object_get(object, needs[i].one) ||
		        (needs[i].other && json_object_get(object, needs[i].other))) &&
		       (!needs[i].also || json_object_get(object, needs[i].also));
	}
	return true;
}

static bool too_long(const char *type, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);

	return text && (slack_units(text) > bound_of(exact_bounds, type, key) || strstr(text, BLOCKS_BOUND));
}

static bool tidy_object(const char *type, json_t *object, bool *cut)
{
	const char *key;
	json_t *member;
	void *next;

	json_object_foreach_safe(object, next, key, member) {
		bool left_out = too_long(type, key, member);

		*cut = *cut || left_out;
		if (left_out && strcmp(key, "initial_value") != 0)
			return false;
		if (left_out || !tidy(type, key, member, cut))
			json_object_del(object, key);
	}
	return is_whole(object, type);
}

static bool tidy_list(const char *type, const char *key, json_t *list, bool *cut)
{
	size_t max = bound_of(list_bounds, type, key), i = 0;

	while (i < json_array_size(list))
		if (i < max && tidy(type, key, json_array_get(list, i), cut)) {
			i++;
		} else {
			*cut = *cut || i >= max;
			json_array_remove(list, i);
		}
	return i > 0;
}

// Made fit for Slack in place; false when it is to be left out.
static bool tidy(const char *type, const char *key, json_t *value, bool *cut)
{
	if (json_is_object(value))
		return is_text(value) ? tidy_text(value, bound_of(text_bounds, type, key), cut)
		                      : tidy_object(type_of(value, key), value, cut);
	if (json_is_array(value))
		return tidy_list(type, key, value, cut);
	return !json_is_string(value) || json_string_length(value) > 0;
}

// --- blocks ---

// Takes the lines.
static json_t *section_with(const json_t *section, json_t *lines)
{
	json_t *copy = json_deep_copy(section);

	json_put(json_obj(copy, "text"), "text", lines);
	return copy;
}

// One section of many lines becomes as many as it takes; only the first has what stands beside the text.
static void split_section(json_t *section, json_t *out, bool *cut)
{
	const json_t *text = json_object_get(json_obj(section, "text"), "text");
	json_t *lines = json_array(), *line;
	size_t units = 0, i;

	json_array_foreach((json_t *)text, i, line) {
		_free_ char *part =
		        slack_cut(json_string_value(line) ? json_string_value(line) : "", SLACK_TEXT_MAX, cut);

		if (units && units + slack_units(part) + 1 > SLACK_TEXT_MAX) {
			json_add(out, section_with(section, lines));
			json_object_del(section, "fields");
			json_object_del(section, "accessory");
			lines = json_array();
			units = 0;
		}
		json_add_str(lines, part);
		units += slack_units(part) + 1;
	}
	json_add(out, section_with(section, lines));
}

static json_t *split_sections(json_t *blocks, bool *cut)
{
	json_t *out = json_array(), *block;
	size_t i;

	json_array_foreach(blocks, i, block) {
		if (json_is_array(json_object_get(json_obj(block, "text"), "text")))
			split_section(block, out, cut);
		else
			json_array_append(out, block);
	}
	return out;
}

static void name_blocks(json_t *blocks)
{
	_json_ json_t *seen = json_object();
	json_t *block;
	size_t i;

	json_array_foreach(blocks, i, block) {
		_free_ char *name = json_object_get(block, "block_id") ? text_copy(json_str(block, "block_id"))
		                                                       : text_format("b%zu", i);

		for (size_t again = 2; json_object_get(seen, name); again++) {
			free(name);
			name = text_format("b%zu-%zu", i, again);
		}
		json_put_bool(seen, name, true);
		json_put_str(block, "block_id", name);
	}
}

bool blocks_tidy(json_t *page, bool *cut)
{
	json_put(page, "blocks", split_sections(json_arr(page, "blocks"), cut));
	if (!tidy_object(type_of(page, "message"), page, cut) || !json_object_get(page, "blocks"))
		return false;
	name_blocks(json_arr(page, "blocks"));
	return true;
}
