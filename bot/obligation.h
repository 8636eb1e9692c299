// SPDX-License-Identifier: Apache-2.0
// What approval of a licence commits to (templates/licences/obligations.json): source offer, notices, relinking, ...
#ifndef BOT_OBLIGATION_H
#define BOT_OBLIGATION_H

#include <jansson.h>

#include "bot/licence.h"

// [{"id","title","says","licenses":[..]},...] in the order of the file; of each OR the side that asks
// for least, of equal ones the first.  `channel` is one of DESIGN 5 (saas, binary, source, internal, embedded,
// app-store, container); of NULL or any other all that any channel asks for, and the first member says so (id
// "channel", no licenses).  A text that is no expression is one licence that nobody has read.  A new reference.
json_t *obligations(const struct licences *l, const char *expression, const char *channel);

#endif
