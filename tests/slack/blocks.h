// SPDX-License-Identifier: Apache-2.0
// Looking into blocks: what can be pressed or filled in, and what a person reads.
#ifndef SLACK_BLOCKS_H
#define SLACK_BLOCKS_H

#include <jansson.h>

#include "base/buf.h"

// Calls back for every element that acts (in actions, accessories and inputs) until one call returns non-zero, which
// is returned.
int blocks_each(const json_t *blocks, int (*each)(void *data, json_t *block, json_t *element), void *data);

// Gives ids to the blocks and elements that have none.
struct workspace;
void blocks_fill(json_t *blocks, struct workspace *w);

// The element of an action id, and the block that it is in; of several, the one with this block id or value (each may
// be NULL).  NULL when there is none; borrowed.
json_t *blocks_find(const json_t *blocks, const char *action, const char *block_id, const char *value, json_t **block);

// All text in them in plain words, one line for each text object.
void blocks_shown(const json_t *blocks, struct buf *out);

// The entities of Slack's texts as characters.
void text_shown(const char *text, struct buf *out);

// The buttons and menus: [{type, action_id, block_id, text, value, style, options}].
json_t *blocks_buttons(const json_t *blocks);

#endif
