// SPDX-License-Identifier: Apache-2.0
// HTML to text, by libxml2's push parser without a tree.  What cannot be seen is left out and told; what a mail program
// quoted or signed is marked in the whole text and missing from the own text.
#ifndef MIME_HTML_H
#define MIME_HTML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "adapters/mime/failure.h"
#include "base/buf.h"

struct html {
	struct buf text; // everything that can be seen, quotes marked by "> "
	struct buf own;  // without quotes (a lone ">" stands for each) and signatures: own_words() goes on from here
	json_t *pairs;   // label and value pairs of the own part
	bool hidden;     // text was left out that cannot be seen
};

// `source` is UTF-8 and ends in a NUL.  `max` bounds each text.  The caller gives `out` back with html_free(), also
// after -1, which means that the source is too deep or too wide (mime-limit).
int html_read(const char *source, size_t len, size_t max, struct html *out, struct failure *f);
void html_free(struct html *html);
#define _html_ __attribute__((cleanup(html_free)))

#endif
