// SPDX-License-Identifier: Apache-2.0
// A version of a request in the making, for the files that decide: case_open.c, case_judge.c.
#ifndef BOT_CASE_DRAFT_H
#define BOT_CASE_DRAFT_H

#include "bot/case.h"
#include "bot/case_review.h"

struct draft {
	struct subject subject;
	json_t *facts, *origin, *words, *components, *evidence, *problems; // owned
	char *text, *title;
	json_t *judged; // catalogue_assess()
	json_t *missing;
};

void draft_free(struct draft *v);
#define _draft_ __attribute__((cleanup(draft_free)))

// A deep copy of `value`, or `otherwise`, which is taken.
json_t *copy_or(const json_t *value, json_t *otherwise);

// The catalogue's judgement of the facts, and with it what is missing; a fact that may not stand is taken out and is a
// problem.  -1: a condition fails.
int draft_judge(struct decision *d, struct draft *v);

// Puts the version's hash and what it holds into the body of its entry.
int draft_put(struct decision *d, const struct draft *v, json_t *body);

// evidence.attached for what came with the order.
void draft_attach(struct decision *d, const struct draft *v);

// One line that names the request.  The caller frees.
char *draft_title(const struct draft *v, const char *subject);

// A version that lacks nothing goes to the catalogue, and from there to people or to a decision by policy.
void draft_assess(struct decision *d, const struct draft *v);

// vote.voided for all votes that the case has.
void void_votes(struct decision *d, int64_t version, const char *why);

#endif
