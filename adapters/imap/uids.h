// SPDX-License-Identifier: Apache-2.0
// A set of UIDs in ascending order, with a maximum that its creator names.
#ifndef ADAPTERS_IMAP_UIDS_H
#define ADAPTERS_IMAP_UIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

// RFC 3501 section 9: a UID is a nz-number.  The last one leaves no room for UIDNEXT, so nobody may have it.
#define UID_LAST 0xfffffffe

struct uids {
	uint32_t *list;
	size_t count;
	size_t room;
	size_t max;
};

#define UIDS(maximum) ((struct uids){ .max = (maximum) })

// Cheap at the end of the order.  0 (also when it is there already), or -1 when it is no UID or does not fit.
int uids_add(struct uids *u, uint32_t uid);
bool uids_has(const struct uids *u, uint32_t uid);
// True when it was there.
bool uids_remove(struct uids *u, uint32_t uid);
// Drops the first `count`.
void uids_drop(struct uids *u, size_t count);
void uids_clear(struct uids *u);
void uids_free(struct uids *u);

// As the protocol writes it, runs put together: "1:3,7,9:10".  The caller frees.
char *uids_text(const struct uids *u);

// For a command of the library's, which frees it.  NULL when memory ran out.
struct mailimap_set;
struct mailimap_set *uids_set(const struct uids *u);

#endif
