// SPDX-License-Identifier: Apache-2.0
// Backups of a state, made beside the core that goes on writing: DIR/NAME is a folder that appears whole or not at all,
// with the database as it was at one moment, the evidence that is in files, archived bundles, and a manifest
// (store/backup_manifest.h) that names each with its hash.  What is in it was verified before it got its name.
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <stdint.h>

#include "store/backup_manifest.h"

struct backup_order {
	const char *state;   // what is saved
	const char *dir;     // where backups are; see backups_lock()
	const char *origin;  // of the log, or NULL
	const char *journal; // folder of the leaf journal, or NULL
	const char *program; // our version
	int64_t now;
};

// Takes the folder, which is made when it is missing, for this process alone until the descriptor is closed, and
// removes what a killed predecessor left in it.  The descriptor, or -1 (EX_TEMPFAIL: another one is at work).
int backups_lock(const char *dir, struct err *e);

// How a moment is spelled in names of folders: "20261124T193850.120Z".  The caller frees.
char *backup_name(int64_t now);

// Makes a backup.  -1 with EX_DATAERR when the state does not verify: what cannot be restored is no backup, and must
// not push out an older one.  `out` is what the manifest says and valid for manifest_free() either way.
int backup_make(const struct backup_order *order, struct manifest *out, struct err *e);

// Removes the oldest whole backups but the last `keep`; how many, or -1.
int backups_prune(const char *dir, unsigned keep, struct err *e);

// The folder of the newest whole backup in `dir`, or `dir` itself when it is one; the caller frees.  NULL with
// EX_NOINPUT when there is none.
char *backups_newest(const char *dir, struct err *e);

#endif
