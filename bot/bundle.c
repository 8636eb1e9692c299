// SPDX-License-Identifier: Apache-2.0
// Writing a bundle.
#include "bot/bundle.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/staging.h"
#include "bot/bundle_parts.h"
#include "bot/bundle_tar.h"
#include "bot/bundle_templates.h"
#include "store/blob.h"

// Where the files go: exactly one of the two.
struct target {
	struct tar *tar;
	const struct staging *folder;
};

static int put(const struct target *to, const char *name, const void *data, size_t len, struct err *e)
{
	return to->tar ? tar_put(to->tar, name, data, len, e) : staging_write(to->folder, name, data, len, e);
}

static int put_evidence(struct db *db, struct bundle *b, const struct target *to, const struct bundle_file *file,
                        struct err *e)
{
	_buf_ struct buf bytes = BUF(BUNDLE_EVIDENCE_MAX);
	const char *name = strrchr(file->name, '/') + 1;
	bool archived = bundle_evidence_find(b, name)->archived;

	if ((archived ? bundle_read_archived(db, b, name, &bytes, e) : blob_get(db, &file->sha256, &bytes, e)) < 0)
		return err_prefix(e, "%s", file->name);
	return put(to, file->name, buf_text(&bytes), bytes.len, e);
}

static int put_all(struct db *db, struct bundle *b, const struct target *to, const struct bundle_files *files,
                   struct err *e)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct bundle_file *file = &files->list[i];

		if ((file->data ? put(to, file->name, file->data, file->len, e) : put_evidence(db, b, to, file, e)) < 0)
			return -1;
	}
	return 0;
}

static int prepare(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, struct bundle *b,
                   struct bundle_files *files, struct bundled *out, struct err *e)
{
	*out = (struct bundled){ .entries = 0 };
	if (bundle_collect(db, case_id, last, key, b, e) < 0 || bundle_files(b, bundle_writer, files, e) < 0)
		return -1;
	for (size_t i = 0; i < b->count; i++)
		out->entries += bundle_is_of_case(b, b->entries[i]);
	for (size_t i = 0; i < b->evidence_count; i++)
		out->evidence += b->evidence[i].kept;
	return 0;
}

int bundle_to_tar(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, const char *path,
                  struct bundled *out, struct err *e)
{
	_bundle_ struct bundle b = { 0 };
	_bundle_files_ struct bundle_files files = { 0 };
	_tar_ struct tar *tar = NULL;

	if (prepare(db, case_id, last, key, &b, &files, out, e) < 0)
		return -1;
	tar = tar_begin(path, b.case_id, b.entries[b.count - 1]->said.entry.time / CLOCK_SECOND, e);
	if (!tar || put_all(db, &b, &(struct target){ .tar = tar }, &files, e) < 0)
		return -1;
	return tar_commit(tar, &out->sha256, &out->size, e);
}

int bundle_to_folder(struct db *db, const char *case_id, uint64_t last, const struct note_key *key, const char *path,
                     struct bundled *out, struct err *e)
{
	_bundle_ struct bundle b = { 0 };
	_bundle_files_ struct bundle_files files = { 0 };
	_staging_ struct staging folder = { 0 };
	const struct bundle_file *sums;

	if (prepare(db, case_id, last, key, &b, &files, out, e) < 0 || staging_begin(path, &folder, e) < 0 ||
	    put_all(db, &b, &(struct target){ .folder = &folder }, &files, e) < 0)
		return -1;
	sums = bundle_file_find(&files, "SHA256SUMS");
	out->sha256 = sums->sha256;
	out->size = sums->len;
	return staging_commit(&folder, e);
}
