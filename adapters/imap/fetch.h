// SPDX-License-Identifier: Apache-2.0
// Finding mails and bringing them in: UID SEARCH, then sizes, then bodies with BODY.PEEK[], so that nothing changes on
// the server.  No BODYSTRUCTURE: libetpan's parser overflows the stack on a deep one.
#ifndef ADAPTERS_IMAP_FETCH_H
#define ADAPTERS_IMAP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/imap/session.h"
#include "adapters/imap/uids.h"

// A mail that is done with but could not be moved carries this keyword, and is not found again.
#define FETCH_FLAG "$Countersign"

struct mail {
	uint32_t uid;
	uint32_t size; // as the server says it, which is not always the truth
	int64_t date;  // INTERNALDATE, ms; 0 = the server did not say
	bool taken;    // its body came
};

// Adds the UIDs from `from` on that do not carry the flag; the lowest ones when there are more than `found` holds.
int fetch_search(struct session *s, uint32_t from, struct uids *found, struct err *e);

// Sizes and dates of the mails in `uids`, in no order; mails that are gone are left out.  `mails` has room for all.
int fetch_sizes(struct session *s, const struct uids *uids, struct mail *mails, size_t *count, struct err *e);

// Takes one mail's bytes (the caller's until it returns); -1 ends the fetch.
typedef int fetch_take(void *data, const struct mail *mail, const char *bytes, size_t len, struct err *e);

enum fetch_part { FETCH_WHOLE, FETCH_HEADER };

// Brings the part of each mail of `uids`, which must be among `mails`, to `take`.  `limit`: bytes that may come.
int fetch_bodies(struct session *s, const struct uids *uids, enum fetch_part part, size_t limit, struct mail *mails,
                 size_t count, fetch_take *take, void *data, struct err *e);

// INTERNALDATE in ms; 0 when it names no real time.
int64_t fetch_date(const struct mailimap_date_time *date);

#endif
