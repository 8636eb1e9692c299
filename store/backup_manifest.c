// SPDX-License-Identifier: Apache-2.0
#include "store/backup_manifest.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/note.h"
#include "base/text.h"

#define MANIFEST_MAX (1 << 28) // bytes: a million files
#define FORMAT "countersign/backup/v1"
#define NAME_MAX_LEN 512

void manifest_add(struct manifest *m, const char *name, const struct file_sum *sum)
{
	char hex[2 * DIGEST_SIZE + 1];
	json_t *file = json_object();

	if (!m->files)
		m->files = json_array();
	json_put_str(file, "name", name);
	json_put_int(file, "size", (int64_t)sum->size);
	json_put_str(file, "sha256", hex_encode(sum->sha256.bytes, DIGEST_SIZE, hex));
	json_add(m->files, file);
}

int manifest_write(struct manifest *m, const struct staging *s, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1], when[CLOCK_TEXT];
	_json_ json_t *all = json_object();
	_free_ char *text = NULL;

	json_put_str(all, "format", FORMAT);
	json_put_str(all, "name", m->name);
	json_put_str(all, "origin", m->origin);
	json_put_int(all, "size", (int64_t)m->size);
	json_put_str(all, "root", hex_encode(m->root.bytes, DIGEST_SIZE, hex));
	json_put_str(all, "checkpoint", m->checkpoint);
	json_put_int(all, "schema", m->schema);
	json_put_str(all, "program", m->program);
	json_put_str(all, "time", clock_format(m->time, when));
	if (m->segment) {
		json_t *journal = json_object();

		json_put_str(journal, "segment", m->segment);
		json_put_int(journal, "offset", (int64_t)m->offset);
		json_put(all, "journal", journal);
	}
	json_put(all, "files", json_incref(m->files));
	text = json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (!text)
		return err_set(e, EX_OSERR, "out of memory for the manifest");
	m->digest = sha256_of(text, strlen(text));
	return staging_write(s, BACKUP_MANIFEST, text, strlen(text), e);
}

static bool is_hash(const char *text)
{
	struct digest d;

	return strlen(text) == 2 * DIGEST_SIZE && hex_decode(text, d.bytes, DIGEST_SIZE) == 0;
}

bool manifest_name_ok(const char *name)
{
	if (strcmp(name, BACKUP_DATABASE) == 0)
		return true;
	if (text_starts(name, "evidence/"))
		return strlen(name) == 12 + 2 * DIGEST_SIZE && name[11] == '/' && is_hash(name + 12) &&
		       strncmp(name + 9, name + 12, 2) == 0;
	return text_starts(name, "archive/") && name[8] && name[8] != '.' && !strchr(name + 8, '/');
}

static int read_file(json_t *file, bool *database, struct err *e)
{
	static const struct json_key keys[] = {
		{ "name", 'S', NAME_MAX_LEN },
		{ "size", 'I', 0 },
		{ "sha256", 'S', 2 * DIGEST_SIZE },
		{ 0 },
	};

	const char *name, *hash;

	if (json_check(file, keys, "a file", e) < 0)
		return -1;
	name = json_str(file, "name");
	hash = json_str(file, "sha256");
	if (!manifest_name_ok(name) || !is_hash(hash) ||
	    (text_starts(name, "evidence/") && strcmp(name + strlen("evidence/ab/"), hash) != 0))
		return err_set(e, EX_DATAERR, "it names a file that no backup has: \"%.80s\"", name);
	*database = *database || strcmp(name, BACKUP_DATABASE) == 0;
	return 0;
}

static int read_files(struct manifest *out, const json_t *all, struct err *e)
{
	bool database = false;
	json_t *file;
	size_t i;

	out->files = json_incref(json_arr(all, "files"));
	json_array_foreach(out->files, i, file)
		if (read_file(file, &database, e) < 0)
			return -1;
	return database ? 0 : err_set(e, EX_DATAERR, "it names no %s", BACKUP_DATABASE);
}

static char *copy_of(const json_t *all, const char *key)
{
	const char *text = json_str_or_null(all, key);

	return text ? text_copy(text) : NULL;
}

static int read_journal(struct manifest *out, const json_t *journal, struct err *e)
{
	static const struct json_key keys[] = { { "segment", 'S', 255 }, { "offset", 'I', 0 }, { 0 } };

	if (!journal)
		return 0;
	if (json_check(journal, keys, "\"journal\"", e) < 0)
		return -1;
	out->segment = copy_of(journal, "segment");
	out->offset = (uint64_t)json_int(journal, "offset");
	return 0;
}

static int take(const json_t *all, struct manifest *out, struct err *e)
{
	static const struct json_key keys[] = {
		{ "format", 'S', 64 },
		{ "name", 'S', 64 },
		{ "origin", 's', NOTE_NAME_MAX },
		{ "size", 'I', 0 },
		{ "root", 'S', 2 * DIGEST_SIZE },
		{ "checkpoint", 's', NOTE_MAX },
		{ "schema", 'I', 0 },
		{ "program", 'S', 64 },
		{ "time", 'S', 32 },
		{ "journal", 'o', 0 },
		{ "files", 'A', 0 },
		{ 0 },
	};

	if (json_check(all, keys, "the manifest", e) < 0)
		return -1;
	if (strcmp(json_str(all, "format"), FORMAT) != 0)
		return err_set(e, EX_DATAERR, "it is of the format \"%s\", this program reads \"%s\"",
		               json_str(all, "format"), FORMAT);
	out->name = copy_of(all, "name");
	out->origin = copy_of(all, "origin");
	out->checkpoint = copy_of(all, "checkpoint");
	out->program = copy_of(all, "program");
	out->size = (uint64_t)json_int(all, "size");
	out->schema = json_int(all, "schema");
	if (hex_decode(json_str(all, "root"), out->root.bytes, DIGEST_SIZE) < 0 ||
	    clock_parse(json_str(all, "time"), &out->time) < 0)
		return err_set(e, EX_DATAERR, "its root is no hash, or its time no time");
	return read_journal(out, json_obj(all, "journal"), e) < 0 ? -1 : read_files(out, all, e);
}

int manifest_read(const char *backup, struct manifest *out, struct err *e)
{
	_free_ char *path = path_join(backup, BACKUP_MANIFEST);
	_buf_ struct buf text = BUF(MANIFEST_MAX);
	_json_ json_t *all = NULL;

	*out = (struct manifest){ 0 };
	if (file_read(path, &text, e) < 0)
		return -1;
	out->digest = sha256_of(buf_text(&text), text.len);
	all = json_read(buf_text(&text), text.len, e);
	if (all && take(all, out, e) == 0)
		return 0;
	manifest_free(out);
	e->code = EX_DATAERR;
	return err_prefix(e, "%s", path);
}

void manifest_free(struct manifest *m)
{
	free(m->name);
	free(m->origin);
	free(m->checkpoint);
	free(m->program);
	free(m->segment);
	json_decref(m->files);
	*m = (struct manifest){ 0 };
}

const char *manifest_file(const struct manifest *m, size_t n, struct file_sum *out)
{
	const json_t *file = json_array_get(m->files, n);

	if (!file)
		return NULL;
	out->size = (uint64_t)json_int(file, "size");
	if (hex_decode(json_str(file, "sha256"), out->sha256.bytes, DIGEST_SIZE) < 0)
		panic("a hash that was checked is none");
	return json_str(file, "name");
}
