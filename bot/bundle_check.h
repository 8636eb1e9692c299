// SPDX-License-Identifier: Apache-2.0
// Checking a bundle (countersign-bundle(5)) on any machine: without configuration, database, templates or network.
#ifndef BOT_BUNDLE_CHECK_H
#define BOT_BUNDLE_CHECK_H

#include <jansson.h>
#include <stdbool.h>

#include "bot/bundle_parts.h"

struct bundle_verdict {
	struct bundle b;
	struct note_key key; // under which it holds
	bool pinned;         // the caller's, not the bundle's own
	bool others_key;     // the bundle names another one beside it
	size_t entries;      // of the case
	size_t complete;     // so many of them are all that there were, as an entry of the log says; 0: none says so
	int64_t no_rules;    // a version of the catalogue that judged it and is not in the bundle; 0: none
	bool compared;       // README.txt and the summaries are what this program writes
	char program[64];    // that wrote them
	char *summary;       // summary.txt as this program writes it; owned
};

// Does it hold, under the caller's key or (NULL) under its own?  -1 with EX_DATAERR names the file that does not and
// says why, EX_USAGE that there is no key.  `out` is valid for bundle_verdict_free() either way.
int bundle_check(const char *path, const struct note_key *pinned, struct bundle_verdict *out, struct err *e);
void bundle_verdict_free(struct bundle_verdict *v);
#define _bundle_verdict_ __attribute__((cleanup(bundle_verdict_free)))

// What it comes to, as JSON (countersign(1)) and in words.  New reference; the caller frees.
json_t *bundle_verdict_view(const struct bundle_verdict *v);
char *bundle_verdict_words(const struct bundle_verdict *v);

#endif
