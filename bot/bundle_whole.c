// SPDX-License-Identifier: Apache-2.0
#include "bot/bundle_whole.h"

#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/bundle_templates.h"

#define HEX (2 * DIGEST_SIZE)

// What is written in words may be worded otherwise by another version of this program.
static const char *const texts[] = { "README.txt", "summary.html", "summary.txt" };

// --- names ----------------------------------------------------------------------------------------------------------

// A line is "HASH  NAME".
static int check_line(struct sorted *s, const char *line, size_t len, struct err *e)
{
	_free_ char *name = len > HEX + 2 ? text_copy_n(line + HEX + 2, len - HEX - 2) : NULL;
	struct bundle_file *file;

	if (!name || line[HEX] != ' ' || line[HEX + 1] != ' ' || !utf8_valid(name, strlen(name)))
		return err_set(e, EX_DATAERR, "SHA256SUMS: a line of it is no hash and a name");
	file = bundle_file_find(&s->files, name);
	if (!file)
		return err_set(e, EX_DATAERR, "%.*s: it is missing; SHA256SUMS names it", (int)utf8_prefix(name, 200),
		               name);
	if (file->named)
		return err_set(e, EX_DATAERR, "SHA256SUMS: it names %s twice", name);
	file->named = true;
	return 0;
}

int bundle_check_names(struct sorted *s, struct err *e)
{
	const char *at = s->sums, *end = s->sums ? s->sums + strlen(s->sums) : NULL, *line;
	size_t len = 0;

	if (!s->sums)
		return err_set(e, EX_DATAERR, "there is no file SHA256SUMS: it is no bundle, or not all of one");
	while ((line = text_line(&at, end, &len)))
		if (check_line(s, line, len, e) < 0)
			return -1;
	for (size_t i = 0; i < s->files.count; i++)
		if (!s->files.list[i].named && strcmp(s->files.list[i].name, "SHA256SUMS") != 0)
			return err_set(e, EX_DATAERR, "%s: it is not of this bundle; SHA256SUMS does not name it",
			               s->files.list[i].name);
	return 0;
}

// --- the case -------------------------------------------------------------------------------------------------------

static int read_manifest(const struct sorted *s, struct bundle_verdict *v, struct err *e)
{
	_json_ json_t *manifest = s->manifest ? json_read(s->manifest, strlen(s->manifest), e) : NULL;
	const char *of = json_str(manifest, "case"), *program = json_str(manifest, "program");

	if (!s->manifest)
		return err_set(e, EX_DATAERR, "there is no file manifest.json");
	if (!manifest)
		return err_prefix(e, "manifest.json");
	if (json_int(manifest, "bundle") != 1)
		return err_set(e, EX_DATAERR, "manifest.json: it is no bundle of a form that this program knows");
	if (!*of || strlen(of) >= sizeof v->b.case_id || !*program || strlen(program) >= sizeof v->program)
		return err_set(e, EX_DATAERR, "manifest.json: it does not say which case, or what wrote it");
	if (*s->folder && strcmp(of, s->folder) != 0)
		return err_set(e, EX_DATAERR, "manifest.json: it is of %s, the tar file's folder of %s", of, s->folder);
	memcpy(v->b.case_id, of, strlen(of) + 1);
	memcpy(v->program, program, strlen(program) + 1);
	return 0;
}

static int64_t message_of(const struct bundle_entry *entry)
{
	const json_t *message = json_object_get(json_obj(entry->json, "body"), "message");

	return json_is_integer(message) ? json_integer_value(message) : -1;
}

// An entry that is not of the case has to be one that the case rests on.
static bool is_ground(const struct bundle *b, const struct bundle_entry *entry)
{
	const char *type = entry->said.entry.type;

	if (entry->said.entry.case_id)
		return false;
	if (strcmp(type, "people.published") == 0 || strcmp(type, "catalogue.published") == 0 ||
	    strcmp(type, "body.erased") == 0)
		return true;
	for (size_t i = 0; i < b->count; i++)
		if (bundle_is_of_case(b, b->entries[i]) && message_of(b->entries[i]) == (int64_t)entry->said.entry.seq)
			return true;
	return false;
}

static bool has_rules(const struct bundle *b, int64_t version)
{
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->entries[i]->said.entry.type, "catalogue.published") == 0 &&
		    json_int(json_obj(b->entries[i]->json, "body"), "version") == version)
			return true;
	return false;
}

// What it rests on is there: the message that it follows from, the rules that a judgement names.
static int check_grounds(struct bundle_verdict *v, const struct bundle_entry *entry, struct err *e)
{
	const struct entry *said = &entry->said.entry;
	const json_t *body = json_obj(entry->json, "body");
	int64_t message = message_of(entry);

	if (message >= 0 && !bundle_entry_find(&v->b, (uint64_t)message))
		return err_set(e, EX_DATAERR, "entry %llu follows from message %lld, which is not in the bundle",
		               (unsigned long long)said->seq, (long long)message);
	if (body && strcmp(said->type, "case.assessed") == 0 && !has_rules(&v->b, json_int(body, "catalogue")))
		v->no_rules = json_int(body, "catalogue");
	return 0;
}

// The entry that notes a question for a bundle says how many entries the case had before it.
static int check_count(struct bundle_verdict *v, const struct bundle_entry *entry, struct err *e)
{
	const json_t *body = json_obj(entry->json, "body");
	json_int_t count = json_int(body, "entries");

	if (strcmp(entry->said.entry.type, "audit.queried") != 0 || strcmp(json_str(body, "verb"), "export") != 0 ||
	    count <= 0)
		return 0;
	if ((uint64_t)count != v->entries)
		return err_set(e, EX_DATAERR,
		               "entry %llu says that there were %lld entries of %s before it; the bundle has %zu",
		               (unsigned long long)entry->said.entry.seq, (long long)count, v->b.case_id, v->entries);
	v->complete = v->entries + 1;
	return 0;
}

static int check_case(struct bundle_verdict *v, struct err *e)
{
	for (size_t i = 0; i < v->b.count; i++) {
		const struct bundle_entry *entry = v->b.entries[i];
		unsigned long long seq = entry->said.entry.seq;

		if (!bundle_is_of_case(&v->b, entry)) {
			if (!is_ground(&v->b, entry))
				return err_set(e, EX_DATAERR,
				               "entries/%llu.leaf: it is not of %s, nor does it rest on it", seq,
				               v->b.case_id);
			continue;
		}
		if (v->entries == 0 && strcmp(entry->said.entry.type, "case.opened") != 0)
			return err_set(e, EX_DATAERR, "the first entry of %s, %llu, is not the one that opened it",
			               v->b.case_id, seq);
		if (check_count(v, entry, e) < 0 || check_grounds(v, entry, e) < 0)
			return -1;
		v->entries++;
	}
	return v->entries ? 0 : err_set(e, EX_DATAERR, "none of its entries is of %s", v->b.case_id);
}

// --- what follows ---------------------------------------------------------------------------------------------------

static bool same(const struct bundle_file *a, const struct bundle_file *b)
{
	return a && b && memcmp(a->sha256.bytes, b->sha256.bytes, DIGEST_SIZE) == 0;
}

// Another version's texts cannot be compared: they are taken as they are, and that is said.
static int settle_texts(const struct sorted *s, struct bundle_verdict *v, struct bundle_files *made, struct err *e)
{
	v->compared = true;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct bundle_file *own = bundle_file_find(made, texts[i]);
		const struct bundle_file *there = bundle_file_find(&s->files, texts[i]);

		if (same(own, there) || !there || strcmp(v->program, bundle_writer) == 0)
			continue;
		own->sha256 = there->sha256;
		v->compared = false;
	}
	return bundle_files_sum(made, e);
}

static int compare(const struct bundle_file *made, const struct bundle_file *there, struct err *e)
{
	if (!there)
		return err_set(e, EX_DATAERR, "%s: it is missing", made->name);
	return same(made, there) ? 0
	                         : err_set(e, EX_DATAERR, "%s: it is not what follows from the entries", made->name);
}

// All files are right, or another version's words; so the sums are wrong, or were not made of these words.
static int compare_sums(const struct sorted *s, const struct bundle_files *made, struct err *e)
{
	char hex[HEX + 1];

	if (same(bundle_file_find(made, "SHA256SUMS"), bundle_file_find(&s->files, "SHA256SUMS")))
		return 0;
	for (size_t i = 0; i < s->files.count; i++) {
		const struct bundle_file *file = &s->files.list[i];
		_free_ char *line =
		        text_format("%s  %s\n", hex_encode(file->sha256.bytes, DIGEST_SIZE, hex), file->name);

		if (file->named && !strstr(s->sums, line))
			return err_set(e, EX_DATAERR, "%s: SHA256SUMS names another hash of it", file->name);
	}
	return err_set(e, EX_DATAERR, "SHA256SUMS: it is not what follows from the entries");
}

static int compare_all(const struct sorted *s, const struct bundle_files *made, struct err *e)
{
	for (size_t i = 0; i < made->count; i++)
		if (strcmp(made->list[i].name, "SHA256SUMS") != 0 &&
		    compare(&made->list[i], bundle_file_find(&s->files, made->list[i].name), e) < 0)
			return -1;
	for (size_t i = 0; i < s->files.count; i++)
		if (!bundle_file_find(made, s->files.list[i].name))
			return err_set(e, EX_DATAERR, "%s: it is not of this bundle", s->files.list[i].name);
	return compare_sums(s, made, e);
}

int bundle_check_whole(const struct sorted *s, struct bundle_verdict *v, struct err *e)
{
	_bundle_files_ struct bundle_files made = { 0 };

	if (read_manifest(s, v, e) < 0 || check_case(v, e) < 0 || bundle_files(&v->b, v->program, &made, e) < 0)
		return -1;
	v->summary = text_copy(bundle_file_find(&made, "summary.txt")->data);
	return settle_texts(s, v, &made, e) < 0 ? -1 : compare_all(s, &made, e);
}
