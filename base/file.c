// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/auto.h"

int fd_read(int fd, const char *name, struct buf *out, struct err *e)
{
	off_t at = 0;
	int seeks = lseek(fd, 0, SEEK_CUR) >= 0;

	for (;;) {
		size_t room = out->max - out->len < 65536 ? out->max - out->len + 1 : 65536;
		char chunk[65536];
		ssize_t n = seeks ? pread(fd, chunk, room, at) : read(fd, chunk, room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, EX_IOERR, "cannot read %s", name);
		if (n == 0)
			return 0;
		at += n;
		if (buf_add(out, chunk, (size_t)n) < 0)
			return err_set(e, EX_DATAERR, "%s is larger than %zu bytes", name, out->max);
	}
}

int file_read(const char *path, struct buf *out, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EX_NOINPUT, "%s is not a regular file", path);
	return fd_read(fd, path, out, e);
}

int fd_write(int fd, const void *data, size_t len, struct err *e)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, EX_IOERR, "cannot write");
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int dir_sync(const char *dir, struct err *e)
{
	_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_sys(e, EX_IOERR, "cannot sync %s", dir);
	return 0;
}

int file_replace(const char *path, const void *data, size_t len, unsigned mode, struct err *e)
{
	_free_ char *dir = path_dir(path);
	char temporary[4096];
	_close_ int fd = -1;

	if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
		return err_set(e, EX_USAGE, "%.64s...: the path is too long", path);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	// What a killed predecessor left may be read-only, which stops everybody but root.
	if (fd < 0 && errno == EACCES && unlink(temporary) == 0)
		fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", temporary);
	if (fd_write(fd, data, len, e) < 0)
		return err_prefix(e, "%s", temporary);
	if (fsync(fd) < 0 || rename(temporary, path) < 0)
		return err_sys(e, EX_IOERR, "cannot write %s", path);
	return dir_sync(dir, e);
}

int memfd_of(const char *name, const void *data, size_t len, struct err *e)
{
	_close_ int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_sys(e, EX_OSERR, "cannot create a memory file");
	if (data && fd_write(fd, data, len, e) < 0)
		return err_prefix(e, "memory file %s", name);
	return steal_fd(&fd);
}

char *path_join(const char *dir, const char *name)
{
	char *path;

	if (name[0] == '/')
		path = strdup(name);
	else if (asprintf(&path, "%s/%s", dir, name) < 0)
		path = NULL;
	if (!path)
		panic("out of memory for a path");
	return path;
}

char *path_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");

	if (!dir)
		panic("out of memory for a path");
	return dir;
}
