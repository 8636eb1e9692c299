// SPDX-License-Identifier: Apache-2.0
// Thresholds: names for what the routes ask.  A number may be used by every condition; a condition is judged behind the
// checks, when the risk is known, and may be used by the thresholds behind it and by the routes.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"

static bool is_number(const char *text)
{
	size_t whole = strspn(text, "0123456789"),
	       part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

	return whole > 0 && whole < 16 && part < 16 &&
	       (text[whole] == '\0' || (part > 0 && text[whole + 1 + part] == '\0'));
}

// "0.5": not strtod(), whose decimal point depends on the locale.
static json_t *number_of(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	double value = (double)strtoll(text, NULL, 10), unit = 1;

	if (!text[whole])
		return json_integer(strtoll(text, NULL, 10));
	for (const char *p = text + whole + 1; *p; p++)
		value += (unit /= 10) * (*p - '0');
	return json_real(value);
}

int catalogue_name_thresholds(struct reading *r, json_t *thresholds)
{
	const char *name;
	json_t *value;

	json_object_foreach(thresholds, name, value) {
		if (catalogue_check_name(r, thresholds, name) < 0)
			return -1;
		if (json_has_str(r->columns, name))
			return yaml_error_key(r->y, thresholds, name, r->e, "'%s' is a fact's name already", name);
		if (is_number(json_string_value(value))) {
			json_add_str(r->columns, name);
			json_put(r->c->constants, name, number_of(json_string_value(value)));
		}
	}
	r->early = json_array_size(r->columns);
	json_object_foreach(thresholds, name, value)
		if (!is_number(json_string_value(value)))
			json_add_str(r->columns, name);
	return 0;
}

int catalogue_take_thresholds(struct reading *r, json_t *thresholds)
{
	struct catalogue *c = r->c;
	const char *name;
	json_t *value;

	c->thresholds = calloc(json_object_size(thresholds) + 1, sizeof *c->thresholds);
	if (!c->thresholds)
		panic("out of memory");
	json_object_foreach(thresholds, name, value) {
		struct threshold *t = &c->thresholds[c->threshold_count];

		if (is_number(json_string_value(value)))
			continue;
		conditions_show(c->conditions, r->early + c->threshold_count++);
		t->name = name;
		if (catalogue_take_condition(r, value, &t->when) < 0)
			return -1;
	}
	conditions_show(c->conditions, json_array_size(r->columns));
	return 0;
}
