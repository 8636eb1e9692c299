// SPDX-License-Identifier: Apache-2.0
// What Slack takes as blocks and views, and how it says what is wrong: "... [json-pointer:/blocks/0/text/text]".
#ifndef SLACK_LIMITS_H
#define SLACK_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

// What is wrong with the blocks of a message, as texts; NULL when nothing is.
json_t *limits_message(const json_t *blocks);

// Is there more text in the blocks than one message may have?
bool limits_text_too_long(const json_t *blocks);

// The same for a modal or a Home tab.
json_t *limits_view(const json_t *view);

// Length as it is counted here: UTF-16 units, the stricter of what is known.
size_t limits_length(const char *text);

#endif
