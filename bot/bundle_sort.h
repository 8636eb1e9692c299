// SPDX-License-Identifier: Apache-2.0
// What was read of a bundle, each file in its place: the bytes that the log commits to, the sums of all others.
#ifndef BOT_BUNDLE_SORT_H
#define BOT_BUNDLE_SORT_H

#include <jansson.h>

#include "bot/bundle_parts.h"
#include "bot/bundle_read.h"

// The files of one entry.
struct sorted_entry {
	uint64_t seq;
	char *leaf, *body, *salt, *proof; // NULL: was not there
	size_t leaf_len, body_len, salt_len, proof_len;
};

// A piece of evidence: its bytes are hashed and dropped.
struct sorted_evidence {
	char name[2 * DIGEST_SIZE + 1];
	uint8_t salt[SALT_SIZE];
	bool read; // the bytes were there, not the salt alone
	uint64_t size;
	struct digest commitment;
};

struct sorted {
	char folder[BUNDLE_FOLDER_MAX]; // of a tar file; else ""
	struct bundle_files files;      // all, without their bytes
	struct sorted_entry *entries;   // by number
	struct sorted_evidence *evidence;
	size_t count, room, evidence_count, evidence_room;
	size_t proven;                      // where the next proof is likely to belong
	char *note, *key, *manifest, *sums; // NULL: was not there
};

int bundle_sort(const char *path, struct sorted *out, struct err *e);
void sorted_free(struct sorted *s);
#define _sorted_ __attribute__((cleanup(sorted_free)))

#endif
