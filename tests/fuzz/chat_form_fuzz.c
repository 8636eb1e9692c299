// SPDX-License-Identifier: Apache-2.0
// What a modal sends back, under any JSON: the reading must be bounded and storable (canonical JSON), and an error must
// stand at a field that was sent.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "bot/chat_form.h"
#include "bot/desk.h"
#include "bot/facts.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000) // 2026-11-24T09:00Z

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char people_text_[] = "people:\n"
                                   "- {id: ann, name: Ann Okafor, mail: [ann@example.com], groups: [legal]}\n"
                                   "requesters: [example.com]\n";
static const char catalogue_text_[] =
        "catalogue: example.com/licensing\nversion: 1\nfacts:\n"
        "  product: {kind: choice, values: [Widget, Atlas], also: {Widget: [the widget]}}\n"
        "  linking: {kind: choices, values: [static, dynamic]}\n"
        "  seats: {kind: number, min: 1, max: 50}\n"
        "  budget: {kind: money}\n"
        "  term: {kind: duration}\n"
        "  owner: {kind: person}\n"
        "types:\n- {id: oss, title: Licence, when: license IS NOT NULL, needs: [license, component, expires]}\n"
        "routes:\n- {stages: [{name: legal, need: 1, from: [legal]}]}\n";

static const struct desk *desk(void)
{
	static struct desk d;
	struct err e = { 0 };

	if (d.catalogue)
		return &d;
	d.now = NOW;
	d.licences = (struct licences *)known_licences();
	d.people = people_read(people_text_, sizeof people_text_ - 1, "people.yaml", &e);
	d.catalogue = d.people ? catalogue_read(catalogue_text_, sizeof catalogue_text_ - 1, "p.yaml", d.people,
	                                        d.licences, &e)
	                       : NULL;
	if (!d.catalogue)
		panic("%s", e.text);
	return &d;
}

static void check(const json_t *values, const json_t *reading, const json_t *errors)
{
	_free_ char *canonical = NULL;
	const char *name;
	json_t *value;
	size_t len;

	canonical = json_canonical(reading, &len, NULL);
	if (!canonical)
		panic("a reading that cannot be stored");
	json_object_foreach(json_obj(reading, "facts"), name, value)
		if (json_string_length(value) > FACT_VALUE_MAX)
			panic("a value of %zu bytes", json_string_length(value));
	json_object_foreach((json_t *)errors, name, value)
		if (!json_object_get(values, name) || !json_string_length(value))
			panic("an error at no field: %s", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_json_ json_t *values = json_read((const char *)data, size, NULL), *reading = NULL, *errors = NULL;

	if (values && chat_form_read(desk(), values, &reading, &errors, NULL) == 0)
		check(values, reading, errors);
	return 0;
}
