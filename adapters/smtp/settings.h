// SPDX-License-Identifier: Apache-2.0
// What `configure` says, checked: where to submit mail, how safely, as whom.
#ifndef ADAPTERS_SMTP_SETTINGS_H
#define ADAPTERS_SMTP_SETTINGS_H

#include <stdbool.h>

#include "adapters/login.h"
#include "base/err.h"
#include "base/json.h"

struct settings {
	char *url;     // smtp or smtps; its path is the domain that EHLO names (as libcurl wants it)
	bool tls;      // false only for servers on this machine: the address connected to is checked
	char *user;    // "" when the server wants no login
	char *ca;      // file of trusted certificates; "" = the system's
	long deadline; // seconds that a mail may take, all in all
	struct login login;
};

// The keys of `config`, for channel_open(); those of `secrets` are login_keys.
extern const struct json_key settings_keys[];

// 0, or -1 (EX_CONFIG) with the sentence for the operator.
int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e);
void settings_free(struct settings *s);

#endif
