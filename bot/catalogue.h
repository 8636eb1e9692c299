// SPDX-License-Identifier: Apache-2.0
// The catalogue (policy.yaml, DESIGN 5): which facts there are, what each type of case needs, which checks find what,
// and who must agree.  Judging is a pure function of the catalogue and the facts.  Immutable once read.
#ifndef BOT_CATALOGUE_H
#define BOT_CATALOGUE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "bot/hours.h"
#include "bot/licence.h"
#include "bot/people.h"

struct catalogue;

// `people` is needed while reading only (are the stages' groups large enough?); `licences` must outlive the catalogue.
// Holiday files are read relative to `file`'s folder.  NULL on error (EX_CONFIG, "file:line:column: sentence").
struct catalogue *catalogue_read(const char *text, size_t len, const char *file, const struct people *people,
                                 const struct licences *licences, struct err *e);
// The same from a file, refused when others could have written it (see yaml_load()).
struct catalogue *catalogue_load(const char *path, const struct people *people, const struct licences *licences,
                                 struct err *e);
// For whoever only shows old facts: nothing of it is checked but that it is YAML, and only catalogue_facts() may be
// asked of it.  Text that is none gives a catalogue that declares nothing.  Never NULL.
struct catalogue *catalogue_read_titles(const char *text, size_t len);
void catalogue_free(struct catalogue **catalogue);
#define _catalogue_ __attribute__((cleanup(catalogue_free)))

int64_t catalogue_version(const struct catalogue *c);
const char *catalogue_name(const struct catalogue *c);
// The file's text as read (what is published).
const char *catalogue_text(const struct catalogue *c);

// What the file declares about facts, as facts.h takes it: {"product":{"kind":"choice","values":[..],
// "also":{value:[other words]},"title":..,"hint":..,"question":..,"min":..,"max":..},...}; only "kind" is always there.
// Borrowed.
const json_t *catalogue_facts(const struct catalogue *c);

// The types: [{"id","title","needs":[..],"longest":ms?},...] in the order of the file; needs are all that may be
// needed. Borrowed.
const json_t *catalogue_types(const struct catalogue *c);

// Judges facts, {name: value} with values as in facts.h.
// {"type","title","needs":[..],"missing":[..],
//  "findings":[{"check","policy","clause","control","says","risk","outcome":"finding"|"allow"|"deny"|"needs"}],
//  "risk":0-10,"outcome":"review"|"allow"|"deny","stages":[{"name","need","from":[..],"factor"?,"grounds"?}],"longest":ms?}
// - The first type whose condition holds; "type" and "title" are "" when none does.
// - Every check that holds is a finding (policy, clause and control only where the check has them).  A licence that is
//   no expression is one too, and is never allowed.
// - needs: what the type needs, as far as the need's own condition holds, and what checks that hold need.
// - risk: the findings' sum, but no less than the requester's own figure, and at most 10.
// - outcome: deny when a check denies; allow when one allows and no finding carries risk; else review.
// - The first route whose condition holds, with `risk` as computed; conditions before see the requester's own.
// Conditions see the facts as columns: money is its amount, with its currency in NAME_currency; a duration is days;
// `type` is the type's id.  Thresholds that are conditions are seen by the routes.
// NULL when a condition fails (the error names it); the caller owns what is returned.
json_t *catalogue_assess(const struct catalogue *c, const json_t *facts, struct err *e);

// Spans (see hours.h); 0 = never.
struct escalation {
	int64_t remind[8];
	size_t reminds;
	int64_t alternate, manager, lapse;
};
const struct escalation *catalogue_escalation(const struct catalogue *c);
// NULL when the catalogue names no working hours.
const struct hours *catalogue_hours(const struct catalogue *c);

// How long things are kept, in milliseconds; 0 = for ever.  "2y" in the file; a year is 365 days.
struct retention {
	int64_t archive, erase;
};
const struct retention *catalogue_retention(const struct catalogue *c);

#endif
