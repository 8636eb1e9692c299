// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that kills the process (SIGKILL, by itself) right before its n-th call of something that
// changes a file or sends a message, or lets that call fail.  So a test can stop a program at every step, once for each
// n.
//
// Built as: cc -shared -fPIC -O2 -g -std=gnu17 -D_GNU_SOURCE -o killshim.so tests/kill/killshim.c
//
//   KILL_AT=n              before which call; without it calls are only counted
//   KILL_ERROR=number      that call fails with this errno, and the process lives on
//   KILL_WHILE=file        instead of one call: all that write to files in KILL_FOLDER, as long as this file is there
//   KILL_FOLDER=folder     what fills up (with KILL_ERROR), or of which alone calls are counted
//   KILL_PROGRAM=name      act only in the program whose /proc/self/comm says so, else in the first one
//   KILL_COUNT_FILE=path   where the count is written when the program exits by itself
//
// A program that forks for each run says so itself (tests/kill/killshim.h) instead.
//
// It does not follow into other programs: where it acts, it takes itself out of the environment.  A process that was
// forked and has not yet become another program is left alone too.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/kill/killshim.h"

// An LD_PRELOAD library has no caller to be handed a context by.
static struct {
	pid_t process; // where it acts; 0: nowhere
	long at;       // 0: never
	int error;     // 0: it dies
	atomic_long count;
	char count_file[4096];
	char full[4096]; // the file that says that the folder is full; "" when a call is counted out
	char folder[4096];
} shim;

static int is_program(const char *name)
{
	char comm[32] = "";
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, comm, sizeof comm - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	comm[strcspn(comm, "\n")] = '\0';
	return strcmp(comm, name) == 0;
}

void killshim_arm(long at, int error, const char *folder)
{
	shim.process = getpid();
	shim.at = at;
	shim.error = error;
	snprintf(shim.folder, sizeof shim.folder, "%s", folder ? folder : "");
	atomic_store(&shim.count, 0);
}

long killshim_count(void)
{
	return atomic_load(&shim.count);
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("KILL_AT"), *program = getenv("KILL_PROGRAM"), *file = getenv("KILL_COUNT_FILE");
	const char *error = getenv("KILL_ERROR"), *full = getenv("KILL_WHILE"), *folder = getenv("KILL_FOLDER");

	if (program && !is_program(program))
		return; // perhaps a child of this one is meant: stay in the environment
	shim.process = getpid();
	shim.at = at ? strtol(at, NULL, 10) : 0;
	shim.error = error ? (int)strtol(error, NULL, 10) : 0;
	snprintf(shim.count_file, sizeof shim.count_file, "%s", file ? file : "");
	snprintf(shim.full, sizeof shim.full, "%s", full && folder ? full : "");
	snprintf(shim.folder, sizeof shim.folder, "%s", folder ? folder : "");
	unsetenv("LD_PRELOAD");
	unsetenv("KILL_AT");
	unsetenv("KILL_ERROR");
	unsetenv("KILL_PROGRAM");
	unsetenv("KILL_COUNT_FILE");
	unsetenv("KILL_WHILE");
	unsetenv("KILL_FOLDER");
}

__attribute__((destructor)) static void end(void)
{
	FILE *out = shim.process == getpid() && shim.count_file[0] ? fopen(shim.count_file, "w") : NULL;

	if (!out)
		return;
	fprintf(out, "%ld\n", atomic_load(&shim.count));
	fclose(out);
}

// The folder itself, or what is in it.
static int is_inside(const char *path)
{
	size_t len = strlen(shim.folder);

	return strncmp(path, shim.folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static int is_inside_fd(int fd)
{
	char link[32], path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	path[n < 0 ? 0 : n] = '\0';
	return is_inside(path);
}

// 0 when the call is to be made, -1 when it is to fail.  A call on files outside a folder that was named does not
// count.
static int step(int fd, const char *path)
{
	if (shim.process == 0 || shim.process != getpid() || shim.full[0])
		return 0;
	if (shim.folder[0] && !(path ? is_inside(path) : is_inside_fd(fd)))
		return 0;
	if (atomic_fetch_add(&shim.count, 1) + 1 != shim.at)
		return 0;
	if (shim.error) {
		errno = shim.error;
		return -1;
	}
	kill(shim.process, SIGKILL);
	_exit(137); // behind a fence that forbids kill()
}

static int is_full(int fd)
{
	return shim.full[0] && shim.process == getpid() && access(shim.full, F_OK) == 0 && is_inside_fd(fd);
}

// The next one of that name: the C library's.
#define NEXT(name, type, parameters) \
	static type(*next) parameters; \
	if (!next) \
	*(void **)&next = dlsym(RTLD_NEXT, #name)

// `where`: the descriptor and the path, of which a call has one.
#define WRAP(name, type, parameters, arguments, where) \
	type name parameters \
	{ \
		NEXT(name, type, parameters); \
		return step where < 0 ? -1 : next arguments; \
	}

ssize_t write(int fd, const void *data, size_t len)
{
	NEXT(write, ssize_t, (int, const void *, size_t));
	if (!is_full(fd))
		return step(fd, NULL) < 0 ? -1 : next(fd, data, len);
	if (len > 1) // as a disk does: what there is room for first
		return next(fd, data, len / 2);
	errno = shim.error;
	return -1;
}
WRAP(pwrite, ssize_t, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at), (fd, NULL))
WRAP(pwrite64, ssize_t, (int fd, const void *data, size_t len, off64_t at), (fd, data, len, at), (fd, NULL))
WRAP(fdatasync, int, (int fd), (fd), (fd, NULL))
WRAP(fsync, int, (int fd), (fd), (fd, NULL))
WRAP(ftruncate, int, (int fd, off_t len), (fd, len), (fd, NULL))
WRAP(ftruncate64, int, (int fd, off64_t len), (fd, len), (fd, NULL))
WRAP(rename, int, (const char *from, const char *to), (from, to), (-1, from))
WRAP(unlink, int, (const char *path), (path), (-1, path))
WRAP(sendmsg, ssize_t, (int fd, const struct msghdr *message, int flags), (fd, message, flags), (fd, NULL))
WRAP(syncfs, int, (int fd), (fd), (fd, NULL))
WRAP(mkdir, int, (const char *path, mode_t mode), (path, mode), (-1, path))
WRAP(link, int, (const char *from, const char *to), (from, to), (-1, to))
WRAP(renameat2, int, (int at, const char *from, int to_at, const char *to, unsigned flags),
     (at, from, to_at, to, flags), (-1, from))
