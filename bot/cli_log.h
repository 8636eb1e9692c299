// SPDX-License-Identifier: Apache-2.0
// The verbs below `log`, one file for each subject.  Private to bot/cli_log*.c.  arguments[0] is the verb.
#ifndef BOT_CLI_LOG_H
#define BOT_CLI_LOG_H

#include "base/digest.h"
#include "base/note.h"
#include "bot/cli.h"

// {"size","root"}; new reference.
json_t *cli_log_head(uint64_t size, const struct digest *root);

int cli_log_prove(const struct cli *c, const struct config *config);     // cli_log_prove.c
int cli_log_against(const struct cli *c, const struct config *config);   // cli_log_against.c
int cli_log_timestamp(const struct cli *c, const struct config *config); // cli_log_timestamp.c
int cli_log_rotate(const struct cli *c, const struct config *config);    // cli_log_rotate.c
int cli_log_export(const struct cli *c, const struct config *config);    // cli_log_export.c
int cli_log_mark(const struct cli *c, const struct config *config);      // cli_log_mark.c

// Without configuration:
int cli_log_verify_receipt(const struct cli *c); // cli_log_receipt.c
int cli_log_verify_bundle(const struct cli *c);  // cli_log_bundle.c
int cli_log_continues(const struct cli *c);      // cli_log_continues.c

// "PATH [--key VKEY] [--later FILE]", as verify-receipt and verify-bundle take it.  0, or an exit code when it was said
// what is wrong.
struct cli_log_given {
	const char *path, *later;      // `later` may be NULL
	const struct note_key *pinned; // `key`, or NULL
	struct note_key key;
};
int cli_log_given(const struct cli *c, const char *usage, struct cli_log_given *out);
// As cli_fail(); with --json {"ok": false, "problem"}.
int cli_log_fail(const struct cli *c, const struct err *e);

// Who made the time-stamps, by log.tsa_ca, where there is one: a sentence for the caller to free, or NULL with nothing
// to say.  -1 with EX_DATAERR names the first that does not lead there.
int cli_log_check_stamps(const struct config *config, char **said, struct err *e);

#endif
