// SPDX-License-Identifier: Apache-2.0
// Putting a state together again from a backup and the leaf journal.
//
// It is built beside what is there, in STATE/restore.new, verified, and compared with the signer's mark; only then does
// it take the place of the old one.  Killed anywhere, the old state is there or the new one, or - where the old
// database was gone or broken - none that the core would start with; doing it again begins anew and comes to the same
// end.  What came before is kept in STATE/before-restore-TIME.
#ifndef STORE_RESTORE_H
#define STORE_RESTORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/backup_manifest.h"
#include "store/journal.h"

struct restore_order {
	const char *state;   // is made when it is missing
	const char *backup;  // the folder of one backup
	const char *replay;  // the journal to roll forward from, or NULL
	const char *journal; // the one that the core writes, or NULL: it gets restore.done too
	const char *mark; // another signer's mark or checkpoint that was kept, beside the one in STATE/signer; or NULL
	int64_t now;
};

// What the comparison with the journal and the mark came to.
enum restore_verdict {
	RESTORE_WHOLE,   // nothing is lost; with a `why`: nothing that was signed
	RESTORE_LOST,    // the mark is ahead by `lost` entries
	RESTORE_FORKED,  // at the mark's size this log has another root
	RESTORE_UNKNOWN, // neither mark nor journal tell how long the log was, or the journal is broken: see `why`
};

struct restore {
	struct restore_order order; // texts stay the caller's
	struct manifest manifest;
	char *build;   // STATE/restore.new, a state of its own
	char *aside;   // STATE/before-restore-TIME, once there is anything in it
	int lock;      // of the state
	bool finished; // it has taken its place
	struct journal_replayed journal;
	bool broken; // the journal is, or has a gap: what came before that was taken
	struct {
		bool known;
		bool signer;   // one of them is a signer's: how far the log was signed, not only how far at least
		bool forked;   // this one is of another log
		uint64_t size; // of the larger one
		struct digest root;
		char *path;
	} mark;
	uint64_t size; // of the log as it was put together, and its root
	struct digest root;
	size_t hashes; // of the proof that this log continues the mark's
	enum restore_verdict verdict;
	uint64_t lost;
	struct err why; // why the journal does not tell how the log went on; no text: it does
	uint64_t done;  // the entry restore.done, and the head with it
	uint64_t head_size;
	struct digest head_root;
};

// Builds and judges.  -1: it cannot be restored; the state is as it was.  EX_DATAERR names the first file of the backup
// that is not what the manifest says, or what does not verify; EX_TEMPFAIL: a core runs.  `out` is valid for
// restore_end() either way.
int restore_build(const struct restore_order *order, struct restore *out, struct err *e);

// Appends restore.done and puts what was built into its place.  `origin` is that of the log, `anew` says that it is a
// new one: then the core's journal is set aside, and the log has a mark of its own.
int restore_finish(struct restore *r, const char *origin, bool anew, struct err *e);

// The folders that restores put aside below a state or a journal, as paths.  New reference; NULL on error.
json_t *restores_aside(const char *dir, struct err *e);

// A signer's mark, as the signer writes it; `time` is that of the last entry.
int restore_mark_write(const char *path, uint64_t size, const struct digest *root, int64_t time, struct err *e);

void restore_end(struct restore *r);
#define _restore_ __attribute__((cleanup(restore_end)))

#endif
