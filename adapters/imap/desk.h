// SPDX-License-Identifier: Apache-2.0
// What lies on the adapter's desk: which mails wait to be fetched, are with the core, or wait to be put away, and what
// the core has said.  Shared by the loop and by whoever serves the channel while the server is waited for.
#ifndef ADAPTERS_IMAP_DESK_H
#define ADAPTERS_IMAP_DESK_H

#include "adapters/channel.h"
#include "adapters/imap/settings.h"
#include "adapters/imap/transport.h"
#include "adapters/imap/uids.h"

enum {
	DESK_FLIGHT = 256,   // mails that are with the core, at most
	DESK_QUEUE = 100000, // UIDs of one search; the rest come with the next
	DESK_SKIPPED = 1000,
};

struct desk {
	struct channel *channel;
	struct settings *settings;
	struct watch watch;
	uint32_t uidvalidity; // of the last session; 0 before the first
	struct uids queue;    // found, not fetched
	struct uids flight;   // with the core
	struct uids large;    // with the core, too large to hand over: stay where they are
	struct uids done;     // stored by the core, not put away
	struct uids skipped;  // break the session whenever they are fetched
	bool stop;            // the core said so
	bool gone;            // the core is not there any more, or breaks the rules (trouble says how)
	struct err trouble;
	int last_notice; // enum desk_notice
	int64_t last_notice_time;
};

enum desk_notice {
	NOTICE_NONE,
	NOTICE_CONNECTION,
	NOTICE_TLS,
	NOTICE_LOGIN,
	NOTICE_FOLDER,
	NOTICE_UIDVALIDITY,
	NOTICE_PROCESSED,
	NOTICE_SKIPPED,
};

void desk_open(struct desk *d, struct channel *channel, struct settings *settings);
void desk_close(struct desk *d);

// Takes every frame that waits.  False when there is no reason to go on with the server.
bool desk_serve(struct desk *d);
bool desk_over(const struct desk *d);

// How many more mails the core may be given.
size_t desk_room(const struct desk *d);

// A session begins: nothing is with the core as far as this session knows; what was done with the same UIDVALIDITY is
// still to be put away.
void desk_new_session(struct desk *d, uint32_t uidvalidity);

// Tells the operator, the same thing at most every ten minutes.
void desk_tell(struct desk *d, enum desk_notice notice, const char *text);

#endif
