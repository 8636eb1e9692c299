// SPDX-License-Identifier: Apache-2.0
// The journal's files: segments DIR/SEQ.journal, SEQ the number of their first entry in 20 digits; each holds frames,
// one for each commit, one behind the other.  Numbers are little-endian.
//
//     0  8  "CSgnJrn1"                       32 32  root of the log after it
//     8  8  length of what follows the head  64 32  SHA-256 of what follows the head
//    16  8  size of the log before           96 32  SHA-256 of the 96 bytes before
//    24  8  size of the log after           128     for each entry: length of the leaf (4), of the body (4), the salt
//                                                   (32), leaf, body; then a changeset of SQLite's (sqlite.org/session)
#ifndef STORE_JOURNAL_FRAME_H
#define STORE_JOURNAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

#define JOURNAL_HEAD 128
#define JOURNAL_SEGMENT (16 << 20)  // a segment that is longer gets no more frames
#define JOURNAL_FRAME_MAX (1 << 30) // bytes

struct journal_frame {
	uint64_t before, after; // size of the log
	struct digest root;     // after it
	const char *data;       // until the next frame is read
	size_t len;
};

// Writes the head of a frame whose payload stands in `frame` behind JOURNAL_HEAD bytes of anything.
void journal_seal(struct buf *frame, uint64_t before, uint64_t after, const struct digest *root);

// The segments' first numbers, in order; the caller frees.  No folder is like an empty one.
int journal_segments(const char *dir, uint64_t **firsts, size_t *count, struct err *e);
char *journal_segment_path(const char *dir, uint64_t first); // the caller frees

// Reads frames from the segment that holds `from` on.
struct journal_reader {
	const char *dir; // the caller's
	uint64_t *firsts;
	size_t count, at; // the segment in hand
	struct buf bytes; // of it
	size_t offset;    // of what comes next
	uint64_t size;    // of the log after the last frame; UINT64_MAX before the first
	uint64_t torn;    // bytes at the end of the last segment that are no whole frame
	bool spoiled;     // they have a frame's length and a head that is whole, but other contents than it says
};
int journal_read(struct journal_reader *r, const char *dir, uint64_t from, struct err *e);
// 1: a frame; 0: no more; -1 with EX_DATAERR naming the file when one is damaged or entries are missing.  A frame that
// is not whole is `torn` when it is the last thing in the last segment.
int journal_next(struct journal_reader *r, struct journal_frame *out, struct err *e);
void journal_read_end(struct journal_reader *r);

// Takes one entry off the front of a frame; -1 when there is none of that shape.
struct journal_entry {
	struct piece leaf, body;
	const uint8_t *salt; // an erased body has no bytes and a salt of zeros (NULL when putting)
};
int journal_take(struct journal_frame *frame, struct journal_entry *out, struct err *e);
int journal_put(struct buf *frame, const struct journal_entry *entry);

#endif
