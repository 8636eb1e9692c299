// SPDX-License-Identifier: Apache-2.0
// Bundles: what is written holds alone, the same log gives the same bytes, and nothing that was altered, taken away,
// added or swapped gets through.  Tar files that nobody but an attacker would make: bundle_tar_test.c.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <signal.h>
#include <sys/resource.h>

#include "bot/bundle_check.h"
#include "bot/bundle_sort.h"
#include "bot/bundle_templates.h"
#include "store/sql.h"
#include "tests/unit/bundle_log.h"

static int setup(void **state)
{
	*state = bundle_log_make();
	return 0;
}

static int teardown(void **state)
{
	bundle_log_free(*state);
	return 0;
}

// --- making and checking --------------------------------------------------------------------------------------------

static char *tar_of(struct bundle_log *l, const char *name, struct bundled *out)
{
	char *path = text_format("%s/%s", l->log->path, name);
	struct err e = { 0 };

	if (bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, &l->log->signer.key, path, out, &e) < 0)
		fail_msg("%s", e.text);
	return path;
}

static char *folder_of(struct bundle_log *l, const char *name)
{
	char *path = text_format("%s/%s", l->log->path, name);
	struct bundled out;
	struct err e = { 0 };

	if (bundle_to_folder(l->log->db, "CS-1", UINT64_MAX, &l->log->signer.key, path, &out, &e) < 0)
		fail_msg("%s", e.text);
	return path;
}

static void holds(const char *path, const struct note_key *pinned, struct bundle_verdict *v)
{
	struct err e = { 0 };

	if (bundle_check(path, pinned, v, &e) < 0)
		fail_msg("%s", e.text);
}

static void refused(const char *path, const struct note_key *pinned, int code, const char *says)
{
	_bundle_verdict_ struct bundle_verdict v;
	struct err e = { 0 };

	if (bundle_check(path, pinned, &v, &e) == 0)
		fail_msg("%s was not noticed", says);
	assert_int_equal(e.code, code);
	if (!strstr(e.text, says))
		fail_msg("'%s' does not say '%s'", e.text, says);
}

static void holds_alone(void **state)
{
	struct bundle_log *l = *state;
	struct bundled out;
	_free_ char *tar = tar_of(l, "b.tar", &out), *folder = folder_of(l, "b");
	const char *const paths[] = { tar, folder };

	assert_int_equal(out.entries, BUNDLE_LOG_ENTRIES);
	assert_int_equal(out.evidence, 2);
	for (size_t i = 0; i < 4; i++) {
		_bundle_verdict_ struct bundle_verdict v;

		holds(paths[i % 2], i < 2 ? NULL : &l->log->signer.key, &v);
		assert_string_equal(v.b.case_id, "CS-1");
		assert_int_equal(v.entries, BUNDLE_LOG_ENTRIES);
		assert_int_equal(v.pinned, i >= 2);
		assert_true(v.compared);
		assert_int_equal(v.no_rules, 0);
		assert_non_null(strstr(v.summary, "Ann Okafor (person:ann) approved version 1"));
		assert_non_null(strstr(v.summary, "they ship no source of ours"));
		assert_non_null(strstr(v.summary, "vendor-letter.txt"));
	}
	refused(tar, &l->log->stranger.key, EX_DATAERR, "checkpoint: it is not signed by the key");
}

static void same_bytes(void **state)
{
	struct bundle_log *l = *state;
	struct bundled one, two;
	_free_ char *first = tar_of(l, "1.tar", &one), *second = tar_of(l, "2.tar", &two);

	assert_string_not_equal(first, second);
	assert_memory_equal(one.sha256.bytes, two.sha256.bytes, DIGEST_SIZE);
	assert_int_equal(one.size, two.size);
	free(tar_of(l, "1.tar", &two)); // over the first
	assert_memory_equal(one.sha256.bytes, two.sha256.bytes, DIGEST_SIZE);
}

static void is_durable_or_not_there(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = folder_of(l, "b"), *nowhere = text_format("%s/none/b.tar", l->log->path);
	struct bundled out;
	struct err e = { 0 };

	assert_int_equal(bundle_to_folder(l->log->db, "CS-1", UINT64_MAX, NULL, folder, &out, &e), -1);
	assert_int_equal(e.code, EX_CANTCREAT);
	assert_int_equal(bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, NULL, nowhere, &out, &e), -1);
	assert_int_equal(e.code, EX_CANTCREAT);
	assert_int_equal(bundle_to_tar(l->log->db, "CS-9", UINT64_MAX, NULL, nowhere, &out, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	bundle_log_comment(l, "later");
	assert_int_equal(bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, NULL, nowhere, &out, &e), -1);
	assert_int_equal(e.code, EX_TEMPFAIL);
	assert_int_equal(bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, &l->log->stranger.key, nowhere, &out, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
}

// The disk is full: what stood there stays, and nothing is left beside it.
static void leaves_what_was_there(void **state)
{
	struct bundle_log *l = *state;
	struct rlimit none, before;
	_free_ char *dir = text_format("%s/export", l->log->path), *tar = NULL;
	_bundle_verdict_ struct bundle_verdict v;
	struct bundled out;
	struct err e = { 0 };

	assert_int_equal(mkdir(dir, 0700), 0);
	tar = tar_of(l, "export/b.tar", &out);
	getrlimit(RLIMIT_FSIZE, &before);
	none = (struct rlimit){ 20000, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, NULL, tar, &out, &e), -1);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(e.code, EX_IOERR);
	holds(tar, NULL, &v);
	assert_int_equal(unlink(tar), 0);
	assert_int_equal(rmdir(dir), 0);
}

// --- tampering ------------------------------------------------------------------------------------------------------

static struct sorted files_of(const char *folder)
{
	struct sorted s;
	struct err e = { 0 };

	if (bundle_sort(folder, &s, &e) < 0)
		panic("%s", e.text);
	return s;
}

// Not synced: there are hundreds.
static void write_bytes(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(data, 1, len, file) != len || fclose(file) != 0)
		panic("cannot write %s", path);
}

static void names_every_altered_file(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = folder_of(l, "b");
	_sorted_ struct sorted s = files_of(folder);

	assert_true(s.files.count > 40);
	for (size_t i = 0; i < s.files.count; i++) {
		_free_ char *path = path_join(folder, s.files.list[i].name);
		_buf_ struct buf bytes = BUF(1 << 20);
		struct err e = { 0 };
		size_t where;

		assert_int_equal(file_read(path, &bytes, &e), 0);
		where = i % 3 * (bytes.len - 1) / 2; // its first byte, the middle, the last
		bytes.data[where] ^= 1;
		write_bytes(path, bytes.data, bytes.len);
		refused(folder, &l->log->signer.key, EX_DATAERR, s.files.list[i].name);
		bytes.data[where] ^= 1;
		write_bytes(path, bytes.data, bytes.len - 1);
		refused(folder, NULL, EX_DATAERR, s.files.list[i].name);
		unlink(path);
		refused(folder, NULL, EX_DATAERR, s.files.list[i].name);
		write_bytes(path, bytes.data, bytes.len);
	}
}

static void names_a_stranger(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = folder_of(l, "b"), *path = path_join(folder, "entries/999.leaf");
	_free_ char *link = path_join(folder, "evidence/link");

	write_bytes(path, "{}", 2);
	refused(folder, NULL, EX_DATAERR, "entries/999.leaf: it is not of this bundle");
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	refused(folder, NULL, EX_DATAERR, "evidence/link is a link");
}

// As somebody would who has this very program: every file that follows is made anew.
static void write_forged(const struct bundle *b, const char *folder, const char *program, const char *evidence)
{
	_bundle_files_ struct bundle_files files = { 0 };
	_staging_ struct staging out = { 0 };
	struct err e = { 0 };

	if (bundle_files(b, program, &files, &e) < 0 || staging_begin(folder, &out, &e) < 0)
		fail_msg("%s", e.text);
	for (size_t i = 0; i < files.count; i++) {
		const struct bundle_file *file = &files.list[i];
		const char *data = file->data ? file->data : evidence;

		if (staging_write(&out, file->name, data, file->data ? file->len : strlen(evidence), &e) < 0)
			fail_msg("%s", e.text);
	}
	if (staging_commit(&out, &e) < 0)
		fail_msg("%s", e.text);
}

static void collect(struct bundle_log *l, struct bundle *b)
{
	struct err e = { 0 };

	if (bundle_collect(l->log->db, "CS-1", UINT64_MAX, &l->log->signer.key, b, &e) < 0)
		fail_msg("%s", e.text);
}

static void take_away(struct bundle *b, size_t at)
{
	memmove(b->entries + at, b->entries + at + 1, (b->count - at - 1) * sizeof *b->entries);
	b->count--;
}

static void misses_an_entry(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = text_format("%s/forged", l->log->path);
	_bundle_ struct bundle b;
	struct bundle_entry *gone;
	size_t at = 0;

	collect(l, &b);
	for (size_t i = 0; i < b.evidence_count; i++)
		b.evidence[i].kept = false;
	while (strcmp(b.entries[at]->said.entry.type, "case.commented") != 0)
		at++;
	gone = b.entries[at];
	take_away(&b, at);
	write_forged(&b, folder, bundle_writer, "");
	refused(folder, NULL, EX_DATAERR, "says that there were");
	b.entries[b.count++] = gone; // for bundle_free()
}

// What the log says of the number of entries was taken away with them: then it is said that nothing shows it.
static void says_what_it_cannot_show(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = text_format("%s/forged", l->log->path), *whole = folder_of(l, "b"), *words = NULL;
	_bundle_verdict_ struct bundle_verdict v, good;
	_bundle_ struct bundle b;
	struct bundle_entry *gone;

	holds(whole, NULL, &good);
	assert_int_equal(good.complete, good.entries);
	collect(l, &b);
	for (size_t i = 0; i < b.evidence_count; i++)
		b.evidence[i].kept = false;
	gone = b.entries[b.count - 1];
	take_away(&b, b.count - 1);
	write_forged(&b, folder, bundle_writer, "");
	holds(folder, NULL, &v);
	assert_int_equal(v.complete, 0);
	words = bundle_verdict_words(&v);
	assert_non_null(strstr(words, "That the case has no other entries it cannot show"));
	assert_non_null(strstr(words, "Not in the bundle: evidence "));
	b.entries[b.count++] = gone;
}

// Another version may word it otherwise; what cannot be compared is said, and the entries are checked all the same.
static void reads_another_versions(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = text_format("%s/other", l->log->path), *path = path_join(folder, "summary.txt"),
	            *sums = path_join(folder, "SHA256SUMS"), *words = NULL;
	static const char other[] = "It was approved.\n";
	_buf_ struct buf text = BUF(1 << 20);
	char hex[2 * DIGEST_SIZE + 1], *line;
	struct err e = { 0 };
	_bundle_verdict_ struct bundle_verdict v;
	_bundle_ struct bundle b;

	collect(l, &b);
	for (size_t i = 0; i < b.evidence_count; i++)
		b.evidence[i].kept = false;
	write_forged(&b, folder, "9.9", "");
	write_bytes(path, other, strlen(other));
	refused(folder, NULL, EX_DATAERR, "summary.txt: SHA256SUMS names another hash of it");
	assert_int_equal(file_read(sums, &text, &e), 0);
	line = strstr(text.data, "  summary.txt\n") - 2 * DIGEST_SIZE;
	memcpy(line, hex_encode(sha256_of(other, strlen(other)).bytes, DIGEST_SIZE, hex), 2 * DIGEST_SIZE);
	write_bytes(sums, text.data, text.len);
	holds(folder, NULL, &v);
	assert_false(v.compared);
	assert_non_null(strstr(v.summary, "Ann Okafor (person:ann) approved"));
	words = bundle_verdict_words(&v);
	assert_non_null(strstr(words, "were NOT compared with the entries: countersign 9.9"));
}

static void notices_swapped_evidence(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = text_format("%s/forged", l->log->path);
	_bundle_ struct bundle b;

	collect(l, &b);
	write_forged(&b, folder, bundle_writer, "another letter");
	refused(folder, NULL, EX_DATAERR, b.evidence[0].name);
}

static void refuses_another_cases_entry(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *folder = text_format("%s/forged", l->log->path);
	_bundle_ struct bundle b;

	collect(l, &b);
	for (size_t i = 0; i < b.evidence_count; i++)
		b.evidence[i].kept = false;
	memcpy(b.case_id, "CS-2", 5);
	write_forged(&b, folder, bundle_writer, "");
	refused(folder, NULL, EX_DATAERR, "nor does it rest on it");
}

// --- what was erased, and what came later ---------------------------------------------------------------------------

static void erase(struct bundle_log *l, const char *type)
{
	_free_ char *sql = text_format("UPDATE entry SET body = NULL, salt = NULL WHERE leaf ->> 'type' = '%s'", type);

	if (sqlite3_exec(l->log->db->handle, sql, 0, 0, 0) != SQLITE_OK)
		panic("%s", sqlite3_errmsg(l->log->db->handle));
}

static void accepts_what_was_erased(void **state)
{
	struct bundle_log *l = *state;
	struct bundled out;
	_bundle_verdict_ struct bundle_verdict v, w;
	_free_ char *tar = NULL, *words = NULL, *less = NULL;

	erase(l, "case.commented");
	tar = tar_of(l, "b.tar", &out);
	holds(tar, NULL, &v);
	words = bundle_verdict_words(&v);
	assert_non_null(strstr(words, "Erased, so that what these entries said is not known: "));
	assert_non_null(strstr(v.summary, "(erased)"));
	assert_non_null(strstr(v.summary, "Ann Okafor (person:ann) approved"));
	erase(l, "case.opened");
	less = tar_of(l, "less.tar", &out);
	holds(less, NULL, &w);
	assert_non_null(strstr(w.summary, "What the case says cannot be told any more"));
}

static void does_without_evidence(void **state)
{
	struct bundle_log *l = *state;
	struct bundled out;
	_free_ char *tar = NULL, *words = NULL;
	_bundle_verdict_ struct bundle_verdict v;

	assert_int_equal(sqlite3_exec(l->log->db->handle, "DELETE FROM blob", 0, 0, 0), SQLITE_OK);
	tar = tar_of(l, "b.tar", &out);
	assert_int_equal(out.evidence, 0);
	holds(tar, NULL, &v);
	words = bundle_verdict_words(&v);
	assert_non_null(strstr(words, "Not in the bundle: evidence "));
}

// What retention moved away is taken from the archive, also when the case is archived again.
static void takes_evidence_from_the_archive(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *dir = text_format("%s/archive", l->log->path), *archive = NULL;
	struct bundled first, again;
	_bundle_verdict_ struct bundle_verdict v;
	struct err e = { 0 };

	assert_int_equal(mkdir(dir, 0700), 0);
	archive = tar_of(l, "archive/CS-1.tar", &first);
	assert_int_equal(sqlite3_exec(l->log->db->handle, "DELETE FROM blob", 0, 0, 0), SQLITE_OK);
	free(tar_of(l, "archive/CS-1.tar", &again));
	assert_int_equal(again.evidence, 2);
	assert_memory_equal(first.sha256.bytes, again.sha256.bytes, DIGEST_SIZE);
	holds(archive, NULL, &v);
	write_bytes(archive, "none", 4);
	assert_int_equal(bundle_to_tar(l->log->db, "CS-1", UINT64_MAX, NULL, archive, &again, &e), -1);
	assert_int_equal(e.code, EX_DATAERR);
}

// The part of the summary that does not speak of the checkpoint.
static char *said(const struct bundle_verdict *v)
{
	const char *end = strstr(v->summary, "WHERE THIS IS FROM");

	assert_non_null(end);
	return text_copy_n(v->summary, (size_t)(end - v->summary));
}

static void keeps_names_as_they_were(void **state)
{
	struct bundle_log *l = *state;
	_free_ char *before = folder_of(l, "before"), *after = NULL, *one = NULL, *two = NULL;
	_bundle_verdict_ struct bundle_verdict v, w;

	bundle_log_people(l, "Ann Married");
	sealed_keep(l->log, true);
	after = folder_of(l, "after");
	holds(before, NULL, &v);
	holds(after, NULL, &w);
	assert_true(w.b.head.size > v.b.head.size);
	one = said(&v);
	two = said(&w);
	assert_string_equal(one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(holds_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(same_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(is_durable_or_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(leaves_what_was_there, setup, teardown),
		cmocka_unit_test_setup_teardown(names_every_altered_file, setup, teardown),
		cmocka_unit_test_setup_teardown(names_a_stranger, setup, teardown),
		cmocka_unit_test_setup_teardown(misses_an_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_it_cannot_show, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_another_versions, setup, teardown),
		cmocka_unit_test_setup_teardown(notices_swapped_evidence, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_another_cases_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(accepts_what_was_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(does_without_evidence, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_evidence_from_the_archive, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_names_as_they_were, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
