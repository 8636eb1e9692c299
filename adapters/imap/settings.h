// SPDX-License-Identifier: Apache-2.0
// What `configure` tells the imap adapter, checked and taken apart.
#ifndef ADAPTERS_IMAP_SETTINGS_H
#define ADAPTERS_IMAP_SETTINGS_H

#include <jansson.h>
#include <stdint.h>

#include "adapters/login.h"
#include "base/err.h"
#include "base/json.h"

enum tls_mode {
	TLS_FIRST,    // imaps://
	TLS_STARTTLS, // imap:// with tls "required"
	TLS_NONE,     // imap:// with tls "none": the peer must turn out to be the loopback
};

struct settings {
	char *host;
	char *port;
	enum tls_mode tls;
	char *user;
	char *account; // USER@HOST
	char *folder;
	char *processed;
	char *ca;         // a PEM file; NULL = the system's authorities
	int64_t max_size; // bytes; what is larger is reported with its header only
	int64_t idle;     // ms that one IDLE lasts at most
	struct login login;
};

// The keys of `config`, for channel_open().
extern const struct json_key settings_keys[];

int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e);
void settings_free(struct settings *s);

#endif
