// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that writes down, for a whole family of processes, when each fdatasync() and fsync() began
// and ended and when each frame was sent: into the file that $WATCH names, which must be there, WATCH_EVENTS long.  It
// is mapped before the program closes its fence, so that nothing needs a right afterwards.  tests/bench/run reads it.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WATCH_EVENTS = 1 << 20, SYNCING = 1, SYNCED, SENT, SENT_FILE };

static struct watch {
	_Atomic int64_t count;
	int64_t unused;
	struct event {
		int64_t time; // ns, CLOCK_MONOTONIC
		int32_t pid;
		int32_t kind;
	} events[];
} * watch; // a preloaded library has no caller to be handed a context by

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("WATCH");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	watch = mmap(NULL, sizeof *watch + WATCH_EVENTS * sizeof watch->events[0], PROT_READ | PROT_WRITE, MAP_SHARED,
	             fd, 0);
	if (watch == MAP_FAILED)
		watch = NULL;
	close(fd);
}

static void note(int32_t kind)
{
	struct timespec now;
	int64_t i;

	if (!watch || (i = atomic_fetch_add(&watch->count, 1)) >= WATCH_EVENTS)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	watch->events[i] = (struct event){ (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, (int32_t)getpid(), kind };
}

int fdatasync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	int r;

	note(SYNCING);
	r = next(fd);
	note(SYNCED);
	return r;
}

int fsync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	int r;

	note(SYNCING);
	r = next(fd);
	note(SYNCED);
	return r;
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	ssize_t (*next)(int, const struct msghdr *, int) =
	        (ssize_t(*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");

	note(m->msg_controllen ? SENT_FILE : SENT);
	return next(fd, m, flags);
}
