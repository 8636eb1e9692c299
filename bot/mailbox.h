// SPDX-License-Identifier: Apache-2.0
// What imap and smtp are configured with alike.
#ifndef BOT_MAILBOX_H
#define BOT_MAILBOX_H

#include <jansson.h>

#include "bot/config.h"

// {"url","tls","user","ca"}
json_t *mailbox_config(const struct mailbox *m);

// {"password"} or {"oauth_token_url","oauth_client_id","oauth_client_secret","oauth_refresh_token"}; NULL on error.
json_t *mailbox_secrets(const struct mailbox *m, const char *dir, struct err *e);

#endif
