// SPDX-License-Identifier: Apache-2.0
// The configuration file (countersign.yaml, DESIGN 9): read, checked whole, defaults filled in, paths made absolute.
// Secrets are never in it: the fields below that hold one hold its name (see base/secret.h).
#ifndef BOT_CONFIG_H
#define BOT_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/note.h"

// Either `password` or all four oauth_ fields are set.  password, oauth_client_secret and oauth_refresh_token are
// secret references.  folder and processed are NULL for SMTP.  `ca` is an absolute path or "".
struct mailbox {
	char *url, *user, *password;
	char *oauth_token_url, *oauth_client_id, *oauth_client_secret, *oauth_refresh_token;
	char *folder, *processed, *ca;
	bool tls; // false only for imap:// and smtp:// on loopback
};

// Who is asked to cosign the log's heads.
struct config_witness {
	char *url; // of add-checkpoint; https, or http on this machine
	struct note_key key;
};

struct config {
	char *path, *dir; // the file, absolute, and its folder
	char *name, *cases, *state, *run, *policy, *people;
	char *templates;            // NULL: the installed ones
	char *log_origin, *log_key; // each may be NULL; log_key is a secret reference
	char *log_next;             // a secret reference: the key that is to follow log_key; or NULL
	char *log_public;           // the key that verifies the log's heads, a vkey (base/note.h), or NULL
	struct config_witness *witnesses;
	size_t witness_count;
	char *log_tsa;     // the time-stamping authority: https or http, or NULL
	char *log_tsa_ca;  // whom its stamps must lead to: absolute path; NULL without log_tsa
	char *log_ca;      // trusted where witnesses and authority are asked: absolute path, or ""; NULL without `log`
	char *log_journal; // absolute path of the journal's folder, or NULL
	char *token_key;   // a secret reference
	bool has_mail;
	struct {
		char *address, *domain; // lower case
		struct mailbox imap, smtp;
		json_t *authserv, *hosts; // arrays of strings, never NULL when has_mail
		int64_t max_size;         // bytes
	} mail;
	bool has_slack;
	struct {
		char *app_token, *bot_token; // secret references
		char *api;                   // "https://slack.com/api/"
		char *channel;               // where cases have a thread, or NULL
		char *ca;                    // absolute path, or ""
	} slack;
};

// 0, or -1 with "file:line:column: sentence".  `out` is valid for config_free() either way.
int config_load(const char *path, struct config *out, struct err *e);
// The same from text, as tests and fuzzers do; `path` is only a name, and relative paths start at its folder.
int config_read(const char *text, size_t len, const char *path, struct config *out, struct err *e);
void config_free(struct config *c);
#define _config_ __attribute__((cleanup(config_free)))

// Is every server that it names on this machine (127.0.0.0/8, ::1 or localhost)?
bool config_loopback(const struct config *c);

#endif
