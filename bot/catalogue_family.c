// SPDX-License-Identifier: Apache-2.0
// Families of licences, and the functions over them that conditions call.  A family is the catalogue's own or, when it
// declares none of that name, a built-in one (licence_families).
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/expression.h"

struct family {
	const struct licences *licences;
	const json_t *listed; // {identifier in lower case: true}, or NULL: a built-in one
	const char *name;
	bool exactly; // what an addition adds may be a restriction, so what has one belongs only when it is listed
};

static bool is_listed(const json_t *listed, const char *id)
{
	_free_ char *lower = text_lower(text_copy(id));

	return json_object_get(listed, lower) != NULL;
}

// Whoever may take a later version may take this one.
static bool lists_licence(const json_t *listed, const struct expression_term *term)
{
	size_t len = strlen(term->licence);
	_free_ char *only = NULL, *plus = term->later ? text_format("%s+", term->licence) : NULL;

	if (is_listed(listed, term->licence) || (plus && is_listed(listed, plus)))
		return true;
	if (len <= 9 || !text_same(term->licence + len - 9, "-or-later"))
		return false;
	only = text_format("%.*s-only", (int)(len - 9), term->licence);
	return is_listed(listed, only);
}

// An exception of the SPDX list only adds to what a licence permits: the licence's family is its own unless the whole
// is listed.  What else may stand behind WITH can be anything.
static bool in_family(void *context, const struct expression_term *term)
{
	const struct family *family = context;
	bool addition = term->exception && !licence_find_exception(family->licences, term->exception);

	if (family->listed && is_listed(family->listed, term->text))
		return true;
	if (addition && family->exactly)
		return false;
	if (family->listed)
		return lists_licence(family->listed, term);
	return strcmp(licence_family(family->licences, addition ? term->licence : term->text), family->name) == 0;
}

static bool find_family(const struct catalogue *c, const char *name, bool exactly, struct family *out, struct err *e)
{
	*out = (struct family){ c->licences, json_object_get(c->families, name), name, exactly };
	if (out->listed)
		return true;
	for (size_t i = 0; licence_families[i]; i++)
		if (strcmp(licence_families[i], name) == 0)
			return true;
	err_set(e, EX_CONFIG, "no family '%.64s'", name);
	return false;
}

// family(license, 'copyleft'): is any licence of it mentioned?  Yes also for a garbled text: what must be noticed is.
static int call_family(void *context, const char *license, const char *name, struct err *e)
{
	const struct catalogue *c = context;
	_expression_ struct expression *x = NULL;
	struct family family;

	if (!find_family(c, name, false, &family, e))
		return -1;
	x = expression_parse(c->licences, license, NULL);
	return x ? expression_any(x, in_family, &family)
	         : expression_mentions(c->licences, license, in_family, &family);
}

// licensable(license, 'permissive'): can it be had under licences of this family alone?  Never for a garbled text.
static int call_licensable(void *context, const char *license, const char *name, struct err *e)
{
	const struct catalogue *c = context;
	_expression_ struct expression *x = NULL;
	struct family family;

	if (!find_family(c, name, true, &family, e))
		return -1;
	x = expression_parse(c->licences, license, NULL);
	return x && expression_satisfied(x, in_family, &family);
}

static bool has_exception(void *context, const struct expression_term *term)
{
	return term->exception && text_same(term->exception, context);
}

// exception(license, 'Classpath-exception-2.0'): does it stand behind any licence?  It gives something away, so never
// in a garbled text.
static int call_exception(void *context, const char *license, const char *name, struct err *e)
{
	const struct catalogue *c = context;
	const struct licence *listed = licence_find_exception(c->licences, name);
	const char *id = listed && listed->replaced_by ? listed->replaced_by : name;
	_expression_ struct expression *x = expression_parse(c->licences, license, NULL);

	(void)e;
	return x && expression_any(x, has_exception, (void *)id);
}

const struct condition_function catalogue_functions[] = {
	{ "exception", call_exception },
	{ "family", call_family },
	{ "licensable", call_licensable },
	{ "version_in", catalogue_version_in },
	{ NULL, NULL },
};

// Puts the identifier into the family as expressions spell it; `written` holds what stands in the file.
static int take_identifier(struct reading *r, json_t *family, json_t *written, const json_t *identifier)
{
	const char *text = json_string_value(identifier);
	_free_ char *lower = text_lower(text_copy(text)), *id = NULL;
	_expression_ struct expression *x = NULL;
	struct err why;

	x = expression_parse(r->c->licences, text, &why);
	if (!x)
		return yaml_error(r->y, identifier, r->e, "not a licence identifier: %s", why.text);
	if (expression_kind(x) != EXPRESSION_TERM)
		return yaml_error(r->y, identifier, r->e, "a family holds identifiers, not expressions");
	if (json_object_get(written, lower))
		return yaml_error(r->y, identifier, r->e, "'%.64s' stands in this family twice", text);
	json_put_bool(written, lower, true);
	id = text_lower(text_copy(expression_term(x)->text));
	json_put_bool(family, id, true);
	return 0;
}

int catalogue_take_families(struct reading *r, json_t *families)
{
	const char *name;
	json_t *identifiers, *identifier;
	size_t i;

	json_object_foreach(families, name, identifiers) {
		_json_ json_t *written = json_object();
		json_t *family = json_object();

		json_put(r->c->families, name, family);
		json_array_foreach(identifiers, i, identifier)
			if (take_identifier(r, family, written, identifier) < 0)
				return -1;
	}
	return 0;
}
