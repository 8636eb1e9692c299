// SPDX-License-Identifier: Apache-2.0
// Addresses as RFC 5322 section 3.4 writes them, read strictly and without recursion.  A mailbox decides who somebody
// is, so what two readers could read differently is no mailbox here: unquoted "@" in a name, routes, groups, comments
// inside an address.
#ifndef MIME_ADDRESS_H
#define MIME_ADDRESS_H

#include <jansson.h>
#include <stddef.h>

struct charsets;

struct mailbox {
	char *address; // local part as written, "@", domain in lower case as A-labels (IDNA)
	char *name;    // decoded, or NULL
};

// Reads a field that must hold exactly one mailbox; 0, or -1.  The caller gives it back with mailbox_free().
int mailbox_read(struct charsets *charsets, const char *value, struct mailbox *out);
void mailbox_free(struct mailbox *mailbox);
#define _mailbox_ __attribute__((cleanup(mailbox_free)))

// Appends the address of every plain mailbox of a list, those in groups too, until `out` has `max` members.  What is no
// plain mailbox is passed over.
void mailbox_list(const char *value, json_t *out, size_t max);

// A domain in lower case as A-labels; the caller frees; NULL when it is none.
char *domain_normal(const char *domain, size_t len);

#endif
