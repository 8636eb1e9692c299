// SPDX-License-Identifier: Apache-2.0
// The one thing that is ever said on a socket: this envelope has arrived, and perhaps what its sender is to see.
#ifndef ADAPTERS_SLACK_ACK_H
#define ADAPTERS_SLACK_ACK_H

#include <jansson.h>

// The JSON text; `payload` may be NULL.  The caller frees.
char *ack_text(const char *envelope_id, json_t *payload);

#endif
