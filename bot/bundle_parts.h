// SPDX-License-Identifier: Apache-2.0
// What a bundle is made of, for bot/bundle*.c alone.  All files but the evidence follow from a struct bundle, so that
// whoever checks one makes them again and compares.
#ifndef BOT_BUNDLE_PARTS_H
#define BOT_BUNDLE_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/checkpoint.h"
#include "bot/bundle.h"
#include "bot/grammar.h"
#include "store/verify_leaf.h"

#define BUNDLE_ENTRIES_MAX 20000
#define BUNDLE_FILE_MAX ((size_t)16 << 20) // bytes of a file that is no evidence
#define BUNDLE_NAME_MAX 200

struct bundle_entry {
	struct leaf said;  // what the leaf says
	char *leaf, *body; // the exact bytes, and a NUL; body NULL: it was erased
	size_t leaf_len, body_len;
	uint8_t salt[SALT_SIZE];
	char *proof;  // its tlog-proof
	json_t *json; // as log_entry() gives it
};

// Bytes that entries commit to.
struct bundle_evidence {
	char name[2 * DIGEST_SIZE + 1]; // their SHA-256
	bool kept;                      // are they in the bundle?
	bool archived;                  // they are in the archive's bundle, and nowhere else
	uint64_t size;
	uint8_t salt[SALT_SIZE];
};

struct bundle {
	char case_id[CASE_ID_SIZE];
	struct bundle_entry **entries;    // of the case, and those that they rest on; by number
	struct bundle_evidence *evidence; // by name
	size_t count, evidence_count;
	char *note; // the checkpoint
	char *key;  // that signed it, or NULL
	struct checkpoint head;
};

void bundle_free(struct bundle *b);
#define _bundle_ __attribute__((cleanup(bundle_free)))

bool bundle_is_of_case(const struct bundle *b, const struct bundle_entry *entry);
struct bundle_entry *bundle_entry_find(const struct bundle *b, uint64_t seq);
struct bundle_evidence *bundle_evidence_find(const struct bundle *b, const char *name);
// The entry of that type that was in force at `seq`, or NULL.
const struct bundle_entry *bundle_in_force(const struct bundle *b, const char *type, uint64_t seq);

// Fills `json` of an entry whose bytes are there.
int bundle_entry_read(struct bundle_entry *entry, struct err *e);
// Lists the evidence that bodies name; what is not listed yet is not kept.
int bundle_list_evidence(struct bundle *b, struct err *e);

// --- bundle_collect.c: out of the log
int bundle_collect(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, struct bundle *out,
                   struct err *e);

// --- bundle_archive.c: evidence that is in STATE/archive/CASE.tar and not in the store
int bundle_find_archived(struct db *db, struct bundle *b, struct err *e);
int bundle_read_archived(struct db *db, struct bundle *b, const char *name, struct buf *out, struct err *e);

// --- bundle_files.c: the files that follow from it, by name
struct bundle_file {
	char *name;
	char *data; // NULL: evidence
	size_t len;
	struct digest sha256;
	bool named; // in SHA256SUMS, once that is looked at
};

struct bundle_files {
	struct bundle_file *list;
	size_t count, room;
};

// `program` names the version that writes ("0.1.0").
int bundle_files(const struct bundle *b, const char *program, struct bundle_files *out, struct err *e);
// Makes SHA256SUMS anew from the others' sums.
int bundle_files_sum(struct bundle_files *files, struct err *e);
struct bundle_file *bundle_file_find(const struct bundle_files *files, const char *name);
void bundle_files_free(struct bundle_files *files);
#define _bundle_files_ __attribute__((cleanup(bundle_files_free)))

// --- bundle_summary.c: what a person reads.  New reference: the model of templates/bundle/.
json_t *bundle_model(const struct bundle *b, const char *program, struct err *e);
// The caller frees.
char *bundle_render(const json_t *model, const char *file, struct err *e);

#endif
