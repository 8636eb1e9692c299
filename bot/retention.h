// SPDX-License-Identifier: Apache-2.0
// What the catalogue's `retention` asks for, once a day: evidence of cases that are long over goes into bundles, and
// what is said in cases that are over for longer is erased.  Two administrators published the catalogue, so that no
// others are asked; a legal hold stops both.
#ifndef BOT_RETENTION_H
#define BOT_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct serve;

// Does the next portion, if one is due, inside the open transaction; the desk's `now` counts.  0, or -1.
int retention_run(struct serve *s, struct err *e);

// When the next portion is due; INT64_MAX when the catalogue asks for nothing.
int64_t retention_next(const struct serve *s);

#endif
