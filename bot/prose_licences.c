// SPDX-License-Identifier: Apache-2.0
// Licences named in prose.  licence_mention() knows the names and the words around them; here it is seen which of them
// are stated, and where "A or B" is one choice.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "bot/licence.h"
#include "bot/prose_parts.h"

#define NAMED_MAX 64

// The first word that ends behind this byte.
static size_t word_of(const struct prose *p, size_t byte)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (p->words[middle].end <= byte)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Takes the expression.
static void add_named(struct prose_reading *r, char *expression, size_t from, size_t to)
{
	struct prose *p = &r->prose;
	bool stated = true;

	for (size_t i = from; i < to; i++) {
		stated &= !p->words[i].quiet && *p->words[i].plain;
		p->words[i].taken = true;
	}
	if (!stated || r->named_count == NAMED_MAX) {
		free(expression);
		return;
	}
	r->named = realloc(r->named, (r->named_count + 1) * sizeof *r->named);
	if (!r->named)
		panic("prose: out of memory");
	r->named[r->named_count++] = (struct named_licence){ expression, from, to };
}

void prose_licences(struct prose_reading *r)
{
	const struct prose *p = &r->prose;
	struct licence_mention m;

	if (!r->licences)
		return;
	for (size_t at = 0; licence_mention(r->licences, p->text, at, &m); at = m.end) {
		size_t from = word_of(p, m.begin), to = word_of(p, m.end - 1) + 1;

		if (from < to && to <= p->count)
			add_named(r, m.expression, from, to);
		else
			free(m.expression);
	}
}
