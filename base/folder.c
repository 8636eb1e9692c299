// SPDX-License-Identifier: Apache-2.0
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"

#define CHUNK (1 << 16)
#define OPEN_AT_ONCE 16

int folder_make(const char *path, struct err *e)
{
	_free_ char *parent = path_dir(path);

	if (mkdir(path, 0700) == 0)
		return dir_sync(parent, e);
	if (errno == ENOENT && strcmp(parent, path) != 0) {
		if (folder_make(parent, e) < 0)
			return -1;
		if (mkdir(path, 0700) == 0)
			return dir_sync(parent, e);
	}
	return errno == EEXIST ? 0 : err_sys(e, EX_CANTCREAT, "cannot create %s", path);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static int remove_below(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type;
	return at->level > 0 ? remove(path) : 0;
}

static int walk(const char *path, __nftw_func_t each, struct err *e)
{
	if (nftw(path, each, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0 || errno == ENOENT)
		return 0;
	return err_sys(e, EX_CANTCREAT, "cannot remove all of %s", path);
}

int folder_empty(const char *path, struct err *e)
{
	return walk(path, remove_below, e);
}

int folder_remove(const char *path, struct err *e)
{
	return walk(path, remove_one, e);
}

int folder_sync(const char *path, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || syncfs(fd) < 0 ? err_sys(e, EX_IOERR, "cannot sync %s", path) : 0;
}

static int open_file(const char *path, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EX_NOINPUT, "%s is not a regular file", path);
	return steal_fd(&fd);
}

// `to` is a descriptor, or -1: only the sum is taken.
static int read_all(const char *path, int to, struct file_sum *out, struct err *e)
{
	_close_ int from = open_file(path, e);
	_cleanup_(hashing_free) struct hashing *hashing = hashing_begin();
	char chunk[CHUNK];
	ssize_t n;

	*out = (struct file_sum){ 0 };
	if (from < 0)
		return -1;
	while ((n = read(from, chunk, sizeof chunk)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, EX_IOERR, "cannot read %s", path);
		hashing_add(hashing, chunk, (size_t)n);
		out->size += (uint64_t)n;
		if (to >= 0 && fd_write(to, chunk, (size_t)n, e) < 0)
			return -1;
	}
	out->sha256 = hashing_end(hashing);
	return 0;
}

int file_sum(const char *path, struct file_sum *out, struct err *e)
{
	return read_all(path, -1, out, e);
}

int file_copy(const char *from, const char *to, unsigned mode, struct file_sum *out, struct err *e)
{
	_close_ int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", to);
	return read_all(from, fd, out, e) < 0 ? err_prefix(e, "%s", to) : 0;
}
