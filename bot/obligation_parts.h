// SPDX-License-Identifier: Apache-2.0
// The obligations of licences as they were read.  Private to bot/licence.c and bot/obligation*.c.
#ifndef BOT_OBLIGATION_PARTS_H
#define BOT_OBLIGATION_PARTS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

#define OBLIGATIONS_MAX 64 // a set of them is a word of bits
#define CHANNELS_MAX 16

struct obligation {
	json_t *entry;
	int64_t weight;
	uint32_t families, channels; // bits, in the order of licence_families and of the file
};

struct obligation_table {
	json_t *file;
	struct obligation list[OBLIGATIONS_MAX];
	size_t count;
};

// Reads obligations.json.  NULL on error.
struct obligation_table *obligations_load(const char *templates, struct err *e);
// The bit of a channel of the file; 0 when it has none of that name.
uint32_t obligation_channel(const json_t *file, const char *name);
void obligations_free(struct obligation_table **table);

#endif
