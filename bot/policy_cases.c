// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_cases.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/fact_person.h"
#include "bot/facts.h"
#include "bot/yaml_check.h"

static const struct yaml_key expect_keys[] = {
	{ .name = "type", .kind = YAML_TEXT },
	{ .name = "outcome", .kind = YAML_TEXT },
	{ .name = "risk", .kind = YAML_INTEGER, .max = 10 },
	{ .name = "findings", .kind = YAML_TEXTS },
	{ .name = "stages", .kind = YAML_TEXTS },
	{ .name = "missing", .kind = YAML_TEXTS },
	{ .name = NULL },
};
static const struct yaml_key case_keys[] = {
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = 200 },
	{ .name = "facts", .kind = YAML_NAMED },
	{ .name = "expect", .kind = YAML_MAP, .required = true, .sub = expect_keys },
	{ .name = NULL },
};

// While reading a file of cases.
struct source {
	struct yaml *y;
	const struct catalogue *c;
	const struct people *people;
	int64_t now;
	struct err *e;
};

static int unknown_fact(const struct source *s, const json_t *facts, const char *name)
{
	const json_t *declared = catalogue_facts(s->c);
	_free_ const char **names = calloc(json_object_size(declared) + 64, sizeof *names);
	const char *own, *near;
	json_t *value;
	size_t count = 0;

	if (!names)
		panic("out of memory");
	for (const struct fact *f = facts_builtin; f->name && count < 60; f++)
		names[count++] = f->name;
	json_object_foreach((json_t *)declared, own, value)
		names[count++] = own;
	near = text_nearest(name, names);
	return yaml_error_key(s->y, facts, name, s->e, "no fact '%.64s'%s%s%s", name, near ? " - did you mean '" : "",
	                      near ? near : "", near ? "'?" : "");
}

// One fact from its words; a list of words is one text with commas, as people write it.
static int take_fact(const struct source *s, const json_t *facts, const char *name, json_t *reading)
{
	const json_t *declared = catalogue_facts(s->c), *words = json_object_get(facts, name);
	json_t *value;
	struct err why = { 0 };

	if (!fact_find(name) && !json_object_get(declared, name))
		return unknown_fact(s, facts, name);
	if (fact_value(declared, name, json_string_value(words), s->now, &value, &why) < 0)
		return yaml_error(s->y, words, s->e, "%s: %s", name, why.text);
	json_put(json_obj(reading, "facts"), name, value);
	fact_persons(declared, s->people, reading);
	if (json_array_size(json_arr(reading, "problems")))
		return yaml_error(s->y, words, s->e, "%s: %s", name,
		                  json_str(json_array_get(json_arr(reading, "problems"), 0), "why"));
	return 0;
}

static char *place_of(const struct source *s, const json_t *value)
{
	unsigned line, column;

	yaml_mark(s->y, value, &line, &column);
	return text_format("%s:%u:%u", yaml_file(s->y), line, column);
}

static json_t *take_case(const struct source *s, json_t *object)
{
	_json_ json_t *reading = json_object(), *out = json_object();
	_free_ char *place = place_of(s, object);
	const char *name;
	json_t *words;

	json_put(reading, "facts", json_object());
	json_put(reading, "problems", json_array());
	if (yaml_check(s->y, object, case_keys, s->e) < 0)
		return NULL;
	json_object_foreach(json_obj(object, "facts"), name, words)
		if (take_fact(s, json_obj(object, "facts"), name, reading) < 0)
			return NULL;
	json_put_str(out, "name", json_str(object, "name"));
	json_put_str(out, "place", place);
	json_put(out, "facts", json_incref(json_obj(reading, "facts")));
	json_put(out, "expect", json_deep_copy(json_obj(object, "expect")));
	return steal_ptr(out);
}

json_t *policy_cases_load(const char *path, const struct catalogue *c, const struct people *people, int64_t now,
                          struct err *e)
{
	_yaml_ struct yaml *y = yaml_load(path, e);
	struct source s = { y, c, people, now, e };
	_json_ json_t *out = json_array();
	json_t *root = y ? yaml_json(y) : NULL, *object;
	size_t i;

	if (!y)
		return NULL;
	if (!json_is_array(root) || json_array_size(root) > POLICY_CASES_MAX) {
		yaml_error(y, root, e, "a list of at most %d cases is expected here", POLICY_CASES_MAX);
		return NULL;
	}
	json_array_foreach(root, i, object) {
		json_t *read = take_case(&s, object);

		if (!read)
			return NULL;
		json_add(out, read);
	}
	return steal_ptr(out);
}

// "a, b": texts, or one member of objects; "" when there are none.
static char *list_text(const json_t *list, const char *member)
{
	struct buf out = BUF(65536);
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		buf_printf(&out, "%s%s", i ? ", " : "",
		           json_is_object(item) ? json_str(item, member) : json_string_value(item));
	return out.len ? buf_steal(&out) : text_copy("");
}

static char *value_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_array(value))
		return list_text(value, strcmp(key, "findings") == 0 ? "check" : "name");
	if (json_is_integer(value))
		return text_format("%lld", (long long)json_integer_value(value));
	return text_copy(json_is_string(value) ? json_string_value(value) : "");
}

json_t *policy_case_differs(const struct catalogue *c, const json_t *test, struct err *e)
{
	_json_ json_t *judged = catalogue_assess(c, json_obj(test, "facts"), e), *out = json_array();

	if (!judged)
		return NULL;
	for (const struct yaml_key *k = expect_keys; k->name; k++) {
		_free_ char *expected = value_text(json_obj(test, "expect"), k->name),
		            *got = value_text(judged, k->name);
		json_t *item;

		if (!json_object_get(json_obj(test, "expect"), k->name) || strcmp(expected, got) == 0)
			continue;
		item = json_object();
		json_put_str(item, "name", k->name);
		json_put_str(item, "expected", expected);
		json_put_str(item, "got", got);
		json_add(out, item);
	}
	return steal_ptr(out);
}
