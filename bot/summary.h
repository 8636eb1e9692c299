// SPDX-License-Identifier: Apache-2.0
// What somebody who decides, asks or looks a case up needs to know beyond its plain facts: one model for mail, the
// command line and JSON.
#ifndef BOT_SUMMARY_H
#define BOT_SUMMARY_H

#include <jansson.h>

#include "bot/desk.h"

// Adds to case_view(): "findings" in the order of their weight,
//  "obligations":[{"id","title","says","licenses":[..]}]        what approval commits to
//  "precedents":[{"case","state","title","decided_text"?,"alike_text","grounds":[{"name","verdict","why"}]}]
// `zone` is the reader's, or NULL.
int summary_put(struct desk *desk, const json_t *state, const char *zone, json_t *view, struct err *e);

// What has changed since this reader was last shown the case: [{"name","title","old","new"}], and JSON null when they
// have not seen it, or this very version.  NULL on error.
json_t *summary_changes(struct desk *desk, const json_t *state, const char *principal, struct err *e);

#endif
