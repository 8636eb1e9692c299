// SPDX-License-Identifier: Apache-2.0
// The last step of a mail's way, by what its first own line is.
#ifndef BOT_INTAKE_STEPS_H
#define BOT_INTAKE_STEPS_H

#include "bot/case.h"
#include "bot/incoming.h"
#include "bot/perform.h"

// What the own words are, the case being implied by the token or not: one of the three below.
enum step follow(struct incoming *in, struct err *e);
enum step follow_command(struct incoming *in, const struct command *command, struct err *e);
enum step follow_unclear(struct incoming *in, const char *code, const char *said, struct err *e);
enum step follow_prose(struct incoming *in, struct err *e);

// A request as it was read: a new one, or more of the one that the token is bound to.
enum step follow_reading(struct incoming *in, const json_t *reading, const json_t *evidence, struct err *e);

// An order by this mail's sender, to be completed.
struct order order_of(const struct incoming *in, enum order_kind kind);

// Carries it out; a refusal becomes a letter.  `done` may be NULL.
enum step carry_out(struct incoming *in, const char *case_id, const struct order *order, struct performed *done,
                    struct err *e);

// Keeps the mail's attachments as evidence; the list for an order, or NULL on error.
json_t *keep_attachments(struct incoming *in, struct err *e);

#endif
