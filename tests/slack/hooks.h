// SPDX-License-Identifier: Apache-2.0
// response_urls: each for one place and person, a few times within half an hour.
#ifndef SLACK_HOOKS_H
#define SLACK_HOOKS_H

#include <jansson.h>

struct answer;
struct emulator;
struct request;

struct hooks {
	json_t *by_id;  // id: {channel, user, ts?: of the message that was pressed, made_ms, uses}
	json_t *called; // [{id, body, at_ms, status}]
};

void hooks_init(struct hooks *h);
void hooks_free(struct hooks *h);

// A new one, on the emulator's own host; the caller frees.
char *hook_new(struct emulator *m, const char *channel, const char *user, const char *ts);

// Answers a request for /hooks/ID.
void hooks_answer(struct emulator *m, const struct request *r, const char *id, struct answer *a);

#endif
