// SPDX-License-Identifier: Apache-2.0
// Files: taken in three steps from the app, given out to whoever shows the bot's token.
#ifndef SLACK_FILES_H
#define SLACK_FILES_H

#include <jansson.h>

#include "base/err.h"

struct answer;
struct emulator;
struct request;

// Takes the bytes for /upload/v1/ID.
void files_take(struct emulator *m, const struct request *r, const char *rest, struct answer *a);
// Gives the bytes of /files/ID/NAME.
void files_give(struct emulator *m, const struct request *r, const char *rest, struct answer *a);

// A file of a person: {name, text or base64, mimetype?, size?: what Slack shall say}.  As Slack shows it, borrowed;
// NULL and an error when it is wrong.
json_t *files_add(struct emulator *m, const char *user, const json_t *given, struct err *e);

// All of them, with their content as text: [{id, name, title, size, user, shared, text}].
json_t *files_list(const struct emulator *m);

#endif
