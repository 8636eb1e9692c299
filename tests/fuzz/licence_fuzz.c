// SPDX-License-Identifier: Apache-2.0
// Any text as a field's value and as running text.  What is found lies within it and is an expression.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/expression.h"
#include "tests/unit/known_licences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_normal(const char *expression)
{
	_free_ char *normal = expression_normal(known_licences(), expression, NULL);

	if (!normal || strcmp(normal, expression) != 0)
		panic("'%s' is not the normal form", expression);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = text_copy_n((const char *)data, size), *named = licence_named(known_licences(), text);
	size_t length = strlen(text);
	struct licence_mention m;

	if (named)
		check_normal(named);
	for (size_t at = 0; licence_mention(known_licences(), text, at, &m); at = m.end) {
		if (m.begin < at || m.end <= m.begin || m.end > length)
			panic("a mention at %zu to %zu", m.begin, m.end);
		if (m.expression)
			check_normal(m.expression);
		free(m.expression);
	}
	return 0;
}
