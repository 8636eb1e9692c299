// SPDX-License-Identifier: Apache-2.0
// Putting mails away that the core has stored: into the processed folder, in one step where the server can.
#ifndef ADAPTERS_IMAP_MOVE_H
#define ADAPTERS_IMAP_MOVE_H

#include "adapters/imap/session.h"
#include "adapters/imap/uids.h"

enum move_way {
	MOVE_MOVE, // UID MOVE (RFC 6851)
	MOVE_COPY, // UID COPY, +FLAGS \Deleted, UID EXPUNGE (RFC 4315): never a bare EXPUNGE, which takes others' mail
	MOVE_FLAG, // the mails stay, flagged as seen and with FETCH_FLAG
	MOVE_NOTHING, // not even that: they stay as they are, and come again with the next session
};

// The best way that the server offers.
enum move_way move_best(const struct session *s);

// Puts all of `uids` away by `*way`, creating `folder` when it is missing; when the server refuses, by the next way,
// which `*way` is then (and `e` says why).  0, or -1 when the session is over.
int move_away(struct session *s, const struct uids *uids, const char *folder, enum move_way *way, struct err *e);

#endif
