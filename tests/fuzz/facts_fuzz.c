// SPDX-License-Identifier: Apache-2.0
// The facts under any bytes: as a body, as a subject and as a table, with and without declarations.  What comes out
// must be bounded, without control bytes, and storable (canonical JSON).
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"

#define NOW INT64_C(1795510800000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char declared_text[] =
        "{\"product\":{\"kind\":\"choice\",\"values\":[\"Widget\",\"Orion Gateway\"],\"also\":{\"Widget\":[\"w\"]}},"
        "\"linking\":{\"kind\":\"choices\",\"values\":[\"static\",\"dynamic\"],\"title\":\"How is it linked\"},"
        "\"review_by\":{\"kind\":\"date\"},\"installs\":{\"kind\":\"number\"}}";

static void check_text(const char *text)
{
	if (strlen(text) > FACT_VALUE_MAX)
		panic("a value of %zu bytes", strlen(text));
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			panic("a control byte in a value");
}

static void check(const json_t *declared, const char *text)
{
	_json_ json_t *pairs = json_array(), *out = NULL;
	_free_ char *canonical = NULL, *title = NULL;
	const char *middle = strchr(text, '\n'), *name;
	json_t *value;
	size_t len;

	if (middle && utf8_valid(text, strlen(text)))
		json_add(pairs, json_pack("[s#,s]", text, (int)(middle - text), middle + 1));
	out = facts_read(declared, text, text, pairs, NOW);
	canonical = json_canonical(out, &len, NULL);
	title = facts_title(json_obj(out, "facts"), text);
	if (!canonical || strlen(title) > FACT_TITLE_MAX ||
	    json_array_size(json_arr(out, "components")) > FACT_COMPONENTS_MAX)
		panic("facts that cannot be stored");
	json_object_foreach(json_obj(out, "facts"), name, value)
		if (json_is_string(value))
			check_text(json_string_value(value));
	for (const struct fact *f = facts_builtin; f->name; f++)
		if (fact_value(declared, f->name, text, NOW, &value, NULL) == 0)
			json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = malloc(size + 1);
	_json_ json_t *declared = json_read(declared_text, sizeof declared_text - 1, NULL);

	memcpy(text, data, size);
	text[size] = '\0';
	check(NULL, text);
	check(declared, text);
	return 0;
}
