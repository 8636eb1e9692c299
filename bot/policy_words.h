// SPDX-License-Identifier: Apache-2.0
// What stands in a condition, as far as looking for mistakes and for facts to try needs: names, texts and numbers.  The
// condition itself is SQLite's to read; what is misread here only makes a warning less good.
#ifndef BOT_POLICY_WORDS_H
#define BOT_POLICY_WORDS_H

#include <jansson.h>

// {"names":["license","channel"],
//  "texts":[{"text":"saas","column"?:"channel","op"?:"=","call"?:"family"}],
//  "numbers":[{"number":"50000","column"?:"spend"}]}
// names are those that may be columns, each once.  `column` and `op` are what a text or number is compared with; `call`
// is the function whose argument it is.  New reference.
json_t *policy_words(const char *condition);

// The parts that the condition joins by AND: ["channel = 'saas'","risk BETWEEN 1 AND 3"].  New reference.
json_t *policy_parts(const char *condition);

#endif
