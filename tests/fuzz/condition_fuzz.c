// SPDX-License-Identifier: Apache-2.0
// Any text as a condition.  It is refused in words, or computes; what it can
// never do is reach anything but its row.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/condition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int starts(void *context, const char *text, const char *word, struct err *e)
{
	(void)context;
	return *word == 'x' ? err_set(e, EX_DATAERR, "no word") : text_starts(text, word);
}

static const struct condition_function functions[] = { { "starts", starts }, { NULL, NULL } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	_free_ char *text = text_copy_n((const char *)data, size);
	_json_ json_t *names = json_pack("[sss]", "license", "risk", "channel");
	_json_ json_t *facts = json_pack("{s:s,s:i}", "license", "MIT", "risk", 7);
	struct conditions *c = conditions_new(names, functions, NULL, &e);
	struct condition *condition;
	bool holds;

	if (!c)
		panic("%s", e.text);
	if (condition_prepare(c, text, &condition, &e) == 0 && conditions_fill(c, facts, &e) == 0)
		condition_holds(condition, &holds, &e);
	// Whatever it was, the next one works.
	if (condition_prepare(c, "license = 'MIT' AND risk = 7", &condition, &e) < 0 ||
	    conditions_fill(c, facts, &e) < 0 || condition_holds(condition, &holds, &e) < 0 || !holds)
		panic("the row is not what it was: %s", e.text);
	conditions_free(&c);
	return 0;
}
