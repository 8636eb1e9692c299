// SPDX-License-Identifier: Apache-2.0
// Envelopes on their way from a socket to the core and their acknowledgements back.  Nothing that a person asked for is
// acknowledged before the core has said `done`; a socket that dies takes its part with it, for Slack sends that again.
// While INTAKE_MAX are with the core, what comes waits here (backlog.h).
#ifndef ADAPTERS_SLACK_INTAKE_H
#define ADAPTERS_SLACK_INTAKE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapters/slack/sockets.h"
#include "base/err.h"

#define INTAKE_MAX 256 // envelopes handed over, or about to be, that are not done

struct core;
struct intake;
struct settings;
struct users;

// Everything must outlive it.  NULL on error.
struct intake *intake_new(const struct settings *settings, struct core *core, struct users *users, struct err *e);
void intake_free(struct intake **i);

// What sockets_new() wants; then the sockets are named here.
const struct sockets_user *intake_user(const struct intake *i);
void intake_set_sockets(struct intake *i, struct sockets *sockets);

// Our own user's id, once it is known: what we do ourselves is nobody's wish.
void intake_set_self(struct intake *i, const char *user_id);

// The core has it for good.  `reply` may be NULL; it leaves only where Slack takes one.
void intake_done(struct intake *i, const char *id, json_t *reply);

// The core could not keep it: nothing is acknowledged, and Slack sends it again.
void intake_drop(struct intake *i, const char *id);

// Nothing more is taken: what comes is not acknowledged and comes again.
void intake_stop(struct intake *i);
size_t intake_count(const struct intake *i);

#endif
