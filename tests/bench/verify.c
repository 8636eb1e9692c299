// SPDX-License-Identifier: Apache-2.0
// verify tree|all|prove DIR - verifies the log of a state, with or without the replay, or makes and checks proofs of a
// thousand entries of it.  Says entries, seconds of processor time, seconds that passed, and the most memory in MiB;
// or, of proofs, milliseconds.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/auto.h"
#include "base/tree.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/verify.h"

#define PROOFS 1000

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "verify: %s\n", e->text);
	exit(1);
}

static double most_memory(void)
{
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");
	long kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return (double)kib / 1024;
}

static void verify(const char *dir, bool all)
{
	double start = seconds();
	struct verify_result n;
	struct rusage used;
	struct err e = { 0 };

	if ((all ? log_verify(dir, &n, &e) : log_verify_tree(dir, &n, &e)) < 0)
		fail(&e);
	getrusage(RUSAGE_SELF, &used);
	printf("%llu entries, %llu rows: %.3f s of processor, %.3f s passed, %.1f MiB\n", (unsigned long long)n.entries,
	       (unsigned long long)n.rows,
	       (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
	       seconds() - start, most_memory());
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

// The database is opened for each, as by a command line.
static double prove_one(const char *dir, uint64_t number)
{
	double start = seconds(), taken;
	struct err e = { 0 };
	_db_ struct db *db = db_open(dir, DB_READ, &e);
	struct digest root, hash;
	struct proof proof;
	_free_ char *leaf = NULL;
	uint64_t seq;
	size_t len;

	if (!db || log_size(db) == 0)
		fail(&e);
	seq = number * 2654435761u % log_size(db);
	if (log_leaf(db, seq, &leaf, &len, &e) < 0 || log_prove_inclusion(db, seq, log_size(db), &proof, &e) < 0)
		fail(&e);
	taken = seconds() - start;
	root = log_root(db);
	hash = tree_leaf_hash(leaf, len);
	if (!proof_includes(&proof, seq, log_size(db), &hash, &root)) {
		fprintf(stderr, "verify: the proof of entry %llu proves nothing\n", (unsigned long long)seq);
		exit(1);
	}
	return taken * 1e3;
}

static void prove(const char *dir)
{
	double taken[PROOFS];

	for (uint64_t i = 0; i < PROOFS; i++)
		taken[i] = prove_one(dir, i);
	qsort(taken, PROOFS, sizeof *taken, by_size);
	printf("median %.3f ms, p99 %.3f ms, worst %.3f ms\n", taken[PROOFS / 2], taken[PROOFS * 99 / 100],
	       taken[PROOFS - 1]);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: verify tree|all|prove DIR\n");
		return EX_USAGE;
	}
	if (strcmp(argv[1], "prove") == 0)
		prove(argv[2]);
	else
		verify(argv[2], strcmp(argv[1], "all") == 0);
	return 0;
}
