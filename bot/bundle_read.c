// SPDX-License-Identifier: Apache-2.0
#include "bot/bundle_read.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "bot/bundle_parts.h"

struct bundle_reading {
	bundle_take *take;
	void *context;
	char last[BUNDLE_NAME_MAX];
	size_t files, total;
};

// A name for a message: whoever made the file wrote it.
static const char *shown(const char *name, char out[BUNDLE_NAME_MAX])
{
	size_t n = 0;

	for (; name && name[n] && n < BUNDLE_NAME_MAX - 1; n++)
		out[n] = (name[n] > ' ' && name[n] < 0x7f) ? name[n] : '?';
	out[n] = '\0';
	return out;
}

// Letters, digits, '.', '_', '-'; no part is empty or begins with a dot.
static bool is_plain(const char *name)
{
	char before = '/';

	for (const char *p = name; *p; before = *p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || text_is_digit(*p);

		if (before == '/' && (*p == '.' || *p == '/'))
			return false;
		if (!plain && !strchr("._-/", *p))
			return false;
	}
	return *name && before != '/' && strlen(name) < BUNDLE_NAME_MAX;
}

// Is there place for one more of that name?
static int admit(struct bundle_reading *r, const char *name, struct err *e)
{
	char text[BUNDLE_NAME_MAX];

	if (!is_plain(name))
		return err_set(e, EX_DATAERR, "%s is no name of a bundle's file", shown(name, text));
	if (r->files && strcmp(name, r->last) <= 0)
		return err_set(e, EX_DATAERR, "%s is there twice, or not in its place", shown(name, text));
	if (++r->files > BUNDLE_FILES_MAX)
		return err_set(e, EX_DATAERR, "there are more than %d files", BUNDLE_FILES_MAX);
	memcpy(r->last, name, strlen(name) + 1);
	return 0;
}

static size_t limit_of(const char *name)
{
	return text_starts(name, "evidence/") ? BUNDLE_EVIDENCE_MAX : BUNDLE_FILE_MAX;
}

static int hand_over(struct bundle_reading *r, const char *name, const struct buf *bytes, struct err *e)
{
	if (!text_starts(name, "evidence/") && (r->total += bytes->len) > BUNDLE_TOTAL_MAX)
		return err_set(e, EX_DATAERR, "the files are too large together, at %s", name);
	return r->take(r->context, name, buf_text(bytes), bytes->len, e);
}

// --- a tar file -----------------------------------------------------------------------------------------------------

static int trouble(struct archive *a, struct err *e)
{
	const char *why = archive_error_string(a);

	return err_set(e, EX_DATAERR, "it is no whole tar file: %s", why ? why : "libarchive does not say why");
}

// What we write: a plain file, whose bytes all stand in it.
static int check_kind(struct archive_entry *entry, const char *path, struct err *e)
{
	char text[BUNDLE_NAME_MAX];

	shown(path, text);
	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry))
		return err_set(e, EX_DATAERR, "%s is a link", text);
	if (archive_entry_filetype(entry) != AE_IFREG)
		return err_set(e, EX_DATAERR, "%s is no plain file", text);
	if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0 || archive_entry_sparse_count(entry))
		return err_set(e, EX_DATAERR, "%s has no plain size", text);
	return 0;
}

// The name behind the one folder that all are in; NULL with an error.
static const char *name_within(const char *path, char folder[BUNDLE_FOLDER_MAX], struct err *e)
{
	const char *slash = path ? strchr(path, '/') : NULL;
	size_t len = slash ? (size_t)(slash - path) : 0;
	char text[BUNDLE_NAME_MAX];

	if (!slash || !is_plain(path) || len >= BUNDLE_FOLDER_MAX) {
		err_set(e, EX_DATAERR, "%s is no name of a file in a bundle's folder", shown(path, text));
		return NULL;
	}
	if (!*folder)
		memcpy(folder, path, len); // the rest is NUL
	if (strlen(folder) != len || memcmp(folder, path, len) != 0) {
		err_set(e, EX_DATAERR, "%s is not in the folder %s", shown(path, text), folder);
		return NULL;
	}
	return slash + 1;
}

// As much as there is: what the header says of the size is only believed when it would be too much.
static int read_data(struct archive *a, const char *name, la_int64_t size, struct buf *out, struct err *e)
{
	char chunk[65536];
	la_ssize_t n;

	if ((uint64_t)size > out->max)
		return err_set(e, EX_DATAERR, "%s is too large (%lld bytes)", name, (long long)size);
	while ((n = archive_read_data(a, chunk, sizeof chunk)) > 0)
		if (buf_add(out, chunk, (size_t)n) < 0)
			return err_set(e, EX_DATAERR, "%s is too large", name);
	if (n < 0 || out->len != (size_t)size)
		return n < 0 ? trouble(a, e) : err_set(e, EX_DATAERR, "%s is cut off", name);
	return 0;
}

static int read_one(struct bundle_reading *r, struct archive *a, struct archive_entry *entry,
                    char folder[BUNDLE_FOLDER_MAX], struct err *e)
{
	const char *path = archive_entry_pathname(entry), *name;
	_buf_ struct buf bytes = { 0 };

	if (check_kind(entry, path, e) < 0 || !(name = name_within(path, folder, e)) || admit(r, name, e) < 0)
		return -1;
	bytes = BUF(limit_of(name));
	if (read_data(a, name, archive_entry_size(entry), &bytes, e) < 0)
		return -1;
	return hand_over(r, name, &bytes, e);
}

static int read_archive(struct bundle_reading *r, struct archive *a, int fd, char folder[BUNDLE_FOLDER_MAX],
                        struct err *e)
{
	struct archive_entry *entry;
	int got;

	if (archive_read_support_format_tar(a) != ARCHIVE_OK || archive_read_open_fd(a, fd, 65536) != ARCHIVE_OK)
		return trouble(a, e);
	while ((got = archive_read_next_header(a, &entry)) == ARCHIVE_OK)
		if (read_one(r, a, entry, folder, e) < 0)
			return -1;
	return got == ARCHIVE_EOF ? 0 : trouble(a, e);
}

int bundle_read_tar(int fd, bundle_take *take, void *context, char folder[BUNDLE_FOLDER_MAX], struct err *e)
{
	struct bundle_reading r = { .take = take, .context = context };
	struct archive *a = archive_read_new();
	int result;

	if (!a)
		panic("out of memory");
	memset(folder, 0, BUNDLE_FOLDER_MAX);
	result = read_archive(&r, a, fd, folder, e);
	archive_read_free(a);
	return result;
}

// --- a folder -------------------------------------------------------------------------------------------------------

struct names {
	char **list;
	size_t count;
};

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static int add_name(struct names *names, const FTSENT *at, size_t skip, struct err *e)
{
	const char *name = at->fts_path + skip;
	char text[BUNDLE_NAME_MAX];

	if (at->fts_info == FTS_D || at->fts_info == FTS_DP)
		return 0;
	if (at->fts_info != FTS_F)
		return err_set(e, EX_DATAERR, "%s is %s", shown(name, text),
		               at->fts_info == FTS_SL || at->fts_info == FTS_SLNONE ? "a link" : "no plain file");
	if (names->count == BUNDLE_FILES_MAX)
		return err_set(e, EX_DATAERR, "there are more than %d files", BUNDLE_FILES_MAX);
	names->list = reallocarray(names->list, names->count + 1, sizeof *names->list);
	if (!names->list)
		panic("out of memory");
	names->list[names->count++] = text_copy(name);
	return 0;
}

static int list_folder(const char *path, struct names *out, struct err *e)
{
	char *const paths[] = { (char *)path, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t skip = strlen(path);
	int result = 0;
	FTSENT *at;

	if (!fts)
		return err_sys(e, EX_NOINPUT, "cannot read it");
	while (result == 0 && (at = fts_read(fts))) {
		size_t begin = skip + (path[skip - 1] != '/');

		result = at->fts_pathlen > begin ? add_name(out, at, begin, e) : 0;
	}
	fts_close(fts);
	return result;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_file(struct bundle_reading *r, const char *dir, const char *name, struct err *e)
{
	_free_ char *path = path_join(dir, name);
	_buf_ struct buf bytes = BUF(limit_of(name));

	if (admit(r, name, e) < 0 || file_read(path, &bytes, e) < 0)
		return -1;
	return hand_over(r, name, &bytes, e);
}

static int read_folder(const char *path, bundle_take *take, void *context, struct err *e)
{
	struct bundle_reading r = { .take = take, .context = context };
	_cleanup_(names_free) struct names names = { 0 };

	if (list_folder(path, &names, e) < 0)
		return -1;
	qsort(names.list, names.count, sizeof *names.list, by_text);
	for (size_t i = 0; i < names.count; i++)
		if (read_file(&r, path, names.list[i], e) < 0)
			return -1;
	return 0;
}

int bundle_read(const char *path, bundle_take *take, void *context, char folder[BUNDLE_FOLDER_MAX], struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	memset(folder, 0, BUNDLE_FOLDER_MAX);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, EX_NOINPUT, "cannot open it");
	if (S_ISDIR(st.st_mode))
		return read_folder(path, take, context, e);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_DATAERR, "it is neither a folder nor a tar file");
	return bundle_read_tar(fd, take, context, folder, e);
}
