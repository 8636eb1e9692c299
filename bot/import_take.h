// SPDX-License-Identifier: Apache-2.0
// The core's side of an import: a batch of rows, within one transaction.
#ifndef BOT_IMPORT_TAKE_H
#define BOT_IMPORT_TAKE_H

#include "bot/desk.h"

#define IMPORT_BATCH_ROWS 50
#define IMPORT_BATCH_MAX (1U << 20) // bytes of a batch
#define IMPORT_PROBLEMS_MAX 3       // that are told of one row
#define IMPORT_WHY_MAX 240          // bytes of each

// {"verb":"import","register","source","dry"?: true} and a descriptor that holds
//   [{"row","id","outcome","opened"?,"decided","until"?,"requester"?,"decider"?,"text"?,"facts":{name: words}}]
// The answer: {"ok":true,"rows":[of each row, in order,
//   {"row","problems":[{"name","why"}]}         it is bad: then nothing of the batch was imported
//   {"row","had": case}                         its id was imported before: left as it is
//   {"row","case"?,"title","type","risk"}]}     imported as that case, or with dry what would be
// 0, or -1: the whole batch is undone.
int import_take_batch(struct desk *desk, const char *actor, const json_t *request, int document, json_t *reply,
                      struct err *e);

#endif
