// SPDX-License-Identifier: Apache-2.0
// Looks through a message or view as Slack does, by its published limits: every property known, every length within
// its limit, no name twice.  Written apart from bot/blocks_limits.c, so that each finds the other's mistakes.
#ifndef TESTS_UNIT_BLOCKS_WALK_H
#define TESTS_UNIT_BLOCKS_WALK_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

// P plain_text, T any text object, s string, b boolean, i integer, o object of the type `of`, a list of such objects,
// l list of strings; a capital S, A or O, and any text with `must`, have to be there.
struct property {
	const char *type, *key;
	char kind;
	size_t max;
	bool must;
	const char *of; // NULL: each object's own "type"
};

static const struct property properties[] = {
	{ "header", "text", 'P', 150, true, NULL },
	{ "section", "text", 'T', 3000, false, NULL },
	{ "section", "fields", 'f', 10, false, NULL },
	{ "section", "accessory", 'o', 0, false, NULL },
	{ "context", "elements", 'c', 10, true, NULL },
	{ "actions", "elements", 'a', 25, true, NULL },
	{ "input", "label", 'P', 2000, true, NULL },
	{ "input", "hint", 'P', 2000, false, NULL },
	{ "input", "element", 'o', 0, true, NULL },
	{ "input", "optional", 'b', 0, false, NULL },
	{ "input", "dispatch_action", 'b', 0, false, NULL },
	{ "button", "text", 'P', 75, true, NULL },
	{ "button", "action_id", 's', 255, true, NULL },
	{ "button", "value", 's', 2000, false, NULL },
	{ "button", "style", 's', 7, false, NULL },
	{ "button", "confirm", 'o', 0, false, "confirm" },
	{ "confirm", "title", 'P', 100, true, NULL },
	{ "confirm", "text", 'T', 300, true, NULL },
	{ "confirm", "confirm", 'P', 30, true, NULL },
	{ "confirm", "deny", 'P', 30, true, NULL },
	{ "plain_text_input", "action_id", 's', 255, true, NULL },
	{ "plain_text_input", "initial_value", 's', 3000, false, NULL },
	{ "plain_text_input", "multiline", 'b', 0, false, NULL },
	{ "plain_text_input", "max_length", 'i', 3000, false, NULL },
	{ "plain_text_input", "dispatch_action_config", 'o', 0, false, "dispatch" },
	{ "dispatch", "trigger_actions_on", 'l', 2, true, NULL },
	{ "datepicker", "action_id", 's', 255, true, NULL },
	{ "datepicker", "initial_date", 's', 10, false, NULL },
	{ "static_select", "action_id", 's', 255, true, NULL },
	{ "static_select", "options", 'a', 100, true, "option" },
	{ "static_select", "initial_option", 'o', 0, false, "option" },
	{ "multi_static_select", "action_id", 's', 255, true, NULL },
	{ "multi_static_select", "options", 'a', 100, true, "option" },
	{ "multi_static_select", "initial_options", 'a', 100, false, "option" },
	{ "option", "text", 'P', 75, true, NULL },
	{ "option", "value", 's', 75, true, NULL },
	{ "modal", "title", 'P', 24, true, NULL },
	{ "modal", "submit", 'P', 24, true, NULL },
	{ "modal", "close", 'P', 24, false, NULL },
	{ "modal", "callback_id", 's', 255, true, NULL },
	{ "modal", "private_metadata", 's', 3000, false, NULL },
	{ "modal", "blocks", 'a', 100, true, NULL },
	{ "home", "blocks", 'a', 100, true, NULL },
	{ "message", "text", 's', 3000, true, NULL },
	{ "message", "blocks", 'a', 50, true, NULL },
	{ "divider", NULL, 0, 0, false, NULL },
};

static const char *const block_types[] = { "header", "section", "context", "actions", "input", "divider" };

static inline size_t utf16(const char *text)
{
	size_t units = 0;

	for (; *text; text++)
		units += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : (unsigned char)*text >= 0xf0 ? 2 : 1;
	return units;
}

// Of what is sent: no control bytes but line ends, no bare "<" (nothing of ours is a link or a mention), entities
// whole.
static inline void walk_string(const char *where, const char *text)
{
	assert_true(utf8_valid(text, strlen(text)));
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\n' && *at != '\t')
			fail_msg("%s: a control byte %#x", where, *at);
	if (strstr(text, "\xc2\x9b") || strstr(text, "\xe2\x80\xae") || strstr(text, "\xee\x80\x80"))
		fail_msg("%s: a character that must not be seen", where);
}

static inline size_t walk_text(const char *where, const json_t *object, bool plain, size_t max)
{
	const char *text = json_str(object, "text");
	bool mrkdwn = strcmp(json_str(object, "type"), "mrkdwn") == 0;

	if (!json_is_object(object) || (plain && mrkdwn) || (!mrkdwn && strcmp(json_str(object, "type"), "plain_text")))
		fail_msg("%s: no text object", where);
	if (json_object_size(object) != (mrkdwn ? 3 : 2) || (mrkdwn && !json_bool(object, "verbatim")))
		fail_msg("%s: a text object of other properties", where);
	if (!*text || utf16(text) > max)
		fail_msg("%s: a text of %zu", where, utf16(text));
	if (!text[strspn(text, " \t\n>")])
		fail_msg("%s: an empty text", where);
	if (!mrkdwn && strchr(text, '\n'))
		fail_msg("%s: a line end where there is one line", where);
	walk_string(where, text);
	if (strchr(text, '<'))
		fail_msg("%s: markup that is not ours: %s", where, text);
	for (const char *at = text; (at = strchr(at, '&')); at++)
		if (!text_starts(at, "&amp;") && !text_starts(at, "&lt;") && !text_starts(at, "&gt;"))
			fail_msg("%s: half an entity: %.20s", where, at);
	return utf16(text);
}

static size_t walk_object(const char *type, const json_t *object);

static inline size_t walk_members(const struct property *p, const char *where, const json_t *list)
{
	size_t units = 0;

	if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > p->max)
		fail_msg("%s: %zu members", where, json_array_size(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *member = json_array_get(list, i);

		if (p->kind == 'f' || p->kind == 'c')
			units += walk_text(where, member, false, p->kind == 'f' ? 2000 : 3000);
		else if (p->kind == 'a')
			units += walk_object(p->of ? p->of : json_str(member, "type"), member);
		else
			assert_true(json_is_string(member));
	}
	return units;
}

static inline size_t walk_property(const struct property *p, const json_t *value)
{
	_free_ char *where = text_format("%s.%s", p->type, p->key);

	switch (p->kind) {
	case 'P':
	case 'T':
		return walk_text(where, value, p->kind == 'P', p->max);
	case 's':
		if (!json_string_length(value) || utf16(json_string_value(value)) > p->max)
			fail_msg("%s: a string of %zu", where, json_string_length(value));
		walk_string(where, json_string_value(value));
		return 0;
	case 'b':
		assert_true(json_is_boolean(value));
		return 0;
	case 'i':
		assert_true(json_integer_value(value) > 0 && (size_t)json_integer_value(value) <= p->max);
		return 0;
	case 'o':
		return walk_object(p->of ? p->of : json_str(value, "type"), value);
	default:
		return walk_members(p, where, value);
	}
}

static inline const struct property *property_of(const char *type, const char *key)
{
	for (size_t i = 0; i < LENGTH(properties); i++)
		if (properties[i].key && strcmp(properties[i].type, type) == 0 && strcmp(properties[i].key, key) == 0)
			return &properties[i];
	fail_msg("%s: an unknown property: %s", type, key);
	return NULL;
}

static inline bool is_block(const char *type)
{
	for (size_t i = 0; i < LENGTH(block_types); i++)
		if (strcmp(block_types[i], type) == 0)
			return true;
	return false;
}

static size_t walk_object(const char *type, const json_t *object)
{
	size_t units = 0;
	const char *key;
	json_t *value;

	if (!json_is_object(object) || !*type)
		fail_msg("an object of no type");
	json_object_foreach((json_t *)object, key, value) {
		if (strcmp(key, "type") == 0)
			continue;
		if (strcmp(key, "block_id") == 0 && is_block(type)) {
			assert_true(json_string_length(value) && utf16(json_string_value(value)) <= 255);
			walk_string("block_id", json_string_value(value));
		} else {
			units += walk_property(property_of(type, key), value);
		}
	}
	for (size_t i = 0; i < LENGTH(properties); i++)
		if (strcmp(properties[i].type, type) == 0 && properties[i].must &&
		    !json_object_get(object, properties[i].key))
			fail_msg("%s: no %s", type, properties[i].key);
	if (strcmp(type, "section") == 0 && !json_object_get(object, "text") && !json_object_get(object, "fields"))
		fail_msg("a section of nothing");
	return units;
}

static inline void walk_ids(const json_t *blocks)
{
	_json_ json_t *seen = json_object();

	for (size_t i = 0; i < json_array_size(blocks); i++) {
		const json_t *block = json_array_get(blocks, i), *elements = json_arr(block, "elements");
		const char *id = json_str(block, "block_id");
		_json_ json_t *actions = json_object();

		if (!*id || json_object_get(seen, id))
			fail_msg("a block_id is missing, or there twice: %s", id);
		json_put_bool(seen, id, true);
		assert_true(is_block(json_str(block, "type")));
		for (size_t k = 0; k < json_array_size(elements); k++) {
			const char *action = json_str(json_array_get(elements, k), "action_id");

			if (*action && json_object_get(actions, action))
				fail_msg("an action_id is there twice: %s", action);
			json_put_bool(actions, action, true);
		}
	}
}

static inline void walk_message(const json_t *message)
{
	size_t units = walk_object("message", message);

	if (units >= 10000)
		fail_msg("%zu characters of text", units);
	assert_null(strchr(json_str(message, "text"), '<'));
	walk_ids(json_arr(message, "blocks"));
}

static inline void walk_view(const json_t *view)
{
	walk_object(json_str(view, "type"), view);
	assert_true(json_dumpb(view, NULL, 0, JSON_COMPACT) < 250000);
	walk_ids(json_arr(view, "blocks"));
}

#endif
