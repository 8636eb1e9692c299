// SPDX-License-Identifier: Apache-2.0
// Prose under any bytes, as a body, a subject and a table: the reading must be bounded, storable (canonical JSON), and
// say of each inferred fact which words it came from.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/request.h"
#include "tests/unit/known_licences.h"

#define NOW INT64_C(1795510800000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char declared_text[] =
        "{\"product\":{\"kind\":\"choice\",\"values\":[\"Widget\",\"Orion Gateway\"],\"also\":{\"Widget\":[\"w\"]}},"
        "\"channel\":{\"kind\":\"choice\",\"values\":[\"saas\",\"binary\",\"source\"],\"also\":{\"saas\":[\"hosted\"]}}"
        ","
        "\"linking\":{\"kind\":\"choices\",\"values\":[\"static\",\"dynamic\"],\"title\":\"How is it linked\"},"
        "\"review_by\":{\"kind\":\"date\"},\"installs\":{\"kind\":\"number\"}}";

static void check(const json_t *reading)
{
	_free_ char *canonical = NULL;
	const char *name;
	json_t *origin;
	size_t len;

	canonical = json_canonical(reading, &len, NULL);
	if (!canonical)
		panic("a reading that cannot be stored");
	if (json_array_size(json_arr(reading, "components")) > FACT_COMPONENTS_MAX)
		panic("too many components");
	json_object_foreach(json_obj(reading, "origin"), name, origin)
		if (!json_object_get(json_obj(reading, "facts"), name) || !*json_str(json_obj(reading, "words"), name))
			panic("%s has an origin, but no value or no words", name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = text_copy_n((const char *)data, size);
	_json_ json_t *declared = json_read(declared_text, sizeof declared_text - 1, NULL);
	const struct request_rules rules = { .declared = declared, .licences = known_licences(), .now = NOW };
	const char *middle = strchr(text, '\n');
	_json_ json_t *document = NULL;

	if (strlen(text) != size || !utf8_valid(text, size)) // the document is JSON: nothing else gets here
		return 0;
	document = json_pack("{s:s,s:s,s:[]}", "own", text, "subject", text, "pairs");
	if (middle)
		json_add(json_arr(document, "pairs"), json_pack("[s#,s]", text, (int)(middle - text), middle + 1));
	for (int reply = 0; reply < 2; reply++) {
		_json_ json_t *reading = request_of(&rules, document, reply);

		check(reading);
	}
	return 0;
}
