// SPDX-License-Identifier: Apache-2.0
// Folders with what is in them: making, emptying, removing; and files that may be too large for memory.
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

// Makes a folder (0700), and those above it that are missing, durably.  One that is there is fine.
int folder_make(const char *path, struct err *e);

// Removes all that is in it, and with folder_remove() the folder too.  One that is not there is fine; links are not
// followed.
int folder_empty(const char *path, struct err *e);
int folder_remove(const char *path, struct err *e);

// Everything of the file system that the folder is in is durable after this: one call for thousands of files.
int folder_sync(const char *path, struct err *e);

// What a whole file is.
struct file_sum {
	uint64_t size;
	struct digest sha256;
};
int file_sum(const char *path, struct file_sum *out, struct err *e);

// Copies into a new file (EX_CANTCREAT when there is one), which is not synced.
int file_copy(const char *from, const char *to, unsigned mode, struct file_sum *out, struct err *e);

#endif
