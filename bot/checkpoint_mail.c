// SPDX-License-Identifier: Apache-2.0
#include "bot/checkpoint_mail.h"

#include <string.h>

#include "base/auto.h"
#include "base/continuation.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/letter.h"
#include "bot/refusing.h"
#include "bot/signed_head.h"
#include "bot/view.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/outbox.h"
#include "store/tally.h"

#define HOUR 8

struct head {
	uint64_t size;
	struct digest root;
	char *note; // of the new one; owned
};

static void head_free(struct head *h)
{
	free(h->note);
}

// --- to whom ---------------------------------------------------------------------------------------------------------

// The next auditor who has an address, from number *i on; NULL when there is none.
static const struct person *next_auditor(const struct people *people, size_t *i)
{
	while (*i < people_count(people)) {
		const struct person *person = people_at(people, (*i)++);

		if (person_in(person, "auditor") && json_array_size(person->mail) > 0)
			return person;
	}
	return NULL;
}

int checkpoint_mail_next(const struct desk *desk, int64_t *when, struct err *e)
{
	_json_ json_t *last = NULL, *first = NULL;
	int64_t after;
	size_t i = 0;

	*when = INT64_MAX;
	if (!desk->config.has_mail || !desk->config.log_key || !next_auditor(desk->people, &i) || !log_size(desk->db))
		return 0;
	last = outbox_last(desk->db, CHECKPOINT_LETTER, e);
	first = last && !json_object_size(last) ? log_entry(desk->db, 0, e) : NULL;
	if (!last || (!json_object_size(last) && !first))
		return -1;
	after = json_int(last, "created");
	if (first && clock_parse(json_str(first, "time"), &after) < 0)
		return err_set(e, EX_DATAERR, "entry 0 has no time");
	*when = hours_daily(catalogue_hours(desk->catalogue), HOUR, after);
	return 0;
}

// --- what has happened -----------------------------------------------------------------------------------------------

static const struct {
	const char *what, *types[7];
} groups[] = {
	{ "Cases opened", { "case.opened" } },
	{ "Cases decided or ended",
	  { "case.approved", "case.rejected", "case.withdrawn", "case.revoked", "case.expired", "case.lapsed" } },
	{ "Votes cast", { "vote.cast" } },
	{ "Messages that came in", { "message.received" } },
	{ "Messages that went out", { "message.sent" } },
	{ "Refusals", { "access.refused", "message.refused" } },
	{ "Versions of people or catalogue", { "people.published", "catalogue.published", "catalogue.proposed" } },
	{ "Questions of auditors", { "audit.queried" } },
	{ "Starts and stops of the desk", { "daemon.started", "daemon.stopped" } },
	{ "Backups", { "backup.made" } },
	{ "Restores from a backup", { "restore.done" } },
	{ "Erasures and moves to the archive", { "erasure.asked", "body.erased", "evidence.archived" } },
	{ "Legal holds set or ended", { "hold.set", "hold.ended" } },
	{ "Changes of the log's key", { "key.rotated" } },
	{ "Alarms", { "alarm.raised" } },
};

static void add_group(json_t *list, const char *what, int64_t count)
{
	json_t *item;
	char text[COUNT_TEXT];

	if (!count)
		return;
	item = json_object();
	json_put_str(item, "what", what);
	json_put_str(item, "count_text", count_text((uint64_t)count, text));
	json_add(list, item);
}

// What they are, for people.  Are there any?
static bool put_groups(json_t *tally, json_t *list)
{
	int64_t others = 0;
	const char *type;
	json_t *count;

	for (size_t i = 0; i < LENGTH(groups); i++) {
		int64_t sum = 0;

		for (size_t k = 0; k < LENGTH(groups[i].types) && groups[i].types[k]; k++) {
			sum += json_int(tally, groups[i].types[k]);
			json_object_del(tally, groups[i].types[k]);
		}
		add_group(list, groups[i].what, sum);
	}
	json_object_foreach(tally, type, count)
		others += json_integer_value(count);
	add_group(list, "Other entries", others);
	return json_array_size(list) > 0;
}

static int put_news(const struct desk *desk, uint64_t from, uint64_t to, json_t *model, struct err *e)
{
	_json_ json_t *tally = log_tally(desk->db, from, to, CHECKPOINT_LETTER, e);
	json_t *list = json_array();

	json_put(model, "news", list);
	if (!tally)
		return -1;
	json_put_bool(model, "quiet", !put_groups(tally, list));
	return 0;
}

// --- the proof -------------------------------------------------------------------------------------------------------

static void attach(json_t *list, const char *name, const char *text)
{
	json_t *item = json_object();

	json_put_str(item, "name", name);
	json_put_str(item, "type", "text/plain");
	json_put_str(item, "text", text);
	json_add(list, item);
}

// 1 with the proof in `text`; 0 when the log does not continue what was mailed last; -1.
static int prove(const struct desk *desk, const struct head *old, const struct head *newest, char **text, struct err *e)
{
	struct proof proof = { 0 };

	if (old->size > newest->size)
		return 0;
	if (log_prove_consistency(desk->db, old->size, newest->size, &proof, e) < 0)
		return e->code == EX_DATAERR ? 0 : -1;
	if (!proof_is_consistent(&proof, old->size, &old->root, newest->size, &newest->root))
		return 0;
	*text = continuation_text(old->size, &proof, newest->note);
	return 1;
}

static int freeze(struct desk *desk, const struct head *old, const json_t *last, struct err *e)
{
	_free_ char *when = desk_time(desk, NULL, json_int(last, "created"));
	char count[COUNT_TEXT];
	_free_ char *text = text_format("The log does not continue the checkpoint of %s entries that auditors were "
	                                "mailed on %s: it was altered.",
	                                count_text(old->size, count), when);

	desk->frozen = true;
	log_error("%s", text);
	return raise_alarm(
	        desk, "fork-detected", text,
	        "Stop, keep the state directory as it is, and compare it with the mail that the auditors have: "
	        "'countersign log verify --against FILE'.",
	        e);
}

// Of the letter that was written last: 1; 0 when it was of another log.
static int read_old(const struct desk *desk, const json_t *last, struct head *old)
{
	const json_t *model = json_obj(last, "model");

	old->size = (uint64_t)json_int(model, "size");
	return json_int(model, "size") > 0 && strcmp(json_str(model, "origin"), desk->config.log_origin) == 0 &&
	       hex_decode(json_str(model, "root"), old->root.bytes, DIGEST_SIZE) == 0;
}

static void put_old(const struct desk *desk, const json_t *last, const struct head *old, json_t *model)
{
	_free_ char *when = desk_time(desk, NULL, json_int(last, "created"));
	json_t *view = json_object();
	char count[COUNT_TEXT];

	json_put_str(view, "when_text", when);
	json_put_str(view, "size_text", count_text(old->size, count));
	json_put(model, "last", view);
}

static char *attachment_name(const char *what, uint64_t from, uint64_t to)
{
	return from ? text_format("%s %llu to %llu.txt", what, (unsigned long long)from, (unsigned long long)to)
	            : text_format("%s %llu.txt", what, (unsigned long long)to);
}

// --- the letters -----------------------------------------------------------------------------------------------------

static void put_head(const struct desk *desk, const struct head *newest, json_t *model)
{
	_free_ char *when = desk_time(desk, NULL, desk->now);
	_free_ char *name = attachment_name("checkpoint", 0, newest->size);
	char hex[2 * DIGEST_SIZE + 1], count[COUNT_TEXT];
	json_t *attachments = json_array();

	json_put_str(model, "origin", desk->config.log_origin);
	json_put_str(model, "zone", hours_zone(catalogue_hours(desk->catalogue)));
	json_put_str(model, "when_text", when);
	json_put_int(model, "size", (int64_t)newest->size);
	json_put_str(model, "size_text", count_text(newest->size, count));
	json_put_str(model, "root", hex_encode(newest->root.bytes, DIGEST_SIZE, hex));
	json_put_str(model, "note", newest->note);
	json_put(model, "attachments", attachments);
	attach(attachments, name, newest->note);
}

static int write_to_all(struct desk *desk, const json_t *model, struct err *e)
{
	const struct person *person;
	size_t i = 0;

	while ((person = next_auditor(desk->people, &i))) {
		_free_ char *principal = text_format("person:%s", person->id);

		if (letter_write(desk,
		                 &(struct letter_to){ .kind = CHECKPOINT_LETTER,
		                                      .principal = principal,
		                                      .name = person->name,
		                                      .address = desk_address(desk, principal),
		                                      .model = json_deep_copy(model) },
		                 e) < 0)
			return -1;
	}
	return 1;
}

static int write_letters(struct desk *desk, const json_t *last, const struct head *newest, struct err *e)
{
	_json_ json_t *model = json_object();
	_free_ char *proof = NULL, *name = NULL;
	struct head old = { 0 };
	bool continues = read_old(desk, last, &old);
	int proven = continues ? prove(desk, &old, newest, &proof, e) : 1;

	if (proven <= 0)
		return proven < 0 || freeze(desk, &old, last, e) < 0 ? -1 : 1;
	put_head(desk, newest, model);
	if (proof) {
		name = attachment_name("proof from", old.size, newest->size);
		attach(json_arr(model, "attachments"), name, proof);
		put_old(desk, last, &old, model);
	}
	if (proof && put_news(desk, old.size, newest->size, model, e) < 0)
		return -1;
	return write_to_all(desk, model, e);
}

int checkpoint_mail_write(struct desk *desk, struct err *e)
{
	__attribute__((cleanup(head_free))) struct head newest = { 0 };
	_json_ json_t *last = outbox_last(desk->db, CHECKPOINT_LETTER, e);
	int found = last ? checkpoint_last(desk->db, UINT64_MAX, &newest.size, &newest.root, &newest.note, e) : -1;

	if (found <= 0)
		return found;
	if ((int64_t)newest.size == json_int(json_obj(last, "model"), "size"))
		return 0;
	return write_letters(desk, last, &newest, e);
}
