// SPDX-License-Identifier: Apache-2.0
// The files of a bundle, one after the other, out of a folder or a tar file that anybody may have made: plain files
// with plain names, no links, nothing twice, nothing outside, sizes within bounds.  What they mean is not looked at
// here.
#ifndef BOT_BUNDLE_READ_H
#define BOT_BUNDLE_READ_H

#include <stddef.h>

#include "base/err.h"

#define BUNDLE_FILES_MAX 150000
#define BUNDLE_TOTAL_MAX ((size_t)512 << 20) // bytes of all files that are no evidence
#define BUNDLE_FOLDER_MAX 64

// Called with each file in the order of the names; `data` ends in a NUL that `len` does not count.  -1 ends the
// reading.
typedef int bundle_take(void *context, const char *name, const char *data, size_t len, struct err *e);

// `folder` becomes the one that a tar file's names begin with, "" for a folder.  0, or -1 with EX_DATAERR naming what
// is refused, EX_NOINPUT when there is no such file.
int bundle_read(const char *path, bundle_take *take, void *context, char folder[BUNDLE_FOLDER_MAX], struct err *e);
// The same from a descriptor of a tar file.
int bundle_read_tar(int fd, bundle_take *take, void *context, char folder[BUNDLE_FOLDER_MAX], struct err *e);

#endif
