// SPDX-License-Identifier: Apache-2.0
// Tar files as an attacker makes them: each is refused, by the name of what is wrong with it, and nothing is written.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "bot/bundle_read.h"

#define LARGE ((la_int64_t)1 << 32)
#define LONG \
	"b/entries/" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct piece_of {
	const char *path;
	unsigned kind; // AE_IFREG when 0
	const char *symlink, *hardlink;
	la_int64_t hole; // so many bytes of nothing before the three
	la_int64_t size; // what the header says; 0: three bytes, which are there
};

static const struct {
	const char *what;
	struct piece_of pieces[3];
	const char *says; // NULL: it is accepted
} cases[] = {
	{ "two files", { { .path = "b/README.txt" }, { .path = "b/key" } }, NULL },
	{ "none", { { .path = NULL } }, NULL },
	{ "one outside", { { .path = "b/../../etc/passwd" } }, "b/../../etc/passwd is no name" },
	{ "one outside at once", { { .path = "../b/key" } }, "../b/key is no name" },
	{ "an absolute one", { { .path = "/etc/passwd" } }, "/etc/passwd is no name" },
	{ "without a folder", { { .path = "key" } }, "key is no name of a file in a bundle's folder" },
	{ "a hidden one", { { .path = "b/.profile" } }, "b/.profile is no name" },
	{ "two folders", { { .path = "b/README.txt" }, { .path = "c/key" } }, "c/key is not in the folder b" },
	{ "a longer folder", { { .path = "b/README.txt" }, { .path = "bb/key" } }, "bb/key is not in the folder b" },
	{ "one twice", { { .path = "b/key" }, { .path = "b/key" } }, "key is there twice" },
	{ "out of order", { { .path = "b/key" }, { .path = "b/README.txt" } }, "README.txt is there twice, or not" },
	{ "a symbolic link", { { .path = "b/key", .kind = AE_IFLNK, .symlink = "/etc/passwd" } }, "b/key is a link" },
	{ "a hard link",
	  { { .path = "b/README.txt" }, { .path = "b/key", .hardlink = "b/README.txt" } },
	  "b/key is a link" },
	{ "a folder", { { .path = "b/entries", .kind = AE_IFDIR } }, "is no plain file" },
	{ "a device", { { .path = "b/key", .kind = AE_IFCHR } }, "b/key is no plain file" },
	{ "a pipe", { { .path = "b/key", .kind = AE_IFIFO } }, "b/key is no plain file" },
	{ "a large file", { { .path = "b/key", .size = LARGE } }, "key is too large (4294967296 bytes)" },
	{ "large evidence", { { .path = "b/evidence/a", .size = LARGE } }, "evidence/a is too large" },
	{ "a file of holes", { { .path = "b/key", .hole = 1 << 20 } }, "key has no plain size" },
	{ "control bytes", { { .path = "b/a\x1b[2Jb" } }, "b/a?[2Jb is no name" },
	{ "an empty part", { { .path = "b/entries//a" } }, "b/entries//a is no name" },
	{ "a long name", { { .path = LONG LONG } }, "is no name" },
};

// The first header's size, which libarchive would only write with so many bytes behind it (ustar: bytes 124 to 135, the
// sum of the header in 148 to 155).
static void promise(int fd, la_int64_t size)
{
	unsigned char header[512];
	char number[13];
	unsigned sum = 0;

	assert_int_equal(pread(fd, header, sizeof header, 0), sizeof header);
	snprintf(number, sizeof number, "%011llo", (unsigned long long)size);
	memcpy(header + 124, number, 12);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < sizeof header; i++)
		sum += header[i];
	snprintf(number, sizeof number, "%06o", sum);
	memcpy(header + 148, number, 7);
	assert_int_equal(pwrite(fd, header, sizeof header, 0), sizeof header);
}

static int tar_of(const struct piece_of *pieces)
{
	struct archive *a = archive_write_new();
	int fd = memfd_of("tar", NULL, 0, NULL);

	archive_write_set_format_pax_restricted(a);
	if (fd < 0 || archive_write_open_fd(a, fd) != ARCHIVE_OK)
		fail_msg("cannot write");
	for (size_t i = 0; i < 3 && pieces[i].path; i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, pieces[i].path);
		archive_entry_set_filetype(entry, pieces[i].kind ? pieces[i].kind : AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, pieces[i].kind ? 0 : pieces[i].hole + 3);
		if (pieces[i].hole)
			archive_entry_sparse_add_entry(entry, pieces[i].hole, 3);
		if (pieces[i].symlink)
			archive_entry_set_symlink(entry, pieces[i].symlink);
		if (pieces[i].hardlink)
			archive_entry_set_hardlink(entry, pieces[i].hardlink);
		archive_write_header(a, entry);
		archive_write_data(a, "abc", 3);
		archive_entry_free(entry);
	}
	archive_write_free(a);
	if (pieces[0].size)
		promise(fd, pieces[0].size);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int take(void *context, const char *name, const char *data, size_t len, struct err *e)
{
	(void)name, (void)e;
	assert_int_equal(len, 3);
	assert_string_equal(data, "abc");
	(*(size_t *)context)++;
	return 0;
}

static void is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_close_ int fd = tar_of(cases[i].pieces);
		char folder[BUNDLE_FOLDER_MAX];
		size_t count = 0;
		struct err e = { 0 };
		int result = bundle_read_tar(fd, take, &count, folder, &e);

		if (!cases[i].says) {
			if (result < 0)
				fail_msg("%s: %s", cases[i].what, e.text);
			assert_int_equal(count, cases[i].pieces[0].path ? 2 : 0);
			continue;
		}
		if (result == 0)
			fail_msg("%s was read", cases[i].what);
		assert_int_equal(e.code, EX_DATAERR);
		if (!strstr(e.text, cases[i].says))
			fail_msg("%s: '%s' does not say '%s'", cases[i].what, e.text, cases[i].says);
	}
}

// However it is cut, it is not taken for a whole one, or for less than it was.
static void is_cut_off(void **state)
{
	_close_ int whole = tar_of(cases[0].pieces);
	_buf_ struct buf bytes = BUF(1 << 20);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fd_read(whole, "tar", &bytes, &e), 0);
	for (size_t len = 1; len < 1536 + 3; len++) { // two headers, one file in its block, and the other's bytes
		_close_ int fd = memfd_of("cut", bytes.data, len, &e);
		char folder[BUNDLE_FOLDER_MAX];
		size_t count = 0;

		lseek(fd, 0, SEEK_SET);
		if (bundle_read_tar(fd, take, &count, folder, &e) == 0 && len % 512)
			fail_msg("cut to %zu bytes it was read", len);
		assert_true(count < 2);
	}
}

static void is_none(void **state)
{
	static const char text[] = "It is only a text, and longer than nothing.\n";
	_close_ int fd = memfd_of("text", text, strlen(text), NULL);
	char folder[BUNDLE_FOLDER_MAX];
	size_t count = 0;
	struct err e = { 0 };

	(void)state;
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(bundle_read_tar(fd, take, &count, folder, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
	assert_int_equal(bundle_read("/dev/null", take, &count, folder, &e), -1);
	assert_string_equal(e.text, "it is neither a folder nor a tar file");
	assert_int_equal(bundle_read("/nonexistent", take, &count, folder, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_refused_by_name),
		cmocka_unit_test(is_cut_off),
		cmocka_unit_test(is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
