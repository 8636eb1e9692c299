// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/blocks.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/workspace.h"

int blocks_each(const json_t *blocks, int (*each)(void *data, json_t *block, json_t *element), void *data)
{
	json_t *block, *element;
	size_t i, j;
	int r;

	json_array_foreach(blocks, i, block) {
		const char *type = json_str(block, "type");
		json_t *single = json_obj(block, !strcmp(type, "input") ? "element" : "accessory");

		if (json_object_get(single, "type") && (r = each(data, block, single)))
			return r;
		if (strcmp(type, "actions") != 0)
			continue;
		json_array_foreach(json_arr(block, "elements"), j, element)
			if ((r = each(data, block, element)))
				return r;
	}
	return 0;
}

static void fill_id(json_t *object, const char *name, struct workspace *w)
{
	char id[ID_SIZE];

	if (!*json_str(object, name))
		json_put_str(object, name, workspace_id(w, 'b', id));
}

static int fill_element(void *data, json_t *block, json_t *element)
{
	(void)block;
	if (strcmp(json_str(element, "type"), "image") != 0)
		fill_id(element, "action_id", data);
	return 0;
}

void blocks_fill(json_t *blocks, struct workspace *w)
{
	json_t *block;
	size_t i;

	json_array_foreach(blocks, i, block)
		fill_id(block, "block_id", w);
	blocks_each(blocks, fill_element, w);
}

struct search {
	const char *action, *block_id, *value;
	json_t *block, *element;
};

static int match(void *data, json_t *block, json_t *element)
{
	struct search *s = data;

	if (strcmp(json_str(element, "action_id"), s->action) != 0)
		return 0;
	if (s->block_id && strcmp(json_str(block, "block_id"), s->block_id) != 0)
		return 0;
	if (s->value && json_object_get(element, "value") && strcmp(json_str(element, "value"), s->value) != 0)
		return 0;
	s->block = block;
	s->element = element;
	return 1;
}

json_t *blocks_find(const json_t *blocks, const char *action, const char *block_id, const char *value, json_t **block)
{
	struct search s = { action, block_id, value, NULL, NULL };

	blocks_each(blocks, match, &s);
	*block = s.block;
	return s.element;
}

void text_shown(const char *text, struct buf *out)
{
	static const struct {
		const char *entity;
		char c;
	} table[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' } };

	while (*text) {
		size_t i = 0;

		while (i < LENGTH(table) && !text_starts(text, table[i].entity))
			i++;
		buf_putc(out, i < LENGTH(table) ? table[i].c : *text);
		text += i < LENGTH(table) ? strlen(table[i].entity) : 1;
	}
}

static void show_value(const json_t *value, struct buf *out)
{
	const char *key, *type = json_str(value, "type");
	json_t *member;
	size_t i;

	if (!strcmp(type, "mrkdwn") || !strcmp(type, "plain_text") || !strcmp(type, "markdown")) {
		text_shown(json_str(value, "text"), out);
		buf_putc(out, '\n');
		return;
	}
	json_array_foreach(value, i, member)
		show_value(member, out);
	if (json_is_object(value))
		json_object_foreach((json_t *)value, key, member)
			show_value(member, out);
}

void blocks_shown(const json_t *blocks, struct buf *out)
{
	show_value(blocks, out);
}

static int add_button(void *data, json_t *block, json_t *element)
{
	static const char *const copied[] = { "type", "action_id", "value", "style", "options", "url" };
	json_t *button = json_object();
	struct buf text = BUF(1 << 16);

	for (size_t i = 0; i < LENGTH(copied); i++)
		if (json_object_get(element, copied[i]))
			json_put(button, copied[i], json_incref(json_object_get(element, copied[i])));
	text_shown(json_str(json_obj(element, "text"), "text"), &text);
	json_put_str(button, "text", buf_text(&text));
	json_put_str(button, "block_id", json_str(block, "block_id"));
	json_add(data, button);
	buf_free(&text);
	return 0;
}

json_t *blocks_buttons(const json_t *blocks)
{
	json_t *out = json_array();

	blocks_each(blocks, add_button, out);
	return out;
}
