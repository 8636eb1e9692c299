// SPDX-License-Identifier: Apache-2.0
// Message-IDs that carry a log head: the vector, what other mailers do to it, and what forgers would.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "bot/messageid.h"

#define KEY "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
#define OTHER_KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TAIL ".b70brzqgvgz2hrgf.0123456789abcdef.ptr8ydqer35w0627"

static void makes_and_reads_the_vector(void **state)
{
	_json_ json_t *vectors = NULL;
	struct buf text = BUF(65536);
	struct token_keys keys;
	uint8_t root[DIGEST_SIZE], tid[TOKEN_ID], root10[ANCHOR_ROOT], tid_read[TOKEN_ID];
	uint64_t size = 0;
	char out[MESSAGE_ID_TEXT];
	json_t *v;

	(void)state;
	assert_int_equal(file_read(SOURCE_DIR "/tests/unit/vectors/tokens.json", &text, NULL), 0);
	vectors = json_read(text.data, text.len, NULL);
	buf_free(&text);
	v = json_obj(vectors, "message_id");
	assert_int_equal(token_keys_read("3 " KEY, &keys, NULL), 0);
	assert_int_equal(hex_decode(json_str(v, "root"), root, sizeof root), 0);
	assert_int_equal(hex_decode(json_str(v, "id"), tid, sizeof tid), 0);
	message_id_make(&keys, (uint64_t)json_int(v, "size"), root, tid, json_str(v, "domain"), out);
	assert_string_equal(out, json_str(v, "text"));
	assert_int_equal(message_id_read(&keys, out, &size, root10, tid_read), ANCHOR_OK);
	assert_int_equal(size, 20);
	assert_memory_equal(root10, root, ANCHOR_ROOT);
	assert_memory_equal(tid_read, tid, TOKEN_ID);
}

static void reads_ours_and_no_others(void **state)
{
	static const struct {
		const char *id;
		enum anchor anchor;
	} cases[] = {
		{ "<cs1.20" TAIL "@example.com>", ANCHOR_OK },
		{ "cs1.20" TAIL "@example.com", ANCHOR_OK },
		{ "<cs1.20" TAIL "@gateway.example>", ANCHOR_OK }, // the domain is not part of it
		{ "<CS1.20.B70BRZQGVGZ2HRGF.0123456789ABCDEF.PTR8YDQER35W0627@example.com>", ANCHOR_OK },
		{ "<cs1.21" TAIL "@example.com>", ANCHOR_BAD_MAC },
		{ "<cs1.20.b70brzqgvgz2hrgg.0123456789abcdef.ptr8ydqer35w0627@example.com>", ANCHOR_BAD_MAC },
		{ "<cs1.20.b70brzqgvgz2hrgf.0123456789abcdee.ptr8ydqer35w0627@example.com>", ANCHOR_BAD_MAC },
		{ "<cs1.20.b70brzqgvgz2hrgf.0123456789abcdef.ptr8ydqer35w0628@example.com>", ANCHOR_BAD_MAC },
		{ "<cs1.0" TAIL "@example.com>", ANCHOR_BAD_MAC },
		{ "<cs1.020" TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.+20" TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.-1" TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.18446744073709551616" TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs1." TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs2.20" TAIL "@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.20" TAIL "0@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.20" TAIL ".x@example.com>", ANCHOR_FOREIGN },
		{ "<cs1.20" TAIL, ANCHOR_FOREIGN },
		{ "<cs1.20.b70brzqgvgz2hrgf@example.com>", ANCHOR_FOREIGN },
		{ "<abc@mail.example>", ANCHOR_FOREIGN },
		{ "<", ANCHOR_FOREIGN },
		{ "", ANCHOR_FOREIGN },
	};
	struct token_keys keys, rotated, other;
	uint8_t root10[ANCHOR_ROOT], tid[TOKEN_ID];
	uint64_t size;

	(void)state;
	assert_int_equal(token_keys_read("3 " KEY, &keys, NULL), 0);
	assert_int_equal(token_keys_read("7 " OTHER_KEY "\n3 " KEY, &rotated, NULL), 0);
	assert_int_equal(token_keys_read("3 " OTHER_KEY, &other, NULL), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		enum anchor anchor = message_id_read(&keys, cases[i].id, &size, root10, tid);

		if (anchor != cases[i].anchor)
			fail_msg("%s: %d", cases[i].id, (int)anchor);
	}
	assert_int_equal(message_id_read(&rotated, cases[0].id, &size, root10, tid), ANCHOR_OK);
	assert_int_equal(message_id_read(&other, cases[0].id, &size, root10, tid), ANCHOR_BAD_MAC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_and_reads_the_vector),
		cmocka_unit_test(reads_ours_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
