// SPDX-License-Identifier: Apache-2.0
#include "base/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/text.h"

int staging_begin(const char *path, struct staging *out, struct err *e)
{
	size_t len = strlen(path);
	struct stat st;

	while (len > 1 && path[len - 1] == '/')
		len--;
	*out = (struct staging){ .path = text_copy_n(path, len) };
	if (lstat(out->path, &st) == 0)
		return err_set(e, EX_CANTCREAT, "%s is there already", out->path);
	out->work = text_format("%s.new-XXXXXX", out->path);
	if (mkdtemp(out->work))
		return 0;
	free(steal_ptr(out->work));
	return err_sys(e, EX_CANTCREAT, "cannot create %s", out->path);
}

static int make_folders(char *path, size_t from, struct err *e)
{
	for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
		*slash = '/';
	}
	return 0;
}

int staging_write(const struct staging *s, const char *name, const void *data, size_t len, struct err *e)
{
	_free_ char *path = path_join(s->work, name);
	_close_ int fd = -1;

	if (make_folders(path, strlen(s->work) + 1, e) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	return fd_write(fd, data, len, e) < 0 ? err_prefix(e, "%s", path) : 0;
}

int staging_commit(struct staging *s, struct err *e)
{
	_free_ char *parent = path_dir(s->path);

	if (folder_sync(s->work, e) < 0)
		return -1;
	if (renameat2(AT_FDCWD, s->work, AT_FDCWD, s->path, RENAME_NOREPLACE) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", s->path);
	free(steal_ptr(s->work));
	return dir_sync(parent, e);
}

void staging_end(struct staging *s)
{
	struct err ignored;

	if (s->work)
		folder_remove(s->work, &ignored);
	free(s->work);
	free(s->path);
	*s = (struct staging){ 0 };
}
