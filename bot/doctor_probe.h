// SPDX-License-Identifier: Apache-2.0
// The doctor's probe: a mail from the desk to its own plus address, which a running desk ignores (it says that it is
// automatic and of this desk, and its tag is no token).
#ifndef BOT_DOCTOR_PROBE_H
#define BOT_DOCTOR_PROBE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "bot/config.h"
#include "bot/doctor_report.h"

#define PROBE_TAG (sizeof "doctor-" + 32)

struct probe {
	char tag[PROBE_TAG];
	char address[512];    // the desk's, with the tag
	char message_id[512]; // with angle brackets
};

void probe_make(struct probe *p, const struct config *config);

// What smtp is to send.  New reference.
json_t *probe_document(const struct probe *p, const struct config *config);

// Does a raw mail speak of the probe at all?  (A bounce of it does, too.)
bool probe_in(const struct probe *p, const struct buf *mail);

// Reports on what came back: `document` is what mime read, `mail` the bytes it read.
void probe_judge(const struct probe *p, const struct config *config, const json_t *document, const struct buf *mail,
                 struct report *r);

#endif
