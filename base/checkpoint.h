// SPDX-License-Identifier: Apache-2.0
// The text of a checkpoint (c2sp.org/tlog-checkpoint): origin, size, root in base64, perhaps extension lines.
#ifndef BASE_CHECKPOINT_H
#define BASE_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/note.h"

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	struct digest root;
};

// Of a note's text, as note_read() gives it.
int checkpoint_read(const char *text, size_t len, struct checkpoint *out, struct err *e);
// The text without extensions, ending in a line end; the caller frees.
char *checkpoint_text(const struct checkpoint *c);

#endif
