// SPDX-License-Identifier: Apache-2.0
// What the three forms of SPDX share: packages, and those among them that the document is about.
#ifndef MIME_SBOM_SPDX_H
#define MIME_SBOM_SPDX_H

#include "adapters/mime/sbom_list.h"

struct spdx_package {
	struct span id, name, version, concluded, declared, purpose;
};

// Adds one package, unless its id is in the set `roots`: what the document is about is no component of itself.
void spdx_add(struct sbom *s, const struct place *place, const struct spdx_package *package, const json_t *roots);

#endif
