// SPDX-License-Identifier: Apache-2.0
// Types, checks and routes: what has a condition.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"

static const char id_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

int catalogue_check_id(struct reading *r, json_t *list, size_t at)
{
	json_t *id = json_object_get(json_array_get(list, at), "id");
	const char *text = json_string_value(id);

	if (strlen(text) > 32 || strspn(text, id_characters) != strlen(text))
		return yaml_error(r->y, id, r->e, "an id has 1 to 32 letters, digits, '.', '_' or '-'");
	for (size_t i = 0; i < at; i++)
		if (strcmp(text, json_str(json_array_get(list, i), "id")) == 0)
			return yaml_error(r->y, id, r->e, "the id '%s' stands here a second time", text);
	return 0;
}

// "no WHAT 'word' - did you mean 'near'?" at a value; `words` ends with NULL.
static int unknown_word(struct reading *r, const json_t *value, const char *what, const char *word,
                        const char *const *words)
{
	const char *near = text_nearest(word, words);

	if (near)
		return yaml_error(r->y, value, r->e, "no %s '%.64s' - did you mean '%s'?", what, word, near);
	return yaml_error(r->y, value, r->e, "no %s '%.64s'", what, word);
}

static int unknown_family(struct reading *r, const json_t *when, const char *word)
{
	const json_t *families = r->c->families;
	_free_ const char **names = calloc(json_object_size(families) + 1, sizeof *names);
	const char *name;
	json_t *family;
	size_t count = 0;

	if (!names)
		panic("out of memory");
	json_object_foreach((json_t *)families, name, family)
		names[count++] = name;
	return unknown_word(r, when, "family", word, names);
}

// Where the parenthesis that opens at `at` closes; NULL when it does not.
static const char *closing(const char *at)
{
	int depth = 0;
	bool quoted = false;

	for (; *at; at++) {
		quoted = quoted != (*at == '\'');
		if (quoted)
			continue;
		depth += (*at == '(') - (*at == ')');
		if (depth == 0)
			return at;
	}
	return NULL;
}

// Is the word that ends before `at` (blanks between) a function over families?
static bool is_family_call(const char *text, const char *at)
{
	while (at > text && text_is_space(at[-1]))
		at--;
	return (at - text >= 6 && text_starts_fold(at - 6, "family")) ||
	       (at - text >= 10 && text_starts_fold(at - 10, "licensable"));
}

// A family is named as a text, so SQLite would only find out that there is none when a case comes: look for
// family(..., 'NAME') and licensable(..., 'NAME') in the condition's text.
static int check_families(struct reading *r, const json_t *when)
{
	const char *text = json_string_value(when);

	for (const char *at = strchr(text, '('); at; at = strchr(at + 1, '(')) {
		const char *close = is_family_call(text, at) ? closing(at) : NULL, *open;

		if (!close)
			continue;
		do
			close--;
		while (close > at && text_is_space(*close));
		open = *close == '\'' ? memrchr(at, '\'', (size_t)(close - at)) : NULL;
		if (!open)
			continue;
		_free_ char *name = text_copy_n(open + 1, (size_t)(close - open - 1));

		if (!json_object_get(r->c->families, name))
			return unknown_family(r, when, name);
	}
	return 0;
}

int catalogue_take_when(struct reading *r, json_t *object, struct condition **out)
{
	json_t *when = json_object_get(object, "when");
	struct err why;

	if (!when)
		return 0;
	if (condition_prepare(r->c->conditions, json_string_value(when), out, &why) < 0)
		return yaml_error(r->y, when, r->e, "%s", why.text);
	return check_families(r, when);
}

static int check_needs(struct reading *r, const json_t *needs)
{
	size_t i, k;
	json_t *need;

	json_array_foreach(needs, i, need) {
		const char *word = json_string_value(need);

		for (k = 0; r->names[k] && strcmp(r->names[k], word) != 0; k++)
			;
		if (!r->names[k])
			return unknown_word(r, need, "fact", word, r->names);
	}
	return 0;
}

static int take_type(struct reading *r, json_t *list, size_t at)
{
	json_t *object = json_array_get(list, at), *longest = json_object_get(object, "longest");
	struct type *type = &r->c->types[at];
	int64_t span = 0;

	if (catalogue_check_id(r, list, at) < 0 || check_needs(r, json_arr(object, "needs")) < 0)
		return -1;
	if (longest && span_parse(json_string_value(longest), &span) < 0)
		return yaml_error(r->y, longest, r->e, "'longest' must be a span of time, like 180d");
	type->id = json_str(object, "id");
	type->view = json_object();
	json_put_str(type->view, "id", type->id);
	json_put_str(type->view, "title", json_str(object, "title"));
	json_put(type->view, "needs",
	         json_arr(object, "needs") ? json_deep_copy(json_arr(object, "needs")) : json_array());
	if (span)
		json_put_int(type->view, "longest", span_plain(span));
	json_add(r->c->types_view, json_incref(type->view));
	return catalogue_take_when(r, object, &type->when);
}

int catalogue_take_types(struct reading *r, json_t *types)
{
	struct catalogue *c = r->c;

	c->types = calloc(json_array_size(types) + 1, sizeof *c->types);
	if (!c->types)
		panic("out of memory");
	for (size_t at = 0; at < json_array_size(types); at++) {
		if (at && !c->types[at - 1].when)
			return yaml_error(r->y, json_array_get(types, at), r->e,
			                  "this type is never reached: the one before it has no condition");
		c->type_count++;
		if (take_type(r, types, at) < 0)
			return -1;
	}
	return 0;
}

static int take_outcome(struct reading *r, json_t *object, enum outcome *out)
{
	const char *text = json_str_or_null(object, "outcome");

	*out = OUTCOME_REVIEW;
	if (!text)
		return 0;
	if (strcmp(text, "allow") == 0)
		*out = OUTCOME_ALLOW;
	else if (strcmp(text, "deny") == 0)
		*out = OUTCOME_DENY;
	else
		return yaml_error(r->y, json_object_get(object, "outcome"), r->e, "'outcome' must be allow or deny");
	if (*out == OUTCOME_ALLOW && json_int(object, "risk") > 0)
		return yaml_error(r->y, json_object_get(object, "risk"), r->e, "what is allowed carries no risk");
	return 0;
}

int catalogue_take_checks(struct reading *r, json_t *checks)
{
	struct catalogue *c = r->c;

	c->checks = calloc(json_array_size(checks) + 1, sizeof *c->checks);
	if (!c->checks)
		panic("out of memory");
	for (size_t at = 0; at < json_array_size(checks); at++) {
		json_t *object = json_array_get(checks, at), *finding = json_object();
		struct check *check = &c->checks[c->check_count++];

		check->finding = finding;
		json_put_str(finding, "check", json_str(object, "id"));
		json_put_str(finding, "policy", json_str_or_null(object, "policy"));
		json_put_str(finding, "clause", json_str_or_null(object, "clause"));
		json_put_str(finding, "control", json_str_or_null(object, "control"));
		json_put_str(finding, "says", json_str(object, "says"));
		json_put_int(finding, "risk", json_int(object, "risk"));
		if (catalogue_check_id(r, checks, at) < 0 || take_outcome(r, object, &check->outcome) < 0 ||
		    catalogue_take_when(r, object, &check->when) < 0)
			return -1;
	}
	return 0;
}
