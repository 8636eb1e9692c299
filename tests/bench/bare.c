// SPDX-License-Identifier: Apache-2.0
// bare DIR - the floor that verifying a log is seen against: the rows of a state's entries and tree hashes read by bare
// SQLite, and what was hashed when they were written hashed by bare libcrypto; nothing parsed, nothing compared.  Says
// the rows and the seconds of processor time.
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static EVP_MD *md;
static EVP_MD_CTX *context;

static void hash(const void *a, size_t a_len, const void *b, size_t b_len)
{
	unsigned char out[EVP_MAX_MD_SIZE];

	if (!EVP_DigestInit_ex(context, md, NULL) || !EVP_DigestUpdate(context, a, a_len) ||
	    !EVP_DigestUpdate(context, b, b_len) || !EVP_DigestFinal_ex(context, out, NULL))
		exit(1);
}

static sqlite3_stmt *query(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *rows;

	if (sqlite3_prepare_v2(handle, sql, -1, &rows, NULL) != SQLITE_OK) {
		fprintf(stderr, "bare: %s\n", sqlite3_errmsg(handle));
		exit(1);
	}
	return rows;
}

static void hash_columns(sqlite3_stmt *rows, int a, int b)
{
	const void *left = sqlite3_column_blob(rows, a), *right = sqlite3_column_blob(rows, b);

	hash(left, (size_t)sqlite3_column_bytes(rows, a), right, (size_t)sqlite3_column_bytes(rows, b));
}

// As they stand beside each other when the tree is verified: an entry, and its hashes.  Of these one each is of the
// leaf; the others, as many but for a few, are of two hashes.
static long read_log(sqlite3 *handle)
{
	sqlite3_stmt *entries = query(handle, "SELECT seq, leaf, salt, body, x'00' FROM entry ORDER BY seq");
	sqlite3_stmt *nodes = query(handle, "SELECT id, hash, x'01' FROM node ORDER BY id");
	long count = 0;

	while (sqlite3_step(entries) == SQLITE_ROW) {
		hash_columns(entries, 4, 1);
		hash_columns(entries, 2, 3);
		count++;
		for (int i = 0; i < 2 && sqlite3_step(nodes) == SQLITE_ROW; i++, count++)
			if (i)
				hash(sqlite3_column_blob(nodes, 1), 32, sqlite3_column_blob(nodes, 1), 32);
	}
	sqlite3_finalize(entries);
	sqlite3_finalize(nodes);
	return count;
}

int main(int argc, char **argv)
{
	char path[4096];
	sqlite3 *handle;
	struct rusage used;
	long count;

	snprintf(path, sizeof path, "%s/countersign.db", argc > 1 ? argv[1] : ".");
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	context = EVP_MD_CTX_new();
	if (!md || !context || sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		fprintf(stderr, "bare: cannot open %s\n", path);
		return 1;
	}
	count = read_log(handle);
	getrusage(RUSAGE_SELF, &used);
	printf("%ld rows in %.3f s\n", count,
	       (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	sqlite3_close(handle);
	EVP_MD_CTX_free(context);
	EVP_MD_free(md);
	return 0;
}
