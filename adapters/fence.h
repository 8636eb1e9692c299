// SPDX-License-Identifier: Apache-2.0
// What every adapter does before its loop, so that whoever takes it over by a bad message finds little to take: no new
// privileges, no core dumps, no files but the named ones (Landlock), no system calls but the named ones (seccomp).
#ifndef ADAPTERS_FENCE_H
#define ADAPTERS_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

// No new privileges, no core dump, not to be traced or read by others of the same user, nothing readable by others
// created, SIGPIPE ignored.  First thing in every adapter, before it has a secret.
int fence_basics(struct err *e);

// The address space may grow to this many bytes.  Under the address sanitizer, which reserves terabytes, does nothing.
int fence_memory(size_t bytes, struct err *e);

// From here on files can be opened for reading only, and only below `paths` (missing ones are passed over); none at all
// when `count` is 0.  Open descriptors and memfds go on working.  A kernel without Landlock is told in `*closed`.
int fence_files(const char *const *paths, size_t count, bool *closed, struct err *e);

// From here on files can be read, made, replaced and removed in this one folder and below it, and nowhere else.
int fence_folder(const char *folder, bool *closed, struct err *e);

enum fence_answer {
	FENCE_KILL,   // a call that is not listed ends the process (SIGSYS)
	FENCE_REFUSE, // a call that is not listed fails with EPERM
};

// From here on only the listed system calls are possible (give SCMP_SYS(name) values) besides a basic set: use of open
// descriptors and memory, clocks, random bytes, signal return, exit.  The basic set has no open, no socket, no exec, no
// clone, and maps no executable memory unless `executable` (for programs that may still load a library, as the resolver
// does).  Under the address sanitizer, which needs calls of its own at unforeseeable times, does nothing.
int fence_calls(const int *calls, size_t count, bool executable, enum fence_answer answer, struct err *e);

#endif
