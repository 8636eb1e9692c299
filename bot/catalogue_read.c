// SPDX-License-Identifier: Apache-2.0
// Reading a catalogue: the table of its keys, and the order in which its sections are taken.
#include <stdlib.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"

#define SAYS_MAX 500
#define WHEN_MAX 8192
#define NUMBER_MAX 1000000000000

static const struct yaml_key fact_keys[] = {
	{ .name = "kind", .kind = YAML_TEXT, .required = true },
	{ .name = "values", .kind = YAML_TEXTS, .min = 1, .max = 500 },
	{ .name = "also", .kind = YAML_TEXT_LISTS, .max = 500 },
	{ .name = "title", .kind = YAML_TEXT, .max = 80 },
	{ .name = "hint", .kind = YAML_TEXT, .max = 300 },
	{ .name = "question", .kind = YAML_TEXT, .max = 200 },
	{ .name = "min", .kind = YAML_INTEGER, .max = NUMBER_MAX },
	{ .name = "max", .kind = YAML_INTEGER, .max = NUMBER_MAX },
	{ .name = NULL },
};
static const struct yaml_key need_keys[] = {
	{ .name = "fact", .kind = YAML_TEXT, .required = true },
	{ .name = "when", .kind = YAML_TEXT, .required = true, .max = WHEN_MAX },
	{ .name = NULL },
};
static const struct yaml_key type_keys[] = {
	{ .name = "id", .kind = YAML_TEXT, .required = true },
	{ .name = "title", .kind = YAML_TEXT, .required = true, .max = 120 },
	{ .name = "when", .kind = YAML_TEXT, .max = WHEN_MAX },
	{ .name = "needs", .kind = YAML_ITEMS, .max = 64, .sub = need_keys },
	{ .name = "longest", .kind = YAML_TEXT },
	{ .name = NULL },
};
static const struct yaml_key check_keys[] = {
	{ .name = "id", .kind = YAML_TEXT, .required = true },
	{ .name = "when", .kind = YAML_TEXT, .required = true, .max = WHEN_MAX },
	{ .name = "outcome", .kind = YAML_TEXT },
	{ .name = "needs", .kind = YAML_TEXTS, .min = 1, .max = 64 },
	{ .name = "risk", .kind = YAML_INTEGER, .max = RISK_MAX },
	{ .name = "policy", .kind = YAML_TEXT, .max = 200 },
	{ .name = "clause", .kind = YAML_TEXT, .max = 200 },
	{ .name = "control", .kind = YAML_TEXT, .max = 200 },
	{ .name = "says", .kind = YAML_TEXT, .required = true, .max = SAYS_MAX },
	{ .name = NULL },
};
static const struct yaml_key stage_keys[] = {
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = 40 },
	{ .name = "need", .kind = YAML_INTEGER, .required = true, .min = 1, .max = 20 },
	{ .name = "from", .kind = YAML_TEXTS, .required = true, .min = 1, .max = 16 },
	{ .name = "factor", .kind = YAML_TEXT },
	{ .name = "grounds", .kind = YAML_BOOLEAN },
	{ .name = NULL },
};
static const struct yaml_key route_keys[] = {
	{ .name = "when", .kind = YAML_TEXT, .max = WHEN_MAX },
	{ .name = "stages", .kind = YAML_LIST, .required = true, .min = 1, .max = 8, .sub = stage_keys },
	{ .name = NULL },
};
static const struct yaml_key hours_keys[] = {
	{ .name = "days", .kind = YAML_TEXT, .required = true },
	{ .name = "from", .kind = YAML_TEXT, .required = true },
	{ .name = "to", .kind = YAML_TEXT, .required = true },
	{ .name = "zone", .kind = YAML_TEXT, .required = true },
	{ .name = "holidays", .kind = YAML_TEXTS, .max = 16 },
	{ .name = NULL },
};
static const struct yaml_key escalation_keys[] = {
	{ .name = "remind", .kind = YAML_TEXTS, .max = LENGTH(((struct escalation *)NULL)->remind) },
	{ .name = "alternate", .kind = YAML_TEXT },
	{ .name = "manager", .kind = YAML_TEXT },
	{ .name = "lapse", .kind = YAML_TEXT },
	{ .name = NULL },
};
static const struct yaml_key retention_keys[] = {
	{ .name = "archive", .kind = YAML_TEXT },
	{ .name = "erase", .kind = YAML_TEXT },
	{ .name = NULL },
};
const struct yaml_key catalogue_keys[] = {
	{ .name = "catalogue", .kind = YAML_TEXT, .required = true, .max = 200 },
	{ .name = "version", .kind = YAML_INTEGER, .required = true, .min = 1, .max = 1000000000 },
	{ .name = "facts", .kind = YAML_MAPS, .max = 100, .sub = fact_keys },
	{ .name = "families", .kind = YAML_TEXT_LISTS, .max = 100 },
	{ .name = "types", .kind = YAML_LIST, .max = 100, .sub = type_keys },
	{ .name = "checks", .kind = YAML_LIST, .max = CONDITIONS_TOGETHER, .sub = check_keys },
	{ .name = "thresholds", .kind = YAML_NAMED, .max = 50 },
	{ .name = "routes", .kind = YAML_LIST, .required = true, .min = 1, .max = 100, .sub = route_keys },
	{ .name = "hours", .kind = YAML_MAP, .sub = hours_keys },
	{ .name = "escalation", .kind = YAML_MAP, .sub = escalation_keys },
	{ .name = "retention", .kind = YAML_MAP, .sub = retention_keys },
	{ .name = NULL },
};

static int take_conditions(struct reading *r)
{
	struct catalogue *c = r->c;
	json_t *root = c->root;

	c->conditions = conditions_new(r->columns, catalogue_functions, c, r->e);
	if (!c->conditions)
		return -1;
	conditions_show(c->conditions, r->early);
	if (catalogue_take_types(r, json_arr(root, "types")) < 0 ||
	    catalogue_take_checks(r, json_arr(root, "checks")) < 0 ||
	    catalogue_take_thresholds(r, json_obj(root, "thresholds")) < 0)
		return -1;
	return catalogue_take_routes(r, json_arr(root, "routes"));
}

static int take_sections(struct reading *r)
{
	json_t *root = r->c->root;

	if (catalogue_take_facts(r, json_obj(root, "facts")) < 0 ||
	    catalogue_take_families(r, json_obj(root, "families")) < 0 ||
	    catalogue_name_thresholds(r, json_obj(root, "thresholds")) < 0 || take_conditions(r) < 0)
		return -1;
	if (catalogue_take_hours(r, json_obj(root, "hours")) < 0 ||
	    catalogue_take_escalation(r, json_obj(root, "escalation")) < 0 ||
	    catalogue_take_retention(r, json_obj(root, "retention")) < 0)
		return -1;
	return catalogue_try_worst(r);
}

static struct catalogue *catalogue_of(struct yaml *y, const struct people *people, const struct licences *licences,
                                      struct err *e)
{
	_catalogue_ struct catalogue *c = NULL;
	_json_ json_t *columns = json_array();
	_free_ char *dir = y ? path_dir(yaml_file(y)) : NULL;
	struct reading r = { .y = y, .people = people, .dir = dir, .columns = columns, .e = e };
	int result;

	if (!y || yaml_check(y, yaml_json(y), catalogue_keys, e) < 0)
		return NULL;
	c = calloc(1, sizeof *c);
	if (!c)
		panic("out of memory");
	r.c = c;
	c->licences = licences;
	c->text = text_copy(yaml_text(y, NULL));
	c->root = json_incref(yaml_json(y));
	c->name = json_str(c->root, "catalogue");
	c->version = json_int(c->root, "version");
	c->facts = json_object();
	c->families = json_object();
	c->types_view = json_array();
	c->currencies = json_array();
	c->constants = json_object();
	result = take_sections(&r);
	free(r.names);
	return result < 0 ? NULL : steal_ptr(c);
}

struct catalogue *catalogue_read(const char *text, size_t len, const char *file, const struct people *people,
                                 const struct licences *licences, struct err *e)
{
	_yaml_ struct yaml *y = yaml_read(text, len, file, e);

	return catalogue_of(y, people, licences, e);
}

struct catalogue *catalogue_load(const char *path, const struct people *people, const struct licences *licences,
                                 struct err *e)
{
	_yaml_ struct yaml *y = yaml_load(path, e);

	return catalogue_of(y, people, licences, e);
}

struct catalogue *catalogue_read_titles(const char *text, size_t len)
{
	_yaml_ struct yaml *y = yaml_read(text, len, "catalogue", NULL);
	json_t *facts = y ? json_obj(yaml_json(y), "facts") : NULL;
	struct catalogue *c = calloc(1, sizeof *c);

	if (!c)
		panic("out of memory");
	c->root = y ? json_incref(yaml_json(y)) : json_object();
	c->facts = facts ? json_incref(facts) : json_object();
	return c;
}
