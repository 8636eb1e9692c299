// SPDX-License-Identifier: Apache-2.0
// Mail addresses as keys: one normal form for comparing and for binding.
#ifndef BOT_ADDRESS_H
#define BOT_ADDRESS_H

#include <stdbool.h>

// ASCII lower case, local part included (Exchange folds it).  The caller frees.
char *address_normal(const char *address);

bool address_same(const char *a, const char *b);

// What stands behind the last @; NULL when there is none, or nothing on either side of it.  Borrowed.
const char *address_domain(const char *address);

#endif
