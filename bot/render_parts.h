// SPDX-License-Identifier: Apache-2.0
// Templates as render.c keeps them, for blocks.c, which makes Slack's messages of them.  Not for others.
#ifndef BOT_RENDER_PARTS_H
#define BOT_RENDER_PARTS_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"

struct templates;

// The JSON file PATH below the folder ("slack/review.json"), read when it is first asked for.  Borrowed; NULL on error.
const json_t *template_json(struct templates *t, const char *path, struct err *e);

// Renders one string of the file PATH into `out`; it may include {{> words/NAME}}.
int render_piece(struct templates *t, const char *path, const char *piece, const json_t *model, enum escape how,
                 struct buf *out, struct err *e);
// Parses it only, and what it includes.
int check_piece(struct templates *t, const char *path, const char *piece, struct err *e);

#endif
