// SPDX-License-Identifier: Apache-2.0
// The `slack` section of the configuration.  Private to bot/config*.c.
#ifndef BOT_CONFIG_SLACK_H
#define BOT_CONFIG_SLACK_H

#include "bot/config.h"
#include "bot/yaml_check.h"

extern const struct yaml_key config_slack_keys[];

// Takes a section that passed config_slack_keys.  0, or -1.
int config_take_slack(struct yaml *y, json_t *slack, struct config *out, struct err *e);
void config_free_slack(struct config *c);

#endif
