// SPDX-License-Identifier: Apache-2.0
// Time-stamps (RFC 3161): asking an authority to sign that bytes existed at a time, and checking what it answered.
// libcrypto does the parsing and the verifying.  Answers are from outside: bounded, and never believed unchecked.
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define TIMESTAMP_MAX (64 << 10) // bytes of an answer
#define TIMESTAMP_NONCE 8

// The request (application/timestamp-query) for SHA-256 of these bytes, with the authority's certificate in the answer,
// appended to `out`.
int timestamp_request(const void *data, size_t len, const uint8_t nonce[TIMESTAMP_NONCE], struct buf *out,
                      struct err *e);

struct timestamp_check {
	const void *data; // what must be stamped
	size_t len;
	const uint8_t *nonce; // that of the request; NULL: any, for a stamp that was kept
	const char *ca;       // file of certificates (PEM) that the authority's must lead to; NULL: see below
};

// Is it a whole answer that grants a stamp over exactly these bytes?  0, and `time` (ms; may be NULL) is the stamp's;
// -1 with EX_DATAERR and what is wrong with it, EX_CONFIG when `ca` cannot be used.  With a nonce the authority's
// certificates must be valid now, else at the stamp's time.  Without `ca` it is only checked that the stamp was signed
// by the certificate that came with it: nobody edited it, but anybody may have made it.
int timestamp_check(const void *answer, size_t answer_len, const struct timestamp_check *want, int64_t *time,
                    struct err *e);

#endif
