// SPDX-License-Identifier: Apache-2.0
// The grammar under any bytes.  Whatever it takes for a decision must show itself as one: its first line begins with
// the verb in plain ASCII letters.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/grammar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *own, bool implied)
{
	_command_ struct command out = { .verb = VERB_NONE };
	struct err e = { 0 };
	enum grammar result = grammar_parse(own, "CS", implied, &out, &e);

	if ((result == GRAMMAR_COMMAND) != (out.verb != VERB_NONE))
		panic("a verb without a command, or the other way round");
	if ((result == GRAMMAR_UNCLEAR) != (out.refusal != NULL))
		panic("unclear without a refusal, or the other way round");
	if (out.text && strlen(out.text) > GRAMMAR_TEXT_MAX)
		panic("too long a text");
	if (!verb_decides(out.verb))
		return;
	while (text_is_space(*own) || (unsigned char)*own >= 0x80)
		own++;
	if (!text_starts_fold(own, verb_name(out.verb)))
		panic("a decision that does not begin with its word");
	if (!implied && !out.case_id[0])
		panic("a decision about no case");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *own = malloc(size + 1);

	memcpy(own, data, size);
	own[size] = '\0';
	check(own, false);
	check(own, true);
	return 0;
}
