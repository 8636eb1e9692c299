// SPDX-License-Identifier: Apache-2.0
// One case, whole, in a folder or a tar file that proves itself (countersign-bundle(5)): for whoever has to look into a
// case without the bot, today on another machine or in ten years out of the archive.
#ifndef BOT_BUNDLE_H
#define BOT_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/note.h"
#include "store/db.h"

#define BUNDLE_EVIDENCE_MAX ((size_t)256 << 20) // bytes of one piece of evidence: the most that mail.max_size may be

// What was written.
struct bundled {
	struct digest sha256; // of the tar file; of a folder, of its SHA256SUMS
	uint64_t size;        // bytes, likewise
	size_t entries;       // of the case
	size_t evidence;      // pieces whose bytes are in it
};

// Writes the bundle of the case's entries of at most number `last` (UINT64_MAX: all), with the newest checkpoint, which
// must be signed by the key (NULL: it is not named, and the signature not looked at), and with all evidence that the
// store still holds, or the case's bundle in the archive (STATE/archive/CASE.tar; `path` may be that one).  The same
// entries and checkpoint give the same bytes.
//   EX_NOINPUT   there is no such case
//   EX_TEMPFAIL  no signed checkpoint covers its last entry yet
//   EX_CANTCREAT `path` cannot be written, or (folders) is there already
// A tar file replaces what is at `path`; it is durable when this returns, and on error what was there is untouched.
int bundle_to_tar(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, const char *path,
                  struct bundled *out, struct err *e);
int bundle_to_folder(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, const char *path,
                     struct bundled *out, struct err *e);

#endif
