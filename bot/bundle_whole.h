// SPDX-License-Identifier: Apache-2.0
// The second half of checking a bundle: is it one case and all that it rests on, and are its other files what follows
// from the entries?  For bot/bundle_check.c alone.
#ifndef BOT_BUNDLE_WHOLE_H
#define BOT_BUNDLE_WHOLE_H

#include "bot/bundle_check.h"
#include "bot/bundle_sort.h"

// Are the files that are there the ones that SHA256SUMS names?  Before anything else, so that what was taken away or
// added is named as such.
int bundle_check_names(struct sorted *s, struct err *e);

// Everything else, once all that the log vouches for is known to be right.
int bundle_check_whole(const struct sorted *s, struct bundle_verdict *v, struct err *e);

#endif
