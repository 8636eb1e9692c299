// SPDX-License-Identifier: Apache-2.0
// The files of a bundle, made from its entries.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/bundle_parts.h"
#include "bot/people.h"

#define SUMS "SHA256SUMS"

static struct bundle_file *add(struct bundle_files *files, char *name)
{
	if (files->count == files->room) {
		files->room = files->room ? 2 * files->room : 64;
		files->list = reallocarray(files->list, files->room, sizeof *files->list);
		if (!files->list)
			panic("out of memory");
	}
	files->list[files->count] = (struct bundle_file){ .name = name };
	return &files->list[files->count++];
}

// Both are taken.
static void add_bytes(struct bundle_files *files, char *name, char *data, size_t len)
{
	struct bundle_file *file = add(files, name);

	file->data = data;
	file->len = len;
	file->sha256 = sha256_of(data, len);
}

static void add_text(struct bundle_files *files, char *name, char *text)
{
	add_bytes(files, name, text, strlen(text));
}

static char *copy_bytes(const void *bytes, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		panic("out of memory");
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

static char *pretty(const json_t *value)
{
	_free_ char *text = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS);

	if (!text)
		panic("out of memory");
	return text_format("%s\n", text);
}

// --- what is in the log ---------------------------------------------------------------------------------------------

static void add_entry(struct bundle_files *files, const struct bundle_entry *entry)
{
	unsigned long long seq = entry->said.entry.seq;

	add_bytes(files, text_format("entries/%llu.leaf", seq), copy_bytes(entry->leaf, entry->leaf_len),
	          entry->leaf_len);
	add_text(files, text_format("proofs/%llu.tlog-proof", seq), text_copy(entry->proof));
	if (!entry->body)
		return;
	add_bytes(files, text_format("entries/%llu.body", seq), copy_bytes(entry->body, entry->body_len),
	          entry->body_len);
	add_bytes(files, text_format("entries/%llu.salt", seq), copy_bytes(entry->salt, SALT_SIZE), SALT_SIZE);
}

static void add_evidence(struct bundle_files *files, const struct bundle_evidence *piece)
{
	struct bundle_file *file;

	if (!piece->kept)
		return;
	add_bytes(files, text_format("evidence-salt/%s", piece->name), copy_bytes(piece->salt, SALT_SIZE), SALT_SIZE);
	file = add(files, text_format("evidence/%s", piece->name));
	file->len = (size_t)piece->size;
	hex_decode(piece->name, file->sha256.bytes, DIGEST_SIZE);
}

// --- lists of it ----------------------------------------------------------------------------------------------------

// A raw message has no name of its own.
static const char *type_of(const struct bundle_entry *entry)
{
	const char *type = json_str_or_null(json_obj(entry->json, "body"), "type");

	if (strcmp(entry->said.entry.type, "message.received") != 0)
		return type;
	return strcmp(entry->said.entry.via, "slack") == 0 ? "application/json" : "message/rfc822";
}

static char *evidence_list(const struct bundle *b)
{
	_json_ json_t *list = json_array();

	for (size_t i = 0; i < b->count; i++) {
		const json_t *body = json_obj(b->entries[i]->json, "body");
		json_t *row;

		if (!json_str_or_null(body, "commitment"))
			continue;
		row = json_object();
		json_put_int(row, "entry", (int64_t)b->entries[i]->said.entry.seq);
		json_put_str(row, "name", json_str_or_null(body, "name"));
		json_put_str(row, "type", type_of(b->entries[i]));
		json_put_int(row, "size", json_int(body, "size"));
		json_put_str(row, "sha256", json_str(body, "sha256"));
		json_put_bool(row, "kept", bundle_evidence_find(b, json_str(body, "sha256"))->kept);
		json_add(list, row);
	}
	return pretty(list);
}

static json_t *names_of(const json_t *body)
{
	const char *text = json_str(body, "text");
	_people_ struct people *people = people_read(text, strlen(text), "people", NULL);
	json_t *names = json_object();

	for (size_t i = 0; people && i < people_count(people); i++)
		json_put_str(names, people_at(people, i)->id, people_at(people, i)->name);
	return names;
}

// Who was called what, from which entry on.
static char *people_list(const struct bundle *b)
{
	_json_ json_t *list = json_array();

	for (size_t i = 0; i < b->count; i++) {
		json_t *row;

		if (strcmp(b->entries[i]->said.entry.type, "people.published") != 0)
			continue;
		row = json_object();
		json_put_int(row, "entry", (int64_t)b->entries[i]->said.entry.seq);
		json_put(row, "names", names_of(json_obj(b->entries[i]->json, "body")));
		json_add(list, row);
	}
	return pretty(list);
}

static void add_catalogues(struct bundle_files *files, const struct bundle *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct entry *said = &b->entries[i]->said.entry;
		const char *text = json_str_or_null(json_obj(b->entries[i]->json, "body"), "text");

		if (strcmp(said->type, "catalogue.published") == 0 && text)
			add_text(files, text_format("catalogue/%llu.yaml", (unsigned long long)said->seq),
			         text_copy(text));
	}
}

static char *manifest(const struct bundle *b, const char *program)
{
	_json_ json_t *view = json_object();
	json_t *entries = json_array(), *grounds = json_array(), *erased = json_array(), *gone = json_array();
	char hex[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < b->count; i++) {
		json_int_t seq = (json_int_t)b->entries[i]->said.entry.seq;

		json_add(bundle_is_of_case(b, b->entries[i]) ? entries : grounds, json_integer(seq));
		if (!b->entries[i]->body)
			json_add(erased, json_integer(seq));
	}
	for (size_t i = 0; i < b->evidence_count; i++)
		if (!b->evidence[i].kept)
			json_add_str(gone, b->evidence[i].name);
	json_put_int(view, "bundle", 1);
	json_put_str(view, "program", program);
	json_put_str(view, "case", b->case_id);
	json_put_str(view, "origin", b->head.origin);
	json_put_int(view, "size", (int64_t)b->head.size);
	json_put_str(view, "root", hex_encode(b->head.root.bytes, DIGEST_SIZE, hex));
	json_put(view, "entries", entries);
	json_put(view, "grounds", grounds);
	json_put(view, "erased", erased);
	json_put(view, "missing_evidence", gone);
	return pretty(view);
}

// As sha256sum(1) reads it.
static char *sums(const struct bundle_files *files)
{
	_buf_ struct buf text = BUF(BUNDLE_FILE_MAX);
	char hex[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->list[i].name, SUMS) != 0)
			buf_printf(&text, "%s  %s\n", hex_encode(files->list[i].sha256.bytes, DIGEST_SIZE, hex),
			           files->list[i].name);
	return text.full ? NULL : buf_steal(&text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

struct bundle_file *bundle_file_find(const struct bundle_files *files, const char *name)
{
	const struct bundle_file wanted = { .name = (char *)name };

	return bsearch(&wanted, files->list, files->count, sizeof wanted, by_name);
}

int bundle_files_sum(struct bundle_files *files, struct err *e)
{
	struct bundle_file *file = bundle_file_find(files, SUMS);
	char *text = sums(files);

	if (!text)
		return err_set(e, EX_DATAERR, "the case has too many files for a bundle");
	free(file->data);
	file->data = text;
	file->len = strlen(text);
	file->sha256 = sha256_of(text, file->len);
	return 0;
}

static int finish(struct bundle_files *files, struct err *e)
{
	add_text(files, text_copy(SUMS), text_copy(""));
	qsort(files->list, files->count, sizeof *files->list, by_name);
	for (size_t i = 1; i < files->count; i++)
		if (strcmp(files->list[i - 1].name, files->list[i].name) == 0)
			return err_set(e, EX_DATAERR, "%s would be there twice", files->list[i].name);
	return bundle_files_sum(files, e);
}

static int add_readings(struct bundle_files *files, const struct bundle *b, const char *program, struct err *e)
{
	static const char *const names[] = { "README.txt", "summary.html", "summary.txt" };
	_json_ json_t *model = bundle_model(b, program, e);

	if (!model)
		return -1;
	for (size_t i = 0; i < LENGTH(names); i++) {
		char *text = bundle_render(model, names[i], e);

		if (!text)
			return err_prefix(e, "%s", names[i]);
		add_text(files, text_copy(names[i]), text);
	}
	return 0;
}

int bundle_files(const struct bundle *b, const char *program, struct bundle_files *out, struct err *e)
{
	*out = (struct bundle_files){ 0 };
	for (size_t i = 0; i < b->count; i++)
		add_entry(out, b->entries[i]);
	for (size_t i = 0; i < b->evidence_count; i++)
		add_evidence(out, &b->evidence[i]);
	add_text(out, text_copy("checkpoint"), text_copy(b->note));
	if (b->key)
		add_text(out, text_copy("key"), text_format("%s\n", b->key));
	add_text(out, text_copy("evidence.json"), evidence_list(b));
	add_text(out, text_copy("people.json"), people_list(b));
	add_text(out, text_copy("manifest.json"), manifest(b, program));
	add_catalogues(out, b);
	if (add_readings(out, b, program, e) < 0)
		return -1;
	return finish(out, e);
}

void bundle_files_free(struct bundle_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].name);
		free(files->list[i].data);
	}
	free(files->list);
	*files = (struct bundle_files){ 0 };
}
