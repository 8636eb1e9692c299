// SPDX-License-Identifier: Apache-2.0
// The owner's example cases: what a policy is meant to make of them, in a YAML list that lives beside it.
//
//   - name: AGPL in our service
//     facts: {license: AGPL-3.0-only, component: searchd, channel: hosted}
//     expect: {type: oss, outcome: review, risk: 5, findings: [OSS-7.2], stages: [licensing], missing: [product]}
//
// Facts are written as people write them.  What `expect` does not name is not looked at; findings are the ids of all
// checks that hold, stages the names of the route's stages.
#ifndef BOT_POLICY_CASES_H
#define BOT_POLICY_CASES_H

#include <jansson.h>
#include <stdint.h>

#include "bot/catalogue.h"

#define POLICY_CASES_MAX 10000

// [{"name","facts":{name: value as in facts.h},"expect":{...},"place":"tests.yaml:3:5"}]; new reference.  A word that
// is no fact or cannot be read as one is an error with its place.  NULL on error (EX_CONFIG).
json_t *policy_cases_load(const char *path, const struct catalogue *c, const struct people *people, int64_t now,
                          struct err *e);

// What comes out differently than expected, for one case:
// [{"name":"outcome","expected":"allow","got":"review"},...]; all texts.  NULL when it cannot be judged.
json_t *policy_case_differs(const struct catalogue *c, const json_t *test, struct err *e);

#endif
