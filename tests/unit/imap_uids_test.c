// SPDX-License-Identifier: Apache-2.0
// UID sets, the ids of mails, dates and pauses: the parts of the imap adapter that need no server.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libetpan/libetpan.h>

#include "adapters/imap/backoff.h"
#include "adapters/imap/fetch.h"
#include "adapters/imap/handover.h"
#include "adapters/imap/idle.h"
#include "adapters/imap/uids.h"
#include "base/auto.h"
#include "base/clock.h"

static void test_set_text(void **state)
{
	static const struct {
		uint32_t uids[8]; // ends at 0
		const char *text;
	} cases[] = {
		{ { 0 }, "" },          { { 7 }, "7" },
		{ { 1, 2, 3 }, "1:3" }, { { 9, 3, 1, 2, 7, 10 }, "1:3,7,9:10" },
		{ { 5, 5, 5 }, "5" },   { { UID_LAST, UID_LAST - 1, 1 }, "1,4294967293:4294967294" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct uids u = UIDS(8);
		_free_ char *text = NULL;

		for (size_t k = 0; cases[i].uids[k]; k++)
			assert_int_equal(uids_add(&u, cases[i].uids[k]), 0);
		text = uids_text(&u);
		assert_string_equal(text, cases[i].text);
		uids_free(&u);
	}
}

static void test_set_bounds(void **state)
{
	struct uids u = UIDS(2);

	(void)state;
	assert_int_equal(uids_add(&u, 0), -1);
	assert_int_equal(uids_add(&u, UINT32_MAX), -1);
	assert_int_equal(uids_add(&u, 4), 0);
	assert_int_equal(uids_add(&u, 2), 0);
	assert_int_equal(uids_add(&u, 3), -1); // full
	assert_int_equal(uids_add(&u, 2), 0);  // but that one is in
	assert_true(uids_remove(&u, 2));
	assert_false(uids_remove(&u, 2));
	assert_false(uids_has(&u, 2));
	assert_true(uids_has(&u, 4));
	uids_drop(&u, 1);
	assert_int_equal(u.count, 0);
	uids_free(&u);
}

static void test_set_large(void **state)
{
	struct uids u = UIDS(10000);

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(uids_add(&u, 1 + i * 7919 % 10007), 0);
	assert_int_equal(u.count, 10000);
	for (size_t i = 1; i < u.count; i++)
		assert_true(u.list[i - 1] < u.list[i]);
	uids_free(&u);
}

static void test_set_for_library(void **state)
{
	struct uids u = UIDS(8);
	struct mailimap_set *set;
	struct mailimap_set_item *item;

	(void)state;
	for (uint32_t uid = 3; uid < 6; uid++)
		uids_add(&u, uid);
	uids_add(&u, 9);
	set = uids_set(&u);
	assert_int_equal(clist_count(set->set_list), 2);
	item = clist_content(clist_begin(set->set_list));
	assert_int_equal(item->set_first, 3);
	assert_int_equal(item->set_last, 5);
	mailimap_set_free(set);
	uids_free(&u);
}

static void test_ids(void **state)
{
	static const struct {
		const char *id;
		uint32_t uid;
	} cases[] = {
		{ "bot@mail/INBOX/99/7", 7 },
		{ "bot@mail/INBOX/99/4294967294", UID_LAST },
		{ "bot@mail/INBOX/99/4294967295", 0 },
		{ "bot@mail/INBOX/99/4294967303", 0 }, // 7 after a wrap
		{ "bot@mail/INBOX/99/99999999999999999999999", 0 },
		{ "bot@mail/INBOX/99/0", 0 },
		{ "bot@mail/INBOX/99/07", 0 },
		{ "bot@mail/INBOX/99/", 0 },
		{ "bot@mail/INBOX/99/7x", 0 },
		{ "bot@mail/INBOX/99/-7", 0 },
		{ "bot@mail/INBOX/98/7", 0 },
		{ "bot@mail/INBOX/9/9/7", 0 },
		{ "bob@mail/INBOX/99/7", 0 },
		{ "", 0 },
	};
	_free_ char *id = handover_id("bot@mail", "INBOX", 99, 7);

	(void)state;
	assert_string_equal(id, cases[0].id);
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(handover_uid(cases[i].id, "bot@mail", "INBOX", 99), cases[i].uid);
}

static void test_header_length(void **state)
{
	static const struct {
		const char *mail;
		size_t length;
	} cases[] = {
		{ "A: b\r\n\r\nbody\r\n\r\nmore", 8 }, { "A: b\n\nbody", 6 },           { "A: b\n\nbody\r\n\r\n", 6 },
		{ "A: b\r\n\r\nbody\n\n", 8 },         { "A: no body at all\r\n", 19 }, { "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(handover_header_length(cases[i].mail, strlen(cases[i].mail)), cases[i].length);
}

static void test_dates(void **state)
{
	static const struct {
		struct mailimap_date_time date; // day, month, year, hour, minute, second, zone
		const char *text;
	} cases[] = {
		{ { 24, 11, 2026, 9, 12, 33, 100 }, "2026-11-24T08:12:33.000Z" },
		{ { 24, 11, 2026, 9, 12, 33, -930 }, "2026-11-24T18:42:33.000Z" },
		{ { 1, 1, 2027, 0, 0, 0, 530 }, "2026-12-31T18:30:00.000Z" },
		{ { 24, 13, 2026, 9, 12, 33, 0 }, NULL },
		{ { 24, 11, 0, 9, 12, 33, 0 }, NULL },
		{ { 24, 11, 2026, 9, 12, 33, 9999 }, NULL },
		{ { 0, 11, 2026, 9, 12, 33, 0 }, NULL },
	};
	char text[CLOCK_TEXT];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int64_t ms = fetch_date(&cases[i].date);

		if (cases[i].text)
			assert_string_equal(clock_format(ms, text), cases[i].text);
		else
			assert_int_equal(ms, 0);
	}
}

static void test_idle_lines(void **state)
{
	static const struct {
		const char *line;
		enum idle_line kind;
	} cases[] = {
		{ "+ idling", LINE_CONTINUE },
		{ "+", LINE_CONTINUE },
		{ "* 4 EXISTS", LINE_MAIL },
		{ "* 1 RECENT", LINE_MAIL },
		{ "* OK Still here", LINE_NOTHING },
		{ "* FLAGS (\\Seen)", LINE_NOTHING },
		{ "* BYE timeout", LINE_BYE },
		{ "* bye", LINE_BYE },
		{ "idle OK Idle completed.", LINE_OK },
		{ "idle NO", LINE_END },
		{ "idle BAD what?", LINE_END },
		{ "idler OK", LINE_BROKEN },
		{ "7 OK of another command", LINE_BROKEN },
		{ "HTTP/1.1 400 Bad Request", LINE_BROKEN },
		{ "", LINE_BROKEN },
		{ "*", LINE_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_int_equal(idle_read(cases[i].line, "idle"), cases[i].kind);
}

static void test_pauses(void **state)
{
	static const int64_t middle[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

	(void)state;
	for (uint32_t r = 0; r < 1000; r++) {
		struct backoff b = { 0 };

		for (size_t i = 0; i < LENGTH(middle); i++)
			assert_in_range(backoff_next(&b, r * 4294967), middle[i] * 3 / 4, middle[i] * 5 / 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_text),  cmocka_unit_test(test_set_bounds),
		cmocka_unit_test(test_set_large), cmocka_unit_test(test_set_for_library),
		cmocka_unit_test(test_ids),       cmocka_unit_test(test_header_length),
		cmocka_unit_test(test_dates),     cmocka_unit_test(test_idle_lines),
		cmocka_unit_test(test_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
