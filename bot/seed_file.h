// SPDX-License-Identifier: Apache-2.0
// The end of a key: the successor's file takes the place of the old one's, and the old one's bytes are overwritten
// before the file is removed.  Killed or failing anywhere: a second call goes on, and at each moment `path` holds one
// whole key.
#ifndef BOT_SEED_FILE_H
#define BOT_SEED_FILE_H

#include "base/err.h"
#include "base/note.h"

// 0 when `path` holds the secret of `next` and the one of `old` is gone, also when that was so before.  -1 with
// EX_CONFIG when `path` holds neither, or `next_path` not the one of `next`; the files are as they were then.
int seed_file_replace(const char *path, const char *next_path, const struct note_key *old, const struct note_key *next,
                      struct err *e);

#endif
