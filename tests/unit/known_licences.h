// SPDX-License-Identifier: Apache-2.0
// The licences of the templates in this tree, for tests and fuzzers: read once, and given back by the process's end.
#ifndef TESTS_UNIT_KNOWN_LICENCES_H
#define TESTS_UNIT_KNOWN_LICENCES_H

#include "bot/licence.h"

static inline const struct licences *known_licences(void)
{
	static struct licences *known;
	struct err e = { 0 };

	if (!known)
		known = licences_load(SOURCE_DIR "/templates", &e);
	if (!known)
		panic("%s", e.text);
	return known;
}

#endif
