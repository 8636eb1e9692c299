// SPDX-License-Identifier: Apache-2.0
// Any bytes as a policy.  One that is taken judges a few cases without a hole in what it says.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "tests/unit/known_licences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char people_text_[] =
        "people:\n- {id: a, name: A, groups: [legal]}\n- {id: b, name: B, groups: [legal, cto]}\n";

static const char *const cases[] = {
	"{}",
	"{\"license\":\"MIT OR (GPL-3.0-only AND AGPL-3.0-only WITH x)\",\"linking\":[\"static\",\"process\"]}",
	"{\"license\":\"MIT (\",\"risk\":7,\"spend\":{\"amount\":\"60000.50\",\"currency\":\"EUR\"}}",
};

static void judge(const struct catalogue *c, const char *facts_text)
{
	struct err e = { 0 };
	_json_ json_t *facts = json_read(facts_text, strlen(facts_text), &e);
	_json_ json_t *out = catalogue_assess(c, facts, &e);

	if (!out) {
		if (!text_starts(e.text, "the condition '"))
			panic("a judgement fails: %s", e.text);
		return;
	}
	if (json_array_size(json_arr(out, "stages")) == 0 || json_int(out, "risk") > 10 || !*json_str(out, "outcome"))
		panic("a judgement with a hole");
	// It becomes an entry of the log.
	_free_ char *text = json_canonical(out, NULL, &e);

	if (!text)
		panic("a judgement without a canonical form: %s", e.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_text_, sizeof people_text_ - 1, "people", &e);
	_catalogue_ struct catalogue *c = catalogue_read((const char *)data, size, "f", people, known_licences(), &e);

	if (!c && (!text_starts(e.text, "f:") || !utf8_valid(e.text, strlen(e.text))))
		panic("a complaint: %s", e.text);
	for (size_t i = 0; c && i < LENGTH(cases); i++)
		judge(c, cases[i]);
	return 0;
}
