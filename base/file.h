// SPDX-License-Identifier: Apache-2.0
// Whole files and memory files: read with a limit, written so that a reader sees all or nothing.
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

// Reads a file, or what a descriptor holds from offset 0 (or, when it cannot seek, until its end), into `out`, whose
// maximum is the limit; more is an error.  0, or -1 naming the file.
int file_read(const char *path, struct buf *out, struct err *e);
int fd_read(int fd, const char *name, struct buf *out, struct err *e);

// Writes all of it; 0, or -1.
int fd_write(int fd, const void *data, size_t len, struct err *e);

// Replaces `path` by way of a temporary file: written, synced, renamed, folder synced.
int file_replace(const char *path, const void *data, size_t len, unsigned mode, struct err *e);

// Makes the names in a folder durable: after creating, renaming or removing one.
int dir_sync(const char *dir, struct err *e);

// An anonymous file in memory, close-on-exec, holding `len` bytes (none when data is NULL); -1 on error.
int memfd_of(const char *name, const void *data, size_t len, struct err *e);

// "DIR/NAME", or NAME alone when it is absolute.  The caller frees; panics if memory ran out.
char *path_join(const char *dir, const char *name);
// The folder that a path is in ("." when it names none).  The caller frees.
char *path_dir(const char *path);

#endif
