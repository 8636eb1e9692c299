// SPDX-License-Identifier: Apache-2.0
// The command line's verbs.  Each takes the arguments behind its name and returns an exit code of sysexits(3).
#ifndef BOT_CLI_H
#define BOT_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "bot/config.h"

struct cli {
	const char *config; // path
	bool config_given;  // by --config, not by default
	bool json;          // --json
	int count;          // arguments behind the verb
	char **arguments;
};

int cli_serve(const struct cli *c); // cli_setup.c
int cli_check_config(const struct cli *c);
int cli_keygen(const struct cli *c);
int cli_doctor(const struct cli *c);  // doctor.c
int cli_deliver(const struct cli *c); // cli_ask.c: to the core, through the control socket
int cli_status(const struct cli *c);
int cli_order(const struct cli *c, const char *verb);
int cli_import(const struct cli *c); // cli_import.c
int cli_show(const struct cli *c);   // cli_read.c: from the database
int cli_history(const struct cli *c);
int cli_find(const struct cli *c);
int cli_open(const struct cli *c);
int cli_help(const struct cli *c);
int cli_export(const struct cli *c); // cli_export.c
int cli_log(const struct cli *c);    // cli_log.c
int cli_policy(const struct cli *c); // cli_policy.c
int cli_erase(const struct cli *c);  // cli_erase.c
int cli_hold(const struct cli *c);
int cli_release(const struct cli *c);
int cli_witness(const struct cli *c); // cli_witness.c
int cli_backup(const struct cli *c);  // cli_backup.c
int cli_alarm(const struct cli *c);
int cli_restore(const struct cli *c); // cli_restore.c

// Reads configuration, people, catalogue and templates.  What to say of them, for the caller to free; NULL on error.
// `config` is valid for config_free() either way.
char *cli_check(const char *path, struct config *config, struct err *e); // cli_setup.c

// Prints the error with the program's name; returns its exit code.
int cli_fail(const struct err *e);
// The same for a wrong command line, with a usage line.
int cli_usage(const char *usage);

// Root becomes the owner of the state, to whom belongs what is made there.  Nobody else becomes anybody.
int cli_become_owner(const char *state, struct err *e);

// Prints text or a JSON value; EX_IOERR when standard output did not take it.
int cli_print(const char *text);
int cli_print_json(const json_t *value);

// Prints a template of templates/cli/; `model` may be NULL.
int cli_render(const struct config *config, const char *template, const json_t *model);

// Sends a request to the core and waits for its answer; `fd` may be -1.  NULL when the core does not answer.  New
// reference.
json_t *cli_request(const char *run, json_t *request, int fd, struct err *e);

// Whoever reads is on record: the number of the entry that says so.  A desk that does not run cannot note it; that is
// said on standard error, the result is -1, and the answer may be given all the same: who can read the files needs no
// leave of ours.
int64_t cli_note(const struct config *config, const char *what, const char *case_id, const char *query); // cli_read.c

#endif
