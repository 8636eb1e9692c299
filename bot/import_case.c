// SPDX-License-Identifier: Apache-2.0
#include "bot/import_case.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case_grant.h"
#include "bot/facts.h"

struct taking {
	struct decision *d;
	const json_t *row;
	const struct import_origin *origin;
	const char *case_id;
	json_t *facts; // with `expires`; owned
	json_t *judged;
};

// A day of the register under "at": the tables show it instead of the time of the entry.
static void put_day(json_t *body, const char *date)
{
	int64_t ms;

	if (date && clock_parse(date, &ms) == 0)
		put_time(body, "at", ms);
}

static const char *day_of(const struct taking *t, const char *name)
{
	return json_str_or_null(t->row, name);
}

static json_t *origins_of(const json_t *facts)
{
	json_t *origins = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)facts, name, value)
		json_put_str(origins, name, "import");
	return origins;
}

static int put_hash(const struct taking *t, json_t *body)
{
	_json_ json_t *document = json_object();
	char hex[2 * DIGEST_SIZE + 1];
	struct digest hash;

	json_put_str(document, "case", t->case_id);
	json_put_int(document, "catalogue", catalogue_version(t->d->rules->catalogue));
	json_put(document, "evidence", json_array());
	json_put(document, "facts", json_incref(t->facts));
	json_put_str(document, "requester", json_str(t->row, "requester"));
	json_put_int(document, "version", 1);
	if (*json_str(t->row, "text"))
		json_put_str(document, "text", json_str(t->row, "text"));
	if (case_content_hash(document, &hash, t->d->e) < 0)
		return -1;
	json_put_str(body, "hash", hex_encode(hash.bytes, DIGEST_SIZE, hex));
	return 0;
}

static json_t *origin_view(const struct taking *t)
{
	json_t *imported = json_object();

	json_put_str(imported, "register", t->origin->registry);
	json_put_str(imported, "source", t->origin->source);
	json_put_int(imported, "row", t->origin->row);
	json_put_str(imported, "id", json_str(t->row, "id"));
	return imported;
}

static int open_case(struct taking *t, int64_t number)
{
	static const char *const copied[] = { "requester", "requester_name", "requester_address" };
	json_t *body = json_object();
	_free_ char *title = facts_title(t->facts, "");
	const char *opened = day_of(t, "opened");

	for (size_t i = 0; i < LENGTH(copied); i++)
		json_put_str(body, copied[i], json_str(t->row, copied[i]));
	json_put_str(body, "filed_by", json_str(t->row, "requester"));
	json_put_bool(body, "verified", false);
	json_put_int(body, "number", number);
	json_put_str(body, "type", json_str(t->judged, "type"));
	json_put_str(body, "title", title);
	json_put_str(body, "text", json_str(t->row, "text"));
	json_put_str(body, "thread", "");
	json_put(body, "facts", json_incref(t->facts));
	json_put(body, "origin", origins_of(t->facts));
	json_put(body, "words", json_incref(json_obj(t->row, "words")));
	json_put(body, "components", json_array());
	json_put(body, "missing", json_array()); // decided as it was
	json_put(body, "problems", json_array());
	json_put_int(body, "catalogue", catalogue_version(t->d->rules->catalogue));
	json_put_str(body, "expires", day_of(t, "until"));
	json_put(body, "imported", origin_view(t));
	put_day(body, opened ? opened : day_of(t, "decided"));
	if (put_hash(t, body) < 0) {
		json_decref(body);
		return -1;
	}
	happen(t->d, "case.opened", t->case_id, 1, body);
	return 0;
}

// What today's catalogue says of it, for whoever looks at it later; nobody is asked.
static void assess(struct taking *t)
{
	json_t *body = json_deep_copy(t->judged);
	_free_ char *title = facts_title(t->facts, "");

	json_object_del(body, "missing");
	json_object_del(body, "needs");
	json_put(body, "stages", json_array());
	json_put_str(body, "title", title);
	json_put_int(body, "catalogue", catalogue_version(t->d->rules->catalogue));
	happen_by_system(t->d, "case.assessed", t->case_id, 1, body);
}

static json_t *decision_body(const struct taking *t, const char *day)
{
	json_t *body = json_object();

	json_put_str(body, "by", "import");
	json_put_str(body, "decider", json_str_or_null(t->row, "decider"));
	json_put_str(body, "source", t->origin->source);
	put_day(body, day);
	return body;
}

static void put_grant(const struct taking *t, json_t *body)
{
	const struct asked asked = { catalogue_facts(t->d->rules->catalogue), t->facts, NULL,
		                     json_int(t->judged, "risk") };
	json_t *grant = grant_of(&asked);

	json_put_str(grant, "until", day_of(t, "until"));
	json_put_str(grant, "since", day_of(t, "decided"));
	json_put(body, "grant", grant);
}

// Approved; and expired as well when its last day is over.
static void approve(struct taking *t)
{
	const char *until = day_of(t, "until");
	json_t *body = decision_body(t, day_of(t, "decided"));
	int64_t end = INT64_MAX;

	if (until && clock_parse(until, &end) == 0)
		end += CLOCK_DAY; // the day named is the last one it is in force
	put_grant(t, body);
	if (end > t->d->now)
		put_end(t->d, until, body);
	else
		json_put_str(body, "until", until);
	happen(t->d, "case.approved", t->case_id, 1, body);
	if (end <= t->d->now)
		happen(t->d, "case.expired", t->case_id, 1, decision_body(t, until));
}

static int take(struct taking *t, int64_t number)
{
	t->judged = catalogue_assess(t->d->rules->catalogue, t->facts, t->d->e);
	if (!t->judged || open_case(t, number) < 0)
		return -1;
	assess(t);
	if (strcmp(json_str(t->row, "outcome"), "rejected") == 0)
		happen(t->d, "case.rejected", t->case_id, 1, decision_body(t, day_of(t, "decided")));
	else
		approve(t);
	return 0;
}

int import_case(struct decision *d, const json_t *row, const struct import_origin *origin, int64_t number)
{
	_free_ char *id = text_format("%s-%lld", d->rules->prefix, (long long)number);
	_json_ json_t *facts = json_copy(json_obj(row, "facts"));
	struct taking t = { .d = d, .row = row, .origin = origin, .case_id = id, .facts = facts };
	int done;

	if (json_str_or_null(row, "until"))
		json_put_str(facts, "expires", json_str(row, "until"));
	done = take(&t, number);
	json_decref(t.judged);
	return done;
}
