// SPDX-License-Identifier: Apache-2.0
// An envelope as text.
#ifndef SLACK_ENVELOPE_H
#define SLACK_ENVELOPE_H

struct delivery;

// Gives it a new id, a random UUID.
void envelope_name(struct delivery *one);

// What goes over the connection; the caller frees.
char *envelope_text(const struct delivery *one);

#endif
