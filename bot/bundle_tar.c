// SPDX-License-Identifier: Apache-2.0
#include "bot/bundle_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"

struct tar {
	char *path, *work; // work: its name until it is committed, or NULL
	char *folder;
	int64_t time;
	int fd;
	struct archive *archive;
	struct archive_entry *entry;
	bool broken; // a write failed, and `why`
	struct err why;
};

// libarchive is told that all is well, and asked no more: after an error it would not give its buffers back.
static la_ssize_t write_block(struct archive *a, void *context, const void *data, size_t len)
{
	struct tar *t = context;

	(void)a;
	if (!t->broken && fd_write(t->fd, data, len, &t->why) < 0)
		t->broken = true;
	return (la_ssize_t)len;
}

static int check_written(const struct tar *t, struct err *e)
{
	if (!t->broken)
		return 0;
	*e = t->why;
	return err_prefix(e, "%s", t->path);
}

static int failed(struct tar *t, struct err *e)
{
	const char *why = archive_error_string(t->archive);

	return err_set(e, EX_IOERR, "cannot write %s: %s", t->path, why ? why : "libarchive does not say why");
}

struct tar *tar_begin(const char *path, const char *folder, int64_t time, struct err *e)
{
	_tar_ struct tar *t = calloc(1, sizeof *t);

	if (!t)
		panic("out of memory");
	t->path = text_copy(path);
	t->folder = text_copy(folder);
	t->time = time;
	t->work = text_format("%s.new-XXXXXX", path);
	t->fd = mkostemp(t->work, O_CLOEXEC);
	if (t->fd < 0) {
		free(steal_ptr(t->work));
		err_sys(e, EX_CANTCREAT, "cannot create %s", path);
		return NULL;
	}
	t->archive = archive_write_new();
	t->entry = archive_entry_new();
	if (!t->archive || !t->entry)
		panic("out of memory");
	if (archive_write_set_format_ustar(t->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(t->archive, 1) != ARCHIVE_OK ||
	    archive_write_open(t->archive, t, NULL, write_block, NULL) != ARCHIVE_OK) {
		failed(t, e);
		return NULL;
	}
	return steal_ptr(t);
}

int tar_put(struct tar *t, const char *name, const void *data, size_t len, struct err *e)
{
	_free_ char *path = path_join(t->folder, name);

	archive_entry_clear(t->entry);
	archive_entry_set_pathname(t->entry, path);
	archive_entry_set_filetype(t->entry, AE_IFREG);
	archive_entry_set_perm(t->entry, 0644);
	archive_entry_set_size(t->entry, (la_int64_t)len);
	archive_entry_set_mtime(t->entry, t->time, 0);
	// A warning is a name or a size that the format cannot hold.
	if (archive_write_header(t->archive, t->entry) != ARCHIVE_OK)
		return failed(t, e);
	for (size_t at = 0; at < len;) {
		la_ssize_t n = archive_write_data(t->archive, (const char *)data + at, len - at);

		if (n <= 0)
			return failed(t, e);
		at += (size_t)n;
	}
	return check_written(t, e);
}

static int hash(const struct tar *t, struct digest *sha256, uint64_t *size, struct err *e)
{
	struct stat st;
	void *bytes;

	if (fstat(t->fd, &st) < 0)
		return err_sys(e, EX_IOERR, "cannot read %s", t->path);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, t->fd, 0);
	if (bytes == MAP_FAILED)
		return err_sys(e, EX_IOERR, "cannot read %s", t->path);
	*size = (uint64_t)st.st_size;
	*sha256 = sha256_of(bytes, (size_t)st.st_size);
	munmap(bytes, (size_t)st.st_size);
	return 0;
}

int tar_commit(struct tar *t, struct digest *sha256, uint64_t *size, struct err *e)
{
	_free_ char *dir = path_dir(t->path);

	if (archive_write_close(t->archive) != ARCHIVE_OK)
		return failed(t, e);
	if (check_written(t, e) < 0 || hash(t, sha256, size, e) < 0)
		return -1;
	if (fsync(t->fd) < 0)
		return err_sys(e, EX_IOERR, "cannot sync %s", t->path);
	if (rename(t->work, t->path) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", t->path);
	free(steal_ptr(t->work));
	return dir_sync(dir, e);
}

void tar_end(struct tar **tar)
{
	struct tar *t = steal_ptr(*tar);

	if (!t)
		return;
	archive_write_free(t->archive); // writes what it holds
	if (t->work)
		unlink(t->work);
	archive_entry_free(t->entry);
	if (t->fd >= 0)
		close(t->fd);
	free(t->work);
	free(t->path);
	free(t->folder);
	free(t);
}
