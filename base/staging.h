// SPDX-License-Identifier: Apache-2.0
// A folder that appears whole or not at all: it is filled under another name beside the one it is to have, synced, and
// renamed.  What is not committed is removed; a killed program leaves NAME.new-XXXXXX behind, which nobody reads.
#ifndef BASE_STAGING_H
#define BASE_STAGING_H

#include <stddef.h>

#include "base/err.h"

struct staging {
	char *path; // what it is to be called
	char *work; // what it is called while it is filled
};

// EX_CANTCREAT when `path` is there already or cannot be made.  `out` is valid for staging_end() either way.
int staging_begin(const char *path, struct staging *out, struct err *e);

// Writes a file of it, making the folders on its way.  `name` has no "..".
int staging_write(const struct staging *s, const char *name, const void *data, size_t len, struct err *e);

// Durable after this.
int staging_commit(struct staging *s, struct err *e);
void staging_end(struct staging *s);
#define _staging_ __attribute__((cleanup(staging_end)))

#endif
