// SPDX-License-Identifier: Apache-2.0
// The newest signed head of the log, as messages show it to people.
#ifndef BOT_SIGNED_HEAD_H
#define BOT_SIGNED_HEAD_H

#include <jansson.h>

#include "bot/desk.h"

// Adds "signed": {"size","size_text": "1,234","root": the first 20 hexadecimal digits} to a model, as Message-IDs have
// them; nothing when nothing is signed.
int signed_head_put(const struct desk *desk, json_t *model, struct err *e);

#define COUNT_TEXT 32
// "1,234,567"; returns out.
const char *count_text(uint64_t count, char out[COUNT_TEXT]);

#endif
