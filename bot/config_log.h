// SPDX-License-Identifier: Apache-2.0
// The witnesses and the time-stamping authority in the `log` section of the configuration.  Private to bot/config*.c.
#ifndef BOT_CONFIG_LOG_H
#define BOT_CONFIG_LOG_H

#include "bot/config.h"
#include "bot/yaml_check.h"

#define CONFIG_WITNESSES_MAX 16

extern const struct yaml_key config_witness_keys[];

// Takes what stands under `witnesses`, and `ca`.  0, or -1.
int config_take_witnesses(struct yaml *y, json_t *log, struct config *out, struct err *e);
// Takes `tsa` and `tsa_ca`.  0, or -1.
int config_take_tsa(struct yaml *y, json_t *log, struct config *out, struct err *e);
void config_free_witnesses(struct config *c);

#endif
