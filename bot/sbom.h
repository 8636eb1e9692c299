// SPDX-License-Identifier: Apache-2.0
// The bills of materials that came with a request, as the mime worker read them ("sboms" in countersign-frames(7)):
// their components become the case's, unless the mail itself says which component it is about.
#ifndef BOT_SBOM_H
#define BOT_SBOM_H

#include <jansson.h>
#include <stdint.h>

// The components of all of them in the order of the files, each different one once: [{"component","version"?,
// "license"?}], licences as given, at most FACT_COMPONENTS_MAX.  New reference; empty when there are none.
json_t *sbom_components(const json_t *document);

// What of them could not be used: [{"name","words","why"}] as in facts_read().  `words` is the file.  `name` is
// "component" when no component was read at all, "license" when some were: what all of them need is then not known.
json_t *sbom_problems(const json_t *document);

// Completes a reading (facts_read(), with or without what prose says) from the document's SBOMs, with origin "sbom":
// - no component so far: theirs, as facts_read() would have put several (or the one).  A licence that was stated stays,
//   an inferred one gives way.  Nothing is said about the licence when a problem leaves it open;
// - one component without a version or a licence: both as an SBOM gives them for a component of that name.
// Problems are added.  Never fails.
void sbom_complete(const json_t *declared, const json_t *document, int64_t now, json_t *reading);

#endif
