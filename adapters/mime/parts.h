// SPDX-License-Identifier: Apache-2.0
// The parts of a message, sorted by what they are for: text that the person wrote, attachments, a report about another
// message.  Nothing inside an embedded message is ever taken for the person's words.
#ifndef MIME_PARTS_H
#define MIME_PARTS_H

#include <gmime/gmime.h>
#include <jansson.h>

#include "adapters/mime/failure.h"

#define PIECES_MAX 32 // texts between attachments; further ones are attachments themselves

// One text, in the one or two forms that the sender gave.
struct piece {
	GMimePart *plain;
	GMimePart *html;
};

struct parts {
	struct piece pieces[PIECES_MAX];
	size_t count;
	json_t *attachments; // the document's "attachments"
	json_t *sboms;       // the document's "sboms"
	json_t *flags;       // the document's "flags"
	json_t *report;      // the document's "report", or NULL
};

// Walks the tree below `root` and writes attachments, at most `max`, to `fd` (-1: nowhere).  The pieces belong to the
// tree. 0, or -1; the caller gives `out` back with parts_free() in both cases.
int parts_sort(GMimeObject *root, size_t max, int fd, struct parts *out, struct failure *f);
void parts_free(struct parts *parts);
#define _parts_ __attribute__((cleanup(parts_free)))

// Adds a flag once.
void parts_flag(struct parts *parts, const char *flag);

#endif
