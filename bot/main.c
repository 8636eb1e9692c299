// SPDX-License-Identifier: Apache-2.0
// `countersign`: options, then a verb.
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/cli.h"

#define CONFIG_DEFAULT "/etc/countersign/countersign.yaml"

static const char usage[] =
        "[--config FILE] [--json] VERB [ARGUMENT...]\n"
        "  serve [--clock=RATE] | check-config | doctor | keygen [--log ORIGIN] FILE | deliver | status\n"
        "  show CASE | history CASE | find [QUERY] | open | help\n"
        "  log head | log verify [--tree | --against FILE] | log prove SEQ | log prove CASE DIR\n"
        "  log prove --since FILE | log verify-receipt FILE [--key VKEY] [--later FILE] | log export DIR\n"
        "  log continues LAST FILE [--key VKEY] | log rotate [--finish] | log mark FILE\n"
        "  export CASE DIR|FILE.tar | log verify-bundle DIR|FILE.tar [--key VKEY]\n"
        "  import FILE --map MAP [--dry-run] [--skip-bad]\n"
        "  policy check [POLICY [CASES]] | policy test [POLICY] CASES | policy try POLICY | policy publish POLICY\n"
        "  erase PERSON|CASE [: WHY] | hold PERSON|CASE: WHY | release PERSON|CASE\n"
        "  backup DIR [--keep NUMBER] | restore DIR [--journal DIR] [--mark FILE] [--new-origin ORIGIN]\n"
        "  alarm WHAT-failed TEXT\n"
        "  witness [--config FILE] | witness keygen NAME FILE\n"
        "  approve | reject | abstain | recuse | ask | comment | withdraw | revoke | renew  CASE[: TEXT]";

static const struct {
	const char *name;
	int (*run)(const struct cli *c);
} verbs[] = {
	{ "serve", cli_serve },     { "check-config", cli_check_config },
	{ "doctor", cli_doctor },   { "keygen", cli_keygen },
	{ "deliver", cli_deliver }, { "status", cli_status },
	{ "show", cli_show },       { "history", cli_history },
	{ "find", cli_find },       { "open", cli_open },
	{ "log", cli_log },         { "import", cli_import },
	{ "policy", cli_policy },   { "help", cli_help },
	{ "witness", cli_witness }, { "export", cli_export },
	{ "backup", cli_backup },   { "restore", cli_restore },
	{ "erase", cli_erase },     { "hold", cli_hold },
	{ "release", cli_release }, { "alarm", cli_alarm },
};

// Verbs of the grammar that go to the core as they are written.
static const char *const orders[] = { "approve", "reject",   "abstain", "recuse", "ask",
	                              "comment", "withdraw", "revoke",  "renew" };

static int run(const struct cli *c, const char *verb)
{
	for (size_t i = 0; i < LENGTH(verbs); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].run(c);
	for (size_t i = 0; i < LENGTH(orders); i++) {
		size_t len = strlen(orders[i]);

		// "reject CS-12: why" may come as one argument.
		if (strncmp(orders[i], verb, len) == 0 && (verb[len] == '\0' || verb[len] == ' '))
			return cli_order(c, verb);
	}
	fprintf(stderr, "countersign: there is no verb '%.40s'\n", verb);
	return cli_usage(usage);
}

int main(int argc, char **argv)
{
	const char *environment = getenv("COUNTERSIGN_CONFIG");
	struct cli c = { .config = environment && *environment ? environment : CONFIG_DEFAULT };
	int i = 1;

	// What an I is must not depend on the locale, and no secret be readable by others.
	setlocale(LC_ALL, "C.UTF-8");
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		} else if (strcmp(argv[i], "--json") == 0) {
			c.json = true;
		} else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			c.config = argv[++i];
			c.config_given = true;
		} else if (text_starts(argv[i], "--config=") && argv[i][strlen("--config=")]) {
			c.config = argv[i] + strlen("--config=");
			c.config_given = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			return cli_print("countersign " VERSION);
		} else if (strcmp(argv[i], "--help") == 0) {
			printf("usage: countersign %s\n", usage);
			return 0;
		} else {
			fprintf(stderr, "countersign: unknown option '%.40s'\n", argv[i]);
			return cli_usage(usage);
		}
	}
	if (i == argc || !*argv[i])
		return cli_usage(usage);
	c.count = argc - i - 1;
	c.arguments = argv + i + 1;
	return run(&c, argv[i]);
}
