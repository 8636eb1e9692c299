// SPDX-License-Identifier: Apache-2.0
#include "bot/yaml_place.h"

#include <stdlib.h>

#include "base/err.h"

// Open addressing; `size` is a power of two and at most two thirds full.
static size_t slot_of(const struct places *p, const json_t *value)
{
	size_t at = (size_t)((uintptr_t)value * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (p->size - 1);

	while (p->slots[at].value && p->slots[at].value != value)
		at = (at + 1) & (p->size - 1);
	return at;
}

static void grow(struct places *p)
{
	struct places wider = { .size = p->size ? p->size * 2 : 64, .count = p->count };

	wider.slots = calloc(wider.size, sizeof *wider.slots);
	if (!wider.slots)
		panic("out of memory");
	for (size_t i = 0; i < p->size; i++)
		if (p->slots[i].value)
			wider.slots[slot_of(&wider, p->slots[i].value)] = p->slots[i];
	free(p->slots);
	*p = wider;
}

void places_add(struct places *p, const struct place *place)
{
	size_t at;

	if ((p->count + 1) * 3 > p->size * 2)
		grow(p);
	at = slot_of(p, place->value);
	if (!p->slots[at].value)
		p->count++;
	p->slots[at] = *place;
}

const struct place *places_find(const struct places *p, const json_t *value)
{
	const struct place *place = p->size && value ? &p->slots[slot_of(p, value)] : NULL;

	return place && place->value ? place : NULL;
}

void places_free(struct places *p)
{
	free(p->slots);
	*p = (struct places){ 0 };
}
