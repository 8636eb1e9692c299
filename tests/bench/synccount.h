// SPDX-License-Identifier: Apache-2.0
// What synccount.so counted so far in this process.
#ifndef TESTS_BENCH_SYNCCOUNT_H
#define TESTS_BENCH_SYNCCOUNT_H

#include <stddef.h>

struct sync_count {
	long syncs;   // calls of fdatasync() and fsync()
	size_t bytes; // handed to pwrite64(), SQLite's way of writing
};

// Weak for whoever links without the library: then NULL.
struct sync_count sync_count(void) __attribute__((weak));

#endif
