// SPDX-License-Identifier: Apache-2.0
// Families of licences, and the functions over them that conditions call.
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/expression.h"

// An exception and a "+" only add to what a licence permits: the licence's family is theirs, unless they are listed.
static bool in_family(void *context, const char *id)
{
	const json_t *family = context;
	_free_ char *lower = text_lower(text_copy(id));
	char *with = strstr(lower, " with ");
	size_t len;

	if (json_object_get(family, lower))
		return true;
	if (with)
		*with = '\0';
	len = strlen(lower);
	if (len > 1 && lower[len - 1] == '+' && !json_object_get(family, lower))
		lower[len - 1] = '\0';
	return json_object_get(family, lower) != NULL;
}

static json_t *find_family(void *context, const char *name, struct err *e)
{
	const struct catalogue *c = context;
	json_t *family = json_object_get(c->families, name);

	if (!family)
		err_set(e, EX_CONFIG, "no family '%.64s'", name);
	return family;
}

// family(license, 'copyleft'): is any licence of it mentioned?  Yes also for a garbled text: what must be noticed is.
static int call_family(void *context, const char *license, const char *name, struct err *e)
{
	json_t *family = find_family(context, name, e);
	int result;

	if (!family)
		return -1;
	result = expression_any(license, in_family, family, NULL);
	return result < 0 ? expression_mentions(license, in_family, family) : result;
}

// licensable(license, 'permissive'): can it be had under licences of this family alone?  Never for a garbled text.
static int call_licensable(void *context, const char *license, const char *name, struct err *e)
{
	json_t *family = find_family(context, name, e);

	return family ? expression_satisfied(license, in_family, family, NULL) > 0 : -1;
}

const struct condition_function catalogue_functions[] = {
	{ "family", call_family },
	{ "licensable", call_licensable },
	{ NULL, NULL },
};

static int take_identifier(struct reading *r, json_t *family, const json_t *identifier)
{
	const char *text = json_string_value(identifier);
	struct err why;

	if (expression_check(text, &why) < 0)
		return yaml_error(r->y, identifier, r->e, "not a licence identifier: %s", why.text);
	_free_ char *lower = text_lower(text_copy(text));

	if (strchr(lower, '(') || strstr(lower, " and ") || strstr(lower, " or "))
		return yaml_error(r->y, identifier, r->e, "a family holds identifiers, not expressions");
	if (json_object_get(family, lower))
		return yaml_error(r->y, identifier, r->e, "'%.64s' stands in this family twice", text);
	json_put_bool(family, lower, true);
	return 0;
}

int catalogue_take_families(struct reading *r, json_t *families)
{
	const char *name;
	json_t *identifiers, *identifier;
	size_t i;

	json_object_foreach(families, name, identifiers) {
		json_t *family = json_object();

		json_put(r->c->families, name, family);
		json_array_foreach(identifiers, i, identifier)
			if (take_identifier(r, family, identifier) < 0)
				return -1;
	}
	return 0;
}
