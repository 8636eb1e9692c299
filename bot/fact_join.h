// SPDX-License-Identifier: Apache-2.0
// The facts that several components have together: their names, and one licence expression for all of them.
// `components`, everywhere: [{"component","version"?,"license"?},...].
#ifndef BOT_FACT_JOIN_H
#define BOT_FACT_JOIN_H

#include <jansson.h>

#include "base/err.h"

// "zlib, libfoo"; a name twice stands once.  What does not fit into a fact is counted: "..., libfoo and 12 more".  The
// caller frees.
char *components_names(const json_t *components);

// "MIT AND ISC AND (GPL-2.0-only OR MIT)" of MIT, "MIT AND ISC" and "GPL-2.0-only OR MIT": each different term once, in
// brackets where it is more than a licence.  NULL and a sentence that names the components when some have no licence,
// when a licence cannot stand in brackets, or when all together are longer than a fact.  The caller frees.
char *components_licence(const json_t *components, struct err *e);

#endif
