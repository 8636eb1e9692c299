// SPDX-License-Identifier: Apache-2.0
#include "bot/bundle_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"

static void entry_free(struct bundle_entry *entry)
{
	free(entry->leaf);
	free(entry->body);
	free(entry->proof);
	json_decref(entry->json);
	free(entry);
}

void bundle_free(struct bundle *b)
{
	for (size_t i = 0; i < b->count; i++)
		entry_free(b->entries[i]);
	free(b->entries);
	free(b->evidence);
	free(b->note);
	free(b->key);
	*b = (struct bundle){ 0 };
}

bool bundle_is_of_case(const struct bundle *b, const struct bundle_entry *entry)
{
	const char *of = entry->said.entry.case_id;

	return of && strcmp(of, b->case_id) == 0;
}

struct bundle_entry *bundle_entry_find(const struct bundle *b, uint64_t seq)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = b->entries[middle]->said.entry.seq;

		if (at == seq)
			return b->entries[middle];
		if (at < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct bundle_evidence *bundle_evidence_find(const struct bundle *b, const char *name)
{
	for (size_t i = 0; i < b->evidence_count; i++)
		if (strcmp(b->evidence[i].name, name) == 0)
			return &b->evidence[i];
	return NULL;
}

const struct bundle_entry *bundle_in_force(const struct bundle *b, const char *type, uint64_t seq)
{
	const struct bundle_entry *found = NULL;

	for (size_t i = 0; i < b->count && b->entries[i]->said.entry.seq <= seq; i++)
		if (strcmp(b->entries[i]->said.entry.type, type) == 0)
			found = b->entries[i];
	return found;
}

// As the bot writes it: what is done with a body relies on it (no real numbers, for one).
static json_t *read_body(const struct bundle_entry *entry, struct err *e)
{
	_json_ json_t *body = json_read(entry->body, entry->body_len, e);
	_free_ char *again = NULL;
	size_t len = 0;

	if (body && !json_is_object(body))
		err_set(e, EX_DATAERR, "it is no JSON object");
	else if (body)
		again = json_canonical(body, &len, e);
	if (again && len == entry->body_len && memcmp(again, entry->body, len) == 0)
		return steal_ptr(body);
	if (again)
		err_set(e, EX_DATAERR, "it is not canonical JSON");
	err_prefix(e, "the body");
	return NULL;
}

int bundle_entry_read(struct bundle_entry *entry, struct err *e)
{
	_json_ json_t *json = NULL, *body = NULL;

	if (leaf_read((struct piece){ entry->leaf, entry->leaf_len }, &entry->said, e) < 0 ||
	    !(json = json_read(entry->leaf, entry->leaf_len, e)))
		return -1;
	if (entry->body && !(body = read_body(entry, e)))
		return -1;
	json_put(json, "body", body ? steal_ptr(body) : json_null());
	entry->json = steal_ptr(json);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct bundle_evidence *)a)->name, ((const struct bundle_evidence *)b)->name);
}

int bundle_list_evidence(struct bundle *b, struct err *e)
{
	b->evidence = calloc(b->count ? b->count : 1, sizeof *b->evidence); // an entry names at most one
	if (!b->evidence)
		panic("out of memory");
	for (size_t i = 0; i < b->count; i++) {
		const json_t *body = json_obj(b->entries[i]->json, "body");
		const char *name = json_str(body, "sha256");
		struct bundle_evidence *piece = &b->evidence[b->evidence_count];
		uint8_t bytes[DIGEST_SIZE];

		if (!json_str_or_null(body, "commitment") || bundle_evidence_find(b, name))
			continue;
		if (hex_decode(name, bytes, DIGEST_SIZE) < 0 ||
		    strcmp(name, hex_encode(bytes, DIGEST_SIZE, piece->name)) != 0)
			return err_set(e, EX_DATAERR, "entry %llu names evidence without a hash",
			               (unsigned long long)b->entries[i]->said.entry.seq);
		piece->size = (uint64_t)json_int(body, "size");
		b->evidence_count++;
	}
	qsort(b->evidence, b->evidence_count, sizeof *b->evidence, by_name);
	return 0;
}
