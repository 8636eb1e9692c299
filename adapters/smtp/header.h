// SPDX-License-Identifier: Apache-2.0
// What goes into the header of an outgoing mail, and what never does: control bytes, addresses that need quoting,
// a second From.  GMime encodes (RFC 2047); this file judges.
#ifndef ADAPTERS_SMTP_HEADER_H
#define ADAPTERS_SMTP_HEADER_H

#include <gmime/gmime.h>
#include <jansson.h>

#include "base/err.h"

// 0, or -1 when `value` holds CR, LF, TAB, another control byte or DEL; `what` names it in the sentence, which never
// quotes the value.
int header_check(const char *what, const char *value, struct err *e);

// 0, or -1 when it is not a plain ASCII mailbox: dot-atom@domain, at most 254 bytes (RFC 5321, 4.1.2 and 4.5.3.1.3).
// Quoted local parts are refused: libcurl splits an address at its first '@'.
int address_check(const char *what, const char *address, struct err *e);

// Each reads its part of the document (CONTRACT of the adapter: countersign-frames(7)) and sets header fields of
// `message`; 0, or -1 when the document asks for something that must not stand there.
int header_set_parties(GMimeMessage *message, const json_t *document, struct err *e);
int header_set_subject(GMimeMessage *message, const json_t *document, struct err *e);
int header_set_date(GMimeMessage *message, const json_t *document, struct err *e);
// Message-ID, In-Reply-To and References.  Of other people's ids those that are not ids are left out; of many
// references the first and the last ones are kept.
int header_set_ids(GMimeMessage *message, const json_t *document, struct err *e);
// The object "headers": Auto-Submitted, List-Id and the like; not what has a key of its own.
int header_set_others(GMimeMessage *message, const json_t *document, struct err *e);

#endif
