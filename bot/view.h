// SPDX-License-Identifier: Apache-2.0
// How a case looks to people and programs: the one view model that mail, command line and JSON share (DESIGN 9), and a
// case's history as sentences.
#ifndef BOT_VIEW_H
#define BOT_VIEW_H

#include <jansson.h>

#include "bot/desk.h"

// The view of `show CASE --json` from case_load()'s state.  New reference.
json_t *case_view(const struct desk *desk, const json_t *state);

// What templates want beside it: *_text times in `zone` (NULL: the catalogue's), "text", "several", "unverified".
void case_view_texts(const struct desk *desk, const json_t *state, const char *zone, json_t *view);

// The facts as a list for people: [{"name","title","value","inferred","origin"}].
json_t *fact_list(const struct desk *desk, const json_t *state);

// Entries of log_history() of the case `state` as [{"seq","time","time_text","who","via","what","why"}].
json_t *history_view(const struct desk *desk, const json_t *state, const json_t *entries, const char *zone);

// A time for people, in `zone` or the catalogue's.  The caller frees.
char *desk_time(const struct desk *desk, const char *zone, int64_t when);

// "the vote of any one of 3", "the votes of all 2": how many of those asked decide a stage.  The caller frees.
char *quorum_text(const json_t *stage);

// "7 of 10: OSS-7.2 adds 5, OSS-3 adds 2"; the caller frees.
char *risk_text(const json_t *state);

#endif
