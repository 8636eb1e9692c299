// SPDX-License-Identifier: Apache-2.0
// Which scopes the bot token has.
#ifndef SLACK_SCOPES_H
#define SLACK_SCOPES_H

#include <stdbool.h>

struct scopes {
	char *list; // with commas between them, as X-OAuth-Scopes shows it
};

void scopes_init(struct scopes *s);
void scopes_free(struct scopes *s);
void scopes_set(struct scopes *s, const char *list);

// Is it there?  An empty or absent one always is.
bool scopes_have(const struct scopes *s, const char *scope);

#endif
