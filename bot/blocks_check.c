// SPDX-License-Identifier: Apache-2.0
// A template of Slack's, looked through before anything is rendered from it.
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/blocks.h"
#include "bot/render_parts.h"

#define NESTING_MAX 32

static const struct json_key if_keys[] = { { "if", 'S', 0 }, { "then", 'A', 0 }, { "else", 'a', 0 }, { 0 } };
static const struct json_key include_keys[] = { { "include", 'S', 0 }, { 0 } };
static const struct json_key each_keys[] = {
	{ "each", 'S', 0 }, { "do", 'A', 0 }, { "most", 'i', 200 }, { "more", 'a', 0 }, { 0 },
};

static int check(struct templates *t, const char *path, const json_t *value, bool in_list, size_t depth, struct err *e);

static const struct json_key *directive_keys(const json_t *object)
{
	if (json_object_get(object, "if"))
		return if_keys;
	if (json_object_get(object, "each"))
		return each_keys;
	return json_object_get(object, "include") ? include_keys : NULL;
}

static int check_condition(struct templates *t, const char *path, const char *condition, struct err *e)
{
	const char *name = condition + (*condition == '^');
	_free_ char *piece = text_format("{{#%s}}{{/%s}}", name, name);

	if (strpbrk(condition, "{}"))
		return err_set(e, EX_CONFIG, "%s: \"%s\" is no condition", path, condition);
	return check_piece(t, path, piece, e);
}

static int check_include(struct templates *t, const char *path, const char *name, struct err *e)
{
	_free_ char *included = text_format("slack/%s.json", name);
	const json_t *list = template_json(t, included, e);

	if (!list)
		return err_prefix(e, "%s", path);
	return json_is_array(list) ? 0 : err_set(e, EX_CONFIG, "%s: what is included must be a list", included);
}

static int check_directive(struct templates *t, const char *path, const json_t *object, bool in_list, struct err *e)
{
	const struct json_key *keys = directive_keys(object);

	if (!keys)
		return 0;
	if (!in_list)
		return err_set(e, EX_CONFIG, "%s: \"%s\" is for lists only", path, keys->name);
	if (json_check(object, keys, path, e) < 0)
		return -1;
	if (keys == include_keys)
		return check_include(t, path, json_str(object, "include"), e);
	return keys == if_keys ? check_condition(t, path, json_str(object, "if"), e) : 0;
}

static int check_object(struct templates *t, const char *path, const json_t *object, bool in_list, size_t depth,
                        struct err *e)
{
	bool directive = directive_keys(object) != NULL;
	const char *key;
	json_t *member;

	if (check_directive(t, path, object, in_list, e) < 0)
		return -1;
	json_object_foreach((json_t *)object, key, member) {
		if (directive && json_is_string(member))
			continue;
		if (check(t, path, member, false, depth, e) < 0)
			return -1;
	}
	return 0;
}

static int check(struct templates *t, const char *path, const json_t *value, bool in_list, size_t depth, struct err *e)
{
	if (depth == NESTING_MAX)
		return err_set(e, EX_CONFIG, "%s: nested too deeply", path);
	if (json_is_string(value))
		return check_piece(t, path, json_string_value(value), e);
	if (json_is_object(value))
		return check_object(t, path, value, in_list, depth + 1, e);
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
		if (check(t, path, json_array_get(value, i), true, depth + 1, e) < 0)
			return -1;
	return 0;
}

int blocks_check(struct templates *t, const char *path, struct err *e)
{
	const json_t *template = template_json(t, path, e);

	return template ? check(t, path, template, false, 0, e) : -1;
}
