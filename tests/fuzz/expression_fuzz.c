// SPDX-License-Identifier: Apache-2.0
// Any text as a licence expression.  It is refused in words, or has one spelling that is read as the same; what it
// contains is also mentioned, and asks for something that can be told.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/expression.h"
#include "bot/obligation.h"
#include "tests/unit/known_licences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool member(void *context, const struct expression_term *term)
{
	return text_starts_fold(term->text, context);
}

static void check_complaint(const struct licences *l, const char *text)
{
	struct err e = { 0 };

	if (expression_check(l, text, &e) == 0)
		panic("refused once only");
	if (!*e.text || !utf8_valid(e.text, strlen(e.text)))
		panic("a complaint that is not text");
}

static void check_expression(const struct licences *l, const char *text)
{
	_expression_ struct expression *x = expression_parse(l, text, NULL);
	char letter[] = "m";
	_free_ char *normal = NULL, *again = NULL;

	if (!x) {
		expression_mentions(l, text, member, letter);
		check_complaint(l, text);
		return;
	}
	normal = expression_text(x);
	again = expression_normal(l, normal, NULL);
	if (!again || strcmp(normal, again) != 0)
		panic("'%s' has two spellings", normal);
	if (expression_satisfied(x, member, letter) && !expression_any(x, member, letter))
		panic("satisfied by what is not there");
	if (expression_any(x, member, letter) && !expression_mentions(l, normal, member, letter))
		panic("what is there is not mentioned");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = text_copy_n((const char *)data, size), *told = NULL;
	_json_ json_t *list = NULL;

	if (!utf8_valid(text, strlen(text)))
		return 0;
	check_expression(NULL, text);
	check_expression(known_licences(), text);
	list = obligations(known_licences(), text, size % 2 ? "binary" : NULL);
	told = json_canonical(list, NULL, NULL);
	if (!told)
		panic("obligations without a canonical form");
	return 0;
}
