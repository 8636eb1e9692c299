// SPDX-License-Identifier: Apache-2.0
// The verbs below `log`, one file for each subject.  Private to bot/cli_log*.c.  arguments[0] is the verb.
#ifndef BOT_CLI_LOG_H
#define BOT_CLI_LOG_H

#include "base/digest.h"
#include "bot/cli.h"

// {"size","root"}; new reference.
json_t *cli_log_head(uint64_t size, const struct digest *root);

int cli_log_prove(const struct cli *c, const struct config *config);   // cli_log_prove.c
int cli_log_against(const struct cli *c, const struct config *config); // cli_log_against.c
int cli_log_export(const struct cli *c, const struct config *config);  // cli_log_export.c
int cli_log_rotate(const struct cli *c, const struct config *config);  // cli_log_rotate.c
int cli_log_verify_receipt(const struct cli *c);                       // cli_log_receipt.c: without configuration

#endif
