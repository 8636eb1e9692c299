// SPDX-License-Identifier: Apache-2.0
// What approving a request grants, and whether a grant covers another request.  Pure.  The shapes are in
// store/grants.h.
//
// A grant holds for the licence, the component and the versions that were asked for, in the product, channel and region
// that were named.  A product or a region that was not named is not limited; a version that was not named is any; a
// stated one is its minor line (base/versions.h).  The channel, the vendor, the clause and what the catalogue declares
// as a choice must be the same, named or not: obligations hang on them.  A quantity or a sum of money is never covered
// by what was granted before: more of it is something new.
#ifndef BOT_GRANT_H
#define BOT_GRANT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

// A request as grants see it.
struct asked {
	const json_t *declared;   // catalogue_facts()
	const json_t *facts;      // of the request
	const json_t *components; // its components; empty when it has one or none
	int64_t risk;             // as judged now
};

// The names of its components; new reference.
json_t *asked_components(const struct asked *asked);

// What approving it grants (case.approved's "grant"), without "conditions", "until" and "since".  New reference.
json_t *grant_of(const struct asked *asked);

// Does the recipient of `asked` have every choice that was granted?  Either is the same expression, or `granted` is one
// or more of the ways through the ORs of `asked`.
bool licence_covered(const char *granted, const char *asked);

// What a row of grants_for() lacks to cover one component of the request, [{"name","granted","asked"}] with texts for
// people, "" for what is not named; empty: it covers it.  `component` is a member of the components, or NULL.  New
// reference.
json_t *grant_differences(const json_t *grant, const struct asked *asked, const json_t *component, int64_t now);
bool grant_covers(const json_t *grant, const struct asked *asked, const json_t *component, int64_t now);

// Of the candidates (rows of grants_for() for each component) one that covers each component, the longest first; rows,
// without a case twice.  NULL when something is not covered; then `near` becomes the one that lacks least, a row with
// "differs", or NULL when all lack the licence or more than two things.  `without` is a case that does not count, or
// NULL.
json_t *grants_choose(const json_t *candidates, const struct asked *asked, const char *without, int64_t now,
                      json_t **near);

// "GPL-2.0-only for libfoo 2.1.x in Widget": what a row grants, in words.  The caller frees.
char *grant_text(const json_t *grant);

// "it is for the channel binary, not saas; it ends on 2027-03-31": differences in words.  The caller frees.
char *grant_differences_text(const json_t *differences, const json_t *declared);

// Does an approver's reason put a condition ("on condition that ...", "provided that ...", "if ...")?
bool grant_condition(const char *reason);

#endif
