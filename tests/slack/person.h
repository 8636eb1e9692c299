// SPDX-License-Identifier: Apache-2.0
// What the payloads of everything that people do have in common.
#ifndef SLACK_PERSON_H
#define SLACK_PERSON_H

#include <jansson.h>

#include "base/err.h"

struct delivery;
struct emulator;

// The user that an ask names, borrowed; NULL and an error when there is none.
json_t *person_of(const struct emulator *m, const json_t *ask, struct err *e);

// A payload of this type by this user in `view` (NULL: in none): {type, user, team, api_app_id, token, trigger_id,
// enterprise, is_enterprise_install, ...}.
json_t *person_payload(struct emulator *m, const char *type, const json_t *user, const json_t *view);

// What the ask is answered with: {"envelope", "trigger_id"?}.
json_t *person_answer(const struct delivery *d);

#endif
