// SPDX-License-Identifier: Apache-2.0
// What a workspace holds: people, conversations and their messages, files.  All of it is JSON by id, in Slack's own
// shapes, so that looking up is hashing and showing is printing.  A message that changes is replaced, never edited:
// what was sent with an older state of it stays as it was.
#ifndef SLACK_WORKSPACE_H
#define SLACK_WORKSPACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define TEAM_ID "T0ACME"
#define TEAM_NAME "Acme"
#define TEAM_DOMAIN "acme"
#define APP_ID "A0DESK"
#define BOT_USER "U0BOT"
#define BOT_ID "B0BOT"
#define BOT_NAME "countersign"
#define APP_TOKEN "xapp-1-A0DESK-1-emulated"
#define BOT_TOKEN "xoxb-1-emulated"

struct workspace {
	json_t *users;    // id: user as users.info shows it
	json_t *emails;   // address in lower case: id
	json_t *channels; // id: {id, name, kind: im|channel|group, archived, members {user: true}, messages {ts:
	                  // message},
	                  //      ephemeral {ts: message with "for": user}}
	json_t *files;    // id: {file: as Slack shows it, bytes: base64, shared: bool}
	int64_t last_ts;  // microseconds
	uint64_t count;   // of ids made
};

void workspace_init(struct workspace *w);
void workspace_free(struct workspace *w);

// A timestamp that no message has yet, by the system's clock.
#define TS_SIZE 32
const char *workspace_ts(struct workspace *w, char out[TS_SIZE]);

// A new id: a letter and ten characters.
#define ID_SIZE 24
const char *workspace_id(struct workspace *w, char letter, char out[ID_SIZE]);

// Adds a user or replaces one: {id, name, email, real_name, deleted, is_bot, is_restricted, is_ultra_restricted,
// team_id, tz}; all but the id may be left out.  0, or -1.
int workspace_user(struct workspace *w, const json_t *user, struct err *e);

// Adds a conversation: {id, name, private, members: [ids], archived}; the bot is in it unless "bot" is false.
int workspace_channel(struct workspace *w, const json_t *channel, struct err *e);

// A user, or NULL; borrowed.
json_t *workspace_find_user(const struct workspace *w, const char *id);

// A conversation, or NULL; borrowed.
json_t *workspace_find_channel(const struct workspace *w, const char *id);

// The conversation of bot and person, which is made when there is none; NULL when there is no such person.  Borrowed.
json_t *workspace_dm(struct workspace *w, const char *user);

bool channel_has(const json_t *channel, const char *user);
bool channel_is_im(const json_t *channel);

// A message, an ephemeral one as well, or NULL; borrowed.
json_t *channel_message(const json_t *channel, const char *ts);

// Puts a message into a conversation by its ts, in the place of one that has it.  Takes the reference.
void channel_put(json_t *channel, json_t *message);

#endif
