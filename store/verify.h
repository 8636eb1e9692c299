// SPDX-License-Identifier: Apache-2.0
// `countersign log verify`: does everything that is held follow from the log, and is the log whole?  Reads only, in one
// consistent view, beside a core that goes on writing.
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

// What was looked at; when something is wrong, what was found good before it.
struct verify_result {
	uint64_t entries;
	uint64_t erased;      // of them, whose bodies are gone because a later entry says so
	uint64_t nodes;       // of the tree
	uint64_t checkpoints; // whose roots are the log's
	uint64_t rows;        // of projections
	uint64_t evidence;    // references to evidence, each read and hashed
	uint64_t bundles;     // of the archive, each read and hashed
	uint64_t work;        // rows of inbox, outbox and tokens
	struct digest root;   // recomputed from the leaves
};

// 0 when everything holds; -1 with EX_DATAERR and a sentence that names the first entry, row or file that does not, or
// another code when it could not be checked.  Signatures of checkpoints are not looked at here.
int log_verify(const char *state_dir, struct verify_result *out, struct err *e);

// The log alone: leaves, bodies, tree hashes, roots of checkpoints.  Neither the evidence nor what is held beside the
// log is looked at, so that it takes little more than reading and hashing, and memory for one entry.
int log_verify_tree(const char *state_dir, struct verify_result *out, struct err *e);

#endif
