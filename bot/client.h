// SPDX-License-Identifier: Apache-2.0
// One caller on the control socket, and what callers may ask for.
#ifndef BOT_CLIENT_H
#define BOT_CLIENT_H

#include <jansson.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "base/err.h"

struct control;

struct client {
	LIST_ENTRY(client) next;
	struct control *control;
	int socket;
	uid_t uid; // as the kernel says
	sd_event_source *io;
	int references; // the connection, and each request in hand
};

void client_unref(struct client *c);
// Answers; new references.  `next` may be NULL.
json_t *client_yes(void);
json_t *client_no(int exit_code, const char *code, const char *text, const char *next);

// Who calls, as the people file says; NULL: nobody who is listed.  And the entry that says that they were refused.
struct person;
struct refusal;
struct serve;
const struct person *client_caller(struct serve *s, uid_t uid);
int client_refused(struct serve *s, const char *actor, const char *case_id, const struct refusal *refusal,
                   struct err *e);

// client_admin.c
struct work;
int client_import(struct serve *s, struct work *w, struct err *e);
int client_publish(struct serve *s, struct work *w, struct err *e);
int client_erase(struct serve *s, struct work *w, struct err *e);
int client_hold(struct serve *s, struct work *w, struct err *e);
int client_release(struct serve *s, struct work *w, struct err *e);

void client_reply(struct client *c, const json_t *reply);

// {"verb":"deliver"} and a descriptor: one message.
// {"verb":"approve"|"reject"|"abstain"|"recuse"|"comment"|"ask"|"withdraw"|"revoke"|"renew","case":"CS-1","text"?}
// {"verb":"queried","what":"history","case"?,"query"?}: somebody looked something up.
// {"verb":"import",...} and a descriptor: a batch of a register's rows, see bot/import_take.h.
// {"verb":"publish"} and a descriptor: a catalogue.  Answers {"ok":true,"did":"proposed"|"published","version","entry",
// "others"?: who may publish what was proposed}.
// {"verb":"rotate"}: the log's next key is introduced.  Answers {"ok":true,"entry","key"}.
// {"verb":"status"}
// {"verb":"backed-up",...}, {"verb":"alarm",...}: see bot/upkeep.h.
// {"verb":"erase"|"hold"|"release","subject","text"?}: see bot/erasing.h and bot/holding.h.  "subject" is a case's id,
// a person's or an address.
// Answers: {"ok":true,...} or {"ok":false,"code","text","next"?,"exit"}.
extern const struct work_kind client_request;

#endif
