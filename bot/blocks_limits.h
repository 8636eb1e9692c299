// SPDX-License-Identifier: Apache-2.0
// Slack's limits of messages and views, and keeping them.  Lengths are UTF-16 units of what is sent, the stricter of
// the two ways that Slack may count.
#ifndef BOT_BLOCKS_LIMITS_H
#define BOT_BLOCKS_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SLACK_TEXT_MAX 3000  // one text object; private_metadata; what a person can type into an input
#define SLACK_LABEL_MAX 2000 // label and hint of an input
#define SLACK_OPTION_MAX 75  // text and value of an option
#define SLACK_OPTIONS_MAX 100

// What may be in one message or view; a page's blocks share it.
struct blocks_room {
	size_t blocks, text, bytes;
};
extern const struct blocks_room blocks_message_room, blocks_view_room;

size_t slack_units(const char *text);

// At most `max` units of it, cut between characters (an entity such as "&amp;" or a "<...>" is one) and ending in an
// ellipsis when something was cut, which sets *cut.  The caller frees.
char *slack_cut(const char *text, size_t max, bool *cut);

// A text object without markup: one line, escaped, cut.  New reference.
json_t *slack_plain(const char *text, size_t max);

// U+E000, for private use, as long as an ellipsis: "something was cut here".
#define BLOCKS_BOUND "\xee\x80\x80"

// A copy of a model in which texts end after `max` units, in BLOCKS_BOUND, and lists after a thousand members, which
// sets *lost.  Of the texts only what then stands in a text object counts as cut: blocks_tidy() finds it there.  New
// reference.
json_t *blocks_bound(const json_t *model, size_t max, bool *lost);

// Makes a page ({"blocks":[..]}, texts as strings or as arrays of lines) into what Slack takes: joins lines, going on
// in another section where one is full; cuts each text to its limit; leaves out what is empty and what cannot be sent;
// makes mrkdwn verbatim and block_ids unique.  False when nothing is left, or when what is no text (private_metadata,
// callback_id) is too long.
bool blocks_tidy(json_t *page, bool *cut);

bool blocks_fit(const json_t *page, const struct blocks_room *room);
// Takes blocks from the end, the buttons last of all, until it fits.
void blocks_drop(json_t *page, const struct blocks_room *room);

#endif
