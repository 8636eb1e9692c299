// SPDX-License-Identifier: Apache-2.0
// What a catalogue is made of.  Private to bot/catalogue*.c and bot/policy_*.c.
#ifndef BOT_CATALOGUE_PARTS_H
#define BOT_CATALOGUE_PARTS_H

#include "bot/catalogue.h"
#include "bot/yaml_check.h"
#include "store/condition.h"

#define RISK_MAX 10

// A `when` that is absent is NULL: it always holds.  Texts are borrowed from the file's values.
struct need {
	const char *fact;
	struct condition *when;
};

struct type {
	const char *id;
	struct condition *when;
	struct need *needs;
	size_t need_count;
	json_t *view; // {"id","title","needs","longest"}
};

enum outcome { OUTCOME_FINDING, OUTCOME_ALLOW, OUTCOME_DENY, OUTCOME_NEEDS };

struct check {
	struct condition *when;
	enum outcome outcome;
	json_t *finding;     // as it stands in an assessment
	const json_t *needs; // facts that become required when it holds, or NULL
};

// A named condition that routes may use.
struct threshold {
	const char *name;
	struct condition *when;
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
	json_t *currencies; // of facts that are money: "spend_currency", ...
	json_t *constants;  // thresholds that are numbers
	struct conditions *conditions;
	struct type *types;
	struct check *checks;
	struct condition_group *asked; // the checks' conditions
	struct threshold *thresholds;
	struct route *routes;
	size_t type_count, check_count, threshold_count, route_count;
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
	json_t *columns;    // what conditions may name: every fact, a few of our own, thresholds
	size_t early;       // so many of them are known before the thresholds are
	const char **names; // the facts' names, ending with NULL
	struct err *e;
};

// The tables of keys, and what takes a section that passed its table.  All return 0, or -1 with a place.
extern const struct yaml_key catalogue_keys[];
int catalogue_take_facts(struct reading *r, json_t *facts);
int catalogue_take_families(struct reading *r, json_t *families);
int catalogue_name_thresholds(struct reading *r, json_t *thresholds); // before there are conditions
int catalogue_take_thresholds(struct reading *r, json_t *thresholds);
int catalogue_take_types(struct reading *r, json_t *types);
int catalogue_take_checks(struct reading *r, json_t *checks);
int catalogue_take_routes(struct reading *r, json_t *routes);
int catalogue_take_hours(struct reading *r, json_t *hours);
int catalogue_take_escalation(struct reading *r, json_t *escalation);
int catalogue_take_retention(struct reading *r, json_t *retention);

// Prepares the member `when` of an object; *out stays NULL when there is none.
int catalogue_take_when(struct reading *r, json_t *object, struct condition **out);
// Prepares one condition.
int catalogue_take_condition(struct reading *r, const json_t *when, struct condition **out);
// Is an id made of letters, digits, '.', '_' and '-', and new among the objects before it?
int catalogue_check_id(struct reading *r, json_t *list, size_t at);
// Is this a fact?
int catalogue_check_fact(struct reading *r, const json_t *name);
// A fact's or threshold's name that conditions may use, and that is not taken yet?
int catalogue_check_name(struct reading *r, json_t *object, const char *name);
// Says "no WHAT 'word' - did you mean 'near'?" at a value; `words` ends with NULL.
int catalogue_unknown(struct reading *r, const json_t *value, const char *what, const char *word,
                      const char *const *words);
// Which of the words (ending with NULL) is it?  -1 with the complaint when it is none.
int catalogue_word(struct reading *r, const json_t *value, const char *what, const char *const *words);

// How many persons may vote in a stage that asks these groups: administrators do not.
size_t catalogue_voters(const struct people *people, const json_t *groups);

// Judges the slowest facts that can come, so that no case will take too long.
int catalogue_try_worst(struct reading *r);

// The facts as conditions see them: a new object.
json_t *catalogue_row(const struct catalogue *c, const json_t *facts);

// Which rules made an assessment what it is; `type` is type_count when none holds.  `fired`, when it is not NULL, has
// room for each check.
struct judged {
	size_t type, route;
	bool *fired;
};
json_t *catalogue_judge(const struct catalogue *c, const json_t *facts, struct judged *judged, struct err *e);

// The functions of conditions; their context is the catalogue.
extern const struct condition_function catalogue_functions[];
int catalogue_version_in(void *context, const char *version, const char *range, struct err *e);

#endif
