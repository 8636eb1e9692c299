// SPDX-License-Identifier: Apache-2.0
// Submits mails through libcurl: up to SUBMIT_IN_FLIGHT at a time over one or two connections that are kept, and one
// answer for each mail.  While libcurl waits for the answer to a whole mail everything else here waits too, but for the
// watch (transfer.h).  After any error the connection is given up and the next mail takes a new one.
#ifndef ADAPTERS_SMTP_SUBMIT_H
#define ADAPTERS_SMTP_SUBMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/channel.h"
#include "adapters/smtp/message.h"
#include "adapters/smtp/outcome.h"
#include "adapters/smtp/settings.h"

#define SUBMIT_IN_FLIGHT 4

struct submit;
struct watch; // transfer.h

// What is told about a mail that is no longer in flight.  All text has been through redact().
struct delivery {
	char id[CHANNEL_ID_MAX + 1];
	char recipient[256];
	char response[512]; // the server's last reply, "250 2.0.0 ..."
	struct outcome outcome;
};

// `settings` and `watch` must outlive it.  NULL on error.
struct submit *submit_new(struct settings *settings, const struct watch *watch, struct err *e);
void submit_free(struct submit **s);

size_t submit_in_flight(const struct submit *s);

// Takes the mail over.  Only while fewer than SUBMIT_IN_FLIGHT are under way.  May wait for an OAuth token.  Whatever
// goes wrong comes back as a delivery.
void submit_start(struct submit *s, const char *id, struct message *mail);

// Lets the connections make progress, then waits until something happens on them or on `fd` (POLLIN when `read`), at
// most `timeout_ms`.
int submit_wait(struct submit *s, int fd, bool read, int timeout_ms, struct err *e);

// Takes one delivery out; false when there is none.
bool submit_next(struct submit *s, struct delivery *out);

// Ends what is in flight now; deliveries that say so follow.
void submit_abandon(struct submit *s);

#endif
