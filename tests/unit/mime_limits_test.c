// SPDX-License-Identifier: Apache-2.0
// Messages made to exhaust whoever reads them (BAD-INPUTS M31, B15), too large to keep as files: each is refused or
// read, and quickly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "adapters/mime/parse.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"

#define CPU_MAX 2000 // milliseconds: the core kills the worker after so long; sanitizers are allowed ten times as much

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOWER 10
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

#define HEAD "From: bo@example.com\nTo: licensing@example.com\nMIME-Version: 1.0\n"

// The message is `before`, `count` times `piece` (a "%d" in it counts), `after`.
struct hostile {
	const char *name;
	const char *before, *piece, *after;
	int count;
	const char *code; // "" = it is read
};

static const struct hostile table[] = {
	{ "one line of 1 MiB", "From: bo@example.com\nX: ", "a", "\n\napprove\n", 1 << 20, "header-limit" },
	{ "20,000 fields", HEAD, "X: a\n", "\napprove\n", 20000, "header-limit" },
	{ "200 hops", HEAD, "Received: from a by b; x\n", "\napprove\n", 200, "header-limit" },
	{ "200 hops in disguise", HEAD, "RECEIVED : from a by b; x\n", "\napprove\n", 200, "header-limit" },
	{ "100,000 parts", HEAD "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n", "", 100000,
	  "mime-limit" },
	{ "parts after false ends", HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b--x\n", "--b\n\nx\n", "",
	  100000, "mime-limit" },
	{ "30,000 embedded messages", HEAD, "Content-Type: message/rfc822\n\n", "x", 30000, "mime-limit" },
	{ "embedded messages, blank before the colon", HEAD "Content-Type: message/rfc822\n\n",
	  "Content-Type : message/rfc822\n\n", "x", 30000, "mime-limit" },
	{ "embedded messages, type twice", HEAD "Content-Type: message/rfc822\n\n",
	  "Content-Type: text/plain\nContent-Type: message/rfc822\n\n", "x", 30000, "mime-limit" },
	{ "digests in digests", HEAD "Content-Type: multipart/digest; boundary=a\n\n--a\n\n",
	  "Content-Type: multipart/digest; boundary=b%d.\n\n--b%d.\n\n", "x", 3000, "mime-limit" },
	{ "parameters of 500 parts", HEAD "Content-Type: multipart/mixed; boundary=b\n\n",
	  "--b\nContent-Disposition: attachment; a=b; c=d; e=f; g=h; i=j; k=l; m=n; o=p; q=r; s=t; u=v; w=x; y=z; 1=2; "
	  "3=4; "
	  "a=b; c=d; e=f; g=h; i=j; k=l; m=n; o=p; q=r; s=t; u=v; w=x; y=z; 1=2; 3=4; a=b; c=d; e=f; g=h; i=j; k=l; "
	  "m=n; "
	  "o=p; q=r; s=t; u=v; w=x; y=z; 1=2; 3=4; a=b; c=d; e=f; g=h; i=j; k=l; m=n; o=p; q=r; s=t; u=v; w=x; y=z; "
	  "1=2;\n"
	  "\nx\n",
	  "", 450, "" },
	{ "groups in From", "From: ", "a:", "bo@example.com\n\nx", 45000, "" },
	{ "groups in To", "From: bo@example.com\nTo: ", "a:", "bo@example.com\n\nx", 45000, "" },
	{ "groups in an embedded message", HEAD "Content-Type: message/rfc822\n\nFrom: ", "a:", "b@c\n\nx", 45000,
	  "header-limit" },
	{ "open comments in To", "From: bo@example.com\nTo: ", "(,", "\n\nx", 45000, "" },
	{ "open quotes in To", "From: bo@example.com\nTo: ", "\",", "\n\nx", 45000, "" },
	{ "open comments in results", "Authentication-Results: mx.example.com; ", "(", "\nFrom: bo@example.com\n\nx",
	  90000, "" },
	{ "half encoded words", "From: bo@example.com\nSubject: ", "=?utf-8?q?a", "\n\nx", 9000, "" },
	{ "50,000 attributes", HEAD "Content-Type: text/html\n\n<p", " a%d=1", ">approve</p>", 50000, "mime-limit" },
	{ "50,000 attributes with >", HEAD "Content-Type: text/html\n\n<p", " a%d=\">\"", ">approve</p>", 50000,
	  "mime-limit" },
	{ "50,000 attributes behind a comment", HEAD "Content-Type: text/html\n\n<!-- <a x=\" --><p", " a%d=1",
	  ">x</p>", 50000, "mime-limit" },
	{ "100,000 elements deep", HEAD "Content-Type: text/html\n\n", "<div>", "x", 100000, "mime-limit" },
	{ "classes of many words", HEAD "Content-Type: text/html\n\n<p class=\"", "a ", "\">x</p>", 1000000, "" },
	{ "open comments in HTML", HEAD "Content-Type: text/html\n\n", "<!--", "", 500000, "" },
	{ "open attributes", HEAD "Content-Type: text/html\n\n", "<a x=\"", "", 300000, "mime-limit" },
	{ "labels", HEAD "\n", "From: x\n", "", 600000, "" },
	{ "almost attributions", HEAD "\n", "On 2026 9:00 a@b\n", "", 300000, "" },
	{ "lines of nothing", HEAD "\n", "a:\n\n\n\n", "", 500000, "" },
	{ "carriage returns", HEAD "\n", "\r", "", 8000000, "" },
	{ "escapes of ISO-2022", HEAD "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\x1b$B", "", 300000, "" },
};

static void write_message(const struct hostile *h, struct buf *out)
{
	buf_puts(out, h->before);
	for (int i = 0; i < h->count; i++) {
		const char *rest = h->piece, *mark;

		for (; (mark = strstr(rest, "%d")); rest = mark + 2) {
			buf_add(out, rest, (size_t)(mark - rest));
			buf_printf(out, "%d", i);
		}
		buf_puts(out, rest);
	}
	buf_puts(out, h->after);
	assert_false(out->full);
}

static long cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hostile_messages_end_quickly(void **state)
{
	struct mime_config *config = *state;

	for (size_t i = 0; i < LENGTH(table); i++) {
		_buf_ struct buf message = BUF(64 << 20);
		struct failure failure = { 0 };
		_json_ json_t *document = NULL;
		long begin;

		write_message(&table[i], &message);
		begin = cpu_ms();
		document = mime_parse(message.data, message.len, config, -1, &failure);
		begin = cpu_ms() - begin;
		if (begin > CPU_MAX * SLOWER || strcmp(document ? "" : failure.code, table[i].code) != 0)
			fail_msg("%s: %s after %ld ms, not %s", table[i].name, document ? "read" : failure.code, begin,
			         table[i].code);
	}
}

static void limits_can_be_set(void **state)
{
	_json_ json_t *good = json_pack("{s:i, s:i}", "depth", 3, "parts", 7);
	_json_ json_t *deep = json_pack("{s:i}", "depth", 100);
	_json_ json_t *unknown = json_pack("{s:i}", "width", 3);
	struct limits limits = limits_default();
	struct err e;

	(void)state;
	assert_int_equal(limits_read(NULL, &limits, &e), 0);
	assert_int_equal(limits.depth, 20);
	assert_int_equal(limits_read(good, &limits, &e), 0);
	assert_int_equal(limits.depth, 3);
	assert_int_equal(limits.parts, 7);
	assert_int_equal(limits_read(deep, &limits, &e), -1);
	assert_int_equal(limits_read(unknown, &limits, &e), -1);
}

// What is cut says so.
static void long_text_is_cut(void **state)
{
	struct mime_config config = *(struct mime_config *)*state;
	const char *mail = HEAD "\nAPPROVE: because of \xc3\xa4\xc3\xa4\xc3\xa4 and more\n";
	struct failure failure = { 0 };

	config.limits.own = 22;
	_json_ json_t *document = mime_parse(mail, strlen(mail), &config, -1, &failure);

	assert_non_null(document);
	assert_string_equal(json_str(document, "own"), "APPROVE: because of \xc3\xa4");
	assert_true(json_has_str(json_arr(document, "flags"), "own-cut"));
}

static int set_up(void **state)
{
	static struct mime_config config;
	struct err e;

	*state = &config;
	return mime_start(&config, &e);
}

static int tear_down(void **state)
{
	mime_end(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_messages_end_quickly),
		cmocka_unit_test(limits_can_be_set),
		cmocka_unit_test(long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
