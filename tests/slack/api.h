// SPDX-License-Identifier: Apache-2.0
// The Web API: which methods there are, who may call them, and how an answer is made.
#ifndef SLACK_API_H
#define SLACK_API_H

#include <jansson.h>
#include <stdbool.h>

struct answer;
struct emulator;
struct request;

// A call that has passed the checks of token, scope and encoding.
struct call {
	const char *method;
	json_t *args;     // values of a form are strings
	const char *host; // by which the emulator was reached
};

// Answers a request for /api/METHOD.
void api_answer(struct emulator *m, const struct request *r, const char *method, struct answer *a);

// What a method answers with: {"ok":true}, to add to; an error; an error about one argument, which `messages` (taken)
// tells more of.
json_t *api_ok(void);
json_t *api_error(const char *error);
json_t *api_refuse(const char *error, json_t *messages);

// An argument: NULL when it is absent or empty; false; or the JSON value, which is NULL both when it is absent (0) and
// when it is no JSON (-1).  The text is borrowed, the value the caller's.
const char *call_text(const struct call *c, const char *name);
bool call_flag(const struct call *c, const char *name);
int call_json(const struct call *c, const char *name, json_t **out);

// The methods, by group.  Each returns its answer.
json_t *apps_connections_open(struct emulator *m, const struct call *c);
json_t *auth_test(struct emulator *m, const struct call *c);
json_t *chat_post_message(struct emulator *m, const struct call *c);
json_t *chat_post_ephemeral(struct emulator *m, const struct call *c);
json_t *chat_update(struct emulator *m, const struct call *c);
json_t *chat_delete(struct emulator *m, const struct call *c);
json_t *conversations_open(struct emulator *m, const struct call *c);
json_t *users_info(struct emulator *m, const struct call *c);
json_t *users_lookup_by_email(struct emulator *m, const struct call *c);
json_t *views_open(struct emulator *m, const struct call *c);
json_t *views_push(struct emulator *m, const struct call *c);
json_t *views_update(struct emulator *m, const struct call *c);
json_t *views_publish(struct emulator *m, const struct call *c);
json_t *files_get_upload_url(struct emulator *m, const struct call *c);
json_t *files_complete_upload(struct emulator *m, const struct call *c);

#endif
