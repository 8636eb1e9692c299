// SPDX-License-Identifier: Apache-2.0
// Modals and Home tabs: trigger ids, each person's stack of views, and what an acknowledged submission does to it.
#ifndef SLACK_VIEWS_H
#define SLACK_VIEWS_H

#include <jansson.h>
#include <stdbool.h>

struct emulator;

#define VIEWS_STACK_MAX 3
#define TRIGGER_SIZE 96

struct views {
	json_t *by_id;    // id: {user, view, errors?: what the app found wrong with the last submission}
	json_t *stacks;   // user: [id, ...], the last one on top
	json_t *homes;    // user: id
	json_t *triggers; // id: {user, made_ms, used, view?: id of the view in which it arose}
};

void views_init(struct views *v);
void views_free(struct views *v);

// A trigger id for something that this person does, perhaps in a view.
const char *view_trigger(struct emulator *m, const char *user, const char *view_id, char out[TRIGGER_SIZE]);

// The view on top of a person's stack, or the Home tab; NULL when there is none.  Borrowed.
json_t *view_top(const struct views *v, const char *user);
json_t *view_home(const struct views *v, const char *user);
json_t *view_by_id(const struct views *v, const char *id);
json_t *view_errors(const struct views *v, const char *id); // of its last submission, or NULL

// What the payload of an ack does to a view that was submitted; what is wrong with it, or NULL (a literal).
const char *view_submitted(struct emulator *m, const char *user, const char *view_id, const json_t *payload);

// The person closes the top view, or all of them.
void view_close(struct views *v, const char *user, bool all);

#endif
