// SPDX-License-Identifier: Apache-2.0
// What stands around a name of a licence in running text, and whether that makes it one.  Private to bot/licence*.c.
#ifndef BOT_LICENCE_CONTEXT_H
#define BOT_LICENCE_CONTEXT_H

#include "bot/licence_names.h"

// Can a name begin at this byte: a letter, digit or '(' that is not within a word, a path or an address?
bool licence_may_begin(const char *text, size_t at);

// Where the address or file name that the byte is part of ends; 0 when it is part of none.
size_t address_end(const char *text, size_t at);

// Does a name that ends here mean itself: not "gpl.txt", "MIT_HOME", "Apache-compatible" or "BSD style"?
bool licence_ends(const struct licences *l, const char *text, size_t end);

// Do the words before `begin` and behind `end` make what stands there a licence, as `need` asks?
bool licence_fits(const struct licences *l, const char *text, size_t begin, size_t end, enum licence_need need);

#endif
