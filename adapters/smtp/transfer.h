// SPDX-License-Identifier: Apache-2.0
// One mail on its way: a curl easy handle, what was read of the mail, what the server said last.  Which connection it
// takes and when is submit.h's business.
#ifndef ADAPTERS_SMTP_TRANSFER_H
#define ADAPTERS_SMTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "adapters/channel.h"
#include "adapters/smtp/message.h"
#include "adapters/smtp/outcome.h"
#include "adapters/smtp/settings.h"

// libcurl 7.88 waits for the answer to a whole mail inside curl_multi_perform() (smtp_done() runs its state machine
// blocking).  Meanwhile this is asked about once a second; true = end everything now.
struct watch {
	bool (*give_up)(void *data);
	void *data;
};

// The last reply, its lines joined, the code only once.
struct reply {
	char text[512];
	bool more; // a line of it is still to come
};

struct transfer {
	char id[CHANNEL_ID_MAX + 1]; // "" = the slot is free
	struct message mail;
	size_t read; // how much of the mail libcurl took
	struct reply reply;
	char error[CURL_ERROR_SIZE];
	bool second;       // this is the second try
	bool strange_peer; // without TLS, and the address is not this machine's: was not connected to
	bool cut;          // to be given up: libcurl is to end it as an error
	const struct settings *settings;
	const struct watch *watch;
	struct curl_slist *recipients;
	CURL *curl; // NULL between tries
};

// Takes the mail over.  The transfer must not move until transfer_close().
void transfer_open(struct transfer *t, const struct settings *settings, const struct watch *watch, const char *id,
                   struct message *mail);

// Makes the handle for a try, over a connection of its own when `fresh`.  `token`: an OAuth token, or NULL.
int transfer_prepare(struct transfer *t, const char *token, bool fresh, struct err *e);

// What became of the try that ended with `code`.
struct outcome transfer_outcome(const struct transfer *t, CURLcode code);
enum body_read transfer_body(const struct transfer *t);
// The last reply code of the server; 0: none.
long transfer_response(const struct transfer *t);

// The connection is not fit for another mail: makes sure that libcurl sees so.
void transfer_spoil(struct transfer *t);

// Ends a try; the mail stays for another.
void transfer_reset(struct transfer *t);
void transfer_close(struct transfer *t);

#endif
