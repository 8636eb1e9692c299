// SPDX-License-Identifier: Apache-2.0
#include "bot/witness_request.h"

#include "base/auto.h"
#include "base/continuation.h"
#include "store/checkpoints.h"
#include "store/log.h"

int witness_request_make(struct db *db, uint64_t old, uint64_t size, const struct digest *root, const char *note,
                         struct buf *out, struct err *e)
{
	_free_ char *text = NULL;
	struct proof proof = { 0 };
	struct digest before;

	if (log_root_at(db, old, &before, e) < 0 || log_prove_consistency(db, old, size, &proof, e) < 0)
		return -1;
	if (!proof_is_consistent(&proof, old, &before, size, root))
		return err_set(e, EX_DATAERR,
		               "the log's stored hashes do not lead from its first %llu entries to its "
		               "checkpoint of size %llu",
		               (unsigned long long)old, (unsigned long long)size);
	text = continuation_text(old, &proof, note);
	buf_puts(out, text);
	return out->full ? err_set(e, EX_DATAERR, "the checkpoint of size %llu is too long", (unsigned long long)size)
	                 : 0;
}
