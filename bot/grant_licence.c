// SPDX-License-Identifier: Apache-2.0
// Licence expressions as sets of ways through their ORs.
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/grant.h"

#define WAYS_MAX 64

static json_t *ways(const struct expression *x);

// Every way of the one with every way of the other.
static json_t *both(json_t *some, json_t *more)
{
	_json_ json_t *a = some, *b = more;
	json_t *list = json_array(), *left, *right;
	size_t i, k;

	json_array_foreach(a, i, left) {
		json_array_foreach(b, k, right) {
			json_t *way = json_copy(left);

			json_object_update(way, right);
			json_add(list, way);
		}
	}
	return list;
}

// [{"mit": true, "zlib": true}, ...]: the licences that hold at once, for each choice.  NULL when they are too many.
static json_t *ways(const struct expression *x)
{
	_json_ json_t *list = json_array();

	if (expression_kind(x) == EXPRESSION_TERM) {
		_free_ char *id = text_lower(text_copy(expression_term(x)->text));
		json_t *way = json_object();

		json_put_bool(way, id, true);
		json_add(list, way);
		return steal_ptr(list);
	}
	if (expression_kind(x) == EXPRESSION_AND)
		json_add(list, json_object());
	for (const struct expression *child = expression_child(x); child; child = expression_sibling(child)) {
		json_t *some = ways(child);

		if (!some)
			return NULL;
		if (expression_kind(x) == EXPRESSION_AND) {
			list = both(list, some);
		} else {
			json_array_extend(list, some);
			json_decref(some);
		}
		if (json_array_size(list) > WAYS_MAX)
			return NULL;
	}
	return steal_ptr(list);
}

static bool has(const json_t *list, const json_t *way)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_equal(item, way))
			return true;
	}
	return false;
}

bool licence_covered(const char *granted, const char *asked)
{
	_expression_ struct expression *a = NULL, *b = NULL;
	_json_ json_t *some = NULL, *all = NULL;
	json_t *way;
	size_t i;

	if (text_same(granted, asked))
		return true;
	a = expression_parse(NULL, granted, NULL);
	b = a ? expression_parse(NULL, asked, NULL) : NULL;
	some = b ? ways(a) : NULL;
	all = some ? ways(b) : NULL;
	if (!all)
		return false;
	json_array_foreach(some, i, way) {
		if (!has(all, way))
			return false;
	}
	return true;
}
