// SPDX-License-Identifier: Apache-2.0
// A bill of materials among the attachments, recognised by what it holds rather than by its name, and the components
// that it lists.  CycloneDX 1.2 to 1.7 as JSON, SPDX 2.2 and 2.3 as JSON and as tag-value, SPDX 3.0 as JSON-LD.  Other
// forms of the two are recognised and told.
#ifndef MIME_SBOM_H
#define MIME_SBOM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SBOM_BYTES_MAX (8U << 20)
#define SBOM_COMPONENTS_MAX 200
#define SBOMS_MAX 8 // of one message

// The member of the document's "sboms" that stands for this file, or NULL when it is none.  `cut`: the file is longer
// than `bytes`.  Bytes and memory are bounded whatever it holds (see sbom_bounds.h); panics never.  New reference.
json_t *sbom_read(const char *name, const char *bytes, size_t len, bool cut);

// Adds what sbom_read() gives to `sboms`, at most SBOMS_MAX and one that says that there are more.  `*left`: how many
// bytes may still be read of this message, SBOM_BYTES_MAX at first, so that its time is bounded as well.
void sbom_collect(json_t *sboms, size_t *left, const char *name, const char *bytes, size_t len, bool cut);

#endif
