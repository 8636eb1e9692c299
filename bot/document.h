// SPDX-License-Identifier: Apache-2.0
// What the mime worker wrote, before anybody looks into it: it parsed hostile bytes and may have lost to them.
#ifndef BOT_DOCUMENT_H
#define BOT_DOCUMENT_H

#include <jansson.h>

#include "base/err.h"

// Exact types, unknown key refused, sizes bounded (countersign-frames(7)).  0, or -1.
int document_check(const json_t *document, struct err *e);

#endif
