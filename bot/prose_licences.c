// SPDX-License-Identifier: Apache-2.0
// Licences named in prose.  licence_mention() knows the names and the words around them; here it is seen which of them
// are stated, and where "A or B" is one choice.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/text.h"
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

// What joins two licences at word i: "or", "and"; NULL when nothing does.  Of two that one can choose from people say
// "and" as well.
static const char *joint_at(const struct prose *p, size_t i)
{
	struct range s = prose_sentence(p, i);

	if (phrase_at(p, i, "or|oder|ou|o|of|eller"))
		return "OR";
	if (!phrase_at(p, i, "and|und|et|y|e|en|och"))
		return NULL;
	return phrase_find(p, s.from, s.to, "dual*|choice|either|wahlweise|au choix|doble|doppi*|dubbel*") < s.to
	               ? "OR"
	               : "AND";
}

// Adds a licence on either side.  Takes both expressions; NULL when either is.
static char *join(char *left, const char *joint, char *right)
{
	char *both = NULL;

	if (left && right) {
		bool mixed = strstr(left, strcmp(joint, "OR") == 0 ? " AND " : " OR ") != NULL;

		both = text_format("%s%s%s %s %s", mixed ? "(" : "", left, mixed ? ")" : "", joint, right);
	}
	free(left);
	free(right);
	return both;
}

// "MIT" beside "and GPL-2.0-only" is a licence without further ado.
static char *lone_licence(const struct prose_reading *r, size_t i)
{
	_free_ char *word = prose_words(&r->prose, i, i + 1);

	if (r->prose.words[i].taken || r->prose.words[i].quiet || strlen(word) < 3 ||
	    word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")])
		return NULL;
	return licence_named(r->licences, word);
}

static void reach_back(struct prose_reading *r, struct named_licence *named)
{
	struct range s = prose_sentence(&r->prose, named->from);
	const char *joint = named->from >= s.from + 2 ? joint_at(&r->prose, named->from - 1) : NULL;
	char *before = joint ? lone_licence(r, named->from - 2) : NULL;

	if (!before)
		return;
	named->expression = join(before, joint, named->expression);
	named->from -= 2;
	r->prose.words[named->from].taken = true;
}

// "MIT or GPL-2.0-only": the last one named goes on with this one.  Takes the expression.
static bool goes_on(struct prose_reading *r, char *expression, size_t from, size_t to)
{
	struct named_licence *last = r->named_count ? &r->named[r->named_count - 1] : NULL;
	const char *joint = last && last->to + 1 == from ? joint_at(&r->prose, from - 1) : NULL;

	if (!joint)
		return false;
	last->expression = join(last->expression, joint, expression);
	last->to = to;
	return true;
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
	if (goes_on(r, expression, from, to))
		return;
	r->named = realloc(r->named, (r->named_count + 1) * sizeof *r->named);
	if (!r->named)
		panic("prose: out of memory");
	r->named[r->named_count++] = (struct named_licence){ expression, from, to };
	reach_back(r, &r->named[r->named_count - 1]);
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
