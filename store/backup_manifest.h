// SPDX-License-Identifier: Apache-2.0
// What a backup says about itself, BACKUP/manifest.json: whose log it holds, how far, and the hash of every file.
#ifndef STORE_BACKUP_MANIFEST_H
#define STORE_BACKUP_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/folder.h"
#include "base/staging.h"

#define BACKUP_MANIFEST "manifest.json"
#define BACKUP_DATABASE "countersign.db"

struct manifest {
	char *name;   // of the backup: when it was made, "20261124T193850.120Z"
	char *origin; // of the log, or NULL when it had none
	uint64_t size;
	struct digest root;
	char *checkpoint; // the newest one in it, a signed note, or NULL
	int64_t schema;   // of the database
	char *program;    // version of countersign that made it
	int64_t time;
	char *segment; // of the journal, where the log goes on, and the offset in it; NULL without a journal
	uint64_t offset;
	json_t *files;        // [{"name","size","sha256"}]: names below the backup's folder
	struct digest digest; // SHA-256 of the manifest itself; set by reading and writing
};

// Adds a file to `files`.
void manifest_add(struct manifest *m, const char *name, const struct file_sum *sum);

int manifest_write(struct manifest *m, const struct staging *s, struct err *e);

// Reads BACKUP/manifest.json; EX_DATAERR when it is none of ours, or names files that no backup has.
int manifest_read(const char *backup, struct manifest *out, struct err *e);
void manifest_free(struct manifest *m);

// One of its files, for the n-th of `files`: the name (borrowed) and what it must be.
const char *manifest_file(const struct manifest *m, size_t n, struct file_sum *out);

// May a backup have a file of this name?  "countersign.db", "evidence/ab/abcd...", "archive/NAME".
bool manifest_name_ok(const char *name);

#endif
