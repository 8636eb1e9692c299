// SPDX-License-Identifier: Apache-2.0
// What a message of the socket is, and whether it is anybody's wish: that goes to the core, whole, as it came.  Nothing
// is decided here.
#ifndef ADAPTERS_SLACK_ENVELOPE_H
#define ADAPTERS_SLACK_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENVELOPE_ID_MAX 255
#define USER_ID_MAX 63

enum envelope_kind {
	ENVELOPE_NOTHING,     // not JSON, no object, no id, a type that does not exist yet: passed over
	ENVELOPE_HELLO,       // the connection works
	ENVELOPE_DISCONNECT,  // it ends, or never begins: `reason`
	ENVELOPE_ACKNOWLEDGE, // carries nothing that a person asked for: acknowledged here
	ENVELOPE_HAND_OVER,   // for the core
};

enum disconnect_reason {
	REASON_REFRESH, // "warning", "refresh_requested" and whatever else they may invent
	REASON_LINK_DISABLED,
	REASON_TOO_MANY,
};

struct envelope {
	enum envelope_kind kind;
	char id[ENVELOPE_ID_MAX + 1];
	const char *type;           // "events_api", "interactive", "slash_commands"; a string that lives on
	bool payload_wanted;        // may the acknowledgement carry a payload?
	bool rate_limited;          // Slack drops events of this workspace for a while
	char user[USER_ID_MAX + 1]; // who acted; "" when nobody did
	enum disconnect_reason reason;
	int64_t connections; // of hello: how many this app has open
	int64_t seconds;     // of hello: after so long Slack will refresh the connection; 0 = not said
};

// `self`: our own user's id, "" while it is not known.
void envelope_read(const char *text, size_t len, const char *self, struct envelope *out);

#endif
