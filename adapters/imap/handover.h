// SPDX-License-Identifier: Apache-2.0
// One mail as an event for the core: its id, its frame, its bytes in a memory file.
#ifndef ADAPTERS_IMAP_HANDOVER_H
#define ADAPTERS_IMAP_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/channel.h"
#include "adapters/imap/fetch.h"

// "ACCOUNT/FOLDER/UIDVALIDITY/UID"; the caller frees.
char *handover_id(const char *account, const char *folder, uint32_t uidvalidity, uint32_t uid);

// The UID in an id of this folder and UIDVALIDITY; 0 when the id is of another, or none of ours.
uint32_t handover_uid(const char *id, const char *account, const char *folder, uint32_t uidvalidity);

// Length of a message's header, the empty line included (all of it when there is no empty line).
size_t handover_header_length(const char *bytes, size_t len);

// Sends the event.  `oversize`: the bytes are the header only.
int handover_send(struct channel *c, const struct settings *settings, uint32_t uidvalidity, const struct mail *mail,
                  const char *bytes, size_t len, bool oversize, struct err *e);

#endif
