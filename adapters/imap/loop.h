// SPDX-License-Identifier: Apache-2.0
// The adapter's life: open a session, hand over what is in the folder, put away what is done, wait, and when anything
// breaks open another session.  Decides nothing about a mail.
#ifndef ADAPTERS_IMAP_LOOP_H
#define ADAPTERS_IMAP_LOOP_H

#include "adapters/channel.h"
#include "adapters/imap/settings.h"

// Until `stop` (0), or the core is gone or breaks the rules (-1).
int loop_run(struct channel *channel, struct settings *settings, struct err *e);

#endif
