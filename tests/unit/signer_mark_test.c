// SPDX-License-Identifier: Apache-2.0
// The signer's mark as a file: what is written is read, and what the signer did not write is refused, never passed
// over.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/signer/mark.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"

#define ROOT "59c0bc7ef0dc3e28e20fd2a37e709c3f1413656c5f3cc5a80b7a2475781a967f"
#define KEY "example.com/countersign+0521e55c+ASVDuS/xCVURR2rcg2nbbdyTNmWhGXjdoUBO4QZsqVWd"
#define OLD "example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define MARK "{\"root\":\"" ROOT "\",\"size\":20,\"time\":1795608000000}\n"

static struct {
	char folder[64], path[80], beside[80];
} at;

static int make_folder(void **state)
{
	(void)state;
	snprintf(at.folder, sizeof at.folder, "/tmp/signer-mark.XXXXXX");
	if (!mkdtemp(at.folder))
		return -1;
	snprintf(at.path, sizeof at.path, "%s/mark", at.folder);
	snprintf(at.beside, sizeof at.beside, "%s/mark.new", at.folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	remove(at.path);
	remove(at.beside);
	return rmdir(at.folder);
}

static void put(const char *text, size_t len, mode_t mode)
{
	unlink(at.path);
	assert_int_equal(file_replace(at.path, text, len, mode, NULL), 0);
	assert_int_equal(chmod(at.path, mode), 0);
}

static void assert_refused(const char *what, const char *words)
{
	struct mark mark;
	struct err e = { 0 };

	if (mark_read(at.path, &mark, &e) == 0 || !strstr(e.text, words) || !strstr(e.text, at.folder))
		fail_msg("%s: %s", what, e.text);
}

// --- what is written is read -----------------------------------------------------------------------------------------

static struct mark a_mark(uint64_t size)
{
	struct mark mark = { .head = { .size = size, .time = 1795608000000 + (int64_t)size } };

	for (size_t i = 0; i < DIGEST_SIZE; i++)
		mark.head.root.bytes[i] = (uint8_t)(i * 7 + size);
	return mark;
}

static void keeps_heads(void **state)
{
	static const uint64_t sizes[] = { 1, 20, 21, 5, HEAD_MAX };

	(void)state;
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct mark in = a_mark(sizes[i]), out;
		struct stat st;

		if (in.head.time > (int64_t)HEAD_MAX)
			in.head.time = (int64_t)HEAD_MAX;
		snprintf(in.key, sizeof in.key, "%s", i > 0 ? KEY : "");
		snprintf(in.old, sizeof in.old, "%s", i > 2 ? OLD : "");
		assert_int_equal(mark_replace(at.path, &in, NULL), 0);
		assert_int_equal(mark_read(at.path, &out, NULL), 0);
		assert_int_equal(out.head.size, in.head.size);
		assert_int_equal(out.head.time, in.head.time);
		assert_memory_equal(out.head.root.bytes, in.head.root.bytes, DIGEST_SIZE);
		assert_string_equal(out.key, in.key);
		assert_string_equal(out.old, in.old);
		assert_int_equal(stat(at.path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(access(at.beside, F_OK), -1);
	}
}

static void says_it_in_one_way(void **state)
{
	_buf_ struct buf text = BUF(1024);
	struct mark mark;

	(void)state;
	put(MARK, strlen(MARK), 0600);
	assert_int_equal(mark_read(at.path, &mark, NULL), 0);
	assert_int_equal(mark_replace(at.path, &mark, NULL), 0);
	assert_int_equal(file_read(at.path, &text, NULL), 0);
	assert_string_equal(buf_text(&text), MARK);
}

static void none_is_the_empty_log(void **state)
{
	struct mark mark = a_mark(3);
	struct head nothing = head_of_nothing();

	(void)state;
	unlink(at.path);
	assert_int_equal(mark_read(at.path, &mark, NULL), 0);
	assert_int_equal(mark.head.size, 0);
	assert_int_equal(mark.head.time, 0);
	assert_string_equal(mark.key, "");
	assert_memory_equal(mark.head.root.bytes, nothing.root.bytes, DIGEST_SIZE);
	assert_int_equal(mark.head.root.bytes[0], 0xe3); // SHA-256 of nothing
}

// --- what is not written by the signer is refused --------------------------------------------------------------------

static const struct {
	const char *what, *text, *words;
} broken[] = {
	{ "empty", "", "not the signer's mark" },
	{ "only a line end", "\n", "not the signer's mark" },
	{ "no line end", "{\"root\":\"" ROOT "\",\"size\":20,\"time\":1795608000000}", "otherwise" },
	{ "two line ends", MARK "\n", "otherwise" },
	{ "two marks", MARK MARK, "not JSON" },
	{ "something after it", MARK "x", "not JSON" },
	{ "spaces", "{\"root\": \"" ROOT "\", \"size\": 20, \"time\": 1795608000000}\n", "otherwise" },
	{ "another order", "{\"size\":20,\"root\":\"" ROOT "\",\"time\":1795608000000}\n", "otherwise" },
	{ "not JSON", "20 " ROOT "\n", "not JSON" },
	{ "a list", "[20]\n", "not an object" },
	{ "foreign keys", "{\"size\":20,\"tree\":\"" ROOT "\"}\n", "\"root\" is missing" },
	{ "one key more", "{\"more\":1,\"root\":\"" ROOT "\",\"size\":20,\"time\":1795608000000}\n", "unknown key" },
	{ "no time", "{\"root\":\"" ROOT "\",\"size\":20}\n", "\"time\" is missing" },
	{ "two sizes", "{\"root\":\"" ROOT "\",\"size\":20,\"size\":2,\"time\":0}\n", "not JSON" },
	{ "a size that is text", "{\"root\":\"" ROOT "\",\"size\":\"20\",\"time\":0}\n", "\"size\" must be" },
	{ "a fraction", "{\"root\":\"" ROOT "\",\"size\":20.0,\"time\":0}\n", "\"size\" must be" },
	{ "less than nothing", "{\"root\":\"" ROOT "\",\"size\":-1,\"time\":0}\n", "negative" },
	{ "too much", "{\"root\":\"" ROOT "\",\"size\":9007199254740993,\"time\":0}\n", "too large" },
	{ "a head of nothing", "{\"root\":\"" ROOT "\",\"size\":0,\"time\":0}\n", "nothing was signed" },
	{ "a short root", "{\"root\":\"59c0\",\"size\":20,\"time\":0}\n", "no hash" },
	{ "a long root", "{\"root\":\"" ROOT "59\",\"size\":20,\"time\":0}\n", "too large" },
	{ "no digits",
	  "{\"root\":\"zz"
	  "c0bc7ef0dc3e28e20fd2a37e709c3f1413656c5f3cc5a80b7a2475781a967f\",\"size\":20,\"time\":0}\n",
	  "no hash" },
	{ "capital digits",
	  "{\"root\":\"59C0BC7EF0DC3E28E20FD2A37E709C3F1413656C5F3CC5A80B7A2475781A967F\",\"size\":20,\"time\":0}\n",
	  "otherwise" },
	{ "no key", "{\"key\":\"Ann\",\"root\":\"" ROOT "\",\"size\":20,\"time\":0}\n", "NAME+ID+BASE64" },
	{ "an old key alone", "{\"old\":\"" OLD "\",\"root\":\"" ROOT "\",\"size\":20,\"time\":0}\n",
	  "no key follows" },
	{ "a checkpoint", "example.com/countersign\n20\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8=\n", "not JSON" },
};

static void refuses_broken_marks(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(broken); i++) {
		put(broken[i].text, strlen(broken[i].text), 0600);
		assert_refused(broken[i].what, broken[i].words);
	}
}

// A mark that was cut anywhere is not another one, nor none.
static void refuses_every_beginning(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(MARK); len++) {
		put(MARK, len, 0600);
		assert_refused("cut", "not the signer's mark");
	}
}

static void refuses_bytes_of_zero(void **state)
{
	char text[1024] = { 0 };

	(void)state;
	put(text, strlen(MARK), 0600); // what a crash leaves of a file that was not synced
	assert_refused("zeros", "not JSON");
	put(text, sizeof text, 0600);
	assert_refused("too large", "larger than");
}

static void refuses_what_others_can_write(void **state)
{
	(void)state;
	put(MARK, strlen(MARK), 0620);
	assert_refused("a group's", "others can write it");
	put(MARK, strlen(MARK), 0602);
	assert_refused("everybody's", "others can write it");
}

static void refuses_what_is_no_file(void **state)
{
	(void)state;
	unlink(at.path);
	assert_int_equal(symlink("nowhere", at.path), 0);
	assert_refused("a link to nothing", "cannot open");
	unlink(at.path);
	put(MARK, strlen(MARK), 0600);
	assert_int_equal(rename(at.path, at.beside), 0);
	assert_int_equal(symlink("mark.new", at.path), 0);
	assert_refused("a link to a mark", "cannot open");
	unlink(at.path);
	assert_int_equal(mkdir(at.path, 0700), 0);
	assert_refused("a folder", "not a regular file");
	rmdir(at.path);
	assert_int_equal(mkfifo(at.path, 0600), 0);
	assert_refused("a pipe", "not a regular file");
	unlink(at.path);
}

static void refuses_what_it_may_not_read(void **state)
{
	bool privileged = geteuid() == 0;

	(void)state;
	put(MARK, strlen(MARK), 0000);
	if (privileged)
		assert_int_equal(seteuid(65534), 0);
	assert_refused("not ours", "Permission denied");
	if (privileged)
		assert_int_equal(seteuid(0), 0);
}

// --- the folder ------------------------------------------------------------------------------------------------------

static void one_at_a_time(void **state)
{
	struct err e = { 0 };
	int lock = mark_lock(at.path, &e);

	(void)state;
	assert_true(lock >= 0);
	assert_int_equal(mark_lock(at.path, &e), -1);
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_non_null(strstr(e.text, "another signer"));
	close(lock);
	lock = mark_lock(at.path, &e);
	assert_true(lock >= 0);
	close(lock);
	assert_int_equal(mark_lock("/nowhere/at/all", &e), -1);
	assert_non_null(strstr(e.text, "/nowhere/at"));
}

static void a_failure_leaves_the_old(void **state)
{
	struct mark old = a_mark(20), new = a_mark(21), mark;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mark_replace(at.path, &old, NULL), 0);
	assert_int_equal(mkdir(at.beside, 0700), 0); // in the way
	assert_int_equal(mark_replace(at.path, &new, &e), -1);
	assert_non_null(strstr(e.text, at.beside));
	assert_int_equal(mark_read(at.path, &mark, NULL), 0);
	assert_int_equal(mark.head.size, 20);
	rmdir(at.beside);
	assert_int_equal(mark_replace(at.path, &new, NULL), 0);
	assert_int_equal(mark_read(at.path, &mark, NULL), 0);
	assert_int_equal(mark.head.size, 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_heads),
		cmocka_unit_test(says_it_in_one_way),
		cmocka_unit_test(none_is_the_empty_log),
		cmocka_unit_test(refuses_broken_marks),
		cmocka_unit_test(refuses_every_beginning),
		cmocka_unit_test(refuses_bytes_of_zero),
		cmocka_unit_test(refuses_what_others_can_write),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(refuses_what_it_may_not_read),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(a_failure_leaves_the_old),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
