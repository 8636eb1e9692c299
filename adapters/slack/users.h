// SPDX-License-Identifier: Apache-2.0
// Who a user of the workspace is, by users.info: asked once an hour, and never waited for long.
#ifndef ADAPTERS_SLACK_USERS_H
#define ADAPTERS_SLACK_USERS_H

#include <jansson.h>
#include <uv.h>

#include "base/err.h"

struct calls;
struct users;

// {"id","team","email"?,"name"?,"deleted","bot","guest"} out of Slack's user object; NULL when it is none.
json_t *user_describe(const json_t *user);

// `user` is borrowed; NULL: not found out in time.
typedef void users_found(void *data, const json_t *user);

// NULL on error.
struct users *users_new(uv_loop_t *loop, struct calls *calls, struct err *e);

// Calls back once, perhaps before it returns, within 1500 ms.
void users_find(struct users *u, const char *id, users_found *found, void *data);

// After calls_close().  Whoever waits is not called any more; its handle closes when the loop runs next.
void users_close(struct users *u);
void users_free(struct users **u);

#endif
