// SPDX-License-Identifier: Apache-2.0
// What a catalogue is made of.  Private to bot/catalogue*.c.
#ifndef BOT_CATALOGUE_PARTS_H
#define BOT_CATALOGUE_PARTS_H

#include "bot/catalogue.h"
#include "bot/yaml_check.h"
#include "store/condition.h"

#define RISK_MAX 10

// A `when` that is absent is NULL: it always holds.  Texts are borrowed from the file's values.
struct type {
	const char *id;
	struct condition *when;
	json_t *view; // {"id","title","needs","longest"}
};

enum outcome { OUTCOME_REVIEW, OUTCOME_ALLOW, OUTCOME_DENY };

struct check {
	struct condition *when;
	enum outcome outcome;
	json_t *finding; // as it stands in an assessment
};

struct route {
	struct condition *when;
	json_t *stages;
};

struct catalogue {
	const struct licences *licences; // borrowed
	char *text;
	const char *name;
	int64_t version;
	json_t *root;     // the file's values
	json_t *facts;    // the declarations
	json_t *families; // name -> {identifier in lower case: true}
	json_t *types_view;
	struct conditions *conditions;
	struct type *types;
	struct check *checks;
	struct route *routes;
	size_t type_count, check_count, route_count;
	struct hours *hours;
	struct escalation escalation;
	struct retention retention;
};

// While reading: the document, and the names that may stand in it.
struct reading {
	struct catalogue *c;
	struct yaml *y;
	const struct people *people;
	const char *dir;    // the file's folder
	json_t *columns;    // what conditions may name: every fact, and a few of our own
	const char **names; // the facts' names, ending with NULL
	struct err *e;
};

// The tables of keys, and what takes a section that passed its table.  All return 0, or -1 with a place.
extern const struct yaml_key catalogue_keys[];
int catalogue_take_facts(struct reading *r, json_t *facts);
int catalogue_take_families(struct reading *r, json_t *families);
int catalogue_take_types(struct reading *r, json_t *types);
int catalogue_take_checks(struct reading *r, json_t *checks);
int catalogue_take_routes(struct reading *r, json_t *routes);
int catalogue_take_hours(struct reading *r, json_t *hours);
int catalogue_take_escalation(struct reading *r, json_t *escalation);
int catalogue_take_retention(struct reading *r, json_t *retention);

// Prepares the member `when` of an object; *out stays NULL when there is none.
int catalogue_take_when(struct reading *r, json_t *object, struct condition **out);
// Is an id made of letters, digits, '.', '_' and '-', and new among the `count` objects before it?
int catalogue_check_id(struct reading *r, json_t *list, size_t at);

// The functions of conditions; their context is the catalogue.
extern const struct condition_function catalogue_functions[];

#endif
