// SPDX-License-Identifier: Apache-2.0
// What a person has typed and chosen in the fields of a view, in the shape of view.state.values.
#ifndef SLACK_STATE_H
#define SLACK_STATE_H

#include <jansson.h>

#include "base/err.h"

// The state of one element: {"type", and what that type has}.  `input` is text, a list of texts or NULL for what the
// element began with; of an option its value or its text.
json_t *state_of(const json_t *element, const json_t *input);

// {"values": {block_id: {action_id: state}}} of a view; `values` is {block_id: input}, or NULL.
json_t *state_of_view(const json_t *view, const json_t *values);

// Would Slack let the person submit?  0, or -1 naming the field that is empty, or the value that no block is for.
int state_complete(const json_t *view, const json_t *state, const json_t *values, struct err *e);

#endif
