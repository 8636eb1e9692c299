// SPDX-License-Identifier: Apache-2.0
// Leaves that log_append() would write are read, whether by the quick way or the slow one; all others are refused.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "store/verify_leaf.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define BODY ",\"body\":\"" HEX "\""
#define TIME ",\"time\":\"2026-11-24T09:12:33.120Z\""
#define GOOD "{\"actor\":\"person:ann\"" BODY ",\"case\":\"CS-142\",\"seq\":1234" TIME
#define REST ",\"type\":\"vote.cast\",\"v\":1,\"version\":2,\"via\":\"slack\"}"

static void ours_are_read(void **state)
{
	static const struct {
		const char *text, *actor, *case_id;
		int64_t version;
	} cases[] = {
		{ GOOD REST, "person:ann", "CS-142", 2 },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"via\":\"slack\"}", "person:ann", "CS-142", 0 },
		{ "{\"actor\":\"person:ann\"" BODY ",\"seq\":1234" TIME REST, "person:ann", NULL, 2 },
		{ "{\"actor\":\"mail:\\\"a\\\\b\\\"@x\"" BODY ",\"seq\":1234" TIME REST, "mail:\"a\\b\"@x", NULL, 2 },
		{ "{\"actor\":\"mail:j\xc3\xbcrg@x\"" BODY ",\"seq\":1234" TIME REST, "mail:j\xc3\xbcrg@x", NULL, 2 },
		{ "{\"actor\":\"mail:\\u0001@x\"" BODY ",\"seq\":1234" TIME REST, "mail:\x01@x", NULL, 2 },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };
		struct leaf leaf;

		if (leaf_read((struct piece){ cases[i].text, strlen(cases[i].text) }, &leaf, &e) < 0)
			fail_msg("%s: %s", cases[i].text, e.text);
		assert_string_equal(leaf.entry.actor, cases[i].actor);
		assert_string_equal(leaf.entry.via, "slack");
		assert_string_equal(leaf.entry.type, "vote.cast");
		assert_string_equal(leaf.body, HEX);
		assert_int_equal(leaf.entry.seq, 1234);
		assert_int_equal(leaf.entry.version, cases[i].version);
		assert_int_equal(leaf.entry.time, INT64_C(1795511553120));
		assert_int_equal(leaf.entry.case_id != NULL, cases[i].case_id != NULL);
		if (leaf.entry.case_id)
			assert_string_equal(leaf.entry.case_id, cases[i].case_id);
	}
}

static void others_are_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "", "not JSON" },
		{ "{}", "\"actor\" is missing" },
		{ GOOD REST "\n", "not canonical" },
		{ " " GOOD REST, "not canonical" },
		{ GOOD ", \"type\":\"vote.cast\",\"v\":1,\"version\":2,\"via\":\"slack\"}", "not canonical" },
		{ GOOD ",\"type\":\"vote.cast\",\"version\":2,\"v\":1,\"via\":\"slack\"}", "not canonical" },
		{ GOOD ",\"type\":\"vote.c\\u0061st\",\"v\":1,\"version\":2,\"via\":\"slack\"}", "not canonical" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":02,\"via\":\"slack\"}", "not JSON" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":0,\"version\":2,\"via\":\"slack\"}", "another version" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":12,\"version\":2,\"via\":\"slack\"}", "\"v\" is too large" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":-2,\"via\":\"slack\"}", "not be negative" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":2,\"via\":\"slack\",\"x\":1}", "unknown key" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":2}", "\"via\" is missing" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":2,\"via\":\"a\xff\"}", "not JSON" },
		{ GOOD ",\"type\":\"vote.cast\",\"v\":1,\"version\":2,\"via\":\"012345678901234567890123456789012\"}",
		  "\"via\" is too large" },
		{ "{\"actor\":\"a\"" BODY ",\"seq\":1234,\"time\":\"2026-11-24T09:12:33Z\"" REST,
		  "not written as ours" },
		{ "{\"actor\":\"a\"" BODY ",\"seq\":1234,\"time\":\"2026-11-24T10:12:33.120+01:00\"" REST,
		  "not written as ours" },
		{ "{\"actor\":\"\xc3\xbc\"" BODY ",\"seq\":1234,\"time\":\"2026-11-24T09:12:33Z\"" REST,
		  "not written as ours" },
		{ "{\"actor\":\"a\"" BODY ",\"seq\":1234,\"time\":\"yesterday\"" REST, "is not a time" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		// Not ended by a NUL, so that a sanitizer sees who reads on.
		size_t len = strlen(cases[i].text);
		_free_ char *bytes = malloc(len ? len : 1);
		struct err e = { 0 };
		struct leaf leaf;

		memcpy(bytes, cases[i].text, len);
		if (leaf_read((struct piece){ bytes, len }, &leaf, &e) == 0)
			fail_msg("taken: %s", cases[i].text);
		if (e.code != EX_DATAERR || !strstr(e.text, cases[i].says))
			fail_msg("%s\n  said: %s\n  not:  %s", cases[i].text, e.text, cases[i].says);
	}
}

// Cut anywhere it is none.
static void a_part_is_refused(void **state)
{
	static const char whole[] = GOOD REST;

	(void)state;
	for (size_t len = 0; len < sizeof whole - 1; len++) {
		_free_ char *bytes = text_copy_n(whole, len);
		struct err e = { 0 };
		struct leaf leaf;

		assert_int_equal(leaf_read((struct piece){ bytes, len }, &leaf, &e), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(a_part_is_refused),
	};

	return cmocka_run_group_tests_name("leaf", tests, NULL, NULL);
}
