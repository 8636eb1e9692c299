// SPDX-License-Identifier: Apache-2.0
// A bundle's tar file, over libarchive: the same files give the same bytes, whoever writes them, and what is read is
// held to what we write - plain files below one folder, in the order of their names, and nothing else.
#ifndef BOT_BUNDLE_TAR_H
#define BOT_BUNDLE_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

struct tar;

// Writes beside `path` under another name.  `folder` is the one that all files are in; `time` (seconds since 1970) is
// every file's.  NULL on error.
struct tar *tar_begin(const char *path, const char *folder, int64_t time, struct err *e);
int tar_put(struct tar *t, const char *name, const void *data, size_t len, struct err *e);
// Durable at `path` after this; whatever stood there is replaced.
int tar_commit(struct tar *t, struct digest *sha256, uint64_t *size, struct err *e);
// Ends it; what is not committed is removed.
void tar_end(struct tar **t);
#define _tar_ __attribute__((cleanup(tar_end)))

#endif
