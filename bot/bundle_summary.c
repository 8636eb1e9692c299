// SPDX-License-Identifier: Apache-2.0
// What a person reads of a bundle, made from the bundle alone: its entries are replayed into an empty store, and the
// case looked at as it stood then, with the names that people had at each entry.  All times are UTC: what is written
// must not depend on the machine.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/mustache.h"
#include "base/text.h"
#include "bot/bundle_parts.h"
#include "bot/bundle_templates.h"
#include "bot/layout.h"
#include "bot/view.h"
#include "store/apply.h"
#include "store/cases.h"

#define ZONE "UTC"
#define NOBODY "people: [{id: nobody, name: Nobody, mail: [nobody@example.invalid]}]\n" // a list cannot be empty
#define NAME_OF_SYSTEM "Countersign"

// A desk that knows nothing but what the bundle says.
struct reader {
	const struct bundle *b;
	struct desk desk;
	const struct bundle_entry *published; // whose people the desk has
	json_t *state;                        // of the case, or NULL when it cannot be told
};

// Names are those in force at `seq`.
static void turn_to(struct reader *r, uint64_t seq)
{
	const struct bundle_entry *published = bundle_in_force(r->b, "people.published", seq);
	const char *text = published ? json_str(json_obj(published->json, "body"), "text") : "";

	if (published == r->published && r->desk.people)
		return;
	people_free(&r->desk.people);
	r->desk.people = people_read(text, strlen(text), "people", NULL);
	if (!r->desk.people)
		r->desk.people = people_read(NOBODY, strlen(NOBODY), "people", NULL);
	if (!r->desk.people)
		panic("a list of nobody cannot be read");
	r->published = published;
}

static uint64_t last_seq(const struct bundle *b)
{
	return b->count ? b->entries[b->count - 1]->said.entry.seq : 0;
}

// Where bodies were erased the rest may not make a case any more: then there is only its timeline.
static void replay(struct reader *r)
{
	struct err why = { 0 };
	_db_ struct db *db = db_open_scratch(&why);

	if (!db || db_begin(db, "bundle", &why) < 0)
		return;
	for (size_t i = 0; i < r->b->count; i++) {
		const struct bundle_entry *entry = r->b->entries[i];

		if (entry->body && apply_entry(db, &entry->said.entry, json_obj(entry->json, "body"), &why) < 0)
			return;
	}
	r->state = case_load(db, r->b->case_id, &why);
	// A case that was erased whole is only numbers.
	if (r->state && !*json_str(r->state, "requester")) {
		json_decref(r->state);
		r->state = NULL;
	}
}

static void reader_begin(struct reader *r, const struct bundle *b)
{
	const struct bundle_entry *catalogue = bundle_in_force(b, "catalogue.published", UINT64_MAX);
	const char *text = catalogue ? json_str(json_obj(catalogue->json, "body"), "text") : "";

	*r = (struct reader){ .b = b };
	r->desk.config.name = (char *)NAME_OF_SYSTEM;
	r->desk.catalogue = catalogue_read_titles(text, strlen(text));
	turn_to(r, last_seq(b));
	replay(r);
}

static void reader_end(struct reader *r)
{
	people_free(&r->desk.people);
	catalogue_free(&r->desk.catalogue);
	json_decref(r->state);
}

// --- the parts of the model -----------------------------------------------------------------------------------------

static json_t *timeline(struct reader *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->b->count; i++) {
		const struct bundle_entry *entry = r->b->entries[i];
		_json_ json_t *one = json_array(), *told = NULL;

		if (!bundle_is_of_case(r->b, entry))
			continue;
		turn_to(r, entry->said.entry.seq);
		json_array_append(one, entry->json);
		told = history_view(&r->desk, r->state, one, ZONE);
		json_array_append(list, json_array_get(told, 0));
	}
	turn_to(r, last_seq(r->b));
	return list;
}

// Whoever voted is called what they were called then.
static void name_voters(struct reader *r, json_t *view)
{
	json_t *stage, *vote;
	size_t i, k;

	json_array_foreach(json_arr(view, "stages"), i, stage) {
		const json_t *votes = json_arr(json_array_get(json_arr(r->state, "stages"), i), "votes");

		json_array_foreach(json_arr(stage, "votes"), k, vote) {
			const json_t *cast = json_array_get(votes, k);

			turn_to(r, (uint64_t)json_int(cast, "seq"));
			json_put_str(vote, "name", desk_name(&r->desk, json_str(cast, "person")));
			if (json_object_get(vote, "for"))
				json_put_str(vote, "for", desk_name(&r->desk, json_str(cast, "seat")));
			json_put_int(vote, "entry", json_int(cast, "seq"));
		}
	}
	turn_to(r, last_seq(r->b));
}

// The last entry that ended or began anything for the requester.
static json_t *decision(const struct reader *r, const json_t *timeline)
{
	static const char *const types[] = { "case.approved", "case.rejected", "case.withdrawn",
		                             "case.lapsed",   "case.expired",  "case.revoked" };
	json_t *told, *found = NULL;
	size_t i;

	json_array_foreach(timeline, i, told) {
		const struct bundle_entry *entry = bundle_entry_find(r->b, (uint64_t)json_int(told, "seq"));

		for (size_t k = 0; k < LENGTH(types); k++)
			if (strcmp(entry->said.entry.type, types[k]) == 0)
				found = told;
	}
	// Who that was stands below it, unless nobody voted.
	if (found && strcmp(json_str(found, "who"), NAME_OF_SYSTEM) != 0)
		return json_incref(found);
	if (!found)
		return json_null();
	found = json_copy(found);
	json_put_str(found, "who", "");
	return found;
}

static void put_case(struct reader *r, json_t *model)
{
	_free_ char *risk = NULL;
	json_t *view;

	if (!r->state) {
		view = json_object();
		json_put_str(view, "case", r->b->case_id);
		json_put(model, "case", view);
		return;
	}
	view = case_view(&r->desk, r->state);
	case_view_texts(&r->desk, r->state, ZONE, view);
	json_put_str(view, "hash", json_str(r->state, "hash"));
	name_voters(r, view);
	risk = risk_text(r->state);
	json_put(model, "case", view);
	json_put(model, "fact_list", fact_list(&r->desk, r->state));
	json_put_str(model, "risk_text", risk);
}

// Of a message as it came in: the entry that followed from it.
static const struct bundle_entry *follower_of(const struct bundle *b, uint64_t seq)
{
	for (size_t i = 0; i < b->count; i++) {
		const json_t *message = json_object_get(json_obj(b->entries[i]->json, "body"), "message");

		if (bundle_is_of_case(b, b->entries[i]) && json_is_integer(message) &&
		    (uint64_t)json_integer_value(message) == seq)
			return b->entries[i];
	}
	return NULL;
}

static void put_origin(struct reader *r, const struct entry *said, json_t *row)
{
	const struct bundle_entry *follower = follower_of(r->b, said->seq);
	_json_ json_t *one = json_array(), *told = NULL;

	if (!follower)
		return;
	json_array_append(one, follower->json);
	turn_to(r, follower->said.entry.seq);
	told = history_view(&r->desk, r->state, one, ZONE);
	json_put_str(row, "from", json_str(json_array_get(told, 0), "who"));
	json_put_int(row, "follows", (int64_t)follower->said.entry.seq);
}

static json_t *evidence(struct reader *r)
{
	const struct bundle *b = r->b;
	json_t *list = json_array();

	for (size_t i = 0; i < b->count; i++) {
		const json_t *body = json_obj(b->entries[i]->json, "body");
		const struct entry *said = &b->entries[i]->said.entry;
		bool raw = strcmp(said->type, "message.received") == 0;
		json_t *row;

		if (!json_str_or_null(body, "commitment"))
			continue;
		row = json_object();
		if (raw)
			put_origin(r, said, row);
		json_put_int(row, "entry", (int64_t)said->seq);
		json_put_str(row, "name", raw ? "the message as it came in" : json_str(body, "name"));
		json_put_str(row, "type", raw ? said->via : json_str(body, "type"));
		json_put_int(row, "size", json_int(body, "size"));
		json_put_str(row, "sha256", json_str(body, "sha256"));
		json_put_bool(row, "kept", bundle_evidence_find(b, json_str(body, "sha256"))->kept);
		json_add(list, row);
	}
	return list;
}

static json_t *log_view(const struct bundle *b)
{
	json_t *view = json_object();
	char hex[2 * DIGEST_SIZE + 1];

	json_put_str(view, "origin", b->head.origin);
	json_put_int(view, "size", (int64_t)b->head.size);
	json_put_str(view, "root", hex_encode(b->head.root.bytes, DIGEST_SIZE, hex));
	json_put_str(view, "key", b->key);
	return view;
}

static void put_counts(const struct bundle *b, json_t *model)
{
	const struct bundle_entry *example = NULL;
	int64_t entries = 0, erased = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (!bundle_is_of_case(b, b->entries[i]))
			continue;
		example = b->entries[i];
		entries++;
		erased += !b->entries[i]->body;
	}
	json_put_int(model, "entries", entries);
	json_put_int(model, "erased", erased);
	if (example)
		json_put_int(model, "example", (int64_t)example->said.entry.seq);
}

json_t *bundle_model(const struct bundle *b, const char *program, struct err *e)
{
	json_t *model = json_object(), *told;
	struct reader r;

	(void)e;
	reader_begin(&r, b);
	told = timeline(&r);
	put_case(&r, model);
	json_put(model, "timeline", told);
	json_put(model, "decision", decision(&r, told));
	json_put(model, "evidence", evidence(&r));
	json_put(model, "log", log_view(b));
	json_put_str(model, "program", program);
	put_counts(b, model);
	reader_end(&r);
	return model;
}

char *bundle_render(const json_t *model, const char *file, struct err *e)
{
	const struct bundle_template *t = bundle_templates;
	_mustache_ struct mustache *parsed = NULL;
	_buf_ struct buf raw = BUF(BUNDLE_FILE_MAX / 2);
	struct buf out = BUF(BUNDLE_FILE_MAX);
	enum escape how = strstr(file, ".html") ? ESCAPE_HTML : ESCAPE_PLAIN;

	while (t->name && strcmp(t->name, file) != 0)
		t++;
	if (!t->name)
		panic("there is no template %s", file);
	parsed = mustache_parse(file, 1, t->text, strlen(t->text), e);
	if (!parsed || mustache_render(parsed, NULL, model, how, &raw, e) < 0)
		return NULL;
	if (strcmp(file, "summary.txt") != 0)
		return buf_steal(&raw);
	if (layout_plain(buf_text(&raw), &out) < 0) {
		buf_free(&out);
		err_set(e, EX_DATAERR, "it would be too large");
		return NULL;
	}
	return buf_steal(&out);
}
