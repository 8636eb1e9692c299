// SPDX-License-Identifier: Apache-2.0
#include "bot/licence.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/licence_parts.h"
#include "bot/obligation_parts.h"

#define FILE_MAX (1024 * 1024)
#define ENTRIES_MAX 20000

const char *const licence_families[] = {
	"permissive",
	"weak-copyleft",
	"strong-copyleft",
	"network-copyleft",
	"source-available",
	"non-commercial",
	"content",
	"font",
	"public-domain",
	LICENCE_UNKNOWN,
	NULL,
};

static const char *family_named(const char *name)
{
	for (size_t i = 0; licence_families[i]; i++)
		if (strcmp(licence_families[i], name) == 0)
			return licence_families[i];
	return NULL;
}

json_t *licences_file(const char *templates, const char *name, struct err *e)
{
	_free_ char *dir = path_join(templates, "licences"), *path = path_join(dir, name);
	_buf_ struct buf text = BUF(FILE_MAX);
	_json_ json_t *object = NULL;

	if (file_read(path, &text, e) < 0)
		return NULL;
	object = json_read(buf_text(&text), text.len, e);
	if (!object || !json_is_object(object)) {
		if (object)
			err_set(e, EX_CONFIG, "not an object");
		err_prefix(e, "%s", path);
		return NULL;
	}
	return steal_ptr(object);
}

// --- finding an id ---

// FNV-1a over the id in lower case.
static size_t hash_of(const char *id)
{
	uint32_t hash = 2166136261u;

	for (; *id; id++)
		hash = (hash ^ (uint8_t)(*id >= 'A' && *id <= 'Z' ? *id | 32 : *id)) * 16777619u;
	return hash;
}

// The slot that holds the id, or the empty one where it belongs.
static size_t slot_of(const struct licence_set *set, const char *id)
{
	size_t slot = hash_of(id) % set->slot_count;

	while (set->slots[slot] && !text_same(set->entries[set->slots[slot] - 1].id, id))
		slot = (slot + 1) % set->slot_count;
	return slot;
}

static struct licence *find(const struct licence_set *set, const char *id)
{
	uint16_t place = set->slots[slot_of(set, id)];

	return place ? &set->entries[place - 1] : NULL;
}

const struct licence *licence_find(const struct licences *l, const char *id)
{
	return find(&l->licences, id);
}

const struct licence *licence_find_exception(const struct licences *l, const char *id)
{
	return find(&l->exceptions, id);
}

static const char *nearest(const struct licence_set *set, const char *id)
{
	_free_ const char **ids = calloc(set->count + 1, sizeof *ids);

	if (!ids)
		panic("out of memory");
	for (size_t i = 0; i < set->count; i++)
		ids[i] = set->entries[i].id;
	return text_nearest(id, ids);
}

const char *licence_nearest(const struct licences *l, const char *id)
{
	return nearest(&l->licences, id);
}

const char *licence_nearest_exception(const struct licences *l, const char *id)
{
	return nearest(&l->exceptions, id);
}

// --- licences.json, and others.json with what the list lacks ---

static void size_set(struct licence_set *set, size_t count)
{
	set->slot_count = 2 * count + 1;
	set->entries = calloc(count + 1, sizeof *set->entries);
	set->slots = calloc(set->slot_count, sizeof *set->slots);
	if (!set->entries || !set->slots)
		panic("out of memory");
}

static int add_entry(struct licence_set *set, const json_t *entry, struct err *e)
{
	const char *id = json_str(entry, "id"), *name = json_str_or_null(entry, "name"), *family;
	size_t slot = slot_of(set, id);

	if (!*id || set->slots[slot])
		return err_set(e, EX_CONFIG, "an entry has no id, or '%.64s' stands there twice", id);
	family = family_named(json_object_get(entry, "family") ? json_str(entry, "family") : LICENCE_UNKNOWN);
	if (!family)
		return err_set(e, EX_CONFIG, "no family is called '%.64s'", json_str(entry, "family"));
	set->entries[set->count] = (struct licence){
		.id = text_copy(id),
		.name = text_copy(name ? name : id),
		.family = family,
		.deprecated = json_bool(entry, "deprecated"),
	};
	set->slots[slot] = (uint16_t)++set->count;
	return 0;
}

static int add_entries(struct licence_set *set, const json_t *list, struct err *e)
{
	json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
		if (add_entry(set, entry, e) < 0)
			return -1;
	return 0;
}

static int load_lists(struct licences *l, const char *templates, struct err *e)
{
	_json_ json_t *file = licences_file(templates, "licences.json", e);
	_json_ json_t *more = file ? licences_file(templates, "others.json", e) : NULL;
	const json_t *licences, *exceptions, *others;

	if (!more)
		return -1;
	licences = json_arr(file, "licences");
	exceptions = json_arr(file, "exceptions");
	others = json_arr(more, "licences");
	if (json_array_size(licences) + json_array_size(others) > ENTRIES_MAX ||
	    json_array_size(exceptions) > ENTRIES_MAX)
		return err_set(e, EX_CONFIG, "%s/licences: more than %d licences", templates, ENTRIES_MAX);
	size_set(&l->licences, json_array_size(licences) + json_array_size(others));
	size_set(&l->exceptions, json_array_size(exceptions));
	if (add_entries(&l->licences, licences, e) < 0 || add_entries(&l->exceptions, exceptions, e) < 0)
		return err_prefix(e, "%s/licences/licences.json", templates);
	return add_entries(&l->licences, others, e) < 0 ? err_prefix(e, "%s/licences/others.json", templates) : 0;
}

// --- replaced.json: {"licences": {id: expression}, "exceptions": {id: id}} ---

static int take_replaced(struct licence_set *set, json_t *table, struct err *e)
{
	const char *id;
	json_t *value;

	json_object_foreach(table, id, value) {
		struct licence *entry = find(set, id);

		if (!entry || !entry->deprecated || !json_is_string(value) || entry->replaced_by)
			return err_set(e, EX_CONFIG, "'%.64s' is no deprecated id of the list", id);
		entry->replaced_by = text_copy(json_string_value(value));
	}
	return 0;
}

static int load_replaced(struct licences *l, const char *templates, struct err *e)
{
	_json_ json_t *file = licences_file(templates, "replaced.json", e);

	if (!file)
		return -1;
	if (take_replaced(&l->licences, json_obj(file, "licences"), e) < 0 ||
	    take_replaced(&l->exceptions, json_obj(file, "exceptions"), e) < 0)
		return err_prefix(e, "%s/licences/replaced.json", templates);
	return 0;
}

// --- families.json: {"licences": {family: [id or "prefix*"]}, "exceptions": the same} ---

// Of several patterns the longest decides; an id alone beats all.  `said[i]` is the length of what decided entry i.
static int take_pattern(struct licence_set *set, size_t *said, const char *pattern, const char *family, struct err *e)
{
	size_t len = strlen(pattern);
	bool prefix = len > 0 && pattern[len - 1] == '*', used = false;

	for (size_t i = 0; i < set->count; i++) {
		struct licence *entry = &set->entries[i];

		if (prefix ? strncmp(entry->id, pattern, len - 1) != 0 : strcmp(entry->id, pattern) != 0)
			continue;
		used = true;
		if (said[i] == (prefix ? len : SIZE_MAX))
			return err_set(e, EX_CONFIG, "'%.64s' stands there twice", pattern);
		if (said[i] < (prefix ? len : SIZE_MAX)) {
			said[i] = prefix ? len : SIZE_MAX;
			entry->family = family;
		}
	}
	return used ? 0 : err_set(e, EX_CONFIG, "'%.64s' is on no list", pattern);
}

static int take_families(struct licence_set *set, json_t *table, struct err *e)
{
	_free_ size_t *said = calloc(set->count, sizeof *said);
	const char *name;
	json_t *patterns, *pattern;
	size_t i;

	if (!said)
		panic("out of memory");
	json_object_foreach(table, name, patterns) {
		const char *family = family_named(name);

		if (!family)
			return err_set(e, EX_CONFIG, "no family is called '%.64s'", name);
		json_array_foreach(patterns, i, pattern)
			if (!json_is_string(pattern) ||
			    take_pattern(set, said, json_string_value(pattern), family, e) < 0)
				return -1;
	}
	return 0;
}

static int load_families(struct licences *l, const char *templates, struct err *e)
{
	_json_ json_t *file = licences_file(templates, "families.json", e);

	if (!file)
		return -1;
	if (take_families(&l->licences, json_obj(file, "licences"), e) < 0 ||
	    take_families(&l->exceptions, json_obj(file, "exceptions"), e) < 0)
		return err_prefix(e, "%s/licences/families.json", templates);
	return 0;
}

// --- all of it ---

struct licences *licences_load(const char *templates, struct err *e)
{
	_licences_ struct licences *l = calloc(1, sizeof *l);

	if (!l)
		panic("out of memory");
	if (load_lists(l, templates, e) < 0 || load_replaced(l, templates, e) < 0 || load_families(l, templates, e) < 0)
		return NULL;
	l->names = licence_names_load(l, templates, e);
	l->obligations = l->names ? obligations_load(templates, e) : NULL;
	return l->obligations ? steal_ptr(l) : NULL;
}

static void clear_set(struct licence_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free((char *)set->entries[i].id);
		free((char *)set->entries[i].name);
		free((char *)set->entries[i].replaced_by);
	}
	free(set->entries);
	free(set->slots);
}

void licences_free(struct licences **licences)
{
	struct licences *l = *licences;

	if (!l)
		return;
	clear_set(&l->licences);
	clear_set(&l->exceptions);
	licence_names_free(&l->names);
	obligations_free(&l->obligations);
	free(l);
	*licences = NULL;
}
