// SPDX-License-Identifier: Apache-2.0
// Limits of messages and views as a whole; limits_table.c has those of each object.
#include "tests/slack/limits.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/limits_check.h"

#define MESSAGE_BLOCKS 50
#define VIEW_BLOCKS 100
#define MESSAGE_TEXT 13200 // in practice: more is msg_blocks_too_long
#define MARKDOWN_TEXT 12000

size_t limits_length(const char *text)
{
	size_t units = 0;

	for (; *text; text++)
		if (((unsigned char)*text & 0xC0) != 0x80)
			units += (unsigned char)*text >= 0xF0 ? 2 : 1;
	return units;
}

static size_t text_of(const json_t *value, const char *only)
{
	const char *key, *text = json_str(value, "text");
	json_t *member;
	size_t i, sum = *text && (!only || !strcmp(json_str(value, "type"), only)) ? limits_length(text) : 0;

	json_array_foreach(value, i, member)
		sum += text_of(member, only);
	if (json_is_object(value))
		json_object_foreach((json_t *)value, key, member)
			sum += text_of(member, only);
	return sum;
}

bool limits_text_too_long(const json_t *blocks)
{
	return text_of(blocks, NULL) > MESSAGE_TEXT;
}

// Block ids must differ, and action ids within their block.
static void check_unique(const json_t *list, const char *id, struct checking *c)
{
	_json_ json_t *seen = json_object();
	json_t *each;
	size_t i;

	json_array_foreach(list, i, each) {
		const char *name = json_str(each, id);

		if (*name && json_object_get(seen, name))
			check_fail(c, "`%s` must be unique: \"%s\"", id, name);
		json_put_bool(seen, name, true);
	}
}

static void check_blocks(const json_t *blocks, size_t most, struct checking *c)
{
	json_t *block;
	size_t i;

	if (!json_array_size(blocks))
		check_fail(c, "no less than 1 items allowed");
	if (json_array_size(blocks) > most)
		check_fail(c, "no more than %zu items allowed", most);
	check_unique(blocks, "block_id", c);
	json_array_foreach(blocks, i, block) {
		size_t mark = check_enter(c, NULL, i);

		check_object(c, block, CHECK_BLOCK);
		check_unique(json_arr(block, "elements"), "action_id", c);
		check_leave(c, mark);
	}
	if (text_of(blocks, "markdown") > MARKDOWN_TEXT)
		check_fail(c, "must be less than %d characters of markdown", MARKDOWN_TEXT + 1);
}

static json_t *verdict(struct checking *c)
{
	if (json_array_size(c->errors))
		return c->errors;
	json_decref(c->errors);
	return NULL;
}

json_t *limits_message(const json_t *blocks)
{
	struct checking c = { .errors = json_array() };

	check_enter(&c, "blocks", 0);
	check_blocks(blocks, MESSAGE_BLOCKS, &c);
	return verdict(&c);
}

static bool has_input(const json_t *blocks)
{
	json_t *block;
	size_t i;

	json_array_foreach(blocks, i, block)
		if (!strcmp(json_str(block, "type"), "input"))
			return true;
	return false;
}

json_t *limits_view(const json_t *view)
{
	struct checking c = { .errors = json_array() };
	bool modal = !strcmp(json_str(view, "type"), "modal");

	check_enter(&c, "view", 0);
	check_object(&c, view, modal ? CHECK_MODAL : CHECK_HOME);
	if (modal && has_input(json_arr(view, "blocks")) && !json_object_get(view, "submit"))
		check_fail(&c, "missing required field: submit");
	check_enter(&c, "blocks", 0);
	check_blocks(json_arr(view, "blocks"), VIEW_BLOCKS, &c);
	return verdict(&c);
}
