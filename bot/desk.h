// SPDX-License-Identifier: Apache-2.0
// The licensing desk: the configuration, people, catalogue, keys and database that every request is answered with.
#ifndef BOT_DESK_H
#define BOT_DESK_H

#include <jansson.h>

#include "bot/case.h"
#include "bot/config.h"
#include "bot/token.h"
#include "store/db.h"

struct desk {
	struct config config;
	struct db *db;
	struct people *people;
	struct licences *licences;
	struct catalogue *catalogue; // in force: the log's last, or the file's as long as there is none
	struct catalogue *before;    // the one that it replaced, while cases are judged again; or NULL
	char *differs;               // a sentence, when the policy file is not what is in force; or NULL
	struct token_keys keys;
	json_t *memberships;
	bool frozen; // the log is not the one that replies speak of: nothing is decided until somebody looked into it
	int64_t now; // of the transaction under way: set by the main loop, never read from the system here
};

// Reads configuration, keys, people and catalogue and opens the database; no entry is written.  0, or -1 with a
// sentence that names the file and line.  `out` is valid for desk_close() either way.
int desk_open(struct desk *out, const char *config_path, enum db_mode mode, struct err *e);
void desk_close(struct desk *desk);
#define _desk_ __attribute__((cleanup(desk_close)))

// Puts the people on record if the log's last ones are others, and the catalogue if there is none yet; inside the open
// transaction.
int desk_publish(struct desk *desk, struct err *e);

// Reads the people again, and looks at the policy file.  When the people are broken, or leave a stage of the catalogue
// in force that nobody can fill, all stays as it was, and the error says why.
int desk_reload(struct desk *desk, struct err *e);

// Reads the catalogue that the log has last, if that is not what the desk has: after a transaction that was given up.
int desk_restore(struct desk *desk, struct err *e);

// --- desk_catalogue.c
// ---------------------------------------------------------------------------------------------------

// The catalogue that the log has last, or, with `back` 1, the one before it; read for `people`.  The file's folder is
// that of the policy file.  NULL; with EX_NOINPUT when there is none.
struct catalogue *catalogue_of_log(const struct desk *desk, const struct people *people, int64_t back, struct err *e);
// What is in force: the log's last, or the policy file as long as there is none.
struct catalogue *catalogue_in_force(const struct desk *desk, const struct people *people, struct err *e);
// "policy.yaml differs from version 12 in force; ...", or NULL when it does not.  The caller frees.
char *catalogue_differs(const char *policy, const struct catalogue *in_force);

struct rules desk_rules(const struct desk *desk);

// A name for people: the listed one, or the address of whoever is not listed.  Borrowed.
const char *desk_name(const struct desk *desk, const char *principal);

// An address in Slack is this and a user's (or a channel's) id.
#define SLACK_ADDRESS "slack:"

// Where somebody is written to by mail: their first listed address, or the one in mail:ADDRESS; NULL when nowhere.
// Borrowed.
const char *desk_address(const struct desk *desk, const char *principal);

// Appends an entry that is about no case (or one, when case_id is set); `body` is taken.
int desk_record(struct desk *desk, const char *type, const char *actor, const char *via, const char *case_id,
                json_t *body, struct err *e);

#endif
