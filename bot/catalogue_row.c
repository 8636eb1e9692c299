// SPDX-License-Identifier: Apache-2.0
// The facts as conditions see them, and the worst facts that can come.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/fact_duration.h"
#include "bot/facts.h"

// "12500.50" as a number.  Not strtod(), whose decimal point depends on the locale.
static double amount_of(const char *text)
{
	double value = 0, unit = 1;

	for (; text_is_digit(*text); text++)
		value = value * 10 + (*text - '0');
	if (*text == '.')
		for (text++; text_is_digit(*text); text++)
			value += (unit /= 10) * (*text - '0');
	return value;
}

static void put_money(json_t *row, const char *name, const json_t *value)
{
	_free_ char *currency = text_format("%s_currency", name);

	json_put(row, name, json_real(amount_of(json_str(value, "amount"))));
	json_put_str(row, currency, json_str_or_null(value, "currency"));
}

json_t *catalogue_row(const struct catalogue *c, const json_t *facts)
{
	json_t *row = json_copy(c->constants), *value;
	const char *name;

	json_object_foreach((json_t *)facts, name, value) {
		if (json_object_get(c->constants, name)) // a fact of an older catalogue, maybe
			continue;
		if (json_is_object(value))
			put_money(row, name, value);
		else if (fact_kind(c->facts, name) == FACT_DURATION && json_is_string(value))
			json_put_int(row, name, duration_days(json_string_value(value)));
		else
			json_put(row, name, json_incref(value));
	}
	return row;
}

// Every text as long as it can be.  Licences are another matter: they are read, and a long one ends that soon.
static json_t *longest_facts(const struct reading *r)
{
	json_t *facts = json_object();
	_free_ char *text = calloc(FACT_VALUE_MAX + 1, 1);
	size_t i;
	json_t *column;

	if (!text)
		panic("out of memory");
	memset(text, 'a', FACT_VALUE_MAX);
	json_array_foreach(r->columns, i, column)
		json_put_str(facts, json_string_value(column), text);
	json_put_str(facts, "license", "MIT");
	return facts;
}

// The condition that an error of condition_holds() begins with; the whole file when it is not found.
static const json_t *condition_named(const struct reading *r, const char *text)
{
	static const char *const sections[] = { "types", "checks", "routes" };
	json_t *item, *value;
	const char *name;
	size_t i;

	for (size_t s = 0; s < LENGTH(sections); s++)
		json_array_foreach(json_arr(r->c->root, sections[s]), i, item) {
			_free_ char *begin = text_format("the condition '%.80s' ", json_str(item, "when"));

			if (text_starts(text, begin))
				return json_object_get(item, "when");
		}
	json_object_foreach(json_obj(r->c->root, "thresholds"), name, value) {
		_free_ char *begin = text_format("the condition '%.80s' ", json_string_value(value));

		if (text_starts(text, begin))
			return value;
	}
	return r->c->root;
}

int catalogue_try_worst(struct reading *r)
{
	_json_ json_t *facts = longest_facts(r), *judged = NULL;
	struct err why = { 0 };

	judged = catalogue_assess(r->c, facts, &why);
	if (!judged && strstr(why.text, "takes too long"))
		return yaml_error(r->y, condition_named(r, why.text), r->e,
		                  "judging a case whose texts are as long as they may be (%d bytes each) takes too "
		                  "long; it comes as far as this condition",
		                  FACT_VALUE_MAX);
	return 0;
}
