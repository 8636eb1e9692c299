// SPDX-License-Identifier: Apache-2.0
#include "bot/upkeep.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/client.h"
#include "bot/refusing.h"
#include "bot/work.h"
#include "store/log.h"

#define FAILED "-failed"
#define CODE_MAX 64
#define TEXT_MAX 1000

// The desk's own user and root, as services run, and administrators; NULL: nobody who may.  The caller frees.
static char *caretaker(struct serve *s, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);
	const struct person *person = pw ? people_by_unix(s->desk.people, pw->pw_name) : NULL;

	if (person && person_in(person, "admin"))
		return text_format("person:%s", person->id);
	return uid == 0 || uid == getuid() ? text_copy("system") : NULL;
}

static void turn_down(struct work *w, int exit_code, const char *code, const char *text)
{
	w->reply = client_no(exit_code, code, text, NULL);
}

static int must_be_caretaker(struct serve *s, struct work *w, char **who)
{
	*who = caretaker(s, w->client->uid);
	if (*who)
		return 1;
	turn_down(w, EX_NOPERM, "caretakers-only", "Only administrators, root and the desk's own user may say that.");
	return 0;
}

// An entry says what is so: the head must be one that this log had.
static int had_head(struct serve *s, const json_t *frame, struct err *e)
{
	int64_t size = json_int(frame, "size");
	struct digest said, root;

	if (hex_decode(json_str(frame, "root"), said.bytes, DIGEST_SIZE) < 0 || size < 0 ||
	    (uint64_t)size > log_size(s->desk.db))
		return 0;
	if (log_root_at(s->desk.db, (uint64_t)size, &root, e) < 0)
		return -1;
	return memcmp(root.bytes, said.bytes, DIGEST_SIZE) == 0;
}

static bool is_hash(const char *hex)
{
	struct digest d;

	return hex_decode(hex, d.bytes, DIGEST_SIZE) == 0;
}

int upkeep_backed_up(struct serve *s, struct work *w, struct err *e)
{
	const json_t *frame = w->frame.json;
	_free_ char *who = NULL;
	_json_ json_t *event = NULL;
	uint64_t entry;
	json_t *body;
	int had;

	if (!must_be_caretaker(s, w, &who))
		return 0;
	had = had_head(s, frame, e);
	if (had < 0)
		return -1;
	if (!had || !is_hash(json_str(frame, "manifest")) || !*json_str(frame, "source")) {
		turn_down(w, EX_DATAERR, "another-log", "The backup is not of this desk's log.");
		return 0;
	}
	body = json_object();
	json_put_str(body, "backup", json_str(frame, "source"));
	json_put_int(body, "size", json_int(frame, "size"));
	json_put_str(body, "root", json_str(frame, "root"));
	json_put_str(body, "manifest", json_str(frame, "manifest"));
	event = event_new("backup.made", who, "cli", NULL, 0, body);
	if (log_append(s->desk.db, event, s->desk.now, &entry, e) < 0)
		return -1;
	w->reply = client_yes();
	json_put_int(w->reply, "entry", (int64_t)entry);
	return 0;
}

// "backup-failed": what alarms of the desk itself are called, nobody may raise from outside.
static bool is_failure(const char *code)
{
	size_t len = strlen(code), end = strlen(FAILED);

	return len > end && len <= CODE_MAX && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
	       strcmp(code + len - end, FAILED) == 0;
}

static bool is_sentence(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ')
			return false;
	return len > 0 && len <= TEXT_MAX;
}

int upkeep_alarm(struct serve *s, struct work *w, struct err *e)
{
	const char *code = json_str(w->frame.json, "what"), *text = json_str(w->frame.json, "text");
	_free_ char *who = NULL;

	if (!must_be_caretaker(s, w, &who))
		return 0;
	if (!is_failure(code) || !is_sentence(text)) {
		turn_down(w, EX_USAGE, "alarm",
		          "An alarm has a code that ends in \"-failed\", such as backup-failed, and a sentence.");
		return 0;
	}
	w->reply = client_yes();
	return raise_alarm(&s->desk, code, text, "Run it by hand to see what it says, and mend that.", e);
}
