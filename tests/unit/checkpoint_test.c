// SPDX-License-Identifier: Apache-2.0
// The text of a checkpoint: our vectors, and every line that is not as it must be.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/checkpoint.h"
#include "base/file.h"
#include "base/json.h"

#define ROOT "WcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8="

static int setup(void **state)
{
	struct buf text = BUF(1 << 20);

	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/notes.json", &text, NULL), 0);
	*state = json_read(text.data, text.len, NULL);
	assert_non_null(*state);
	buf_free(&text);
	return 0;
}

static int teardown(void **state)
{
	json_decref(*state);
	return 0;
}

static void reads_and_writes_as_the_vectors(void **state)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_arr(*state, "checkpoints"), i, row) {
		const char *text = json_str(row, "text");
		struct checkpoint head;

		assert_int_equal(checkpoint_read(text, strlen(text), &head, NULL), 0);
		assert_string_equal(head.origin, "example.com/countersign");
		assert_int_equal(head.size, json_int(row, "size"));
		_free_ char *again = checkpoint_text(&head);
		assert_string_equal(again, text);
	}
	assert_int_equal(i, 5);
}

static void refuses_as_the_vectors(void **state)
{
	json_t *row;
	size_t i, refused = 0;

	json_array_foreach(json_arr(*state, "must_reject"), i, row) {
		const char *text = json_str_or_null(row, "text");
		struct checkpoint head;
		struct err e;

		if (!text)
			continue; // note_test.c has these
		assert_int_equal(checkpoint_read(text, strlen(text), &head, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		refused++;
	}
	assert_int_equal(refused, 4);
}

static void takes_what_is_allowed(void **state)
{
	static const struct {
		const char *text, *origin;
		uint64_t size;
	} cases[] = {
		{ "o\n0\n" ROOT "\n", "o", 0 },
		{ "an origin with spaces + more\n1\n" ROOT "\n", "an origin with spaces + more", 1 },
		{ "\xe8\xa8\xb1\xe8\xab\xbe\n10\n" ROOT "\n", "\xe8\xa8\xb1\xe8\xab\xbe", 10 },
		{ "o\n9223372036854775807\n" ROOT "\n", "o", INT64_MAX },
		{ "o\n7\n" ROOT "\nextension\nanother\n", "o", 7 },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct checkpoint head;

		assert_int_equal(checkpoint_read(cases[i].text, strlen(cases[i].text), &head, NULL), 0);
		assert_string_equal(head.origin, cases[i].origin);
		assert_int_equal(head.size, cases[i].size);
	}
	(void)state;
}

static void refuses_every_other_line(void **state)
{
#define CASE(text, says) \
	{ \
		(text), sizeof(text) - 1, (says) \
	}
	static const struct {
		const char *text;
		size_t len;
		const char *says;
	} cases[] = {
		CASE("", "first line"),
		CASE("o", "first line"),
		CASE("\n7\n" ROOT "\n", "first line"),
		CASE("o\0p\n7\n" ROOT "\n", "first line"),
		CASE("o\r\n7\n" ROOT "\n", "first line"),
		CASE("o\xff\n7\n" ROOT "\n", "first line"),
		CASE("o\n", "second line"),
		CASE("o\n7", "second line"),
		CASE("o\n\n" ROOT "\n", "second line"),
		CASE("o\n00\n" ROOT "\n", "second line"),
		CASE("o\n07\n" ROOT "\n", "second line"),
		CASE("o\n-7\n" ROOT "\n", "second line"),
		CASE("o\n 7\n" ROOT "\n", "second line"),
		CASE("o\n7 \n" ROOT "\n", "second line"),
		CASE("o\n0x7\n" ROOT "\n", "second line"),
		CASE("o\n7\0\n" ROOT "\n", "second line"),
		CASE("o\n9223372036854775808\n" ROOT "\n", "second line"),
		CASE("o\n9999999999999999999\n" ROOT "\n", "second line"),
		CASE("o\n18446744073709551623\n" ROOT "\n", "second line"),
		CASE("o\n7\n", "third line"),
		CASE("o\n7\n\n", "third line"),
		CASE("o\n7\n" ROOT, "third line"),
		CASE("o\n7\n " ROOT "\n", "third line"),
		CASE("o\n7\n" ROOT " \n", "third line"),
		CASE("o\n7\n" ROOT ROOT "\n", "third line"),
		CASE("o\n7\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln9=\n", "third line"), // a stray bit
		CASE("o\n7\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgalg==\n", "third line"),
		CASE("o\n7\nWcC8fvDcPijiD9KjfnCcPxQTZWxfPMWoC3okdXgaln8A\n", "third line"),
		CASE("o\n7\n" ROOT "\n\n", "after its root"),
		CASE("o\n7\n" ROOT "\na\n\nb\n", "after its root"),
		CASE("o\n7\n" ROOT "\na", "after its root"),
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct checkpoint head;
		struct err e;

		assert_int_equal(checkpoint_read(cases[i].text, cases[i].len, &head, &e), -1);
		assert_int_equal(e.code, EX_DATAERR);
		assert_non_null(strstr(e.text, cases[i].says));
	}
	(void)state;
}

static void an_origin_has_bounds(void **state)
{
	char text[NOTE_NAME_MAX + 1 + sizeof "\n7\n" ROOT "\n"];
	struct checkpoint head;

	memset(text, 'o', sizeof text);
	memcpy(text + NOTE_NAME_MAX, "\n7\n" ROOT "\n", sizeof "\n7\n" ROOT "\n");
	assert_int_equal(checkpoint_read(text, strlen(text), &head, NULL), 0);
	assert_int_equal(strlen(head.origin), NOTE_NAME_MAX);
	memcpy(text + NOTE_NAME_MAX, "o\n7\n" ROOT "\n", sizeof "o\n7\n" ROOT "\n");
	assert_int_equal(checkpoint_read(text, strlen(text), &head, NULL), -1);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_as_the_vectors),
		cmocka_unit_test(refuses_as_the_vectors),
		cmocka_unit_test(takes_what_is_allowed),
		cmocka_unit_test(refuses_every_other_line),
		cmocka_unit_test(an_origin_has_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
