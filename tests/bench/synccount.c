// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD: counts the fdatasync() and fsync() of a process and the bytes that it writes, those of the
// libraries it uses too, and hands the counts to the program itself.
//
// Built as: cc -shared -fPIC -O2 -g -std=gnu17 -D_GNU_SOURCE -o synccount.so tests/bench/synccount.c
#include <dlfcn.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/bench/synccount.h"

static struct sync_count counted; // an LD_PRELOAD library has no caller to be handed a context by

#define NEXT(name, type, parameters) \
	static type(*next) parameters; \
	if (!next) \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

struct sync_count sync_count(void)
{
	return counted;
}

int fdatasync(int fd)
{
	NEXT(fdatasync, int, (int fd));
	counted.syncs++;
	return next(fd);
}

int fsync(int fd)
{
	NEXT(fsync, int, (int fd));
	counted.syncs++;
	return next(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	NEXT(pwrite64, ssize_t, (int fd, const void *data, size_t len, off64_t at));
	counted.bytes += len;
	return next(fd, data, len, at);
}
