// SPDX-License-Identifier: Apache-2.0
// What the known licences are made of.  Private to bot/licence*.c and bot/obligation.c.
#ifndef BOT_LICENCE_PARTS_H
#define BOT_LICENCE_PARTS_H

#include <jansson.h>
#include <stdint.h>

#include "bot/licence.h"
#include "bot/licence_names.h"

#define LICENCE_UNKNOWN "unknown"

// Entries in the order of the file, and a table of places by the hash of the id (open addressing; 0 = empty, else the
// place + 1).
struct licence_set {
	struct licence *entries;
	uint16_t *slots;
	size_t count, slot_count;
};

struct licences {
	struct licence_set licences, exceptions;
	struct licence_names *names;
	struct obligation_table *obligations;
};

// The file licences/NAME of the templates as an object, or NULL and an error naming it.  The caller owns it.
json_t *licences_file(const char *templates, const char *name, struct err *e);

#endif
