// SPDX-License-Identifier: Apache-2.0
// What people write in Slack, as the grammar takes it.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/auto.h"
#include "bot/chat_parts.h"

static void reads_as_people_do(void **state)
{
	static const struct {
		const char *text, *expected;
	} table[] = {
		{ "approve", "approve" },
		{ "  approve CS-7: fine \n", "approve CS-7: fine" },
		{ "a &lt;b&gt; &amp; c", "a <b> & c" },
		{ "&amp;lt; is not undone twice", "&lt; is not undone twice" },
		{ "<@U0BOT> help", "help" },
		{ "<@U0BOT|licensing> help", "help" },
		{ "<@U0ANN> asks", "@U0ANN asks" },
		{ "<@U0ANN|ann> asks", "@ann asks" },
		{ "in <#C012|general>", "in #general" },
		{ "<!here> hear", "!here hear" },
		{ "<!subteam^S1|@legal> hear", "!@legal hear" },
		{ "<https://x.example/?a=1&amp;b=2|x>", "https://x.example/?a=1&b=2" },
		{ "<mailto:ann@example.com|ann@example.com>", "mailto:ann@example.com" },
		{ "<http://libfoo.example>", "http://libfoo.example" },
		{ "a < b, no bracket", "a < b, no bracket" },
		{ "<@U0BOT", "<@U0BOT" },
		{ "<>", "" },
		{ "<<@U0BOT>", "<" },
		{ "<a\nb>", "<a\nb>" },
		{ "", "" },
		{ "&", "&" },
		{ "Lizenz f\xc3\xbcr &quot;x&quot;", "Lizenz f\xc3\xbcr &quot;x&quot;" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		_free_ char *words = chat_text(table[i].text, "U0BOT");

		assert_string_equal(words, table[i].expected);
	}
}

static void a_stranger_named_alike_is_not_us(void **state)
{
	_free_ char *longer = chat_text("<@U0BOT2> help", "U0BOT"), *unknown = chat_text("<@U0BOT> help", NULL);

	(void)state;
	assert_string_equal(longer, "@U0BOT2 help");
	assert_string_equal(unknown, "@U0BOT help");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_people_do),
		cmocka_unit_test(a_stranger_named_alike_is_not_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
