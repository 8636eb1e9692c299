// SPDX-License-Identifier: Apache-2.0
#include "store/journal_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/text.h"
#include "store/archive.h"
#include "store/journal.h"

char *journal_bundle_path(const char *journal, const char *case_id)
{
	return text_format("%s/archive/%s.tar", journal, case_id);
}

static int copy_durably(const char *from, const char *to, struct err *e)
{
	_free_ char *made = text_format("%s.new", to), *dir = path_dir(to);
	_close_ int fd = -1;
	struct file_sum sum;

	unlink(made); // what a killed predecessor left
	if (folder_make(dir, e) < 0 || file_copy(from, made, 0400, &sum, e) < 0)
		return -1;
	fd = open(made, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0 || rename(made, to) < 0)
		return err_sys(e, EX_IOERR, "cannot write %s", to);
	return dir_sync(dir, e);
}

int journal_keep_bundle(struct db *db, const char *case_id, struct err *e)
{
	const char *journal = journal_dir(db);
	_free_ char *from = archive_path(db, case_id), *to = NULL;

	if (!journal || access(from, F_OK) < 0) // `log verify` names one that is missing
		return 0;
	to = journal_bundle_path(journal, case_id);
	return copy_durably(from, to, e);
}

int journal_erase_bundle(struct db *db, const char *case_id, struct err *e)
{
	const char *journal = journal_dir(db);
	_free_ char *path = journal ? journal_bundle_path(journal, case_id) : NULL;
	_free_ char *dir = path ? path_dir(path) : NULL;

	if (!path)
		return 0;
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "cannot remove %s", path);
	return dir_sync(dir, e);
}
