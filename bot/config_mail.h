// SPDX-License-Identifier: Apache-2.0
// The `mail` section of the configuration.  Private to bot/config*.c.
#ifndef BOT_CONFIG_MAIL_H
#define BOT_CONFIG_MAIL_H

#include "bot/config.h"
#include "bot/yaml_check.h"

extern const struct yaml_key config_mail_keys[];

// Takes a section that passed config_mail_keys.  0, or -1.
int config_take_mail(struct yaml *y, json_t *mail, struct config *out, struct err *e);
void config_free_mail(struct config *c);

// A secret must be named, not written out; the complaint never shows the line.  NULL when `key` is absent.
int config_take_secret(struct yaml *y, json_t *object, const char *key, char **out, struct err *e);

// Is the server that a URL names on this machine?
bool config_loopback_url(const char *url);

#endif
