// SPDX-License-Identifier: Apache-2.0
// What people see in Slack: templates/slack/NAME.json and a JSON model become messages, modals and the Home tab in
// Block Kit.  A template is JSON first and Mustache after that: strings are rendered once the structure stands, so that
// no value can change it.  templates/README.md has the directives (if, each, include) and the models.
//
// What goes into text is escaped for where it stands; texts of several lines are quoted; all mrkdwn is verbatim.  What
// is empty is left out.  What is too long for Slack is cut at a character and ends in an ellipsis: long values first,
// then blocks from the end, but never the buttons; then a last block says where all of it can be read.
#ifndef BOT_BLOCKS_H
#define BOT_BLOCKS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct templates;

// {"text": for notifications,"blocks":[..]}: at most 50 blocks, 10,000 characters of text.  0 and a new reference, or
// -1 with the file when the template is wrong.
int blocks_render(struct templates *t, const char *name, const json_t *model, json_t **out, struct err *e);

// {"type":"modal"|"home","title",..,"blocks":[..]}: at most 100 blocks, 250 KB.
int blocks_view(struct templates *t, const char *name, const json_t *model, json_t **view, struct err *e);

// Was something cut from it?
bool blocks_cut(const json_t *rendered);

// Is the file PATH ("slack/review.json") a template?  Its directives, its strings and what they include.
int blocks_check(struct templates *t, const char *path, struct err *e);

#endif
