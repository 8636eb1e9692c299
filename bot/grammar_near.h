// SPDX-License-Identifier: Apache-2.0
// What is not a command but looks as if one was meant (bot/grammar.h has the rules).  It only ever leads to a question
// back, never to a decision.
#ifndef BOT_GRAMMAR_NEAR_H
#define BOT_GRAMMAR_NEAR_H

#include <stdbool.h>
#include <stddef.h>

// `line`: the first line that is not blank; `lines_below`: how many such lines follow.
bool grammar_near(const char *line, size_t lines_below, const char *prefix, bool case_implied);

// "CS-12", but also "cs12", "CS-012", "#12" after a verb: something that was meant as a case id.
bool grammar_like_case(const char *word, const char *prefix);

#endif
