// SPDX-License-Identifier: Apache-2.0
#include "adapters/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/landlock.h>
#include <seccomp.h>

#include "base/auto.h"

// gcc says so with a macro, clang with a feature test.
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int fence_basics(struct err *e)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return err_sys(e, EX_OSERR, "cannot ignore SIGPIPE");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, EX_OSERR, "cannot give up new privileges");
	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, EX_OSERR, "cannot turn core dumps off");
	return 0;
}

int fence_memory(size_t bytes, struct err *e)
{
	const struct rlimit limit = { bytes, bytes };

	if (!SANITIZED && setrlimit(RLIMIT_AS, &limit) < 0)
		return err_sys(e, EX_OSERR, "cannot limit memory to %zu bytes", bytes);
	return 0;
}

// --- files -----------------------------------------------------------------------------------------------------------

#define TRUNCATE (1ULL << 14) // LANDLOCK_ACCESS_FS_TRUNCATE, which older headers do not have

// Every right that some version of Landlock knows about; an older kernel is asked for what it knows.
static uint64_t handled_rights(int version)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; // version 1: all up to MAKE_SYM

	if (version >= 2)
		rights |= 1ULL << 13; // LANDLOCK_ACCESS_FS_REFER
	if (version >= 3)
		rights |= TRUNCATE;
	return rights;
}

static int allow_below(int ruleset, const char *path, uint64_t rights, uint64_t folder_rights, struct err *e)
{
	_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };
	struct stat st;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rule.allowed_access |= folder_rights;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return err_sys(e, EX_OSERR, "cannot allow use of %s", path);
	return 0;
}

static int allow_reading(int ruleset, const char *path, struct err *e)
{
	return allow_below(ruleset, path, LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_READ_DIR, e);
}

static int allow_replacing(int ruleset, const char *folder, uint64_t handled, struct err *e)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | (handled & TRUNCATE);

	return allow_below(ruleset, folder, rights,
	                   LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE,
	                   e);
}

// `folder` may be NULL.
static int fence_paths(const char *const *paths, size_t count, const char *folder, bool *closed, struct err *e)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled_rights((int)version) };
	_close_ int ruleset = -1;

	*closed = false;
	if (version < 1)
		return 0; // not compiled in, or turned off at boot: the other fences stand
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (ruleset < 0)
		return err_sys(e, EX_OSERR, "cannot create a Landlock ruleset");
	for (size_t i = 0; i < count; i++)
		if (allow_reading(ruleset, paths[i], e) < 0)
			return -1;
	if (folder && allow_replacing(ruleset, folder, attr.handled_access_fs, e) < 0)
		return -1;
	// The sanitizer looks for leaks at the end by way of /proc.
	if (SANITIZED && allow_reading(ruleset, "/proc", e) < 0)
		return -1;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_sys(e, EX_OSERR, "cannot close the fence around files");
	*closed = true;
	return 0;
}

int fence_files(const char *const *paths, size_t count, bool *closed, struct err *e)
{
	return fence_paths(paths, count, NULL, closed, e);
}

int fence_folder(const char *folder, bool *closed, struct err *e)
{
	return fence_paths(NULL, 0, folder, closed, e);
}

// --- system calls ----------------------------------------------------------------------------------------------------

static const int basic_calls[] = {
	// open descriptors
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
	SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fcntl), SCMP_SYS(dup),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(ftruncate),
	// memory (mmap and mprotect have rules of their own)
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	// clocks and random bytes
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom),
	// signals and the end
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill), SCMP_SYS(exit), SCMP_SYS(exit_group)
};

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

static int allow_mapping(scmp_filter_ctx filter, bool executable)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	int r = 0;

	if (executable)
		return allow(filter, calls, LENGTH(calls));
	for (size_t i = 0; i < LENGTH(calls) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		                     SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0));
	return r;
}

int fence_calls(const int *calls, size_t count, bool executable, enum fence_answer answer, struct err *e)
{
	scmp_filter_ctx filter;
	int r;

	// The sanitizer starts a tracer, reads /proc and maps at exit and on error: a filter would turn its report into
	// a bare SIGSYS.
	if (SANITIZED)
		return 0;
	filter = seccomp_init(answer == FENCE_KILL ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return err_set(e, EX_OSERR, "cannot create a filter of system calls");
	r = allow(filter, basic_calls, LENGTH(basic_calls));
	if (r == 0)
		r = allow_mapping(filter, executable);
	if (r == 0)
		r = allow(filter, calls, count);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	if (r < 0)
		return err_set(e, EX_OSERR, "cannot close the fence around system calls: %s", strerror(-r));
	return 0;
}
